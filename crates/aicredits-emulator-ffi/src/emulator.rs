//! The emulator.

use std::ffi::c_char;

use ::aicredits_emulator::{ControlError, Emulator, ErrorBody, Verdict};
use ffi_support::argument::ArgumentFault;
use ffi_support::boundary::{answered, clear, fallible, infallible};
use ffi_support::testing::Counted;
use ffi_support::text::{self, Text, borrowed_text};
use zeroize::Zeroizing;

use crate::reply::{PANIC, aicredits_emulator_reply};

/// An emulator: an HTTP server on a port of this machine, and a ledger from which it answers.
///
/// aicredits_emulator_start() makes it. Free it with aicredits_emulator_free(). Thread-safe. Emulators are independent: a
/// process can have many.
pub struct aicredits_emulator {
    emulator: Emulator,
    settings: Vec<(&'static str, Zeroizing<Text>)>,
    _counted: Counted,
}

/// The names that aicredits_emulator_setting() knows.
const SETTINGS: [&str; 6] = ["url", "api_key", "site_key", "account_id", "site_id", "ca_pem"];

impl From<Emulator> for aicredits_emulator {
    fn from(emulator: Emulator) -> Self {
        // Copies, because C wants a NUL at the end.
        let there = SETTINGS.into_iter().filter_map(|name| Some((name, emulator.setting(name)?)));
        let settings = there.map(|(name, value)| (name, Zeroizing::new(Text::new(value)))).collect();
        Self { emulator, settings, _counted: Counted::new() }
    }
}

/// Starts an emulator. It listens on 127.0.0.1, on a free port, and can be called at once.
///
/// options is a JSON object, NUL-terminated; NULL means {}. Each member may be left out:
/// - "scenario": the name of a scenario that the emulator has, such as "free-plan"; or a scenario, as an object. Default:
///   "example"
/// - "host" and "port": where it listens. Default: "127.0.0.1", and 0, which is a free port
/// - "tls": true to serve HTTPS. Trust the setting "ca_pem", which is a certificate authority made for this emulator
/// - "clock": "now", "mode" and "speed" in place of those of the scenario, any of them, such as {"mode":"running"}
/// - "assumptions": a request of the action "assume"
/// - "faults": an array of requests of the action "fault"
/// - "control_token": control requests over HTTP then need this token, on every address. Without it there are none on an
///   address that is not loopback
///
/// emulator must not be NULL. reply may be NULL. Otherwise *reply is always written: NULL on success, or a reply with the
/// reason, which the caller frees.
///
/// Returns 0, and in *emulator an emulator that the caller frees. Otherwise *emulator is NULL, and the result is
/// - 400 if an option or an argument is wrong
/// - 404 if there is no scenario of that name
/// - 500 if the emulator cannot listen there
///
/// Thread-safe. Does not block, except to make a certificate.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aicredits_emulator_start(
    options: *const c_char,
    emulator: *mut *mut aicredits_emulator,
    reply: *mut *mut aicredits_emulator_reply,
) -> i32 {
    fallible(reply, || {
        clear("emulator", emulator)?;
        // SAFETY: the caller passes NULL or a NUL-terminated string.
        let options = unsafe { object("options", options) }?;
        let started = Emulator::from_json(options)
            .map_err(|error| aicredits_emulator_reply::new(error.status().into(), &error.json()))?;
        // SAFETY: not NULL, as checked; the caller promises that it may be written.
        unsafe { emulator.write(Box::into_raw(Box::new(started.into()))) };
        Ok(())
    })
}

/// Returns a value that a client needs. NULL if the emulator has none.
///
/// name is one of these, NUL-terminated. A later "reset" does not change the values.
/// - "url": the base URL, such as "http://127.0.0.1:41234"
/// - "api_key": the first key with account-level access
/// - "site_key": the first key with site-level access alone
/// - "account_id": the first account
/// - "site_id": the first site of the first account
/// - "ca_pem": with TLS, the certificate authority to trust, as PEM
///
/// *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the emulator. Thread-safe. Does not
/// block. Returns NULL, and 0 in *length, if emulator or name is NULL, or if there is no setting of that name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_emulator_setting(
    emulator: Option<&aicredits_emulator>,
    name: *const c_char,
    length: *mut usize,
) -> *const c_char {
    infallible(std::ptr::null(), || {
        // SAFETY: the caller passes NULL or a NUL-terminated string.
        let name = unsafe { text::borrow("name", name) }.ok();
        let setting = emulator.zip(name).and_then(|(emulator, name)| {
            emulator.settings.iter().find(|(known, _)| *known == name).map(|(_, value)| &**value)
        });
        borrowed_text(setting, length)
    })
}

