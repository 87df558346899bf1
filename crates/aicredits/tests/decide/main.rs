//! Decisions on a balance, against a reference that shares no code with them.

mod model;
mod random;
mod reference;

use aicredits::{Answer, Balance, Binding};

use model::{Pool, Reading, Rule, instant, seconds};
use random::Random;
use reference::Verdict;

/// Asks everything, and compares each answer with the reference's.
fn compare(reading: &Reading, costs: &[u64], instants: &[i64]) {
    let balance = reading.balance();
    assert_eq!(balance.available().map(i128::from), reading.available(), "available: {reading:?}");
    assert_eq!(balance.spendable().map(i128::from), reading.spendable(), "spendable: {reading:?}");
    for &cost in costs {
        compare_cost(reading, &balance, cost);
        for wanted in [0, 1, 3, i64::MAX as u64] {
            let fits = balance.affordable(cost, wanted).unwrap().map(i128::from);
            assert_eq!(fits, reading.affordable(cost, wanted), "{wanted} of {cost}: {reading:?}");
        }
    }
    for &at in instants {
        let then = balance.spendable_at(instant(at)).map(i128::from);
        assert_eq!(then, reading.spendable_at(at), "spendable at {at}: {reading:?}");
        let reset = balance.next_reset_after(instant(at)).map(seconds);
        assert_eq!(reset, reading.next_reset_after(at), "next reset after {at}: {reading:?}");
    }
    let next = balance.next_reset().map(seconds);
    assert_eq!(next, reading.next_reset_after(0).filter(|_| reading.has_date), "next reset: {reading:?}");
}

fn compare_cost(reading: &Reading, balance: &Balance, cost: u64) {
    let found = balance.can_afford(cost).unwrap();
    let verdict = match found.answer() {
        Answer::Yes => Verdict::Yes,
        Answer::No => Verdict::No,
        _ => Verdict::Unknown,
    };
    assert_eq!(verdict, reading.can_afford(cost), "{cost}: {reading:?}");
    assert_eq!(found.is_yes(), verdict == Verdict::Yes);
    assert_eq!((found.spendable(), found.available()), (balance.spendable(), balance.available()));

    let missing = reading.high().filter(|_| verdict == Verdict::No).map(|high| i128::from(cost) - high);
    assert_eq!(found.shortfall().map(i128::from), missing, "shortfall of {cost}: {reading:?}");
    assert_eq!(found.affordable_at().map(seconds), reading.affordable_at(cost), "when {cost}: {reading:?}");
    let binding = match found.binding() {
        Binding::Rules(rules) => Some(rules.collect::<Vec<_>>()),
        Binding::Pools => {
            assert_eq!(reading.high(), reading.available(), "{reading:?}");
            None
        }
        _ => {
            assert_eq!(reading.high(), None, "{reading:?}");
            None
        }
    };
    assert_eq!(binding, reading.binding_rules(), "binding: {reading:?}");

    let sentence = found.to_string();
    let (begins, has_short) = match verdict {
        Verdict::Yes => ("affordable: ", false),
        Verdict::No => ("", true),
        Verdict::Unknown => ("unknown whether ", false),
    };
    assert!(sentence.starts_with(begins) && sentence.contains(" short: ") == has_short, "{sentence}: {reading:?}");
    let brings_none = verdict == Verdict::No && reading.affordable_at(cost).is_none();
    assert_eq!(sentence.contains("no known reset brings it"), brings_none, "{sentence}: {reading:?}");
}

const COSTS: &[u64] = &[0, 1, 2, 3, 4, 6, i64::MAX as u64];
const INSTANTS: &[i64] = &[-20, 0, 5, 8, 9];

const POOLS: [Pool; 6] = [None, Some(None), Some(Some(-1)), Some(Some(0)), Some(Some(1)), Some(Some(3))];

