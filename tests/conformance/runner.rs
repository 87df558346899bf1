//! A runner: a program in one language that reads settings and prints the result of its library.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Longer than any vector takes on a busy machine. Only a runner that hangs reaches it.
const PATIENCE: Duration = Duration::from_secs(120);

/// The line after the last one of an answer.
const END: &str = "end";

const PROXY_VARIABLES: [&str; 7] =
    ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"];

/// A running runner.
pub(crate) struct Runner {
    child: Child,
    stdin: Option<ChildStdin>,
    printed: Receiver<String>,
    complaints: Option<JoinHandle<String>>,
}

impl Runner {
    /// Starts a command line. Only `environment` has variables that a client reads.
    pub(crate) fn start(command_line: &[OsString], environment: &BTreeMap<String, String>) -> Result<Self, String> {
        let (program, arguments) = command_line.split_first().ok_or("a runner has an empty command line")?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let settings = aicredits::SETTINGS.iter().map(|setting| setting.variable).filter(|name| !name.is_empty());
        for name in settings.chain(PROXY_VARIABLES) {
            command.env_remove(name);
        }
        command.envs(environment);
        let mut child = command.spawn().map_err(|error| format!("{}: {error}", program.display()))?;

        let (sender, printed) = mpsc::channel();
        let mut stdout = BufReader::new(child.stdout.take().ok_or("stdout is not piped")?);
        thread::spawn(move || {
            let mut line = Vec::new();
            while matches!(stdout.read_until(b'\n', &mut line), Ok(1..)) {
                let text = String::from_utf8_lossy(&line);
                if sender.send(text.strip_suffix('\n').unwrap_or(&text).to_owned()).is_err() {
                    break;
                }
                line.clear();
            }
        });
        let mut stderr = child.stderr.take().ok_or("stderr is not piped")?;
        let complaints = thread::spawn(move || {
            let mut text = Vec::new();
            // Show everything that was read before the error.
            let _ = stderr.read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        });
        Ok(Self { stdin: child.stdin.take(), child, printed, complaints: Some(complaints) })
    }

    /// Sends one request's lines and returns the runner's output. After a failure the runner has ended.
    pub(crate) fn ask(mut self, request: &[String]) -> Result<(Vec<String>, Self), String> {
        let text = format!("{}\n\n", request.join("\n"));
        // The output below shows whether the runner ended.
        let _ = self.stdin.as_mut().map(|stdin| stdin.write_all(text.as_bytes()).and_then(|()| stdin.flush()));
        let mut lines = Vec::new();
        loop {
            match self.printed.recv_timeout(PATIENCE) {
                Ok(line) if line == END => return Ok((lines, self)),
                Ok(line) => lines.push(line),
                Err(RecvTimeoutError::Timeout) => return Err(format!("the runner was silent for {PATIENCE:?}")),
                Err(RecvTimeoutError::Disconnected) => {
                    let end = self.finish().err().unwrap_or_default();
                    return Err(format!("the runner's answer does not end; {end}"));
                }
            }
        }
    }

    /// Ends it. It must exit with status 0 and without output on standard error.
    pub(crate) fn finish(mut self) -> Result<(), String> {
        self.stdin = None;
        let surplus = self.printed.recv_timeout(PATIENCE);
        if surplus == Err(RecvTimeoutError::Timeout) {
            return Err("the runner goes on after its input has ended".to_owned());
        }
        let status = self.child.wait().map_err(|error| error.to_string())?;
        let complaints = self.complaints.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        if status.success() && surplus.is_err() && complaints.is_empty() {
            return Ok(());
        }
        Err(format!("the runner ended with {status}; surplus output {surplus:?}; on standard error: {complaints:?}"))
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        // It has already ended after `finish`.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
