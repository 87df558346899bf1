//! From the bytes of a reply to a [`Balance`], in one pass.
//!
//! An error gathers the path of its field on its way out of the objects that it is in, so no second pass is needed; and
//! what an error says is ours alone, so the reply is never echoed.

use std::fmt::Write;
use std::ops::Range;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess};
use serde_json::error::Category;
use serde_json::value::RawValue;
use zeroize::Zeroize;

use self::visit::{Count, Key, Node, Seen, Shape, Text};
use crate::balance::{Origin, PeriodCode, Rule, Source};
use crate::{Balance, Credits, Error, ErrorKind, FeaturePeriod, Timestamp, count};

mod visit;

/// Objects and lists within one another, beyond which a reply is refused.
const MAX_DEPTH: usize = 128;

/// No list is given room for more entries than this in advance: 10,000 rules and 1,000 sources are the page's limits.
const MAX_RESERVED: usize = 12_000;

/// Why a complete reply is no balance.
#[derive(Debug)]
pub(crate) struct DecodeError {
    /// Such as `creditBalanceBreakdown[3].usageRules[0].balance`; empty for the reply as a whole.
    pub(crate) path: String,
    pub(crate) reason: String,
    /// The reply ended too early: it may have been cut on its way.
    pub(crate) ended_early: bool,
}

impl DecodeError {
    fn whole(reason: impl Into<String>) -> Self {
        Self { path: String::new(), reason: reason.into(), ended_early: false }
    }
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        let DecodeError { path, reason, .. } = error;
        let message = if path.is_empty() { reason } else { format!("{path}: {reason}") };
        Self::new(ErrorKind::Decode, message)
    }
}

impl Balance {
    /// Reads a reply that was stored, or came another way.
    ///
    /// # Errors
    ///
    /// [`Decode`](crate::ErrorKind::Decode) where it is no balance, with the path of the field at fault;
    /// [`TooLarge`](crate::ErrorKind::TooLarge) over [`MAX_JSON_BYTES`](Self::MAX_JSON_BYTES), which is compared before
    /// anything is copied.
    ///
    /// ```
    /// let balance = aicredits::Balance::from_json(r#"{"topUpCredits":{"balance":200,"cap":200}}"#)?;
    /// assert_eq!(balance.top_up_credits().unwrap().balance(), Some(200));
    /// assert_eq!(balance.periodic_credits(), None);
    ///
    /// let error = aicredits::Balance::from_json(r#"{"topUpCredits":{"balance":"many"}}"#).unwrap_err();
    /// assert!(error.to_string().contains("topUpCredits.balance"));
    /// # Ok::<(), aicredits::Error>(())
    /// ```
    pub fn from_json(json: impl AsRef<[u8]> + Into<Vec<u8>>) -> Result<Self, Error> {
        Self::check_json_bytes(json.as_ref().len())?;
        balance(json.into()).map_err(Error::from)
    }

    /// Refuses JSON that is too large, before a byte of it is looked at.
    #[doc(hidden)]
    pub fn check_json_bytes(length: usize) -> Result<(), Error> {
        if length > Self::MAX_JSON_BYTES {
            let fault = format!("the JSON is larger than {} bytes (1 GiB)", Self::MAX_JSON_BYTES);
            return Err(Error::new(ErrorKind::TooLarge, fault));
        }
        Ok(())
    }
}

pub(crate) fn balance(json: Vec<u8>) -> Result<Balance, DecodeError> {
    let mut raw = String::from_utf8(json).map_err(|error| {
        let fault = error.utf8_error();
        error.into_bytes().zeroize();
        let ended_early = fault.error_len().is_none();
        DecodeError {
            ended_early,
            ..DecodeError::whole(format!("the reply is not UTF-8 (byte {})", fault.valid_up_to()))
        }
    })?;
    // What is no balance may hold what was sent.
    let decoder = read(&raw).inspect_err(|_| raw.zeroize())?;

    let Decoder { texts, periodic_credits, top_up_credits, sources, unknown_periods, rules, is_recognized, .. } =
        decoder;
    Ok(Balance {
        raw,
        texts,
        periodic_credits,
        top_up_credits,
        sources,
        unknown_periods,
        rules,
        is_recognized,
        is_redacted: false,
        origin: Origin::default(),
    })
}

fn read(raw: &str) -> Result<Decoder, DecodeError> {
    match raw.trim_start().chars().next() {
        None => return Err(DecodeError { ended_early: true, ..DecodeError::whole("the reply is empty") }),
        Some('<') => {
            return Err(DecodeError::whole("the reply is an HTML or XML page: is a proxy or gateway in between?"));
        }
        Some('\u{feff}') => return Err(DecodeError::whole("the reply begins with a byte order mark")),
        Some(_) => {}
    }

    let mut decoder = Decoder::with_room_for(raw);
    let mut result = decoder.run(raw);
    if decoder.needs_digits {
        decoder = Decoder { by_digits: true, ..Decoder::with_room_for(raw) };
        result = decoder.run(raw);
    }
    result.map_err(|error| decoder.explain(&error))?;
    if decoder.is_error_body {
        return Err(DecodeError::whole("the reply is an error body, sent with the status of a success"));
    }
    Ok(decoder)
}

