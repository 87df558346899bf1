//! The C API as a whole: the promises of the header's opening page, and the settings of the contract.

use std::collections::BTreeSet;
use std::process::Command;

use aicredits::{ERROR_FIELDS, SETTINGS};
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
    let declared = |prefix: &str| -> BTreeSet<&str> {
        api.functions.iter().filter_map(|function| function.name.strip_prefix(prefix)).collect()
    };
    let settings = SETTINGS.iter().flat_map(|row| match row.name {
        // Besides the two ids, which are separate rows.
        "scope" => vec!["account_and_site_ids", "credential_scope", "per_call_scope"],
        "timeout" => vec!["timeout_ms"],
        name => vec![name],
    });
    // No settings: where the variables of settings are read, and how messages name settings.
    let settings = settings.chain(["environment", "surface"]);
    assert_eq!(declared("aicredits_config_set_"), settings.collect());

    let fields = ERROR_FIELDS.iter().map(|&field| match field {
        "kind" => "status",
        "retry_after" => "retry_after_ms",
        name => name,
    });
    // No field: it follows from the others.
    let fields = fields.chain(["is_transient"]);
    assert_eq!(declared("aicredits_error_"), fields.chain(["free"]).collect());
}
