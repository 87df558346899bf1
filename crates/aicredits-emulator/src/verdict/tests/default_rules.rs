use super::*;
use VerdictRule::*;

/// A call at 0, answered at 1 ms, and another one so long after that reply.
fn repeated_after(reply: Outline, micros: u64) -> Court {
    let mut court = Court::default();
    court.call(0, ASK, reply);
    court.arrive(MS + micros, ASK);
    court
}

#[test]
fn a_final_status_is_not_repeated_within_2_s() {
    assert_eq!(repeated_after(status(403), 2 * SECOND - 1).found(), [(RetriedFinal, 1, vec![1, 2])]);
    assert_eq!(repeated_after(status(403), 2 * SECOND).found(), []);
    for code in [400, 401, 404, 409, 428, 499] {
        assert_eq!(repeated_after(status(code), 0).found(), [(RetriedFinal, 1, vec![1, 2])], "{code}");
    }
    for code in [200, 204, 302, 399, 408, 425, 429, 500, 503, 504] {
        assert_eq!(repeated_after(status(code), 0).found(), [], "{code}");
    }
}

#[test]
fn a_final_status_that_is_not_whole_may_be_repeated() {
    let half = Outline { is_whole: false, ..status(403) };
    assert_eq!(repeated_after(half, 0).found(), []);
    for ended in [Ended::Cut, Ended::Gone] {
        let mut court = Court::default();
        let n = court.arrive(0, ASK);
        court.end(n, MS, status(403), ended);
        court.arrive(2 * MS, ASK);
        assert_eq!(court.found(), []);
    }
}

#[test]
fn another_request_is_no_repeat() {
    let others = [Ask { key: "renewed", ..ASK }, Ask { what: "other", ..ASK }, paid(1)];
    for other in others {
        let mut court = Court::default();
        court.call(0, ASK, status(401));
        court.call(2 * MS, other, status(401));
        assert_eq!(court.found(), []);
    }
}

#[test]
fn no_rule_looks_across_a_boundary() {
    let mut court = Court::default();
    court.call(0, ASK, status(403));
    court.judge.boundary();
    court.call(2 * MS, ASK, after(429, 60));
    court.judge.boundary();
    court.call(4 * MS, paid(1), not_eligible());
    court.judge.boundary();
    court.call(SECOND, paid(2), not_eligible());
    assert_eq!(court.found(), []);
}

#[test]
fn retry_after_is_waited_for_less_the_tolerance() {
    // 50 ms of 1 s and 5 % of it are the same; of 60 s, 5 % is more.
    for (seconds, due) in [(1, 950 * MS), (60, 57 * SECOND)] {
        for code in [429, 503] {
            let early = repeated_after(after(code, seconds), due - 1).found();
            assert_eq!(early, [(IgnoredRetryAfter, 1, vec![1, 2])], "{code} {seconds}");
            assert_eq!(repeated_after(after(code, seconds), due).found(), [], "{code} {seconds}");
        }
    }
    assert_eq!(repeated_after(after(429, 0), 0).found(), []);
    assert_eq!(repeated_after(after(500, 60), 0).found(), []);
    let dated = Outline { retry_after: RetryAfter::Other, ..status(429) };
    assert_eq!(repeated_after(dated, 0).found(), []);
    assert_eq!(repeated_after(status(503), 0).found(), [], "no rule looks at pauses without Retry-After");
}

#[test]
fn retry_after_is_in_the_seconds_of_the_client_at_any_speed() {
    for (pause, is_found) in [(950 * MS - 1, true), (950 * MS, false)] {
        let mut court = Court { speed: 60, ..Court::default() };
        court.call(0, ASK, after(429, 1));
        court.arrive(MS + pause, ASK);
        assert_eq!(!court.found().is_empty(), is_found);
    }
}

