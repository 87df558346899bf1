//! A check of CI that runs while the suites do, with the time of the processors that they leave.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Child;
use std::time::{Duration, Instant};

use crate::tool::{self, Outcome};

/// A check that runs.
#[derive(Debug)]
pub(crate) struct Background {
    running: Child,
    started: Instant,
    log: PathBuf,
}

impl Background {
    /// Starts `cargo xtask ci --only NAME`.
    pub(crate) fn start(name: &str) -> Outcome<Background> {
        let log = tool::cargo_target().join(format!("{name}.log"));
        let file = File::create(&log)?;
        let cargo = tool::cargo("xtask");
        let mut nice = tool::command("nice");
        nice.args(["-n", "19"]).arg(cargo.get_program()).args(cargo.get_args()).args(["ci", "--only", name]);
        nice.env("CARGO_TARGET_DIR", tool::cargo_target()).stdout(file.try_clone()?).stderr(file);
        let running = nice.spawn().map_err(|error| tool::failure(&nice, error))?;
        Ok(Background { running, started: Instant::now(), log })
    }

    /// Waits for its end. Returns what it printed, how long it took, and how it ended.
    pub(crate) fn wait(mut self) -> Outcome<(String, Duration, Outcome)> {
        let status = self.running.wait()?;
        let printed = String::from_utf8_lossy(&fs::read(&self.log)?).into_owned();
        let how = if status.success() { Ok(()) } else { Err(format!("{}: {status}", self.log.display()).into()) };
        Ok((printed, self.started.elapsed(), how))
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // Nobody waits for it if the suites could not run. After `wait` this does nothing.
        let _ = self.running.kill();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_runs_and_reports() {
        let (printed, took, how) = Background::start("version").unwrap().wait().unwrap();
        assert!(how.is_ok() && printed.contains("version") && took > Duration::ZERO, "{printed}");
        let (printed, _, how) = Background::start("no-such-check").unwrap().wait().unwrap();
        assert!(how.unwrap_err().to_string().contains("no-such-check.log: exit status: 1"));
        assert!(printed.contains("there is no check `no-such-check`"), "{printed}");
    }
}