/// The reading as it grows, and what is known of an error.
struct Decoder {
    texts: String,
    periodic_credits: Option<Credits>,
    top_up_credits: Option<Credits>,
    sources: Vec<Source>,
    unknown_periods: Vec<Range<u32>>,
    rules: Vec<Rule>,
    is_error_body: bool,
    /// The reply has a field of a balance, or no field.
    is_recognized: bool,

    /// Counts are read by their digits rather than as the parser gives them: exact, and slower.
    by_digits: bool,
    /// The parser gave a double for a count, and only its digits tell whether it is exact.
    needs_digits: bool,

    /// The reset date that was read last: most rules of a reply reset at the same moment.
    last_reset_date: (String, Option<Timestamp>),

    /// From the place of an error outwards: each step is added on the way back, so that what succeeds pays for none.
    path: Vec<Step>,
    /// Why we refused, where it was not the parser that did.
    reason: Option<&'static str>,
}

#[derive(Clone, Copy)]
enum Step {
    Field(Key),
    Entry(u32),
}

impl Decoder {
    fn with_room_for(raw: &str) -> Self {
        // A rule as the page shows it takes some 85 bytes, so this is room enough for most replies at once.
        let rules = (raw.len() / 64).min(MAX_RESERVED);
        Self {
            texts: String::new(),
            periodic_credits: None,
            top_up_credits: None,
            sources: Vec::with_capacity(rules / 8),
            unknown_periods: Vec::new(),
            rules: Vec::with_capacity(rules),
            is_error_body: false,
            is_recognized: true,
            by_digits: false,
            needs_digits: false,
            last_reset_date: (String::new(), None),
            path: Vec::new(),
            reason: None,
        }
    }

    fn run(&mut self, raw: &str) -> serde_json::Result<()> {
        let mut json = serde_json::Deserializer::from_str(raw);
        self.at(Shape::Balance).deserialize(&mut json)?;
        json.end()
    }

