//! The main job on a fresh machine: the same small program in each language, against the emulator or against Wix.
//!
//! Everything is built with the profile `demo`, which takes a tenth of a release's time. It has its own folder: the
//! libraries in `target/dist` are the ones for use.

use std::env;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use crate::dist;
use crate::emulator::Emulator;
use crate::go;
use crate::library::AICREDITS;
use crate::progress;
use crate::python;
use crate::tool::{self, AR, CC, CXX, GO, LD, OBJCOPY, Outcome, PYTHON, Tool};
use crate::toolchain::Toolchain;

/// A language, and how its program is made ready to run.
struct Language {
    name: &'static str,
    needs: &'static [&'static Tool],
    package: &'static str,
    program: fn() -> Outcome<Command>,
}

/// All packages of the demo. A build that names fewer gives other features to shared crates, and compiles them again.
pub(crate) const PACKAGES: [&str; 4] = [COMMAND, EXAMPLE, LIBRARY, python::PACKAGE];

const COMMAND: &str = "aicredits-cli";
const EXAMPLE: &str = "aicredits-example";
const LIBRARY: &str = "aicredits-ffi";

/// In the order of the output: the program that is built soonest comes first.
const LANGUAGES: &[Language] = &[
    Language { name: "Rust", needs: &[&CC], package: EXAMPLE, program: rust },
    Language { name: "C", needs: &[&CC, &LD, &OBJCOPY, &AR], package: LIBRARY, program: c },
    Language { name: "C++", needs: &[&CXX, &CC, &LD, &OBJCOPY, &AR], package: LIBRARY, program: cpp },
    Language { name: "Go", needs: &[&GO, &CC, &LD, &OBJCOPY, &AR], package: LIBRARY, program: golang },
    Language { name: "Python", needs: &[&PYTHON, &CC], package: python::PACKAGE, program: py },
];

fn rust() -> Outcome<Command> {
    Ok(tool::command(folder().join("balance")))
}

fn c() -> Outcome<Command> {
    compiled(CC.command()?, "c99", "balance.c")
}

fn cpp() -> Outcome<Command> {
    compiled(CXX.command()?, "c++17", "balance.cpp")
}

fn compiled(mut compiler: Command, standard: &str, source: &str) -> Outcome<Command> {
    let program = folder().join(source.replace('.', "-"));
    compiler.arg(format!("-std={standard}")).args(["-Wall", "-Wextra", "-pedantic", "-Werror"]);
    dist::compile(&mut compiler, &dist_folder(), &tool::root().join("examples").join(source), &program);
    tool::run(&mut compiler)?;
    Ok(tool::command(program))
}

fn golang() -> Outcome<Command> {
    let program = folder().join("balance-go");
    go::example(&dist_folder(), &program)?;
    Ok(tool::command(program))
}

fn py() -> Outcome<Command> {
    let path = folder().join("python");
    python::in_place(&folder(), &path)?;
    let mut command = PYTHON.command()?;
    command.env("PYTHONPATH", path).arg(tool::root().join("examples/balance.py"));
    Ok(command)
}

/// Where cargo puts what it builds with the profile. The other files of the demo lie there too.
pub(crate) fn folder() -> PathBuf {
    tool::cargo_target().join("demo")
}

fn dist_folder() -> PathBuf {
    folder().join("dist")
}

/// The options of `cargo xtask demo`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    /// Names of languages in small letters; none: all.
    only: Vec<String>,
    timings: bool,
}

impl Options {
    fn parse(arguments: &[String]) -> Outcome<Options> {
        let mut options = Options::default();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let only = match argument.as_str() {
                "--timings" => {
                    options.timings = true;
                    continue;
                }
                "--only" => arguments.next().map(String::as_str),
                other => Some(
                    other
                        .strip_prefix("--only=")
                        .ok_or_else(|| format!("`{other}` is neither --only nor --timings"))?,
                ),
            };
            let only = only.ok_or_else(|| format!("--only needs languages, of: {}", names()))?;
            options.only.extend(only.split(',').map(str::to_lowercase));
        }
        let unknown = |only: &&String| LANGUAGES.iter().all(|language| !language.is_called(only));
        match options.only.iter().find(unknown) {
            Some(unknown) => Err(format!("there is no language `{unknown}`; there are: {}", names()).into()),
            None => Ok(options),
        }
    }

    /// Whether a language that cannot run is a failure: it is if the user named that language.
    fn insists(&self) -> bool {
        !self.only.is_empty()
    }

    fn languages(&self) -> impl Iterator<Item = &'static Language> {
        LANGUAGES.iter().filter(|language| !self.insists() || self.only.iter().any(|only| language.is_called(only)))
    }
}

impl Language {
    fn is_called(&self, name: &str) -> bool {
        self.name.to_lowercase() == name
    }
}

/// All languages, as `--only` takes them.
pub(crate) fn names() -> String {
    LANGUAGES.iter().map(|language| language.name.to_lowercase()).collect::<Vec<_>>().join(",")
}

