//! `libaicredits_emulator` as a test of C or C++ finds it.

mod class;
mod example;
mod keys;
mod remains;
mod vectors;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use aicredits_tests::api::Api;
use aicredits_tests::{EMULATOR, Linked, dist, program_with, root, run, stderr, stdout, testing};

fn source(name: &str) -> PathBuf {
    root().join("tests/emulator").join(name)
}

fn program(name: &str, linked: Linked) -> PathBuf {
    program_with(&dist(), &source(name), &[EMULATOR], linked)
}

fn every_check_holds(command: &mut Command) {
    let output = run(command);
    let said = (stdout(&output), stderr(&output));
    assert!(output.status.success(), "{command:?}: {}\n{}{}", output.status, said.0, said.1);
    assert_eq!((said.0.as_str(), said.1.as_str()), ("every check held\n", ""), "{command:?}");
}

#[test]
fn each_function_keeps_the_promises_of_the_header() {
    for linked in [Linked::Shared, Linked::Static] {
        every_check_holds(&mut Command::new(program("surface.c", linked)));
    }
}

fn task(name: &str) {
    for linked in [Linked::Shared, Linked::Static] {
        every_check_holds(Command::new(program("process.c", linked)).arg(name));
    }
}

#[test]
fn ten_threads_have_an_instance_each() {
    task("parallel");
}

#[test]
fn threads_share_an_instance_and_a_reply() {
    task("together");
}

#[test]
fn after_fork_the_child_frees_its_copy_and_the_parent_goes_on() {
    task("forks");
}

#[test]
fn its_threads_block_all_signals() {
    task("signals");
}

#[test]
fn a_panic_behind_every_entry_ends_at_the_boundary() {
    let text = fs::read_to_string(source("panic.c")).unwrap();
    let functions = Api::read_of("aicredits_emulator").functions;
    assert_eq!(functions.len(), 10);
    for name in functions.iter().map(|function| &function.name) {
        let has = |form: String| text.contains(&form);
        assert!(
            has(format!("PANICS({name}(")) || has(format!("PANICS(({name}(")),
            "panic.c does not have {name} panic"
        );
    }
    let program = program_with(&testing(), &source("panic.c"), &[EMULATOR], Linked::Shared);
    let output = run(&mut Command::new(program));
    assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).ends_with("every check held\n"), "{}", stdout(&output));
}