    fn at(&mut self, shape: Shape) -> Node<'_> {
        Node { decoder: self, shape }
    }

    fn balance<'de, A: MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error> {
        let mut seen = Seen::default();
        let (mut looks_like_an_error, mut has_other_fields) = (false, false);
        while let Some(key) = map.next_key()? {
            let shape = match key {
                Key::PeriodicCredits => Shape::Credits(Pool::Periodic),
                Key::TopUpCredits => Shape::Credits(Pool::TopUp),
                Key::CreditBalanceBreakdown => Shape::Breakdown,
                other => {
                    looks_like_an_error |= other == Key::OfAnError;
                    has_other_fields = true;
                    self.skip(&mut map, 0)?;
                    continue;
                }
            };
            self.first(&mut seen, key)?;
            let read = map.next_value_seed(self.at(shape));
            self.within(Step::Field(key), read)?;
        }
        self.is_error_body = looks_like_an_error && seen.0 == 0;
        self.is_recognized = seen.0 != 0 || !has_other_fields;
        Ok(())
    }

    fn credits<'de, A: MapAccess<'de>>(&mut self, pool: Pool, mut map: A) -> Result<(), A::Error> {
        let mut seen = Seen::default();
        let mut credits = Credits { balance: None, cap: None };
        while let Some(key) = map.next_key()? {
            match key {
                Key::Balance => credits.balance = self.count(&mut seen, key, &mut map)?,
                Key::Cap => credits.cap = self.count(&mut seen, key, &mut map)?,
                _ => self.skip(&mut map, 1)?,
            }
        }
        match pool {
            Pool::Periodic => self.periodic_credits = Some(credits),
            Pool::TopUp => self.top_up_credits = Some(credits),
        }
        Ok(())
    }

    fn source<'de, A: MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error> {
        let mut seen = Seen::default();
        let mut subscription_id = None;
        let first_rule = self.rules.len() as u32;
        while let Some(key) = map.next_key()? {
            match key {
                Key::SubscriptionId => {
                    self.first(&mut seen, key)?;
                    let texts = &mut self.texts;
                    let keep = |text: &str| Ok((!text.is_empty()).then(|| append(texts, text)));
                    let read = map.next_value_seed(Text { read: keep, reason: &mut self.reason });
                    subscription_id = self.within(Step::Field(key), read)?.flatten();
                }
                Key::UsageRules => {
                    self.first(&mut seen, key)?;
                    let read = map.next_value_seed(self.at(Shape::UsageRules));
                    self.within(Step::Field(key), read)?;
                }
                _ => self.skip(&mut map, 2)?,
            }
        }
        self.sources.push(Source { subscription_id, rules: first_rule..self.rules.len() as u32 });
        Ok(())
    }

    fn rule<'de, A: MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error> {
        let mut seen = Seen::default();
        let mut period = PeriodCode::default();
        let (mut balance, mut cap, mut reset_date) = (None, None, None);
        while let Some(key) = map.next_key()? {
            match key {
                Key::Period => {
                    self.first(&mut seen, key)?;
                    let (texts, unknown) = (&mut self.texts, &mut self.unknown_periods);
                    let read = |text: &str| Ok(period_code(text, texts, unknown));
                    let read = map.next_value_seed(Text { read, reason: &mut self.reason });
                    period = self.within(Step::Field(key), read)?.unwrap_or_default();
                }
                Key::ResetDate => {
                    self.first(&mut seen, key)?;
                    let last = &mut self.last_reset_date;
                    let read = |text: &str| {
                        if text.is_empty() {
                            return Ok(None);
                        }
                        if text != last.0 {
                            last.1 = Some(Timestamp::parse(text)?);
                            text.clone_into(&mut last.0);
                        }
                        Ok(last.1)
                    };
                    let read = map.next_value_seed(Text { read, reason: &mut self.reason });
                    reset_date = self.within(Step::Field(key), read)?.flatten();
                }
                Key::Balance => balance = self.count(&mut seen, key, &mut map)?,
                Key::Cap => cap = self.count(&mut seen, key, &mut map)?,
                _ => self.skip(&mut map, 4)?,
            }
        }
        self.rules.push(Rule::new(period, balance, cap, reset_date));
        Ok(())
    }

    fn list<'de, A: SeqAccess<'de>>(&mut self, entry: Shape, mut entries: A) -> Result<(), A::Error> {
        for index in 0.. {
            let read = entries.next_element_seed(self.at(entry));
            if self.within(Step::Entry(index), read)?.is_none() {
                break;
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn count<'de, A: MapAccess<'de>>(
        &mut self,
        seen: &mut Seen,
        key: Key,
        map: &mut A,
    ) -> Result<Option<i64>, A::Error> {
        self.first(seen, key)?;
        let read = if self.by_digits {
            let digits = map.next_value::<&RawValue>();
            digits.and_then(|json| count::parse(json.get()).map_err(|reason| self.refuse(reason)))
        } else {
            map.next_value_seed(Count(self))
        };
        self.within(Step::Field(key), read)
    }

    /// Steps over a value that the page does not know, `level` steps below the reply. It is kept in the raw reply; only
    /// its depth matters here.
    fn skip<'de, A: MapAccess<'de>>(&mut self, map: &mut A, level: usize) -> Result<(), A::Error> {
        let json: &RawValue = map.next_value()?;
        // The reply itself is one more.
        if 1 + level + depth(json.get()) > MAX_DEPTH {
            return Err(self.refuse("objects and lists are nested more than 128 deep"));
        }
        Ok(())
    }

    fn first<E: serde::de::Error>(&mut self, seen: &mut Seen, key: Key) -> Result<(), E> {
        if seen.again(key) {
            let refused = Err(self.refuse("the field stands twice in its object"));
            return self.within(Step::Field(key), refused);
        }
        Ok(())
    }

    /// Of an error: the place where it came up lies within this one.
    #[inline]
    fn within<T, E>(&mut self, step: Step, read: Result<T, E>) -> Result<T, E> {
        if read.is_err() {
            self.path.push(step);
        }
        read
    }

    fn refuse<E: serde::de::Error>(&mut self, reason: &'static str) -> E {
        self.reason = Some(reason);
        E::custom(reason)
    }

    /// The parser's own words are used only where they are about syntax: about a value, they would repeat it.
    fn explain(&self, error: &serde_json::Error) -> DecodeError {
        let place = format!("line {} column {}", error.line(), error.column());
        let expected = match self.path.first() {
            Some(Step::Field(key)) => key.describe().1,
            // The reply itself, or an entry of a list.
            None | Some(Step::Entry(_)) => "an object",
        };
        let reason = match (self.reason, error.classify()) {
            (Some(reason), _) => format!("{reason} ({place})"),
            (None, Category::Data) => format!("expected {expected} ({place})"),
            (None, _) => format!("the JSON is broken: {error}"),
        };
        let mut path = String::new();
        for step in self.path.iter().rev() {
            let _ = match step {
                Step::Field(key) if path.is_empty() => write!(path, "{}", key.describe().0),
                Step::Field(key) => write!(path, ".{}", key.describe().0),
                Step::Entry(index) => write!(path, "[{index}]"),
            };
        }
        DecodeError { path, reason, ended_early: error.is_eof() }
    }
}

#[derive(Clone, Copy)]
enum Pool {
    Periodic,
    TopUp,
}

fn period_code(name: &str, texts: &mut String, unknown: &mut Vec<Range<u32>>) -> PeriodCode {
    PeriodCode::of_known(FeaturePeriod::from_name(name)).unwrap_or_else(|| {
        unknown.push(append(texts, name));
        PeriodCode(PeriodCode::FIRST_UNKNOWN + unknown.len() as u32 - 1)
    })
}

fn append(texts: &mut String, text: &str) -> Range<u32> {
    if texts.capacity() == 0 {
        // Room for the subscription ids of a usual account at once.
        texts.reserve(text.len().max(256));
    }
    let start = texts.len() as u32;
    texts.push_str(text);
    start..texts.len() as u32
}

/// How deep the objects and lists of a well-formed value stand in one another.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    let (mut in_text, mut escaped) = (false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth -= 1,
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests;