/// Runs an action of the control protocol, such as "spend" or "clock".
///
/// action and request are NUL-terminated. request is the JSON object of the action; NULL means {}. emulator and action
/// must not be NULL. reply may be NULL if the status is all you need. Otherwise *reply is always written, with a reply that
/// the caller frees.
///
/// Returns the HTTP status that the same request has over HTTP:
/// - 200: the reply is that of the action
/// - 400: a member or an argument is wrong, and nothing was changed; the reply says which
/// - 404: there is no such action, account, site, allocation, rule, key or scenario
/// - 409: the ledger refuses it, such as a "spend" of more than is left
/// - 500: a bug in this library. Please report it
///
/// Thread-safe. The action "wait" blocks until its requests have come, at most for its timeout.
/// "journal" and "verdict" block until no reply is leaving, at most for 1 s. No other action blocks.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aicredits_emulator_control(
    emulator: Option<&aicredits_emulator>,
    action: *const c_char,
    request: *const c_char,
    reply: *mut *mut aicredits_emulator_reply,
) -> i32 {
    let answer = || -> Result<_, aicredits_emulator_reply> {
        let emulator = given(emulator)?;
        // SAFETY: the caller passes NULL or a NUL-terminated string.
        let action = unsafe { text::borrow("action", action) }?;
        // SAFETY: the caller passes NULL or a NUL-terminated string.
        let request = unsafe { object("request", request) }?;
        Ok(emulator.control(action, request).into())
    };
    answered(reply, || answer().unwrap_or_else(|refusal| refusal))
}

/// Judges the client that called the emulator: whether it repeated a final error, ignored Retry-After, and so on.
///
/// request is the JSON object of the action "verdict", NUL-terminated, such as {"require":{"max_attempts":4}}; NULL means
/// {}. emulator must not be NULL. text may be NULL. Otherwise *text is always written: NULL if the client is good, or a
/// reply that the caller frees. That reply is one text to print; aicredits_emulator_reply_text(text, "", NULL) reads it.
///
/// Returns 0 if the client is good, or else the number of findings. Returns -1 if an argument is wrong; *text then says
/// why. The action "verdict" of aicredits_emulator_control() returns the findings as JSON.
///
/// Thread-safe. Blocks until no reply is leaving, at most for 1 s.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aicredits_emulator_verdict(
    emulator: Option<&aicredits_emulator>,
    request: *const c_char,
    text: *mut *mut aicredits_emulator_reply,
) -> i32 {
    let status = fallible(text, || match judge(emulator, request) {
        Ok(verdict) if verdict.good => Ok(()),
        Ok(verdict) => Err(aicredits_emulator_reply::of_text(verdict.findings.len() as i32, &verdict.text())),
        Err(message) => Err(aicredits_emulator_reply::of_text(WRONG, &message)),
    });
    if status == PANIC { WRONG } else { status }
}

/// The result of aicredits_emulator_verdict() if there is no verdict.
const WRONG: i32 = -1;

/// `request` is NULL, or NUL-terminated.
fn judge(emulator: Option<&aicredits_emulator>, request: *const c_char) -> Result<Verdict, String> {
    let argument = |fault: ArgumentFault| fault.to_string();
    let emulator = given(emulator).map_err(argument)?;
    // SAFETY: the caller passes NULL or a NUL-terminated string.
    let request = unsafe { object("request", request) }.map_err(argument)?;
    let reply = emulator.control("verdict", request);
    if reply.status == 200 {
        return Ok(serde_json::from_str(&reply.json).expect("a verdict has its type"));
    }
    let ErrorBody { error: problem, details } = serde_json::from_str(&reply.json).expect("an error has its type");
    Err(ControlError { status: reply.status, problem, details }.to_string())
}

fn given(emulator: Option<&aicredits_emulator>) -> Result<&Emulator, ArgumentFault> {
    emulator.map(|emulator| &emulator.emulator).ok_or(ArgumentFault::is_null("emulator"))
}

/// Borrows a JSON object. NULL is an empty one.
///
/// # Safety
///
/// `json` is NULL, or a NUL-terminated string that stays while the result is used.
unsafe fn object<'t>(name: &'static str, json: *const c_char) -> Result<&'t str, ArgumentFault> {
    // SAFETY: the caller's promise.
    if json.is_null() { Ok("{}") } else { unsafe { text::borrow(name, json) } }
}

/// Stops an emulator, joins its threads and frees it. Connections to it are closed. The keys in its memory are wiped.
///
/// No other call on the emulator may be in flight. Its replies stay valid. Blocks until the threads have ended, which none
/// of them delays. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_emulator_free(emulator: Option<Box<aicredits_emulator>>) {
    infallible((), || drop(emulator));
}
