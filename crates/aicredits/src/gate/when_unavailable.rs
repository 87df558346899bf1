use std::time::Duration;

/// Whether a gate grants although no reading can decide.
///
/// It applies if no reading younger than `max_age` is there and the last one failed with a kind that may pass, such as
/// [`Network`](crate::ErrorKind::Network) or [`Server`](crate::ErrorKind::Server), or if the balance is unknown. It never
/// grants over a limit, while the gate is exhausted, or after [`Unauthorized`](crate::ErrorKind::Unauthorized),
/// [`Forbidden`](crate::ErrorKind::Forbidden), [`NotFound`](crate::ErrorKind::NotFound) or
/// [`BadRequest`](crate::ErrorKind::BadRequest).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenUnavailable {
    /// The gate denies.
    #[default]
    Deny,
    /// The gate grants from the last reading, if that is younger than this: from `max_age` to a day.
    Stale(Duration),
    /// The gate grants.
    Allow,
}
