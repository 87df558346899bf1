//! The same balance in every language. A scripted server plays each vector of `tests/vectors` to a runner in each
//! language. The runner's output and requests are compared with the vector. `tests/README.md` describes the details.
//!
//! A word on the command line selects the vectors with this word in their name.

mod contract;
mod coverage;
mod expectation;
mod fields;
mod languages;
mod report;
mod runner;
mod scenario;
mod vector;
mod verdict;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use aicredits::{CALL_SETTINGS, GATE_SETTINGS, SETTINGS, Surface};

use crate::expectation::Outcome;
use crate::languages::{LANGUAGES, Language};
use crate::report::Report;
use crate::runner::Runner;
use crate::scenario::Stage;
use crate::vector::Vector;
use crate::verdict::Verdict;

fn main() -> ExitCode {
    let started = Instant::now();
    let words: Vec<String> = env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut vectors = match vector::load(&tests.join("vectors"), include_str!("standard.json")) {
        Ok(vectors) => vectors,
        Err(faults) => {
            faults.iter().for_each(|fault| println!("{fault}"));
            return ExitCode::FAILURE;
        }
    };
    vectors.retain(|vector| words.is_empty() || words.iter().any(|word| vector.name.contains(word.as_str())));

    let (languages, left_out): (Vec<_>, Vec<_>) =
        LANGUAGES.iter().partition(|language| language.tool.is_none_or(|tool| env::var_os(tool).is_some()));
    for language in &left_out {
        println!("{} is left out: its tool is missing (see the list of suites)", language.name);
    }
    let spoken: Vec<Result<Vec<Verdict>, String>> = thread::scope(|scope| {
        let vectors = &vectors;
        let threads: Vec<_> = languages.iter().map(|language| scope.spawn(move || speak(language, vectors))).collect();
        // The message of a panic is above the report.
        threads.into_iter().map(|thread| thread.join().map_err(|_| "it panicked".to_owned())).collect()
    });

    let mut checks: Vec<(String, Vec<String>)> = Vec::new();
    let mut verdicts = Vec::new();
    for (language, spoken) in languages.iter().zip(spoken) {
        let (of_vectors, faults) = match spoken {
            Ok(verdicts) => (verdicts, Vec::new()),
            Err(fault) => (vectors.iter().map(|_| Verdict::NotRun).collect(), vec![fault]),
        };
        checks.push((format!("the runner of {} is built", language.name), faults));
        verdicts.push(of_vectors);
    }
    checks.push(alterations(&vectors, &verdicts));
    if words.is_empty() {
        checks.push(covered(&vectors));
        checks.push(as_many_as_stated(&verdicts, left_out.len(), tests));
    } else if vectors.is_empty() {
        checks.push((format!("a vector has {} in its name", words.join(" or ")), vec!["none has".to_owned()]));
    }
    let row = |index: usize| verdicts.iter().map(|verdicts| &verdicts[index]).collect();
    let rows = vectors.iter().enumerate().map(|(index, vector)| (&*vector.name, &*vector.about, row(index)));
    let report =
        Report { languages: languages.iter().map(|language| language.name).collect(), rows: rows.collect(), checks };
    if report.print(started.elapsed()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Plays every vector to one language's runner.
fn speak(language: &Language, vectors: &[Vector]) -> Vec<Verdict> {
    let command_line = (language.build)();
    let mut shared: Option<Runner> = None;
    let mut verdicts: Vec<Verdict> = Vec::new();
    for vector in vectors {
        let verdict = Stage::new(vector).and_then(|stage| {
            let outcome = if vector.environment.is_empty() {
                let runner = shared.take().map_or_else(|| Runner::start(&command_line, &BTreeMap::new()), Ok)?;
                let (outcome, runner) = stage.play(vector, runner)?;
                shared = Some(runner);
                outcome
            } else {
                // A process has one environment, so a vector that sets it needs a separate process.
                let variables = vector.environment.iter();
                let variables = variables.map(|(name, value)| (name.clone(), stage.resolve(value))).collect();
                let (outcome, runner) = stage.play(vector, Runner::start(&command_line, &variables)?)?;
                runner.finish()?;
                outcome
            };
            Ok(judge(vector, &outcome, &stage, language.surface))
        });
        verdicts.push(verdict.unwrap_or_else(Verdict::Broken));
    }
    // A fault at the end of a runner is reported with its last vector.
    if let (Some(Err(fault)), Some(last)) = (shared.map(Runner::finish), verdicts.last_mut()) {
        *last = Verdict::Broken(fault);
    }
    verdicts
}

/// Compares, and then tests the comparison: it must fail after a change in any one text of the expectation.
fn judge(vector: &Vector, outcome: &Outcome, stage: &Stage, surface: Surface) -> Verdict {
    let resolve = |text: &str| with_names(surface, stage.resolve(text));
    let alterations = vector.expected.clone().texts().len();
    let mut unnoticed = Vec::new();
    for index in 0..alterations {
        let mut altered = vector.expected.clone();
        let text = altered.texts().swap_remove(index);
        *text = alter(text, vector.name.len() + index);
        let shown = text.clone();
        if altered.holds(outcome, resolve) {
            unnoticed.push(format!("{}: `{shown}`", vector.name));
        }
    }
    Verdict::Judged { differences: vector.expected.differences(outcome, resolve), alterations, unnoticed }
}

/// Replaces `{setting:base_url}`, `{call:timeout}` and `{gate:max_age}` with the language's names of settings.
fn with_names(surface: Surface, text: String) -> String {
    if !text.contains('{') {
        return text;
    }
    let tables = [("setting", SETTINGS), ("call", CALL_SETTINGS), ("gate", GATE_SETTINGS)];
    let rows = tables.into_iter().flat_map(|(kind, table)| table.iter().map(move |row| (kind, row)));
    rows.fold(text, |text, (kind, row)| {
        text.replace(&format!("{{{kind}:{}}}", row.name), row.name_in(surface).unwrap_or_default())
    })
}

/// The text with one character changed.
fn alter(text: &str, place: usize) -> String {
    let place = place % text.chars().count().max(1);
    let other = |character| if character == '#' { '$' } else { '#' };
    text.chars()
        .enumerate()
        .map(|(index, character)| if index == place { other(character) } else { character })
        .collect()
}

fn alterations(vectors: &[Vector], verdicts: &[Vec<Verdict>]) -> (String, Vec<String>) {
    let mut count = 0;
    let mut faults = Vec::new();
    for verdict in verdicts.iter().flatten() {
        if let Verdict::Judged { alterations, unnoticed, .. } = verdict {
            count += alterations;
            faults.extend(unnoticed.clone());
        }
    }
    let languages = verdicts.len();
    (format!("{count} altered expectations of {} vectors in {languages} languages all fail", vectors.len()), faults)
}

fn covered(vectors: &[Vector]) -> (String, Vec<String>) {
    let coverage = coverage::of(vectors);
    let excused: Vec<_> = contract::CANNOT_HAPPEN.iter().map(|(kind, _)| *kind).collect();
    (format!("{} rows are covered, {} excused", coverage.rows, excused.join(", ")), coverage.faults)
}

/// `tests/README.md` has the numbers, so that a lost vector or language fails the suite.
fn as_many_as_stated(verdicts: &[Vec<Verdict>], left_out: usize, tests: &Path) -> (String, Vec<String>) {
    let readme = tests.join("README.md");
    let text = fs::read_to_string(&readme).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("Vectors: "));
    let stated: Option<Vec<usize>> =
        line.map(|line| line.split("**").skip(1).step_by(2).filter_map(|number| number.parse().ok()).collect());
    let ran = |verdicts: &Vec<Verdict>| verdicts.iter().filter(|verdict| !matches!(verdict, Verdict::NotRun)).count();
    let counts: Vec<_> = verdicts.iter().map(ran).collect();
    let faults = match stated.as_deref() {
        Some(&[vectors, languages]) if counts == vec![vectors; languages.saturating_sub(left_out)] => Vec::new(),
        Some(&[vectors, languages]) => {
            vec![format!("it states {vectors} vectors in {languages} languages, and these ran in each: {counts:?}")]
        }
        _ => vec!["it has no line `Vectors: **<number>** in each of **<number>** languages`".to_owned()],
    };
    ("as many vectors and languages as tests/README.md states".to_owned(), faults)
}
