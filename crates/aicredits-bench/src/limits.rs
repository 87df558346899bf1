//! The limits and their results. A figure over its limit is reported and is not a failure.

use std::fmt;

use crate::figures::Figures;
use crate::table::Table;
use crate::works::apart::SCAN;
use crate::works::bench::REFERENCE;
use crate::works::emulator::{EMULATOR, LARGE, PAID, SMALL, TEN_YEARS};
use crate::works::gate::{AFFORD, AFFORDABLE_AT, READINGS, SUB_GATES, THREADS, YARDSTICK};
use crate::works::plugin::{EMPTY, FIXTURE, UNUSED};

const RUST: &str = "aicredits, Rust";
const C: &str = "aicredits, C";
const LIBCURL: &str = "libcurl and cJSON";
const GO: &str = "aicredits, Go";
const NET_HTTP: &str = "net/http and encoding/json";
const PYTHON: &str = "aicredits, Python";
const HTTP_CLIENT: &str = "http.client and json";
const REQUESTS: &str = "requests";
const ORJSON: &str = "orjson";

/// All that was measured in this run.
#[derive(Default)]
pub(crate) struct Results {
    pub(crate) tables: Vec<Table>,
    pub(crate) figures: Vec<Figures>,
}

impl Results {
    fn table(&self, work: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.work == work)
    }

    fn ratio(&self, work: &str, contender: &str, reference: &str) -> Option<Figure> {
        let (value, quiet) = self.table(work)?.ratios(contender, reference)?;
        Some(Figure { value, quiet: Some(quiet) })
    }

    /// The median, in microseconds.
    fn median_us(&self, work: &str, contender: &str) -> Option<Figure> {
        self.table(work)?.times(contender).map(|times| Figure::from(times.median() as f64 / 1e3))
    }

    /// The slowest of all, in milliseconds.
    fn worst_ms(&self, work: &str, contender: &str) -> Option<Figure> {
        self.table(work)?.times(contender).map(|times| Figure::from(times.worst() as f64 / 1e6))
    }

    fn figure(&self, work: &str, contender: &str) -> Option<Figure> {
        self.figures.iter().find(|figures| figures.work == work)?.get(contender).map(Figure::from)
    }

    /// How much more it is than that of another contender.
    fn above(&self, work: &str, contender: &str, reference: &str) -> Option<Figure> {
        Some(Figure::from(self.figure(work, contender)?.value - self.figure(work, reference)?.value))
    }
}

struct Figure {
    value: f64,
    /// Of a ratio, what it is where no other program disturbed.
    quiet: Option<f64>,
}

impl From<f64> for Figure {
    fn from(value: f64) -> Self {
        Figure { value, quiet: None }
    }
}

/// The most that a figure may be.
struct Limit {
    what: &'static str,
    at_most: f64,
    unit: &'static str,
    /// `None` where it was not measured.
    figure: fn(&Results) -> Option<Figure>,
}

