//! The characters that the user's locale can show.

use std::borrow::Cow;
use std::ffi::OsString;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Charset {
    Utf8,
    /// The C locale, and every encoding that is not UTF-8.
    Ascii,
}

impl Charset {
    /// The first of `LC_ALL`, `LC_CTYPE` and `LANG` that is set names the locale, as in `setlocale(3)`. The default is the
    /// C locale.
    pub(crate) fn of(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable).unwrap_or_default();
        let locale = locale.to_string_lossy().to_ascii_lowercase();
        // Such as de_DE.UTF-8, C.utf8 and sr_RS.UTF-8@latin.
        let encoding = locale.split_once('.').map_or("", |(_, rest)| rest.split('@').next().unwrap_or(rest));
        if matches!(encoding, "utf-8" | "utf8") { Self::Utf8 } else { Self::Ascii }
    }

    /// The text in these characters: bars become ASCII bars. A character without a counterpart is escaped.
    pub(crate) fn text(self, text: &str) -> Cow<'_, str> {
        if self == Self::Utf8 || text.is_ascii() {
            return text.into();
        }
        let mut ascii = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                '━' => ascii.push('#'),
                '╾' => ascii.push('='),
                '─' => ascii.push('-'),
                '┄' => ascii.push('.'),
                '…' => ascii.push_str("..."),
                _ if character.is_ascii() => ascii.push(character),
                _ => ascii.extend(character.escape_unicode()),
            }
        }
        ascii.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_names_the_encoding() {
        for (variables, expected) in [
            (&[][..], Charset::Ascii),
            (&[("LANG", "C")], Charset::Ascii),
            (&[("LANG", "POSIX")], Charset::Ascii),
            (&[("LANG", "en_US")], Charset::Ascii),
            (&[("LANG", "de_DE.ISO-8859-1")], Charset::Ascii),
            (&[("LANG", "ja_JP.eucJP")], Charset::Ascii),
            (&[("LANG", "de_DE.UTF-8")], Charset::Utf8),
            (&[("LANG", "C.utf8")], Charset::Utf8),
            (&[("LANG", "sr_RS.UTF-8@latin")], Charset::Utf8),
            (&[("LC_CTYPE", "C.UTF-8")], Charset::Utf8),
            (&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "C")], Charset::Ascii),
            (&[("LANG", "de_DE.UTF-8"), ("LC_CTYPE", "C")], Charset::Ascii),
            (&[("LANG", "C"), ("LC_CTYPE", "C"), ("LC_ALL", "en_GB.utf8")], Charset::Utf8),
        ] {
            let variable = |name: &str| variables.iter().find(|(given, _)| *given == name).map(|(_, text)| text.into());
            assert_eq!(Charset::of(variable), expected, "{variables:?}");
        }
    }

    #[test]
    fn ascii_has_bars_and_escapes() {
        let text = "━━╾── ┄┄ SEVENTEEN_COLUM… café";
        assert_eq!(Charset::Ascii.text(text), r"##=-- .. SEVENTEEN_COLUM... caf\u{e9}");
        assert_eq!(Charset::Utf8.text(text), text);
    }
}