/// `cargo xtask demo [--only a,b] [--timings]`.
pub(crate) fn command(arguments: &[String]) -> Outcome {
    let started = Instant::now();
    let options = Options::parse(arguments)?;
    let mut failed = Vec::new();
    let mut ready = Vec::new();
    for language in options.languages() {
        match language.needs.iter().find_map(|tool| tool.find().err()) {
            None => ready.push(language),
            Some(missing) => {
                println!("{}: left out: {missing}", language.name);
                failed.extend(options.insists().then_some(language.name));
            }
        }
    }
    let mut packages = vec![COMMAND];
    packages.extend(ready.iter().map(|language| language.package));
    build("building the command and the Rust example", &packages, &["--bins"])?;
    let service = service()?;
    let mut has_libraries = false;
    for language in ready {
        if language.package != EXAMPLE && !has_libraries {
            build("building the libraries", &packages, &[])?;
            if packages.contains(&LIBRARY) {
                dist::lay_out(&folder(), &dist_folder(), &[AICREDITS], &Toolchain::of_this_machine()?)?;
            }
            has_libraries = true;
        }
        let ran =
            progress::report(&format!("preparing {}", language.name), language.program).and_then(|mut program| {
                if let Some(emulator) = &service {
                    emulator.speak_to(&mut program);
                }
                println!("\n{}:", language.name);
                io::stdout().flush()?;
                tool::run(&mut program)
            });
        if options.timings {
            println!("({:.1} s after the start)", started.elapsed().as_secs_f64());
        }
        if let Err(error) = ran {
            eprintln!("{error}");
            failed.push(language.name);
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("failed in {}", failed.join(", ")).into()) }
}

/// Builds these targets of the packages. Each call names all packages, so that a crate which two of them share has the
/// same features in each call and is compiled once.
pub(crate) fn build(step: &str, packages: &[&str], targets: &[&str]) -> Outcome {
    let mut cargo = tool::cargo("build");
    cargo.args(["--profile", "demo"]).args(packages.iter().flat_map(|package| ["--package", package])).args(targets);
    if packages.contains(&python::PACKAGE) {
        cargo.args(["--features", python::EXTENSION_MODULE]);
    }
    progress::report(step, || tool::run(&mut cargo))
}

/// The emulator, or none where the programs ask Wix.
fn service() -> Outcome<Option<Emulator>> {
    if env::var_os("WIX_API_KEY").is_some_and(|key| !key.is_empty()) {
        println!("WIX_API_KEY is set: asking Wix, with the WIX_... and AICREDITS_... variables of your environment");
        return Ok(None);
    }
    println!("WIX_API_KEY is not set: asking the emulator, on this machine");
    Emulator::start(&folder()).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Outcome<Options> {
        Options::parse(&arguments.iter().map(|&argument| argument.to_owned()).collect::<Vec<_>>())
    }

    fn chosen(arguments: &[&str]) -> Vec<&'static str> {
        parse(arguments).unwrap().languages().map(|language| language.name).collect()
    }

    #[test]
    fn languages_are_chosen_by_name() {
        assert_eq!(chosen(&[]), ["Rust", "C", "C++", "Go", "Python"]);
        assert_eq!(chosen(&["--only", "python"]), ["Python"]);
        assert_eq!(chosen(&["--only=C++,rust", "--timings"]), ["Rust", "C++"]);
        assert_eq!(chosen(&["--only", "go", "--only", "c"]), ["C", "Go"]);
        assert!(parse(&["--only", "go"]).unwrap().insists() && !parse(&["--timings"]).unwrap().insists());
    }

    #[test]
    fn wrong_options_say_what_there_is() {
        let refusal = |arguments: &[&str]| parse(arguments).unwrap_err().to_string();
        assert_eq!(refusal(&["--only"]), "--only needs languages, of: rust,c,c++,go,python");
        assert_eq!(refusal(&["--only", "perl"]), "there is no language `perl`; there are: rust,c,c++,go,python");
        assert_eq!(refusal(&["--only", "c,"]), "there is no language ``; there are: rust,c,c++,go,python");
        assert_eq!(refusal(&["--fast"]), "`--fast` is neither --only nor --timings");
    }

    /// The demo is quick for two reasons: no optimization of the whole program, and no crate that only tests need. The
    /// command's emulator serves TLS, so it has rcgen, and a file of its authority.
    #[test]
    fn the_demo_builds_what_it_runs_and_nothing_else() {
        let mut cargo = tool::cargo("tree");
        cargo.args(["--offline", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"]);
        cargo.args(PACKAGES.iter().flat_map(|package| ["--package", package]));
        let built = tool::read(&mut cargo).unwrap();
        for only_for_tests in ["shuttle", "ureq v", "reqwest"] {
            assert!(!built.lines().any(|line| line.starts_with(only_for_tests)), "{only_for_tests}");
        }
        let manifest = std::fs::read_to_string(tool::root().join("Cargo.toml")).unwrap();
        let (_, profile) = manifest.split_once("[profile.demo]").unwrap();
        assert!(profile.contains("lto = \"off\"") && profile.contains("opt-level = 0"), "{profile}");
    }
}
