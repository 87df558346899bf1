//! How many bytes of a reply leave before its connection ends.

use super::reply::End;

/// How many bytes of a reply may still leave.
pub(super) struct Budget {
    left: Option<u64>,
    end: End,
}

impl Budget {
    /// `None`: all of them. `end`: how the connection ends after the last one.
    pub(super) fn new(left: Option<u64>, end: End) -> Self {
        Self { left, end }
    }

    /// The part of `bytes` that may leave, and whether the reply goes on after it.
    pub(super) fn spend<'a>(&mut self, bytes: &'a [u8]) -> (&'a [u8], Result<(), End>) {
        let Some(left) = &mut self.left else {
            return (bytes, Ok(()));
        };
        let allowed = bytes.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
        *left -= allowed as u64;
        let goes_on = if *left == 0 { Err(self.end) } else { Ok(()) };
        (&bytes[..allowed], goes_on)
    }
}
