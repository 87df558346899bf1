//! The verdict on one vector in one language.

/// The verdict on one vector in one language.
pub(crate) enum Verdict {
    Judged {
        differences: Vec<String>,
        /// The number of altered expectations, and those that the comparison did not notice.
        alterations: usize,
        unnoticed: Vec<String>,
    },
    /// The runner, or what it needs, failed.
    Broken(String),
    /// The language has no runner here. The report says so once.
    NotRun,
}

impl Verdict {
    pub(crate) fn passed(&self) -> bool {
        matches!(self, Self::Judged { differences, .. } if differences.is_empty())
    }

    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::NotRun => "not run",
            _ if self.passed() => "ok",
            _ => "FAILED",
        }
    }

    pub(crate) fn faults(&self) -> &[String] {
        match self {
            Self::Judged { differences, .. } => differences,
            Self::Broken(fault) => std::slice::from_ref(fault),
            Self::NotRun => &[],
        }
    }
}
