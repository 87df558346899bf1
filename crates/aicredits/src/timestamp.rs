use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// 0001-01-01T00:00:00Z.
const FIRST_SECOND: i64 = -62_135_596_800;
/// 9999-12-31T23:59:59Z.
const LAST_SECOND: i64 = 253_402_300_799;

/// An instant in UTC, to the nanosecond, in the years 1 to 9999.
///
/// `Display` writes it as RFC 3339 (`2026-07-01T00:00:00Z`), with a fraction only where there is one.
///
/// ```
/// let reset: aicredits::Timestamp = "2026-07-01T02:00:00.500+02:00".parse()?;
/// assert_eq!(reset.unix_seconds(), 1_782_864_000);
/// assert_eq!(reset.subsec_nanoseconds(), 500_000_000);
/// assert_eq!(reset.to_string(), "2026-07-01T00:00:00.5Z");
/// # Ok::<(), aicredits::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    seconds: i64,
    nanoseconds: u32,
}

impl Timestamp {
    /// The instant that lies `seconds` after 1970-01-01T00:00:00Z, and `nanoseconds` more.
    ///
    /// `None` outside the years 1 to 9999, or for a billion nanoseconds and more.
    pub const fn from_unix(seconds: i64, nanoseconds: u32) -> Option<Self> {
        if seconds < FIRST_SECOND || seconds > LAST_SECOND || nanoseconds >= 1_000_000_000 {
            return None;
        }
        Some(Self { seconds, nanoseconds })
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down; negative before it.
    pub const fn unix_seconds(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds after [`unix_seconds`](Self::unix_seconds), below a billion.
    pub const fn subsec_nanoseconds(self) -> u32 {
        self.nanoseconds
    }

    /// Year, month and day; hour, minute and second.
    #[doc(hidden)]
    pub fn civil(self) -> ((i64, i64, i64), (i64, i64, i64)) {
        civil(self.seconds)
    }

    /// The system clock's present.
    pub(crate) fn now() -> Self {
        // A clock outside the years 1 to 9999 is no clock; the epoch then says so.
        Self::from_system_time(SystemTime::now()).unwrap_or(Self { seconds: 0, nanoseconds: 0 })
    }

    /// The same instant; `None` outside the years 1 to 9999.
    pub(crate) fn from_system_time(time: SystemTime) -> Option<Self> {
        let (seconds, nanoseconds) = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => (i64::try_from(after.as_secs()).ok(), after.subsec_nanos()),
            Err(before) => {
                let before = before.duration();
                let borrow = i64::from(before.subsec_nanos() > 0);
                let seconds = i64::try_from(before.as_secs()).ok().map(|seconds| -seconds - borrow);
                (seconds, (1_000_000_000 - before.subsec_nanos()) % 1_000_000_000)
            }
        };
        Self::from_unix(seconds?, nanoseconds)
    }

    /// Reads RFC 3339, with the reason where it is none.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        parse(text.as_bytes())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_rfc3339(f, self.seconds, self.nanoseconds)
    }
}

/// The text of an instant in any year, for the C layer. `None` for a billion nanoseconds and more.
///
/// RFC 3339 covers the years 0 to 9999. Other years have a sign, as in ISO 8601.
#[doc(hidden)]
pub fn text_of_unix(seconds: i64, nanoseconds: u32) -> Option<String> {
    let mut text = String::new();
    let is_valid = nanoseconds < 1_000_000_000;
    (is_valid && write_rfc3339(&mut text, seconds, nanoseconds).is_ok()).then_some(text)
}

