//! The first line.

use super::json::{Members, Object};
use crate::Timestamp;

/// How each header begins, with the version of the format.
const BEGIN: &str = "{\"aicredits_resume\":1,";
const VERSION: u64 = 1;

/// Why it is none.
pub(super) const NONE: &str = "it is not the first line of a resume file";

/// Why a first line is refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is no header: the file is broken, or another one.
    Broken,
    /// The file is another fleet's.
    Foreign(String),
}

pub(super) fn line(base_url: &str, now: Timestamp) -> String {
    let header = Object::new()
        .number("aicredits_resume", Some(VERSION))
        .text("library", Some(env!("CARGO_PKG_VERSION")))
        .text("base_url", Some(base_url))
        .instant("created", Some(now));
    header.end() + "\n"
}

/// Whether this text, without a line break, is a header that was cut.
pub(super) fn is_cut(text: &str) -> bool {
    BEGIN.starts_with(text) || text.starts_with(BEGIN)
}

pub(super) fn check(line: &str, base_url: &str) -> Result<(), Refusal> {
    let broken = |_| Refusal::Broken;
    let header = Members::parse(line).map_err(broken)?;
    match header.number("aicredits_resume").map_err(broken)? {
        Some(VERSION) => {}
        Some(_) => return Err(Refusal::Foreign("has another version".to_owned())),
        None => return Err(Refusal::Broken),
    }
    match header.required_text("base_url").map_err(broken)? {
        url if url == base_url => Ok(()),
        url => Err(Refusal::Foreign(format!("is of another base URL, {}", crate::escape_for_display(url)))),
    }
}
