//! The C++ header as a C++ program finds it, in every standard and mode.

mod gate_example;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use aicredits_emulator::script::{Reply, Script, Server, SynDropped, refused_addr};
use aicredits_emulator::{Emulator, example};
use aicredits_tests::cpp::{an_error_is_caught_as_itself, printed};
use aicredits_tests::{Linked, cxx, cxx_program, dist, link, root, run, scratch, stderr, stdout, succeed, testing};

const PATIENCE: Duration = Duration::from_secs(20);
const STANDARDS: [&str; 3] = ["c++17", "c++20", "c++23"];
const MODES: [&[&str]; 4] = [&[], &["-fno-exceptions"], &["-fno-rtti"], &["-fno-exceptions", "-fno-rtti"]];

fn source(name: &str) -> PathBuf {
    root().join("tests/cpp").join(name)
}

fn asking(program: &Path, url: &str) -> Command {
    let mut command = Command::new(program);
    command.env("WIX_API_KEY", example::API_KEY).env("WIX_ACCOUNT_ID", example::ACCOUNT_ID);
    command.env("AICREDITS_BASE_URL", url);
    command
}

#[test]
fn it_compiles_alone_and_twice_in_every_standard_and_mode() {
    let file = scratch("twice.cpp");
    fs::write(&file, "#include <aicredits.hpp>\n#include <aicredits.hpp>\n").unwrap();
    for standard in STANDARDS {
        for mode in MODES {
            let mut compiler = cxx(standard);
            compiler
                .args(["-Wshadow", "-Wconversion", "-Weffc++", "-Wnon-virtual-dtor", "-c"])
                .args(mode)
                .arg(&file)
                .arg("-o")
                .arg(scratch("twice.o"));
            succeed(&mut compiler);
        }
    }
}

/// The headers that `aicredits.hpp` is made of: file name and text.
fn parts() -> Vec<(String, String)> {
    let folder = dist().join("include/aicredits");
    let mut parts: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap()))
        .collect();
    parts.sort();
    parts
}

#[test]
fn each_part_compiles_alone_and_is_short() {
    let parts = parts();
    assert!(parts.len() > 15, "{parts:?}");
    for (name, text) in &parts {
        assert!(text.lines().count() <= 400, "{name} has {} lines", text.lines().count());
        let file = scratch("alone.cpp");
        fs::write(&file, format!("#include <aicredits/{name}>\n#include <aicredits/{name}>\n")).unwrap();
        for standard in ["c++17", "c++23"] {
            succeed(cxx(standard).arg("-fsyntax-only").arg(&file));
        }
    }
}

#[test]
fn the_umbrella_header_includes_each_part() {
    let umbrella = fs::read_to_string(dist().join("include/aicredits.hpp")).unwrap();
    let is_left_out = |name: &str| name == "detail.hpp" || name.starts_with("emulator");
    for (name, _) in parts().iter().filter(|(name, _)| !is_left_out(name)) {
        assert!(umbrella.contains(&format!("\n#include <aicredits/{name}>\n")), "aicredits.hpp lacks {name}");
    }
}

#[test]
fn the_promises_of_the_opening_page_hold_in_every_standard_and_mode() {
    let (emulator, refused) = (Emulator::start().unwrap(), refused_addr().unwrap());
    let cases = [
        ("c++17", MODES[0], Linked::Shared),
        ("c++17", MODES[3], Linked::Shared),
        ("c++17", MODES[2], Linked::Static),
        ("c++20", MODES[2], Linked::Static),
        ("c++23", MODES[0], Linked::Static),
        ("c++23", MODES[1], Linked::Shared),
    ];
    for (standard, mode, linked) in cases {
        let program = cxx_program(&dist(), &source("surface.cpp"), standard, &[mode, &["-pthread"]].concat(), linked);
        let output = run(asking(&program, &emulator.url()).arg(refused.url()));
        let told = (stdout(&output), stderr(&output));
        assert_eq!((told.0.as_str(), told.1.as_str()), ("every check held\n", ""), "{standard} {mode:?} {linked:?}");
        assert!(output.status.success());
    }
}

/// Without the emulator: the balances are texts.
#[test]
fn a_balance_answers_in_every_standard_and_mode() {
    let sanitized: &[&str] = &["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    let cases = [
        ("c++17", MODES[0], Linked::Shared),
        ("c++17", MODES[3], Linked::Static),
        ("c++20", MODES[2], Linked::Shared),
        ("c++20", sanitized, Linked::Shared),
        ("c++23", MODES[1], Linked::Shared),
    ];
    for (standard, options, linked) in cases {
        let program = cxx_program(&dist(), &source("deciding.cpp"), standard, options, linked);
        let output = run(&mut Command::new(program));
        let told = (stdout(&output), stderr(&output));
        assert_eq!((told.0.as_str(), told.1.as_str()), ("every check held\n", ""), "{standard} {options:?}");
    }
}

