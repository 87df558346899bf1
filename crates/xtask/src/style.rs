//! The format of C and C++: `.clang-format`, and the formatter in a separate environment.

use std::process::Command;

use crate::python;
use crate::tool::{self, Outcome, PYTHON};

/// PyPI has it for every machine; another version formats differently.
const FORMATTER: &str = "clang-format==23.1.5";

/// The files that the formatter reads. `.clang-format-ignore` leaves out the generated files.
const PATTERNS: [&str; 4] = ["*.c", "*.h", "*.hpp", "*.cpp"];

/// A file that the formatter must refuse, or the check checks nothing.
const PLANTED: &str = "int main( void )\n{ return 0; }\n";

/// Fails on a file that the formatter would change.
pub(crate) fn check() -> Outcome {
    let files = tool::tracked_files(&PATTERNS)?;
    if files.is_empty() {
        return Err("git lists no file of C or C++".into());
    }
    python::environment("clang-format", &PYTHON.find()?, FORMATTER)?;
    tool::refuses(formatter().arg("--assume-filename=planted.c"), PLANTED)?;
    tool::run(formatter().args(&files))?;
    println!("{} files of C and C++ have the format", files.len());
    Ok(())
}

fn formatter() -> Command {
    let mut formatter = python::within("clang-format", "clang-format");
    let style = format!("--style=file:{}", tool::root().join(".clang-format").display());
    formatter.args([&style, "--dry-run", "--Werror"]);
    formatter
}
