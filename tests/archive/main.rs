//! The finished archive and another Rust archive in one program, and both finished archives in one. With cargo's own archive that fails.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use aicredits_tests::{cc, dist, root, run, scratch, stderr, stdout, succeed, testing, variable};

/// An archive of another version of Rust, which is the point of it.
fn other() -> PathBuf {
    let rustc = variable("AICREDITS_OTHER_RUSTC");
    let version = |rustc: &Path| stdout(&succeed(Command::new(rustc).arg("--version")));
    let (ours, theirs) = (version(Path::new("rustc")), version(&rustc));
    assert_ne!(ours, theirs, "the other archive must come from another version");
    let archive = scratch("libother.a");
    let mut compile = Command::new(rustc);
    compile.args(["--edition", "2021", "-O", "--crate-type", "staticlib"]);
    succeed(compile.arg(root().join("tests/archive/other.rs")).arg("-o").arg(&archive));
    archive
}

enum Run {
    Failed(String),
    Ran(Output),
}

/// Links `archives` in this order, and runs the program if that succeeds.
fn both(archives: [&Path; 2], flags: &[&str]) -> Run {
    let needs = fs::read_to_string(dist().join("lib/libaicredits.libs")).unwrap();
    let program = scratch("both");
    let mut compiler = cc("c99");
    compiler.args(flags).arg(root().join("tests/archive/both.c")).arg("-o").arg(&program);
    compiler.args(archives).args(needs.split_whitespace());
    let linked = run(&mut compiler);
    if !linked.status.success() {
        return Run::Failed(stderr(&linked));
    }
    Run::Ran(run(&mut Command::new(program)))
}

fn succeeds(ours: &Path, flags: &[&str]) {
    let other = other();
    for archives in [[ours, &other], [&other, ours]] {
        match both(archives, flags) {
            Run::Failed(why) => panic!("{archives:?} {flags:?} do not link: {why}"),
            Run::Ran(output) => {
                assert_eq!(
                    stdout(&output),
                    "both caught their panics\n",
                    "{archives:?} {flags:?}: {}",
                    stderr(&output)
                );
            }
        }
    }
}

#[test]
fn the_finished_archive_works_with_another() {
    succeeds(&dist().join("lib/libaicredits.a"), &[]);
    succeeds(&dist().join("lib/libaicredits.a"), &["-static"]);
}

#[test]
fn a_panic_is_caught_in_each() {
    succeeds(&testing().join("lib/libaicredits.a"), &["-DPANICS"]);
}

/// The two finished archives of one build, which have the same Rust inside.
#[test]
fn the_client_s_and_the_emulator_s_archive_work_together() {
    for (dist, flags) in [(dist(), &[][..]), (dist(), &["-static"]), (testing(), &["-DPANICS"])] {
        let archives = ["lib/libaicredits.a", "lib/libaicredits_emulator.a"].map(|archive| dist.join(archive));
        for [first, second] in [[&archives[0], &archives[1]], [&archives[1], &archives[0]]] {
            let program = scratch("pair");
            let mut compiler = cc("c99");
            compiler.args(flags).arg(root().join("tests/archive/pair.c")).arg("-o").arg(&program).args([first, second]);
            let needs = fs::read_to_string(dist.join("lib/libaicredits_emulator.libs")).unwrap();
            succeed(compiler.args(needs.split_whitespace()));
            let output = run(&mut Command::new(program));
            assert_eq!(stdout(&output), "both work\n", "{flags:?}: {}", stderr(&output));
        }
    }
}

/// The reason for finishing: without it, the same program does not link, or crashes.
#[test]
fn cargos_own_archive_does_not() {
    let (raw, other) = (testing().parent().unwrap().join("testing/libaicredits.a"), other());
    assert!(raw.is_file(), "{}", raw.display());
    match both([&raw, &other], &["-DPANICS"]) {
        Run::Failed(why) => assert!(why.contains("rust_eh_personality"), "{why}"),
        Run::Ran(output) => assert!(!output.status.success(), "cargo's own archive would have done"),
    }
}
