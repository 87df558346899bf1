use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use crate::redact::Redactor;
use crate::settings::{Kind, Setting};
use crate::{FeaturePeriod, Scope, Timestamp};

mod storage;

pub(crate) use storage::{PeriodCode, Rule, Source};

/// The credits that an account or a site has left. Immutable and thread-safe.
///
/// Both pools are absent when the account has no such credits. The breakdown is a detailed view of the same
/// credits, never to be added to them.
///
/// `==` and `Hash` compare the reading: pools, sources, rules and [`is_recognized`](Self::is_recognized). They do not
/// compare the scope, the request id and the times.
///
/// ```
/// # let emulator = aicredits_emulator::Emulator::start()?;
/// # let client = aicredits::Client::builder().api_key(emulator.api_key()).account(emulator.account_id());
/// # let client = client.base_url(emulator.url()).build()?;
/// use aicredits::FeaturePeriod;
///
/// let balance = client.get_balance()?;
/// assert_eq!(balance.periodic_credits().unwrap().balance(), Some(850));
///
/// let source = balance.credit_balance_breakdown().next().unwrap();
/// assert_eq!(source.subscription_id(), Some("d7a341c4-196b-46e7-813c-2b0fc1847ec6"));
///
/// let rule = source.usage_rules().next().unwrap();
/// assert_eq!(rule.period(), Some(FeaturePeriod::Month));
/// assert_eq!(rule.reset_date().unwrap().to_string(), "2026-07-01T00:00:00Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Balance {
    /// The raw reply.
    pub(crate) raw: String,
    /// Every text of the reading, end to end; sources and rules hold ranges of it.
    pub(crate) texts: String,
    pub(crate) periodic_credits: Option<Credits>,
    pub(crate) top_up_credits: Option<Credits>,
    pub(crate) sources: Vec<Source>,
    pub(crate) unknown_periods: Vec<Range<u32>>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) is_recognized: bool,
    /// Texts of the reading are not as the raw reply has them.
    pub(crate) is_redacted: bool,
    pub(crate) origin: Origin,
}

/// Where a balance came from. Empty for a balance that was not fetched.
#[derive(Clone, Default)]
pub(crate) struct Origin {
    pub(crate) scope: Option<Arc<Scope>>,
    pub(crate) request_id: Option<String>,
    pub(crate) fetched_at: Option<Timestamp>,
    pub(crate) server_date: Option<Timestamp>,
    /// When the attempt that brought it began.
    pub(crate) attempted_at: Option<Instant>,
}

/// Why nothing is known of a reply that [`Balance::is_recognized`] is false for.
pub const NOT_RECOGNIZED: &str = "the reply has none of a balance's fields (is the base URL right?)";

/// A client accepts no reply that cannot be read back.
const _: () = assert!(matches!(Setting::MaxReplyBytes.kind(), Kind::Bytes { max: Balance::MAX_JSON_BYTES, .. }));

impl Balance {
    /// The most bytes that [`from_json`](Self::from_json) reads, and the most that
    /// [`max_reply_bytes`](crate::ClientBuilder::max_reply_bytes) can be: 1 GiB. So every reply that a client accepts
    /// can be read back.
    ///
    /// The largest reply that the page's limits allow (1,000 sources of 10 rules) has about 0.9 MB.
    // A reading's texts are addressed with 32 bits.
    pub const MAX_JSON_BYTES: usize = 1 << 30;

    /// The raw reply, with every field that Wix adds. It is not redacted: if a server echoes the credential, this text
    /// contains it. The other texts of a fetched reading do not.
    pub fn json(&self) -> &str {
        &self.raw
    }

    /// Recurring credits, aggregated across all sources. Absent when the account has none.
    pub fn periodic_credits(&self) -> Option<Credits> {
        self.periodic_credits
    }

    /// One-time top-up credits, aggregated across all purchases. They don't reset. Absent when the account has none.
    pub fn top_up_credits(&self) -> Option<Credits> {
        self.top_up_credits
    }

