//! Properties over random sequences of grants, spends, adjustments, clock moves and lags.

use std::cell::Cell;

use crate::client::Client;
use crate::ledger::*;
use crate::model::Model;
use crate::random::{Random, with_seeds};
use aicredits_emulator::{
    Adjust, Aggregate, Allocation, ClockChange, Emulator, Grant, GrantRule, Key, Nothing, PATH, Reset,
    SiteSpendsAccount, Spend, State, Timestamp, TopUp,
};
use serde_json::{Value, json};

const PERIODS: [&str; 6] = ["DAY", "WEEK", "MONTH", "YEAR", "NO_PERIOD", "FORTNIGHT"];
const HOUR: i64 = 3600;
/// Lags and moves of the clock are multiples of it. Service time also passes while the test runs, and that is far less.
const LAG_MS: u64 = 600_000;

/// The next date on a day that some months lack.
fn late_in_the_month(date: i64) -> i64 {
    let day = |date: &i64| Timestamp::from_second(*date).unwrap().strftime("%d").to_string().parse::<i64>().unwrap();
    (0..).map(|days| date + 24 * HOUR * days).find(|date| day(date) > 28).unwrap()
}

struct Run {
    random: Random,
    emulator: Emulator,
    model: Model,
    client: Client,
    aggregate: Aggregate,
    seen: Seen,
}

/// How often each thing happened. A test in which one never does tests nothing.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    spent: u64,
    split: u64,
    refused: u64,
    in_flight: u64,
    resets: u64,
    anchors: u64,
}

impl Run {
    fn new(mut random: Random) -> Self {
        let mut state = state([]);
        // Near the end of a month or of a February, so that short months come soon.
        let now = random.one_of(&["2026-01-29T12:00:00Z", "2027-12-30T06:00:00Z", "2028-02-28T23:00:00Z"]);
        state.clock.now = at(now);
        state.shown_after_ms = random.one_of(&[0, LAG_MS]);
        state.assumptions.aggregate = random.one_of(&[Aggregate::LongestPeriod, Aggregate::SumOfRules]);
        state.assumptions.site_spends_account = random.one_of(&[SiteSpendsAccount::False, SiteSpendsAccount::True]);
        state.keys = vec![Key {
            name: "k".into(),
            secret: "IST.k".into(),
            accounts: vec!["a".into()],
            sites: vec!["s".into(), "t".into()],
            ..Key::default()
        }];
        let mut model = Model::new(at(now).as_second());
        model.site_spends_account = state.assumptions.site_spends_account == SiteSpendsAccount::True;
        let aggregate = state.assumptions.aggregate;
        let emulator = started(state);
        let client = Client::connect(emulator.server().addr());
        Self { random, emulator, model, client, aggregate, seen: Seen::default() }
    }

    fn site(&mut self) -> Option<String> {
        self.random.one_of(&[None, None, Some("s"), Some("t")]).map(str::to_owned)
    }

    fn step(&mut self) {
        self.seen.resets += self.model.catch_up();
        match self.random.up_to(11) {
            0 | 1 => self.grant(),
            2 => self.top_up(),
            3 => self.adjust(),
            4 | 5 => self.clock(),
            _ => self.spend(),
        }
    }

    fn grant(&mut self) {
        let now = self.model.now;
        let mut rule = || {
            let period = self.random.one_of(&PERIODS);
            let cap = self.random.up_to(40);
            let dated = self.random.one_in(2) && PERIODS[..4].contains(&period);
            let date = now + HOUR * (1 + self.random.up_to(24 * 40));
            let date = if self.random.one_in(2) { late_in_the_month(date) } else { date };
            GrantRule {
                period: period.into(),
                cap,
                balance: self.random.one_in(3).then(|| self.random.up_to(cap)),
                reset_date: dated.then(|| Timestamp::from_second(date).unwrap()),
            }
        };
        let rules: Vec<GrantRule> = (0..3).map(|_| rule()).collect();
        let rules = rules[..1 + self.random.up_to(2) as usize].to_vec();
        let counted_rule = self.random.one_in(4).then(|| self.random.up_to(rules.len() as i64 - 1) as usize);
        let site = self.site();
        let granted = self.emulator.grant(&Grant { site, counted_rule, rules, ..Grant::default() }).unwrap();
        self.added(&granted.allocation);
    }

    fn top_up(&mut self) {
        let top_up = TopUp { site: self.site(), amount: self.random.up_to(30), account: None };
        let granted = self.emulator.top_up(&top_up).unwrap();
        self.added(&granted.allocation);
    }

    fn added(&mut self, name: &str) {
        self.model.add(&named(&self.emulator, name));
    }

