//! The test suites: what each needs, and how it runs.

mod choice;
mod environment;

use std::io;
use std::process::Command;
use std::time::Instant;

use crate::bench;
use crate::dist;
use crate::go;
use crate::install;
use crate::javascript;
use crate::python;
use crate::report::{Report, Tally};
use crate::schemathesis;
use crate::tool::{
    self, CC, CHROMIUM, CLANG, CMAKE, CXX, DOXYGEN, GO, Missing, NODE, NPM, OTHER_RUSTC, Outcome, PKG_CONFIG, PYTHON,
    Tool, VALGRIND,
};

pub(crate) use choice::Choice;

/// A set of tests with one list of needs.
struct Suite {
    name: &'static str,
    needs: &'static [&'static Tool],
    /// Whether it tests `target/dist` and the programs next to it, which are then built first.
    on_dist: bool,
    /// Whether it needs the library with the hooks for tests besides.
    on_testing: bool,
    tests: Tests,
}

/// How a suite's tests are run.
enum Tests {
    /// Every test of the workspace except those of `aicredits-tests`.
    Workspace,
    /// These test targets of `aicredits-tests`.
    Targets(&'static [&'static str]),
    /// The hazards, each compared with stock ureq.
    Hazards,
    /// The installed tree, which is made first.
    Installed,
    /// The runner of another language.
    Own {
        /// Checks what must hold before, and returns the commands that run tests.
        all: fn() -> Outcome<Vec<Command>>,
        /// The command that runs the tests whose names contain one of these words.
        filtered: fn(&[String]) -> Outcome<Command>,
    },
}

const HAZARDS: &str = "hazards";
const INSTALL: &str = "install";
const CONFORMANCE: &str = "conformance";

const SUITES: &[Suite] = &[
    Suite { name: "rust", needs: &[&CC], on_dist: false, on_testing: false, tests: Tests::Workspace },
    Suite { name: HAZARDS, needs: &[&CC], on_dist: false, on_testing: false, tests: Tests::Hazards },
    Suite { name: CONFORMANCE, needs: &[&CC], on_dist: true, on_testing: false, tests: Tests::Targets(&[CONFORMANCE]) },
    Suite { name: "c", needs: &[&CC, &CXX], on_dist: true, on_testing: true, tests: Tests::Targets(&["c"]) },
    Suite {
        name: "emulator",
        needs: &[&CC, &CXX],
        on_dist: true,
        on_testing: true,
        tests: Tests::Targets(&["emulator"]),
    },
    Suite {
        name: "headers",
        needs: &[&CC, &CXX],
        on_dist: true,
        on_testing: false,
        tests: Tests::Targets(&["headers"]),
    },
    Suite { name: "cpp", needs: &[&CXX], on_dist: true, on_testing: true, tests: Tests::Targets(&["cpp"]) },
    Suite {
        name: "clang",
        needs: &[&CLANG, &DOXYGEN],
        on_dist: true,
        on_testing: false,
        tests: Tests::Targets(&["clang"]),
    },
    Suite {
        name: "go",
        needs: &[&GO, &CC],
        on_dist: true,
        on_testing: false,
        tests: Tests::Own { all: go::tests, filtered: go::some_tests },
    },
    Suite {
        name: "python",
        needs: &[&PYTHON, &CC],
        on_dist: true,
        on_testing: false,
        tests: Tests::Own { all: python::tests, filtered: python::some_tests },
    },
    Suite {
        name: "javascript",
        needs: &[&NODE, &NPM, &CHROMIUM],
        on_dist: true,
        on_testing: false,
        tests: Tests::Own { all: javascript::tests, filtered: javascript::some_tests },
    },
    Suite {
        name: "schemathesis",
        needs: &[&PYTHON, &CC],
        on_dist: false,
        on_testing: false,
        tests: Tests::Own { all: schemathesis::tests, filtered: schemathesis::some_tests },
    },
    Suite {
        name: INSTALL,
        needs: &[&CC, &CXX, &GO, &PKG_CONFIG, &CMAKE],
        on_dist: true,
        on_testing: false,
        tests: Tests::Installed,
    },
    Suite {
        name: "valgrind",
        needs: &[&CC, &CXX, &VALGRIND],
        on_dist: true,
        on_testing: false,
        tests: Tests::Targets(&["valgrind"]),
    },
    Suite {
        name: "archive",
        needs: &[&CC, &OTHER_RUSTC],
        on_dist: true,
        on_testing: true,
        tests: Tests::Targets(&["archive"]),
    },
];

fn names() -> Vec<&'static str> {
    SUITES.iter().map(|suite| suite.name).collect()
}

/// `cargo xtask test [--only a,b [-- FILTER]] [--all]`, or `cargo xtask test --env`.
pub(crate) fn command(arguments: &[String]) -> Outcome {
    if arguments == ["--env"] {
        print!("{}", environment::text());
        return Ok(());
    }
    let report = run(&Choice::parse(arguments, &names())?)?;
    println!("\n{report}\n\n{}", report.tally());
    report.outcome()
}

