//! NULL at each pointer of each function, and invalid UTF-8 for each string of a setter: the cases are made from the
//! header, by the rules of its opening page.

use std::fs;
use std::process::Command;

use aicredits_emulator::script::refused_addr;
use aicredits_tests::api::{Api, Function, Parameter};
use aicredits_tests::{Linked, cc, dist, link, root, run, scratch, stderr, stdout, succeed};

/// An `aicredits_credential` lives only while a provider runs: `surface.c` has one.
const WITHIN_A_PROVIDER: [&str; 2] = ["aicredits_credential_set_authorization", "aicredits_credential_set_failure"];

#[test]
fn null_at_each_pointer_and_invalid_utf8_in_each_string() {
    let api = Api::read();
    let cases: Vec<String> = api.functions.iter().flat_map(|function| cases(&api, function)).collect();
    assert!(cases.len() > 100, "{cases:#?}");

    let made = scratch("cases.h");
    fs::write(&made, cases.concat()).unwrap();
    let program = scratch("null");
    let mut compiler = cc("c99");
    compiler.arg("-I").arg(made.parent().unwrap()).arg(root().join("tests/c/null.c")).arg("-o").arg(&program);
    succeed(link(&mut compiler, &dist(), Linked::Shared));

    let refused = refused_addr().unwrap();
    let output = run(Command::new(program).arg(refused.url()));
    let expected = format!("{} cases, 0 failures\n", cases.len());
    assert_eq!((stdout(&output), stderr(&output).as_str()), (expected, ""));
    assert!(output.status.success(), "{}", output.status);
}

