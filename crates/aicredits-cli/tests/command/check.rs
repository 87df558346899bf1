//! `aicredits check`: the answer as exit status, as a sentence and as JSON.

use std::process::Command;

use aicredits_emulator::Emulator;
use aicredits_emulator::script::{Reply, Server};
use serde_json::{Value, json};

use crate::process::{aicredits, run, with_emulator, with_script};

/// 30 a day within 120 a month: the day has 10 left, the month 90.
const STACKED: &str = r#"{"periodicCredits":{"balance":90,"cap":120},"creditBalanceBreakdown":[
    {"subscriptionId":"d7a341c4-196b-46e7-813c-2b0fc1847ec6","usageRules":[
        {"period":"DAY","balance":10,"cap":30,"resetDate":"2026-06-25T00:00:00Z"},
        {"period":"MONTH","balance":90,"cap":120,"resetDate":"2026-07-01T00:00:00Z"}]}]}"#;
/// The balance of the one rule is absent.
const ABSENT: &str = r#"{"periodicCredits":{"balance":90,"cap":120},"creditBalanceBreakdown":[
    {"usageRules":[{"period":"MONTH","cap":120,"resetDate":"2026-07-01T00:00:00Z"}]}]}"#;

fn check(args: &[&str]) -> Command {
    aicredits(&[&["check"], args].concat())
}

fn server(body: &str) -> Server {
    Server::start(Reply::json(200, body).header("Date", "Wed, 24 Jun 2026 00:00:00 GMT")).unwrap()
}

fn check_script(body: &str, args: &[&str]) -> crate::process::Said {
    run(with_script(check(args), &server(body)))
}

#[test]
fn the_example_of_the_page() {
    let emulator = Emulator::start().unwrap();
    let yes = run(with_emulator(check(&["40"]), &emulator)).success();
    assert_eq!(yes, "affordable: 40 of 1050 spendable credits\n");
    assert_eq!(run(with_emulator(check(&["1050"]), &emulator)).code, Some(0), "equal is affordable");
    assert_eq!(run(with_emulator(check(&["1051"]), &emulator)).code, Some(1));
    assert_eq!(run(with_emulator(check(&["0"]), &emulator)).code, Some(0));
    assert_eq!(run(with_emulator(check(&["9223372036854775807"]), &emulator)).code, Some(1));
}

#[test]
fn the_exit_status_is_the_answer_and_the_sentence_names_the_rule() {
    let no = check_script(STACKED, &["40"]);
    assert_eq!((no.code, no.stderr.as_str()), (Some(1), ""));
    assert!(no.stdout.starts_with("30 short: the DAY rule of subscription d7a341c4-196b-46e7-813c-2b0fc1847ec6"));
    assert!(no.stdout.contains("allows 10 until 2026-06-25T00:00:00Z"), "{}", no.stdout);
    assert_eq!(no.stdout.lines().count(), 1);

    let unknown = check_script(ABSENT, &["40"]);
    assert_eq!((unknown.code, unknown.stderr.as_str()), (Some(2), ""));
    assert!(unknown.stdout.starts_with("unknown whether 40 can be spent"), "{}", unknown.stdout);
    assert_eq!(check_script(ABSENT, &["91"]).code, Some(1), "the pool has less");
    assert_eq!(check_script("{}", &["1"]).code, Some(1), "an account without credits");
    assert_eq!(check_script("{}", &["0"]).code, Some(0));
}

#[test]
fn several_actions_are_counted_in_one_number() {
    let all = check_script(STACKED, &["--each", "5", "--wanted", "2"]);
    assert_eq!((all.code, all.stdout.as_str(), all.stderr.as_str()), (Some(0), "2\n", ""));
    let some = check_script(STACKED, &["--each", "3", "--wanted", "50"]);
    assert_eq!((some.code, some.stdout.as_str()), (Some(1), "3\n"));
    assert!(some.stderr.starts_with("3 of 50 actions of 3 fit; all of them, 150: 140 short: the DAY rule"));
    let unknown = check_script(ABSENT, &["--each", "3", "--wanted", "50"]);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (Some(2), "unknown\n"));
    assert!(unknown.stderr.starts_with("unknown how many of 50 actions of 3 fit"), "{}", unknown.stderr);
    // No more than the whole numbers.
    let most = ["--each", "9223372036854775807", "--wanted", "9223372036854775807"];
    let none = check_script(STACKED, &most);
    assert_eq!((none.code, none.stdout.as_str()), (Some(1), "0\n"));
    for free in [["--each", "0", "--wanted", "7"], ["--each", "7", "--wanted", "0"]] {
        assert_eq!(check_script(STACKED, &free).code, Some(0));
    }
}

fn answer(said: &crate::process::Said) -> Value {
    assert_eq!((said.stderr.as_str(), said.stdout.lines().count()), ("", 1), "{said:?}");
    serde_json::from_str(&said.stdout).unwrap()
}

