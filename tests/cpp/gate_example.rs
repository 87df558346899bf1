//! The example of a gate in C++, Rust, and Go where that is here: the same lines from each for each reply of the vendor.

use std::path::PathBuf;
use std::process::Command;

use aicredits_emulator::Emulator;
use aicredits_tests::{Linked, cxx_program, dist, root, run, scratch, stderr, stdout, succeed, variable};

use crate::asking;

fn programs() -> Vec<(&'static str, PathBuf)> {
    let cpp = cxx_program(&dist(), &root().join("examples/gate.cpp"), "c++17", &[], Linked::Shared);
    let mut programs = vec![("C++", cpp), ("Rust", variable("AICREDITS_BIN").join("gate"))];
    if let Some(go) = std::env::var_os("AICREDITS_GO") {
        let program = scratch("gate-go");
        let mut build = Command::new(go);
        build.current_dir(root().join("examples/go")).args(["build", "-tags", "aicredits_dev", "-o"]);
        succeed(build.arg(&program).arg("./gate"));
        programs.push(("Go", program));
    }
    programs
}

#[test]
fn the_example_of_a_gate_ends_its_reservation() {
    let emulator = Emulator::start().unwrap();
    for (language, program) in programs() {
        let says = |cost: &str, status: &str| {
            let output = run(asking(&program, &emulator.url()).args([cost, status]));
            (output.status.code(), stdout(&output), stderr(&output))
        };
        for (cost, status, code, told) in [
            ("40", "200", 0, "done\n"),
            ("1050", "200", 0, "done\n"),
            ("40", "428", 1, "refused: no credits\n"),
            ("40", "402", 1, "refused: no credits\n"),
            ("40", "403", 1, "failed\n"),
            ("40", "504", 1, "unknown\n"),
        ] {
            let told = format!("affordable: {cost} of 1050 spendable credits\n{told}");
            let expected = (Some(code), told, String::new());
            assert_eq!(says(cost, status), expected, "{language}: {cost} {status}");
        }
        let (code, denied, errors) = says("1090", "200");
        let is_denied = denied.starts_with("40 short: ") && denied.contains("\ndenied: 40 short: ");
        assert!(is_denied && errors.is_empty(), "{language}: {denied}{errors}");
        assert_eq!(code, Some(1), "{language}");
        for cost in ["", "abc", "1.9", "-1", "9223372036854775808"] {
            let (code, output, errors) = says(cost, "200");
            assert!(output.is_empty() && !errors.is_empty(), "{language}: {cost}: {output}{errors}");
            assert_eq!(code, Some(2), "{language}: {cost}");
        }
    }
}