#[test]
fn a_finding_has_its_evidence() {
    let mut court = Court::default();
    let first = court.arrive(0, ASK);
    court.answer(first, 10 * MS, after(429, 60));
    let second = court.arrive(222 * MS, ASK);
    court.answer(second, 300 * MS, status(200));
    let verdict = court.judge_by(Require::default());
    let finding = &verdict.findings[0];
    assert_eq!(finding.message, "request 2 came 212 ms after request 1 was answered 429 with Retry-After: 60");
    assert_eq!(
        finding.evidence,
        ["#1 429 POST …/balance key=example account=account", "#2 200 POST …/balance key=example account=account"]
    );
    let text = verdict.text();
    assert!(
        text.starts_with("the verdict on the client: 1 finding\nignored_retry_after: request 2 came 212 ms"),
        "{text}"
    );
    let workers = "two workers that do not share their errors? leave the rule out with allow";
    assert!(text.ends_with(&format!("\n{workers}\ntwo calls of your test? put mark() between them")), "{text}");
}

#[test]
fn a_key_outside_of_its_header_is_found_in_any_request() {
    let mut court = Court::default();
    for n in 0..3 {
        court.call(n * MS, Ask { leaks: n != 1, ..ASK }, status(200));
    }
    assert_eq!(court.found(), [(KeyOutsideHeader, 2, vec![1])]);
    assert!(!court.judge_by(Require::default()).text().contains("mark()"));
}

#[test]
fn both_scope_headers_are_found_once_per_key() {
    let mut court = Court::default();
    let facts = |site: &str, key: &str| Facts {
        route: Some(Route::Balance),
        credential: digest(key),
        account: Some("a".into()),
        site: Some(site.into()),
        ..Facts::default()
    };
    for (n, facts) in [facts("", "a"), facts("s", "a"), facts("t", "a"), facts("s", "b")].iter().enumerate() {
        let moment = court.moment(0);
        let (shown, n) = (Entry::default(), n as u64 + 1);
        let (moment, shown) = (&moment, &shown);
        let (connection, on_connection, leaks_key, cost) = (0, 1, false, None);
        let speed = 1;
        court.judge.arrived(&Arrival { n, facts, shown, moment, speed, connection, on_connection, leaks_key, cost });
    }
    assert_eq!(court.found(), [(BothScopeHeaders, 1, vec![2]), (BothScopeHeaders, 1, vec![4])]);
    let allow = VerdictQuery { allow: vec![BothScopeHeaders], ..VerdictQuery::default() };
    assert!(court.judge.judge(&allow).good);
}

/// A refusal of 5 credits, answered at 1 ms, and what comes after.
fn refused_and(then: impl FnOnce(&mut Court)) -> Vec<(VerdictRule, u64, Vec<u64>)> {
    let mut court = Court::default();
    court.call(0, paid(5), not_eligible());
    then(&mut court);
    court.found().into_iter().filter(|(rule, ..)| *rule == ContinuedAfter428).collect()
}

#[test]
fn a_paid_action_is_not_sent_after_a_refusal_without_a_new_balance() {
    let late = MS + 250 * MS + 1;
    let found = [(ContinuedAfter428, 1, vec![1, 2])];
    assert_eq!(refused_and(|court| _ = court.call(late, paid(5), not_eligible())), found);
    assert_eq!(refused_and(|court| _ = court.call(late, paid(6), not_eligible())), found);
    assert_eq!(refused_and(|court| _ = court.call(late - 1, paid(6), not_eligible())), [], "it was in flight");
    assert_eq!(refused_and(|court| _ = court.call(late, paid(4), not_eligible())), [], "a smaller cost");
    assert_eq!(refused_and(|court| _ = court.call(late, paid(6), status(200))), [], "it was not refused");
    assert_eq!(refused_and(|court| _ = court.call(late, paid(6), status(428))), [], "another refusal");
    let other = Ask { what: "other", ..paid(6) };
    assert_eq!(refused_and(|court| _ = court.call(late, other, not_eligible())), [], "another account");
    let key = Ask { key: "other", ..paid(6) };
    assert_eq!(refused_and(|court| _ = court.call(late, key, not_eligible())), found, "another key, one account");
}

#[test]
fn a_paid_action_may_be_sent_again_after_a_new_balance() {
    let then = |read: Ask, reply: Outline| {
        refused_and(|court| {
            court.call(100 * MS, read, reply);
            court.call(SECOND, paid(6), not_eligible());
        })
    };
    assert_eq!(then(ASK, status(200)), []);
    assert_eq!(then(ASK, status(503)).len(), 1, "it was not read");
    assert_eq!(then(Ask { what: "other", ..ASK }, status(200)).len(), 1, "another account's balance");
    let reset = refused_and(|court| {
        court.judge.rules_were_reset();
        court.call(SECOND, paid(6), not_eligible());
    });
    assert_eq!(reset, []);
}

