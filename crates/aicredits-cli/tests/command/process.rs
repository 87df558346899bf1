//! Runs the command without the developer's environment.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use aicredits_emulator::Emulator;
use aicredits_emulator::script::Server;

/// The key of the tests. It must be in the request, and in no output.
pub(crate) const KEY: &str = "IST.canary-7f3a";

/// `aicredits` with these arguments, and no variable but a locale of UTF-8.
pub(crate) fn aicredits(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aicredits"));
    command
        .env_clear()
        .env("LANG", "C.UTF-8")
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The `PATH` of a shell in which `aicredits` is the built one.
pub(crate) fn path() -> String {
    let folder = Path::new(env!("CARGO_BIN_EXE_aicredits")).parent().unwrap();
    format!("{}:/usr/bin:/bin", folder.display())
}

/// `aicredits balance` with these arguments, in an environment that names the emulator and its account.
pub(crate) fn ask(emulator: &Emulator, args: &[&str]) -> Command {
    with_emulator(aicredits(&[&["balance"], args].concat()), emulator)
}

/// The command in an environment that names the emulator and its account.
pub(crate) fn with_emulator(mut command: Command, emulator: &Emulator) -> Command {
    command
        .env("WIX_API_KEY", emulator.api_key())
        .env("WIX_ACCOUNT_ID", emulator.account_id())
        .env("AICREDITS_BASE_URL", emulator.url());
    command
}

/// `aicredits balance` with these arguments, in an environment that names a scripted server and the account `a`.
pub(crate) fn ask_script(server: &Server, args: &[&str]) -> Command {
    with_script(aicredits(&[&["balance"], args].concat()), server)
}

/// The command in an environment that names a scripted server and the account `a`.
pub(crate) fn with_script(mut command: Command, server: &Server) -> Command {
    command.env("WIX_API_KEY", KEY).env("WIX_ACCOUNT_ID", "a").env("AICREDITS_BASE_URL", server.url());
    command
}

/// The output of a command, and its exit code.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
}

/// Runs the command to its end. In every test it also checks that no key is shown.
pub(crate) fn run(mut command: Command) -> Said {
    said(command.output().unwrap())
}

/// As [`run`], with this on its standard input.
pub(crate) fn run_with_input(mut command: Command, input: &[u8]) -> Said {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input).unwrap();
    drop(stdin);
    said(child.wait_with_output().unwrap())
}

fn said(output: Output) -> Said {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let said = Said { stdout: text(output.stdout), stderr: text(output.stderr), code: output.status.code() };
    for secret in ["canary", aicredits_emulator::example::API_KEY, aicredits_emulator::example::SITE_KEY] {
        assert!(!said.stdout.contains(secret) && !said.stderr.contains(secret), "{said:?} shows the key");
    }
    said
}

impl Said {
    /// Asserts success without output on standard error.
    pub(crate) fn success(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{}", self.stdout);
        self.stdout
    }

    /// Asserts failure with this code, without output on standard output. Returns the message.
    pub(crate) fn failure(self, code: i32) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (Some(code), ""), "{}", self.stderr);
        self.stderr
    }
}
