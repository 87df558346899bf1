//! The result of a work: one line per contender, on the screen and in `target/bench.json`.

use std::fmt;
use std::fmt::Write;

use serde_json::{Value, json};

use crate::stats::Times;

/// One work, by every contender.
pub(crate) struct Table {
    pub(crate) work: &'static str,
    /// The task, and the number of repetitions.
    title: String,
    /// The name of the contender that the ratios are to.
    reference: &'static str,
    rows: Vec<Row>,
}

pub(crate) struct Row {
    contender: String,
    end: Result<Times, String>,
    note: String,
    /// How many it opened, where that is counted.
    pub(crate) connections: usize,
}

impl Table {
    pub(crate) fn new(work: &'static str, title: String, reference: &'static str) -> Table {
        Table { work, title, reference, rows: Vec::new() }
    }

    /// `Err` says why there are no times: what is missing, or why it was disqualified.
    pub(crate) fn add(&mut self, contender: &str, end: Result<Times, String>, note: impl Into<String>) -> &mut Row {
        self.rows.push(Row { contender: contender.to_owned(), end, note: note.into(), connections: 0 });
        self.rows.last_mut().expect("it was pushed")
    }

    pub(crate) fn connections(&self, contender: &str) -> Option<usize> {
        self.rows.iter().find(|row| row.contender == contender).map(|row| row.connections)
    }

    pub(crate) fn times(&self, contender: &str) -> Option<&Times> {
        self.rows.iter().find(|row| row.contender == contender)?.end.as_ref().ok()
    }

    /// The ratio of the medians, and that of the undisturbed calls.
    pub(crate) fn ratios(&self, contender: &str, reference: &str) -> Option<(f64, f64)> {
        let (times, reference) = (self.times(contender)?, self.times(reference)?);
        Some((times.ratio(reference), times.quiet_ratio(reference)))
    }

    /// A list of `{work, contender, median_ns, p99_ns, ratio}`, of those that have times.
    pub(crate) fn json(&self) -> Vec<Value> {
        let timed = self.rows.iter().filter_map(|Row { contender, end, .. }| Some((contender, end.as_ref().ok()?)));
        let value = |(contender, times): (&String, &Times)| {
            let ratio = self.times(self.reference).map(|reference| times.ratio(reference));
            json!({
                "work": self.work,
                "contender": contender,
                "median_ns": times.median(),
                "p99_ns": times.p99(),
                "ratio": ratio,
            })
        };
        timed.map(value).collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.work, self.title)?;
        writeln!(f, "  {:<24} {:>10} {:>10} {:>7} {:>7}  by round", "", "median", "p99", "ratio", "quiet")?;
        for Row { contender, end, note, .. } in &self.rows {
            write!(f, "  {contender:<24} ")?;
            match end {
                Err(why) => writeln!(f, "{why}")?,
                Ok(times) => writeln!(f, "{}", self.figures(times, note))?,
            }
        }
        Ok(())
    }
}

impl Table {
    fn figures(&self, times: &Times, note: &str) -> String {
        let mut line = format!("{:>10} {:>10}", duration(times.median()), duration(times.p99()));
        if let Some(reference) = self.times(self.reference) {
            let (least, most) = times.ratio_range(reference);
            let (ratio, quiet) = (times.ratio(reference), times.quiet_ratio(reference));
            write!(line, " {ratio:>7.2} {quiet:>7.2}  {least:.2} to {most:.2}").expect("it is memory");
        }
        if !note.is_empty() {
            write!(line, "  {note}").expect("it is memory");
        }
        line
    }
}

/// With three digits or more, and a unit that fits.
pub(crate) fn duration(nanoseconds: u64) -> String {
    let nanoseconds = nanoseconds as f64;
    match nanoseconds {
        0.0..1e4 => format!("{nanoseconds:.0} ns"),
        1e4..1e6 => format!("{:.1} µs", nanoseconds / 1e3),
        _ => format!("{:.2} ms", nanoseconds / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new("warm", "a title".to_owned(), "bare");
        for (name, nanoseconds) in [("bare", 10_000), ("ours", 18_000)] {
            let mut times = Times::default();
            times.add_round(vec![nanoseconds; 3]);
            table.add(name, Ok(times), "");
        }
        table.add("libcurl", Err("left out: no headers".to_owned()), "");
        table
    }

    #[test]
    fn json_has_the_five_members_of_each_that_was_timed() {
        assert_eq!(
            table().json(),
            [
                json!({"work": "warm", "contender": "bare", "median_ns": 10_000, "p99_ns": 10_000, "ratio": 1.0}),
                json!({"work": "warm", "contender": "ours", "median_ns": 18_000, "p99_ns": 18_000, "ratio": 1.8}),
            ]
        );
    }

    #[test]
    fn a_contender_without_times_is_shown_with_the_reason() {
        let shown = table().to_string();
        assert!(
            shown.contains("ours                        18.0 µs    18.0 µs    1.80    1.80  1.80 to 1.80\n"),
            "{shown}"
        );
        assert!(shown.contains("libcurl                  left out: no headers\n"), "{shown}");
    }

    #[test]
    fn durations_have_a_unit_that_fits() {
        assert_eq!([9_999, 12_345, 2_500_000].map(duration), ["9999 ns", "12.3 µs", "2.50 ms"]);
    }
}
