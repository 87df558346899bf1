//! Faults with names, for the command and for tests.

use crate::protocol::{ControlError, Fault};
use crate::read;

/// A fault with a name.
#[derive(Debug)]
pub struct NamedFault {
    /// Its name.
    pub name: &'static str,
    /// A sentence that describes it.
    pub about: &'static str,
    /// The request of the action `fault`.
    pub json: &'static str,
}

macro_rules! faults {
    ($($name:literal: $about:literal, $json:literal;)*) => {
        /// Every fault with a name.
        pub const FAULTS: &[NamedFault] = &[$(NamedFault { name: $name, about: $about, json: $json },)*];
    };
}

faults! {
    "throttle": "The next 2 requests get 429 with Retry-After: 1.",
        r#"{"times":2,"reply":{"status":429,"retry_after_s":1}}"#;
    "throttle-date": "The next request gets 429 with Retry-After as a date, 2 s after its Date.",
        r#"{"reply":{"status":429,"retry_after_date_s":2}}"#;
    "throttle-silent": "The next 2 requests get 429 without Retry-After, as Wix's gateway was seen to do.",
        r#"{"times":2,"reply":{"status":429}}"#;
    "throttle-forbidden": "The next request gets 403 with an empty message, which was seen as throttling.",
        r#"{"reply":{"status":403,"shape":"details_empty"}}"#;
    "outage": "Every request gets 503 until the fault is cleared.",
        r#"{"times":null,"reply":{"status":503}}"#;
    "unavailable": "The next 2 requests get 503, then all is well.",
        r#"{"times":2,"reply":{"status":503}}"#;
    "server-error": "The next request gets 500 with an errorCode.",
        r#"{"reply":{"status":500}}"#;
    "bad-gateway": "The next request gets 502 with a gateway's page.",
        r#"{"reply":{"status":502}}"#;
    "gateway-timeout": "The next request gets 504 with a gateway's page.",
        r#"{"reply":{"status":504}}"#;
    "flaky": "One request of ten gets 503, at random with the seed 1, until the fault is cleared.",
        r#"{"times":null,"reply":{"status":503,"probability":0.1,"seed":1}}"#;
    "slow": "Every reply comes 3 s late until the fault is cleared.",
        r#"{"times":null,"reply":{"delay_ms":3000}}"#;
    "drip": "The next reply comes byte by byte, with 20 ms between them.",
        r#"{"reply":{"drip_ms":20}}"#;
    "reset": "The connection is reset in place of the next reply. A paid action charges all the same.",
        r#"{"reply":{"cut_at":0,"end":"reset"}}"#;
    "closed": "The connection is closed in place of the next reply. A paid action charges all the same.",
        r#"{"reply":{"cut_at":0,"end":"close"}}"#;
    "truncated": "The connection is closed after 200 bytes of the next reply, in the middle of a balance.",
        r#"{"reply":{"cut_at":200}}"#;
    "half-body": "The next reply has half of its body, and a Content-Length that fits it.",
        r#"{"reply":{"mangle":["truncate"]}}"#;
    "garbled": "The next reply has a body that is no JSON.",
        r#"{"reply":{"mangle":["garble"]}}"#;
    "html": "The next reply is 200 with a page, as a captive portal sends it.",
        r#"{"reply":{"status":200,"shape":"html"}}"#;
    "newer-api": "The next reply has members and a period that no client knows.",
        r#"{"reply":{"mangle":["unknown_enum","unknown_field"]}}"#;
    "numbers-as-text": "The next reply has its counts as JSON strings.",
        r#"{"reply":{"mangle":["numbers_as_text"]}}"#;
    "connect-closed": "The next connection is closed before its first request.",
        r#"{"connect":"close"}"#;
    "connect-reset": "The next connection is reset before its first request.",
        r#"{"connect":"reset"}"#;
    "connect-mute": "Nothing is ever answered on the next connection.",
        r#"{"connect":"mute"}"#;
}

/// The fault of this name, to add it or to change it first.
///
/// ```
/// use aicredits_emulator::{Emulator, named_fault};
///
/// let emulator = Emulator::start()?;
/// let added = emulator.fault(&named_fault("throttle")?)?;
/// assert_eq!(added.fault, "f1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn named_fault(name: &str) -> Result<Fault, ControlError> {
    let Some(named) = FAULTS.iter().find(|fault| fault.name == name) else {
        let names: Vec<&str> = FAULTS.iter().map(|fault| fault.name).collect();
        let message = format!("there is no fault {name:?}: choose one of {}", names.join(", "));
        return Err(ControlError::new(404, "unknown_fault", message).at("/fault"));
    };
    Fault::from_json(named.json)
}

impl Fault {
    /// Reads a fault. The error has a JSON Pointer, and no text that may be a secret.
    pub fn from_json(json: &str) -> Result<Self, ControlError> {
        read::read(json)
    }
}
