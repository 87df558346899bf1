//! The format of C and C++: `.clang-format`, and the formatter in a separate environment.

use std::path::PathBuf;
use std::process::Command;

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
    let planted = environment().join("planted.c");
    let mut formatter = formatter()?;
    std::fs::write(&planted, PLANTED)?;
    let style = format!("--style=file:{}", tool::root().join(".clang-format").display());
    formatter.current_dir(tool::root()).args([&style, "--dry-run", "--Werror"]);
    let refused = tool::command(formatter.get_program()).args(formatter.get_args()).arg(&planted).output()?;
    if refused.status.success() {
        return Err(format!("the formatter accepts {}", planted.display()).into());
    }
    tool::run(formatter.args(&files))?;
    println!("{} files of C and C++ have the format", files.len());
    Ok(())
}

fn formatter() -> Outcome<Command> {
    let folder = environment();
    let program = folder.join("bin/clang-format");
    let stamp = folder.join("installed");
    if std::fs::read_to_string(&stamp).ok().as_deref() != Some(FORMATTER) {
        tool::run(tool::command(PYTHON.find()?).args(["-m", "venv", "--clear"]).arg(&folder))?;
        let mut pip = tool::command(folder.join("bin/python"));
        tool::run(pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", FORMATTER]))?;
        std::fs::write(stamp, FORMATTER)?;
    }
    Ok(tool::command(program))
}

fn environment() -> PathBuf {
    tool::root().join("target/clang-format")
}
