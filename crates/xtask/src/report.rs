//! The result of a run: the tests, counted in the runners' output, and a line for each part of the run.

use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::ops::AddAssign;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::tool::{self, Missing, Outcome};

/// How many tests passed, failed, and were not run although they are there.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) ignored: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }
}

/// The line that sums up a whole run. People and CI read it.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

impl Tally {
    /// Runs tests, hands their output on as it comes, and adds what cargo's `test result:` lines, Go's
    /// lines a test and pytest's last line say.
    pub(crate) fn count(&mut self, command: &mut Command, shown: &mut impl Write) -> Outcome {
        let child = command.stdout(Stdio::piped()).spawn();
        let mut child = child.map_err(|error| tool::failure(command, error))?;
        let mut output = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut printed = Vec::new();
        // By bytes: a test may print what is not UTF-8.
        while output.read_until(b'\n', &mut printed)? > 0 {
            shown.write_all(&printed)?;
            let line = String::from_utf8_lossy(&printed);
            if let Some(result) =
                result_line(&line).or_else(|| go_line(&line)).or_else(|| pytest_line(&line)).or_else(|| tap_line(&line))
            {
                *self += result;
            }
            printed.clear();
        }
        let status = child.wait()?;
        if status.success() { Ok(()) } else { Err(tool::failure(command, status)) }
    }
}

/// `test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s`
fn result_line(line: &str) -> Option<Tally> {
    let counts = line.trim_end().strip_prefix("test result: ")?;
    let count =
        |word: &str| counts.split([';', '.']).find_map(|part| part.trim().strip_suffix(word)?.trim_end().parse().ok());
    Some(Tally { passed: count("passed")?, failed: count("failed")?, ignored: count("ignored")? })
}

/// `--- PASS: TestName (0.00s)`; those of subtests are indented, and counted with their test.
fn go_line(line: &str) -> Option<Tally> {
    let (word, _) = line.strip_prefix("--- ")?.split_once(": ")?;
    match word {
        "PASS" => Some(Tally { passed: 1, ..Tally::default() }),
        "FAIL" => Some(Tally { failed: 1, ..Tally::default() }),
        "SKIP" => Some(Tally { ignored: 1, ..Tally::default() }),
        _ => None,
    }
}

/// `2 failed, 57 passed, 1 skipped in 9.39s`
fn pytest_line(line: &str) -> Option<Tally> {
    let (counts, _) = line.trim_end().split_once(" in ")?;
    let mut tally = Tally::default();
    for count in counts.split(", ") {
        let (number, word) = count.split_once(' ')?;
        let number: u64 = number.parse().ok()?;
        match word {
            "passed" => tally.passed = number,
            "failed" | "error" | "errors" => tally.failed += number,
            "skipped" => tally.ignored = number,
            "warning" | "warnings" | "deselected" => {}
            _ => return None,
        }
    }
    Some(tally)
}

/// `# pass 9`, of Node's runner in the form of TAP.
fn tap_line(line: &str) -> Option<Tally> {
    let (word, number) = line.trim_end().strip_prefix("# ")?.split_once(' ')?;
    let number = number.parse().ok()?;
    match word {
        "pass" => Some(Tally { passed: number, ..Tally::default() }),
        "fail" | "cancelled" => Some(Tally { failed: number, ..Tally::default() }),
        "skipped" | "todo" => Some(Tally { ignored: number, ..Tally::default() }),
        _ => None,
    }
}

/// The result of each part of a run, in the order of the parts.
pub(crate) struct Report {
    lines: Vec<Line>,
    /// Whether a part that cannot run makes the whole a failure.
    insists: bool,
}

struct Line {
    part: &'static str,
    end: End,
}

enum End {
    Passed(Duration, Tally),
    Failed(Duration, Tally),
    LeftOut(String),
}

impl Report {
    pub(crate) fn new(insists: bool) -> Report {
        Report { lines: Vec::new(), insists }
    }

    /// A part that ran: shows what went wrong with it at once, since much may follow.
    pub(crate) fn ran(&mut self, part: &'static str, took: Duration, mut tally: Tally, how: Outcome) {
        let end = match how {
            Ok(()) => End::Passed(took, tally),
            Err(error) => {
                eprintln!("{error}");
                // An error before the first test, or in a part without tests, counts as one failure.
                tally.failed = tally.failed.max(1);
                End::Failed(took, tally)
            }
        };
        self.lines.push(Line { part, end });
    }

    /// A part that could not run.
    pub(crate) fn left_out(&mut self, part: &'static str, missing: &Missing) {
        self.lines.push(Line { part, end: End::LeftOut(missing.to_string()) });
    }

    /// The result of another run, after this one.
    pub(crate) fn append(&mut self, other: Report) {
        self.lines.extend(other.lines);
        self.insists |= other.insists;
    }

    /// The sum over all parts.
    pub(crate) fn tally(&self) -> Tally {
        let mut sum = Tally::default();
        for line in &self.lines {
            if let End::Passed(_, tally) | End::Failed(_, tally) = line.end {
                sum += tally;
            }
        }
        sum
    }

    /// A failure names the parts that failed, and those left out where they were insisted on.
    /// A run of which every part was left out has shown nothing, and is one too.
    pub(crate) fn outcome(&self) -> Outcome {
        let nothing_ran = self.lines.iter().all(|line| matches!(line.end, End::LeftOut(_)));
        let bad = self.lines.iter().filter(|line| match line.end {
            End::Passed(..) => false,
            End::Failed(..) => true,
            End::LeftOut(_) => self.insists || nothing_ran,
        });
        let bad: Vec<_> = bad.map(|line| line.part).collect();
        if bad.is_empty() {
            return Ok(());
        }
        Err(format!("failed or could not run: {}", bad.join(", ")).into())
    }
}

