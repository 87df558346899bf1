//! `aicredits emulator`, from a program and from a shell.

use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::process::{aicredits, run};

/// A test that waits longer has failed.
const SOON: Duration = Duration::from_secs(20);

/// The emulator, and its output before it closed its standard output.
fn start(args: &[&str]) -> (Child, String) {
    // A background job of a shell ignores Ctrl-C, and its children inherit that. These tests may be such a job.
    let mut command = Command::new("env");
    command.env_clear().args(["--default-signal=INT", env!("CARGO_BIN_EXE_aicredits"), "emulator"]).args(args);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let lines = soon(move || {
        let mut lines = String::new();
        stdout.read_to_string(&mut lines).unwrap();
        lines
    });
    (child, lines)
}

fn soon<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, result) = mpsc::channel();
    thread::spawn(move || done.send(work()));
    result.recv_timeout(SOON).expect("it should have ended by now")
}

/// The variables that a shell sets by these lines.
fn settings(lines: &str) -> impl Iterator<Item = (&str, &str)> {
    lines.lines().filter(|line| !line.starts_with('#')).map(|line| line.split_once('=').unwrap())
}

fn ask_by(lines: &str) -> Command {
    let mut command = aicredits(&["balance"]);
    command.envs(settings(lines));
    command
}

#[test]
fn it_says_how_to_reach_it_then_serves_until_its_input_ends() {
    let (mut child, lines) = start(&["--with-stdin"]);
    let first = lines.lines().next().unwrap();
    assert_eq!(first, "# The calendar is frozen at 2026-06-24T00:00:00Z. It runs with --clock running.");
    let names: Vec<_> = settings(&lines).map(|(name, _)| name).collect();
    assert_eq!(names, ["WIX_API_KEY", "WIX_ACCOUNT_ID", "AICREDITS_BASE_URL"]);
    assert!(run(ask_by(&lines)).success().contains("850 of 1,000"));

    drop(child.stdin.take());
    assert_eq!(soon(move || child.wait().unwrap()).code(), Some(0));
    assert!(run(ask_by(&lines)).failure(69).contains("refused the connection"));
}

#[test]
fn it_ends_on_sigterm_and_not_with_its_input() {
    let (mut child, lines) = start(&[]);
    drop(child.stdin.take());
    assert!(run(ask_by(&lines)).success().contains("850 of 1,000"));

    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert_eq!(soon(move || child.wait().unwrap()).code(), Some(0));
    assert!(run(ask_by(&lines)).failure(69).contains("refused the connection"));
}

#[test]
fn it_ends_on_ctrl_c_as_any_program() {
    let (mut child, _) = start(&[]);
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(soon(move || child.wait().unwrap()).signal(), Some(Signal::INT.as_raw()));
}

#[test]
fn without_descriptors_it_says_why_and_nothing_else() {
    let mut command = Command::new("sh");
    let path = env!("CARGO_BIN_EXE_aicredits");
    command.env_clear().args(["-c", &format!("ulimit -n 4; exec {path} emulator")]).stdin(Stdio::null());
    assert!(run(command).failure(70).contains("Too many open files"));
}
