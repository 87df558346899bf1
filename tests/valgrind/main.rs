//! The C and C++ programs under valgrind: no leak, no stray access, on success and on every kind of failure.

use std::path::Path;
use std::process::{Command, Output};

use aicredits_emulator::script::{Reply, Script, Server, refused_addr};
use aicredits_emulator::{Emulator, example};
use aicredits_tests::{Linked, cxx_program, dist, program, root, run, scratch, stderr, stdout, succeed};

/// What it exits with when it finds something.
const FOUND: i32 = 9;

fn under_valgrind(program: &Path, url: &str) -> Output {
    under_valgrind_with(program, url, &[])
}

fn under_valgrind_with(program: &Path, url: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new("valgrind");
    command.args(["--quiet", "--leak-check=full", "--errors-for-leak-kinds=definite,indirect,possible"]);
    command.arg(format!("--error-exitcode={FOUND}")).arg(program).args(arguments);
    command.env("WIX_API_KEY", example::API_KEY).env("WIX_ACCOUNT_ID", example::ACCOUNT_ID);
    run(command.env("AICREDITS_BASE_URL", url))
}

#[test]
fn it_would_find_a_leak() {
    let source = scratch("leak.c");
    std::fs::write(&source, "#include <stdlib.h>\nint main(void) { return malloc(1) == NULL; }\n").unwrap();
    let leaking = scratch("leak");
    succeed(Command::new(aicredits_tests::variable("AICREDITS_CC")).arg(&source).arg("-o").arg(&leaking));
    assert_eq!(under_valgrind(&leaking, "").status.code(), Some(FOUND));
}

#[test]
fn the_examples_on_success() {
    let emulator = Emulator::start().unwrap();
    for example in ["examples/balance.c", "examples/breakdown.c"] {
        let output = under_valgrind(&program(&root().join(example), Linked::Shared), emulator.url().as_ref());
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(stdout(&output).contains("MONTH: 850 of 1000"), "{}", stdout(&output));
    }
}

#[test]
fn the_whole_surface_from_cpp() {
    let (emulator, refused) = (Emulator::start().unwrap(), refused_addr().unwrap());
    let surface = cxx_program(&dist(), &root().join("tests/cpp/surface.cpp"), "c++17", &[], Linked::Shared);
    let output = under_valgrind_with(&surface, emulator.url().as_ref(), &[&refused.url()]);
    assert_eq!((stdout(&output).as_str(), stderr(&output).as_str()), ("every check held\n", ""));
    assert!(output.status.success());
}

/// One scripted reply for each kind of error that can happen.
#[test]
fn every_accessor_on_every_kind_of_error() {
    let probe = program(&root().join("tests/valgrind/probe.c"), Linked::Shared);
    let violation = r#"{"message":"m","details":{"validationError":{"fieldViolations":[
        {"field":"f","description":"d","violatedRule":"REQUIRED_FIELD"},{"field":"g","description":"e"}]}}}"#;
    let application = r#"{"message":"m","details":{"applicationError":{"code":"C","description":"d"}}}"#;
    let reply = |status, body: &str| Script::from(Reply::json(status, body).header("x-wix-request-id", "req-1"));
    let scripts = [
        ("OK", reply(200, r#"{"creditBalanceBreakdown":[{"subscriptionId":"s","usageRules":[{"period":"NEW"}]},{}]}"#)),
        ("UNAUTHORIZED", reply(401, application)),
        ("FORBIDDEN", reply(403, application)),
        ("NOT_FOUND", reply(404, "<html>")),
        ("BAD_REQUEST", reply(400, violation)),
        ("RATE_LIMITED", Reply::json(429, "{}").header("Retry-After", "7").into()),
        ("SERVER", reply(503, application)),
        ("NETWORK", Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}").close().into()),
        ("PROTOCOL", reply(302, "")),
        ("DECODE", reply(200, r#"{"periodicCredits":7}"#)),
        ("TOO_LARGE", Reply::json(200, vec![b' '; 100_000]).into()),
        ("TIMEOUT", Reply::new().mute().into()),
    ];
    for (status, script) in scripts {
        let server = Server::start(script).unwrap();
        let output = under_valgrind(&probe, server.url().as_ref());
        assert!(output.status.success(), "{status}: {}", stderr(&output));
        assert_eq!(stdout(&output).lines().next(), Some(status), "{}", stdout(&output));
    }

    let refused = refused_addr().unwrap();
    let output = under_valgrind(&probe, refused.url().as_ref());
    assert_eq!(
        (stdout(&output).lines().next(), output.status.success()),
        (Some("NETWORK"), true),
        "{}",
        stderr(&output)
    );

    let output = under_valgrind(&probe, "ftp://wrong");
    let told = (stdout(&output), output.status.success());
    assert!(told.0.starts_with("INVALID_ARGUMENT") && told.1, "{}", stderr(&output));
}
