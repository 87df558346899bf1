//! The query of a GET as the JSON request that it means.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::protocol::ControlError;

/// The parameters that are numbers.
const NUMBERS: [&str; 3] = ["after", "limit", "status"];

/// `route=balance&after=3` becomes `{"route":"balance","after":3}`. A parameter that comes twice comes twice there too.
pub(super) fn as_json(query: &str) -> Result<String, ControlError> {
    let mut members = Vec::new();
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let (name, value) = (decoded(name)?, decoded(value)?);
        let number = NUMBERS.contains(&name.as_str()).then(|| value.parse::<i128>().ok()).flatten();
        let value = number.map_or_else(|| Value::from(value).to_string(), |number| number.to_string());
        members.push(format!("{}:{value}", Value::from(name)));
    }
    Ok(format!("{{{}}}", members.join(",")))
}

fn decoded(text: &str) -> Result<String, ControlError> {
    let text = text.replace('+', " ");
    match percent_decode_str(&text).decode_utf8() {
        Ok(decoded) => Ok(decoded.into_owned()),
        Err(_) => Err(ControlError::invalid("", "the query is not UTF-8")),
    }
}

#[cfg(test)]
mod tests {
    use super::as_json;

    #[test]
    fn a_query_is_a_flat_object() {
        let cases = [
            ("", "{}"),
            ("route=balance&after=3", r#"{"route":"balance","after":3}"#),
            ("key=a%22b+c%2B&&status=4x", r#"{"key":"a\"b c+","status":"4x"}"#),
            ("after=1&after=2", r#"{"after":1,"after":2}"#),
            ("key", r#"{"key":""}"#),
            ("after=-1&limit=007&account=7", r#"{"after":-1,"limit":7,"account":"7"}"#),
        ];
        for (query, json) in cases {
            assert_eq!(as_json(query).unwrap(), json, "{query}");
        }
        assert_eq!(as_json("key=%ff").unwrap_err().status, 400);
    }
}
