//! `cargo xtask language`: words that a reader has to look up, in the text that the project wrote.
//!
//! A hit that must stay is marked on its line or on the line before it, with the name of the rule and the reason:
//! `language: allow(guest): the name of a crate`.

mod check;
mod passage;
mod rules;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::process::Stdio;

use check::Hit;
use passage::Syntax;

use crate::tool::{self, Outcome};

/// The subjects of the commits after this one are checked.
const BASE: &str = "144701c";
const LONGEST_SUBJECT: usize = 72;

/// The files that hold the words themselves.
const OWN: &str = "crates/xtask/src/language";

const MARK: &str = "language: allow(";

/// Areas of the summary: the first prefix that fits.
const AREAS: &[(&str, &[&str])] = &[
    (
        "settings",
        &["crates/aicredits/src/settings", "crates/aicredits/src/builder", "crates/aicredits/src/environment"],
    ),
    ("core", &["crates/aicredits/"]),
    (
        "c",
        &[
            "crates/aicredits-emulator-ffi/",
            "crates/aicredits-ffi/",
            "include/",
            "examples/balance.c",
            "examples/breakdown.c",
            "examples/emulator",
            "examples/gate",
            "tests/c/",
            "tests/cpp/",
        ],
    ),
    ("c", &["tests/clang/"]),
    ("go", &["bindings/go/"]),
    ("python", &["bindings/python/"]),
    (
        "xtask",
        &["crates/xtask/", "crates/aicredits-bench/", "crates/ffi-support/", ".ci/", "Cargo.toml", "CMakeLists.txt"],
    ),
    (
        "xtask",
        &["tests/headers/", "tests/install/", "tests/archive/", "tests/valgrind/", "tests/src/", "tests/Cargo.toml"],
    ),
    ("docs", &[""]),
];

/// `cargo xtask language [--summary] [PATHS]`.
pub(crate) fn command(arguments: &[String]) -> Outcome {
    let (options, paths): (Vec<_>, Vec<_>) = arguments.iter().partition(|argument| argument.starts_with('-'));
    let summary = match options.as_slice() {
        [] => false,
        [option] if *option == "--summary" => true,
        _ => return Err("takes --summary and paths".into()),
    };
    let mut hits = Vec::new();
    for file in tool::tracked_files(&paths)?.into_iter().filter(|file| !file.starts_with(OWN)) {
        let Some(syntax) = Syntax::of(&file) else { continue };
        let text = fs::read_to_string(tool::root().join(&file)).map_err(|error| format!("{file}: {error}"))?;
        hits.extend(hits_in(syntax, &file, &text).into_iter().map(|hit| (file.clone(), hit)));
    }
    if summary {
        print_summary(&hits);
    } else {
        for (file, Hit { line, rule, phrase, hint }) in &hits {
            println!("{file}:{line}: {phrase} [{rule}] -> {hint}");
        }
    }
    let long = if paths.is_empty() { long_subjects()? } else { Vec::new() };
    for subject in &long {
        println!("commit {subject}");
    }
    match hits.len() + long.len() {
        0 => Ok(()),
        wrong => Err(format!("{wrong} hits").into()),
    }
}

/// The check of `cargo xtask ci`.
pub(crate) fn check() -> Outcome {
    command(&[])
}

/// The hits in one file that no mark allows, and the marks that are wrong.
fn hits_in(syntax: Syntax, file: &str, text: &str) -> Vec<Hit> {
    if is_generated(text) || (syntax == Syntax::Vector && !file.starts_with("tests/vectors/")) {
        return Vec::new();
    }
    let mut hits: Vec<Hit> = syntax.passages(&without_marks(text)).iter().flat_map(check::check).collect();
    let mut wrong = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let Some((_, mark)) = line.split_once(MARK) else { continue };
        let number = index + 1;
        let (rule, reason) = mark.split_once(')').unwrap_or((mark, ""));
        let reason = reason.trim_start_matches(':').trim_end_matches(['-', '>', '*', '/']).trim();
        // Such a mark allows nothing, so its hit remains; and a guide can show the form.
        if !rules::is_name(rule) {
            continue;
        }
        let before = hits.len();
        hits.retain(|hit| !(hit.rule == rule && (hit.line == number || hit.line == number + 1)));
        let fault = match (reason.is_empty(), hits.len() == before) {
            (true, _) => "the mark has no reason",
            (false, true) => "the mark allows nothing: remove it",
            (false, false) => continue,
        };
        wrong.push(Hit { line: number, rule: "mark", phrase: rule.to_owned(), hint: fault });
    }
    hits.extend(wrong);
    hits.sort_by_key(|hit| hit.line);
    hits
}

/// The text with the names of the rules out of its marks: `allow(shall)` is no use of the word.
fn without_marks(text: &str) -> String {
    let mut parts = text.split(MARK);
    let mut cleaned = parts.next().unwrap_or("").to_owned();
    for part in parts {
        cleaned += part.split_once(')').map_or(part, |(_, after)| after);
    }
    cleaned
}

/// A generated file is checked where its text is written by hand.
fn is_generated(text: &str) -> bool {
    text.lines().take(5).any(|line| {
        ["Written by `cargo xtask", "Generated by `cargo xtask", "generated by cargo xtask"]
            .iter()
            .any(|mark| line.contains(mark))
    })
}

fn print_summary(hits: &[(String, Hit)]) {
    let mut areas: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for (file, hit) in hits {
        *areas.entry(area(file)).or_default().entry(hit.rule).or_default() += 1;
    }
    for (area, rules) in areas {
        let total: usize = rules.values().sum();
        let each: Vec<_> = rules.iter().map(|(rule, count)| format!("{rule} {count}")).collect();
        println!("{area:<9} {total:>4}  {}", each.join(", "));
    }
}

fn area(file: &str) -> &'static str {
    let of = AREAS.iter().find(|(_, prefixes)| prefixes.iter().any(|prefix| file.starts_with(prefix)));
    of.map_or("docs", |(area, _)| area)
}

/// Commits after [`BASE`] with a subject that is too long. Without history it says so, and finds none.
fn long_subjects() -> Outcome<Vec<String>> {
    let mut known = tool::command("git");
    known.args(["merge-base", "--is-ancestor", BASE, "HEAD"]).stderr(Stdio::null());
    if !known.status().is_ok_and(|status| status.success()) {
        println!("subjects of commits: skipped, the history does not reach {BASE}");
        return Ok(Vec::new());
    }
    let log = tool::read(tool::command("git").args(["log", "--format=%h %s", &format!("{BASE}..HEAD")]))?;
    Ok(too_long(&log))
}

fn too_long(log: &str) -> Vec<String> {
    let is_long = |line: &&str| line.split_once(' ').is_some_and(|(_, it)| it.chars().count() > LONGEST_SUBJECT);
    log.lines().filter(is_long).map(|line| format!("{line}: over {LONGEST_SUBJECT} characters")).collect()
}
