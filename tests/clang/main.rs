//! The headers under other tools than GCC: clang, its C++ library, Doxygen.

use std::fs;
use std::process::Command;

use aicredits_tests::cpp::{an_error_is_caught_as_itself, printed};
use aicredits_tests::{dist, scratch, stderr, succeed, variable};

const STANDARDS: [&str; 3] = ["c++17", "c++20", "c++23"];

fn clang(standard: &str) -> Command {
    let mut compiler = Command::new(variable("AICREDITS_CLANG"));
    compiler.args(["-stdlib=libc++", &format!("-std={standard}"), "-Wall", "-Wextra", "-pedantic", "-Werror"]);
    compiler.arg("-I").arg(dist().join("include"));
    compiler
}

/// Its library compares the addresses of type information, where GCC's compares names.
#[test]
fn an_error_is_caught_as_itself_across_shared_objects() {
    an_error_is_caught_as_itself(&|| clang("c++17"));
}

#[test]
fn an_instant_is_compared_with_the_clock() {
    for standard in STANDARDS {
        assert_eq!(printed(&|| clang(standard), "instants.cpp", &[]), "every check held\n", "{standard}");
    }
}

#[test]
fn everything_that_is_shown_is_formatted() {
    assert_eq!(printed(&|| clang("c++17"), "formats.cpp", &[]), "no <format>\n");
    for options in [&[][..], &["-fno-exceptions"], &["-fno-rtti"]] {
        assert_eq!(printed(&|| clang("c++23"), "formats.cpp", options), "every check held\n", "{options:?}");
    }
}

/// Each command, parameter and paragraph of the comments, as clang understands Doxygen.
#[test]
fn the_comments_are_well_formed() {
    let file = scratch("documentation");
    for (compiler, header) in [
        (["-x", "c", "-std=c99"], "aicredits.h"),
        (["-x", "c", "-std=c99"], "aicredits_emulator.h"),
        (["-x", "c++", "-std=c++17"], "aicredits.hpp"),
        (["-x", "c++", "-std=c++17"], "aicredits/emulator.hpp"),
    ] {
        fs::write(&file, format!("#include <{header}>\n")).unwrap();
        let mut clang = Command::new(variable("AICREDITS_CLANG"));
        clang.args(compiler).args(["-fsyntax-only", "-Werror", "-Wdocumentation", "-Wdocumentation-pedantic"]);
        let output = succeed(clang.arg("-I").arg(dist().join("include")).arg(&file));
        assert_eq!(stderr(&output), "", "{header}");
    }
}

#[test]
fn doxygen_has_nothing_to_complain_of() {
    let (file, out) = (scratch("Doxyfile"), scratch("doxygen"));
    // Predefined is what a compiler would know.
    let settings = format!(
        "INPUT = {}\nFILE_PATTERNS = *.h *.hpp\nRECURSIVE = YES\nOUTPUT_DIRECTORY = {}\nQUIET = YES\n\
         GENERATE_HTML = NO\nGENERATE_LATEX = NO\nGENERATE_XML = YES\nWARN_IF_UNDOCUMENTED = NO\n\
         MACRO_EXPANSION = YES\nEXPAND_ONLY_PREDEF = YES\n\
         PREDEFINED = AICREDITS_NODISCARD= AICREDITS_EMULATOR_NODISCARD= AICREDITS_THROWN= __cpp_exceptions __cpp_rtti __cplusplus=201703L\n",
        dist().join("include").display(),
        out.display()
    );
    fs::write(&file, settings).unwrap();
    let output = succeed(Command::new(variable("AICREDITS_DOXYGEN")).arg(&file));
    assert_eq!(stderr(&output), "");
}
