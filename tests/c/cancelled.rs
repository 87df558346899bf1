//! `pthread_cancel()` of a thread that is inside the library.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use aicredits_emulator::example;
use aicredits_emulator::script::{Reply, Server, refused_addr};
use aicredits_tests::{Linked, program, root, run, scratch, stderr, stdout};

const PATIENCE: Duration = Duration::from_secs(20);

fn cancelled(linked: Linked, url: &str) -> Command {
    let mut command = Command::new(program(&root().join("tests/c/cancelled.c"), linked));
    command.env("WIX_API_KEY", example::API_KEY).env("WIX_ACCOUNT_ID", example::ACCOUNT_ID);
    command.env("AICREDITS_BASE_URL", url);
    command
}

#[test]
fn a_cancelled_thread_ends_after_its_call_returned() {
    for linked in [Linked::Shared, Linked::Static] {
        let server = Server::start(Reply::new().mute()).unwrap();
        let mut command = cancelled(linked, &server.url());
        let mut child = command.arg("blocked").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        assert!(server.wait_for_requests(1, PATIENCE));
        child.stdin.take().unwrap().write_all(b"\n").unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{linked:?}: {}{}", output.status, stdout(&output));
        assert_eq!(stdout(&output), "every check held\n");
    }
}

/// The request is pending while the thread runs each entry that blocks, closes a descriptor or calls back.
#[test]
fn no_entry_acts_on_a_pending_request() {
    let authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let ca_file = scratch("authority.pem");
    fs::write(&ca_file, authority.self_signed(&key).unwrap().pem()).unwrap();
    let refused = refused_addr().unwrap();
    for linked in [Linked::Shared, Linked::Static] {
        let output = run(cancelled(linked, &refused.url()).arg(&ca_file));
        assert!(output.status.success(), "{linked:?}: {}{}{}", output.status, stdout(&output), stderr(&output));
        assert_eq!(stdout(&output), "every check held\n");
    }
}
