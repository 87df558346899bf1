//! The log sink.

use std::process::Command;

use aicredits_emulator::script::refused_addr;
use aicredits_tests::{Linked, program, root, run, stderr, stdout};

#[test]
fn records_reach_the_sink_that_was_set_last() {
    let refused = refused_addr().unwrap();
    for linked in [Linked::Shared, Linked::Static] {
        let output = run(Command::new(program(&root().join("tests/c/log.c"), linked)).arg(refused.url()));
        assert_eq!((stdout(&output).as_str(), stderr(&output).as_str()), ("every check held\n", ""), "{linked:?}");
        assert!(output.status.success());
    }
}
