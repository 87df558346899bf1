//! The fields of a request that the server refused.

use std::ffi::c_char;

use aicredits::FieldViolation;
use ffi_support::text::Text;

use crate::model::{AICREDITS_HAS_VIOLATED_RULE, bit};

/// One field of the request that the server refused. All texts are from the server and not escaped: before you show
/// them on a terminal, pass them to aicredits_text_escape().
///
/// Plain data, borrowed from its error. The layout does not change within a SONAME.
#[repr(C)]
pub struct aicredits_field_violation {
    /// AICREDITS_HAS_VIOLATED_RULE.
    pub present: u32,
    /// The field's path in the request, NUL-terminated; empty if the server does not name it.
    pub field: *const c_char,
    /// Its length in bytes, without the NUL.
    pub field_length: usize,
    /// The reason, NUL-terminated; empty if the server gives none.
    pub description: *const c_char,
    /// Its length in bytes, without the NUL.
    pub description_length: usize,
    /// The rule's name, such as "REQUIRED_FIELD", NUL-terminated; NULL if absent.
    pub violated_rule: *const c_char,
    /// Its length in bytes, without the NUL.
    pub violated_rule_length: usize,
    /// Zero.
    pub reserved: [u64; 2],
}

/// Violations that C can borrow, and the texts that they point to.
#[derive(Default)]
pub(crate) struct OwnedViolations {
    violations: Box<[aicredits_field_violation]>,
    _texts: Vec<Text>,
}

impl OwnedViolations {
    pub(crate) fn violations(&self) -> &[aicredits_field_violation] {
        &self.violations
    }
}

impl From<&[FieldViolation]> for OwnedViolations {
    fn from(violations: &[FieldViolation]) -> Self {
        let mut texts = Vec::new();
        let mut keep = |text: &str| {
            let text = Text::new(text);
            let borrowed = (text.as_ptr(), text.len());
            // The text owns heap memory: the address stays the same when the text is moved.
            texts.push(text);
            borrowed
        };
        let mut violation = |violation: &FieldViolation| {
            let (field, field_length) = keep(violation.field());
            let (description, description_length) = keep(violation.description());
            let (violated_rule, violated_rule_length) =
                violation.violated_rule().map_or((std::ptr::null(), 0), &mut keep);
            aicredits_field_violation {
                present: bit(violation.violated_rule(), AICREDITS_HAS_VIOLATED_RULE),
                field,
                field_length,
                description,
                description_length,
                violated_rule,
                violated_rule_length,
                reserved: [0; 2],
            }
        };
        let violations = violations.iter().map(&mut violation).collect();
        Self { violations, _texts: texts }
    }
}
