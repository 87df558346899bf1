use std::sync::Arc;
use std::time::Duration;

use std::io;

use super::cells::Cells;
use super::*;
use crate::fleet::{FleetAttempt, FleetOutcome, Report, Target};
use crate::{Attempt, Balance, Error, ErrorKind, Phase, Scope, Timestamp};

const SUBSCRIPTION: &str = "d7a341c4-196b-46e7-813c-2b0fc1847ec6";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn outcome(index: usize, target: Target, result: Result<Balance, Error>) -> FleetOutcome {
    let attempt = |status, at_text: &str| FleetAttempt {
        started_at: at(at_text),
        attempt: Attempt::new(Phase::Reply, Duration::from_millis(7), Some(status), Some(format!("request {index}"))),
    };
    let last = if result.is_ok() { 200 } else { 403 };
    let attempts = [attempt(503, "2026-11-26T06:00:00.123456789Z"), attempt(last, "2026-11-26T06:00:01Z")];
    let ended_at = at("2026-11-26T06:00:02Z");
    FleetOutcome { index, target, client: 0, result, attempts: Arc::new(attempts), ended_at, is_resumed: false }
}

fn balance(json: &str) -> Balance {
    let balance = Balance::from_json(json).unwrap();
    balance.with_origin(None, None, Some(at("2026-11-26T06:00:01.5Z")), Some(at("2026-11-26T06:00:01Z")))
}

fn site(index: usize, json: &str) -> FleetOutcome {
    outcome(index, Target::site(format!("site-{index}")), Ok(balance(json)))
}

fn account(index: usize, id: &str, json: &str) -> FleetOutcome {
    outcome(index, Target::account(id), Ok(balance(json)))
}

fn report(outcomes: impl IntoIterator<Item = FleetOutcome>) -> Report {
    outcomes.into_iter().collect()
}

/// The values of a row by their columns, without those that are absent.
fn present(table: &Table, row: usize) -> Vec<(&'static str, String)> {
    let columns = table.columns().iter().enumerate();
    let value = |(place, column): (usize, &TableColumn)| match table.value(row, place) {
        TableValue::Null => None,
        TableValue::Text(text) => Some((column.name(), text.to_owned())),
        TableValue::Integer(number) => Some((column.name(), number.to_string())),
        TableValue::Boolean(value) => Some((column.name(), value.to_string())),
        TableValue::Timestamp(instant) => Some((column.name(), instant.to_string())),
    };
    columns.filter_map(value).collect()
}

fn owned<const N: usize>(pairs: [(&'static str, &str); N]) -> Vec<(&'static str, String)> {
    pairs.map(|(name, value)| (name, value.to_owned())).to_vec()
}

fn texts(table: &Table, name: &str) -> Vec<String> {
    table.column(name).unwrap().map(|value| format::csv_cell(value).into_owned()).collect()
}

/// A balance of two sources, one of them without a subscription.
fn full() -> String {
    format!(
        r#"{{"periodicCredits":{{"balance":850,"cap":1000}},"topUpCredits":{{"balance":200,"cap":250}},
        "creditBalanceBreakdown":[{{"subscriptionId":"{SUBSCRIPTION}","usageRules":[
            {{"period":"MONTH","balance":850,"cap":1000,"resetDate":"2026-12-01T00:00:00.1234567Z"}},
            {{"period":"FORTNIGHT","balance":30}}]}},{{"usageRules":[{{"period":"NO_PERIOD","balance":200}}]}},{{}}]}}"#
    )
}

