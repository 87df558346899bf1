//! Wix's error bodies, in every known shape. A body of another shape is not an error: the status says enough.

use std::fmt;

use serde_json::Value;
use zeroize::Zeroize;

use crate::redact::Redactor;
use crate::{excerpt, text};

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ServerError {
    pub(crate) code: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) field_violations: Vec<FieldViolation>,
    /// The excerpt of a body that is not Wix's, safe to show.
    pub(crate) excerpt: Option<String>,
}

impl ServerError {
    /// | shape | code | description |
    /// |---|---|---|
    /// | `{"message","details":{"applicationError":{"code","description"}}}` | code | description, else message |
    /// | `{"message","details":{"validationError":{"fieldViolations":[…]}}}` | | message |
    /// | `{"message","details":{"systemError":{"errorCode"}}}` | errorCode | message |
    /// | `{"message","errorCode"}` | errorCode | message |
    /// | `{"error","error_description"}` | error | error_description |
    /// | another server's: text, a page's title, other JSON | | an excerpt instead |
    pub(crate) fn parse(body: &[u8], redactor: &Redactor) -> Self {
        // The credential is taken out before it is cut: a cut one would have no run to be found by.
        let shown = |text: String| text::escape_at_most(&redactor.redact(&text), excerpt::MAX_CHARACTERS);
        let Ok(json) = serde_json::from_slice(body).map(Wiped) else {
            return Self { excerpt: excerpt::of_text(body).map(shown), ..Self::default() };
        };
        let error = Self::of_wix(&json.0, redactor);
        match error == Self::default() {
            true => Self { excerpt: excerpt::of_json(&json.0).map(shown), ..error },
            false => error,
        }
    }

    fn of_wix(body: &Value, redactor: &Redactor) -> Self {
        // The credential is taken out where server text enters, so that nothing behind here can show it.
        let text = |value: &Value| match value {
            Value::String(text) if !text.is_empty() => Some(redactor.redact(text).into_owned()),
            Value::Number(number) => Some(redactor.redact(&number.to_string()).into_owned()),
            _ => None,
        };
        let at = |pointer: &str| body.pointer(pointer).and_then(text);

        let violations = body.pointer("/details/validationError/fieldViolations").and_then(Value::as_array);
        let violation = |value: &Value| FieldViolation {
            field: value.get("field").and_then(text).unwrap_or_default(),
            description: value.get("description").and_then(text).unwrap_or_default(),
            violated_rule: value.get("violatedRule").and_then(text),
        };
        Self {
            code: at("/details/applicationError/code")
                .or_else(|| at("/details/systemError/errorCode"))
                .or_else(|| at("/errorCode"))
                .or_else(|| at("/error")),
            description: at("/details/applicationError/description")
                .or_else(|| at("/message"))
                .or_else(|| at("/error_description")),
            field_violations: violations.map(|list| list.iter().map(violation).collect()).unwrap_or_default(),
            excerpt: None,
        }
    }
}

/// One field of the request that the server refused. All of it is server text, as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FieldViolation {
    field: String,
    description: String,
    violated_rule: Option<String>,
}

impl FieldViolation {
    /// The field's path in the request.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// The fault of the field.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The rule's name, such as `REQUIRED_FIELD`.
    pub fn violated_rule(&self) -> Option<&str> {
        self.violated_rule.as_deref()
    }
}

impl fmt::Display for FieldViolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", text::escape_for_display(&self.field), text::escape_for_display(&self.description))?;
        match &self.violated_rule {
            Some(rule) => write!(f, " [{}]", text::escape_for_display(rule)),
            None => Ok(()),
        }
    }
}

/// Parsed server text, which may echo the credential. It is overwritten when dropped.
struct Wiped(Value);

