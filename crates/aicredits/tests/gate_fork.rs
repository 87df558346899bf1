//! A gate on both sides of a `fork`: the child's gate starts empty, and nobody hangs.
//!
//! One test at a time: a child has copies of every test's descriptors.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use aicredits::CreditGate;
use aicredits_emulator::script::{Reply, Script, Server};

use common::client;

mod common;

/// The limit of a wait that must end much earlier.
const PATIENCE: Duration = Duration::from_secs(20);
const CREDITS: &str = r#"{"topUpCredits":{"balance":"30"}}"#;

fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs the work in a forked child, and waits for it.
fn in_a_child(work: impl FnOnce()) {
    // SAFETY: the child does what a program with a prefork server does, and leaves without unwinding into the test.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0, "no process to be had");
    if pid == 0 {
        let outcome = catch_unwind(AssertUnwindSafe(work));
        // SAFETY: it ends the child at once, as nothing of the parent's is to be cleaned up there.
        unsafe { libc::_exit(i32::from(outcome.is_err())) };
    }
    let begun = Instant::now();
    let mut status = 0;
    // SAFETY: the status is ours to write to.
    while unsafe { libc::waitpid(pid, &raw mut status, libc::WNOHANG) } != pid {
        if begun.elapsed() > PATIENCE {
            // SAFETY: the child is ours, and was not waited for yet.
            unsafe { libc::kill(pid, libc::SIGKILL) };
            panic!("the child hangs");
        }
        thread::yield_now();
    }
    assert_eq!(status, 0, "the child failed");
}

fn gate(server: &Server) -> CreditGate {
    client(server.url()).build().unwrap().gate().build().unwrap()
}

#[test]
fn a_child_s_gate_starts_empty() {
    let _alone = alone();
    let server = Server::start(Reply::json(200, CREDITS)).unwrap();
    let gate = gate(&server);
    let (committed, dropped) = (gate.reserve(4).unwrap(), gate.reserve(5).unwrap());
    let tenant = gate.sub_gate(8).unwrap();
    let of_tenant = tenant.reserve(6).unwrap();
    in_a_child(|| {
        let state = gate.state();
        assert_eq!((state.reserved(), state.granted(), state.grantable()), (0, 0, None));
        assert_eq!(tenant.state().used(), 0);
        assert_eq!(tenant.state().limit(), Some(8));
        // Everything of the reading is there for the child.
        assert!(gate.reserve(30).unwrap().release());
        // The inherited reservation is a copy: its commit counts here, and a drop does nothing.
        drop(dropped);
        assert_eq!(gate.state().grantable(), Some(30));
        assert!(committed.commit());
        assert!(!committed.commit(), "only once");
        assert_eq!(gate.state().grantable(), Some(26));
        assert!(of_tenant.commit());
        assert_eq!((gate.state().grantable(), tenant.state().used()), (Some(20), 6));
        assert!(tenant.reserve(3).is_err());
        drop(tenant.reserve(2).unwrap());
    });
    let state = gate.state();
    assert_eq!((state.reserved(), state.granted(), state.grantable()), (10, 3, Some(15)));
    // The parent's reservations are untouched, apart from the one that it has dropped, too.
    assert_eq!(gate.state().reservations().len(), 2);
}

/// The reader is a thread of the parent, which the child does not have.
#[test]
fn a_child_does_not_wait_for_its_parent_s_reader() {
    let _alone = alone();
    let is_mute = std::sync::Arc::new(AtomicBool::new(true));
    let server = Server::start(Script::handler({
        let is_mute = std::sync::Arc::clone(&is_mute);
        move |_| {
            if is_mute.swap(false, Ordering::SeqCst) {
                Reply::new().delay(Duration::from_secs(1)).then(Reply::json(200, CREDITS))
            } else {
                Reply::json(200, CREDITS)
            }
        }
    }))
    .unwrap();
    let gate = gate(&server);
    thread::scope(|scope| {
        let reader = scope.spawn(|| gate.reserve(1).unwrap().commit());
        assert!(server.wait_for_requests(1, PATIENCE));
        let waiter = scope.spawn(|| gate.reserve(1).unwrap().commit());
        in_a_child(|| assert!(gate.reserve(2).unwrap().commit()));
        assert!(reader.join().unwrap() && waiter.join().unwrap());
    });
    assert_eq!(gate.state().granted(), 2);
}

#[test]
fn children_that_are_forked_amid_reservations_can_reserve() {
    let _alone = alone();
    let server = Server::start(Reply::json(200, r#"{"topUpCredits":{"balance":"1000000000"}}"#)).unwrap();
    let gate = gate(&server);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    assert!(gate.reserve(1).unwrap().commit());
                }
            });
        }
        let children = catch_unwind(AssertUnwindSafe(|| {
            for _ in 0..50 {
                in_a_child(|| assert!(gate.reserve(1).unwrap().commit()));
            }
        }));
        done.store(true, Ordering::Relaxed);
        assert!(children.is_ok());
    });
}

#[test]
fn a_child_cannot_make_a_second_gate_if_it_inherited_one() {
    let _alone = alone();
    let server = Server::start(Reply::json(200, CREDITS)).unwrap();
    let client = client(server.url()).build().unwrap();
    let gate = client.gate().build().unwrap();
    in_a_child(|| {
        let error = client.gate().build().unwrap_err();
        assert_eq!(error.kind(), aicredits::ErrorKind::InvalidArgument);
        assert!(gate.reserve(30).is_ok(), "it is used instead");
        // A child of the child, too.
        in_a_child(|| assert!(client.gate().build().is_err()));
        drop(gate);
        assert!(client.gate().build().is_ok(), "the child has no other");
    });
}

#[test]
fn a_request_of_a_sub_gate_starts_again_in_a_child() {
    struct Deaf;
    impl aicredits::Wake for Deaf {
        fn wake(&self) {}
    }
    let _alone = alone();
    let server = Server::start(Reply::json(200, CREDITS)).unwrap();
    let gate = gate(&server);
    let tenant = gate.sub_gate(8).unwrap();
    let call = aicredits::Call::new();
    let mut request = tenant.request(aicredits::Want::Cost(1), &call).unwrap();
    let wake: std::sync::Arc<dyn aicredits::Wake> = std::sync::Arc::new(Deaf);
    in_a_child(|| {
        assert!(matches!(request.step(&wake), aicredits::Step::Read));
        request.read(&call);
        assert!(matches!(request.step(&wake), aicredits::Step::Done(Ok(_))));
    });
}
