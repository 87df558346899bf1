//! Effects of a process on the library, and of the library on its process.

use std::fs;
use std::path::Path;
use std::process::Command;

use aicredits_emulator::script::{Reply, Server};
use aicredits_emulator::{Emulator, example};
use aicredits_tests::{Linked, dist, program, root, run, scratch, stderr, stdout};

use crate::tls::TlsServer;

fn process(url: &str, arguments: &[&str], linked: Linked) {
    process_that_trusts("", url, arguments, linked);
}

fn process_that_trusts(ca_file: &str, url: &str, arguments: &[&str], linked: Linked) {
    let mut command = Command::new(program(&root().join("tests/c/process.c"), linked));
    command.args(arguments).env("WIX_API_KEY", example::API_KEY).env("WIX_ACCOUNT_ID", example::ACCOUNT_ID);
    // Every command needs these too.
    for variable in ["PATH", "HOME", "TMPDIR", "LANG"] {
        command.env_remove(variable);
    }
    if !ca_file.is_empty() {
        command.env("SSL_CERT_FILE", ca_file);
    }
    let output = run(command.env("AICREDITS_BASE_URL", url));
    assert!(output.status.success(), "{arguments:?}, {linked:?}: {}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).ends_with("every check held\n"), "{}", stdout(&output));
}

fn path(path: &Path) -> &str {
    path.to_str().expect("the folder has a plain name")
}

#[test]
fn small_stacks_signals_and_files_are_left_alone() {
    let emulator = Emulator::start().unwrap();
    // By a name.
    let by_name = emulator.url().replace("127.0.0.1", "localhost");
    for linked in [Linked::Shared, Linked::Static] {
        for task in ["small-stack", "signals", "writes-nothing"] {
            process(&by_name, &[task], linked);
        }
    }
}

/// A handshake takes the most.
#[test]
fn a_small_stack_is_enough_for_tls_and_a_tiny_one_is_refused() {
    let reply = r#"{"periodicCredits":{"balance":850},"topUpCredits":{"balance":200}}"#;
    for linked in [Linked::Shared, Linked::Static] {
        let server = TlsServer::start(reply);
        for task in ["small-stack", "tiny-stack"] {
            process_that_trusts(&server.ca_file(), &server.url_by_name(), &[task], linked);
        }
    }
}

#[test]
fn a_program_may_end_during_a_call() {
    let server = Server::start(Reply::new().mute()).unwrap();
    for linked in [Linked::Shared, Linked::Static] {
        process(&server.url(), &["exits"], linked);
    }
}

#[test]
fn it_is_loaded_and_unloaded_a_hundred_times_and_twice_at_once() {
    let emulator = Emulator::start().unwrap();
    let library = dist().join("lib/libaicredits.so");
    let copy = scratch("libaicredits-copy.so");
    fs::copy(&library, &copy).unwrap();
    process(&emulator.url(), &["loads", path(&library)], Linked::Static);
    process(&emulator.url(), &["copies", path(&library), path(&copy)], Linked::Static);
}
