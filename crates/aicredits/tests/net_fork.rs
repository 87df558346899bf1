//! A client on both sides of a `fork`, idle and in the middle of calls, plain and under TLS. Row H18 of the hazards.
//!
//! One test at a time: a child has copies of every test's descriptors.

use std::io::{Read, Write, pipe};
use std::net::{IpAddr, Ipv4Addr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use aicredits::{Call, Cancel, Client, ErrorKind};
use aicredits_emulator::script::{Reply, Server};

use common::client;
use tls::{Authority, HOST, TlsServer};

mod common;
#[path = "common/tls.rs"]
mod tls;

/// The limit of a wait that must end much earlier.
const PATIENCE: Duration = Duration::from_secs(20);

fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn ok() -> Reply {
    Reply::json(200, "{}")
}

/// A forked child that does `work` and leaves.
#[must_use]
struct Child(libc::pid_t);

impl Child {
    fn new(work: impl FnOnce()) -> Self {
        // SAFETY: the child does what a program with a prefork server does, and leaves without unwinding into the test.
        let pid = unsafe { libc::fork() };
        assert!(pid >= 0, "no process to be had");
        if pid == 0 {
            let outcome = catch_unwind(AssertUnwindSafe(work));
            // SAFETY: it ends the child at once, as nothing of the parent's is to be cleaned up there.
            unsafe { libc::_exit(i32::from(outcome.is_err())) };
        }
        Self(pid)
    }

    /// Waits for it, and sees that its work was well.
    fn join(self) {
        let begun = Instant::now();
        let mut status = 0;
        loop {
            // SAFETY: the status is ours to write to.
            let ended = unsafe { libc::waitpid(self.0, &raw mut status, libc::WNOHANG) };
            if ended == self.0 {
                break;
            }
            if begun.elapsed() > PATIENCE {
                // SAFETY: the child is ours, and was not waited for yet.
                unsafe { libc::kill(self.0, libc::SIGKILL) };
                panic!("the child hangs");
            }
            thread::yield_now();
        }
        assert_eq!(status, 0, "the child failed");
    }
}

#[test]
fn h18_both_sides_of_a_fork_call_on() {
    let _alone = alone();
    let server = Server::start(ok()).unwrap();
    let client = client(server.url()).build().unwrap();
    client.get_balance().unwrap();
    for generation in 1..=3 {
        Child::new(|| {
            client.get_balance().unwrap();
            client.get_balance().unwrap();
            // A child of the child has its own connection too.
            Child::new(|| drop(client.get_balance().unwrap())).join();
        })
        .join();
        client.get_balance().unwrap();
        assert_eq!(server.connections(), 1 + 2 * generation, "the parent keeps its connection");
    }
}

#[test]
fn h18_both_sides_of_a_fork_call_on_under_tls() {
    let _alone = alone();
    let authority = Authority::new("Acme Root");
    let server = TlsServer::start(authority.identity(&[HOST], |_| ()), usize::MAX);
    let client = client(format!("https://{HOST}:{}", server.port()))
        .lookup(|_| Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]))
        .ca_pem(authority.pem())
        .build()
        .unwrap();
    client.get_balance().unwrap();
    for children in 1..=3 {
        Child::new(|| drop(client.get_balance().unwrap())).join();
        client.get_balance().unwrap();
        assert_eq!(server.connections(), 1 + children);
    }
}

#[test]
fn h18_forks_amid_the_calls_of_other_threads() {
    let _alone = alone();
    let server = Server::start(ok()).unwrap();
    fork_amid_calls(&client(server.url()).timeout(PATIENCE).build().unwrap());
    assert!(server.connections() <= 4 + 50, "{} connections", server.connections());
}

#[test]
fn h18_forks_amid_the_calls_of_other_threads_under_tls() {
    let _alone = alone();
    let authority = Authority::new("Acme Root");
    let server = TlsServer::start(authority.identity(&[HOST], |_| ()), usize::MAX);
    let client = client(format!("https://{HOST}:{}", server.port()))
        .lookup(|_| Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]))
        .ca_pem(authority.pem())
        .timeout(PATIENCE);
    fork_amid_calls(&client.build().unwrap());
    assert!(server.connections() <= 4 + 50, "{} connections", server.connections());
}

/// Four threads call, and 50 children are forked meanwhile, each of which calls.
/// The first reply to a key makes what redacts it. A long key makes that last.
#[test]
fn h18_forks_amid_the_first_reply_to_a_key() {
    let _alone = alone();
    let server = Server::start(Reply::json(500, r#"{"message":"no"}"#)).unwrap();
    let key = format!("IST.{}", "canary-7f3a91c0".repeat(255));
    for round in 0..100_u32 {
        let client = client(server.url()).api_key(&key).max_retries(0).timeout(PATIENCE).build().unwrap();
        thread::scope(|scope| {
            scope.spawn(|| client.get_balance().unwrap_err());
            assert!(server.wait_for_requests(1 + 2 * round as usize, PATIENCE));
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_micros(10) * round {}
            Child::new(|| assert_eq!(client.get_balance().unwrap_err().kind(), ErrorKind::Server)).join();
        });
    }
}

fn fork_amid_calls(client: &Client) {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let callers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        client.get_balance().unwrap();
                    }
                })
            })
            .collect();
        for _ in 0..50 {
            Child::new(|| drop(client.get_balance().unwrap())).join();
        }
        done.store(true, Ordering::Relaxed);
        for caller in callers {
            caller.join().unwrap();
        }
    });
}

