//! The tables of a report, from outside: their documentation, and a fleet against the emulator.

use aicredits::{Client, ErrorKind, Report, Table, TableColumn, TableValue, Target};
use aicredits_emulator::Emulator;

fn page() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/sites.md")).unwrap()
}

fn documented(columns: &[TableColumn]) -> String {
    let row = |column: &TableColumn| {
        let nullable = if column.is_nullable() { "yes" } else { "no" };
        let (name, arrow) = (column.name(), column.column_type().arrow_name());
        format!("| `{name}` | {arrow} | {nullable} | {} |\n", column.summary())
    };
    let rows: String = columns.iter().map(row).collect();
    format!("| column | type | may be absent | content |\n|---|---|---|---|\n{rows}\n")
}

#[test]
fn the_page_has_the_schemas() {
    for (name, columns) in [("balances", Table::BALANCES), ("rules", Table::RULES)] {
        let section = format!("## Table `{name}`\n\n{}", documented(columns));
        assert!(page().contains(&section), "docs/sites.md lacks:\n{section}");
    }
    let (key, version) = Table::METADATA;
    assert!(page().contains(&format!("version {version},\nin metadata as `{key}`")));
}

/// An account whose key reads each of its sites: every site has its own ledger in the emulator, and one is gone.
#[test]
fn a_report_of_the_emulator() {
    let emulator = Emulator::from_json(r#"{"scenario":"agency-1000"}"#).unwrap();
    let client =
        Client::builder().api_key(emulator.api_key()).base_url(emulator.url()).per_call_scope().build().unwrap();
    let account = Target::account(emulator.account_id()).label("all");
    let targets = [account.clone(), Target::site("77d2-gone"), Target::site(emulator.site_id()), account];
    let report: Report = client.get_balances(targets).unwrap().collect();
    let column = |name: &str| report.balances().column(name).unwrap().collect::<Vec<_>>();
    assert_eq!(column("target"), [0, 1, 2, 3].map(TableValue::Integer));
    assert_eq!(column("status"), ["ok", "not_found", "ok", "ok"].map(TableValue::Text));
    assert_eq!(column("http_status"), [200, 404, 200, 200].map(TableValue::Integer));
    assert_eq!(column("attempts"), [1; 4].map(TableValue::Integer));
    assert_eq!(column("available")[1], TableValue::Null);
    assert_eq!(
        (column("same_as")[3], column("same_as_is_sure")[3]),
        (TableValue::Integer(0), TableValue::Boolean(true))
    );
    assert_eq!(report.failures().len(), 1);
    assert_eq!(report.failures()[0].kind(), ErrorKind::NotFound);
    let total = report.totals().unwrap();
    assert_eq!(column("available")[0], total.available().map_or(TableValue::Null, TableValue::Integer));
    assert_eq!((total.accounts(), total.unread()), (1, 0));
    for instant in ["started_at", "read_at", "server_date"].map(column) {
        assert!(matches!(instant[0], TableValue::Timestamp(_)), "{instant:?}");
    }
    assert_eq!(report.rules().rows(), report.rules().column("read_at").unwrap().len());
    assert!(report.rules().rows() > 0);
}
