//! The API's emulator, for the programs that the commands run.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::tool::{self, Outcome};

/// `aicredits emulator`, for as long as this lives.
pub(crate) struct Emulator {
    process: Child,
    /// Kept open, so that what it prints later does not break it.
    _output: BufReader<ChildStdout>,
    settings: Vec<(String, String)>,
}

/// Its first line of output, once it listens.
const SAID: [&str; 3] = ["WIX_API_KEY", "WIX_ACCOUNT_ID", "AICREDITS_BASE_URL"];

impl Emulator {
    /// Starts the command that lies in this folder.
    pub(crate) fn start(programs: &Path) -> Outcome<Emulator> {
        let mut command = tool::command(programs.join("aicredits"));
        // Its input is a pipe from here, so it ends with this process, however that ends.
        command.args(["emulator", "--with-stdin"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().map_err(|error| tool::failure(&command, error))?;
        let mut output = BufReader::new(process.stdout.take().expect("it is piped"));
        let settings = read_settings(&mut output);
        let emulator = Emulator { process, _output: output, settings };
        if let Some(unset) = SAID.iter().find(|name| emulator.settings.iter().all(|(set, _)| set != *name)) {
            return Err(tool::failure(&command, format_args!("it ended without saying {unset}")));
        }
        Ok(emulator)
    }

    /// Its base URL.
    pub(crate) fn address(&self) -> Option<&str> {
        self.settings.iter().find(|(name, _)| name == "AICREDITS_BASE_URL").map(|(_, url)| url.as_str())
    }

    /// Sets a program's environment so that it asks here.
    pub(crate) fn speak_to(&self, program: &mut Command) {
        // A variable of the user's environment, such as a site, would be a second scope.
        for variable in tool::SETTINGS {
            program.env_remove(variable);
        }
        program.envs(self.settings.iter().cloned());
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing else to do about it here.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads `NAME=value` lines until each setting was told.
fn read_settings(output: &mut impl BufRead) -> Vec<(String, String)> {
    let mut settings = Vec::new();
    for line in output.lines().map_while(Result::ok) {
        if let Some((name, value)) = line.split_once('=').filter(|(name, _)| SAID.contains(name)) {
            settings.push((name.to_owned(), value.to_owned()));
        }
        if settings.len() == SAID.len() {
            break;
        }
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_until_the_last_and_not_beyond() {
        let mut output =
            "listening\nWIX_API_KEY=IST.a=b\nWIX_ACCOUNT_ID=1\nAICREDITS_BASE_URL=http://h:1\nmore\n".as_bytes();
        let settings = read_settings(&mut output);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            settings,
            [pair("WIX_API_KEY", "IST.a=b"), pair("WIX_ACCOUNT_ID", "1"), pair("AICREDITS_BASE_URL", "http://h:1")]
        );
        assert_eq!(output, b"more\n");
    }

    #[test]
    fn output_that_ends_early_gives_what_there_was() {
        assert_eq!(read_settings(&mut "WIX_API_KEY=k\n".as_bytes()).len(), 1);
    }
}