    /// The same credits by source, in the reply's order; empty where the reply has no breakdown.
    ///
    /// The page limits a reply to 1,000 sources. A reply at that limit may have been cut.
    pub fn credit_balance_breakdown(
        &self,
    ) -> impl ExactSizeIterator<Item = CreditBalance<'_>> + DoubleEndedIterator + Clone {
        self.sources.iter().map(move |source| CreditBalance { balance: self, source })
    }

    /// The remaining credits of both pools: recurring plus top-up, an absent pool counted as none.
    ///
    /// `None`, which is unknown and not 0, in three cases:
    /// - a pool is present but lacks its balance;
    /// - both pools are absent, but the breakdown has entries;
    /// - the reply has none of a balance's fields ([`is_recognized`](Self::is_recognized) is false).
    ///
    /// The sum saturates at the limits of an `i64`.
    /// The account holds this sum, but it may not be able to spend all of it now. A rule of the breakdown, such as a daily
    /// limit within a monthly allocation, may allow less.
    pub fn available(&self) -> Option<i64> {
        let has_pool = self.periodic_credits.is_some() || self.top_up_credits.is_some();
        if !self.is_recognized || (!has_pool && !self.sources.is_empty()) {
            return None;
        }
        let pool = |credits: Option<Credits>| credits.map_or(Some(0), |credits| credits.balance);
        Some(pool(self.periodic_credits)?.saturating_add(pool(self.top_up_credits)?))
    }

    /// Whether the reply is a balance: it has a field of a balance, or no field at all.
    ///
    /// `{}` is the balance of an account without credits. False means that the reply has fields, but none of
    /// `periodicCredits`, `topUpCredits` and `creditBalanceBreakdown`; a field that is `null` counts as there. Such a
    /// reply says nothing of credits: the base URL may lead to another service.
    ///
    /// ```
    /// let balance = aicredits::Balance::from_json(r#"{"status": "down for maintenance"}"#)?;
    /// assert!(!balance.is_recognized());
    /// assert_eq!(balance.available(), None);
    /// # Ok::<(), aicredits::Error>(())
    /// ```
    pub fn is_recognized(&self) -> bool {
        self.is_recognized
    }

    /// The requested scope; `None` for a reading that was not fetched.
    pub fn scope(&self) -> Option<&Scope> {
        self.origin.scope.as_deref()
    }

    /// The server's id of the request. Quote it if you ask Wix about the request.
    pub fn request_id(&self) -> Option<&str> {
        self.origin.request_id.as_deref()
    }

    /// The time at which the reply was complete, by this machine's clock; `None` for a reading that was not fetched.
    pub fn fetched_at(&self) -> Option<Timestamp> {
        self.origin.fetched_at
    }

    /// The server's clock at the reply: its `Date` header, to the second.
    pub fn server_date(&self) -> Option<Timestamp> {
        self.origin.server_date
    }

    /// Sets where this balance came from. For bindings that restore a serialized balance: the raw reply does not have it.
    #[doc(hidden)]
    pub fn with_origin(
        mut self,
        scope: Option<Scope>,
        request_id: Option<String>,
        fetched_at: Option<Timestamp>,
        server_date: Option<Timestamp>,
    ) -> Self {
        self.origin = Origin { scope: scope.map(Arc::new), request_id, fetched_at, server_date, attempted_at: None };
        self
    }

    /// Redacts the request's credential in its texts. The raw reply keeps it.
    pub(crate) fn redact(&mut self, redactor: &Redactor) {
        self.map_texts(|text| match redactor.redact(text) {
            Cow::Borrowed(_) => None,
            Cow::Owned(shown) => Some(shown),
        });
    }

    fn map_texts(&mut self, mut map: impl FnMut(&str) -> Option<String>) {
        let ids = self.sources.iter_mut().filter_map(|source| source.subscription_id.as_mut());
        for range in ids.chain(&mut self.unknown_periods) {
            if let Some(text) = map(&self.texts[range.start as usize..range.end as usize]) {
                let start = self.texts.len() as u32;
                // More than 4 GiB of texts cannot be kept, and need not be: they are the server's, and full of the key.
                let end = u32::try_from(self.texts.len() + text.len()).ok();
                *range = end.map_or(0..0, |end| start..end);
                self.texts.push_str(end.map_or("", |_| &text));
                self.is_redacted = true;
            }
        }
    }

    /// The texts of a reading that lost something by redaction, for [`with_texts`](Self::with_texts): a reading that is
    /// made from the raw reply again has it back.
    #[doc(hidden)]
    pub fn redacted_texts(&self) -> Option<Vec<String>> {
        let ids = self.sources.iter().filter_map(|source| source.subscription_id.as_ref());
        let texts = ids.chain(&self.unknown_periods).map(|range| self.text(range).to_owned());
        self.is_redacted.then(|| texts.collect())
    }

    /// A reading of the same reply with these texts.
    #[doc(hidden)]
    pub fn with_texts(mut self, texts: Vec<String>) -> Self {
        let mut texts = texts.into_iter();
        self.map_texts(|_| texts.next());
        self
    }

    fn text(&self, range: &Range<u32>) -> &str {
        &self.texts[range.start as usize..range.end as usize]
    }
}

impl PartialEq for Balance {
    fn eq(&self, other: &Self) -> bool {
        self.periodic_credits == other.periodic_credits
            && self.top_up_credits == other.top_up_credits
            && self.is_recognized == other.is_recognized
            && self.credit_balance_breakdown().eq(other.credit_balance_breakdown())
    }
}

impl Eq for Balance {}

