//! The test suites: what each needs, and how it runs.

use std::io;
use std::process::Command;
use std::time::Instant;

use crate::dist;
use crate::go;
use crate::install;
use crate::python;
use crate::report::{Report, Tally};
use crate::tool::{
    self, CC, CLANG, CMAKE, CXX, DOXYGEN, GO, Missing, OTHER_RUSTC, Outcome, PKG_CONFIG, PYTHON, Tool, VALGRIND,
};

/// A set of tests with one list of needs.
struct Suite {
    name: &'static str,
    needs: &'static [&'static Tool],
    /// Whether it tests what stands in `target/dist` and the programs beside it, which are then built first.
    on_dist: bool,
    /// Whether it needs the library with the hooks for tests besides.
    on_testing: bool,
    tests: Tests,
}

/// How a suite's tests are run.
enum Tests {
    /// Every test of the workspace save those of `aicredits-tests`.
    Workspace,
    /// These test targets of `aicredits-tests`.
    Targets(&'static [&'static str]),
    /// The hazards, each beside ureq as it comes.
    Hazards,
    /// The installed tree, which is made first.
    Installed,
    /// Another language's own runner: what must hold before, and the commands that run tests.
    Own(fn() -> Outcome<Vec<Command>>),
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
    Suite { name: "go", needs: &[&GO, &CC], on_dist: true, on_testing: false, tests: Tests::Own(go::tests) },
    Suite {
        name: "python",
        needs: &[&PYTHON, &CC],
        on_dist: true,
        on_testing: false,
        tests: Tests::Own(python::tests),
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

/// Which suites are asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    /// None: all of them, as far as their tools are there.
    only: Option<Vec<String>>,
    /// A missing tool is a failure.
    all: bool,
}

impl Choice {
    /// Every suite, and none may be left out.
    pub(crate) const ALL: Choice = Choice { only: None, all: true };

    fn parse(arguments: &[String]) -> Outcome<Choice> {
        let mut choice = Choice::default();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--all" => choice.all = true,
                "--only" => {
                    let names = arguments.next().ok_or_else(|| format!("--only needs names, of: {}", names()))?;
                    choice.only = Some(names.split(',').map(str::to_owned).collect());
                }
                other => return Err(format!("`{other}` is neither --only a,b nor --all").into()),
            }
        }
        Ok(choice)
    }

    fn suites(&self) -> Outcome<Vec<&'static Suite>> {
        let Some(only) = &self.only else {
            return Ok(SUITES.iter().collect());
        };
        if let Some(unknown) = only.iter().find(|name| SUITES.iter().all(|suite| suite.name != **name)) {
            return Err(format!("there is no suite `{unknown}`; there are: {}", names()).into());
        }
        Ok(SUITES.iter().filter(|suite| only.iter().any(|name| name == suite.name)).collect())
    }

    /// Whether a suite that cannot run is a failure: it is where one asked for it.
    fn insists(&self) -> bool {
        self.all || self.only.is_some()
    }
}

fn names() -> String {
    SUITES.iter().map(|suite| suite.name).collect::<Vec<_>>().join(", ")
}

/// `cargo xtask test [--only a,b] [--all]`.
pub(crate) fn command(arguments: &[String]) -> Outcome {
    let report = run(&Choice::parse(arguments)?)?;
    println!("\n{report}\n\n{}", report.tally());
    report.outcome()
}

/// `cargo xtask soak`: the C suite's rounds, a hundred times as many.
pub(crate) fn soak(arguments: &[String]) -> Outcome {
    if !arguments.is_empty() {
        return Err("takes nothing".into());
    }
    dist::build_with_programs()?;
    dist::build_testing()?;
    let suite = SUITES.iter().find(|suite| suite.name == "c").ok_or("there is no suite `c`")?;
    let mut command = suite.command();
    command.args(["rounds", "--", "--nocapture"]).env("AICREDITS_ROUNDS", "1000000");
    tool::run(&mut command)
}

/// Runs the chosen suites, all of them even when one fails.
pub(crate) fn run(choice: &Choice) -> Outcome<Report> {
    let suites = choice.suites()?;
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
        let ran = ready.map_err(Into::into).and_then(|()| suite.run(&mut tally));
        report.ran(suite.name, started.elapsed(), tally, ran);
    }
    Ok(report)
}

impl Suite {
    fn missing(&self) -> Option<Missing> {
        self.needs.iter().find_map(|tool| tool.find().err())
    }

