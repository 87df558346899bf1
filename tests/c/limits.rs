//! Too long arguments are refused by their length, before a byte of them is read or copied.

use std::process::Command;

use aicredits_tests::{Linked, program, root, run, stderr, stdout};

#[test]
fn lengths_are_compared_before_anything_is_copied() {
    for linked in [Linked::Shared, Linked::Static] {
        let output = run(&mut Command::new(program(&root().join("tests/c/limits.c"), linked)));
        let said = stdout(&output) + &stderr(&output);
        assert!(output.status.success(), "{linked:?}: {}\n{said}", output.status);
        assert_eq!(said, "every check held\n", "{linked:?}");
    }
}
