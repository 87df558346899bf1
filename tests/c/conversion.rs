//! Arrays and texts of a balance are made at first use, without a lock.

use std::process::Command;

use aicredits_tests::{Linked, program, root, run, stderr, stdout};

fn conversion(task: &str, rounds: u32) {
    let program = program(&root().join("tests/c/conversion.c"), Linked::Shared);
    let output = run(Command::new(program).arg(task).arg(rounds.to_string()));
    assert!(output.status.success(), "{task}: {}{}", stdout(&output), stderr(&output));
    assert_eq!(stdout(&output), "every check held\n", "{task}");
}

#[test]
fn a_program_that_reads_the_pools_pays_for_no_arrays() {
    conversion("pools", 1);
}

#[test]
fn threads_that_convert_at_once_get_the_same_arrays() {
    conversion("threads", 50);
}

#[test]
fn a_child_forked_during_a_conversion_converts_by_itself() {
    conversion("forks", 50);
}