    fn run(&self, tally: &mut Tally) -> Outcome {
        let commands = match self.tests {
            Tests::Own(commands) => commands()?,
            // Its Python column needs the package.
            Tests::Targets(targets) if targets.contains(&CONFORMANCE) && PYTHON.find().is_ok() => {
                python::prepare()?;
                let mut command = self.command();
                command.env("AICREDITS_PYTHON", python::interpreter());
                vec![command]
            }
            Tests::Installed => {
                install::stage()?;
                vec![self.command()]
            }
            _ => vec![self.command()],
        };
        for mut command in commands {
            for variable in tool::SETTINGS {
                command.env_remove(variable);
            }
            tally.count(&mut command, &mut io::stdout())?;
        }
        Ok(())
    }

    /// The tests find their surroundings in the environment:
    ///
    /// | variable | holds |
    /// |---|---|
    /// | `AICREDITS_DIST` | `target/dist`, absolute |
    /// | `AICREDITS_BIN` | the folder of the release programs: the command `aicredits`, the Rust example `balance` |
    /// | `AICREDITS_TESTING` | the same of the library with the hooks for tests |
    /// | `AICREDITS_INSTALLED` | a tree installed at its prefix, in the suite of that name |
    /// | `AICREDITS_MOVED` | a tree that was moved after it was installed, likewise |
    /// | `AICREDITS_CC` | the C compiler |
    /// | `AICREDITS_CXX` | the C++ compiler; unset where there is none |
    /// | `AICREDITS_CLANG` | clang's C++ compiler, likewise |
    /// | `AICREDITS_DOXYGEN` | the command `doxygen`, likewise |
    /// | `AICREDITS_GO` | the command `go`, likewise |
    /// | `AICREDITS_PYTHON` | a Python that has the package, likewise; for `conformance` alone |
    /// | `AICREDITS_OTHER_RUSTC` | a Rust compiler of another version, likewise |
    fn command(&self) -> Command {
        let mut cargo = tool::cargo("test");
        cargo.arg("--no-fail-fast");
        match self.tests {
            Tests::Own(_) => unreachable!("it has commands of its own"),
            Tests::Workspace => {
                cargo.args(["--workspace", "--exclude", "aicredits-tests", "--features", "xtask/modules"])
            }
            Tests::Installed => cargo.args(["--package", "aicredits-tests", "--test", INSTALL]),
            Tests::Hazards => {
                cargo.args(["--package", "aicredits-tests", "--features", "stock-ureq", "--test", HAZARDS])
            }
            Tests::Targets(targets) => {
                cargo.args(["--package", "aicredits-tests"]).args(targets.iter().flat_map(|target| ["--test", target]))
            }
        };
        // A test that forgot to say whom it asks must not ask Wix, with the user's key.
        for variable in tool::SETTINGS {
            cargo.env_remove(variable);
        }
        if self.on_dist {
            cargo.env("AICREDITS_DIST", dist::folder()).env("AICREDITS_BIN", dist::programs());
            cargo.env("AICREDITS_TESTING", dist::testing_folder()).env("AICREDITS_INSTALLED", install::at_its_prefix());
            cargo.env("AICREDITS_MOVED", install::moved());
            for (variable, tool) in [
                ("AICREDITS_CC", &CC),
                ("AICREDITS_CXX", &CXX),
                ("AICREDITS_CLANG", &CLANG),
                ("AICREDITS_DOXYGEN", &DOXYGEN),
                ("AICREDITS_GO", &GO),
                ("AICREDITS_OTHER_RUSTC", &OTHER_RUSTC),
            ] {
                match tool.find() {
                    Ok(path) => cargo.env(variable, path),
                    Err(_) => cargo.env_remove(variable),
                };
            }
        }
        cargo
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(arguments: &[&str]) -> Outcome<Choice> {
        Choice::parse(&arguments.iter().map(|&argument| argument.to_owned()).collect::<Vec<_>>())
    }

    fn chosen(arguments: &[&str]) -> Vec<&'static str> {
        choice(arguments).unwrap().suites().unwrap().iter().map(|suite| suite.name).collect()
    }

    #[test]
    fn only_narrows_and_keeps_the_order_of_the_table() {
        assert_eq!(chosen(&["--only", "c,rust"]), ["rust", "c"]);
        assert_eq!(chosen(&[]).len(), SUITES.len());
    }

    #[test]
    fn an_unknown_suite_is_refused_with_the_list() {
        let error = choice(&["--only", "rust,cobol"]).unwrap().suites().err().unwrap().to_string();
        assert_eq!(
            error,
            "there is no suite `cobol`; there are: rust, hazards, conformance, c, headers, cpp, clang, go, python, install, valgrind, archive"
        );
        assert!(choice(&["--only"]).is_err());
        assert!(choice(&["--every"]).is_err());
    }

    #[test]
    fn a_missing_tool_fails_only_where_one_asked_for_its_suite() {
        assert!(!choice(&[]).unwrap().insists());
        assert!(choice(&["--all"]).unwrap().insists());
        assert!(choice(&["--only", "c"]).unwrap().insists());
    }

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
