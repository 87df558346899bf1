//! A failure as JSON, for programs: one object in one line.

use aicredits::{Error, Scope};
use serde_json::{Map, Value, json};

use crate::exit::{Exit, Failure};
use crate::json_answer;
use crate::render::json_for_terminal;

/// Unknown fields are left out. Control characters are escaped, so the line is safe for a terminal.
pub(crate) fn line(failure: &Failure) -> String {
    json_for_terminal(&json!({ "error": object(failure) }).to_string())
}

/// The failure as the answer of a check.
pub(crate) fn answer(failure: &Failure) -> String {
    let mut fields = Map::new();
    fields.insert("error".into(), object(failure).into());
    fields.insert("exit_status".into(), failure.exit.code().into());
    json_answer::line("error", fields)
}

fn object(failure: &Failure) -> Map<String, Value> {
    let error = failure.error.as_deref();
    let mut object = error.map(details).unwrap_or_default();
    object.insert("kind".into(), kind(failure).into());
    object.insert("message".into(), failure.message.as_str().into());
    object.insert("exit_status".into(), failure.exit.code().into());
    if let Some(advice) = &failure.advice {
        object.insert("advice".into(), advice.trim_end().into());
    }
    object
}

fn kind(failure: &Failure) -> String {
    match (&failure.error, failure.exit) {
        (Some(error), _) => snake_case(&format!("{:?}", error.kind())),
        (None, Exit::Configuration) => "invalid_argument".to_owned(),
        (None, Exit::Decode) => "decode".to_owned(),
        (None, Exit::Output) => "output".to_owned(),
        (None, _) => "unexpected".to_owned(),
    }
}

fn details(error: &Error) -> Map<String, Value> {
    let violations: Vec<Value> = error.field_violations().iter().map(|violation| {
        json!({ "field": violation.field(), "description": violation.description(), "violated_rule": violation.violated_rule() })
    }).collect();
    let fields = json!({
        "http_status": error.http_status(),
        "code": error.code(),
        "description": error.description(),
        "field_violations": violations,
        "setting": error.setting(),
        "account_id": error.scope().and_then(Scope::account_id),
        "site_id": error.scope().and_then(Scope::site_id),
        "request_id": error.request_id(),
        "retry_after_seconds": error.retry_after().map(|pause| pause.as_secs_f64()),
        "attempts": error.attempts().len(),
        "is_transient": error.is_transient(),
    });
    let Value::Object(fields) = fields else { return Map::new() };
    fields.into_iter().filter(|(_, value)| !value.is_null() && *value != json!([])).collect()
}

/// `NotFound` is `not_found`, as in the tables of balances.
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 2);
    for character in name.chars() {
        if character.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}
