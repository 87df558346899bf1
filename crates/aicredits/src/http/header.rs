//! The values of a reply's header fields.

use std::time::Duration;

use crate::timestamp::Timestamp;

/// A URL without its user and password, and without its query, which may hold a token.
pub(super) fn without_secrets(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = url.split_once("//").map_or((url, None), |(scheme, rest)| (scheme, Some(rest)));
    let Some(rest) = rest else { return scheme.to_owned() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}//{host}{path}")
}

pub(super) fn http_date(text: &str) -> Option<Timestamp> {
    Timestamp::try_from(httpdate::parse_http_date(text).ok()?).ok()
}

/// Seconds, or a date. A date counts from the server's own clock, if the reply has its date.
pub(super) fn retry_after(text: &str, server_date: Option<Timestamp>) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that is too large means for ever.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let now = server_date.unwrap_or_else(Timestamp::now);
    let wait = http_date(text)?.unix_seconds() - now.unix_seconds();
    Some(Duration::from_secs(wait.max(0) as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_in_seconds_or_as_a_date() {
        let now = http_date("Wed, 24 Jun 2026 00:00:00 GMT");
        for (text, expected) in [
            ("0", Some(0)),
            ("60", Some(60)),
            (" 60 ", Some(60)),
            ("1000000000", Some(1_000_000_000)),
            ("Wed, 24 Jun 2026 00:01:30 GMT", Some(90)),
            ("Tue, 23 Jun 2026 00:00:00 GMT", Some(0)),
            ("-1", None),
            ("1e9", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
            ("18446744073709551615", Some(u64::MAX)),
            ("99999999999999999999999", Some(u64::MAX)),
        ] {
            assert_eq!(retry_after(text, now), expected.map(Duration::from_secs), "{text}");
        }
    }
}
