//! The variables by which tests find what was built.

use std::ffi::OsString;
use std::process::Command;

use crate::dist;
use crate::install;
use crate::python;
use crate::tool::{self, CC, CLANG, CXX, DOXYGEN, GO, OTHER_RUSTC, PYTHON, Tool};

struct Variable {
    name: &'static str,
    meaning: &'static str,
    value: Value,
}

enum Value {
    Folder(fn() -> std::path::PathBuf),
    /// Not set where the tool is missing.
    Tool(&'static Tool),
    /// Not set where the tool is missing.
    With(&'static Tool, fn() -> std::path::PathBuf),
}

const VARIABLES: &[Variable] = &[
    Variable {
        name: "AICREDITS_DIST",
        meaning: "headers and libraries (`cargo xtask build`)",
        value: Value::Folder(dist::folder),
    },
    Variable {
        name: "AICREDITS_BIN",
        meaning: "the release programs: the command `aicredits`, the Rust example `balance`; for `go test` too",
        value: Value::Folder(dist::programs),
    },
    Variable {
        name: "AICREDITS_TESTING",
        meaning: "the library with the hooks for tests",
        value: Value::Folder(dist::testing_folder),
    },
    Variable {
        name: "AICREDITS_INSTALLED",
        meaning: "a tree installed at its prefix, for the suite `install`",
        value: Value::Folder(install::at_its_prefix),
    },
    Variable {
        name: "AICREDITS_MOVED",
        meaning: "a tree that was moved after it was installed, for the suite `install`",
        value: Value::Folder(install::moved),
    },
    Variable {
        name: "AICREDITS_MULTIARCH",
        meaning: "a tree whose libraries are in Debian's folder for a processor, for the suite `install`",
        value: Value::Folder(install::multiarch),
    },
    Variable { name: "AICREDITS_CC", meaning: "the C compiler", value: Value::Tool(&CC) },
    Variable { name: "AICREDITS_CXX", meaning: "the C++ compiler", value: Value::Tool(&CXX) },
    Variable { name: "AICREDITS_CLANG", meaning: "clang's C++ compiler", value: Value::Tool(&CLANG) },
    Variable { name: "AICREDITS_DOXYGEN", meaning: "the command `doxygen`", value: Value::Tool(&DOXYGEN) },
    Variable { name: "AICREDITS_GO", meaning: "the command `go`", value: Value::Tool(&GO) },
    Variable {
        name: "AICREDITS_PYTHON",
        meaning: "a Python that has the package, made by the suites `python` and `conformance`",
        value: Value::With(&PYTHON, python::interpreter),
    },
    Variable {
        name: "AICREDITS_OTHER_RUSTC",
        meaning: "a Rust compiler of another version",
        value: Value::Tool(&OTHER_RUSTC),
    },
];

impl Variable {
    /// Or why it is not set.
    fn value(&self) -> Result<OsString, String> {
        let missing = |missing: tool::Missing| missing.to_string();
        match self.value {
            Value::Folder(path) => Ok(path().into_os_string()),
            Value::Tool(tool) => tool.find().map(Into::into).map_err(missing),
            Value::With(tool, path) => tool.find().map(|_| path().into_os_string()).map_err(missing),
        }
    }
}

/// Sets them for a command, and removes those that have no value.
pub(super) fn set(command: &mut Command) {
    for variable in VARIABLES {
        match variable.value() {
            Ok(value) => command.env(variable.name, value),
            Err(_) => command.env_remove(variable.name),
        };
    }
}

/// Shell commands that set them. `eval "$(cargo xtask test --env)"` prepares a shell for `go test` and `pytest`.
pub(super) fn text() -> String {
    let mut text = String::from(
        "# Build first: cargo xtask test --only SUITE, which builds what the suite needs. Then for example:\n\
         #   eval \"$(cargo xtask test --env)\"\n\
         #   (cd bindings/go && go test -tags aicredits_dev ./...)\n\
         #   (cd bindings/python && \"$AICREDITS_PYTHON\" -m pytest)\n\
         #   cargo test -p aicredits-tests --test c\n",
    );
    for variable in tool::SETTINGS {
        text += &format!("unset {variable}\n");
    }
    for variable in VARIABLES {
        text += &match variable.value() {
            Ok(value) => {
                let value = value.to_string_lossy().replace('\'', r"'\''");
                format!("# {}\nexport {}='{value}'\n", variable.meaning, variable.name)
            }
            Err(missing) => format!("# {} is not set: {missing}\n", variable.name),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_can_read_them() {
        let mut shell = tool::command("sh");
        shell.args(["-euc", "eval \"$1\"; printf %s \"$AICREDITS_DIST\"", "sh", &text()]);
        assert_eq!(tool::read(&mut shell).unwrap(), dist::folder().display().to_string());
    }

    /// A variable that a test reads and this table lacks would be set by nobody.
    #[test]
    fn every_variable_that_the_tests_read_is_set() {
        let mut source = String::new();
        for folder in [
            "tests/src",
            "tests/c",
            "tests/cpp",
            "tests/emulator",
            "tests/install",
            "tests/archive",
            "tests/clang",
            "bindings/go",
        ] {
            for entry in std::fs::read_dir(tool::root().join(folder)).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|suffix| suffix == "rs" || suffix == "go") {
                    source += &std::fs::read_to_string(path).unwrap();
                }
            }
        }
        let read = source.split("variable(\"").chain(source.split("Getenv(\"")).skip(1);
        let names: Vec<_> =
            read.filter_map(|rest| rest.split('"').next()).filter(|name| name.starts_with("AICREDITS_")).collect();
        assert!(names.len() > 5, "{names:?}");
        for name in names.into_iter().filter(|name| *name != "AICREDITS_ROUNDS" && !name.starts_with("AICREDITS_BASE"))
        {
            assert!(VARIABLES.iter().any(|variable| variable.name == name), "{name} is not in the table");
        }
    }
}
