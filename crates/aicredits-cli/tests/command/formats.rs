//! `--output`, and errors as JSON.

use std::fs;

use aicredits_emulator::Emulator;
use aicredits_emulator::script::{Reply, Server};
use serde_json::{Value, json};

use crate::process::{aicredits, ask, ask_script, run};

fn error(complaint: &str) -> Value {
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
    serde_json::from_str::<Value>(complaint).unwrap()["error"].take()
}

#[test]
fn csv_has_a_row_for_each_rule() {
    let emulator = Emulator::start().unwrap();
    let csv = run(ask(&emulator, &["--output", "csv"])).success();
    let rows: Vec<Vec<&str>> = csv.split_terminator("\r\n").map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 3, "{csv}");
    assert_eq!(rows[0][4..11], ["source", "subscription_id", "rule", "period", "balance", "cap", "reset_date"]);
    let subscription = "d7a341c4-196b-46e7-813c-2b0fc1847ec6";
    assert_eq!(rows[1][..3], ["0", "", emulator.account_id()]);
    assert_eq!(rows[1][4..11], ["0", subscription, "0", "MONTH", "850", "1000", "2026-07-01T00:00:00Z"]);
    assert_eq!(rows[2][4..11], ["1", "", "0", "NO_PERIOD", "200", "200", ""]);
    for row in &rows[1..] {
        assert_eq!(row[12..], ["850", "1000", "200", "200"]);
    }
}

#[test]
fn table_and_json_are_what_they_are_without_it() {
    let emulator = Emulator::start().unwrap();
    let page = |args: &[&str]| {
        let page = run(ask(&emulator, args)).success();
        page.split("request").next().unwrap().to_owned()
    };
    assert_eq!(page(&["--output", "table"]), page(&[]));
    assert_eq!(page(&["--output=json"]), page(&["--json"]));
    assert!(run(ask(&emulator, &["--json", "--output", "csv"])).failure(64).contains("cannot be used with"));
    assert!(run(ask(&emulator, &["--output", "xml"])).failure(64).contains("table, csv, json"));
}

#[test]
fn with_json_an_error_is_json_on_standard_error() {
    let body = r#"{"message":"no access","details":{"applicationError":{"code":"PERMISSION_DENIED"}}}"#;
    let reply = || Reply::json(403, body).header("x-wix-request-id", "request-1");
    for args in [["--json", "--timeout=9s"], ["--output=json", "--timeout=9s"], ["--output", "json"]] {
        let server = Server::start(reply()).unwrap();
        let error = error(&run(ask_script(&server, &args)).failure(77));
        assert_eq!(error["kind"], "forbidden");
        assert_eq!(error["http_status"], 403);
        assert_eq!(error["code"], "PERMISSION_DENIED");
        assert_eq!(error["account_id"], "a");
        assert_eq!(error["request_id"], "request-1");
        assert_eq!((&error["is_transient"], &error["exit_status"]), (&json!(false), &json!(77)));
        assert!(error["message"].as_str().unwrap().contains("no access") && error.get("retry_after_seconds").is_none());
    }
    let limited = Server::start(Reply::json(429, "{}").header("Retry-After", "90")).unwrap();
    let error_of = |complaint: String| error(&complaint);
    let limited = error_of(run(ask_script(&limited, &["--json", "--max-retries=0"])).failure(75));
    assert_eq!((&limited["kind"], &limited["retry_after_seconds"]), (&json!("rate_limited"), &json!(90.0)));
}

/// Also an error in the arguments.
#[test]
fn with_json_every_complaint_is_json() {
    let no_key = error(&run(aicredits(&["balance", "--json"])).failure(64));
    assert_eq!((&no_key["kind"], &no_key["message"]), (&json!("invalid_argument"), &json!("no API key")));
    let unknown = error(&run(aicredits(&["balance", "--output", "json", "--colour"])).failure(64));
    assert!(unknown["message"].as_str().unwrap().contains("--colour"), "{unknown}");
    let key = error(&run(aicredits(&["balance", "--json", "IST.canary"])).failure(64));
    assert!(key["message"].as_str().unwrap().contains("API key"), "{key}");
}

#[test]
fn a_reply_without_a_balance_s_fields_ends_with_65() {
    for body in [
        r#"{"status":"down for maintenance"}"#,
        r#"{"success":false}"#,
        r#"{"aiCredits":{"periodicCredits":{"balance":5}}}"#,
    ] {
        let server = || Server::start(Reply::json(200, body)).unwrap();
        for format in ["table", "csv"] {
            let complaint = run(ask_script(&server(), &["--output", format])).failure(65);
            assert!(complaint.contains("none of a balance's fields") && complaint.contains("base URL"), "{complaint}");
        }
        let said = run(ask_script(&server(), &["--json"]));
        assert_eq!((said.code, said.stdout.as_str()), (Some(65), body));
        assert_eq!(error(&said.stderr)["kind"], "decode");
    }
    let nothing = Server::start(Reply::json(200, "{}")).unwrap();
    run(ask_script(&nothing, &[])).success();
    let null = Server::start(Reply::json(200, r#"{"topUpCredits":null}"#)).unwrap();
    run(ask_script(&null, &[])).success();
}

#[test]
fn a_key_in_a_url_is_not_repeated() {
    let url = "http://127.0.0.1:1/IST.canary-in-a-path";
    let complaint = run(aicredits(&["balance", "--account=a", "--base-url", url])).failure(64);
    assert!(complaint.contains("API key"), "{complaint}");
    let mut by_variable = aicredits(&["balance", "--account=a"]);
    by_variable.env("WIX_API_KEY", "IST.x").env("AICREDITS_BASE_URL", url);
    assert!(run(by_variable).failure(64).contains("has an API key in it"));
}

#[test]
fn a_key_file_in_another_encoding_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    for (bytes, says) in [
        (b"\xff\xfeI\0S\0T\0.\0".as_slice(), "it is UTF-16"),
        (b"\xfe\xff\0I\0S\0T\0.", "it is UTF-16"),
        (b"IST.\xe9canary", "it is not UTF-8"),
        (b"\xef\xbb\xbfIST.canary", "byte order mark"),
        (b"\"IST.canary\"\n", "quotation marks"),
        (b"IST.canary\n\n", "line break"),
    ] {
        fs::write(&file, bytes).unwrap();
        let args = ["balance", "--account=a", "--api-key-file", file.to_str().unwrap()];
        let complaint = run(aicredits(&args)).failure(64);
        assert!(complaint.contains(says), "{complaint}");
    }
}