#[test]
fn a_gate_grants_and_denies_in_every_standard_and_mode() {
    let (emulator, refused) = (Emulator::start().unwrap(), refused_addr().unwrap());
    let sanitized: &[&str] = &["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    let cases = [
        ("c++17", MODES[0], Linked::Shared),
        ("c++17", MODES[3], Linked::Static),
        ("c++20", sanitized, Linked::Shared),
        ("c++23", MODES[1], Linked::Shared),
    ];
    for (standard, options, linked) in cases {
        let options = [options, &["-pthread"]].concat();
        for file in ["gate.cpp", "request.cpp"] {
            let program = cxx_program(&dist(), &source(file), standard, &options, linked);
            let output = run(asking(&program, &emulator.url()).arg(refused.url()));
            let told = (stdout(&output), stderr(&output));
            assert_eq!((told.0.as_str(), told.1.as_str()), ("every check held\n", ""), "{standard} {options:?} {file}");
        }
    }
}

#[test]
fn a_fleet_has_one_outcome_for_each_target_in_every_standard_and_mode() {
    let (emulator, refused) = (Emulator::start().unwrap(), refused_addr().unwrap());
    let sanitized: &[&str] = &["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    let cases = [
        ("c++17", MODES[0], Linked::Static),
        ("c++17", MODES[3], Linked::Shared),
        ("c++20", sanitized, Linked::Shared),
        ("c++23", MODES[1], Linked::Shared),
    ];
    for (standard, options, linked) in cases {
        let program = cxx_program(&dist(), &source("fleet.cpp"), standard, options, linked);
        let output = run(asking(&program, &emulator.url()).args([emulator.site_id(), &refused.url()]));
        let told = (stdout(&output), stderr(&output));
        assert_eq!((told.0.as_str(), told.1.as_str()), ("every check held\n", ""), "{standard} {options:?}");
    }
}

/// The throwing forms are absent where exceptions or RTTI are.
#[test]
fn throwing_functions_are_absent_without_exceptions() {
    let file = scratch("throws.cpp");
    let throwing = [
        "Balance::from_json(\"{}\")",
        "Client{Config{}}",
        "Balance::try_from_json(\"{}\").value()",
        "balance.can_afford(1)",
        "balance.affordable(1, 1)",
        "Gate{client}",
        "Gate{client, GateConfig{}}",
        "gate.reserve(1)",
        "gate.reserve_now(1)",
        "gate.reserve_up_to(1, 1)",
        "gate.refresh()",
        "gate.sub_gate(1)",
        "gate.set_limit(1)",
        "Fleet{client, {}}",
        "Fleet{client, {}, FleetOptions{}}",
        "Fleet{client, {}, FleetOptions{}, Call{}}",
        "fleet.next()",
        "fleet.begin()",
        "fleet.end()",
        "outcome.balance()",
    ];
    let lines: String = throwing.iter().map(|throws| format!("    (void){throws};\n")).collect();
    let begin = "#include <aicredits.hpp>\nusing namespace aicredits;\n\
                 void f(const Balance &balance, const Client &client, const Gate &gate, const Fleet &fleet, const Outcome &outcome);\n\
                 void f(const Balance &balance, const Client &client, const Gate &gate, const Fleet &fleet, const Outcome &outcome) {\n    \
                 (void)balance, (void)client, (void)gate, (void)fleet, (void)outcome;\n";
    fs::write(&file, format!("{begin}{lines}}}\n")).unwrap();
    for (mode, are_there) in MODES.into_iter().zip([true, false, false, false]) {
        let output = run(cxx("c++17").args(["-fsyntax-only"]).args(mode).arg(&file));
        let errors = stderr(&output);
        assert_eq!(output.status.success(), are_there, "{mode:?}: {errors}");
        for (number, throws) in (begin.lines().count() + 1..).zip(throwing) {
            let is_wrong = errors.contains(&format!("throws.cpp:{number}:"));
            assert_eq!(is_wrong, !are_there, "{throws} {mode:?}: {errors}");
        }
    }
    let output = run(cxx("c++14").arg("-fsyntax-only").arg(&file));
    assert!(stderr(&output).contains("needs C++17"), "{}", stderr(&output));
}

