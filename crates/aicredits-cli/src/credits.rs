//! A count of credits in an argument.

/// A cost or a count: digits alone, as a fraction of a credit or a negative count is a mistake of the script.
pub(crate) fn credits(text: &str) -> Result<u64, String> {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = if is_digits { text.parse().ok() } else { None };
    number
        .filter(|number| *number <= aicredits::MAX_COST)
        .ok_or_else(|| format!("not a whole number from 0 to {}", aicredits::MAX_COST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_of_credits_is_digits_alone() {
        for (text, count) in [("0", 0), ("40", 40), ("007", 7), ("9223372036854775807", aicredits::MAX_COST)] {
            assert_eq!(credits(text), Ok(count), "{text}");
        }
        for text in ["", " ", "NaN", "1.5", "-3", "+3", "1e3", "0x10", "1,000", " 4", "٤", "inf", "9223372036854775808"]
        {
            assert!(credits(text).is_err(), "{text}");
        }
    }
}