#[test]
fn h18_a_child_keeps_none_of_its_parents_connections() {
    let _alone = alone();
    let server = Server::start([ok(), Reply::new().mute()]).unwrap();
    let idle = client(server.url()).build().unwrap();
    idle.get_balance().unwrap();
    let busy = client(server.url()).build().unwrap();
    let cancel = Cancel::new();
    let (mut until, end) = pipe().unwrap();
    let child = thread::scope(|scope| {
        let call = scope.spawn(|| busy.get_balance_with(&Call::new().cancelled_by(&cancel)));
        assert!(server.wait_for_requests(2, PATIENCE));
        let mut parents = Some(end.try_clone().unwrap());
        let child = Child::new(|| {
            drop(parents.take());
            let _ = until.read(&mut [0]);
        });
        cancel.cancel();
        assert_eq!(call.join().unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
        child
    });
    drop((idle, busy));
    assert!(server.wait_until_closed(PATIENCE), "the child, which lives, holds a connection");
    // It reads to its own copy of the end, so a byte lets it go.
    (&end).write_all(b"x").unwrap();
    child.join();
}

#[test]
fn h18_a_child_cancels_and_closes_for_itself_alone() {
    let _alone = alone();
    let server = Server::start(Reply::new().mute()).unwrap();
    let client = client(server.url()).timeout(PATIENCE).build().unwrap();
    let cancel = Cancel::new();
    let call = Call::new().cancelled_by(&cancel);
    thread::scope(|scope| {
        let parents = scope.spawn(|| client.get_balance_with(&call));
        assert!(server.wait_for_requests(1, PATIENCE));
        Child::new(|| {
            thread::scope(|scope| {
                let childs = scope.spawn(|| client.get_balance_with(&call));
                cancel.cancel();
                assert_eq!(childs.join().unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
            });
            client.close();
            assert_eq!(client.get_balance().unwrap_err().kind(), ErrorKind::Closed);
        })
        .join();
        assert!(!parents.is_finished() && !cancel.is_cancelled());
        cancel.cancel();
        assert_eq!(parents.join().unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
    });
}

#[test]
fn the_gate_of_a_child_starts_empty() {
    let _alone = alone();
    let credits = r#"{"topUpCredits":{"balance":100,"cap":100}}"#;
    let server = Server::start(Reply::json(200, credits)).unwrap();
    let client = client(server.url()).build().unwrap();
    let gate = client.gate().limit(90).build().unwrap();
    let sub_gate = gate.sub_gate(50).unwrap();
    sub_gate.set_limit(60).unwrap();
    assert!(sub_gate.reserve(5).unwrap().commit());
    let [inherited, dropped, released] = [10, 20, 30].map(|cost| sub_gate.reserve_up_to(cost, 1));
    let (inherited, dropped) = (inherited.unwrap(), dropped.unwrap());
    assert!(released.is_err(), "over the limit");
    let before = gate.state();

    Child::new(|| {
        let state = gate.state();
        assert_eq!((state.estimate(), state.reserved(), state.used(), state.granted()), (None, 0, 0, 0));
        assert!(inherited.is_open() && inherited.cost() == 10);
        // A commit counts in the child's gates, and a drop does nothing.
        assert!(inherited.commit() && !inherited.commit());
        assert_eq!((gate.state().used(), sub_gate.state().used(), sub_gate.state().limit()), (10, 10, Some(60)));
        drop(gate.reserve(0).unwrap());
        // SAFETY: a copy of a reservation is dropped in the child alone, as the parent's own is in its memory.
        drop(unsafe { std::ptr::read(&dropped) });
        assert_eq!(gate.state().reserved(), 0);
        // The reading may lack the charge.
        assert!(gate.reserve(1).unwrap().release());
        assert_eq!(gate.state().estimate(), Some(90));
        assert_eq!(gate.state().used(), 10);
    })
    .join();

    let after = gate.state();
    assert_eq!((after.reserved(), after.estimate()), (before.reserved(), before.estimate()));
    assert!(inherited.is_open() && inherited.release() && dropped.release());
    assert_eq!(gate.state().reserved(), 0);
}

#[test]
fn a_fork_while_threads_reserve_leaves_no_lock_to_the_child() {
    let _alone = alone();
    let credits = r#"{"topUpCredits":{"balance":1000000000,"cap":1}}"#;
    let server = Server::start(Reply::json(200, credits)).unwrap();
    let gate = client(server.url()).build().unwrap().gate().build().unwrap();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    gate.reserve(1).unwrap().commit();
                }
            });
        }
        for _ in 0..20 {
            Child::new(|| assert!(gate.reserve(1).unwrap().commit())).join();
        }
        is_over.store(true, Ordering::Relaxed);
    });
}
