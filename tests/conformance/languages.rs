//! The languages: how each one's runner is built.

use std::ffi::OsString;

use aicredits_tests::{Linked, cxx_program, dist, program, root};

/// A column of the report.
pub(crate) struct Language {
    pub(crate) name: &'static str,
    /// Builds the runner and gives its command line; it panics where it cannot.
    pub(crate) build: fn() -> Vec<OsString>,
}

/// `README.md` tells how to add one. C is there twice, since the same program must print the same with either library.
pub(crate) const LANGUAGES: &[Language] = &[
    Language { name: "rust", build: rust },
    Language { name: "c", build: || c(Linked::Shared) },
    Language { name: "c (.a)", build: || c(Linked::Static) },
    Language { name: "c++", build: cpp },
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

fn c(linked: Linked) -> Vec<OsString> {
    vec![program(&root().join("tests/conformance/runners/c.c"), linked).into()]
}
