//! The text of an error body that is not Wix's, but a proxy's, a gateway's or another server's. It is shown with the status.
//!
//! An excerpt is one line. It is cut only after the credential is removed. `None` if a body has no text.

use serde_json::Value;
use zeroize::Zeroizing;

/// No more of an excerpt is shown.
pub(crate) const MAX_CHARACTERS: usize = 200;

/// The places of readable text in JSON, the most useful first.
const POINTERS: [&str; 16] = [
    "/error/message",
    "/error/description",
    "/error/detail",
    "/errors/0/message",
    "/errors/0/detail",
    "/errors/0/title",
    "/errors/0",
    "/0/message",
    "/0/detail",
    "/0",
    "/detail",
    "/Message",
    "/fault/faultstring",
    "/msg",
    "/reason",
    "/statusMessage",
];
/// Elements of HTML and XML, likewise.
const ELEMENTS: [&str; 4] = ["title", "h1", "message", "faultstring"];

/// Of JSON.
pub(crate) fn of_json(json: &Value) -> Option<String> {
    let text = |value: &Value| value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned);
    // RFC 9457, application/problem+json.
    let titled = json.get("title").and_then(text).map(|title| match json.get("detail").and_then(text) {
        Some(detail) => format!("{title}: {detail}"),
        None => title,
    });
    let pointed = || POINTERS.iter().find_map(|pointer| json.pointer(pointer).and_then(text));
    in_one_line(text(json).or(titled).or_else(pointed)?)
}

/// Of a body that is no JSON: a page, or plain text.
pub(crate) fn of_text(body: &[u8]) -> Option<String> {
    let text = Zeroizing::new(String::from_utf8_lossy(body).into_owned());
    let acts = |character: char| character == '\u{fffd}' || (character.is_control() && !character.is_whitespace());
    match text.trim_start().chars().next()? {
        '<' => in_one_line(of_markup(&text)?),
        // JSON that was cut says nothing for people.
        '{' | '[' => None,
        _ if text.contains(acts) => None,
        _ => in_one_line(text.to_string()),
    }
}

fn in_one_line(text: String) -> Option<String> {
    let text = Zeroizing::new(text);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then_some(line)
}

fn of_markup(page: &str) -> Option<String> {
    let found = ELEMENTS.iter().find_map(|name| element(page, name))?;
    Some(unescaped(&without_tags(&found)))
}

/// The text of the first element of this name.
fn element(page: &str, name: &str) -> Option<String> {
    // Of ASCII alone, so that places are the same in both.
    let lower = page.to_ascii_lowercase();
    let opens =
        |at: &usize| matches!(lower.as_bytes().get(at + 1 + name.len()), Some(b'>' | b' ' | b'\t' | b'\n' | b'\r'));
    let begin = lower.match_indices(&format!("<{name}")).map(|(at, _)| at).find(opens)?;
    let begin = begin + lower[begin..].find('>')? + 1;
    let end = begin + lower[begin..].find(&format!("</{name}"))?;
    Some(page[begin..end].to_owned()).filter(|text| !text.trim().is_empty())
}

fn without_tags(text: &str) -> String {
    let mut is_tag = false;
    let keep = |character: &char| {
        is_tag = *character == '<' || (is_tag && *character != '>');
        !is_tag && *character != '>'
    };
    text.chars().filter(keep).collect()
}

fn unescaped(text: &str) -> String {
    const NAMED: [(&str, &str); 6] =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    NAMED.iter().fold(text.to_owned(), |text, (escape, plain)| text.replace(escape, plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(body: &[u8]) -> Option<String> {
        match serde_json::from_slice(body) {
            Ok(json) => of_json(&json),
            Err(_) => of_text(body),
        }
    }

    #[test]
    fn bodies_of_other_servers_have_an_excerpt() {
        for (body, says) in [
            ("Blocked by Corp\r\n", "Blocked by Corp"),
            ("  two\nlines ", "two lines"),
            ("<html><head><TITLE>502 Bad Gateway</TITLE></head>", "502 Bad Gateway"),
            ("<!DOCTYPE html><title\n lang=en>A &amp; B</title>", "A & B"),
            ("<html><title></title><h1 class=x>No <b>entry</b></h1></html>", "No entry"),
            ("<?xml version='1.0'?><Error><Code>X</Code><Message>denied</Message></Error>", "denied"),
            ("<titles>x</titles><title>y</title>", "y"),
            (r#"{"type":"about:blank","title":"Out of quota","detail":"try later"}"#, "Out of quota: try later"),
            (r#"{"title":"Out of quota"}"#, "Out of quota"),
            (r#"{"error":{"code":7,"message":"nested"}}"#, "nested"),
            (r#"{"errors":[{"message":"first"},{"message":"second"}]}"#, "first"),
            (r#"{"errors":["plain"]}"#, "plain"),
            (r#"[{"message":"of a list"}]"#, "of a list"),
            (r#"["a"]"#, "a"),
            (r#""a string""#, "a string"),
            (r#"{"detail":"d"}"#, "d"),
            (r#"{"Message":"m"}"#, "m"),
            (r#"{"fault":{"faultstring":"f"}}"#, "f"),
        ] {
            assert_eq!(of(body.as_bytes()).as_deref(), Some(says), "{body}");
        }
    }

    #[test]
    fn bodies_without_text_have_no_excerpt() {
        let nested = "[".repeat(100_000);
        for body in [
            "",
            " \n",
            "{",
            "[]",
            "{}",
            "null",
            "7",
            "<html>502</html>",
            "<title> </title>",
            "<title>x",
            "a\0b",
            &nested,
        ] {
            assert_eq!(of(body.as_bytes()), None, "{body}");
        }
        assert_eq!(of(b"\xff\xfe\x00"), None);
    }
}
