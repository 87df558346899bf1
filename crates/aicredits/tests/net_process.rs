//! Effects of the process on its calls: signals, few descriptors. Each case runs in a separate process.

use std::os::fd::{AsRawFd, OwnedFd};
use std::process::Command;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use aicredits::{Call, Cancel, ErrorKind};
use aicredits_emulator::script::{Reply, Script, Server};

use common::client;

mod common;

const PATIENCE: Duration = Duration::from_secs(20);
const URL: &str = "AICREDITS_TEST_URL";

/// Runs `work` in a child, which is this same test by its name, with the server's URL.
fn in_a_child(test: &str, script: impl Into<Script>, work: impl FnOnce(String)) {
    if let Ok(url) = std::env::var(URL) {
        return work(url);
    }
    let server = Server::start(script).unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--test-threads=1", "--nocapture"])
        .env(URL, server.url())
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&child.stdout), String::from_utf8_lossy(&child.stderr));
    assert!(child.status.success() && said.contains("1 passed"), "{}: {said}", child.status);
}

fn on_signal(signal: libc::c_int, handler: extern "C" fn(libc::c_int)) {
    // SAFETY: an all-zero sigaction is a valid one, without flags: system calls are interrupted, and not restarted.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler as *const () as usize;
    // SAFETY: the handlers of these tests do what a handler may.
    assert_eq!(unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) }, 0);
}

/// Raises SIGALRM every millisecond, or never again.
fn set_alarm(every: Duration) {
    let interval = libc::timeval { tv_sec: 0, tv_usec: every.as_micros() as libc::suseconds_t };
    let timer = libc::itimerval { it_interval: interval, it_value: interval };
    // SAFETY: the timer is whole, and its predecessor is of no interest.
    assert_eq!(unsafe { libc::setitimer(libc::ITIMER_REAL, &raw const timer, std::ptr::null_mut()) }, 0);
}

#[test]
fn a_thousand_signals_a_second_change_nothing() {
    extern "C" fn ignore(_: libc::c_int) {}
    let slow = Reply::new().delay(Duration::from_millis(20)).then(Reply::json(200, "{}")).close();
    in_a_child("a_thousand_signals_a_second_change_nothing", slow, |url| {
        on_signal(libc::SIGALRM, ignore);
        set_alarm(Duration::from_millis(1));
        let client = client(url).timeout(PATIENCE).build().unwrap();
        for _ in 0..20 {
            client.get_balance().unwrap();
        }
        let error = client.get_balance_with(&Call::new().timeout(Duration::from_millis(5))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        set_alarm(Duration::ZERO);
    });
}

#[test]
fn a_signal_handler_may_cancel() {
    static CANCEL: OnceLock<Cancel> = OnceLock::new();
    extern "C" fn cancel(_: libc::c_int) {
        if let Some(cancel) = CANCEL.get() {
            cancel.cancel();
        }
    }
    in_a_child("a_signal_handler_may_cancel", Reply::new().mute(), |url| {
        on_signal(libc::SIGALRM, cancel);
        let call = Call::new().cancelled_by(CANCEL.get_or_init(Cancel::new));
        set_alarm(Duration::from_millis(50));
        let begun = Instant::now();
        let error = client(url).timeout(PATIENCE).build().unwrap().get_balance_with(&call).unwrap_err();
        set_alarm(Duration::ZERO);
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        assert!(begun.elapsed() < PATIENCE / 2);
    });
}

#[test]
fn no_call_raises_sigpipe() {
    let script = Script::handler(|request| match request.ordinal {
        0 => Reply::json(200, "{}"),
        _ => Reply::new().reset(),
    });
    in_a_child("no_call_raises_sigpipe", script, |url| {
        // SAFETY: the signal would end this process, which is what a test needs that sees that it is not raised.
        unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
        let client = client(url).build().unwrap();
        for _ in 0..20 {
            // Whether each succeeds is the server's to say.
            let _ = client.get_balance();
        }
    });
}

#[test]
fn one_descriptor_is_enough_and_none_is_a_clear_error() {
    let script = Script::handler(|request| match request.header("wix-account-id") {
        Some("slow") => Reply::new().mute(),
        _ => Reply::json(200, "{}"),
    });
    in_a_child("one_descriptor_is_enough_and_none_is_a_clear_error", script, |url| {
        let spare = || OwnedFd::from(std::fs::File::open("/dev/null").unwrap());
        // The lowest that is free is the last one allowed.
        let next = spare().as_raw_fd();
        let allow = |count: libc::c_int| {
            let limit = libc::rlimit { rlim_cur: count as libc::rlim_t, rlim_max: 1024 };
            // SAFETY: the limit is whole.
            assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }, 0);
        };
        let client = client(url).timeout(PATIENCE).build().unwrap();
        allow(next);
        let error = client.get_balance().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Network);
        assert!(error.message().contains("open files"), "{error}");

        // The client has found out that it can have no descriptor to be woken by, and does without.
        allow(next + 1);
        client.get_balance().unwrap();
        let cancel = Cancel::new();
        thread::scope(|scope| {
            let call = Call::new().account("slow").cancelled_by(&cancel);
            let call = scope.spawn(move || client.get_balance_with(&call));
            cancel.cancel();
            assert_eq!(call.join().unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
        });
    });
}
