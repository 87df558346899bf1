//! The result of a work that is counted and not timed.

use std::fmt;

/// One work, by every contender.
pub(crate) struct Figures {
    pub(crate) work: &'static str,
    title: &'static str,
    unit: &'static str,
    rows: Vec<(String, Result<f64, String>, String)>,
}

impl Figures {
    pub(crate) fn new(work: &'static str, title: &'static str, unit: &'static str) -> Figures {
        Figures { work, title, unit, rows: Vec::new() }
    }

    /// `Err` says why there is no figure.
    pub(crate) fn add(&mut self, contender: &str, figure: Result<f64, String>, note: String) {
        self.rows.push((contender.to_owned(), figure, note));
    }

    pub(crate) fn get(&self, contender: &str) -> Option<f64> {
        self.rows.iter().find(|(name, ..)| name == contender)?.1.as_ref().ok().copied()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.work, self.title)?;
        for (contender, figure, note) in &self.rows {
            match figure {
                Ok(figure) => writeln!(f, "  {contender:<24} {figure:>10.2} {}  {note}", self.unit)?,
                Err(why) => writeln!(f, "  {contender:<24} {why}")?,
            }
        }
        Ok(())
    }
}
