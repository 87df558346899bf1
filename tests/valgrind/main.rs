//! The C and C++ programs under valgrind: no leak, no stray access, on success and on every kind of failure.

#[path = "../c/agency.rs"]
mod agency;
#[path = "../c/tls.rs"]
#[allow(dead_code, reason = "not all of it is needed here")]
mod tls;
#[path = "../c/vendor.rs"]
#[allow(dead_code, reason = "not all of it is needed here")]
mod vendor;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use aicredits_emulator::script::{Reply, Script, Server, refused_addr};
use aicredits_emulator::{Emulator, example};
use vendor::Vendor;

use aicredits_tests::{
    EMULATOR, Linked, cc, cxx_program, dist, link, program, program_with, root, run, scratch, stderr, stdout, succeed,
};

/// The exit status if it finds something.
const FOUND: i32 = 9;

fn under_valgrind(program: &Path, url: &str) -> Output {
    under_valgrind_with(program, url, &[])
}

fn under_valgrind_with(program: &Path, url: &str, arguments: &[&str]) -> Output {
    run(valgrind(program, url, &[]).args(arguments))
}

fn valgrind(program: &Path, url: &str, options: &[String]) -> Command {
    let mut command = asking(Path::new("valgrind"), url);
    command.args(["--quiet", "--leak-check=full", "--errors-for-leak-kinds=definite,indirect,possible"]);
    command.arg(format!("--error-exitcode={FOUND}")).args(options).arg(program);
    command
}

