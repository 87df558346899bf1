//! A count as the wire may write it: `850`, `"850"` (JSON of Protocol Buffers spells an int64 so), `850.0`, `1e3`.

use std::borrow::Cow;

/// Integers up to here are the same in a double; a count written with a fraction or an exponent may have been one.
const EXACT_IN_A_DOUBLE: u64 = 1 << 53;

pub(crate) const NOT_A_COUNT: &str = "expected a whole number of credits";
const NOT_WHOLE: &str = "expected a whole number of credits, without a fraction";
pub(crate) const TOO_LARGE: &str = "the number does not fit in 64 bits";
const INEXACT: &str = "a number written with a fraction or an exponent must be below 2^53 to be exact";

/// Reads one JSON value, which has been scanned and found well-formed; `None` is `null`.
pub(crate) fn parse(json: &str) -> Result<Option<i64>, &'static str> {
    if json == "null" {
        return Ok(None);
    }
    match json.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
        None => number(json.as_bytes()).map(Some),
        Some(text) if text.contains('\\') => {
            let text: Cow<'_, str> = serde_json::from_str(json).map_err(|_| NOT_A_COUNT)?;
            from_text(&text).map(Some)
        }
        Some(text) => from_text(text).map(Some),
    }
}

/// Reads the content of a JSON string.
pub(crate) fn from_text(text: &str) -> Result<i64, &'static str> {
    number(text.as_bytes())
}

/// Reads a number by JSON's grammar, exactly: its digits never pass through a double.
fn number(text: &[u8]) -> Result<i64, &'static str> {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let (whole, rest) = split_digits(text);
    match whole {
        [] | [b'0', _, ..] => return Err(NOT_A_COUNT),
        _ if rest.is_empty() => return integer(negative, whole),
        _ => {}
    }
    let (fraction, rest) = match rest {
        [b'.', rest @ ..] => match split_digits(rest) {
            ([], _) => return Err(NOT_A_COUNT),
            split => split,
        },
        _ => (&[][..], rest),
    };
    scientific(negative, whole, fraction, exponent(rest)?)
}

fn integer(negative: bool, digits: &[u8]) -> Result<i64, &'static str> {
    let magnitude =
        digits.iter().try_fold(0u64, |sum, digit| sum.checked_mul(10)?.checked_add(u64::from(digit - b'0')));
    let magnitude = magnitude.ok_or(TOO_LARGE)?;
    if negative { 0i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() }.ok_or(TOO_LARGE)
}

fn scientific(negative: bool, whole: &[u8], fraction: &[u8], exponent: i64) -> Result<i64, &'static str> {
    let digits = [whole, fraction].concat();
    // Trailing zeros move into the power of ten, so that what is left decides.
    let Some(last) = digits.iter().rposition(|&digit| digit != b'0') else {
        return Ok(0);
    };
    let power = exponent - fraction.len() as i64 + (digits.len() - 1 - last) as i64;
    if power < 0 {
        return Err(NOT_WHOLE);
    }
    let bounded = |sum: u64| if sum < EXACT_IN_A_DOUBLE { Ok(sum) } else { Err(INEXACT) };
    let mantissa = digits[..=last].iter().try_fold(0u64, |sum, digit| bounded(sum * 10 + u64::from(digit - b'0')))?;
    // The mantissa is not zero, so the bound ends this within sixteen steps however large the power.
    let magnitude = (0..power).try_fold(mantissa, |sum, _| bounded(sum * 10))? as i64;
    Ok(if negative { -magnitude } else { magnitude })
}

fn exponent(text: &[u8]) -> Result<i64, &'static str> {
    let (negative, digits) = match text {
        [] => return Ok(0),
        [b'e' | b'E', b'-', digits @ ..] => (true, digits),
        [b'e' | b'E', b'+', digits @ ..] | [b'e' | b'E', digits @ ..] => (false, digits),
        _ => return Err(NOT_A_COUNT),
    };
    match split_digits(digits) {
        ([], _) => return Err(NOT_A_COUNT),
        (_, []) => {}
        _ => return Err(NOT_A_COUNT),
    }
    // Far beyond any length of digits that a reply can hold, further exactness changes nothing.
    let magnitude = digits.iter().fold(0i64, |sum, digit| (sum * 10 + i64::from(digit - b'0')).min(1 << 40));
    Ok(if negative { -magnitude } else { magnitude })
}

fn split_digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().take_while(|byte| byte.is_ascii_digit()).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_read_exactly() {
        for (json, expected) in [
            ("850", 850),
            ("0", 0),
            ("-0", 0),
            ("-5", -5),
            ("9007199254740993", 9_007_199_254_740_993),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
            ("\"850\"", 850),
            ("\"-9223372036854775808\"", i64::MIN),
            ("\"\\u0038\\u00350\"", 850),
            ("850.0", 850),
            ("850.000", 850),
            ("-0.0", 0),
            ("0.0e99999999999999999999", 0),
            ("1e3", 1000),
            ("\"1e3\"", 1000),
            ("1E+3", 1000),
            ("1.5e1", 15),
            ("1.250e2", 125),
            ("8500e-1", 850),
            ("100e-2", 1),
            ("9007199254740991.0", 9_007_199_254_740_991),
            ("-9.007199254740991e15", -9_007_199_254_740_991),
        ] {
            assert_eq!(parse(json), Ok(Some(expected)), "{json}");
        }
        assert_eq!(parse("null"), Ok(None));
    }

    #[test]
    fn anything_else_is_refused_with_its_reason() {
        for (json, reason) in [
            ("\" 5\"", NOT_A_COUNT),
            ("\"5x\"", NOT_A_COUNT),
            ("\"\"", NOT_A_COUNT),
            ("\"null\"", NOT_A_COUNT),
            ("\"00\"", NOT_A_COUNT),
            ("\"+5\"", NOT_A_COUNT),
            ("\"-\"", NOT_A_COUNT),
            ("\"5.\"", NOT_A_COUNT),
            ("\".5\"", NOT_A_COUNT),
            ("\"5e\"", NOT_A_COUNT),
            ("\"5e+\"", NOT_A_COUNT),
            ("\"5e1.0\"", NOT_A_COUNT),
            ("\"5.0x\"", NOT_A_COUNT),
            ("\"NaN\"", NOT_A_COUNT),
            ("\"0x10\"", NOT_A_COUNT),
            ("\"\\ud800\"", NOT_A_COUNT),
            ("true", NOT_A_COUNT),
            ("{}", NOT_A_COUNT),
            ("[5]", NOT_A_COUNT),
            ("1.5", NOT_WHOLE),
            ("1e-1", NOT_WHOLE),
            ("1.0000000000000000000000001", NOT_WHOLE),
            ("4503599627370497.1", NOT_WHOLE),
            ("1e-99999999999999999999", NOT_WHOLE),
            ("9223372036854775808", TOO_LARGE),
            ("-9223372036854775809", TOO_LARGE),
            ("99999999999999999999999999", TOO_LARGE),
            ("9007199254740992.0", INEXACT),
            ("9007199254740993.0", INEXACT),
            ("1e16", INEXACT),
            ("1e400", INEXACT),
            ("1e99999999999999999999", INEXACT),
        ] {
            assert_eq!(parse(json), Err(reason), "{json}");
        }
    }
}
