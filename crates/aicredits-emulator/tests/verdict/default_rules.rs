use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use aicredits_emulator::script::Reply;
use aicredits_emulator::{End, Ended, Framing, JournalQuery};

use super::*;
use VerdictRule::*;

#[test]
fn retried_final() {
    let emulator = Emulator::start().unwrap();
    let mut client = connect(&emulator);
    let wrong = Ask::balance(&emulator).with("wix-account-id", "another");
    assert_eq!(wrong.on(&mut client).status, 404);
    mark(&emulator);
    assert_eq!(wrong.on(&mut client).status, 404);
    assert_eq!(found(&emulator), [], "mark() lies between");
    assert_eq!(wrong.on(&mut connect(&emulator)).status, 404);
    assert_eq!(found(&emulator), [(RetriedFinal, vec![2, 3])]);
}

#[test]
fn a_renewed_credential_after_a_401_is_no_retry() {
    let emulator = Emulator::start().unwrap();
    let mut client = connect(&emulator);
    assert_eq!(Ask::balance(&emulator).with("authorization", "an-old-credential").on(&mut client).status, 401);
    assert_eq!(Ask::balance(&emulator).on(&mut client).status, 200);
    emulator.assert_good_client();
}

#[test]
fn a_repeat_after_a_broken_reply_is_no_retry_of_a_final_one() {
    let emulator = Emulator::start().unwrap();
    let whole = FaultReply { status: Some(403), cut_at: Some(30), ..FaultReply::default() };
    fault(&emulator, 1, whole);
    let mut client = connect(&emulator);
    Ask::balance(&emulator).send(&mut client);
    drop(client.receive_to_end());
    assert_eq!(Ask::balance(&emulator).on(&mut connect(&emulator)).status, 200);
    emulator.assert_good_client();
}

#[test]
fn ignored_retry_after() {
    let emulator = Emulator::start().unwrap();
    for code in [429, 503] {
        fault(&emulator, 1, FaultReply { retry_after_s: Some(1), ..status(code) });
        let mut client = connect(&emulator);
        assert_eq!(Ask::balance(&emulator).on(&mut client).status, code);
        // A client that obeys.
        thread::sleep(Duration::from_secs(1));
        assert_eq!(Ask::balance(&emulator).on(&mut client).status, 200);
    }
    emulator.assert_good_client();
    fault(&emulator, 1, FaultReply { retry_after_s: Some(60), ..status(503) });
    let mut client = connect(&emulator);
    for code in [503, 200] {
        assert_eq!(Ask::balance(&emulator).on(&mut client).status, code);
    }
    assert_eq!(found(&emulator), [(IgnoredRetryAfter, vec![5, 6])]);
}

