//! A panic behind every entry ends at the boundary.

use std::fs;
use std::process::Command;

use aicredits_tests::api::Api;
use aicredits_tests::{Linked, program_of, root, run, stderr, stdout, testing};

/// Functions that only return the name of a constant cannot panic.
const NAMES: [&str; 8] = [
    "aicredits_version",
    "aicredits_status_name",
    "aicredits_scope_kind_name",
    "aicredits_period_name",
    "aicredits_phase_name",
    "aicredits_log_level_name",
    "aicredits_answer_name",
    "aicredits_denial_reason_name",
];

#[test]
fn a_panic_behind_every_entry_ends_at_the_boundary() {
    let source = root().join("tests/c/panic.c");
    let text = fs::read_to_string(&source).unwrap();
    for function in Api::read().functions {
        let (name, panics) = (function.name.as_str(), format!("PANICS({}(", function.name));
        assert!(NAMES.contains(&name) || text.contains(&panics), "panic.c does not have {name} panic");
    }
    let output = run(&mut Command::new(program_of(&testing(), &source, Linked::Shared)));
    assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).ends_with("every check held\n"), "{}", stdout(&output));
}
