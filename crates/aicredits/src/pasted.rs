//! Characters that are copied together with a key or an id: quotation marks, a scheme, whitespace, a line break, braces,
//! invisible characters. A message names each with its place. The value itself is never shown.

use crate::text::is_invisible;

/// The use of a value, which decides about the allowed characters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    ApiKey,
    /// A whole `Authorization` header, such as `Bearer …`: it may hold blanks, and end with a quotation mark.
    Authorization,
    Id,
}

/// Schemes that go before a token in `Authorization`.
const SCHEMES: [&str; 3] = ["bearer ", "basic ", "token "];
const HEADERS: [&str; 4] = ["authorization:", "x-api-key:", "wix-account-id:", "wix-site-id:"];
/// Beginnings of a shell's line, or of a line in a file of variables.
const ASSIGNMENTS: [&str; 6] = ["export ", "set ", "$env:", "wix_api_key", "wix_account_id", "wix_site_id"];
/// Words of other languages for an absent value.
const ABSENT: [&str; 4] = ["null", "undefined", "none", "nil"];

/// The fault of a value, as text that follows the name of its setting.
pub(crate) fn fault(kind: Kind, value: &str, max_bytes: usize) -> Option<String> {
    if value.is_empty() {
        return Some("is empty".to_owned());
    }
    if value.len() > max_bytes {
        return Some(format!("is longer than {max_bytes} bytes"));
    }
    if value.chars().all(|character| character.is_whitespace() || is_invisible(character)) {
        return Some("is blank".to_owned());
    }
    in_front(kind, value).or_else(|| character(kind, value)).or_else(|| around(kind, value))
}

fn in_front(kind: Kind, value: &str) -> Option<String> {
    let has = |value: &str, start: &str| {
        value.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start)) && value.len() > start.len()
    };
    let any = |value: &str, starts: &[&str]| starts.iter().any(|start| has(value, start));
    let (_, token) = value.split_once(' ').unwrap_or_default();
    if kind == Kind::Authorization && any(value, &SCHEMES) && any(token, &SCHEMES) {
        return Some("names its scheme twice, such as Bearer".to_owned());
    }
    if kind != Kind::Authorization && any(value, &SCHEMES) {
        return Some("begins with a scheme such as Bearer: remove it".to_owned());
    }
    if any(value, &HEADERS) {
        return Some("begins with the name of a header: remove it".to_owned());
    }
    if any(value, &ASSIGNMENTS) && value.contains(['=', ':', ' ']) {
        return Some("begins with the name of a variable: only what follows the = is needed".to_owned());
    }
    None
}

fn character(kind: Kind, value: &str) -> Option<String> {
    let may_be_blank = |at: usize| kind == Kind::Authorization && at > 0 && !value[at..].trim().is_empty();
    let is_fine =
        |(at, character): (usize, char)| character.is_ascii_graphic() || (character == ' ' && may_be_blank(at));
    let (at, found) = value.char_indices().find(|&place| !is_fine(place))?;
    if matches!(found, '\r' | '\n') && value[at..].trim().is_empty() {
        return Some("ends with a line break: was it read from a file with its last line break?".to_owned());
    }
    let what = match found {
        ' ' => "a blank",
        '\t' => "a tab",
        '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => "a line break",
        '\u{feff}' => "a byte order mark, as some editors write at the start of a file",
        '‘'..='‟' | '«' | '»' | '‹' | '›' | '＂' | '＇' => "a typographic quotation mark",
        '‐'..='―' | '−' => "a typographic dash: word processors write it for a hyphen",
        '…' | '•' | '●' | '·' => "a mark of what is not shown: copy the whole of it",
        _ if found.is_control() => "a control character",
        _ if is_invisible(found) => "a character that cannot be seen",
        _ if found.is_whitespace() => "a blank that is not ASCII",
        _ => "a character that it cannot have (only visible ASCII)",
    };
    let place = match at {
        0 => "begins with",
        _ if at + found.len_utf8() == value.len() => "ends with",
        _ => "has",
    };
    let code = if found.is_ascii() { String::new() } else { format!(" (U+{:04X})", u32::from(found)) };
    Some(format!("{place} {what}{code}, at byte {at}"))
}