#[test]
fn a_balance_counts_although_its_end_is_reported_late() {
    let found = refused_and(|court| {
        let read = court.arrive(100 * MS, ASK);
        court.judge.replying(read, status(200), false);
        court.call(SECOND, paid(6), not_eligible());
        court.answer(read, 200 * MS, status(200));
    });
    assert_eq!(found, []);
}

#[test]
fn a_refusal_after_a_smaller_one_is_found_too() {
    let mut court = Court::default();
    court.call(0, paid(9), not_eligible());
    court.call(SECOND, paid(7), not_eligible());
    assert_eq!(court.found(), []);
    court.call(2 * SECOND, paid(8), not_eligible());
    assert_eq!(court.found(), [(ContinuedAfter428, 1, vec![2, 3])]);
    court.call(3 * SECOND, paid(9), not_eligible());
    assert_eq!(court.found(), [(ContinuedAfter428, 2, vec![2, 3])]);
}

#[test]
fn a_refused_paid_action_may_be_repeated_when_credits_may_be_there_again() {
    let repeated_after = |between: &dyn Fn(&mut Court)| {
        let mut court = Court::default();
        court.call(0, paid(5), not_eligible());
        between(&mut court);
        court.call(SECOND, paid(5), not_eligible());
        court.found().into_iter().map(|(rule, ..)| rule).collect::<Vec<_>>()
    };
    let both = [RetriedFinal, ContinuedAfter428];
    let other = Ask { what: "other", ..ASK };
    assert_eq!(repeated_after(&|_| {}), both);
    assert_eq!(repeated_after(&|court| _ = court.call(2 * MS, ASK, status(503))), both, "it was not read");
    assert_eq!(repeated_after(&|court| _ = court.call(2 * MS, other, status(200))), both, "another account's balance");
    assert_eq!(repeated_after(&|court| _ = court.call(2 * MS, ASK, status(200))), []);
    assert_eq!(repeated_after(&|court| court.judge.rules_were_reset()), []);
    assert_eq!(repeated_after(&|court| court.judge.boundary()), [], "credits were added");
    let leaving = |court: &mut Court| {
        let read = court.arrive(2 * MS, ASK);
        court.judge.replying(read, status(200), false);
    };
    assert_eq!(repeated_after(&leaving), [], "its end is reported late");
}

#[test]
fn a_refusal_that_is_reported_after_a_new_balance_does_not_count() {
    let mut court = Court::default();
    let refused = court.arrive(0, paid(5));
    court.call(2 * MS, ASK, status(200));
    let again = court.arrive(SECOND, paid(5));
    court.answer(refused, MS, not_eligible());
    court.answer(again, SECOND + MS, not_eligible());
    court.call(SECOND + 2 * MS, ASK, status(200));
    assert_eq!(court.found(), []);
}

#[test]
fn another_428_is_final_whatever_was_read() {
    let mut court = Court::default();
    court.call(0, paid(5), status(428));
    court.call(2 * MS, ASK, status(200));
    court.arrive(4 * MS, paid(5));
    assert_eq!(court.found(), [(RetriedFinal, 1, vec![1, 3])]);
}

#[test]
fn a_request_of_a_connection_that_was_there_before_is_of_another_worker() {
    let found = |reply: Outline, accepted: Option<u64>, connection: u64| {
        let mut court = Court::default();
        court.judge.connected(0, &court.moment(0));
        if let Some(accepted) = accepted {
            court.judge.connected(1, &court.moment(accepted));
        }
        court.call(0, ASK, reply);
        court.arrive(3 * MS, Ask { connection, ..ASK });
        !court.found().is_empty()
    };
    for reply in [status(403), after(429, 60)] {
        assert!(found(reply, Some(0), 0), "the same connection");
        assert!(!found(reply, Some(MS - 1), 1));
        assert!(found(reply, Some(MS), 1), "it may be a repeat on a new connection");
        assert!(!found(reply, None, 1), "it is older than the last reset");
    }
}

#[test]
fn a_reply_before_a_reset_of_the_connection_may_be_lost() {
    let lost = Outline { is_reset: true, ..status(403) };
    assert_eq!(repeated_after(lost, 0).found(), []);
}
