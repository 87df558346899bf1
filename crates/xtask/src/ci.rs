//! Everything that must hold before a change goes in.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Instant;

use crate::api::Api;
use crate::background::Background;
use crate::bench;
use crate::demo;
use crate::dist;
use crate::elf;
use crate::generate;
use crate::language;
use crate::library::{C_LIBRARIES, CLibrary};
use crate::licenses;
use crate::modules;
use crate::native;
use crate::package;
use crate::pictures;
use crate::policy;
use crate::python;
use crate::report::{Report, Tally};
use crate::style;
use crate::suites::{self, Choice};
use crate::tool::{self, Outcome};
use crate::version;

type Check = fn() -> Outcome;

/// The checks before the tests, in the order in which they answer soonest.
const CHECKS: &[(&str, Check)] = &[
    ("format", format),
    ("C style", style::check),
    ("generated files", generate::check),
    ("language", language::check),
    ("version", version::check),
    ("licenses", licenses::check),
    ("modules", modules::check),
    ("lints", lints),
    ("python lints", python::lints),
    ("dependencies", policy::dependencies),
    ("minimum Rust", policy::minimum_rust),
    ("docs", docs),
    ("demo", demo),
    ("pictures", pictures::check),
    ("libraries", libraries),
];

/// The check that takes longest. It needs no suite, so it runs while the suites do: many of them wait.
const LONG_CHECK: (&str, Check) = ("packages", package::check_here);

/// `cargo xtask ci`: every check and every suite, also after one has failed. `--only a,b`: these checks, and no suite.
///
/// Its last line is the sum of the suites, in which a check that failed counts as one failure.
pub(crate) fn command(arguments: &[String]) -> Outcome {
    let mut report = Report::new(true);
    let checks = chosen(arguments)?;
    for (name, check) in &checks {
        println!("\n{name}");
        let started = Instant::now();
        let result = check();
        report.ran(name, started.elapsed(), Tally::default(), result);
    }
    if arguments.is_empty() {
        let (name, _) = LONG_CHECK;
        let background = Background::start(name)?;
        report.append(suites::run(&Choice::ALL)?);
        let (printed, took, result) = background.wait()?;
        println!("\n{printed}");
        report.ran(name, took, Tally::default(), result);
    }
    println!("\n{report}\n\n{}", report.tally());
    report.outcome()
}

fn chosen(arguments: &[String]) -> Outcome<Vec<(&'static str, Check)>> {
    let names: Vec<&str> = match arguments {
        [] => return Ok(CHECKS.to_vec()),
        [option, names] if option == "--only" => names.split(',').collect(),
        _ => return Err("takes --only a,b or nothing".into()),
    };
    let all = || CHECKS.iter().chain([&LONG_CHECK]);
    let known = || all().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let check = |name: &&str| all().find(|(known, _)| known == name);
    let checks = names
        .iter()
        .map(|name| check(name).copied().ok_or_else(|| format!("there is no check `{name}`; there are: {}", known())));
    Ok(checks.collect::<Result<_, _>>()?)
}

fn format() -> Outcome {
    tool::run(tool::cargo("fmt").args(["--all", "--check"]))?;
    tool::run(bench::cargo("fmt").arg("--check"))
}

fn lints() -> Outcome {
    let mut clippy = tool::cargo("clippy");
    clippy.args([
        "--workspace",
        "--all-targets",
        "--features",
        "xtask/generate,xtask/modules,aicredits-tests/stock-ureq,aicredits-ffi/testing,aicredits-emulator-ffi/testing",
    ]);
    clippy.args(["--", "--deny", "warnings"]);
    tool::run(&mut clippy)?;
    let mut clippy = bench::cargo("clippy");
    tool::run(clippy.args(["--all-targets", "--features", "contenders", "--", "--deny", "warnings"]))
}

