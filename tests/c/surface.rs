//! Every function of the header with NULL at each of its pointers, and what else must hold of the whole surface.

use std::fs;
use std::process::Command;

use aicredits::{ERROR_FIELDS, SETTINGS};
use aicredits_tests::{Linked, dist, program, root, run, stderr, stdout};

pub(crate) fn header() -> String {
    fs::read_to_string(dist().join("include/aicredits.h")).unwrap()
}

/// Names of declared functions, and how many of their parameters are pointers.
pub(crate) fn declared(header: &str) -> Vec<(String, usize)> {
    let mut code = String::new();
    let mut rest = header;
    while let Some((before, comment)) = rest.split_once("/*") {
        code += before;
        rest = comment.split_once("*/").expect("comments end").1;
    }
    let declarations = code.split(';').filter(|text| !text.contains("typedef") && !text.contains('{'));
    let functions = declarations.filter_map(|text| {
        let (before, parameters) = text.split_once('(')?;
        let name = before.rsplit([' ', '*', '\n']).next()?.to_owned();
        let pointers =
            |parameter: &&str| parameter.contains('*') || CALLBACKS.iter().any(|name| parameter.contains(name));
        name.starts_with("aicredits_").then(|| (name, parameters.split(',').filter(pointers).count()))
    });
    functions.collect()
}

/// Types that hide their asterisk.
const CALLBACKS: [&str; 3] = ["aicredits_credential_supplier", "aicredits_destructor", "aicredits_log_sink"];

#[test]
fn null_at_each_pointer_of_each_function() {
    let source = root().join("tests/c/surface.c");
    let text = fs::read_to_string(&source).unwrap();
    for (name, pointers) in declared(&header()) {
        let call = format!("{name}(");
        let calls = text.split(&call).skip(1);
        let nulls: usize = calls.map(|call| call.split(");").next().unwrap_or_default().matches("NULL").count()).sum();
        assert!(nulls >= pointers, "{name} has {pointers} pointers, and surface.c passes {nulls} NULLs to it");
    }
    for linked in [Linked::Shared, Linked::Static] {
        let output = run(&mut Command::new(program(&source, linked)));
        assert!(output.status.success(), "{linked:?}\n{}{}", stdout(&output), stderr(&output));
        assert!(stdout(&output).ends_with("every check held\n"), "{}", stdout(&output));
    }
}

#[test]
fn what_works_has_an_entry_and_what_does_not_has_none() {
    let names: Vec<_> = declared(&header()).into_iter().map(|(name, _)| name).collect();
    let has = |name: &str| names.iter().any(|declared| declared == name);
    for row in SETTINGS {
        // Scope is set by four functions, and a unit stands last in a name.
        let entry = match row.name {
            "scope" => "aicredits_config_set_account_and_site_ids".to_owned(),
            "timeout" => "aicredits_config_set_timeout_ms".to_owned(),
            name => format!("aicredits_config_set_{name}"),
        };
        assert_eq!(has(&entry), row.works, "{entry}");
    }
    for row in ERROR_FIELDS {
        let entry = match row.name {
            "kind" => "aicredits_error_status".to_owned(),
            "retry_after" => "aicredits_error_retry_after_ms".to_owned(),
            name => format!("aicredits_error_{name}"),
        };
        assert_eq!(has(&entry), row.works, "{entry}");
    }
}