fn write_rfc3339(out: &mut impl fmt::Write, seconds: i64, nanoseconds: u32) -> fmt::Result {
    let ((year, month, day), (hour, minute, second)) = civil(seconds);
    match year {
        0..=9999 => write!(out, "{year:04}")?,
        _ => write!(out, "{year:+05}")?,
    }
    write!(out, "-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
    if nanoseconds != 0 {
        let digits = format!("{nanoseconds:09}");
        write!(out, ".{}", digits.trim_end_matches('0'))?;
    }
    out.write_str("Z")
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Timestamp> for SystemTime {
    fn from(timestamp: Timestamp) -> Self {
        let whole = Duration::from_secs(timestamp.seconds.unsigned_abs());
        let start = if timestamp.seconds < 0 { UNIX_EPOCH - whole } else { UNIX_EPOCH + whole };
        start + Duration::from_nanos(timestamp.nanoseconds.into())
    }
}

pub(crate) const OUT_OF_RANGE: &str = "is outside the years 1 to 9999";
const NOT_A_DATE: &str = "is no RFC 3339 date and time, such as 2026-07-01T00:00:00Z";

fn parse(text: &[u8]) -> Result<Timestamp, &'static str> {
    // YYYY-MM-DDTHH:MM:SS, then a fraction, then the offset.
    let (head, rest) = text.split_at_checked(19).ok_or(NOT_A_DATE)?;
    let &[y1, y2, y3, y4, b'-', o1, o2, b'-', d1, d2, b'T' | b't', h1, h2, b':', m1, m2, b':', s1, s2] = head else {
        return Err(NOT_A_DATE);
    };
    let mut digits = Digits::default();
    let year = digits.two(y1, y2) * 100 + digits.two(y3, y4);
    let (month, day) = (digits.two(o1, o2), digits.two(d1, d2));
    let (hour, minute, second) = (digits.two(h1, h2), digits.two(m1, m2), digits.two(s1, s2));
    let is_date = (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
    // A leap second is written :60; Unix time has no such second and counts it as the next.
    if !digits.are_all || !is_date || hour > 23 || minute > 59 || second > 60 {
        return Err(NOT_A_DATE);
    }

    let (nanoseconds, offset) = fraction(rest)?;
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    Timestamp::from_unix(seconds - offset_seconds(offset)?, nanoseconds).ok_or(OUT_OF_RANGE)
}

fn fraction(text: &[u8]) -> Result<(u32, &[u8]), &'static str> {
    let Some((b'.', digits)) = text.split_first() else {
        return Ok((0, text));
    };
    let mut nanoseconds = 0;
    let mut worth = 100_000_000;
    let mut length = 0;
    while let Some(digit @ b'0'..=b'9') = digits.get(length) {
        // Past nine digits the worth is nothing.
        nanoseconds += u32::from(digit - b'0') * worth;
        worth /= 10;
        length += 1;
    }
    if length == 0 { Err(NOT_A_DATE) } else { Ok((nanoseconds, &digits[length..])) }
}

fn offset_seconds(text: &[u8]) -> Result<i64, &'static str> {
    match text {
        [b'Z' | b'z'] => Ok(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let mut digits = Digits::default();
            let (hours, minutes) = (digits.two(*h1, *h2), digits.two(*m1, *m2));
            if !digits.are_all || hours > 23 || minutes > 59 {
                return Err(NOT_A_DATE);
            }
            let seconds = hours * 3600 + minutes * 60;
            Ok(if *sign == b'-' { -seconds } else { seconds })
        }
        _ => Err(NOT_A_DATE),
    }
}

/// Reads digits, and remembers whether all of them were some: one look at the end instead of one a pair.
struct Digits {
    are_all: bool,
}

impl Default for Digits {
    fn default() -> Self {
        Self { are_all: true }
    }
}

impl Digits {
    fn two(&mut self, tens: u8, ones: u8) -> i64 {
        let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
        self.are_all &= tens < 10 && ones < 10;
        i64::from(tens) * 10 + i64::from(ones)
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn civil(seconds: i64) -> ((i64, i64, i64), (i64, i64, i64)) {
    let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // The calendar repeats every 400 years.
    let (year, month, day) = civil_from_days(days.rem_euclid(DAYS_IN_400_YEARS));
    let year = year + 400 * days.div_euclid(DAYS_IN_400_YEARS);
    ((year, month, day), (of_day / 3600, of_day / 60 % 60, of_day % 60))
}

const DAYS_IN_400_YEARS: i64 = 146_097;

/// Days since 1970-01-01 in the Gregorian calendar, counted in years that begin in March, so that a leap day is a
/// year's last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    // 400 years later the calendar is the same, and no quotient is of a negative number.
    let year = (if month <= 2 { year - 1 } else { year } + 400) as u64;
    let month = (month as u64 + 9) % 12;
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 306 + 5) / 10 + day as u64;
    days as i64 - 719_469 - DAYS_IN_400_YEARS
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    // The estimate is never too late, and at most one year too early.
    let mut year = (days * 400).div_euclid(DAYS_IN_400_YEARS) + 1970 - 1;
    while days_from_civil(year + 1, 1, 1) <= days {
        year += 1;
    }
    let month = (1..=12).rev().find(|&month| days_from_civil(year, month, 1) <= days).unwrap_or(1);
    (year, month, days - days_from_civil(year, month, 1) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap_or_else(|reason| panic!("{text} {reason}"))
    }

    #[test]
    fn agrees_with_an_independent_reader_across_ten_thousand_years() {
        let mut day = jiff::civil::date(1, 1, 1);
        loop {
            let text = format!("{day}T23:59:58.000000001Z");
            let theirs: jiff::Timestamp = text.parse().unwrap();
            let ours = at(&text);
            assert_eq!((ours.unix_seconds(), ours.subsec_nanoseconds()), {
                let nanoseconds = theirs.as_nanosecond();
                (nanoseconds.div_euclid(1_000_000_000) as i64, nanoseconds.rem_euclid(1_000_000_000) as u32)
            });
            assert_eq!(ours.to_string(), text);
            // A step that shares no factor with months, years and leap cycles; theirs ends a day before ours.
            match day.checked_add(jiff::Span::new().days(13)) {
                Ok(next) if next < jiff::civil::date(9999, 12, 30) => day = next,
                _ => break,
            }
        }
        assert_eq!(day.year(), 9999);
    }