    fn adjust(&mut self) {
        if self.model.sources.is_empty() {
            return;
        }
        let source = self.random.up_to(self.model.sources.len() as i64 - 1) as usize;
        let rule = self.random.up_to(self.model.sources[source].rules.len() as i64 - 1) as usize;
        let balance = self.random.one_in(2).then(|| self.random.up_to(60) - 10);
        let cap = self.random.one_in(3).then(|| self.random.up_to(40));
        let has_date = self.model.sources[source].rules[rule].date.is_some();
        let date = (has_date && self.random.one_in(3)).then(|| self.model.now + HOUR * (self.random.up_to(1200) - 100));
        let adjust = Adjust {
            allocation: self.model.sources[source].name.clone(),
            rule,
            balance,
            cap,
            reset_date: date.map(|date| Timestamp::from_second(date).unwrap()),
            ..Adjust::default()
        };
        self.emulator.adjust(&adjust).unwrap();
        let of_model = &mut self.model.sources[source].rules[rule];
        balance.into_iter().for_each(|balance| of_model.set(balance));
        of_model.cap = cap.unwrap_or(of_model.cap);
        date.into_iter().for_each(|date| self.model.set_date(source, rule, date));
    }

    fn clock(&mut self) {
        let hours = match self.random.up_to(9) {
            0 => self.random.up_to(24 * 800),
            1..4 => self.random.up_to(24 * 40),
            _ => self.random.up_to(30),
        };
        if self.random.one_in(4) {
            // Back, or forward without service time.
            self.model.now += HOUR * self.random.one_of(&[hours, -(hours.min(24 * 10))]);
            self.model.now = self.model.now.max(at("2025-06-01T00:00:00Z").as_second());
            set_date(&self.emulator, Timestamp::from_second(self.model.now).unwrap());
        } else {
            // To the very date of some rule, or by a lag, or by anything.
            let dates = self.model.sources.iter().flat_map(|source| &source.rules).filter_map(|rule| rule.date);
            let ahead: Vec<i64> = dates.map(|date| date - self.model.now).filter(|ahead| *ahead > 0).collect();
            let to_a_date = if ahead.is_empty() { 0 } else { self.random.one_of(&ahead) };
            let lag = LAG_MS as i64 / 1000;
            let seconds = self.random.one_of(&[hours * HOUR, to_a_date, lag, 2 * lag, 3 * lag]);
            self.model.now += seconds;
            self.model.service_ms += seconds as u64 * 1000;
            advance(&self.emulator, seconds as u64 * 1000);
        }
    }

    fn spend(&mut self) {
        let most = self.random.one_of(&[5, 40, 200]);
        let spend = Spend {
            site: self.site(),
            cost: self.random.up_to(most),
            shown_after_ms: self.random.one_in(3).then(|| LAG_MS * self.random.up_to(10) as u64),
            ..Spend::default()
        };
        let after = spend.shown_after_ms.unwrap_or_else(|| self.emulator.state(&Nothing {}).unwrap().shown_after_ms);
        let spendable = self.model.spendable(&spend);
        let expected = self.model.spend(&spend, after);
        match self.emulator.spend(&spend) {
            Ok(spent) => {
                let drawn = spent.drawn.into_iter().map(|drawn| (drawn.allocation, drawn.amount)).collect::<Vec<_>>();
                assert_eq!(drawn.iter().map(|drawn| drawn.1).sum::<i64>(), spend.cost);
                self.seen.spent += 1;
                self.seen.split += u64::from(drawn.len() > 1);
                assert_eq!(Some(drawn), expected, "{spend:?}");
            }
            Err(error) => {
                assert_eq!((error.problem.code.as_str(), expected), ("insufficient", None), "{spend:?}");
                self.seen.refused += 1;
                assert_eq!(error.details["spendable"], spendable, "{spend:?}");
            }
        }
    }

    /// All balances and dates are the model's: so a refused spend took nothing, and a granted one all.
    fn compare(&mut self) -> State {
        self.seen.resets += self.model.catch_up();
        let state = self.emulator.state(&Nothing {}).unwrap();
        let rules = |allocation: &Allocation| {
            let values = |rule: &aicredits_emulator::Rule| {
                (rule.balance, rule.shown.unwrap(), rule.cap, rule.reset_date.map(Timestamp::as_second))
            };
            allocation.rules.iter().map(values).collect::<Vec<_>>()
        };
        for (source, allocation) in self.model.sources.iter().zip(&state.accounts[0].allocations) {
            let expected: Vec<_> =
                source.rules.iter().map(|rule| (rule.real, rule.shown(), rule.cap, rule.date)).collect();
            assert_eq!((&allocation.allocation, rules(allocation)), (&source.name, expected));
            self.seen.in_flight += u64::from(source.rules.iter().any(|rule| rule.real != rule.shown()));
            self.seen.anchors += u64::from(allocation.rules.iter().any(|rule| rule.anchor_day.is_some()));
        }
        assert_eq!(state.accounts[0].allocations.len(), self.model.sources.len());
        assert_eq!(state.clock.resets, self.seen.resets);
        state
    }

    fn reading(&mut self, header: &str) -> Value {
        let head = format!("POST {PATH} HTTP/1.1\r\nHost: h\r\nAuthorization: IST.k\r\n{header}\r\n");
        self.client.send(format!("{head}Content-Length: 2\r\n\r\n{{}}"));
        let reply = self.client.receive();
        assert_eq!(reply.status, 200, "{}", reply.text());
        serde_json::from_slice(&reply.body).unwrap()
    }

