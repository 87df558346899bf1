//! Each number has the name of its constant, and every other number has none.

use std::collections::BTreeMap;
use std::process::Command;

use aicredits_tests::api::Api;
use aicredits_tests::{Linked, program, root, stdout, succeed};

use crate::layout::given;

#[test]
fn numbers_have_the_names_of_their_constants() {
    let constants: BTreeMap<String, String> = given()
        .into_iter()
        .map(|(name, number)| (name.strip_prefix("AICREDITS_").unwrap().replace("DENIAL_REASON_", "DENIAL_"), number))
        .map(|(name, number)| {
            name.split_once('_').map(|(kind, name)| (format!("{kind} {number}"), name.to_owned())).unwrap()
        })
        .collect();
    let source = root().join("tests/c/names.c");
    let printed = stdout(&succeed(&mut Command::new(program(&source, Linked::Shared))));
    for line in printed.lines() {
        let (number, name) = line.rsplit_once(' ').unwrap();
        assert_eq!(name, constants.get(number).map_or("UNKNOWN", String::as_str), "{number}");
    }
    for (kind, first) in [
        ("STATUS", "OK"),
        ("PERIOD", "NO_PERIOD"),
        ("PHASE", "QUEUE"),
        ("SCOPE", "SITE"),
        ("LOG", "OFF"),
        ("ANSWER", "YES"),
        ("DENIAL", "LIMIT"),
    ] {
        assert!(printed.lines().any(|line| line.starts_with(kind) && line.ends_with(first)), "{kind}");
    }

    let of_a_number =
        Api::read().functions.into_iter().filter(|it| it.parameters.iter().all(|of| !of.of_type.contains('*')));
    let names: Vec<_> = of_a_number.map(|it| it.name).filter(|name| name.ends_with("_name")).collect();
    let tried = ["status", "scope_kind", "period", "answer", "phase", "denial_reason", "log_level"]
        .map(|kind| format!("aicredits_{kind}_name"));
    assert_eq!(names, tried, "and names.c");
}
