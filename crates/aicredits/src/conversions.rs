//! Conversions of standard types to [`Timestamp`] that fail with an [`Error`]. `timestamp.rs` itself knows no errors but
//! their reasons as text.

use std::str::FromStr;
use std::time::SystemTime;

use crate::error::Error;
use crate::timestamp::{OUT_OF_RANGE, Timestamp};

/// Reads RFC 3339: any offset, any number of fraction digits (those past nine are cut), `:60` as the next second.
impl FromStr for Timestamp {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).map_err(|reason| Error::invalid_argument("timestamp", reason))
    }
}

impl TryFrom<SystemTime> for Timestamp {
    type Error = Error;

    fn try_from(time: SystemTime) -> Result<Self, Self::Error> {
        Self::from_system_time(time).ok_or_else(|| Error::invalid_argument("timestamp", OUT_OF_RANGE))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::error_kind::ErrorKind;

    #[test]
    fn a_failed_conversion_is_an_invalid_argument() {
        let year_10000 = UNIX_EPOCH + Duration::from_secs(253_402_300_800);
        let error = Timestamp::try_from(year_10000).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert_eq!(error.message(), "timestamp is outside the years 1 to 9999");
        assert_eq!("tomorrow".parse::<Timestamp>().unwrap_err().kind(), ErrorKind::InvalidArgument);
    }
}
