//! `Stop`: why a connection goes no further.

use std::io;

use super::reply::End;

/// Why a reply went no further.
#[derive(Clone, Copy)]
pub(super) enum Stop {
    /// The script ends the connection here.
    Ended(End),
    /// As `End::Fin`, while the client may still be sending.
    Refused,
    /// The client left, or the server stops.
    Gone,
}

impl From<End> for Stop {
    fn from(end: End) -> Self {
        Stop::Ended(end)
    }
}

impl From<io::Error> for Stop {
    fn from(_: io::Error) -> Self {
        Stop::Gone
    }
}