impl Drop for Wiped {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(list) => list.iter_mut().for_each(wipe),
        Value::Object(members) => {
            for (mut name, mut value) in std::mem::take(members) {
                name.zeroize();
                wipe(&mut value);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &str) -> ServerError {
        ServerError::parse(body.as_bytes(), &Redactor::new("IST.canary"))
    }

    fn code_and_description(body: &str) -> (Option<String>, Option<String>) {
        let error = parse(body);
        (error.code, error.description)
    }

    fn some(code: &str, description: &str) -> (Option<String>, Option<String>) {
        (Some(code.to_owned()), Some(description.to_owned()))
    }

    #[test]
    fn every_shape_that_was_seen() {
        assert_eq!(
            code_and_description(
                r#"{"message":"m","details":{"applicationError":{"code":"NOT_FOUND","description":"d","data":{}}}}"#
            ),
            some("NOT_FOUND", "d")
        );
        assert_eq!(
            code_and_description(r#"{"message":"m","details":{"applicationError":{"code":"NOT_FOUND"}}}"#),
            some("NOT_FOUND", "m")
        );
        assert_eq!(
            code_and_description(r#"{"message":"m","details":{"systemError":{"errorCode":"E7"}}}"#),
            some("E7", "m")
        );
        assert_eq!(code_and_description(r#"{"message":"m","details":{}}"#), (None, Some("m".into())));
        assert_eq!(code_and_description(r#"{"message":"","details":{}}"#), (None, None));
        assert_eq!(code_and_description(r#"{"message":"m"}"#), (None, Some("m".into())));
        assert_eq!(code_and_description(r#"{"message":"m","errorCode":-100}"#), some("-100", "m"));
        assert_eq!(
            code_and_description(r#"{"error":"invalid_client","error_description":"d"}"#),
            some("invalid_client", "d")
        );
    }

    #[test]
    fn field_violations_are_kept() {
        let error = parse(
            r#"{"message":"two\nlines","details":{"validationError":{"fieldViolations":[
                {"field":"a.b","description":"is required","violatedRule":"REQUIRED_FIELD","ruleName":"r","data":{}},
                {"field":"c","description":"is odd"}, {}, 7]}}}"#,
        );
        assert_eq!(error.description.as_deref(), Some("two\nlines"));
        let [first, second, empty, odd] = &error.field_violations[..] else { panic!("{error:?}") };
        assert_eq!(first.to_string(), "a.b: is required [REQUIRED_FIELD]");
        assert_eq!(second.to_string(), "c: is odd");
        assert_eq!((empty, odd), (&FieldViolation::default(), &FieldViolation::default()));
    }

    #[test]
    fn other_bodies_have_no_fields() {
        for body in [
            "",
            "<html>502</html>",
            "{",
            "[]",
            "null",
            "7",
            r#"{"message":{}}"#,
            r#"{"details":[]}"#,
            &"[".repeat(100_000),
        ] {
            assert_eq!(parse(body), ServerError::default(), "{body}");
        }
    }

    #[test]
    fn parsed_values_are_overwritten() {
        let mut value = serde_json::json!({"a": ["secret", {"secret": "secret"}], "b": 7});
        let kept = value["a"][0].as_str().unwrap().as_ptr();
        wipe(&mut value["a"]);
        // The list and its text are still there, without what they held.
        assert_eq!(value["a"], serde_json::json!(["", {}]));
        assert_eq!(value["a"][0].as_str().unwrap().as_ptr(), kept);
    }

    #[test]
    fn other_bodies_become_an_excerpt_without_the_credential() {
        let error = parse("<title>no IST.canary here</title>");
        assert_eq!((error.excerpt.as_deref(), error.description), (Some("no [redacted] here"), None));
        // It lies where the excerpt is cut.
        let error = parse(&format!("{}IST.canary", "x".repeat(196)));
        assert!(!error.excerpt.unwrap().contains("IST."));
        assert_eq!(parse(r#"{"message":"m"}"#).excerpt, None);
    }

    #[test]
    fn an_echoed_key_is_taken_out_of_every_text() {
        let error = parse(
            r#"{"message":"IST.canary","details":{"applicationError":{"code":"IST.canary","description":"\u0049ST.canary"},
                "validationError":{"fieldViolations":[{"field":"IST.canary","description":"IST.canary","violatedRule":"IST.canary"}]}}}"#,
        );
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");

        let number = Redactor::new("1234567890");
        let error = ServerError::parse(br#"{"message":1234567890,"errorCode":-1234567890}"#, &number);
        assert!(!format!("{error:?}").contains("1234567890"), "{error:?}");
    }
}