impl Hash for Balance {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.periodic_credits, self.top_up_credits, self.is_recognized, self.sources.len()).hash(state);
        self.credit_balance_breakdown().for_each(|source| source.hash(state));
    }
}

impl fmt::Debug for Balance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Balance")
            .field("periodic_credits", &self.periodic_credits)
            .field("top_up_credits", &self.top_up_credits)
            .field("credit_balance_breakdown", &self.credit_balance_breakdown().collect::<Vec<_>>())
            .field("is_recognized", &self.is_recognized)
            .field("scope", &self.scope())
            .field("request_id", &self.request_id())
            .field("fetched_at", &self.fetched_at())
            .field("server_date", &self.server_date())
            .finish()
    }
}

/// A pool of credits: the remaining credits and the maximum.
///
/// A count that the reply lacks is `None`, which is neither 0 nor unlimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Credits {
    pub(crate) balance: Option<i64>,
    pub(crate) cap: Option<i64>,
}

impl Credits {
    /// Remaining credits currently available.
    pub fn balance(&self) -> Option<i64> {
        self.balance
    }

    /// Maximum credits: per period in the recurring pool, altogether in the top-up pool. It may be 0.
    pub fn cap(&self) -> Option<i64> {
        self.cap
    }
}

/// One source of credits: a distinct allocation and the rules of its use. A view into its [`Balance`].
#[derive(Clone, Copy)]
pub struct CreditBalance<'a> {
    balance: &'a Balance,
    source: &'a Source,
}

impl<'a> CreditBalance<'a> {
    /// GUID of the subscription that the allocation belongs to; `None` for credits without one.
    ///
    /// The text is the server's, kept even where it is no GUID.
    pub fn subscription_id(&self) -> Option<&'a str> {
        self.source.subscription_id.as_ref().map(|range| self.balance.text(range))
    }

    /// The rules of its use, in the reply's order. Several apply together, such as a daily limit within a monthly
    /// allocation.
    pub fn usage_rules(&self) -> impl ExactSizeIterator<Item = UsageRule<'a>> + DoubleEndedIterator + Clone + use<'a> {
        let balance = self.balance;
        let Range { start, end } = self.source.rules;
        balance.rules[start as usize..end as usize].iter().map(move |rule| UsageRule { balance, rule })
    }
}

impl PartialEq for CreditBalance<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.subscription_id() == other.subscription_id() && self.usage_rules().eq(other.usage_rules())
    }
}

impl Eq for CreditBalance<'_> {}

impl Hash for CreditBalance<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.subscription_id(), self.usage_rules().len()).hash(state);
        self.usage_rules().for_each(|rule| rule.hash(state));
    }
}

impl fmt::Debug for CreditBalance<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreditBalance")
            .field("subscription_id", &self.subscription_id())
            .field("usage_rules", &self.usage_rules().collect::<Vec<_>>())
            .finish()
    }
}

/// One rule of how a source's credits can be consumed. A view into its [`Balance`].
#[derive(Clone, Copy)]
pub struct UsageRule<'a> {
    balance: &'a Balance,
    rule: &'a Rule,
}

impl<'a> UsageRule<'a> {
    /// How often the credits under this rule replenish.
    pub fn period(&self) -> Option<FeaturePeriod<'a>> {
        let PeriodCode(code) = self.rule.period();
        Some(match code.checked_sub(PeriodCode::FIRST_KNOWN)? as usize {
            known if code < PeriodCode::FIRST_UNKNOWN => FeaturePeriod::KNOWN[known],
            _ => {
                let range = &self.balance.unknown_periods[(code - PeriodCode::FIRST_UNKNOWN) as usize];
                FeaturePeriod::Unknown(self.balance.text(range))
            }
        })
    }

    /// Remaining credits available under this rule.
    pub fn balance(&self) -> Option<i64> {
        self.rule.balance()
    }

    /// Maximum credits allowed under this rule per period. It may be 0.
    pub fn cap(&self) -> Option<i64> {
        self.rule.cap()
    }

    /// When this rule's balance resets to its cap; `None` where it does not.
    pub fn reset_date(&self) -> Option<Timestamp> {
        self.rule.reset_date()
    }
}

impl PartialEq for UsageRule<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.reading() == other.reading()
    }
}

impl Eq for UsageRule<'_> {}

impl Hash for UsageRule<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.reading().hash(state);
    }
}

impl<'a> UsageRule<'a> {
    fn reading(&self) -> (Option<FeaturePeriod<'a>>, Option<i64>, Option<i64>, Option<Timestamp>) {
        (self.period(), self.balance(), self.cap(), self.reset_date())
    }
}

impl fmt::Debug for UsageRule<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UsageRule")
            .field("period", &self.period())
            .field("balance", &self.balance())
            .field("cap", &self.cap())
            .field("reset_date", &self.reset_date())
            .finish()
    }
}