fn around(kind: Kind, value: &str) -> Option<String> {
    let (first, last) = (value.chars().next()?, value.chars().next_back()?);
    let is_quote = |character| matches!(character, '"' | '\'' | '`');
    // A scheme begins with none of these; its parameters may end with them.
    let is_token = kind != Kind::Authorization;
    let fault = if is_quote(first) || value.starts_with("\\\"") || (is_token && is_quote(last)) {
        "is in quotation marks: remove them (in a file of variables they may be kept as part of the value)"
    } else if value.starts_with("${") || value.starts_with("{{") || matches!(first, '$' | '%') {
        "is the name of a variable, not its value"
    } else if matches!(first, '{' | '[' | '(' | '<') || (is_token && matches!(last, '}' | ']' | ')' | '>')) {
        "is in braces or brackets: remove them"
    } else if !is_token {
        return None;
    } else if value.starts_with("http://") || value.starts_with("https://") {
        "is a URL: only the id or the key is needed"
    } else if kind == Kind::Id && value.starts_with(KEY) {
        "is an API key, not an id"
    } else if matches!(last, ',' | ';') {
        "ends with a comma or a semicolon: remove it"
    } else if ["\\n", "\\r"].iter().any(|end| value.ends_with(end)) {
        "ends with a line break that is written as a backslash and a letter: remove it"
    } else if value.ends_with("...") || value.contains("***") {
        "is shortened or masked: copy the whole of it"
    } else if ABSENT.iter().any(|word| value.eq_ignore_ascii_case(word)) {
        "is the word for a value that is not there"
    } else {
        return None;
    };
    Some(fault.to_owned())
}

/// The prefix of Wix's API keys.
const KEY: &str = "IST.";

/// Where API keys begin in a text: not in the middle of a word, such as `LIST.txt`.
fn keys(text: &str) -> impl Iterator<Item = usize> + '_ {
    let is_begin = |at: &usize| !text[..*at].ends_with(|before: char| before.is_alphanumeric());
    text.match_indices(KEY).map(|(at, _)| at).filter(is_begin)
}

/// Whether an API key is in a text that is no place for one.
pub fn has_key(text: &str) -> bool {
    keys(text).next().is_some()
}

