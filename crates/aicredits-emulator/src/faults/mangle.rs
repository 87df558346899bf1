//! Changes of a body. The order of its members stays, which a parsed and rewritten body would lose.

use std::ops::Range;

use crate::protocol::Mangle;

/// A member that no client knows, with one value of each kind.
const UNKNOWN_FIELD: &str = r#""futureField":[{},"text",7,true,null]"#;
/// A period that no client knows.
const UNKNOWN_PERIOD: &str = r#""FORTNIGHT""#;

/// The changed body. A body that is no JSON keeps what only JSON has.
pub(crate) fn body(mut body: Vec<u8>, change: Mangle) -> Vec<u8> {
    match change {
        Mangle::Truncate => body.truncate(body.len() / 2),
        // The first byte is among them, and no JSON begins with 0xff.
        Mangle::Garble => body.iter_mut().step_by(7).for_each(|byte| *byte = 0xff),
        Mangle::UnknownEnum => return rewritten(body, unknown_enum),
        Mangle::UnknownField => return rewritten(body, unknown_field),
        Mangle::NumbersAsText => return rewritten(body, numbers_as_text),
        Mangle::DoubleRequestId => {}
    }
    body
}

fn rewritten(body: Vec<u8>, rewrite: fn(&str) -> String) -> Vec<u8> {
    let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(&body).is_ok();
    match String::from_utf8(body) {
        Ok(text) if is_json => rewrite(&text).into_bytes(),
        Ok(text) => text.into_bytes(),
        Err(error) => error.into_bytes(),
    }
}

fn unknown_enum(json: &str) -> String {
    let tokens = tokens(json);
    let period = tokens.windows(3).find(|three| {
        let [name, colon, value] = [&three[0], &three[1], &three[2]].map(|token| &json[token.clone()]);
        name == r#""period""# && colon == ":" && value.starts_with('"')
    });
    match period {
        Some(three) => [&json[..three[2].start], UNKNOWN_PERIOD, &json[three[2].end..]].concat(),
        None => json.to_owned(),
    }
}

/// At the end of every object.
fn unknown_field(json: &str) -> String {
    let mut before = "";
    let mut written = String::new();
    for token in tokens(json) {
        let token = &json[token];
        if token == "}" {
            written.push_str(if before == "{" { "" } else { "," });
            written.push_str(UNKNOWN_FIELD);
        }
        written.push_str(token);
        before = token;
    }
    written
}

fn numbers_as_text(json: &str) -> String {
    let is_number = |token: &str| token.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    let text = |token: Range<usize>| match &json[token] {
        number if is_number(number) => format!("\"{number}\""),
        other => other.to_owned(),
    };
    tokens(json).into_iter().map(text).collect()
}

/// The tokens of valid JSON: brackets, commas, colons, strings with their quotes, and the other words. No white space.
fn tokens(json: &str) -> Vec<Range<usize>> {
    let bytes = json.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let length = match bytes[at] {
            b' ' | b'\t' | b'\r' | b'\n' => {
                at += 1;
                continue;
            }
            b'{' | b'}' | b'[' | b']' | b',' | b':' => 1,
            b'"' => string_length(&bytes[at..]),
            _ => bytes[at..].iter().position(|byte| b" \t\r\n{}[],:\"".contains(byte)).unwrap_or(bytes.len() - at),
        };
        tokens.push(at..at + length);
        at += length;
    }
    tokens
}

/// The length of the string at the beginning, with both quotes.
fn string_length(bytes: &[u8]) -> usize {
    let mut at = 1;
    while bytes.get(at).is_some_and(|byte| *byte != b'"') {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mangled(json: &str, change: Mangle) -> String {
        String::from_utf8(body(json.into(), change)).unwrap()
    }

    #[test]
    fn rewriting_keeps_the_order_of_members_and_leaves_strings_alone() {
        let json = r#"{"b":-1.5e3,"a":[{},{"period":"DAY"},{"period":"DAY"}],"c\"}{7":"period\\","d":true}"#;
        assert_eq!(
            mangled(json, Mangle::NumbersAsText),
            r#"{"b":"-1.5e3","a":[{},{"period":"DAY"},{"period":"DAY"}],"c\"}{7":"period\\","d":true}"#
        );
        assert_eq!(
            mangled(json, Mangle::UnknownEnum),
            r#"{"b":-1.5e3,"a":[{},{"period":"FORTNIGHT"},{"period":"DAY"}],"c\"}{7":"period\\","d":true}"#
        );
        let added = r#""futureField":[{},"text",7,true,null]"#;
        assert_eq!(
            mangled(json, Mangle::UnknownField),
            format!(
                r#"{{"b":-1.5e3,"a":[{{{added}}},{{"period":"DAY",{added}}},{{"period":"DAY",{added}}}],"c\"}}{{7":"period\\","d":true,{added}}}"#
            )
        );
    }

    #[test]
    fn a_body_that_is_no_json_stays() {
        for change in [Mangle::UnknownEnum, Mangle::UnknownField, Mangle::NumbersAsText, Mangle::DoubleRequestId] {
            for text in ["", "{", "<p>7</p>", "{}{}"] {
                assert_eq!(mangled(text, change), text, "{change:?}");
            }
            assert_eq!(body(vec![0xff, b'7'], change), [0xff, b'7']);
        }
        assert_eq!(mangled("7", Mangle::NumbersAsText), r#""7""#);
        assert_eq!(mangled(r#"{"period":7}"#, Mangle::UnknownEnum), r#"{"period":7}"#);
    }
}
