//! The report: a table of vectors and languages, the counts, and the faults.

use std::time::Duration;

use crate::verdict::Verdict;

/// The result of the whole run.
pub(crate) struct Report<'a> {
    pub(crate) languages: Vec<&'static str>,
    /// One row per vector: its name, its sentence, and one verdict per language.
    pub(crate) rows: Vec<(&'a str, &'a str, Vec<&'a Verdict>)>,
    /// Checks of the suite as a whole, each with its faults.
    pub(crate) checks: Vec<(String, Vec<String>)>,
}

impl Report<'_> {
    /// Prints it. Returns false if there is a fault.
    pub(crate) fn print(&self, took: Duration) -> bool {
        let width = self.rows.iter().map(|(name, ..)| name.len()).max().unwrap_or_default().max(12);
        println!("\n{:<width$}  {}", "vector", self.line(|language| language.to_owned()));
        for (name, _, verdicts) in &self.rows {
            let mut verdicts = verdicts.iter();
            let words = self.line(|_| verdicts.next().map_or("", |verdict| verdict.word()).to_owned());
            println!("{name:<width$}  {words}");
        }
        for (what, count) in [("passed", true), ("failed", false)] {
            let mut column = 0..;
            let counts = self.line(|_| {
                let column = column.next().unwrap_or_default();
                self.rows.iter().filter(|(.., verdicts)| verdicts[column].passed() == count).count().to_string()
            });
            println!("{what:<width$}  {counts}");
        }

        for (name, about, verdicts) in &self.rows {
            for (language, verdict) in self.languages.iter().zip(verdicts) {
                if !verdict.faults().is_empty() {
                    println!("\n{name} ({language}): {about}");
                    verdict.faults().iter().for_each(|fault| println!("    {fault}"));
                }
            }
        }
        println!();
        for (check, faults) in &self.checks {
            println!("{check} ... {}", if faults.is_empty() { "ok" } else { "FAILED" });
            faults.iter().for_each(|fault| println!("    {fault}"));
        }
        self.print_result(took)
    }

    /// The last line of Rust's test harness: `cargo xtask test` counts by that line.
    fn print_result(&self, took: Duration) -> bool {
        let verdicts = self.rows.iter().flat_map(|(.., verdicts)| verdicts).map(|verdict| verdict.passed());
        let results: Vec<bool> = verdicts.chain(self.checks.iter().map(|(_, faults)| faults.is_empty())).collect();
        let passed = results.iter().filter(|&&passed| passed).count();
        let failed = results.len() - passed;
        println!(
            "\ntest result: {}. {passed} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out; finished in {:.2}s\n",
            if failed == 0 { "ok" } else { "FAILED" },
            took.as_secs_f64()
        );
        failed == 0
    }

    fn line(&self, mut cell: impl FnMut(&str) -> String) -> String {
        self.languages.iter().map(|language| format!("{:<8}", cell(language))).collect::<String>().trim_end().to_owned()
    }
}