const LIMITS: &[Limit] = &[
    Limit {
        what: "Rust, warm call, to the bare socket",
        at_most: 1.8,
        unit: "",
        figure: |results| results.ratio("warm", RUST, REFERENCE),
    },
    Limit {
        what: "C, warm call, to the bare socket",
        at_most: 1.8,
        unit: "",
        figure: |results| results.ratio("warm", C, REFERENCE),
    },
    Limit {
        what: "Rust, warm call, to libcurl",
        at_most: 0.7,
        unit: "",
        figure: |results| results.ratio("warm", RUST, LIBCURL),
    },
    Limit {
        what: "C, warm call, to libcurl",
        at_most: 0.7,
        unit: "",
        figure: |results| results.ratio("warm", C, LIBCURL),
    },
    Limit {
        what: "Go, warm call, to the bare socket",
        at_most: 2.4,
        unit: "",
        figure: |results| results.ratio("warm", GO, REFERENCE),
    },
    Limit {
        what: "Go, warm call, to net/http",
        at_most: 0.5,
        unit: "",
        figure: |results| results.ratio("warm", GO, NET_HTTP),
    },
    Limit {
        what: "Python, warm call, to the bare socket",
        at_most: 2.6,
        unit: "",
        figure: |results| results.ratio("warm", PYTHON, REFERENCE),
    },
    Limit {
        what: "Python, warm call, to http.client",
        at_most: 0.3,
        unit: "",
        figure: |results| results.ratio("warm", PYTHON, HTTP_CLIENT),
    },
    Limit {
        what: "Python, warm call, to requests",
        at_most: 0.05,
        unit: "",
        figure: |results| results.ratio("warm", PYTHON, REQUESTS),
    },
    Limit {
        what: "64 threads in bursts, connections",
        at_most: 64.0,
        unit: "",
        figure: |results| results.table("bursts-64")?.connections(RUST).map(|count| Figure::from(count as f64)),
    },
    Limit {
        what: "64 threads in bursts, failures",
        at_most: 0.0,
        unit: "",
        figure: |results| Some(Figure::from(if results.table("bursts-64")?.times(RUST).is_some() { 0.0 } else { 1.0 })),
    },
    Limit {
        what: "decoding the largest reply, to the scan",
        at_most: 2.0,
        unit: "",
        figure: |results| results.ratio("decode-largest", RUST, SCAN),
    },
    Limit {
        what: "Python, decoding the largest, to orjson",
        at_most: 0.6,
        unit: "",
        figure: |results| results.ratio("decode-largest", PYTHON, ORJSON),
    },
    Limit {
        what: "memory a connection in use, plain",
        at_most: 48.0,
        unit: " KiB",
        figure: |results| results.figure("memory", RUST),
    },
    Limit {
        what: "Rust, system calls in a warm call",
        at_most: 4.0,
        unit: "",
        figure: |results| results.figure("syscalls", RUST),
    },
    Limit {
        what: "C, system calls in a warm call",
        at_most: 4.0,
        unit: "",
        figure: |results| results.figure("syscalls", C),
    },
    Limit {
        what: "Rust, past the deadline, the worst",
        at_most: 100.0,
        unit: " ms",
        figure: |results| results.worst_ms("deadline", RUST),
    },
    Limit {
        what: "C, past the deadline, the worst",
        at_most: 100.0,
        unit: " ms",
        figure: |results| results.worst_ms("deadline", C),
    },
    Limit {
        what: "Rust, from cancel to return, the worst",
        at_most: 50.0,
        unit: " ms",
        figure: |results| results.worst_ms("cancel", RUST),
    },
    Limit {
        what: "C, from cancel to return, the worst",
        at_most: 50.0,
        unit: " ms",
        figure: |results| results.worst_ms("cancel", C),
    },
    Limit {
        what: "Rust, reserve and commit, to the yardstick",
        at_most: 6.0,
        unit: "",
        figure: |results| results.ratio("gate", RUST, YARDSTICK),
    },
    Limit {
        what: "C, reserve and commit, to the yardstick",
        at_most: 10.0,
        unit: "",
        figure: |results| results.ratio("gate", C, YARDSTICK),
    },
    Limit {
        what: "Go, reserve and commit, to the yardstick",
        at_most: 25.0,
        unit: "",
        figure: |results| results.ratio("gate", GO, YARDSTICK),
    },
    Limit {
        what: "Python, reserve and commit, to the same",
        at_most: 25.0,
        unit: "",
        figure: |results| results.ratio("gate", PYTHON, YARDSTICK),
    },
    Limit {
        what: "64 threads on one gate, to one thread",
        at_most: 2.0,
        unit: "",
        figure: |results| results.ratio("gate", THREADS, RUST),
    },
    Limit {
        what: "1,000 sub-gates, to a gate without",
        at_most: 2.0,
        unit: "",
        figure: |results| results.ratio("gate", SUB_GATES, RUST),
    },
    Limit {
        what: "a storm of denials, readings too many",
        at_most: 0.0,
        unit: "",
        figure: |results| results.figure("gate-storm", READINGS),
    },
    Limit {
        what: "can_afford, 999 x 10 rules",
        at_most: 20.0,
        unit: " us",
        figure: |results| results.median_us("afford", AFFORD),
    },
    Limit {
        what: "the same, with affordable_at",
        at_most: 2000.0,
        unit: " us",
        figure: |results| results.median_us("afford", AFFORDABLE_AT),
    },
    Limit {
        // At least 20,000 requests a second.
        what: "the emulator, time a request",
        at_most: 50.0,
        unit: " us",
        figure: |results| results.figure("emulator", EMULATOR).map(|rate| Figure::from(1e6 / rate.value)),
    },
    Limit {
        what: "the emulator, memory gained, small bodies",
        at_most: 4096.0,
        unit: " KiB",
        figure: |results| results.figure("emulator-memory", SMALL),
    },
    Limit {
        what: "the emulator, memory gained, large bodies",
        at_most: 4096.0,
        unit: " KiB",
        figure: |results| results.figure("emulator-memory", LARGE),
    },
    Limit {
        // Two hash tables of 65,536 entries double once, by 4.4 MiB each, at a moment that depends on their seeds.
        what: "the emulator, memory gained, paid actions",
        at_most: 12288.0,
        unit: " KiB",
        figure: |results| results.figure("emulator-memory", PAID),
    },
    Limit {
        what: "the emulator, ten years of daily rules",
        at_most: 1000.0,
        unit: " ms",
        figure: |results| results.figure("emulator-clock", TEN_YEARS),
    },
    Limit {
        // pytest alone takes longer than that for an empty plugin of the same package.
        what: "pytest, the plugin, above an empty one",
        at_most: 1.0,
        unit: " ms",
        figure: |results| results.above("pytest-plugin", UNUSED, EMPTY),
    },
    Limit {
        what: "pytest, the fixtures of a test",
        at_most: 10.0,
        unit: " ms",
        figure: |results| results.figure("pytest-plugin", FIXTURE),
    },
];