#[test]
fn objects_of_two_standards_and_modes_make_one_program() {
    for old_mode in [MODES[1], MODES[2], MODES[3]] {
        // Unoptimized, so that each function of the header is a symbol, and one of two is taken.
        let objects = [("mixed_old.cpp", "c++17", old_mode), ("mixed_new.cpp", "c++23", MODES[0])].map(|it| {
            let (name, standard, mode) = it;
            let object = scratch(name).with_extension("o");
            succeed(cxx(standard).args(["-O0", "-c"]).args(mode).arg(source(name)).arg("-o").arg(&object));
            object
        });
        let [old, new] = &objects;
        for (order, linked) in [([old, new], Linked::Shared), ([new, old], Linked::Static)] {
            let program = scratch("mixed");
            succeed(link(cxx("c++23").args(order).arg("-o").arg(&program), &dist(), linked));
            let output = run(&mut Command::new(&program));
            assert_eq!((stdout(&output).as_str(), stderr(&output).as_str()), ("DECODE\n1\n1\n", ""), "{old_mode:?}");
        }
    }
}

#[test]
fn an_instant_is_compared_with_the_clock() {
    for standard in STANDARDS {
        let printed =
            printed(&|| cxx(standard), "instants.cpp", &["-fsanitize=undefined", "-fno-sanitize-recover=all"]);
        assert_eq!(printed, "every check held\n", "{standard}");
    }
}

#[test]
fn an_error_is_caught_as_itself_across_shared_objects() {
    an_error_is_caught_as_itself(&|| cxx("c++17"));
}

#[test]
fn keys_are_wiped() {
    let key = "IST.canary-that-is-long-enough-for-the-heap-and-stands-nowhere-else";
    let page = format!("<title>no {key}</title>");
    let echo = Reply::status(401).header("x-wix-request-id", key).body(page.clone());
    let chunked = Reply::raw(format!(
        "HTTP/1.1 401 Unauthorized\r\nX-Echo: {key}\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{page}\r\n0\r\n\r\n",
        page.len()
    ));
    let program = cxx_program(&dist(), &source("wiped.cpp"), "c++17", &[], Linked::Shared);
    for reply in [echo, chunked, Reply::raw(format!("HTTP/1.1 401 X\r\nX-Echo: {key}\r\n\r\n{page}")).close()] {
        let server = Server::start(reply).unwrap();
        assert_eq!(stdout(&succeed(Command::new(&program).arg(server.url()))), "1 0 refused 0 refused 0\n");
    }
}

/// Under the sanitizers of the compiler, which see what runs off an array and what outlives its owner.
#[test]
fn the_sanitizers_find_nothing() {
    let (emulator, refused) = (Emulator::start().unwrap(), refused_addr().unwrap());
    let options = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-pthread"];
    for standard in ["c++17", "c++20"] {
        let program = cxx_program(&dist(), &source("surface.cpp"), standard, &options, Linked::Shared);
        let output = run(asking(&program, &emulator.url()).arg(refused.url()));
        assert_eq!((stdout(&output).as_str(), stderr(&output).as_str()), ("every check held\n", ""), "{standard}");
    }
}

#[test]
fn rounds_leave_nothing_behind() {
    let emulator = Emulator::start().unwrap();
    let program = cxx_program(&testing(), &source("rounds.cpp"), "c++17", &[], Linked::Shared);
    for what in ["clients", "calls", "gates"] {
        let output = run(asking(&program, &emulator.url()).arg(what));
        assert!(output.status.success(), "{what}: {}{}", stdout(&output), stderr(&output));
        println!("{what}: {}", stdout(&output).trim_end());
    }
}

#[test]
fn a_cancelled_call_comes_back_in_each_phase_and_leaves_nothing() {
    let program = cxx_program(&dist(), &source("cancel.cpp"), "c++17", &["-pthread"], Linked::Shared);
    let cancelled = |url: &str, is_there: &dyn Fn()| {
        let mut command = asking(&program, url);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        is_there();
        child.stdin.take().unwrap().write_all(b"\n").unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(stdout(&output), "CANCELLED 0\n");
    };
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{";
    let scripts: [Script; 3] = [
        Reply::new().mute().into(),
        Reply::raw(head).mute().into(),
        Reply::status(503).header("Retry-After", "15").into(),
    ];
    for script in scripts {
        let server = Server::start(script).unwrap();
        cancelled(&server.url(), &|| assert!(server.wait_for_requests(1, PATIENCE)));
        assert!(server.wait_until_closed(PATIENCE), "the connection outlived the call");
    }
    let dropped = SynDropped::start().unwrap();
    cancelled(&dropped.url(), &|| ());
}