    /// Replies have the shown balances, their aggregates follow from them, and a site's reply is a part of the account's.
    fn read(&mut self, state: &State) {
        let allocations = &state.accounts[0].allocations;
        let whole = self.reading("wix-account-id: a");
        self.check(&whole, &allocations.iter().collect::<Vec<_>>());
        let entries = whole["creditBalanceBreakdown"].as_array().cloned().unwrap_or_default();
        for site in ["s", "t"] {
            let part = self.reading(&format!("wix-site-id: {site}"));
            let of_site: Vec<_> = allocations.iter().filter(|one| one.site.as_deref() == Some(site)).collect();
            self.check(&part, &of_site);
            let mut entries = entries.iter();
            for entry in part["creditBalanceBreakdown"].as_array().into_iter().flatten() {
                assert!(entries.any(|of_account| of_account == entry), "{entry} of {site} is not in {whole}");
            }
        }
    }

    fn check(&self, reading: &Value, allocations: &[&Allocation]) {
        let mut pools: [Option<(i64, i64)>; 2] = [None, None];
        let entries = reading["creditBalanceBreakdown"].as_array().cloned().unwrap_or_default();
        assert_eq!(entries.len(), allocations.len(), "{reading}");
        for (entry, allocation) in entries.iter().zip(allocations) {
            let rules = entry["usageRules"].as_array().unwrap();
            let shown: Vec<_> = allocation.rules.iter().map(|rule| json!(rule.shown)).collect();
            assert_eq!(rules.iter().map(|rule| rule["balance"].clone()).collect::<Vec<_>>(), shown);
            let longest = || {
                let rank = |rule: &Value| PERIODS[..5].iter().position(|period| rule["period"] == *period);
                (0..rules.len()).reduce(|best, next| if rank(&rules[next]) >= rank(&rules[best]) { next } else { best })
            };
            let counted: Vec<usize> = match (allocation.counted_rule, self.aggregate) {
                (Some(index), _) => vec![index],
                (None, Aggregate::LongestPeriod) => longest().into_iter().collect(),
                (None, Aggregate::SumOfRules) => (0..rules.len()).collect(),
            };
            for rule in counted.into_iter().map(|index| &rules[index]) {
                let pool = &mut pools[usize::from(rule["period"] == "NO_PERIOD")];
                let (balance, cap) = pool.unwrap_or((0, 0));
                *pool = Some((balance + rule["balance"].as_i64().unwrap(), cap + rule["cap"].as_i64().unwrap()));
            }
        }
        for (name, pool) in ["periodicCredits", "topUpCredits"].into_iter().zip(pools) {
            let expected = pool.map(|(balance, cap)| json!({"balance": balance, "cap": cap}));
            assert_eq!(reading.get(name), expected.as_ref(), "{name} of {reading}");
        }
    }
}

/// The state without the members that `reset` ignores.
pub(crate) fn kept(mut state: State) -> State {
    (state.url, state.ca_pem, state.requests) = (None, None, 0);
    (state.clock.service_ms, state.clock.resets) = (0, 0);
    for rule in state.accounts.iter_mut().flat_map(|one| &mut one.allocations).flat_map(|one| &mut one.rules) {
        rule.shown = None;
    }
    state
}

#[test]
fn any_sequence_agrees_with_a_slow_ledger_and_with_its_replies() {
    let total = Cell::new(Seen::default());
    with_seeds(12, |random| {
        let mut run = Run::new(random);
        for step in 0..120 {
            run.step();
            let state = run.compare();
            if step % 10 == 0 {
                run.read(&state);
            }
        }
        let (seen, so_far) = (run.seen, total.get());
        total.set(Seen {
            spent: so_far.spent + seen.spent,
            split: so_far.split + seen.split,
            refused: so_far.refused + seen.refused,
            in_flight: so_far.in_flight + seen.in_flight,
            resets: so_far.resets + seen.resets,
            anchors: so_far.anchors + seen.anchors,
        });
    });
    let Seen { spent, split, refused, in_flight, resets, anchors } = total.get();
    println!("{:?}", total.get());
    assert!([spent, split, refused, in_flight, resets, anchors].iter().all(|count| *count > 0), "{:?}", total.get());
}

#[test]
fn a_state_fed_to_reset_is_the_same_state_and_goes_on_alike() {
    with_seeds(8, |random| {
        let mut run = Run::new(random);
        (0..60).for_each(|_| run.step());
        let first = run.emulator.state(&Nothing {}).unwrap();
        let other = with([]);
        let again = other.reset(&Reset { scenario: Some(first.clone().into()) }).unwrap();
        assert_eq!(kept(again), kept(first));
        // Also by the bytes of `state`, and a year of resets later.
        let json = run.emulator.control("state", "").json;
        assert_eq!(other.control("reset", &format!(r#"{{"scenario":{json}}}"#)).status, 200);
        let later = ClockChange { advance_ms: Some(400 * 24 * 3_600_000), ..ClockChange::default() };
        for emulator in [&run.emulator, &other] {
            emulator.clock(&later).unwrap();
        }
        let states = [&run.emulator, &other].map(|emulator| kept(emulator.state(&Nothing {}).unwrap()));
        assert_eq!(states[0], states[1]);
    });
}
