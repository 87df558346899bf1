//! The example test, in C and C++: both libraries in one process.

use std::process::Command;

use aicredits_tests::{
    CLIENT, EMULATOR, Linked, cc, cxx, dist, link_with, program_with, root, run, scratch, stderr, stdout, succeed,
};

const BOTH: [&str; 2] = [EMULATOR, CLIENT];

#[test]
fn the_example_in_c_passes() {
    for linked in [Linked::Shared, Linked::Static] {
        passes(Command::new(program_with(&dist(), &root().join("examples/emulator.c"), &BOTH, linked)));
    }
}

#[test]
fn the_example_in_cpp_passes() {
    for linked in [Linked::Shared, Linked::Static] {
        let program = scratch("emulator-cpp");
        let mut compiler = cxx("c++17");
        compiler.arg(root().join("examples/emulator.cpp")).arg("-o").arg(&program);
        succeed(link_with(&mut compiler, &dist(), &BOTH, linked));
        passes(Command::new(program));
    }
}

fn passes(mut program: Command) {
    let output = run(&mut program);
    assert_eq!((stdout(&output).as_str(), stderr(&output).as_str()), ("passed\n", ""));
    assert!(output.status.success());
}

/// The program of the header's opening page is compiled and run.
#[test]
fn the_program_of_the_header_runs() {
    let header = std::fs::read_to_string(dist().join("include/aicredits_emulator.h")).unwrap();
    let (_, rest) = header.split_once("@code\n").expect("the page has a program");
    let (program, _) = rest.split_once(" * @endcode").unwrap();
    let program: String = program.lines().map(|line| line.trim_start_matches(" *").to_owned() + "\n").collect();
    let (source, built) = (scratch("first.c"), scratch("first"));
    std::fs::write(&source, program).unwrap();
    succeed(link_with(cc("c99").arg(&source).arg("-o").arg(&built), &dist(), &[EMULATOR], Linked::Shared));
    let output = run(&mut Command::new(built));
    let said = stdout(&output);
    assert!(output.status.success() && said.starts_with("AICREDITS_BASE_URL=http://127.0.0.1:"), "{said}");
    assert!(said.ends_with("\nthe first allocation gave 5 credits\n"), "{said}{}", stderr(&output));
}
