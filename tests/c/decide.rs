//! Deciding on a balance.

use std::process::Command;

use aicredits_tests::{Linked, program, root, run, stderr, stdout};

#[test]
fn answers_have_their_figures_and_their_sentence() {
    for linked in [Linked::Shared, Linked::Static] {
        let output = run(&mut Command::new(program(&root().join("tests/c/decide.c"), linked)));
        assert!(output.status.success(), "{linked:?}: {}{}", stdout(&output), stderr(&output));
        assert_eq!(stdout(&output), "every check held\n", "{linked:?}");
    }
}
