//! The vendor: a ledger that really spends. It shares no code with the core.
//!
//! A source has rules that all must allow a charge. A charge is spent at once, and shows in a reading after a delay. The
//! time is the test's: it moves only with [`Vendor::advance`].

use std::fmt::Write as _;
use std::time::Duration;

/// The instant at which every test begins: 2026-06-24T00:00:00Z.
const EPOCH: i64 = 1_782_259_200;
pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);
pub(crate) const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);

#[derive(Clone, Debug)]
pub(crate) struct Rule {
    /// The word in the reply, and its length. A rule without a length never resets.
    period: (&'static str, Option<Duration>),
    balance: u64,
    cap: u64,
    resets_at: Option<Duration>,
    /// How often it was reset. A charge counts only within the period in which it was made.
    era: u32,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Source {
    subscription: Option<String>,
    rules: Vec<Rule>,
}

impl Source {
    pub(crate) fn subscription(id: &str) -> Self {
        Self { subscription: Some(id.to_owned()), rules: Vec::new() }
    }

    pub(crate) fn top_up(balance: u64) -> Self {
        Self::default().rule(("NO_PERIOD", None), balance, balance, None)
    }

    pub(crate) fn daily(self, balance: u64, cap: u64, resets_at: Duration) -> Self {
        self.rule(("DAY", Some(DAY)), balance, cap, Some(resets_at))
    }

    pub(crate) fn monthly(self, balance: u64, cap: u64, resets_at: Duration) -> Self {
        self.rule(("MONTH", Some(MONTH)), balance, cap, Some(resets_at))
    }

    fn rule(
        mut self,
        period: (&'static str, Option<Duration>),
        balance: u64,
        cap: u64,
        resets_at: Option<Duration>,
    ) -> Self {
        self.rules.push(Rule { period, balance, cap, resets_at, era: 0 });
        self
    }

    fn figure(&self, balances: impl Fn(usize, &Rule) -> u64) -> u64 {
        self.rules.iter().enumerate().map(|(index, rule)| balances(index, rule)).min().unwrap_or(0)
    }
}

/// A charge that no reading shows yet.
#[derive(Clone, Debug)]
struct Hidden {
    shows_at: Duration,
    source: usize,
    cost: u64,
    /// The era of each rule at the charge.
    eras: Vec<u32>,
}

/// The vendor refused: HTTP 428 `REQUEST_NOT_ELIGIBLE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused;

#[derive(Clone, Debug)]
pub(crate) struct Vendor {
    now: Duration,
    sources: Vec<Source>,
    hidden: Vec<Hidden>,
    pub(crate) granted: u64,
    pub(crate) spent: u64,
    pub(crate) refused: u64,
}

impl Vendor {
    pub(crate) fn new(sources: impl Into<Vec<Source>>) -> Self {
        Self { now: Duration::ZERO, sources: sources.into(), hidden: Vec::new(), granted: 0, spent: 0, refused: 0 }
    }

    /// The free plan on a new day: 30 a day within 120 a month.
    pub(crate) fn free_plan() -> Self {
        Self::new([Source::subscription("free").daily(30, 30, DAY).monthly(120, 120, MONTH)])
    }

    /// The example of the API's page: 850 of 1000 a month, and a top-up of 200.
    pub(crate) fn page_example() -> Self {
        let monthly = Source::subscription("d7a341c4-196b-46e7-813c-2b0fc1847ec6").monthly(850, 1000, 7 * DAY);
        Self::new([monthly, Source::top_up(200)])
    }

    /// Moves the clock forward. Every rule resets on its date.
    pub(crate) fn advance(&mut self, now: Duration) {
        self.now = self.now.max(now);
        for rule in self.sources.iter_mut().flat_map(|source| &mut source.rules) {
            while let (Some(at), Some(length)) = (rule.resets_at.filter(|at| *at <= self.now), rule.period.1) {
                (rule.balance, rule.resets_at) = (rule.cap, Some(at + length));
                rule.era += 1;
            }
        }
        self.hidden.retain(|hidden| hidden.shows_at > self.now);
    }

    /// The credits that can really be spent now.
    pub(crate) fn left(&self) -> u64 {
        self.sources.iter().map(|source| source.figure(|_, rule| rule.balance)).sum()
    }

    /// Charges all of the cost or nothing. The charge shows in readings after `delay`.
    pub(crate) fn charge(&mut self, cost: u64, delay: Duration) -> Result<(), Refused> {
        if self.left() < cost {
            self.refused += 1;
            return Err(Refused);
        }
        let mut open = cost;
        for (index, source) in self.sources.iter_mut().enumerate() {
            let taken = source.figure(|_, rule| rule.balance).min(open);
            if taken > 0 {
                open -= taken;
                source.rules.iter_mut().for_each(|rule| rule.balance -= taken);
                let eras = source.rules.iter().map(|rule| rule.era).collect();
                self.hidden.push(Hidden { shows_at: self.now + delay, source: index, cost: taken, eras });
            }
        }
        self.hidden.retain(|hidden| hidden.shows_at > self.now);
        self.granted += 1;
        self.spent += cost;
        Ok(())
    }

    /// Another program spends: as much of this as there is, and it shows at once.
    pub(crate) fn spend_elsewhere(&mut self, most: u64) -> u64 {
        let cost = most.min(self.left());
        let (granted, spent) = (self.granted, self.spent);
        self.charge(cost, Duration::ZERO).unwrap();
        (self.granted, self.spent) = (granted, spent);
        cost
    }

    pub(crate) fn top_up(&mut self, credits: u64) {
        self.sources.push(Source::top_up(credits));
    }

    /// The balance of a rule as a reading shows it: a charge that does not show yet is still there.
    fn shown(&self, source: usize, rule: usize) -> u64 {
        let here = &self.sources[source].rules[rule];
        let hidden = self.hidden.iter().filter(|hidden| hidden.source == source && hidden.eras[rule] == here.era);
        here.balance + hidden.map(|hidden| hidden.cost).sum::<u64>()
    }

    /// The credits that a reading of this moment shows as spendable.
    pub(crate) fn shown_spendable(&self) -> u64 {
        let figure = |(index, source): (usize, &Source)| source.figure(|rule, _| self.shown(index, rule));
        self.sources.iter().enumerate().map(figure).sum()
    }

    /// The raw reply of a reading of this moment.
    pub(crate) fn json(&self) -> String {
        let (mut periodic, mut top_up) = (None::<[u64; 2]>, None::<[u64; 2]>);
        let mut breakdown = Vec::new();
        for (index, source) in self.sources.iter().enumerate() {
            let longest =
                source.rules.iter().enumerate().max_by_key(|(_, rule)| rule.period.1.unwrap_or(Duration::MAX));
            let (rule, longest) = longest.unwrap();
            let pool = if longest.period.1.is_some() { &mut periodic } else { &mut top_up };
            let [balance, cap] = pool.unwrap_or([0, 0]);
            *pool = Some([balance + self.shown(index, rule), cap + longest.cap]);
            breakdown.push(self.json_of_source(index, source));
        }
        let mut members = Vec::new();
        for (name, pool) in [("periodicCredits", periodic), ("topUpCredits", top_up)] {
            members.extend(pool.map(|[balance, cap]| format!(r#""{name}":{{"balance":"{balance}","cap":"{cap}"}}"#)));
        }
        members.push(format!(r#""creditBalanceBreakdown":[{}]"#, breakdown.join(",")));
        format!("{{{}}}", members.join(","))
    }

    fn json_of_source(&self, index: usize, source: &Source) -> String {
        let rule = |(number, rule): (usize, &Rule)| {
            let mut text = format!(r#"{{"period":"{}","balance":"{}""#, rule.period.0, self.shown(index, number));
            write!(text, r#","cap":"{}""#, rule.cap).unwrap();
            if let Some(at) = rule.resets_at {
                write!(text, r#","resetDate":"{}""#, instant(at)).unwrap();
            }
            text + "}"
        };
        let rules: Vec<_> = source.rules.iter().enumerate().map(rule).collect();
        let id = source.subscription.as_ref().map(|id| format!(r#""subscriptionId":"{id}","#)).unwrap_or_default();
        format!(r#"{{{id}"usageRules":[{}]}}"#, rules.join(","))
    }

    /// The `Date` header of a reply of this moment.
    pub(crate) fn date(&self) -> String {
        instant(self.now).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }
}

fn instant(at: Duration) -> jiff::Timestamp {
    let nanoseconds = at.subsec_nanos().try_into().unwrap();
    jiff::Timestamp::new(EPOCH + i64::try_from(at.as_secs()).unwrap(), nanoseconds).unwrap()
}

#[test]
fn the_ledger_spends_at_once_and_shows_it_later() {
    let seconds = Duration::from_secs;
    let mut vendor = Vendor::free_plan();
    assert_eq!((vendor.left(), vendor.shown_spendable()), (30, 30));
    vendor.charge(10, seconds(60)).unwrap();
    assert_eq!((vendor.left(), vendor.shown_spendable()), (20, 30));
    vendor.advance(seconds(60));
    assert_eq!((vendor.left(), vendor.shown_spendable()), (20, 20));
    assert_eq!(vendor.charge(21, seconds(0)), Err(Refused));
    assert_eq!((vendor.left(), vendor.granted, vendor.spent, vendor.refused), (20, 1, 10, 1));
}

#[test]
fn a_charge_of_yesterday_is_not_in_today_s_rule() {
    let mut vendor = Vendor::free_plan();
    vendor.advance(DAY - Duration::from_secs(1));
    vendor.charge(30, Duration::from_secs(60)).unwrap();
    vendor.advance(DAY);
    assert_eq!((vendor.left(), vendor.shown(0, 0), vendor.shown(0, 1)), (30, 30, 120));
    vendor.advance(DAY + Duration::from_secs(59));
    assert_eq!((vendor.shown(0, 0), vendor.shown(0, 1)), (30, 90));
}

#[test]
fn the_reply_is_one_of_wix() {
    let balance = aicredits::Balance::from_json(Vendor::page_example().json()).unwrap();
    assert_eq!(balance.available(), Some(1050));
    let source = balance.credit_balance_breakdown().next().unwrap();
    assert_eq!(source.subscription_id(), Some("d7a341c4-196b-46e7-813c-2b0fc1847ec6"));
    let rule = source.usage_rules().next().unwrap();
    assert_eq!((rule.balance(), rule.cap()), (Some(850), Some(1000)));
    assert_eq!(rule.reset_date().unwrap().to_string(), "2026-07-01T00:00:00Z");
    assert_eq!(Vendor::page_example().date(), "Wed, 24 Jun 2026 00:00:00 GMT");
}
