//! Output that fails, or that could harm a terminal.

use std::fs::File;
use std::io;
use std::process::{Command, Stdio};

use aicredits_emulator::Emulator;
use aicredits_emulator::script::{Reply, Server};

use crate::process::{aicredits, ask, ask_script, run};

/// A pipe without a reader.
fn closed_pipe() -> io::PipeWriter {
    io::pipe().unwrap().1
}

fn commands(emulator: &Emulator) -> [Command; 7] {
    [
        ask(emulator, &[]),
        ask(emulator, &["--json"]),
        aicredits(&["emulator"]),
        aicredits(&["man"]),
        aicredits(&["completions", "bash"]),
        aicredits(&["--help"]),
        aicredits(&["--version"]),
    ]
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let emulator = Emulator::start().unwrap();
    for mut command in commands(&emulator) {
        command.stdout(closed_pipe());
        assert_eq!(run(command).failure(141), "");
    }
}

#[test]
fn output_that_cannot_be_written_is_an_error() {
    let emulator = Emulator::start().unwrap();
    for mut command in commands(&emulator) {
        command.stdout(File::options().write(true).open("/dev/full").unwrap());
        assert!(run(command).failure(74).contains("cannot write the output: No space left on device"));
    }
}

/// std opens /dev/null in place of a closed descriptor, and ignores EBADF.
#[test]
fn output_that_is_closed_or_cannot_be_written_to_is_an_error() {
    let emulator = Emulator::start().unwrap();
    for redirection in [">&-", "1</dev/null"] {
        for command in commands(&emulator) {
            let mut shell = Command::new("sh");
            shell.args(["-c", &format!("exec \"$0\" \"$@\" {redirection}")]).arg(command.get_program());
            shell.args(command.get_args()).env_clear().stdin(Stdio::null());
            shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
            let complaint = run(shell).failure(74);
            assert!(complaint.contains("cannot write the output: Bad file descriptor"), "{redirection}: {complaint}");
        }
    }
}

/// Programs that discard a child's output open /dev/null for reading and writing, as std does.
#[test]
fn output_to_dev_null_is_no_error() {
    let emulator = Emulator::start().unwrap();
    for read in [false, true] {
        let mut command = ask(&emulator, &[]);
        command.stdout(File::options().read(read).write(true).open("/dev/null").unwrap());
        run(command).success();
    }
}

#[test]
fn the_exit_code_does_not_depend_on_standard_error() {
    for args in [["balance", "--account=a"], ["balance", "--colour"]] {
        let mut command = aicredits(&args);
        command.stderr(closed_pipe());
        assert_eq!(run(command).failure(64), "");
    }
}

#[test]
fn text_from_the_server_cannot_act_on_the_terminal() {
    // As JSON escapes, and unescaped if JSON allows that.
    const EVIL: &str = "a\\u001b[2J\\u0007\\r\\n\u{9b}31m\u{7f}\u{202e}z";
    let has_no_control = |text: &str| {
        let acts = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!text.contains(acts) && text.contains(r"a\u{1b}[2J"), "{text:?}");
    };

    let balance = format!(
        r#"{{"creditBalanceBreakdown":[{{"subscriptionId":"{EVIL}","usageRules":[{{"period":"{EVIL}"}}]}},
        {{"subscriptionId":"{EVIL}"}}]}}"#
    );
    let server = Server::start(Reply::json(200, balance)).unwrap();
    has_no_control(&run(ask_script(&server, &[])).success());

    let error = format!(r#"{{"message":"{EVIL}","details":{{"applicationError":{{"code":"{EVIL}"}}}}}}"#);
    let violation = format!(
        r#"{{"details":{{"validationError":{{"fieldViolations":[{{"field":"{EVIL}","description":"{EVIL}"}}]}}}}}}"#
    );
    for (status, body, code) in [(403, error, 77), (400, violation, 64)] {
        let server = Server::start(Reply::json(status, body)).unwrap();
        has_no_control(&run(ask_script(&server, &[])).failure(code));
    }
}

#[test]
fn a_server_that_echoes_the_key_does_not_make_it_shown() {
    let echo = |status, body: &str| {
        let body = body.replace("KEY", crate::process::KEY);
        Server::start(Reply::json(status, body).header("x-wix-request-id", crate::process::KEY)).unwrap()
    };
    // `run` looks for it.
    let refused = echo(401, r#"{"message":"KEY is no key","details":{"applicationError":{"code":"KEY"}}}"#);
    assert!(run(ask_script(&refused, &[])).failure(77).contains("[redacted] is no key"));
    let garbled = echo(200, r#"{"topUpCredits":{"balance":"KEY"}}"#);
    run(ask_script(&garbled, &[])).failure(65);
}