/// A line a limit.
impl fmt::Display for Results {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "must hold")?;
        for Limit { what, at_most, unit, figure } in LIMITS {
            let limit = format!("{at_most}{unit}");
            write!(f, "  {what:<40} at most {limit:>7}: ")?;
            match figure(self) {
                None => writeln!(f, "not measured")?,
                Some(Figure { value, quiet }) => {
                    let digits = digits(*at_most);
                    write!(f, "{value:>7.digits$}{unit}  {}", verdict(value, *at_most))?;
                    match quiet {
                        Some(quiet) => writeln!(f, " (quiet: {quiet:.digits$}, {})", verdict(quiet, *at_most))?,
                        None => writeln!(f)?,
                    }
                }
            }
        }
        Ok(())
    }
}

/// How many digits after the point are shown: of a small ratio two would hide a tenth of it.
fn digits(at_most: f64) -> usize {
    if at_most > 0.0 && at_most < 0.1 { 3 } else { 2 }
}

fn verdict(figure: f64, at_most: f64) -> &'static str {
    // Of a ratio no more is known than what is shown.
    let shown = 10_f64.powi(digits(at_most) as i32);
    if (figure * shown).round() <= (at_most * shown).round() { "held" } else { "NOT HELD" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Times;

    fn results(ours: u64) -> Results {
        let mut table = Table::new("warm", String::new(), REFERENCE);
        for (name, nanoseconds) in [(REFERENCE, 10_000), (RUST, ours)] {
            let mut times = Times::default();
            times.add_round(vec![nanoseconds]);
            table.add(name, Ok(times), "");
        }
        Results { tables: vec![table], figures: Vec::new() }
    }

    #[test]
    fn each_limit_is_held_or_not_or_was_not_measured() {
        let shown = results(18_000).to_string();
        assert!(shown.contains("bare socket      at most     1.8:    1.80  held (quiet: 1.80, held)\n"), "{shown}");
        assert!(shown.contains("Rust, warm call, to libcurl              at most     0.7: not measured\n"), "{shown}");
        assert!(results(18_100).to_string().contains("1.81  NOT HELD (quiet: 1.81, NOT HELD)\n"));
    }

    #[test]
    fn a_small_limit_is_not_rounded_away() {
        assert_eq!(
            [0.050, 0.0504, 0.0506, 0.06].map(|figure| verdict(figure, 0.05) == "held"),
            [true, true, false, false]
        );
        assert_eq!([0.604, 0.606].map(|figure| verdict(figure, 0.6) == "held"), [true, false]);
        assert_eq!([0.0, 0.01].map(|figure| verdict(figure, 0.0) == "held"), [true, false]);
    }

    /// A contender that is renamed in the list would silently be "not measured" here.
    #[test]
    fn the_names_are_those_of_the_list() {
        let list = include_str!("../../xtask/src/bench.rs");
        for name in [
            REFERENCE,
            SCAN,
            RUST,
            C,
            LIBCURL,
            GO,
            NET_HTTP,
            PYTHON,
            HTTP_CLIENT,
            REQUESTS,
            ORJSON,
            YARDSTICK,
            EMULATOR,
        ] {
            assert!(list.contains(&format!("\"{name}\"")), "{name}");
        }
    }
}
