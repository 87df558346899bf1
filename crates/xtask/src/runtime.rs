//! Parts of what is shipped that are no packages of cargo, with their licences.

use std::path::PathBuf;

use crate::tool::{self, Outcome};

/// A part that a compiler or a linker adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Runtime {
    pub(crate) name: &'static str,
    pub(crate) version: String,
    pub(crate) license: &'static str,
    /// A paragraph for people.
    pub(crate) notice: &'static str,
    /// The text of its licence, if no crate has the same one.
    pub(crate) text: Option<PathBuf>,
}

/// For builds of every kind.
pub(crate) const STANDARD_LIBRARY: &str = "The Rust standard library: MIT OR Apache-2.0
    Copyright (c) The Rust Project Contributors; the texts of both licences are below.
    Its Unicode tables: Unicode-3.0, Copyright (c) 1991-2024 Unicode, Inc.; https://www.unicode.org/license.txt
";

/// The C library and the command contain an unwinder, so that they do not need libgcc_s.
const GCC: &str = "The unwinder of GCC: GPL-3.0-or-later WITH GCC-exception-3.1
    Copyright (C) Free Software Foundation, Inc.; the exception permits every program to contain it:
    https://www.gnu.org/licenses/gcc-exception-3.1.html
";

/// The unwinder of releases.
pub(crate) const LLVM: &str = "The unwinder of LLVM, in the files of a release: Apache-2.0 WITH LLVM-exception
    Copyright (c) the LLVM Project's contributors; https://llvm.org/LICENSE.txt
";

/// The notices for developers' builds.
pub(crate) const OF_THIS_MACHINE: &[&str] = &[STANDARD_LIBRARY, GCC];

/// The part that all have.
pub(crate) fn standard_library() -> Outcome<Runtime> {
    let (version, license) = (rustc("release")?, "(MIT OR Apache-2.0) AND Unicode-3.0");
    Ok(Runtime { name: "rust-std", version, license, notice: STANDARD_LIBRARY, text: None })
}

/// A line of what `rustc -vV` prints, such as `release` or `LLVM version`.
pub(crate) fn rustc(key: &str) -> Outcome<String> {
    let printed = tool::read(tool::command("rustc").arg("-vV"))?;
    let value = printed.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
    Ok(value.ok_or_else(|| format!("rustc names no {key}"))?.to_owned())
}
