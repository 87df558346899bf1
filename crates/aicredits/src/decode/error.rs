//! Why a reply is not a balance.

use crate::error::Error;
use crate::error_kind::ErrorKind;

/// Why a complete reply is no balance.
#[derive(Debug)]
pub(crate) struct DecodeError {
    /// Such as `creditBalanceBreakdown[3].usageRules[0].balance`; empty for the reply as a whole.
    pub(crate) path: String,
    pub(crate) reason: String,
    /// The reply ended too early: it may have been cut on its way.
    pub(crate) ended_early: bool,
}

impl DecodeError {
    pub(super) fn whole(reason: impl Into<String>) -> Self {
        Self { path: String::new(), reason: reason.into(), ended_early: false }
    }
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        let DecodeError { path, reason, .. } = error;
        let message = if path.is_empty() { reason } else { format!("{path}: {reason}") };
        Self::new(ErrorKind::Decode, message)
    }
}
