//! The variables of a client: given ones, or the process's. They are read when the client is made, and not later.

use std::process::Command;

use aicredits_emulator::script::refused_addr;
use aicredits_tests::{Linked, program, root, run, stderr, stdout};

use crate::tls::TlsServer;

fn environment(linked: Linked, arguments: &[&str]) {
    let source = root().join("tests/c/environment.c");
    let output = run(Command::new(program(&source, linked)).args(arguments));
    let said = stdout(&output) + &stderr(&output);
    assert!(output.status.success(), "{arguments:?}, {linked:?}: {}\n{said}", output.status);
    assert_eq!(said, "every check held\n".to_owned(), "{arguments:?}, {linked:?}");
}

#[test]
fn given_variables_are_read_and_each_call_may_name_its_scope() {
    let refused = refused_addr().unwrap();
    for linked in [Linked::Shared, Linked::Static] {
        environment(linked, &["given", &refused.url()]);
    }
}

/// At an address: `getaddrinfo` reads variables by itself, and the manual says so.
#[test]
fn variables_are_read_when_a_client_is_made_and_not_in_calls() {
    let server = TlsServer::start("{}");
    for linked in [Linked::Shared, Linked::Static] {
        let source = root().join("tests/c/environment.c");
        let output = run(Command::new(program(&source, linked)).args(["counts", &server.url(), &server.ca_file()]));
        let said = stdout(&output) + &stderr(&output);
        assert!(output.status.success(), "{linked:?}: {}\n{said}", output.status);
        let names = said.lines().filter_map(|line| line.strip_prefix("getenv(")?.strip_suffix(')'));
        let expected = ["WIX_API_KEY", "WIX_ACCOUNT_ID", "WIX_SITE_ID", "AICREDITS_BASE_URL"];
        assert!(names.eq(expected.into_iter().chain(["SSL_CERT_FILE", "SSL_CERT_DIR"])), "{linked:?}: {said}");
    }
}

#[test]
fn calls_run_while_another_thread_changes_the_environment() {
    let server = TlsServer::start("{}");
    for linked in [Linked::Shared, Linked::Static] {
        environment(linked, &["changes", &server.url(), &server.ca_file()]);
    }
}