#[test]
fn every_column_of_a_balance() {
    let (client, scope) =
        (crate::Client::builder().api_key("IST.x").account("a").build().unwrap(), Scope::Site("site".into()));
    let target = Target::new(scope).label("Shop").owner("owner").client("acme", &client);
    let report = report([outcome(7, target, Ok(balance(&full())))]);
    let row = present(report.balances(), 0);
    let expected = owned([
        ("target", "7"),
        ("label", "Shop"),
        ("scope", "site"),
        ("account_id", "owner"),
        ("site_id", "site"),
        ("key", "acme"),
        ("status", "ok"),
        ("http_status", "200"),
        ("request_id", "request 7"),
        ("attempts", "2"),
        ("started_at", "2026-11-26T06:00:00.123456Z"),
        ("read_at", "2026-11-26T06:00:01.5Z"),
        ("server_date", "2026-11-26T06:00:01Z"),
        ("has_periodic", "true"),
        ("has_top_up", "true"),
        ("periodic_balance", "850"),
        ("periodic_cap", "1000"),
        ("top_up_balance", "200"),
        ("top_up_cap", "250"),
        ("available", "1050"),
        ("next_reset", "2026-12-01T00:00:00.123456Z"),
        ("sources", "3"),
        ("rules", "3"),
        ("resumed", "false"),
    ]);
    assert_eq!(row, expected, "spendable is unknown: a source has no rules");
    let rules = report.rules();
    assert_eq!(rules.rows(), 3, "a source without rules has no row");
    let expected = owned([
        ("target", "7"),
        ("label", "Shop"),
        ("account_id", "owner"),
        ("site_id", "site"),
        ("source", "0"),
        ("subscription_id", SUBSCRIPTION),
        ("rule", "0"),
        ("period", "MONTH"),
        ("balance", "850"),
        ("cap", "1000"),
        ("reset_date", "2026-12-01T00:00:00.123456Z"),
        ("read_at", "2026-11-26T06:00:01.5Z"),
    ]);
    assert_eq!(present(rules, 0), expected);
    assert_eq!(texts(rules, "source"), ["0", "0", "1"]);
    assert_eq!(texts(rules, "rule"), ["0", "1", "0"]);
    assert_eq!(texts(rules, "period"), ["MONTH", "FORTNIGHT", "NO_PERIOD"]);
    assert_eq!(texts(rules, "subscription_id"), [SUBSCRIPTION, SUBSCRIPTION, ""]);
    assert_eq!((rules.value(1, 9), rules.value(1, 10)), (TableValue::Null, TableValue::Null));
}

#[test]
fn a_failure_has_its_kind_and_no_figure() {
    let error = Error::new(ErrorKind::Forbidden, "é".repeat(1001)).with_http_status(403);
    let report = report([outcome(0, Target::new(Scope::Credential), Err(error))]);
    let row = present(report.balances(), 0);
    let message = format!("{}…", "é".repeat(999));
    let expected = owned([
        ("target", "0"),
        ("scope", "credential"),
        ("status", "forbidden"),
        ("http_status", "403"),
        ("error", &message),
        ("request_id", "request 0"),
        ("attempts", "2"),
        ("started_at", "2026-11-26T06:00:00.123456Z"),
        ("resumed", "false"),
    ]);
    assert_eq!(row, expected);
    assert_eq!(report.rules().rows(), 0);
    let group = &report.failures()[0];
    assert_eq!((group.kind(), group.count(), group.first()), (ErrorKind::Forbidden, 1, 0));
    assert!(group.advice().contains("check its permissions"));
}

#[test]
fn every_kind_has_a_status() {
    for row in ErrorKind::TABLE {
        let name = row.name.to_ascii_lowercase();
        assert!(name != "ok" && name.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase()), "{name}");
    }
    assert_eq!(rows::kind_name(ErrorKind::TooLarge), "too_large");
}

