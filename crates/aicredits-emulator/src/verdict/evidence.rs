//! The texts of a finding, without any secret.

use std::sync::Arc;
use std::time::Duration;

use crate::protocol::Entry;

/// A request, as evidence.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) n: u64,
    pub(super) label: Arc<str>,
    /// `None`: no complete reply left, or not yet.
    pub(super) status: Option<u16>,
}

impl Line {
    pub(super) fn text(&self) -> String {
        let status = self.status.map_or_else(|| "unanswered".to_owned(), |status| status.to_string());
        format!("#{} {status} {}", self.n, self.label)
    }
}

/// `POST …/balance key=example account=0a1b…`. It is as short as a line.
pub(super) fn label(shown: &Entry) -> Arc<str> {
    let path = shown.target.split('?').next().unwrap_or_default();
    let place = match path.rsplit_once('/') {
        Some(("", _)) | None => short(path).to_owned(),
        Some((_, last)) => format!("…/{}", short(last)),
    };
    let mut label = format!("{} {place}", short(&shown.method));
    for (name, value) in [("key", &shown.key), ("account", &shown.account), ("site", &shown.site)] {
        if let Some(value) = value {
            label += &format!(" {name}={}", short(value));
        }
    }
    label.into()
}

/// At most 64 characters of a text that a client sent, without line breaks.
fn short(text: &str) -> String {
    let mut characters = text.chars().map(|character| if character.is_control() { '?' } else { character });
    let mut short: String = characters.by_ref().take(64).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}

/// For messages: `212 ms`, `1.5 s`.
pub(super) fn time(time: Duration) -> String {
    match time.as_millis() {
        millis @ ..=9_999 => format!("{millis} ms"),
        millis => format!("{} s", millis / 1000),
    }
}