fn asking(program: &Path, url: &str) -> Command {
    let mut command = Command::new(program);
    command.env("WIX_API_KEY", example::API_KEY).env("WIX_ACCOUNT_ID", example::ACCOUNT_ID);
    command.env("AICREDITS_BASE_URL", url);
    command
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

/// The library of the emulator, alone and in threads.
#[test]
fn the_emulator() {
    for (source, arguments) in [("surface.c", &[][..]), ("process.c", &["parallel"]), ("process.c", &["together"])] {
        let source = root().join("tests/emulator").join(source);
        let program = program_with(&dist(), &source, &[EMULATOR], Linked::Shared);
        let output = under_valgrind_with(&program, "", arguments);
        assert_eq!((stdout(&output).as_str(), stderr(&output).as_str()), ("every check held\n", ""), "{arguments:?}");
        assert!(output.status.success());
    }
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

/// Runs a program against a server that speaks TLS, by a name.
fn over_tls_by_name(command: impl FnOnce(&str) -> Command) -> Output {
    let server = tls::TlsServer::start(r#"{"periodicCredits":{"balance":850}}"#);
    run(command(&server.url_by_name()).env("SSL_CERT_FILE", server.ca_file()))
}

/// A file of the installed tree in `share/aicredits`.
fn suppressions(name: &str) -> PathBuf {
    root().join("crates/aicredits-ffi/suppressions").join(name)
}

/// Nothing but the assembly of `ring` is suppressed, and without the file it is found.
#[test]
fn over_tls_and_by_name() {
    for linked in [Linked::Shared, Linked::Static] {
        for (source, printed) in [("probe.c", "OK"), ("threads.c", "every call came back")] {
            let program = program(&root().join("tests/valgrind").join(source), linked);
            let quiet = over_tls_by_name(|url| {
                valgrind(&program, url, &[format!("--suppressions={}", suppressions("valgrind.supp").display())])
            });
            let told = (quiet.status.code(), stdout(&quiet).lines().next().map(str::to_owned));
            assert_eq!(told, (Some(0), Some(printed.to_owned())), "{source} {linked:?}: {}", stderr(&quiet));
            assert_eq!(stderr(&quiet), "", "{source} {linked:?}");
            let loud = over_tls_by_name(|url| valgrind(&program, url, &[]));
            assert_eq!(loud.status.code(), Some(FOUND), "{source} {linked:?} needs no suppression any more");
        }
    }
}

/// Threads convert one balance at once; of their copies one stays, and the others are freed.
#[test]
fn conversions_at_once() {
    let source = root().join("tests/c/conversion.c");
    let memcheck = under_valgrind_with(&program(&source, Linked::Shared), "", &["threads", "3"]);
    let sanitized = run(asking(&with_the_thread_sanitizer(&source), "")
        .args(["threads", "50"])
        .env("TSAN_OPTIONS", format!("suppressions={}", suppressions("tsan.supp").display())));
    for output in [memcheck, sanitized] {
        assert_eq!((stdout(&output).as_str(), stderr(&output).as_str()), ("every check held\n", ""));
        assert!(output.status.success());
    }
}

/// 64 threads share a gate; requests wake each other, and are freed before they are done.
#[test]
fn a_gate_and_its_requests() {
    for (source, arguments) in [("gate_threads.c", "7"), ("gate_request.c", "reachable"), ("gate.c", "reservations")] {
        let source = root().join("tests/c").join(source);
        let vendor = Vendor::start(1050, false);
        let memcheck = under_valgrind_with(&program(&source, Linked::Shared), &vendor.url(), &[arguments]);
        let vendor = Vendor::start(1050, false);
        let sanitized = run(asking(&with_the_thread_sanitizer(&source), &vendor.url())
            .arg(arguments)
            .env("TSAN_OPTIONS", format!("suppressions={}", suppressions("tsan.supp").display())));
        for output in [memcheck, sanitized] {
            let told = (stdout(&output).ends_with("every check held\n"), stderr(&output));
            assert_eq!(told, (true, String::new()), "{}: {}", source.display(), stdout(&output));
            assert!(output.status.success());
        }
    }
}

/// Four threads read the outcomes while a fifth one reads the progress; targets of every kind; each way to end.
#[test]
fn a_fleet() {
    let source = root().join("tests/c/fleet.c");
    let (memcheck, sanitized) = (program(&source, Linked::Shared), with_the_thread_sanitizer(&source));
    let refused = refused_addr().unwrap();
    for task in ["shared", "outcomes", "arguments"] {
        let agency = agency::Agency::start();
        let (url, sites) = match task {
            "arguments" => (refused.url(), &[][..]),
            _ => (agency.emulator.url(), &agency.sites[..]),
        };
        let options = format!("suppressions={}", suppressions("tsan.supp").display());
        for mut command in [valgrind(&memcheck, &url, &[]), asking(&sanitized, &url)] {
            command.arg(task).args(sites).env("WIX_API_KEY", agency::KEY).env("TSAN_OPTIONS", &options);
            let output = run(&mut command);
            assert_eq!((stdout(&output).as_str(), stderr(&output).as_str()), ("every check held\n", ""), "{task}");
            assert!(output.status.success());
        }
    }
}

fn with_the_thread_sanitizer(source: &Path) -> PathBuf {
    let program = scratch("sanitized");
    let mut compiler = cc("c99");
    compiler.args(["-g", "-fsanitize=thread"]).arg(source).arg("-o").arg(&program);
    succeed(link(&mut compiler, &dist(), Linked::Shared));
    program
}

/// Of a library that was not compiled for it, the thread sanitizer sees memory and not the atomic operations on it.
#[test]
fn under_the_thread_sanitizer() {
    let program = with_the_thread_sanitizer(&root().join("tests/valgrind/threads.c"));
    let options = format!("suppressions={}", suppressions("tsan.supp").display());
    for (options, is_quiet) in [(options.as_str(), true), ("", false)] {
        let output = over_tls_by_name(|url| {
            let mut command = asking(&program, url);
            command.env("TSAN_OPTIONS", options);
            command
        });
        assert_eq!(stdout(&output), "every call came back\n");
        let first = stderr(&output).lines().take(12).collect::<Vec<_>>().join("\n");
        assert_eq!((first.is_empty(), output.status.success()), (is_quiet, is_quiet), "`{options}`: {first}");
    }
}
