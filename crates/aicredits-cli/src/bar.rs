//! The share of a cap that is left, as a bar and in percent.

use anstyle::{AnsiColor, Style};

/// Full, half and empty: each column of a bar has two steps.
const FULL: char = '━';
const HALF: char = '╾';
const EMPTY: char = '─';
const UNKNOWN: char = '┄';

const DIM: Style = Style::new().dimmed();

/// A bar of `width` columns. It is dotted if there is no share of a cap: a count is unknown, or the cap is not positive.
/// A balance outside the cap leaves it full or empty.
pub(crate) fn bar(balance: Option<i64>, cap: Option<i64>, width: usize) -> String {
    let (Some(balance), Some(cap @ 1..)) = (balance, cap) else {
        return format!("{DIM}{}{DIM:#}", UNKNOWN.to_string().repeat(width));
    };
    let steps = steps(balance, cap, width);
    let full = FULL.to_string().repeat(steps / 2);
    let half = if steps % 2 == 1 { HALF.to_string() } else { String::new() };
    let empty = EMPTY.to_string().repeat(width - steps.div_ceil(2));
    let style = style(balance, cap);
    let rest = if steps == 0 { style } else { DIM };
    format!("{style}{full}{half}{style:#}{rest}{empty}{rest:#}")
}

/// A bar of a part of a whole, without colours.
pub(crate) fn share(part: usize, whole: usize, width: usize) -> String {
    let steps = steps(part as i64, whole as i64, width);
    let half = if steps % 2 == 1 { HALF.to_string() } else { String::new() };
    format!("{}{half}{}", FULL.to_string().repeat(steps / 2), EMPTY.to_string().repeat(width - steps.div_ceil(2)))
}

/// The share that the bar shows, rounded. Only an exact 0 % or 100 % is shown as such.
pub(crate) fn percent(balance: Option<i64>, cap: Option<i64>) -> Option<String> {
    let (balance, Some(cap @ 1..)) = (balance?, cap) else { return None };
    let (wide, cap) = (i128::from(balance), i128::from(cap));
    let rounded = (200 * wide + cap) / (2 * cap);
    Some(match wide {
        ..=0 => "0%".to_owned(),
        _ if wide > cap => ">100%".to_owned(),
        _ if wide == cap => "100%".to_owned(),
        _ if rounded == 0 => "<1%".to_owned(),
        _ => format!("{}%", rounded.min(99)),
    })
}

/// Rounded. Only an exact value is shown as full or empty.
fn steps(balance: i64, cap: i64, width: usize) -> usize {
    let (balance, cap) = (i128::from(balance), i128::from(cap));
    let all = 2 * width as i128;
    let steps = match balance {
        ..=0 => 0,
        _ if balance >= cap => all,
        _ => ((2 * balance * all + cap) / (2 * cap)).clamp(1, all - 1),
    };
    steps as usize
}

/// Green; yellow at a fifth or less; red when nothing is left.
fn style(balance: i64, cap: i64) -> Style {
    let colour = match balance {
        ..=0 => AnsiColor::Red,
        _ if balance <= cap / 5 => AnsiColor::Yellow,
        _ => AnsiColor::Green,
    };
    colour.on_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(balance: impl Into<Option<i64>>, cap: impl Into<Option<i64>>) -> String {
        anstream::adapter::strip_str(&bar(balance.into(), cap.into(), 10)).to_string()
    }

    #[test]
    fn a_bar_shows_the_share_that_is_left() {
        for (balance, cap, expected) in [
            (850, 1000, "━━━━━━━━╾─"),
            (200, 200, "━━━━━━━━━━"),
            (0, 200, "──────────"),
            (1, 1_000_000, "╾─────────"),
            (999_999, 1_000_000, "━━━━━━━━━╾"),
            (i64::MAX / 2, i64::MAX, "━━━━━─────"),
        ] {
            assert_eq!(plain(balance, cap), expected, "{balance} of {cap}");
        }
    }

    #[test]
    fn a_balance_outside_the_cap_is_clamped() {
        assert_eq!(plain(i64::MAX, 1), "━━━━━━━━━━");
        assert_eq!(plain(i64::MIN, i64::MAX), "──────────");
    }

    #[test]
    fn no_share_is_made_up() {
        for (balance, cap) in
            [(None, Some(10)), (Some(10), None), (None, None), (Some(0), Some(0)), (Some(1), Some(-1))]
        {
            assert_eq!(plain(balance, cap), "┄┄┄┄┄┄┄┄┄┄", "{balance:?} of {cap:?}");
        }
    }

    #[test]
    fn a_percentage_says_what_the_bar_shows() {
        let of = |balance: i64, cap: i64| percent(Some(balance), Some(cap)).unwrap();
        for (balance, cap, expected) in [
            (850, 1000, "85%"),
            (1, 3, "33%"),
            (2, 3, "67%"),
            (0, 10, "0%"),
            (10, 10, "100%"),
            (1, 1_000_000, "<1%"),
            (999_999, 1_000_000, "99%"),
            (5, 1000, "1%"),
            (4, 1000, "<1%"),
            (5, 3, ">100%"),
            (-7, 100, "0%"),
            (i64::MAX, 1, ">100%"),
            (i64::MIN, i64::MAX, "0%"),
            (i64::MAX - 1, i64::MAX, "99%"),
        ] {
            assert_eq!(of(balance, cap), expected, "{balance} of {cap}");
        }
        for (balance, cap) in [(None, Some(10)), (Some(10), None), (Some(0), Some(0)), (Some(1), Some(-1))] {
            assert_eq!(percent(balance, cap), None, "{balance:?} of {cap:?}");
        }
    }

    #[test]
    fn colours_tell_enough_from_little_from_nothing() {
        let colour = |balance, cap| style(balance, cap).get_fg_color();
        assert_eq!(colour(850, 1000), Some(AnsiColor::Green.into()));
        assert_eq!(colour(200, 1000), Some(AnsiColor::Yellow.into()));
        assert_eq!(colour(0, 1000), Some(AnsiColor::Red.into()));
    }
}
