//! The languages: how each one's runner is built.

use std::ffi::OsString;
use std::process::Command;

use aicredits::Surface;
use aicredits_tests::{Linked, cxx_program, dist, program, root, scratch, succeed, variable};

/// A column of the report.
pub(crate) struct Language {
    pub(crate) name: &'static str,
    /// How its messages name settings.
    pub(crate) surface: Surface,
    /// The variable by which `cargo xtask test` tells the tool that it needs; without the tool it is left out.
    pub(crate) tool: Option<&'static str>,
    /// Builds the runner and gives its command line; it panics where it cannot.
    pub(crate) build: fn() -> Vec<OsString>,
}

/// `README.md` tells how to add one. C is there twice, since the same program must print the same with either library.
pub(crate) const LANGUAGES: &[Language] = &[
    Language { name: "rust", surface: Surface::Rust, tool: None, build: rust },
    Language { name: "c", surface: Surface::C, tool: None, build: || c(Linked::Shared) },
    Language { name: "c (.a)", surface: Surface::C, tool: None, build: || c(Linked::Static) },
    Language { name: "c++", surface: Surface::Cpp, tool: Some("AICREDITS_CXX"), build: cpp },
    Language { name: "go", surface: Surface::Go, tool: Some("AICREDITS_GO"), build: go },
    Language { name: "python", surface: Surface::Python, tool: Some("AICREDITS_PYTHON"), build: python },
];

/// Cargo has built it with this test.
fn rust() -> Vec<OsString> {
    vec![env!("CARGO_BIN_EXE_conformance-rust").into()]
}

/// Without exceptions: whatever throws stands on what is called so.
fn cpp() -> Vec<OsString> {
    let source = root().join("tests/conformance/runners/cpp.cpp");
    vec![cxx_program(&dist(), &source, "c++17", &["-fno-exceptions"], Linked::Shared).into()]
}

fn go() -> Vec<OsString> {
    let runner = scratch("conformance-go");
    // Go would not link one that is there again for an archive that changed.
    let _ = std::fs::remove_file(&runner);
    let mut go = Command::new(variable("AICREDITS_GO"));
    go.current_dir(root().join("tests/conformance/runners/go"));
    succeed(go.args(["build", "-tags", "aicredits_dev", "-o"]).arg(&runner).arg("."));
    vec![runner.into()]
}

fn python() -> Vec<OsString> {
    vec![variable("AICREDITS_PYTHON").into(), root().join("tests/conformance/runners/python.py").into()]
}

fn c(linked: Linked) -> Vec<OsString> {
    vec![program(&root().join("tests/conformance/runners/c.c"), linked).into()]
}
