//! The judgement on one behaviour.

/// Returns the sentence as an error if `holds` is false.
pub(crate) fn unless(holds: bool, fault: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(fault()) }
}
