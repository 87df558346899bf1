//! The languages, and how to build the runner of each.

use std::ffi::OsString;
use std::process::Command;

use aicredits::Surface;
use aicredits_tests::{Linked, cxx_program, dist, program, root, scratch, succeed, variable};

/// A column of the report.
pub(crate) struct Language {
    pub(crate) name: &'static str,
    /// The names of settings in its messages.
    pub(crate) surface: Surface,
    /// The variable in which `cargo xtask test` passes the path of its tool. Without the tool the language is left out.
    pub(crate) tool: Option<&'static str>,
    /// Builds the runner and returns its command line. Panics on failure.
    pub(crate) build: fn() -> Vec<OsString>,
}

/// `README.md` describes how to add one. C is here twice: with the shared library and with the archive.
pub(crate) const LANGUAGES: &[Language] = &[
    Language { name: "rust", surface: Surface::Rust, tool: None, build: rust },
    Language { name: "c", surface: Surface::C, tool: None, build: || c(Linked::Shared) },
    Language { name: "c (.a)", surface: Surface::C, tool: None, build: || c(Linked::Static) },
    Language { name: "c++", surface: Surface::Cpp, tool: Some("AICREDITS_CXX"), build: cpp },
    Language { name: "go", surface: Surface::Go, tool: Some("AICREDITS_GO"), build: go },
    Language { name: "python", surface: Surface::Python, tool: Some("AICREDITS_PYTHON"), build: python },
];

/// Cargo builds it with this test.
fn rust() -> Vec<OsString> {
    vec![env!("CARGO_BIN_EXE_conformance-rust").into()]
}

/// The runner uses the functions without exceptions. The throwing functions call the same code.
fn cpp() -> Vec<OsString> {
    let source = root().join("tests/conformance/runners/cpp.cpp");
    vec![cxx_program(&dist(), &source, "c++17", &["-fno-exceptions"], Linked::Shared).into()]
}

fn go() -> Vec<OsString> {
    let runner = scratch("conformance-go");
    // Go would not link an existing program again after a change of the archive.
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