fn cases(api: &Api, function: &Function) -> Vec<String> {
    let mut cases = Vec::new();
    for (place, parameter) in function.parameters.iter().enumerate().filter(|(_, it)| api.is_pointer(it)) {
        let is_given = WITHIN_A_PROVIDER.contains(&function.name.as_str()) && place > 0;
        if is_given {
            continue;
        }
        let with = |what: &str| called_with(function, place, what);
        let named = |fault: &str| format!("\"{} {fault}\"", parameter.name);
        cases.push(case(function, parameter, "NULL", &check(function, place, &with("NULL"), &named("is NULL"))));
        if let Some(refused) = reported_by(function, parameter).filter(|_| is_text(function, parameter)) {
            let line = format!("{}; {refused}({})", with(r#""\xff\xfe""#), named("is not UTF-8"));
            cases.push(case(function, parameter, "no UTF-8", &line));
        }
    }
    cases
}

fn case(function: &Function, parameter: &Parameter, what: &str, statements: &str) -> String {
    format!("CASE(\"{} with {what} for {}\", {statements});\n", function.name, parameter.name)
}

/// A call with this expression for the parameter at `place`, and something sound for the others.
fn called_with(function: &Function, place: usize, what: &str) -> String {
    let arguments = function.parameters.iter().enumerate();
    let arguments = arguments.map(|(at, other)| if at == place { what } else { sound(other) }).collect::<Vec<_>>();
    format!("{}({})", function.name, arguments.join(", "))
}

fn sound(parameter: &Parameter) -> &'static str {
    if parameter.of_type == "char *" {
        return "at.buffer";
    }
    match parameter.of_type.trim_start_matches("const ") {
        "aicredits_config *" => "at.config",
        "aicredits_call *" => "at.call",
        "aicredits_client *" => "at.client",
        "aicredits_balance *" => "at.balance",
        "aicredits_error *" => "at.error",
        "aicredits_affordability *" => "at.affordability",
        "aicredits_gate_config *" => "at.gate_config",
        "aicredits_gate *" => "at.gate",
        "aicredits_reservation *" => "at.reservation",
        "aicredits_denial *" => "at.denial",
        "aicredits_gate_state *" => "at.gate_state",
        "aicredits_gate_request *" => "at.request",
        "aicredits_fleet_options *" => "at.options",
        "aicredits_fleet *" => "at.fleet",
        "aicredits_outcome *" => "at.outcome",
        "aicredits_target *" => "&at.target",
        "aicredits_progress *" => "&at.progress",
        "aicredits_client **" => "&at.new_client",
        "aicredits_balance **" => "&at.new_balance",
        "aicredits_error **" => "&at.new_error",
        "aicredits_affordability **" => "&at.new_affordability",
        "aicredits_gate **" => match parameter.name.as_str() {
            "sub_gate" => "&at.new_sub_gate",
            _ => "&at.new_gate",
        },
        "aicredits_reservation **" => "&at.new_reservation",
        "aicredits_gate_request **" => "&at.new_request",
        "aicredits_fleet **" => "&at.new_fleet",
        "aicredits_outcome **" => "&at.new_outcome",
        "aicredits_timestamp *" => "&at.timestamp",
        "aicredits_credential *" => "NULL",
        "aicredits_credential_provider" => "provide_credential",
        "aicredits_destructor" => "destroy",
        "aicredits_log_sink" => "record",
        "aicredits_wake" => "destroy",
        "char *" => "\"x\"",
        "char *const *" => "NO_VARIABLES",
        "void *" => "&at",
        "size_t *" => "&at.length",
        "uint64_t *" => "&at.count",
        "int64_t *" => "&at.credits",
        "bool *" => "&at.is_known",
        // The call starts as it enters.
        "int64_t" => "INT64_MAX",
        "size_t" | "uint64_t" | "uint32_t" | "int32_t" | "aicredits_log_level" => "1",
        "aicredits_surface" => "AICREDITS_SURFACE_C",
        "aicredits_when_unavailable" => "AICREDITS_WHEN_UNAVAILABLE_DENY",
        other => panic!("tell here what a sound `{other}` is"),
    }
}

/// The header's promise for this call, which has NULL at `place`.
fn check(function: &Function, place: usize, call: &str, named: &str) -> String {
    let parameter = &function.parameters[place];
    let has = |of_type: &str| function.parameters.iter().any(|parameter| parameter.of_type == of_type);
    let is_out = parameter.of_type == "size_t *";
    match function.returns.as_str() {
        "void" => match reported_by(function, parameter) {
            Some(refused) => format!("{call}; {refused}({named})"),
            None => call.to_owned(),
        },
        "aicredits_status" if has("aicredits_error **") => match parameter.name.as_str() {
            _ if is_optional(function, parameter) => format!("CHECK({call} != AICREDITS_STATUS_INVALID_ARGUMENT)"),
            _ => {
                let made = function.parameters.iter().filter(|it| *it != parameter && it.name != "error");
                let made = made.filter(|it| it.of_type.ends_with("**"));
                let is_null: String = made.map(|it| format!("; CHECK(at.new_{} == NULL)", it.name)).collect();
                format!("refused({call}, {named}){is_null}")
            }
        },
        "aicredits_status" => format!("CHECK({call} == AICREDITS_STATUS_UNEXPECTED)"),
        _ if is_out => format!("CHECK({call} == {})", called_with(function, place, "&at.length")),
        _ if has("size_t *") => format!("CHECK({call} == 0); CHECK(at.length == 0)"),
        _ => format!("CHECK({call} == 0)"),
    }
}

/// The header says that NULL has a meaning for it.
fn is_optional(function: &Function, parameter: &Parameter) -> bool {
    match parameter.name.as_str() {
        "call" | "options" | "error" | "user" | "destroy" | "fetched_at" | "server_date" => true,
        "config" => function.name == "aicredits_gate_new",
        "balance" => ["aicredits_gate_refresh", "aicredits_gate_request_step"].contains(&function.name.as_str()),
        _ => false,
    }
}

/// The function that reports the fault of a setter's string.
fn reported_by(function: &Function, parameter: &Parameter) -> Option<&'static str> {
    if !["const char *", "const char *const *"].contains(&parameter.of_type.as_str()) {
        return None;
    }
    let is = |noun: &str| function.name.starts_with(&format!("aicredits_{noun}_set_"));
    ["config", "gate_config", "call"].into_iter().find(|noun| is(noun)).map(|noun| match noun {
        "config" => "config_refused",
        "gate_config" => "gate_config_refused",
        _ => "call_refused",
    })
}

/// Bytes with a length need not be text, nor need the values of variables.
fn is_text(function: &Function, parameter: &Parameter) -> bool {
    parameter.of_type == "const char *" && function.parameters.iter().all(|other| other.of_type != "size_t")
}
