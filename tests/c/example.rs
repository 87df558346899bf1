//! The example program, in Rust, C linked both ways, C++, and Go where that is here: the same lines from each.

use std::path::PathBuf;
use std::process::{Command, Output};

use aicredits_emulator::{Allocation, Emulator, Member, Options, Rule, example, scenario};
use aicredits_tests::{Linked, cxx_program, dist, program, root, run, scratch, stderr, stdout, succeed, variable};

fn programs() -> Vec<(&'static str, PathBuf)> {
    let source = root().join("examples/balance.c");
    let mut programs = vec![
        ("Rust", variable("AICREDITS_BIN").join("balance")),
        ("C, shared", program(&source, Linked::Shared)),
        ("C, static", program(&source, Linked::Static)),
        ("C, figure by figure", program(&root().join("examples/breakdown.c"), Linked::Shared)),
        ("C++", cxx_program(&dist(), &root().join("examples/balance.cpp"), "c++17", &[], Linked::Shared)),
    ];
    if let Some(go) = std::env::var_os("AICREDITS_GO") {
        let program = scratch("balance-go");
        let mut build = Command::new(go);
        build.current_dir(root().join("examples/go")).args(["build", "-tags", "aicredits_dev", "-o"]);
        succeed(build.arg(&program).arg("."));
        programs.push(("Go", program));
    }
    programs
}

fn ask(program: &PathBuf, emulator: &Emulator, key: &str) -> Output {
    let mut command = Command::new(program);
    command.env("WIX_API_KEY", key);
    command.env("WIX_ACCOUNT_ID", emulator.account_id());
    command.env("AICREDITS_BASE_URL", emulator.url());
    run(&mut command)
}

fn all_print(emulator: &Emulator, expected: &str) {
    for (language, program) in programs() {
        let output = ask(&program, emulator, emulator.api_key());
        assert_eq!((stdout(&output).as_str(), stderr(&output).as_str()), (expected, ""), "{language}");
        assert!(output.status.success(), "{language}");
    }
}

#[test]
fn the_pages_example_is_printed() {
    all_print(
        &Emulator::start().unwrap(),
        "recurring: 850 of 1000\n\
         top-up: 200 of 200\n\
         subscription d7a341c4-196b-46e7-813c-2b0fc1847ec6\n  \
           MONTH: 850 of 1000, resets 2026-07-01T00:00:00Z\n\
         no subscription\n  \
           NO_PERIOD: 200 of 200\n",
    );
}

#[test]
fn other_figures_are_printed_as_they_are() {
    let reset = "2026-06-25T12:34:56Z".parse().unwrap();
    let mut scenario = scenario("example").unwrap();
    let rule = |period: &str, balance, cap, reset_date| Rule {
        period: period.into(),
        balance,
        cap,
        reset_date,
        ..Rule::default()
    };
    let allocations = &mut scenario.accounts[0].allocations;
    allocations[0].rules = vec![rule("DAY", 13, 0, None), rule("MONTH", 700, 900, None)];
    allocations[0].rules[0].omit = vec![Member::Cap];
    allocations[1].rules[0].balance = -4;
    let rules = vec![rule("FORTNIGHT", 31, 77, Some(reset))];
    allocations.push(Allocation { allocation: "fortnight".into(), rules, ..Allocation::default() });
    all_print(
        &Emulator::with(Options { scenario: Some(scenario.into()), ..Options::default() }).unwrap(),
        "recurring: 731 of 977\n\
         top-up: -4 of 200\n\
         subscription d7a341c4-196b-46e7-813c-2b0fc1847ec6\n  \
           DAY: 13 of unknown\n  \
           MONTH: 700 of 900\n\
         no subscription\n  \
           NO_PERIOD: -4 of 200\n\
         no subscription\n  \
           FORTNIGHT: 31 of 77, resets 2026-06-25T12:34:56Z\n",
    );
}

#[test]
fn a_failure_is_told_on_standard_error() {
    let emulator = Emulator::start().unwrap();
    let mut told = Vec::new();
    for (language, program) in programs() {
        let output = ask(&program, &emulator, "IST.canary-wrong");
        assert_eq!((stdout(&output).as_str(), output.status.code()), ("", Some(1)), "{language}");
        told.push(stderr(&output).replace(&request_id(&stderr(&output)), "…"));
    }
    let [rust, others @ ..] = &told[..] else { panic!("{told:?}") };
    assert!(rust.starts_with("balance: 401 Unauthorized: "), "{rust}");
    assert!(rust.contains(example::ACCOUNT_ID) && !rust.contains("canary"), "{rust}");
    assert!(others.iter().all(|other| other == rust), "{told:#?}");
}

/// Which is another for each request.
fn request_id(told: &str) -> String {
    let (_, rest) = told.rsplit_once("request ").expect("a failure names its request");
    rest.split(|character: char| !character.is_alphanumeric() && character != '.').next().unwrap_or_default().to_owned()
}
