//! Functions that write a text to a buffer of the caller.

use std::process::Command;

use aicredits_tests::{Linked, program, root, run, stderr, stdout};

#[test]
fn texts_are_written_to_the_callers_buffer() {
    for linked in [Linked::Shared, Linked::Static] {
        let output = run(&mut Command::new(program(&root().join("tests/c/text.c"), linked)));
        assert_eq!((stdout(&output).as_str(), stderr(&output).as_str()), ("every check held\n", ""));
        assert!(output.status.success());
    }
}
