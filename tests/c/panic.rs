//! A panic behind every entry ends at the boundary.

use std::fs;
use std::process::Command;

use aicredits_tests::{Linked, program_of, root, run, stderr, stdout, testing};

use crate::surface::{declared, header};

#[test]
fn a_panic_behind_every_entry_ends_at_the_boundary() {
    let source = root().join("tests/c/panic.c");
    let text = fs::read_to_string(&source).unwrap();
    for (name, _) in declared(&header()) {
        // What only names a constant has nothing behind it that could panic.
        let names = ["aicredits_version", "aicredits_status_name", "aicredits_period_name", "aicredits_phase_name"];
        assert!(names.contains(&name.as_str()) || text.contains(&format!("{name}(")), "panic.c does not call {name}");
    }
    let output = run(&mut Command::new(program_of(&testing(), &source, Linked::Shared)));
    assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).ends_with("every check held\n"), "{}", stdout(&output));
}
