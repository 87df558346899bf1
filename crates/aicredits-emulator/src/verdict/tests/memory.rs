//! The memory is bounded, and the verdict says when something was forgotten.

use super::*;
use crate::verdict::row::REMEMBERED;

fn call(court: &mut Court, account: usize, reply: Outline) {
    court.requests += 1;
    let n = court.requests;
    let facts = Facts {
        route: Some(Route::Balance),
        credential: digest(account % 7),
        account: Some(format!("account-{account}")),
        ..Facts::default()
    };
    let moment = court.moment(n * 2);
    let (shown, moment) = (&Entry::default(), &moment);
    let (connection, on_connection, leaks_key, cost) = (0, 1, false, None);
    let speed = 1;
    court.judge.arrived(&Arrival {
        n,
        facts: &facts,
        shown,
        moment,
        speed,
        connection,
        on_connection,
        leaks_key,
        cost,
    });
    court.answer(n, n * 2 + 1, reply);
}

#[test]
fn a_verdict_is_complete_up_to_65_536_lineages() {
    let mut court = Court::default();
    for account in 0..REMEMBERED {
        call(&mut court, account, status(403));
    }
    assert!(court.judge_by(Require::default()).complete);
    // The oldest is used again, so the next oldest goes.
    call(&mut court, 0, status(200));
    call(&mut court, REMEMBERED, status(200));
    let verdict = court.judge_by(Require::default());
    assert!(!verdict.complete);
    assert!(verdict.text().ends_with("findings may be missing"));
    assert_eq!(court.found(), [(VerdictRule::RetriedFinal, 1, vec![1, REMEMBERED as u64 + 1])]);
    assert_eq!(court.judge.lineages.len(), REMEMBERED);
    call(&mut court, 1, status(200));
    assert_eq!(court.found().len(), 1, "it was forgotten");
}

#[test]
fn at_most_100_findings_are_listed_and_all_are_counted() {
    let mut court = Court::default();
    for account in 0..150 {
        call(&mut court, account, after(429, 60));
        call(&mut court, account, status(403));
        call(&mut court, account, status(403));
    }
    let verdict = court.judge_by(Require::default());
    assert_eq!(verdict.findings.len(), 100);
    for rule in [VerdictRule::RetriedFinal, VerdictRule::IgnoredRetryAfter] {
        let of_rule = verdict.findings.iter().filter(|finding| finding.rule == rule);
        assert_eq!(of_rule.map(|finding| finding.count).sum::<u64>(), 150);
    }
}

#[test]
fn a_limit_beyond_what_is_remembered_makes_the_verdict_incomplete() {
    let mut court = Court::default();
    for _ in 0..65_537 {
        call(&mut court, 0, status(200));
    }
    let by = |limit| court.judge_by(Require { max_per_minute: Some(limit), ..Require::default() });
    assert!(by(65_535).complete && !by(65_535).good);
    assert!(!by(65_536).complete);
    assert!(court.judge_by(Require::default()).complete);
}

/// Keys that no rule needs any more go, so that memory stays flat.
#[test]
fn a_key_is_forgotten_a_minute_after_its_last_request() {
    let mut court = Court::default();
    for n in 0..1_000 {
        court.call(n * SECOND, Ask { key: ["a", "b", "c"][n as usize % 3], ..ASK }, status(200));
    }
    let key = ["x"; 1][0];
    court.call(2_000 * SECOND, Ask { key, ..ASK }, status(200));
    for n in 0..3 {
        court.call((2_001 + n) * SECOND, Ask { key, ..ASK }, status(200));
    }
    assert_eq!(court.judge.keys.len(), 1);
    assert!(court.judge_by(Require::default()).complete);
}

#[test]
fn texts_of_a_client_are_cut_in_the_evidence() {
    let shown = Entry {
        method: "POST".into(),
        target: "/a\u{1b}b".into(),
        account: Some("x".repeat(1000)),
        ..Entry::default()
    };
    let label = crate::verdict::evidence::label(&shown);
    assert_eq!(label.to_string(), format!("POST /a?b account={}…", "x".repeat(64)));
}
