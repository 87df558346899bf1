//! The worked figures of docs/deciding.md, computed.

use std::fs;

use aicredits::{Balance, Timestamp};
use aicredits_tests::root;

/// The instant of each reading on the page.
const READ_AT: &str = "2026-06-24T12:00:00Z";

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The reading of a section. The section on a cut list shows one of its 1,000 entries.
fn reading(title: &str, json: &str) -> Balance {
    let mut reply: serde_json::Value = serde_json::from_str(json).unwrap_or_else(|error| panic!("{title}: {error}"));
    if title.contains("may be cut") {
        let entries = reply["creditBalanceBreakdown"].as_array_mut().unwrap();
        *entries = vec![entries[0].clone(); 1000];
    }
    let read_at = Some(instant(READ_AT));
    Balance::from_json(reply.to_string()).unwrap().with_origin(None, None, read_at, read_at)
}

fn answer(balance: &Balance, question: &str) -> String {
    let words: Vec<&str> = question.split(' ').collect();
    let number = |word: &str| word.parse::<u64>().unwrap_or_else(|_| panic!("{question}: {word} is no number"));
    let count = |count: Option<i64>| count.map_or("unknown".to_owned(), |count| count.to_string());
    match words[..] {
        ["available"] => count(balance.available()),
        ["spendable"] => count(balance.spendable()),
        ["spendable_at", at] => count(balance.spendable_at(instant(at))),
        ["next_reset"] => balance.next_reset().map_or("none".to_owned(), |reset| reset.to_string()),
        ["can_afford", cost] => balance.can_afford(number(cost)).unwrap().to_string(),
        ["affordable", unit_cost, wanted] => {
            let fits = balance.affordable(number(unit_cost), number(wanted)).unwrap();
            fits.map_or("unknown".to_owned(), |fits| fits.to_string())
        }
        _ => panic!("no question is {question}"),
    }
}

/// The rows `question | answer` of a section.
fn rows(section: &str) -> Vec<(&str, &str)> {
    section.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |")?.split_once("` | ")).collect()
}

#[test]
fn the_worked_figures_are_what_the_library_computes() {
    let page = fs::read_to_string(root().join("docs/deciding.md")).unwrap();
    assert!(page.contains(&format!("Each reading was made at {READ_AT}.")));
    let (_, figures) = page.split_once("\n### Worked figures\n").unwrap();
    let (figures, _) = figures.split_once("\n### ").unwrap();
    let mut compared = 0;
    for section in figures.split("\n#### ").skip(1) {
        let (title, rest) = section.split_once('\n').unwrap();
        let (_, rest) = rest.split_once("```json\n").unwrap_or_else(|| panic!("{title} has no reading"));
        let (json, rest) = rest.split_once("```").unwrap();
        let balance = reading(title, json);
        let rows = rows(rest);
        assert!(!rows.is_empty(), "{title} asks nothing");
        for (question, says) in rows {
            assert_eq!(answer(&balance, question), says, "{title}: {question}");
            compared += 1;
        }
    }
    assert!(compared >= 30, "{compared} figures were found");
}
