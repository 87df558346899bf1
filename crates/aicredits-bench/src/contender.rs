//! The contenders: programs that make the calls and time them.
//!
//! `README.md` describes the protocol.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// No round takes so long.
const PATIENCE: Duration = Duration::from_secs(120);

/// Variables of the user that could change a client's server or its settings.
const ELSEWHERE: [&str; 12] = [
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "WIX_SITE_ID",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
];

/// A program, or why it is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contender {
    pub(crate) name: String,
    /// Its tasks: `call`, `threads`, `decode` and so on.
    does: Vec<String>,
    /// The command line, or what is missing.
    pub(crate) program: Result<Vec<OsString>, String>,
}

impl Contender {
    pub(crate) fn does(&self, what: &str) -> bool {
        self.does.iter().any(|done| done == what)
    }

    /// This tool around a contender.
    pub(crate) fn wrapping(&self, arguments: Vec<String>, contender: &Contender) -> Contender {
        let line = self.program.clone().and_then(|mut line| {
            line.extend(arguments.into_iter().map(OsString::from));
            line.extend(contender.program.clone()?);
            Ok(line)
        });
        Contender { program: line, ..contender.clone() }
    }

    /// The list as `cargo xtask bench` writes it: a line each, of a name, what it does, and either `!` and what is
    /// missing or the command line; with tabs between.
    pub(crate) fn read_list(path: &Path) -> Result<Vec<Contender>, String> {
        let list = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        list.lines().map(|line| parse(line).ok_or_else(|| format!("not a contender: {line}"))).collect()
    }

    /// Starts it.
    pub(crate) fn start(&self, environment: &[(&str, String)]) -> Result<Running, String> {
        let line = self.program.as_ref().map_err(String::clone)?;
        let mut command = Command::new(&line[0]);
        command.args(&line[1..]);
        Running::start(command, environment)
    }
}

fn parse(line: &str) -> Option<Contender> {
    let mut fields = line.split('\t');
    let (name, does) = (fields.next()?.to_owned(), fields.next()?.split(',').map(str::to_owned).collect());
    let words: Vec<&str> = fields.collect();
    let program = match words[..] {
        [] => return None,
        ["!", missing] => Err(missing.to_owned()),
        _ => Ok(words.into_iter().map(OsString::from).collect()),
    };
    Some(Contender { name, does, program })
}

/// A contender at work. It ends with its input.
pub(crate) struct Running {
    child: Child,
    input: Option<ChildStdin>,
    answers: Receiver<String>,
}

impl Running {
    pub(crate) fn start(mut command: Command, environment: &[(&str, String)]) -> Result<Running, String> {
        for name in ELSEWHERE {
            command.env_remove(name);
        }
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", command.get_program().display()))?;
        let (sender, answers) = mpsc::channel();
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let input = child.stdin.take();
        Ok(Running { child, input, answers })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Has it make so many calls, and gives the nanoseconds of each.
    pub(crate) fn ask(&mut self, count: usize) -> Result<Vec<u64>, String> {
        let times = self.answer(count)?;
        if times.len() == count { Ok(times) } else { Err(format!("answered {count} calls with {} times", times.len())) }
    }

    /// Its answer to a number.
    pub(crate) fn answer(&mut self, number: usize) -> Result<Vec<u64>, String> {
        let input = self.input.as_mut().expect("it is open until the end");
        // If it has ended, no answer comes, and its exit status is a better message than a broken pipe.
        let _ = writeln!(input, "{number}");
        let answer = self.line()?;
        answer.split_whitespace().map(|word| word.parse().map_err(|_| format!("answered `{word}`"))).collect()
    }

    /// The next line that it prints.
    pub(crate) fn line(&mut self) -> Result<String, String> {
        match self.answers.recv_timeout(PATIENCE) {
            Ok(line) => Ok(line),
            Err(RecvTimeoutError::Timeout) => Err(format!("no answer within {PATIENCE:?}")),
            Err(RecvTimeoutError::Disconnected) => Err(self.wait()),
        }
    }

    /// Lets it end.
    pub(crate) fn finish(mut self) -> Result<(), String> {
        drop(self.input.take());
        match self.answers.recv_timeout(PATIENCE) {
            Err(RecvTimeoutError::Disconnected) => {}
            _ => return Err("did not end with its input".to_owned()),
        }
        let status = self.child.wait().map_err(|error| error.to_string())?;
        if status.success() { Ok(()) } else { Err(status.to_string()) }
    }

    fn wait(&mut self) -> String {
        self.child.wait().map_or_else(|error| error.to_string(), |status| format!("ended with {status}"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Mostly it has ended already; where not, it does not answer.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Running {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Running::start(command, &[("ANSWER", "7".to_owned())]).unwrap()
    }

    #[test]
    fn a_list_names_programs_and_what_is_missing() {
        let there = parse("ureq\tcall,threads\t/bin/x\t-v").unwrap();
        assert_eq!(there.program, Ok(vec!["/bin/x".into(), "-v".into()]));
        assert!(there.does("threads") && !there.does("thread"));
        assert_eq!(parse("libcurl\tcall\t!\tno headers").unwrap().program, Err("no headers".to_owned()));
        assert_eq!(parse("libcurl\tcall"), None);
    }

    #[test]
    fn a_program_answers_line_by_line_and_ends_with_its_input() {
        let mut running = shell("while read count; do echo $ANSWER $count; done");
        assert_eq!(running.ask(2), Ok(vec![7, 2]));
        assert_eq!(running.answer(3), Ok(vec![7, 3]));
        assert_eq!(running.ask(3), Err("answered 3 calls with 2 times".to_owned()));
        assert_eq!(running.finish(), Ok(()));
    }

    #[test]
    fn a_program_that_fails_is_told_by_its_status() {
        assert!(shell("read count; exit 3").ask(1).unwrap_err().contains("exit status: 3"));
        assert!(shell("read count; exit 3").finish().unwrap_err().contains("exit status: 3"));
    }
}
