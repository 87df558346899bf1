//! What a client is made from: given variables, or the process's, which are read when it is made and not later.

use std::process::Command;

use aicredits_emulator::script::refused_addr;
use aicredits_tests::{Linked, program, root, run, stderr, stdout};

#[test]
fn given_variables_are_read_and_each_call_may_name_its_scope() {
    let refused = refused_addr().unwrap();
    let source = root().join("tests/c/environment.c");
    for linked in [Linked::Shared, Linked::Static] {
        let output = run(Command::new(program(&source, linked)).args(["given", &refused.url()]));
        assert!(output.status.success(), "{linked:?}\n{}{}", stdout(&output), stderr(&output));
        assert_eq!(stdout(&output), "every check held\n");
    }
}