/// `cargo xtask soak`: the C suite's rounds, a hundred times as many.
pub(crate) fn soak() -> Outcome {
    dist::build_with_programs()?;
    dist::build_testing()?;
    let suite = SUITES.iter().find(|suite| suite.name == "c").ok_or("there is no suite `c`")?;
    let mut command = suite.command();
    command.args(["rounds", "--", "--nocapture"]).env("AICREDITS_ROUNDS", "1000000");
    tool::run(&mut command)
}

/// Runs the chosen suites, all of them even when one fails.
pub(crate) fn run(choice: &Choice) -> Outcome<Report> {
    let chosen = choice.suites(&names())?;
    let suites: Vec<_> = SUITES.iter().filter(|suite| chosen.contains(&suite.name)).collect();
    let mut report = Report::new(choice.insists());
    let built = if suites.iter().any(|suite| suite.on_dist && suite.missing().is_none()) {
        dist::build_with_programs().map_err(|error| error.to_string())
    } else {
        Ok(())
    };
    let built = match suites.iter().any(|suite| suite.on_testing && suite.missing().is_none()) {
        true => built.and_then(|()| dist::build_testing().map_err(|error| error.to_string())),
        false => built,
    };
    for suite in suites {
        if let Some(missing) = suite.missing() {
            report.left_out(suite.name, &missing);
            continue;
        }
        println!("\nsuite {}", suite.name);
        let (mut tally, started) = (Tally::default(), Instant::now());
        let ready = if suite.on_dist { built.clone() } else { Ok(()) };
        let ran = ready.map_err(Into::into).and_then(|()| suite.run(choice.filter(), &mut tally));
        report.ran(suite.name, started.elapsed(), tally, ran);
    }
    Ok(report)
}

impl Suite {
    fn missing(&self) -> Option<Missing> {
        self.needs.iter().find_map(|tool| tool.find().err())
    }

    fn run(&self, filter: &[String], tally: &mut Tally) -> Outcome {
        let mut commands = match self.tests {
            Tests::Own { filtered, .. } if !filter.is_empty() => vec![filtered(filter)?],
            Tests::Own { all, .. } => all()?,
            // Its Python column needs the package.
            Tests::Targets(targets) if targets.contains(&CONFORMANCE) && PYTHON.find().is_ok() => {
                python::prepare()?;
                vec![self.command()]
            }
            Tests::Installed => {
                install::stage()?;
                vec![self.command()]
            }
            // The benchmarks are a separate workspace with separate tests.
            Tests::Workspace => vec![self.command(), bench::cargo("test")],
            _ => vec![self.command()],
        };
        if !matches!(self.tests, Tests::Own { .. }) {
            // The runners of Rust tests, and those that imitate them, run a test whose name contains a word.
            for cargo in &mut commands {
                cargo.arg("--").args(filter);
            }
        }
        for mut command in commands {
            for variable in tool::SETTINGS {
                command.env_remove(variable);
            }
            tally.count(&mut command, &mut io::stdout())?;
        }
        if !filter.is_empty() && *tally == Tally::default() {
            return Err(
                format!("no test of the suite {} has `{}` in its name", self.name, filter.join("` or `")).into()
            );
        }
        Ok(())
    }

    /// Cargo's command for the suite, with the variables of [`environment`].
    fn command(&self) -> Command {
        let mut cargo = tool::cargo("test");
        cargo.arg("--no-fail-fast");
        match self.tests {
            Tests::Own { .. } => unreachable!("cargo does not run its tests"),
            Tests::Workspace => cargo.args([
                "--workspace",
                "--exclude",
                "aicredits-tests",
                "--features",
                "xtask/modules,xtask/generate",
            ]),
            Tests::Installed => cargo.args(["--package", "aicredits-tests", "--test", INSTALL]),
            Tests::Hazards => {
                cargo.args(["--package", "aicredits-tests", "--features", "stock-ureq", "--test", HAZARDS])
            }
            Tests::Targets(targets) => {
                cargo.args(["--package", "aicredits-tests"]).args(targets.iter().flat_map(|target| ["--test", target]))
            }
        };
        // A test that sets no base URL must not send the user's key to Wix.
        for variable in tool::SETTINGS {
            cargo.env_remove(variable);
        }
        if self.on_dist {
            environment::set(&mut cargo);
        }
        cargo
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A test target that no suite names would never run.
    #[test]
    fn every_test_target_belongs_to_a_suite() {
        let package = tool::root().join("tests");
        let manifest = std::fs::read_to_string(package.join("Cargo.toml")).unwrap();
        let declared = manifest.split("[[test]]").skip(1).map(|table| {
            let name = table.lines().find_map(|line| line.strip_prefix("name = ")).expect("a [[test]] has a name");
            name.trim_matches('"').to_owned()
        });
        let found = std::fs::read_dir(package.join("tests")).into_iter().flatten().filter_map(|entry| {
            let path = entry.unwrap().path();
            let is_target =
                path.extension().is_some_and(|extension| extension == "rs") || path.join("main.rs").is_file();
            is_target.then(|| path.file_stem().unwrap().to_string_lossy().into_owned())
        });
        for target in declared.chain(found) {
            let named = SUITES
                .iter()
                .any(|suite| matches!(suite.tests, Tests::Targets(names) if names.contains(&target.as_str())))
                || [HAZARDS, INSTALL].contains(&target.as_str());
            assert!(named, "test target `{target}` of aicredits-tests belongs to no suite in SUITES");
        }
    }
}