fn rules(
    periods: &[Option<&'static str>],
    balances: &[Option<i64>],
    caps: &[Option<i64>],
    resets: &[Option<i64>],
) -> Vec<Rule> {
    let mut rules = Vec::new();
    for &period in periods {
        for &balance in balances {
            for &cap in caps {
                rules.extend(resets.iter().map(|&reset| Rule { period, balance, cap, reset }));
            }
        }
    }
    rules
}

#[test]
fn readings_without_a_breakdown() {
    for recurring in POOLS {
        for top_up in POOLS {
            for sources in [None, Some(Vec::new())] {
                compare(&Reading { recurring, top_up, sources, has_date: true }, COSTS, INSTANTS);
            }
        }
    }
}

#[test]
fn every_pair_of_pools_with_every_rule() {
    let rules = rules(
        &[None, Some("NO_PERIOD"), Some("DAY"), Some("FORTNIGHT")],
        &[None, Some(-1), Some(0), Some(1), Some(3)],
        &[None, Some(0), Some(2)],
        &[None, Some(-10), Some(0), Some(5)],
    );
    let sources: Vec<Vec<Rule>> = rules.iter().map(|rule| vec![*rule]).chain([Vec::new()]).collect();
    for (recurring, top_up) in POOLS.into_iter().flat_map(|one| POOLS.map(|other| (one, other))) {
        for (index, source) in sources.iter().enumerate() {
            let has_date = index % 3 != 0;
            let sources = Some(vec![source.clone()]);
            compare(&Reading { recurring, top_up, sources, has_date }, &[0, 1, 3, 4], &[0, 5]);
        }
    }
}

const FEW_POOLS: [(Pool, Pool); 4] =
    [(None, None), (Some(Some(3)), None), (Some(Some(2)), Some(Some(2))), (Some(None), Some(Some(2)))];

fn few_rules() -> Vec<Rule> {
    rules(
        &[Some("NO_PERIOD"), Some("DAY"), Some("FORTNIGHT")],
        &[None, Some(-1), Some(0), Some(2)],
        &[None, Some(3)],
        &[None, Some(-10), Some(5), Some(9)],
    )
}

#[test]
fn every_pair_of_rules_in_one_source() {
    let rules = few_rules();
    for (index, (one, other)) in rules.iter().flat_map(|one| rules.iter().map(move |other| (one, other))).enumerate() {
        let (recurring, top_up) = FEW_POOLS[index % 4];
        let sources = Some(vec![vec![*one, *other]]);
        compare(&Reading { recurring, top_up, sources, has_date: index % 5 != 0 }, &[1, 2, 3, 4], INSTANTS);
    }
}

#[test]
fn every_pair_of_sources() {
    let sources: Vec<Vec<Rule>> = few_rules().into_iter().map(|rule| vec![rule]).chain([Vec::new()]).collect();
    let pairs = sources.iter().flat_map(|one| sources.iter().map(move |other| (one, other)));
    for (index, (one, other)) in pairs.enumerate() {
        let (recurring, top_up) = FEW_POOLS[index % 4];
        let sources = Some(vec![one.clone(), other.clone()]);
        compare(&Reading { recurring, top_up, sources, has_date: index % 5 != 0 }, &[1, 2, 3, 5, 6], INSTANTS);
    }
}

#[test]
fn random_readings() {
    let mut random = Random::new();
    for _ in 0..3000 {
        let reading = random.reading();
        let costs = [1, random.cost(), random.cost()];
        compare(&reading, &costs, &[-30, 0, random.seconds(), 29]);
    }
}

/// Figures at the limits of 64 bits, where sums saturate.
#[test]
fn every_pair_of_extreme_counts() {
    let extremes = [None, Some(i64::MIN), Some(-1), Some(0), Some(1), Some(i64::MAX - 1), Some(i64::MAX)];
    let costs = [0, 1, i64::MAX as u64 - 1, i64::MAX as u64];
    for one in extremes {
        for other in extremes {
            let rule = |balance, cap| vec![Rule { period: Some("DAY"), balance, cap, reset: Some(5) }];
            let sources = Some(vec![rule(one, other), rule(other, one)]);
            for (recurring, top_up) in [(None, None), (Some(one), Some(other))] {
                let listed = Reading { recurring, top_up, sources: sources.clone(), has_date: true };
                compare(&listed, &costs, INSTANTS);
                compare(&Reading { sources: None, ..listed }, &costs, INSTANTS);
            }
        }
    }
}

#[test]
fn a_list_that_may_be_cut() {
    for length in [998, 999, 1000, 1001] {
        let source = |index: i64| {
            let (period, reset) = (Some("DAY"), Some(1 + index % 20));
            vec![Rule { period, balance: Some(index % 3), cap: Some(index % 7), reset }]
        };
        let sources = Some((0..length).map(source).collect());
        let reading = Reading { recurring: Some(Some(5000)), top_up: None, sources, has_date: true };
        compare(&reading, &[900, 990, 1000, 1500, 2500, 5001], &[0, 4, 20]);
    }
}
