//! The resume file: the outcomes of a fleet, one line for each, so that a later fleet does not ask for them again.

mod file;
mod header;
mod json;
mod record;

pub(super) use file::{Entry, Found, ResumeFile, age};
pub(super) use record::{Identity, Record};

#[cfg(test)]
mod tests;
