//! The C API as a whole: the promises of the header's opening page, and the settings of the contract.

use std::collections::BTreeSet;
use std::process::Command;

use aicredits::{CALL_SETTINGS, ERROR_FIELDS, FLEET_SETTINGS, GATE_SETTINGS, Kind, Row, SETTINGS};
use aicredits_emulator::script::refused_addr;
use aicredits_tests::api::Api;
use aicredits_tests::{Linked, program, root, run, stderr, stdout};

#[test]
fn the_promises_of_the_opening_page_hold() {
    let source = root().join("tests/c/surface.c");
    let refused = refused_addr().unwrap();
    for linked in [Linked::Shared, Linked::Static] {
        let output = run(Command::new(program(&source, linked)).arg(refused.url()));
        assert!(output.status.success(), "{linked:?}\n{}{}", stdout(&output), stderr(&output));
        assert_eq!(stdout(&output), "every check held\n");
    }
}

/// A row that works has its setters or its accessor, one that does not has none, and there are no others.
#[test]
fn the_header_has_what_works_and_nothing_else() {
    let api = Api::read();
    let declared = |prefix: &str| -> BTreeSet<String> {
        api.functions.iter().filter_map(|function| function.name.strip_prefix(prefix)).map(str::to_owned).collect()
    };
    // No settings: where the variables of settings are read, and how messages name settings.
    let settings = setters(SETTINGS).chain(["per_call_scope", "environment", "surface"].map(str::to_owned));
    assert_eq!(declared("aicredits_config_set_"), settings.collect());
    assert_eq!(declared("aicredits_gate_config_set_"), setters(GATE_SETTINGS).collect());
    // The targets are an argument.
    let settings = setters(FLEET_SETTINGS).filter(|name| name != "targets").chain(["no_rate".to_owned()]);
    assert_eq!(declared("aicredits_fleet_options_set_"), settings.collect());
    // For language bindings.
    let settings = setters(CALL_SETTINGS).chain(["start_ns", "deadline_ns", "process_limit"].map(str::to_owned));
    assert_eq!(declared("aicredits_call_set_"), settings.collect());

    let fields = ERROR_FIELDS.iter().map(|&field| match field {
        "kind" => "status",
        "retry_after" => "retry_after_ms",
        name => name,
    });
    // No fields of the table: it follows from them, and two are those of a gate's denial.
    let fields = fields.chain(["is_transient", "free", "denial", "cause"]);
    assert_eq!(declared("aicredits_error_"), fields.map(str::to_owned).collect());
}

/// The setters of a table, without the beginning of their names.
fn setters(table: &'static [Row]) -> impl Iterator<Item = String> {
    table.iter().flat_map(|row| match (row.name, row.kind) {
        // Besides the two ids, which are separate rows.
        ("scope", _) => vec!["account_and_site_ids".to_owned(), "credential_scope".to_owned()],
        (name, Kind::Time { .. }) => vec![format!("{name}_ms")],
        (name, _) => vec![name.to_owned()],
    })
}