/// The text with all API keys redacted.
pub(crate) fn without_keys(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = 0;
    for begin in keys(text) {
        if begin < rest {
            continue;
        }
        let is_of_a_key = |character: char| character.is_ascii_alphanumeric() || "._-+/=".contains(character);
        let end = text[begin..].find(|character| !is_of_a_key(character)).map_or(text.len(), |length| begin + length);
        out += &text[rest..begin];
        out += "[redacted]";
        rest = end;
    }
    out + &text[rest..]
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Kind; 3] = [Kind::ApiKey, Kind::Authorization, Kind::Id];

    /// Pasted texts, each with its name in messages; `@` is the key or the id.
    const PASTED: [(&str, &str); 52] = [
        ("\"@\"", "quotation marks"),
        ("'@'", "quotation marks"),
        ("`@`", "quotation marks"),
        ("\"@\",", "quotation marks"),
        ("\\\"@\\\"", "quotation marks"),
        ("“@”", "begins with a typographic quotation mark (U+201C)"),
        ("@’", "ends with a typographic quotation mark"),
        ("«@»", "typographic quotation mark"),
        ("＂@＂", "typographic quotation mark"),
        (" @", "begins with a blank"),
        ("@ ", "ends with a blank"),
        ("\t@", "begins with a tab"),
        ("@\t", "ends with a tab"),
        ("\u{a0}@", "a blank that is not ASCII (U+00A0)"),
        ("@\u{3000}", "a blank that is not ASCII"),
        ("\u{feff}@", "begins with a byte order mark"),
        ("@\u{feff}", "ends with a byte order mark"),
        ("\u{200b}@", "cannot be seen (U+200B)"),
        ("@\u{200d}", "cannot be seen"),
        ("\u{202a}@\u{202c}", "cannot be seen"),
        ("@\u{ad}", "cannot be seen"),
        ("\n@", "begins with a line break"),
        ("@\n", "ends with a line break"),
        ("@\r\n", "ends with a line break"),
        ("@\n\n", "ends with a line break"),
        ("@\nX: y", "has a line break"),
        ("@\u{2028}", "ends with a line break (U+2028)"),
        ("@\\n", "backslash"),
        ("@\0", "control character"),
        ("{@}", "braces"),
        ("<@>", "braces"),
        ("[@]", "braces"),
        ("(@)", "braces"),
        ("${@}", "name of a variable"),
        ("{{@}}", "name of a variable"),
        ("$@", "name of a variable"),
        ("%@%", "name of a variable"),
        ("Bearer @", "scheme"),
        ("bearer  @", "scheme"),
        ("Authorization: @", "header"),
        ("authorization:@", "header"),
        ("wix-account-id: @", "header"),
        ("WIX_API_KEY=@", "variable"),
        ("export WIX_API_KEY=@", "variable"),
        ("$env:WIX_API_KEY = @", "variable"),
        ("@,", "comma"),
        ("@;", "semicolon"),
        ("@…", "not shown"),
        ("@...", "shortened"),
        ("@***", "masked"),
        ("https://manage.wix.com/@", "URL"),
        ("a–@", "dash"),
    ];

    /// Texts that a whole header value may have.
    const FINE_IN_A_HEADER: [&str; 8] =
        ["Bearer @", "bearer  @", "@\\n", "@,", "@;", "@...", "@***", "https://manage.wix.com/@"];

    #[test]
    fn pasted_characters_are_named_and_the_value_is_not_shown() {
        for kind in ALL {
            for (pasted, named) in PASTED {
                let fault = fault(kind, &pasted.replace('@', "CANARY-77d2"), 256);
                if kind == Kind::Authorization && FINE_IN_A_HEADER.contains(&pasted) {
                    assert_eq!(fault, None, "{pasted:?}");
                    continue;
                }
                let fault = fault.unwrap_or_else(|| panic!("{kind:?} accepts {pasted:?}"));
                assert!(fault.contains(named), "{kind:?} {pasted:?}: {fault}");
                assert!(!fault.contains("CANARY") && fault.is_ascii(), "{fault}");
            }
        }
    }

    #[test]
    fn values_as_they_should_be_pass() {
        for value in ["IST.eyJraWQiOiJQb3pIX2FDMiIsImFsZyI6IlJTMjU2In0.a-b_c", "a/b+c==", "A=1", "token", "x"] {
            assert_eq!(fault(Kind::ApiKey, value, 256), None);
            assert_eq!(fault(Kind::Authorization, value, 256), None);
        }
        for value in ["8b1c0c4e-0000-4000-8000-000000000000", "account-1", "site:77d2", "nonesuch"] {
            assert_eq!(fault(Kind::Id, value, 256), None);
        }
        for value in ["Bearer IST.x", "Signature id=\"a\", sum=\"b==\"", "Basic eDp5", "Wix {a}"] {
            assert_eq!(fault(Kind::Authorization, value, 256), None);
        }
    }

    #[test]
    fn keys_are_found_in_other_texts() {
        for (text, without) in [
            ("token IST.eyJ.a-b_c refused", "token [redacted] refused"),
            ("'IST.a' and 'IST.b'", "'[redacted]' and '[redacted]'"),
            ("IST.IST.a", "[redacted]"),
            ("é/IST.a?x", "é/[redacted]?x"),
        ] {
            assert!(has_key(text));
            assert_eq!(without_keys(text), without);
        }
        for text in ["", "LIST.txt", "no key", "ist.x"] {
            assert!(!has_key(text));
            assert_eq!(without_keys(text), text);
        }
    }

    #[test]
    fn the_rest_is_refused_by_kind() {
        assert_eq!(
            fault(Kind::Authorization, "Bearer Bearer x", 256).unwrap(),
            "names its scheme twice, such as Bearer"
        );
        assert_eq!(fault(Kind::Id, "IST.eyJ", 256).unwrap(), "is an API key, not an id");
        for kind in ALL {
            assert_eq!(fault(kind, "", 256).unwrap(), "is empty");
            assert_eq!(fault(kind, " \u{feff}\n", 256).unwrap(), "is blank");
            assert_eq!(fault(kind, &"x".repeat(257), 256).unwrap(), "is longer than 256 bytes");
            assert!(fault(kind, "ü", 256).unwrap().contains("only visible ASCII"));
        }
        for absent in ["null", "None", "undefined", "nil"] {
            assert!(fault(Kind::Id, absent, 256).unwrap().contains("not there"));
        }
    }
}
