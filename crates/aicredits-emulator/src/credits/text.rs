//! Which texts can be names, ids and secrets.

use crate::protocol::ControlError;

/// The most bytes of a name, an id or an idempotency key.
const LONGEST: usize = 256;
/// The most bytes of a secret. Tokens are longer than keys.
const LONGEST_SECRET: usize = 8192;

/// Whether a text can be a name or an idempotency key.
pub(crate) fn is_name(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len()) && !text.contains(char::is_control)
}

/// A name, for people and for programs.
pub(super) fn check_name(name: &str, pointer: &str) -> Result<(), ControlError> {
    if !is_name(name) {
        let message = format!("a name is a text of 1 to {LONGEST} bytes without control characters");
        return Err(ControlError::invalid(pointer, message));
    }
    Ok(())
}

/// An id of an account or a site: it must fit into a header.
pub(super) fn check_id(id: &str, pointer: &str) -> Result<(), ControlError> {
    if id.is_empty() || id.len() > LONGEST || !fits_a_header(id) {
        let message = format!("an id is a GUID, or another text of 1 to {LONGEST} visible ASCII characters");
        return Err(ControlError::invalid(pointer, message));
    }
    Ok(())
}

/// The message does not have the secret.
pub(super) fn check_secret(secret: &str, pointer: &str) -> Result<(), ControlError> {
    if secret.is_empty() || secret.len() > LONGEST_SECRET || !fits_a_header(secret) {
        let message = format!("a secret is a header's value: 1 to {LONGEST_SECRET} visible ASCII characters");
        return Err(ControlError::invalid(pointer, message));
    }
    Ok(())
}

/// A space may be in the middle, as in `Bearer …`: servers trim the ends of a value.
fn fits_a_header(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~')) && text.trim_ascii() == text
}
