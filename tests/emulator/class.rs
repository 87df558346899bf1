//! The C++ class, in every standard and mode.

use std::fs;
use std::process::Command;

use aicredits_emulator::ACTIONS;
use aicredits_tests::{EMULATOR, Linked, cxx, dist, link_with, root, run, scratch, stderr, succeed};

use crate::{every_check_holds, source};

const MODES: [&[&str]; 4] = [&[], &["-fno-exceptions"], &["-fno-rtti"], &["-fno-exceptions", "-fno-rtti"]];

#[test]
fn it_does_what_its_comments_say_in_every_standard_and_mode() {
    let sanitized: &[&str] = &["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    for (standard, options, linked) in [
        ("c++17", MODES[0], Linked::Shared),
        ("c++17", MODES[3], Linked::Static),
        ("c++20", sanitized, Linked::Shared),
        ("c++23", MODES[1], Linked::Shared),
    ] {
        let program = scratch("class");
        let mut compiler = cxx(standard);
        compiler.args(["-g", "-O1", "-pthread"]).args(options).arg(source("surface.cpp")).arg("-o").arg(&program);
        succeed(link_with(&mut compiler, &dist(), &[EMULATOR], linked));
        every_check_holds(&mut Command::new(program));
    }
}

#[test]
fn it_compiles_alone_and_twice_in_every_standard_and_mode() {
    let file = scratch("twice.cpp");
    fs::write(&file, "#include <aicredits/emulator.hpp>\n#include <aicredits/emulator.hpp>\n").unwrap();
    for standard in ["c++17", "c++20", "c++23"] {
        for mode in MODES {
            let mut compiler = cxx(standard);
            compiler.args(["-Wshadow", "-Wconversion", "-Weffc++", "-Wnon-virtual-dtor", "-c"]).args(mode);
            succeed(compiler.arg(&file).arg("-o").arg(scratch("twice.o")));
        }
    }
}

/// The table of actions is the emulator's.
#[test]
fn each_action_has_a_method_of_its_name() {
    let header = fs::read_to_string(root().join("include/aicredits/emulator.hpp")).unwrap();
    assert!(ACTIONS.len() >= 17);
    for action in ACTIONS {
        let name = action.name;
        for method in [format!(" try_{name}("), format!(" {name}("), format!("try_control(\"{name}\", ")] {
            assert!(header.contains(&method), "aicredits::Emulator has no method for the action {name}:{method}");
        }
    }
}

/// Programs that are deployed include `aicredits.hpp`.
#[test]
fn the_production_headers_carry_none_of_it() {
    for header in ["aicredits.hpp", "aicredits.h"] {
        let text = fs::read_to_string(dist().join("include").join(header)).unwrap();
        assert!(!text.contains("emulator.h") && !text.contains("aicredits_emulator"), "{header}");
    }
}

#[test]
fn throwing_methods_are_absent_without_exceptions() {
    let file = scratch("throws.cpp");
    let body = |expression: &str| {
        format!(
            "#include <aicredits/emulator.hpp>\nvoid use(aicredits::Emulator &e) {{ (void){expression}; (void)e; }}\n"
        )
    };
    for (expression, is_there) in [
        ("e.try_spend(5)", true),
        ("e.spend(5)", false),
        ("e.assert_good_client()", false),
        ("aicredits::Emulator()", false),
        ("e.try_spend(5).value()", false),
    ] {
        fs::write(&file, body(expression)).unwrap();
        succeed(cxx("c++17").arg("-fsyntax-only").arg(&file));
        for mode in &MODES[1..] {
            let output = run(cxx("c++17").args(*mode).arg("-fsyntax-only").arg(&file));
            assert_eq!(output.status.success(), is_there, "{expression} {mode:?}: {}", stderr(&output));
        }
    }
}
