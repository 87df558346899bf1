//! The attempts of a call that failed.

use std::ffi::{CStr, c_char};

use aicredits::{Attempt, Phase};
use ffi_support::text::Text;

use crate::model::bit;

/// How far an attempt came: AICREDITS_PHASE_QUEUE and the following. A later version may add to them.
pub type aicredits_phase = i32;

/// A phase that this version does not know.
pub const AICREDITS_PHASE_UNKNOWN: aicredits_phase = 0;
/// It had not begun.
pub const AICREDITS_PHASE_QUEUE: aicredits_phase = 1;
/// The provider was asked for a credential.
pub const AICREDITS_PHASE_CREDENTIAL: aicredits_phase = 2;
/// The host's addresses were looked up.
pub const AICREDITS_PHASE_RESOLVE: aicredits_phase = 3;
/// A TCP connection was opened.
pub const AICREDITS_PHASE_CONNECT: aicredits_phase = 4;
/// Establishing a tunnel through the proxy (HTTP CONNECT).
pub const AICREDITS_PHASE_PROXY: aicredits_phase = 5;
/// The TLS handshake.
pub const AICREDITS_PHASE_TLS: aicredits_phase = 6;
/// The request was sent.
pub const AICREDITS_PHASE_SEND: aicredits_phase = 7;
/// The reply's head was awaited.
pub const AICREDITS_PHASE_HEAD: aicredits_phase = 8;
/// The reply's body was read.
pub const AICREDITS_PHASE_BODY: aicredits_phase = 9;
/// The reply was there, whole.
pub const AICREDITS_PHASE_REPLY: aicredits_phase = 10;
/// The time between two attempts.
pub const AICREDITS_PHASE_PAUSE: aicredits_phase = 11;

/// The name of a phase: "CONNECT" for AICREDITS_PHASE_CONNECT; "UNKNOWN" for AICREDITS_PHASE_UNKNOWN and any number
/// that this version does not know.
///
/// The string is static. Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_phase_name(phase: aicredits_phase) -> *const c_char {
    let name: &CStr = match phase {
        AICREDITS_PHASE_QUEUE => c"QUEUE",
        AICREDITS_PHASE_CREDENTIAL => c"CREDENTIAL",
        AICREDITS_PHASE_RESOLVE => c"RESOLVE",
        AICREDITS_PHASE_CONNECT => c"CONNECT",
        AICREDITS_PHASE_PROXY => c"PROXY",
        AICREDITS_PHASE_TLS => c"TLS",
        AICREDITS_PHASE_SEND => c"SEND",
        AICREDITS_PHASE_HEAD => c"HEAD",
        AICREDITS_PHASE_BODY => c"BODY",
        AICREDITS_PHASE_REPLY => c"REPLY",
        AICREDITS_PHASE_PAUSE => c"PAUSE",
        _ => c"UNKNOWN",
    };
    name.as_ptr()
}

/// In `present`: the field "http_status" is there.
pub const AICREDITS_HAS_HTTP_STATUS: u32 = 64;
/// In `present`: the field "request_id" is there, and so is its length.
pub const AICREDITS_HAS_REQUEST_ID: u32 = 128;

/// One attempt of a call that failed. A field whose bit in `present` is 0 is absent.
///
/// Plain data, borrowed from its error. The layout does not change within a SONAME.
#[repr(C)]
pub struct aicredits_attempt {
    /// AICREDITS_HAS_HTTP_STATUS, AICREDITS_HAS_REQUEST_ID.
    pub present: u32,
    /// The last phase of the attempt; AICREDITS_PHASE_REPLY if the reply itself is the failure.
    pub phase: aicredits_phase,
    /// The duration of the attempt in nanoseconds, without pauses.
    pub duration_ns: u64,
    /// The HTTP status, if a reply came.
    pub http_status: u32,
    /// The server's id of the request, NUL-terminated; NULL if no reply had one. The text is from the server: before
    /// you show it on a terminal, pass it to aicredits_text_escape().
    pub request_id: *const c_char,
    /// Its length in bytes, without the NUL.
    pub request_id_length: usize,
    /// Zero.
    pub reserved: [u64; 2],
}

/// Attempts that C can borrow, and the texts that they point to.
#[derive(Default)]
pub(crate) struct OwnedAttempts {
    attempts: Box<[aicredits_attempt]>,
    _texts: Vec<Text>,
}

impl OwnedAttempts {
    pub(crate) fn attempts(&self) -> &[aicredits_attempt] {
        &self.attempts
    }
}

impl From<&[Attempt]> for OwnedAttempts {
    fn from(attempts: &[Attempt]) -> Self {
        let mut texts = Vec::new();
        let owned = |attempt: &Attempt| {
            let request_id = attempt.request_id().map(Text::new);
            let converted = aicredits_attempt {
                present: bit(attempt.http_status(), AICREDITS_HAS_HTTP_STATUS)
                    | bit(attempt.request_id(), AICREDITS_HAS_REQUEST_ID),
                phase: phase(attempt.phase()),
                duration_ns: u64::try_from(attempt.duration().as_nanos()).unwrap_or(u64::MAX),
                http_status: attempt.http_status().map_or(0, u32::from),
                request_id: request_id.as_ref().map_or(std::ptr::null(), Text::as_ptr),
                request_id_length: request_id.as_ref().map_or(0, Text::len),
                reserved: [0; 2],
            };
            // The text owns heap memory: the address stays the same when the text is moved.
            texts.extend(request_id);
            converted
        };
        let attempts = attempts.iter().map(owned).collect();
        Self { attempts, _texts: texts }
    }
}

fn phase(phase: Phase) -> aicredits_phase {
    match phase {
        Phase::Queue => AICREDITS_PHASE_QUEUE,
        Phase::Credential => AICREDITS_PHASE_CREDENTIAL,
        Phase::Resolve => AICREDITS_PHASE_RESOLVE,
        Phase::Connect => AICREDITS_PHASE_CONNECT,
        Phase::Proxy => AICREDITS_PHASE_PROXY,
        Phase::Tls => AICREDITS_PHASE_TLS,
        Phase::Send => AICREDITS_PHASE_SEND,
        Phase::Head => AICREDITS_PHASE_HEAD,
        Phase::Body => AICREDITS_PHASE_BODY,
        Phase::Reply => AICREDITS_PHASE_REPLY,
        Phase::Pause => AICREDITS_PHASE_PAUSE,
        // The core marks its phases as open; one that is new there has no number yet.
        _ => AICREDITS_PHASE_UNKNOWN,
    }
}
