//! What a body that is not Wix's says: of a proxy, a gateway or another server, to be shown with the status.

use serde_json::Value;
use zeroize::Zeroizing;

use crate::server_error::Wiped;

/// What is read of an excerpt: more of it is shown by nobody.
pub(crate) const MAX_CHARACTERS: usize = 200;

/// Where JSON has a text for people, the most telling first.
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

/// In one line, and whole: it is cut after the credential has been taken out. `None` where it says nothing.
pub(crate) fn of(body: &[u8]) -> Option<String> {
    let text = Zeroizing::new(String::from_utf8_lossy(body).into_owned());
    let found = Zeroizing::new(match serde_json::from_slice::<Value>(body) {
        Ok(json) => of_json(&Wiped(json).0)?,
        Err(_) if text.trim_start().starts_with('<') => of_markup(&text)?,
        // JSON that was cut says nothing for people.
        Err(_) if text.trim_start().starts_with(['{', '[']) => return None,
        Err(_) if text.chars().any(|each| each == '\u{fffd}' || (each.is_control() && !each.is_whitespace())) => {
            return None;
        }
        Err(_) => text.to_string(),
    });
    let line = found.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then_some(line)
}

/// The first characters, with a mark where there are more.
pub(crate) fn cut(line: &str) -> String {
    match line.char_indices().nth(MAX_CHARACTERS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

fn of_json(json: &Value) -> Option<String> {
    let text = |value: &Value| value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned);
    // RFC 9457, application/problem+json.
    let titled = json.get("title").and_then(text).map(|title| match json.get("detail").and_then(text) {
        Some(detail) => format!("{title}: {detail}"),
        None => title,
    });
    let pointed = || POINTERS.iter().find_map(|pointer| json.pointer(pointer).and_then(text));
    text(json).or(titled).or_else(pointed)
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

    #[test]
    fn what_other_servers_say() {
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
    fn what_says_nothing() {
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

    #[test]
    fn it_is_bounded() {
        assert_eq!(cut(&"ü".repeat(200)), "ü".repeat(200));
        assert_eq!(cut(&"ü".repeat(201)), format!("{}…", "ü".repeat(200)));
    }
}