#[test]
fn retry_after_that_the_test_lets_pass_is_over() {
    let emulator = Emulator::start().unwrap();
    fault(&emulator, 1, FaultReply { retry_after_s: Some(60), ..status(429) });
    let mut client = connect(&emulator);
    assert_eq!(Ask::balance(&emulator).on(&mut client).status, 429);
    emulator.control("clock", r#"{"advance_ms":60000}"#);
    assert_eq!(Ask::balance(&emulator).on(&mut client).status, 200);
    emulator.assert_good_client();
}

#[test]
fn key_outside_header() {
    let emulator = Emulator::start().unwrap();
    let key = emulator.api_key().to_owned();
    let ask = || Ask::balance(&emulator);
    let mut client = connect(&emulator);
    let escaped = key.replace('-', "%2D").replace("IST", "%49ST");
    let leaks = [
        Ask { target: format!("{PATH}?key={key}"), ..ask() },
        Ask { target: format!("{PATH}?key={escaped}"), ..ask() },
        Ask { body: format!(r#"{{"key":"{key}"}}"#).into_bytes(), ..ask() },
        ask().with("x-api-key", &key),
        ask().with("x-api-key", &key[13..25]),
        ask().with("cookie", &format!("other={}", emulator.site_key())),
        ask().with("authorization", "an-unknown-token").with("x-token", "Bearer an-unknown-token"),
    ];
    for leak in leaks {
        let emulator = Emulator::start().unwrap();
        leak.on(&mut connect(&emulator));
        assert_eq!(found(&emulator), [(KeyOutsideHeader, vec![1])], "{}", leak.target);
    }
    ask().with("x-api-key", &key[13..24]).on(&mut client);
    // The words that all keys of emulators have.
    ask().with("x-api-key", &key[..16]).on(&mut client);
    ask().with("x-api-key", &key[24..]).on(&mut client);
    emulator.assert_good_client();
}

#[test]
fn a_revoked_key_is_a_key() {
    let emulator = Emulator::start().unwrap();
    let secret = "IST.revoked-5f1e7c20-secret";
    let key = format!(r#"{{"name":"old","accounts":[],"sites":[],"revoked":true,"secret":"{secret}"}}"#);
    assert_eq!(emulator.control("key", &key).status, 200);
    Ask::balance(&emulator).with("x-old", secret).on(&mut connect(&emulator));
    assert_eq!(found(&emulator), [(KeyOutsideHeader, vec![1])]);
}

#[test]
fn both_scope_headers() {
    let emulator = Emulator::start().unwrap();
    let mut client = connect(&emulator);
    Ask::balance(&emulator).with("wix-site-id", "").on(&mut client);
    emulator.assert_good_client();
    for _ in 0..2 {
        Ask::balance(&emulator).with("wix-site-id", emulator.site_id()).on(&mut client);
    }
    let verdict = emulator.verdict(&VerdictQuery::default()).unwrap();
    assert_eq!((verdict.findings[0].rule, verdict.findings[0].count), (BothScopeHeaders, 1));
    emulator.assert_good_client_by(&VerdictQuery { allow: vec![BothScopeHeaders], ..VerdictQuery::default() });
}

#[test]
fn continued_after_428() {
    let emulator = Emulator::start().unwrap();
    let mut client = connect(&emulator);
    let later = || thread::sleep(Duration::from_millis(300));
    assert_eq!(Ask::paid(&emulator, 5_000).on(&mut client).status, 428);
    later();
    assert_eq!(Ask::balance(&emulator).on(&mut client).status, 200);
    assert_eq!(Ask::paid(&emulator, 6_000).on(&mut client).status, 428);
    emulator.assert_good_client();
    later();
    assert_eq!(Ask::paid(&emulator, 7_000).on(&mut client).status, 428);
    assert_eq!(found(&emulator), [(ContinuedAfter428, vec![3, 4])]);
}

#[test]
fn the_panic_has_every_finding_its_evidence_and_the_way_out() {
    let emulator = Emulator::scripted(Reply::json(403, "{}")).unwrap();
    let mut client = connect(&emulator);
    for _ in 0..2 {
        Ask::balance(&emulator).with("wix-site-id", "a-site").on(&mut client);
    }
    let panic = catch_unwind(AssertUnwindSafe(|| emulator.assert_good_client())).unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(
        text.starts_with("the verdict on the client: 2 findings\nretried_final: request 2 repeated request 1"),
        "{text}"
    );
    let evidence = format!("\n  #1 403 POST …/balance key=example account={} site=a-site\n", emulator.account_id());
    assert!(text.contains(&evidence), "{text}");
    assert!(text.contains("\nboth_scope_headers: request 1 has both"), "{text}");
    let workers = "two workers that do not share their errors? leave the rule out with allow";
    assert!(text.ends_with(&format!("\n{workers}\ntwo calls of your test? put mark() between them")), "{text}");
    assert!(!text.contains(emulator.api_key()));
}

#[test]
fn an_action_that_changes_nothing_is_no_boundary() {
    let emulator = Emulator::start().unwrap();
    let mut client = connect(&emulator);
    let wrong = Ask::balance(&emulator).with("wix-account-id", "another");
    wrong.on(&mut client);
    emulator.state(&Nothing {}).unwrap();
    emulator.control("clock", "{}");
    emulator.control("journal", "{}");
    emulator.control("verdict", "{}");
    emulator.control("spend", r#"{"account":"there is none","cost":1}"#);
    emulator.wait(&Wait { requests: 1, timeout_ms: 1 }).unwrap();
    wrong.on(&mut client);
    assert_eq!(found(&emulator), [(RetriedFinal, vec![1, 2])]);
}

#[test]
fn a_request_for_what_is_there_already_is_no_boundary_and_a_change_is_one() {
    let emulator = Emulator::start().unwrap();
    let mut client = connect(&emulator);
    let wrong = Ask::balance(&emulator).with("wix-account-id", "another");
    let spent = r#"{"cost":1,"idempotency_key":"k"}"#;
    let setup = [
        ("spend", spent),
        ("account", r#"{"account":"a","label":"A","sites":[{"site":"s","label":"S"}]}"#),
        ("adjust", r#"{"allocation":"monthly","rule":0,"balance":10,"cap":30,"counted_rule":0,"omit":["cap"]}"#),
        ("key", r#"{"name":"k","accounts":["a"],"secret":"IST.k"}"#),
        ("clock", r#"{"now":"2026-06-25T00:00:00Z"}"#),
    ];
    let again = [
        ("clock", r#"{"advance_ms":0}"#),
        ("clock", r#"{"mode":"frozen"}"#),
        ("clock", r#"{"speed":1}"#),
        ("account", r#"{"account":"a"}"#),
        ("account", r#"{"account":"a","sites":[{"site":"s"}]}"#),
        ("key", r#"{"name":"k"}"#),
        ("adjust", r#"{"allocation":"monthly","rule":0}"#),
        ("assume", r#"{"no_scope":"428"}"#),
        ("clear_faults", "{}"),
        ("limit", r#"{"per_minute":null}"#),
    ];
    let changes = [
        ("clock", r#"{"advance_ms":1}"#),
        ("clock", r#"{"mode":"running"}"#),
        ("clock", r#"{"speed":2}"#),
        ("clock", r#"{"now":"2026-06-26T00:00:00Z"}"#),
        ("account", r#"{"account":"b"}"#),
        ("account", r#"{"account":"a","label":"B"}"#),
        ("account", r#"{"account":"a","sites":[{"site":"s","label":"T"}]}"#),
        ("account", r#"{"account":"a","sites":[{"site":"t"}]}"#),
        ("account", r#"{"account":"a","allocations":[{"allocation":"free","rules":[]}]}"#),
        ("key", r#"{"name":"k","revoked":true}"#),
        ("key", r#"{"name":"l"}"#),
        ("adjust", r#"{"allocation":"monthly","rule":0,"balance":9}"#),
        ("adjust", r#"{"allocation":"monthly","rule":0,"reset_date":"2027-01-01T00:00:00Z"}"#),
        ("assume", r#"{"no_scope":"401"}"#),
        ("grant", r#"{"rules":[{"period":"DAY","cap":1}]}"#),
        ("top_up", r#"{"amount":1}"#),
        ("spend", r#"{"cost":1}"#),
        ("fault", r#"{"match":{"key":"k"},"reply":{"status":503}}"#),
        ("clear_faults", "{}"),
        ("limit", r#"{"per_minute":1000}"#),
        ("mark", "{}"),
    ];
    for (action, request) in setup {
        assert_eq!(emulator.control(action, request).status, 200, "{action} {request}");
    }
    let mut count = 0;
    let mut finds = |action: &str, request: &str| {
        mark(&emulator);
        wrong.on(&mut client);
        let reply = emulator.control(action, request);
        assert_eq!(reply.status, 200, "{action} {request}: {}", reply.json);
        wrong.on(&mut client);
        let before = count;
        let verdict = emulator.verdict(&VerdictQuery::default()).unwrap();
        count = verdict.findings.iter().map(|finding| finding.count).sum();
        count - before
    };
    for (action, request) in setup.into_iter().chain(again) {
        assert_eq!(finds(action, request), 1, "{action} {request}");
    }
    for (action, request) in changes {
        assert_eq!(finds(action, request), 0, "{action} {request}");
    }
}

#[test]
fn a_reset_forgets_the_verdict() {
    let emulator = Emulator::start().unwrap();
    let mut client = connect(&emulator);
    for _ in 0..2 {
        Ask::balance(&emulator).with("wix-account-id", "another").on(&mut client);
    }
    assert_eq!(found(&emulator).len(), 1);
    emulator.control("reset", "{}");
    emulator.assert_good_client();
}

#[test]
fn a_refused_paid_action_may_be_repeated_after_a_new_balance() {
    let emulator = Emulator::start().unwrap();
    let mut client = connect(&emulator);
    let refused = Ask::paid(&emulator, 5_000);
    assert_eq!(refused.on(&mut client).status, 428);
    assert_eq!(Ask::balance(&emulator).on(&mut client).status, 200);
    assert_eq!(refused.on(&mut client).status, 428);
    emulator.assert_good_client();
    assert_eq!(refused.on(&mut client).status, 428);
    assert_eq!(found(&emulator), [(RetriedFinal, vec![3, 4])]);
}

#[test]
fn a_body_without_a_length_that_a_reset_ends_is_no_reply() {
    let emulator = Emulator::start().unwrap();
    let (framing, end) = (Some(Framing::Close), Some(End::Reset));
    fault(&emulator, 1, FaultReply { framing, end, ..status(403) });
    let mut client = connect(&emulator);
    Ask::balance(&emulator).send(&mut client);
    drop(client.receive_to_end());
    assert_eq!(Ask::balance(&emulator).on(&mut connect(&emulator)).status, 200);
    emulator.assert_good_client();
    let journal = emulator.journal(&JournalQuery::default()).unwrap();
    assert_eq!(journal.requests[0].ended, Some(Ended::Cut));

    fault(&emulator, 1, FaultReply { framing, ..status(403) });
    let mut client = connect(&emulator);
    Ask::balance(&emulator).send(&mut client);
    drop(client.receive_to_end());
    Ask::balance(&emulator).on(&mut connect(&emulator));
    assert_eq!(found(&emulator), [(RetriedFinal, vec![3, 4])], "a usual end of the connection ends the body");
}

#[test]
fn retry_after_0_is_no_pause() {
    let emulator = Emulator::start().unwrap();
    let mut client = connect(&emulator);
    for code in [429, 503] {
        fault(&emulator, 1, FaultReply { retry_after_s: Some(0), ..status(code) });
        assert_eq!(Ask::balance(&emulator).on(&mut client).status, code);
        assert_eq!(Ask::balance(&emulator).on(&mut client).status, 200);
    }
    emulator.assert_good_client();
}

#[test]
fn workers_with_separate_connections_are_not_taken_for_one() {
    let emulator = Emulator::start().unwrap();
    let (mut one, mut two) = (connect(&emulator), connect(&emulator));
    let right = Ask::balance(&emulator);
    assert_eq!((right.on(&mut one).status, right.on(&mut two).status), (200, 200));
    let wrong = Ask::balance(&emulator).with("wix-account-id", "another");
    assert_eq!((wrong.on(&mut one).status, wrong.on(&mut two).status), (404, 404));
    fault(&emulator, 1, FaultReply { retry_after_s: Some(60), ..status(429) });
    assert_eq!((right.on(&mut one).status, right.on(&mut two).status), (429, 200));
    emulator.assert_good_client();
    // To the server, this one is a repeat of the last.
    assert_eq!(wrong.on(&mut two).status, 404);
    assert_eq!(wrong.on(&mut connect(&emulator)).status, 404);
    assert_eq!(found(&emulator), [(RetriedFinal, vec![7, 8])]);
}

#[test]
fn the_words_and_ids_of_an_honest_client_are_no_key() {
    let emulator = Emulator::start().unwrap();
    let account = "0a1b2c3d-0000-4000-8000-0000000000a2";
    for (action, request) in [
        ("account", format!(r#"{{"account":"{account}"}}"#)),
        ("account", r#"{"account":"second-account"}"#.to_owned()),
        ("key", r#"{"name":"second-account","accounts":["second-account"]}"#.to_owned()),
        ("key", format!(r#"{{"name":"of-an-id","secret":"IST.{account}","accounts":["{account}"]}}"#)),
    ] {
        assert_eq!(emulator.control(action, &request).status, 200);
    }
    let keys = emulator.state(&Nothing {}).unwrap().keys;
    let secret = |name: &str| keys.iter().find(|key| key.name == name).unwrap().secret.to_string();
    let ask = || Ask::balance(&emulator).with("user-agent", "my-emulator-example/1.0");
    let mut client = connect(&emulator);
    let body = br#"{"idempotency_key":"job-not-a-secret-1","cost":1}"#.to_vec();
    assert_eq!(Ask { body, ..Ask::paid(&emulator, 1) }.on(&mut client).status, 200);
    for (key, account) in [("second-account", "second-account"), ("of-an-id", account)] {
        let ask = ask().with("authorization", &secret(key)).with("wix-account-id", account);
        assert_eq!(ask.on(&mut client).status, 200);
        let entry = emulator.journal(&JournalQuery::default()).unwrap().requests.pop().unwrap();
        assert_eq!(entry.account.as_deref(), Some(account));
        assert!(entry.headers.contains(&("wix-account-id".to_owned(), account.to_owned())));
    }
    emulator.assert_good_client();
    let made = secret("second-account");
    ask().with("x-key", &made).on(&mut client);
    ask().with("x-key", &format!("IST.{account}")).on(&mut client);
    let verdict = emulator.verdict(&VerdictQuery::default()).unwrap();
    assert_eq!((verdict.findings[0].rule, verdict.findings[0].count), (KeyOutsideHeader, 2));
    assert!(!emulator.control("journal", "{}").json.contains(&made[12..24]));
}
