//! Wraps text between words.

use unicode_width::UnicodeWidthStr;

/// Wraps each line of `text` at `width` columns. A word is never cut, because users copy ids and URLs. A line that begins
/// with a space is a command or a list, and is not wrapped.
pub(crate) fn wrap(text: &str, width: usize) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push('\n');
        }
        if line.starts_with(char::is_whitespace) || line.width() <= width {
            out += line;
        } else {
            wrap_line(&mut out, line, width);
        }
    }
    out
}

fn wrap_line(out: &mut String, line: &str, width: usize) {
    let mut column = 0;
    for word in line.split(' ') {
        if column > 0 && column + 1 + word.width() > width {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        *out += word;
        column += word.width();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrap("one two three", 7), "one two\nthree");
        assert_eq!(wrap("one two three", 8), "one two\nthree");
        assert_eq!(wrap("one two three", 13), "one two three");
        assert_eq!(wrap("one two\n\nthree four", 7), "one two\n\nthree\nfour");
        assert_eq!(wrap("信用 信用 x", 5), "信用\n信用\nx");
    }

    #[test]
    fn words_and_indented_lines_stay_whole() {
        assert_eq!(wrap("a d7a341c4-196b-46e7 b", 8), "a\nd7a341c4-196b-46e7\nb");
        assert_eq!(wrap("Run:\n  a long command with words", 8), "Run:\n  a long command with words");
        assert_eq!(wrap("d7a341c4-196b-46e7", 8), "d7a341c4-196b-46e7");
        assert_eq!(wrap("", 8), "");
    }
}
