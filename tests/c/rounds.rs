//! Rounds of making, calling and freeing leave nothing behind: no memory, no handle, no descriptor, no thread.

use std::env;
use std::process::Command;

use aicredits_emulator::{Emulator, example};
use aicredits_tests::{Linked, program_of, root, run, stderr, stdout, testing};

/// `cargo xtask soak` sets more.
fn rounds() -> String {
    env::var("AICREDITS_ROUNDS").unwrap_or_else(|_| "10000".to_owned())
}

#[test]
fn rounds_leave_nothing_behind() {
    let emulator = Emulator::start().unwrap();
    let program = program_of(&testing(), &root().join("tests/c/rounds.c"), Linked::Shared);
    for what in ["clients", "calls", "replies"] {
        let mut command = Command::new(&program);
        command.arg(what).arg(rounds());
        command.env("WIX_API_KEY", example::API_KEY).env("WIX_ACCOUNT_ID", example::ACCOUNT_ID);
        let output = run(command.env("AICREDITS_BASE_URL", emulator.url()));
        assert!(output.status.success(), "{what}: {}{}", stdout(&output), stderr(&output));
        println!("{what}: {}", stdout(&output).trim_end());
    }
}