#[test]
fn with_json_each_answer_is_one_object_on_standard_output() {
    let no = answer(&check_script(STACKED, &["40", "--json"]));
    assert_eq!((&no["answer"], &no["exit_status"], &no["cost"]), (&json!("no"), &json!(1), &json!(40)));
    assert_eq!((&no["spendable"], &no["available"], &no["shortfall"]), (&json!(10), &json!(90), &json!(30)));
    // Tomorrow's 30 are too few, and the first of July brings no more than a day's.
    assert_eq!(no.get("affordable_at"), None);
    assert_eq!(no["next_reset"], "2026-06-25T00:00:00Z");
    assert_eq!(no["binding"], json!([{ "source": 0, "rule": 0 }]));
    assert_eq!(no["account_id"], "a");
    assert!(no["sentence"].as_str().unwrap().starts_with("30 short: "), "{no}");

    let later = answer(&check_script(STACKED, &["--json", "30"]));
    assert_eq!(later["affordable_at"], "2026-06-25T00:00:00Z");
    let yes = answer(&check_script(STACKED, &["--json", "10"]));
    assert_eq!((&yes["answer"], &yes["exit_status"], yes.get("shortfall")), (&json!("yes"), &json!(0), None));
    let unknown = answer(&check_script(ABSENT, &["--json", "10"]));
    assert_eq!((&unknown["answer"], unknown.get("spendable")), (&json!("unknown"), None), "unknown is not 0");
    let some = answer(&check_script(STACKED, &["--json", "--each=3", "--wanted=50"]));
    assert_eq!((&some["answer"], &some["affordable"]), (&json!("no"), &json!(3)));
    assert_eq!((&some["unit_cost"], &some["wanted"]), (&json!(3), &json!(50)));
}

/// A script that reads `answer` finds it in each case.
#[test]
fn with_json_an_error_is_an_answer_too() {
    let refused = run(with_script(check(&["--json", "40"]), &Server::start(Reply::status(403)).unwrap()));
    assert_eq!(refused.code, Some(77));
    let error = answer(&refused);
    assert_eq!((&error["answer"], &error["exit_status"]), (&json!("error"), &json!(77)));
    assert_eq!((&error["error"]["kind"], &error["error"]["http_status"]), (&json!("forbidden"), &json!(403)));

    let wrong = run(check(&["--json", "NaN"]));
    assert_eq!((wrong.code, &answer(&wrong)["answer"]), (Some(64), &json!("error")));
    let no_key = run(check(&["--json", "40"]));
    assert_eq!((no_key.code, &answer(&no_key)["error"]["kind"]), (Some(64), &json!("invalid_argument")));
    let not_a_balance = check_script(r#"{"status":"down"}"#, &["--json", "40"]);
    assert_eq!((not_a_balance.code, &answer(&not_a_balance)["error"]["kind"]), (Some(65), &json!("decode")));
}

#[test]
fn a_cost_that_is_no_whole_number_is_an_error_and_never_a_yes() {
    let emulator = Emulator::start().unwrap();
    let complaint = |args: &[&str]| run(with_emulator(check(args), &emulator)).failure(64);
    for cost in ["NaN", "nan", "inf", "1.5", "-3", "-0", "", " ", "1e3", "0x10", "+3", "1,000", "9223372036854775808"] {
        let told = complaint(&[cost]);
        assert!(told.contains("not a whole number from 0 to 9223372036854775807"), "{cost:?}: {told}");
        for args in [["--each", cost, "--wanted", "1"], ["--each", "1", "--wanted", cost]] {
            let told = complaint(&args);
            assert!(told.contains("not a whole number") || told.contains("value is required"), "{args:?}: {told}");
        }
    }
    for args in [&[][..], &["--each", "3"], &["--wanted", "3"], &["3", "--each", "3", "--wanted", "3"], &["3", "4"]] {
        assert!(!complaint(args).is_empty());
    }
    assert_eq!(emulator.server().requests(), 0, "nothing was sent");
}

/// A balance that could not be read is neither no nor unknown.
#[test]
fn a_failed_call_has_its_own_exit_status() {
    for (reply, code) in [
        (Reply::status(401), 77),
        (Reply::status(403), 77),
        (Reply::status(404), 66),
        (Reply::status(400), 64),
        (Reply::status(429).header("Retry-After", "0"), 75),
        (Reply::status(500).header("Retry-After", "0"), 76),
        (Reply::status(503).header("Retry-After", "0"), 76),
        (Reply::status(302).header("Location", "/"), 65),
        (Reply::json(200, r#"{"topUpCredits":{"balance":"many"}}"#), 65),
        (Reply::json(200, r#"{"status":"down for maintenance"}"#), 65),
        (Reply::json(200, "{}").cut(30, aicredits_emulator::script::End::Fin), 69),
    ] {
        let server = Server::start(reply).unwrap();
        run(with_script(check(&["0"]), &server)).failure(code);
    }
    let mute = Server::start(Reply::new().mute()).unwrap();
    run(with_script(check(&["1", "--timeout", "100ms"]), &mute)).failure(124);
}
