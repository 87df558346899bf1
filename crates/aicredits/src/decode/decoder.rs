//! The decoder, and the visitors through which serde calls it. Each visitor reads one object, list or count.

use std::fmt::{self, Write};
use std::ops::Range;

use serde_core::Deserializer;
use serde_core::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Unexpected, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::depth::depth;
use super::error::DecodeError;
use super::schema::{Key, Pool, Seen, Shape};
use super::text::Text;
use crate::balance::{Credits, PeriodCode, Rule, Source};
use crate::count;
use crate::period::FeaturePeriod;
use crate::timestamp::Timestamp;

/// Objects and lists within one another, beyond which a reply is refused.
const MAX_DEPTH: usize = 128;

/// No list is given room for more entries than this in advance: 10,000 rules and 1,000 sources are the page's limits.
const MAX_RESERVED: usize = 12_000;

/// The reading so far, and the place of an error.
pub(super) struct Decoder {
    pub(super) texts: String,
    pub(super) periodic_credits: Option<Credits>,
    pub(super) top_up_credits: Option<Credits>,
    pub(super) sources: Vec<Source>,
    pub(super) unknown_periods: Vec<Range<u32>>,
    pub(super) rules: Vec<Rule>,
    is_error_body: bool,
    /// The reply has a field of a balance, or no field.
    pub(super) is_recognized: bool,

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
    /// Reads a whole reply.
    pub(super) fn decode(raw: &str) -> Result<Self, DecodeError> {
        let mut decoder = Self::with_room_for(raw);
        let mut result = decoder.run(raw);
        if decoder.needs_digits {
            decoder = Self { by_digits: true, ..Self::with_room_for(raw) };
            result = decoder.run(raw);
        }
        result.map_err(|error| decoder.explain(&error))?;
        if decoder.is_error_body {
            return Err(DecodeError::whole("the reply is an error body, sent with the status of a success"));
        }
        Ok(decoder)
    }

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
            self.in_step(Step::Field(key), read)?;
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
                    subscription_id = self.in_step(Step::Field(key), read)?.flatten();
                }
                Key::UsageRules => {
                    self.first(&mut seen, key)?;
                    let read = map.next_value_seed(self.at(Shape::UsageRules));
                    self.in_step(Step::Field(key), read)?;
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
                    period = self.in_step(Step::Field(key), read)?.unwrap_or_default();
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
                    reset_date = self.in_step(Step::Field(key), read)?.flatten();
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
            if self.in_step(Step::Entry(index), read)?.is_none() {
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
        self.in_step(Step::Field(key), read)
    }

    /// Skips an unknown value, `level` steps below the reply. Only its depth matters.
    fn skip<'de, A: MapAccess<'de>>(&mut self, map: &mut A, level: usize) -> Result<(), A::Error> {
        let json: &RawValue = map.next_value()?;
        // The reply itself is one more.
        if 1 + level + depth(json.get()) > MAX_DEPTH {
            return Err(self.refuse("objects and lists are nested more than 128 deep"));
        }
        Ok(())
    }

    fn first<E: serde_core::de::Error>(&mut self, seen: &mut Seen, key: Key) -> Result<(), E> {
        if seen.again(key) {
            let refused = Err(self.refuse("the field occurs twice in its object"));
            return self.in_step(Step::Field(key), refused);
        }
        Ok(())
    }

    /// Adds a step to the path of an error.
    #[inline]
    fn in_step<T, E>(&mut self, step: Step, read: Result<T, E>) -> Result<T, E> {
        if read.is_err() {
            self.path.push(step);
        }
        read
    }

    fn refuse<E: serde_core::de::Error>(&mut self, reason: &'static str) -> E {
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

/// An object or a list of the page, about to be read.
struct Node<'d> {
    decoder: &'d mut Decoder,
    shape: Shape,
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = ();

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shape.expected())
    }

    fn visit_unit<E: serde_core::de::Error>(self) -> Result<(), E> {
        if self.shape.may_be_null() { Ok(()) } else { Err(E::invalid_type(Unexpected::Unit, &self)) }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        match self.shape {
            Shape::Balance => self.decoder.balance(map),
            Shape::Credits(pool) => self.decoder.credits(pool, map),
            Shape::CreditBalance => self.decoder.source(map),
            Shape::UsageRule => self.decoder.rule(map),
            Shape::Breakdown | Shape::UsageRules => Err(A::Error::invalid_type(Unexpected::Map, &self)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, entries: A) -> Result<(), A::Error> {
        match self.shape {
            Shape::Breakdown => self.decoder.list(Shape::CreditBalance, entries),
            Shape::UsageRules => self.decoder.list(Shape::UsageRule, entries),
            _ => Err(A::Error::invalid_type(Unexpected::Seq, &self)),
        }
    }
}

/// A count or null, as the parser gives it.
struct Count<'d>(&'d mut Decoder);

impl<'de> DeserializeSeed<'de> for Count<'_> {
    type Value = Option<i64>;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<i64>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Count<'_> {
    type Value = Option<i64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(count::NOT_A_COUNT)
    }

    fn visit_unit<E>(self) -> Result<Option<i64>, E> {
        Ok(None)
    }

    #[inline]
    fn visit_u64<E: serde_core::de::Error>(self, count: u64) -> Result<Option<i64>, E> {
        i64::try_from(count).map(Some).map_err(|_| self.0.refuse(count::TOO_LARGE))
    }

    #[inline]
    fn visit_i64<E>(self, count: i64) -> Result<Option<i64>, E> {
        Ok(Some(count))
    }

    fn visit_f64<E: serde_core::de::Error>(self, _: f64) -> Result<Option<i64>, E> {
        self.0.needs_digits = true;
        Err(E::custom("read by digits"))
    }

    /// An object; or a number, where something else in the program turned on serde_json's `arbitrary_precision`.
    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Option<i64>, A::Error> {
        self.visit_f64(f64::NAN)
    }

    fn visit_str<E: serde_core::de::Error>(self, text: &str) -> Result<Option<i64>, E> {
        count::from_text(text).map(Some).map_err(|reason| self.0.refuse(reason))
    }
}