    #[test]
    fn any_number_of_seconds_has_a_text() {
        for (seconds, nanoseconds, text) in [
            (LAST_SECOND, 999_999_999, "9999-12-31T23:59:59.999999999Z"),
            (LAST_SECOND + 1, 0, "+10000-01-01T00:00:00Z"),
            (FIRST_SECOND - 1, 500_000_000, "0000-12-31T23:59:59.5Z"),
            (-62_167_219_201, 0, "-0001-12-31T23:59:59Z"),
            (i64::MAX, 0, "+292277026596-12-04T15:30:07Z"),
            (i64::MIN, 1, "-292277022657-01-27T08:29:52.000000001Z"),
        ] {
            assert_eq!(text_of_unix(seconds, nanoseconds).as_deref(), Some(text));
        }
        assert_eq!(text_of_unix(0, 1_000_000_000), None);
    }

    #[test]
    fn fractions_offsets_and_leap_seconds() {
        assert_eq!(at("2026-07-01T00:00:00.000Z"), at("2026-07-01T00:00:00Z"));
        assert_eq!(at("2026-07-01T00:00:00.1234567891Z").subsec_nanoseconds(), 123_456_789);
        assert_eq!(at("2026-07-01T00:00:00.5z").subsec_nanoseconds(), 500_000_000);
        assert_eq!(at("2026-07-01T05:30:00+05:30"), at("2026-07-01T00:00:00Z"));
        assert_eq!(at("2026-06-30t16:00:00-08:00"), at("2026-07-01T00:00:00Z"));
        assert_eq!(at("2016-12-31T23:59:60Z"), at("2017-01-01T00:00:00Z"));
        assert_eq!(at("2016-12-31T23:59:60.25Z").to_string(), "2017-01-01T00:00:00.25Z");
        assert_eq!(at("2024-02-29T00:00:00Z").to_string(), "2024-02-29T00:00:00Z");
    }

    #[test]
    fn the_first_and_the_last_instant_count_once_the_offset_is_applied() {
        assert_eq!(at("0001-01-01T00:00:00Z").unix_seconds(), FIRST_SECOND);
        assert_eq!(at("9999-12-31T23:59:59.999999999Z").unix_seconds(), LAST_SECOND);
        assert_eq!(at("0000-12-31T23:30:00-01:00").to_string(), "0001-01-01T00:30:00Z");
        for outside in
            ["0001-01-01T00:00:00+00:01", "9999-12-31T23:59:60Z", "9999-12-31T23:59:00-00:01", "0000-06-01T00:00:00Z"]
        {
            assert_eq!(Timestamp::parse(outside), Err(OUT_OF_RANGE), "{outside}");
        }
    }

    #[test]
    fn garbage_is_refused() {
        for text in [
            "",
            "tomorrow",
            "2026-07-01",
            "2026-07-01T00:00:00",
            "2026-07-01 00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-04-31T00:00:00Z",
            "2026-07-00T00:00:00Z",
            "2026-07-01T24:00:00Z",
            "2026-07-01T00:60:00Z",
            "2026-07-01T00:00:61Z",
            "2026-07-01T00:00:00.Z",
            "2026-07-01T00:00:00,5Z",
            "2026-07-01T00:00:00+0100",
            "2026-07-01T00:00:00+24:00",
            "2026-07-01T00:00:00+00:60",
            "2026-07-01T00:00:00ZZ",
            " 2026-07-01T00:00:00Z",
            "+026-07-01T00:00:00Z",
            "2026-07-01T00:00:00.5",
            "1782864000",
            "２026-07-01T00:00:00Z",
        ] {
            assert_eq!(Timestamp::parse(text), Err(NOT_A_DATE), "{text}");
        }
    }

    #[test]
    fn system_time_and_back() {
        for text in [
            "0001-01-01T00:00:00.25Z",
            "1969-12-31T23:59:59.999999999Z",
            "1970-01-01T00:00:00Z",
            "9999-12-31T23:59:59.5Z",
        ] {
            assert_eq!(Timestamp::from_system_time(SystemTime::from(at(text))), Some(at(text)));
        }
        let too_late = UNIX_EPOCH + Duration::from_secs(LAST_SECOND as u64 + 1);
        assert_eq!(Timestamp::from_system_time(too_late), None);
        assert_eq!(Timestamp::from_unix(0, 1_000_000_000), None);
    }
}
