//! The arguments of `aicredits balances`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, ValueEnum, ValueHint};

use crate::connection::{Server, timeout};
use crate::credits::credits;

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("input").required(true))]
pub(crate) struct Balances {
    /// Read the targets from this CSV file, or from standard input if it is -
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, group = "input")]
    pub(crate) targets: Option<PathBuf>,

    /// Read the ids of sites from this file, one in each line, or from standard input if it is -
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, group = "input")]
    pub(crate) sites: Option<PathBuf>,

    /// Read the ids of accounts from this file, one in each line, or from standard input if it is -
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, group = "input")]
    pub(crate) accounts: Option<PathBuf>,

    /// Read the key with this name in the target file from this file; may be repeated
    #[arg(long, value_name = "NAME=FILE", value_parser = named_file)]
    pub(crate) key: Vec<(String, PathBuf)>,

    /// Read the keys that the target file names from this folder, with a file for each name
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "key")]
    pub(crate) keys: Option<PathBuf>,

    /// The most attempts in a minute for each key, or none for no limit
    ///
    /// Wix documents 200 requests in a minute for an app, and nothing for API keys. A 429 pauses the key in any case.
    #[arg(long, value_name = "N/min|none", value_parser = rate, default_value = "180/min")]
    pub(crate) rate: Rate,

    /// Write the table to this file: .csv or .jsonl, or CSV to standard output if it is -
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) out: Option<PathBuf>,

    /// Write the table of the rules to this file, as --out
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) out_rules: Option<PathBuf>,

    /// Write each outcome to this file at once, and do not ask again for the balances that are in it
    ///
    /// Run the same command again after an interruption. The file has ids, labels and replies, and no key.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) resume: Option<PathBuf>,

    /// Ask again for balances in the resume file that are older than this, such as 30m; default 12 h
    #[arg(long, value_name = "TIME", value_parser = timeout, requires = "resume")]
    pub(crate) resume_max_age: Option<Duration>,

    /// Keep only the rows with fewer spendable credits than this, and those that are unknown or failed
    #[arg(long, value_name = "COUNT", value_parser = credits)]
    pub(crate) below: Option<u64>,

    /// Exit with 1 if a target has fewer spendable credits than this, and else with 2 if one is unknown
    #[arg(long, value_name = "COUNT", value_parser = credits)]
    pub(crate) fail_under: Option<u64>,

    /// Sort the rows: by the spendable credits, the lowest first, then those that are unknown or failed
    ///
    /// The default is the order of the input.
    #[arg(long, value_name = "COLUMN", value_enum)]
    pub(crate) sort: Option<Sort>,

    #[command(flatten)]
    pub(crate) server: Server,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rate {
    None,
    PerMinute(u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sort {
    Spendable,
}

fn rate(text: &str) -> Result<Rate, String> {
    if text == "none" {
        return Ok(Rate::None);
    }
    let number = text.strip_suffix("/min").unwrap_or(text).parse();
    number.map(Rate::PerMinute).map_err(|_| "not a rate such as 180/min, and not none".to_owned())
}

fn named_file(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, file)) if is_name(name) && !file.is_empty() => Ok((name.to_owned(), file.into())),
        Some(_) => Err(format!("a name has {NAME}")),
        None => Err("not NAME=FILE".to_owned()),
    }
}

/// The characters of a name of a key.
pub(crate) const NAME: &str =
    "1 to 64 letters, digits, dots, hyphens and underscores, and begins with a letter or a digit";

/// Whether this may be the name of a key: no path, and no key.
pub(crate) fn is_name(text: &str) -> bool {
    let is_part = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
    let is_key = aicredits::has_key(text) || text.starts_with("eyJ");
    (1..=64).contains(&text.len())
        && text.chars().all(is_part)
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && !is_key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates() {
        for (text, expected) in [("180/min", Rate::PerMinute(180)), ("7", Rate::PerMinute(7)), ("none", Rate::None)] {
            assert_eq!(rate(text), Ok(expected), "{text}");
        }
        for text in ["", "fast", "-1", "1.5/min", "180/s", "/min", "None"] {
            assert!(rate(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_are_no_paths_and_no_keys() {
        assert_eq!(named_file("acme-1=a=b"), Ok(("acme-1".to_owned(), "a=b".into())));
        for text in ["", "acme", "=file", "acme=", "../x=f", "a/b=f", ".x=f", "eyJraWQi=f", "IST.x=f", &"x".repeat(65)]
        {
            assert!(named_file(text).is_err(), "{text}");
        }
    }
}