/// A line a part.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.lines.iter().map(Line::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, took, tally) = match &self.end {
            End::Passed(took, tally) => ("passed", took, tally),
            End::Failed(took, tally) => ("FAILED", took, tally),
            End::LeftOut(why) => return write!(f, "{:<10} left out            {why}", self.part),
        };
        write!(f, "{:<10} {word:<8} {:>7.1} s", self.part, took.as_secs_f64())?;
        // A test that does not run is never passed over in silence.
        for (count, word) in [(tally.passed, "passed"), (tally.failed, "failed"), (tally.ignored, "ignored")] {
            if count > 0 {
                write!(f, "  {count} {word}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool::VALGRIND;

    #[test]
    fn result_lines_are_read() {
        let line =
            "test result: FAILED. 12 passed; 1 failed; 2 ignored; 0 measured; 3 filtered out; finished in 0.02s\n";
        assert_eq!(result_line(line), Some(Tally { passed: 12, failed: 1, ignored: 2 }));
        assert_eq!(result_line("test result_line ... ok"), None);
        assert_eq!(result_line("it says test result: ok. 1 passed; 0 failed"), None);
    }

    #[test]
    fn go_s_lines_are_read() {
        let counted = |line| go_line(line).map(|tally| (tally.passed, tally.failed, tally.ignored));
        assert_eq!(counted("--- PASS: TestIt (0.01s)\n"), Some((1, 0, 0)));
        assert_eq!(counted("--- FAIL: TestIt (0.01s)\n"), Some((0, 1, 0)));
        assert_eq!(counted("--- SKIP: TestIt (0.01s)\n"), Some((0, 0, 1)));
        assert_eq!(counted("    --- PASS: TestIt/part (0.01s)\n"), None);
        assert_eq!(counted("=== RUN   TestIt\n"), None);
    }

    #[test]
    fn pytest_s_line_is_read() {
        let counted = |line| pytest_line(line).map(|tally| (tally.passed, tally.failed, tally.ignored));
        assert_eq!(counted("57 passed in 9.39s\n"), Some((57, 0, 0)));
        assert_eq!(counted("2 failed, 5 passed, 1 skipped, 1 warning in 9.39s (0:01:39)\n"), Some((5, 2, 1)));
        assert_eq!(counted("1 passed, 1 error in 0.1s"), Some((1, 1, 0)));
        assert_eq!(counted("2 passed, 311 deselected in 5.99s"), Some((2, 0, 0)));
        assert_eq!(counted("nothing passed in 9s"), None);
    }

    #[test]
    fn node_s_lines_are_read() {
        let counted = |line| tap_line(line).map(|tally| (tally.passed, tally.failed, tally.ignored));
        assert_eq!(counted("# pass 9\n"), Some((9, 0, 0)));
        assert_eq!(counted("# fail 2\n"), Some((0, 2, 0)));
        assert_eq!(counted("# skipped 1\n"), Some((0, 0, 1)));
        assert_eq!(counted("# tests 12\n"), None);
        assert_eq!(counted("    # pass 9\n"), None);
    }

    #[test]
    fn a_run_is_summed_and_its_failure_named() {
        let mut tally = Tally::default();
        let script = "for n in 1 2; do echo \"test result: ok. $n passed; 0 failed; 1 ignored\"; done; exit 7";
        let mut shown = Vec::new();
        let run = tally.count(tool::command("sh").args(["-c", script]), &mut shown);
        assert_eq!(tally, Tally { passed: 3, failed: 0, ignored: 2 });
        assert_eq!(shown.iter().filter(|byte| **byte == b'\n').count(), 2);
        let error = run.unwrap_err().to_string();
        assert!(error.ends_with("failed: exit status: 7"), "{error}");
    }

    fn report(insists: bool, second: Outcome) -> Report {
        let mut report = Report::new(insists);
        let took = Duration::from_millis(1500);
        report.ran("rust", took, Tally { passed: 2, ignored: 1, ..Tally::default() }, Ok(()));
        report.ran("c", took, Tally::default(), second);
        report
    }

    #[test]
    fn each_part_has_a_line() {
        let lines = report(false, Err("the compiler broke".into())).to_string();
        assert_eq!(
            lines,
            "rust       passed       1.5 s  2 passed  1 ignored\nc          FAILED       1.5 s  1 failed"
        );
    }

    #[test]
    fn an_error_before_the_first_test_is_a_failure() {
        let report = report(false, Err("the compiler broke".into()));
        assert_eq!(report.tally().to_string(), "2 passed, 1 failed");
        assert_eq!(report.outcome().unwrap_err().to_string(), "failed or could not run: c");
    }

    #[test]
    fn a_part_that_is_left_out_fails_only_if_it_is_required() {
        for insists in [false, true] {
            let mut report = report(insists, Ok(()));
            report.left_out("valgrind", &VALGRIND.missing());
            assert!(report.to_string().ends_with("left out            no valgrind: apt-get install valgrind"));
            assert_eq!(report.outcome().is_err(), insists);
        }
        let mut nothing = Report::new(false);
        nothing.left_out("valgrind", &VALGRIND.missing());
        assert!(nothing.outcome().is_err());
    }
}