fn docs() -> Outcome {
    for mut doc in [tool::cargo("doc"), bench::cargo("doc")] {
        tool::run(doc.args(["--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))?;
    }
    Ok(())
}

/// `cargo xtask demo` prints the emulator's figures in every language.
fn demo() -> Outcome {
    // Not this very program: a check before may have had cargo replace its file.
    let mut demo = tool::cargo("xtask");
    demo.args(["demo", "--timings", "--only", &demo::names()]);
    for variable in tool::SETTINGS {
        demo.env_remove(variable);
    }
    let output = tool::read(&mut demo)?;
    println!("{output}");
    let figures = output.lines().filter(|line| *line == "recurring: 850 of 1000").count();
    let languages = demo::names().split(',').count();
    if figures == languages { Ok(()) } else { Err(format!("{figures} figures in {languages} languages").into()) }
}

/// The libraries in `target/dist` export the symbols of their headers, and need no more than they may.
fn libraries() -> Outcome {
    dist::build()?;
    let mut wrong = Vec::new();
    for library in C_LIBRARIES {
        wrong.extend(faults(library)?);
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn faults(library: &CLibrary) -> Outcome<Vec<String>> {
    let lib = dist::folder().join("lib");
    let (shared, archive) = (library.shared(), library.archive());
    let api = Api::parse(&fs::read_to_string(tool::root().join("include").join(library.header()))?)?;
    let declared: Vec<_> = api.functions.into_iter().map(|function| function.name).collect();
    let file = lib.join(&shared);
    let exported = elf::exported(&file)?;
    let mut wrong = unversioned(library, &exported, &elf::versions(&file)?);
    let names: Vec<_> = exported.into_iter().map(|(name, _)| name).collect();
    wrong.extend(differences(&shared, &names, &declared));
    wrong.extend(differences(&archive, &elf::global(&lib.join(&archive))?, &declared));
    wrong.extend(native::faults(&file)?);
    wrong.extend(too_large(library, &file)?);
    Ok(wrong)
}

fn differences(library: &str, offered: &[String], declared: &[String]) -> Vec<String> {
    let (offered, declared): (BTreeSet<_>, BTreeSet<_>) = (offered.iter().collect(), declared.iter().collect());
    let extra = offered
        .difference(&declared)
        .map(|name| format!("{library} exports {name}, which the header does not declare"));
    let absent = declared.difference(&offered).map(|name| format!("{library} lacks {name}, which the header declares"));
    extra.chain(absent).collect()
}

/// Each symbol has the library's version, and the library defines no other.
fn unversioned(library: &CLibrary, exported: &[(String, String)], versions: &[String]) -> Vec<String> {
    let (shared, wanted) = (library.shared(), library.symbol_version);
    let symbols = exported.iter().filter(|(_, version)| version != wanted);
    let mut wrong: Vec<_> = symbols
        .map(|(name, version)| format!("{shared} exports {name} with the version `{version}` and not {wanted}"))
        .collect();
    if versions != [wanted] {
        wrong.push(format!("{shared} defines the symbol versions {versions:?} and not {wanted}"));
    }
    wrong
}

fn too_large(library: &CLibrary, file: &Path) -> Outcome<Option<String>> {
    let (size, shared) = (fs::metadata(file)?.len(), library.shared());
    println!("{shared}: {size} bytes");
    let allowed = library.largest;
    Ok((size > allowed).then(|| format!("{shared} has {size} bytes; it may have {allowed}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::AICREDITS;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn checks_are_chosen_by_name() {
        let chosen = |names: &str| super::chosen(&["--only".to_owned(), names.to_owned()]);
        let names: Vec<_> = chosen("lints,format").unwrap().iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["lints", "format"]);
        let error = chosen("lint").unwrap_err().to_string();
        assert!(error.starts_with("there is no check `lint`; there are: format, "), "{error}");
    }

    #[test]
    fn exported_and_declared_symbols_must_be_the_same() {
        let wrong = differences("lib", &names(&["aicredits_a", "malloc"]), &names(&["aicredits_a", "aicredits_b"]));
        assert_eq!(
            wrong,
            [
                "lib exports malloc, which the header does not declare",
                "lib lacks aicredits_b, which the header declares"
            ]
        );
    }

    #[test]
    fn each_symbol_has_the_version_of_the_abi() {
        let symbol = |version: &str| ("aicredits_a".to_owned(), version.to_owned());
        assert_eq!(unversioned(&AICREDITS, &[symbol("AICREDITS_0")], &names(&["AICREDITS_0"])), Vec::<String>::new());
        assert_eq!(unversioned(&AICREDITS, &[symbol("")], &names(&[])).len(), 2);
        assert_eq!(unversioned(&AICREDITS, &[symbol("AICREDITS_0")], &names(&["AICREDITS_0", "AICREDITS_9"])).len(), 1);
    }
}