/// The same columns and header, whatever the rows have.
#[test]
fn the_schema_is_the_same_for_no_rows_absent_values_and_failures() {
    let failed = |index| outcome(index, Target::site("s"), Err(Error::new(ErrorKind::Network, "gone")));
    let header = "target,label,scope,account_id,site_id,key,status,http_status,error_code,error,request_id,attempts,\
                  started_at,read_at,server_date,has_periodic,has_top_up,periodic_balance,periodic_cap,top_up_balance,\
                  top_up_cap,available,spendable,next_reset,sources,rules,same_as,same_as_is_sure,resumed";
    let rules = "target,label,account_id,site_id,source,subscription_id,rule,period,balance,cap,reset_date,read_at";
    for (report, rows, available) in [
        (report([]), 0, vec![]),
        (report([site(0, "{}")]), 1, vec!["0"]),
        (report([site(0, r#"{"other":1}"#)]), 1, vec![""]),
        (report([site(0, r#"{"topUpCredits":{}}"#)]), 1, vec![""]),
        (report([failed(0), failed(1)]), 2, vec!["", ""]),
    ] {
        assert_eq!((report.balances().rows(), report.rules().rows()), (rows, 0));
        assert_eq!(report.balances().to_csv().lines().next(), Some(header));
        assert_eq!(report.rules().to_csv(), format!("{rules}\r\n"));
        assert_eq!(texts(report.balances(), "available"), available);
    }
    let unknown = report([site(0, r#"{"other":1}"#)]);
    assert_eq!(texts(unknown.balances(), "has_periodic"), [""], "a reply without a field of a balance says nothing");
    assert_eq!(texts(report([site(0, "{}")]).balances(), "has_periodic"), ["false"]);
}

#[test]
fn csv_quotes_and_leaves_no_formula() {
    let labels = ["=1+1", "+x", "-x", "@x", "\tx", "a,b", "say \"hi\"", "two\r\nlines", "'x", " =x", "信用", ""];
    let expected = [
        "'=1+1",
        "'+x",
        "'-x",
        "'@x",
        "'\tx",
        "\"a,b\"",
        "\"say \"\"hi\"\"\"",
        "\"two\r\nlines\"",
        "'x",
        " =x",
        "信用",
        "",
    ];
    let outcomes = labels.into_iter().enumerate();
    let report = report(outcomes.map(|(index, label)| {
        let json = r#"{"topUpCredits":{"balance":-9007199254740993,"cap":9223372036854775807}}"#;
        outcome(index, Target::site("s").label(label), Ok(balance(json)))
    }));
    let csv = report.balances().to_csv();
    let mut rest = csv.split_once("\r\n").unwrap().1;
    for (index, label) in expected.into_iter().enumerate() {
        let same = if index == 0 { "," } else { "0,false" };
        let row = format!(
            "{index},{label},site,,s,,ok,200,,,request {index},2,2026-11-26T06:00:00.123456Z,2026-11-26T06:00:01.5Z,\
             2026-11-26T06:00:01Z,false,true,,,-9007199254740993,9223372036854775807,-9007199254740993,\
             -9007199254740993,,0,0,{same},false\r\n"
        );
        rest = rest.strip_prefix(&*row).unwrap_or_else(|| panic!("{row}is not the beginning of {rest}"));
    }
    assert_eq!(rest, "");
    // An independent reader has the labels back.
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    for (record, label) in reader.records().zip(labels) {
        assert_eq!(record.unwrap()[1], *csv_text(label));
    }
}

#[test]
fn json_lines_have_every_column_and_every_digit() {
    let label = "\"\u{1}\n=é";
    let json = r#"{"topUpCredits":{"balance":9007199254740993}}"#;
    let lines = report([outcome(0, Target::account("a").label(label), Ok(balance(json)))]).balances().to_json_lines();
    let expected = r#"{"target":0,"label":"\"\u0001\n=é","scope":"account","account_id":"a","site_id":null,"key":null,"status":"ok","http_status":200,"error_code":null,"error":null,"request_id":"request 0","attempts":2,"started_at":"2026-11-26T06:00:00.123456Z","read_at":"2026-11-26T06:00:01.5Z","server_date":"2026-11-26T06:00:01Z","has_periodic":false,"has_top_up":true,"periodic_balance":null,"periodic_cap":null,"top_up_balance":9007199254740993,"top_up_cap":null,"available":9007199254740993,"spendable":9007199254740993,"next_reset":null,"sources":0,"rules":0,"same_as":null,"same_as_is_sure":null,"resumed":false}"#;
    assert_eq!(lines, format!("{expected}\n"));
    let value: serde_json::Value = serde_json::from_str(&lines).unwrap();
    assert_eq!(value["label"], label);
}

#[test]
fn rows_are_in_the_order_of_the_input_and_can_be_selected() {
    let outcomes = [4, 0, 3, 1, 2].map(|index| site(index, &full().replace("850,", &format!("85{index},"))));
    let report = report(outcomes);
    assert_eq!(texts(report.balances(), "target"), ["0", "1", "2", "3", "4"]);
    assert_eq!(texts(report.balances(), "periodic_balance"), ["850", "851", "852", "853", "854"]);
    assert_eq!(texts(report.rules(), "target").len(), 15);
    assert_eq!(texts(report.rules(), "target")[12..], ["4", "4", "4"]);
    assert_eq!(texts(report.rules(), "rule")[12..], ["0", "1", "0"]);
    let selected = report.into_tables().0.select(&[3, 3, 0]);
    assert_eq!(
        (selected.rows(), texts(&selected, "site_id")),
        (3, ["site-3", "site-3", "site-0"].map(str::to_owned).into())
    );
}

#[test]
fn one_wallet_of_many_sites_is_seen_and_not_added_up() {
    let mut outcomes: Vec<_> = (0..20).map(|index| site(index, &full())).collect();
    // Another key; other readings; a reading without a subscription, twice; a reply that says nothing, twice.
    outcomes[5].client = 1;
    outcomes[6] = site(6, &full().replace("\"balance\":30", "\"balance\":31"));
    outcomes[7] = site(7, r#"{"topUpCredits":{"balance":1}}"#);
    outcomes[8] = site(8, r#"{"topUpCredits":{"balance":1}}"#);
    outcomes[9] = site(9, r#"{"status":"down"}"#);
    outcomes[10] = site(10, r#"{"status":"down"}"#);
    // The order of completion does not matter.
    outcomes.reverse();
    let report = report(outcomes);
    let same: Vec<_> =
        texts(report.balances(), "same_as").into_iter().zip(texts(report.balances(), "same_as_is_sure")).collect();
    for (index, (first, is_sure)) in same.iter().enumerate() {
        let expected = match index {
            0 | 5 | 6 | 7 | 9 | 10 => ("", ""),
            8 => ("7", "false"),
            _ => ("0", "true"),
        };
        assert_eq!((first.as_str(), is_sure.as_str()), expected, "{index}");
    }
    let reason = report.totals().unwrap_err();
    assert!(reason.starts_with("no total: no target is an account"), "{reason}");
}

#[test]
fn totals_count_each_account_once() {
    let failed = |index, id| outcome(index, Target::account(id), Err(Error::new(ErrorKind::Network, "gone")));
    let both = Scope::AccountAndSite { account: "d".into(), site: "s".into() };
    let (one, two) = (r#"{"topUpCredits":{"balance":1}}"#, r#"{"topUpCredits":{"balance":2}}"#);
    let mut outcomes = vec![
        failed(0, "a"),
        account(1, "a", one),
        account(2, "a", two),
        account(3, "b", two),
        outcome(4, Target::new(both), Ok(balance(two))),
        site(5, two),
    ];
    let totals = report(outcomes.clone());
    let totals = totals.totals().unwrap();
    assert_eq!((totals.accounts(), totals.unread()), (2, 0), "another key read the account");
    assert_eq!((totals.available(), totals.spendable()), (Some(3), Some(3)));
    assert_eq!(totals.to_string(), "3 available and 3 spendable in 2 accounts");
    outcomes.push(failed(6, "c"));
    let totals = report(outcomes.clone());
    let totals = totals.totals().unwrap();
    assert_eq!((totals.unread(), totals.available()), (1, None), "a part is no total");
    let text = "unknown available and unknown spendable in 3 accounts, 1 of which could not be read";
    assert_eq!(totals.to_string(), text);
    let huge = r#"{"topUpCredits":{"balance":9223372036854775807}}"#;
    let saturated = report([account(0, "a", huge), account(1, "b", huge)]);
    assert_eq!(saturated.totals().unwrap().available(), Some(i64::MAX));
    let unknown = report([account(0, "a", &full()), account(1, "b", one)]);
    assert_eq!((unknown.totals().unwrap().available(), unknown.totals().unwrap().spendable()), (Some(1051), None));
}

#[test]
fn failures_are_grouped_by_kind() {
    let failed = |index, kind, message: &str| outcome(index, Target::site("s"), Err(Error::new(kind, message)));
    let report = report([
        failed(3, ErrorKind::NotFound, "three"),
        failed(2, ErrorKind::Forbidden, "two"),
        site(1, "{}"),
        failed(0, ErrorKind::NotFound, "zero"),
    ]);
    let groups: Vec<_> = report.failures().iter().map(|it| (it.kind(), it.count(), it.first(), it.message())).collect();
    assert_eq!(groups, [(ErrorKind::NotFound, 2, 0, "zero"), (ErrorKind::Forbidden, 1, 2, "two")]);
}

#[test]
fn streamed_rows_are_those_of_the_report() {
    let outcomes: Vec<_> = (0..100).map(|index| site(index, &full())).collect();
    let whole = report(outcomes.clone());
    for format in [TableFormat::Csv, TableFormat::JsonLines] {
        let mut balances = RowWriter::balances(Vec::new(), format).unwrap();
        let mut rules = RowWriter::rules(Vec::new(), format).unwrap();
        for outcome in &outcomes {
            balances.write(outcome).unwrap();
            rules.write(outcome).unwrap();
            assert!(balances.table.rows() == 1 && rules.table.rows() == 3, "the rows of one outcome are kept");
        }
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let (balances, rules) = (text(balances.finish().unwrap()), text(rules.finish().unwrap()));
        assert!(balances == whole.balances().to_text(format) && rules == whole.rules().to_text(format));
    }
}

/// A writer that fails after so many bytes.
struct Full(usize);

impl io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or_else(|| io::Error::from(io::ErrorKind::StorageFull))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn an_error_of_the_writer_is_reported() {
    let report = report((0..200).map(|index| site(index, &full())));
    for format in [TableFormat::Csv, TableFormat::JsonLines] {
        let length = report.balances().to_text(format).len();
        report.balances().write(Full(length), format).unwrap();
        for room in [0, 100, length - 1] {
            let error = report.balances().write(Full(room), format).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{format:?} {room}");
        }
    }
}

#[test]
fn the_first_and_the_last_instant_have_microseconds() {
    let mut cells = Cells::new(&schema::RULES[11]);
    for instant in
        ["0001-01-01T00:00:00.000000999Z", "1969-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"]
    {
        cells.push(at(instant).into());
    }
    let values: Vec<_> =
        (0..3).map(|row| format::csv_cell(cells.value(row, ColumnType::Timestamp)).into_owned()).collect();
    assert_eq!(values, ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"]);
}
