//! Server text, made fit to be shown.

use std::ops::RangeInclusive;
use std::time::Duration;

/// The most characters of one server text that a message shows.
pub const SHOWN_CHARACTERS: usize = 300;

/// `text` escaped for terminals and logs, and bounded to [`SHOWN_CHARACTERS`].
///
/// Escaped are control characters, line and paragraph separators, marks of the writing direction, and characters without
/// width.
pub fn escape_for_display(text: &str) -> String {
    escape_at_most(text, SHOWN_CHARACTERS)
}

/// As [`escape_for_display`], with so many characters of it at most.
pub(crate) fn escape_at_most(text: &str, most: usize) -> String {
    let mut out = String::with_capacity(text.len().min(most));
    for (count, character) in text.chars().enumerate() {
        if count == most {
            out.push('…');
            break;
        }
        if acts(character) {
            out.extend(character.escape_default());
        } else {
            out.push(character);
        }
    }
    out
}

/// `2 s`, `1.3 s`, `700 ms`: seconds and milliseconds to three digits.
pub fn duration(duration: Duration) -> String {
    let (count, unit) = match duration.as_secs_f64() {
        seconds if seconds >= 1.0 => (seconds, "s"),
        seconds => (seconds * 1000.0, "ms"),
    };
    let digits = format!("{count:.3}");
    format!("{} {unit}", digits.trim_end_matches('0').trim_end_matches('.'))
}

/// Many faults in one sentence: the first 20, and how many there are besides.
pub fn listed(mut faults: Vec<String>) -> String {
    const NAMED: usize = 20;
    let more = faults.len().saturating_sub(NAMED);
    faults.truncate(NAMED);
    faults.extend((more > 0).then(|| format!("and {more} more")));
    faults.join("; ")
}

/// A text as JSON, with its quotation marks.
pub(crate) fn json(text: &str) -> String {
    serde_json::to_string(text).expect("a text is always JSON")
}

/// `-1,234,567`: with a comma between thousands.
pub fn grouped(count: i64) -> String {
    let digits = count.unsigned_abs().to_string();
    let mut text = String::from(if count < 0 { "-" } else { "" });
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The characters that mark a setting's name, or an optional part, in a message that is not rendered yet: noncharacters,
/// which Unicode leaves to a program's own use. Text from elsewhere has them escaped.
pub(crate) const MARKS: RangeInclusive<char> = '\u{fdd0}'..='\u{fdef}';

/// Whether a message has marks, and so differs between surfaces.
pub(crate) fn has_marks(message: &str) -> bool {
    message.contains(is_mark)
}

/// A message as it reads where nobody renders its marks: with the settings' canonical names.
pub(crate) fn without_marks(message: &str) -> String {
    message.replace(is_mark, "")
}

pub(crate) fn is_mark(character: char) -> bool {
    MARKS.contains(&character)
}

fn acts(character: char) -> bool {
    character.is_control() || is_invisible(character) || is_mark(character)
}

/// Characters that have no width on a screen, or that change the writing direction.
pub(crate) fn is_invisible(character: char) -> bool {
    matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_by_three() {
        for (count, text) in [
            (0, "0"),
            (999, "999"),
            (-999, "-999"),
            (1000, "1,000"),
            (-1000, "-1,000"),
            (12_345, "12,345"),
            (123_456, "123,456"),
            (1_234_567, "1,234,567"),
            (i64::MAX, "9,223,372,036,854,775,807"),
            (i64::MIN, "-9,223,372,036,854,775,808"),
        ] {
            assert_eq!(grouped(count), text);
        }
    }

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(escape_for_display("a\u{1b}[2Jb\r\nc\u{7f}\u{9b}"), "a\\u{1b}[2Jb\\r\\nc\\u{7f}\\u{9b}");
        assert_eq!(escape_for_display("evil\u{202e}txt\u{2028}"), "evil\\u{202e}txt\\u{2028}");
        assert_eq!(escape_for_display("no \u{fdd0} mark \u{fdef}"), "no \\u{fdd0} mark \\u{fdef}");
        assert_eq!(escape_for_display("naïve “quotes” stay 信用"), "naïve “quotes” stay 信用");
    }

    #[test]
    fn a_limit_counts_characters() {
        assert_eq!(escape_at_most(&"ü".repeat(200), 200), "ü".repeat(200));
        assert_eq!(escape_at_most(&"ü".repeat(201), 200), format!("{}…", "ü".repeat(200)));
    }

    #[test]
    fn durations_have_a_unit_and_no_spare_digits() {
        for (nanoseconds, shown) in [
            (2_000_000_000, "2 s"),
            (1_300_000_000, "1.3 s"),
            (86_400_000_000_000, "86400 s"),
            (999_000_000, "999 ms"),
            (100_000_000, "100 ms"),
            (50_000, "0.05 ms"),
            (0, "0 ms"),
        ] {
            assert_eq!(duration(Duration::from_nanos(nanoseconds)), shown);
        }
    }

    #[test]
    fn length_is_bounded() {
        assert_eq!(escape_for_display(&"x".repeat(300)), "x".repeat(300));
        assert_eq!(escape_for_display(&"é".repeat(1_000_000)), format!("{}…", "é".repeat(300)));
    }
}
