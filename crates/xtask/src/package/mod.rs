//! `cargo xtask package`: what a release publishes, for each platform, in `target/packages`.
//!
//! `release` has the programs that build for a platform, `build` what is built once for all
//! kinds; each kind of package has a module. Every file is an `Artefact`, a row of the table that ends it.
//! With `--check`, `check` installs each file in a bare tree and makes a call there.

mod artefact;
mod build;
mod check;
mod command_alone;
mod crates;
mod deb;
mod debug;
mod go;
mod release;
mod runtime;
mod sbom;
mod tarball;
mod wheel;

use std::fs;
use std::path::Path;

use artefact::Artefact;
use build::Built;
use check::Checks;
use check::reproducible::SecondBuild;

use crate::target::{self, Libc, TARGETS, Target};
use crate::tool::{self, Outcome};

/// A kind of package.
struct Kind {
    name: &'static str,
    make: Make,
    /// Proves the files of this kind where a user would use them.
    check: fn(&mut Checks) -> Outcome,
}

/// Makes the files of a kind in a folder.
enum Make {
    /// Those of one platform.
    EachPlatform(fn(&Built, &Path) -> Outcome<Vec<Artefact>>),
    /// Those of one platform that have a separate build.
    Separate(fn(&Target, &Path) -> Outcome<Vec<Artefact>>),
    /// Those that are sources, for which nothing is built.
    Sources(fn(&Path) -> Outcome<Vec<Artefact>>),
    /// Those that have something of every platform in them.
    Once(fn(&[Built], &Path) -> Outcome<Vec<Artefact>>),
}

const KINDS: &[Kind] = &[
    Kind { name: "tarball", make: Make::EachPlatform(tarball::make), check: check::tarball::run },
    Kind { name: "command", make: Make::EachPlatform(command_alone::make), check: check::command::run },
    Kind { name: "debug", make: Make::EachPlatform(debug::make), check: check::debug::run },
    Kind { name: "crates", make: Make::Sources(crates::make), check: check::crates::run },
    Kind { name: "go", make: Make::Once(go::make), check: check::go::run },
    Kind { name: "wheel", make: Make::Separate(wheel::make), check: check::wheel::run },
    Kind {
        name: "free-threaded",
        make: Make::Separate(wheel::make_free_threaded),
        check: check::wheel::run_free_threaded,
    },
    Kind { name: "sdist", make: Make::Sources(wheel::make_source), check: check::wheel::run_source },
    Kind { name: "deb", make: Make::EachPlatform(deb::make), check: check::deb::run },
];

/// `cargo xtask package [--target T] [--only a,b] [--check [--all]]`.
pub(crate) fn command(arguments: &[String]) -> Outcome {
    let choice = chosen(arguments)?;
    let packages = tool::root().join("target/packages");
    tool::remove_folder(&packages)?;
    fs::create_dir_all(&packages)?;
    let second = if choice.check == Some(Extent::All) {
        let what: Vec<_> =
            arguments.iter().filter(|it| !["--check", "--all"].contains(&it.as_str())).cloned().collect();
        Some(SecondBuild::start(&what)?)
    } else {
        None
    };
    let mut built = Vec::new();
    let is_built = |kind: &&Kind| matches!(kind.make, Make::EachPlatform(_) | Make::Once(_));
    let targets = if choice.kinds.iter().any(is_built) { &choice.targets[..] } else { &[] };
    for target in targets {
        built.push(build::build(target)?);
    }
    let mut made = Vec::new();
    for kind in &choice.kinds {
        match kind.make {
            Make::EachPlatform(make) => {
                for built in &built {
                    made.extend(with_sboms(make(built, &packages)?, Some(built.target))?);
                }
            }
            Make::Separate(make) => {
                for target in &choice.targets {
                    made.extend(with_sboms(make(target, &packages)?, Some(target))?);
                }
            }
            Make::Once(make) => made.extend(with_sboms(make(&built, &packages)?, None)?),
            Make::Sources(make) => made.extend(with_sboms(make(&packages)?, None)?),
        }
    }
    let table = artefact::table(&packages, &made)?;
    let Some(extent) = choice.check else {
        print!("{table}");
        return Ok(());
    };
    let mut checks = Checks::new(&packages, &choice.targets, extent == Extent::All);
    for kind in &choice.kinds {
        (kind.check)(&mut checks)?;
    }
    check::provenance::run(&mut checks)?;
    if let Some(second) = second {
        second.compare(&mut checks)?;
    }
    print!("{table}\n{checks}");
    checks.outcome()
}

/// For CI: the packages of this machine's platform, each proved in one bare tree. The other kinds take a second build of
/// the same crates, and are for `--check --all`.
pub(crate) fn check_here() -> Outcome {
    let here = target::of_this_machine(Libc::Glibc)?;
    let mut package = tool::cargo("xtask");
    package.args(["package", "--target", here.triple, "--only", "tarball,debug,crates,go,wheel,deb", "--check"]);
    // They take most of the time of a build, and none of these proofs depends on them.
    package.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
    tool::run(package.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"))
}

/// Each file, and its bill of materials.
fn with_sboms(made: Vec<Artefact>, target: Option<&Target>) -> Outcome<Vec<Artefact>> {
    let mut all = Vec::new();
    for artefact in made {
        if sbom::describes(&artefact.file) {
            all.push(Artefact::new(sbom::write(&artefact.file, target)?, &[])?);
        }
        all.push(artefact);
    }
    Ok(all)
}

/// The choice that the arguments make.
struct Choice {
    targets: Vec<&'static Target>,
    kinds: Vec<&'static Kind>,
    check: Option<Extent>,
}

/// How much is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    /// In one bare tree.
    Short,
    All,
}

fn chosen(arguments: &[String]) -> Outcome<Choice> {
    let mut choice = Choice { targets: TARGETS.iter().collect(), kinds: KINDS.iter().collect(), check: None };
    let mut words = arguments.iter();
    while let Some(option) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{option} needs a value"));
        match option.as_str() {
            "--target" => choice.targets = vec![named(TARGETS, |target| target.triple, value()?)?],
            "--only" => {
                let named = value()?.split(',').map(|name| named(KINDS, |kind| kind.name, name));
                choice.kinds = named.collect::<Outcome<_>>()?;
            }
            "--check" => choice.check = choice.check.or(Some(Extent::Short)),
            "--all" => choice.check = Some(Extent::All),
            _ => return Err(format!("there is no option `{option}`; {OPTIONS}").into()),
        }
    }
    if choice.check == Some(Extent::All) && !arguments.iter().any(|option| option == "--check") {
        return Err("--all is for --check".into());
    }
    Ok(choice)
}

const OPTIONS: &str = "there are --target, --only, --check and --all";

fn named<T>(all: &'static [T], name: fn(&T) -> &'static str, wanted: &str) -> Outcome<&'static T> {
    let known = || all.iter().map(name).collect::<Vec<_>>().join(", ");
    Ok(all
        .iter()
        .find(|one| name(one) == wanted)
        .ok_or_else(|| format!("there is no `{wanted}`; there are: {}", known()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn platforms_and_kinds_are_chosen_by_name() {
        let names = |line: &str| {
            let choice = chosen(&words(line)).unwrap();
            let kinds: Vec<_> = choice.kinds.iter().map(|kind| kind.name).collect();
            (choice.targets.len(), kinds, choice.check)
        };
        assert_eq!(names("").0, 4);
        assert_eq!(names("").1.len(), KINDS.len());
        assert_eq!(names("--target x86_64-unknown-linux-musl --only command"), (1, vec!["command"], None));
        assert_eq!(names("--only tarball,command --check").1, ["tarball", "command"]);
        assert_eq!((names("--check").2, names("--all --check").2), (Some(Extent::Short), Some(Extent::All)));
        let refused = |line: &str| chosen(&words(line)).err().unwrap().to_string();
        assert!(refused("--only rpm").starts_with("there is no `rpm`; there are: tarball, command"));
        assert!(refused("--target mips").starts_with("there is no `mips`; there are: x86_64-unknown-linux-gnu, "));
        assert_eq!(refused("--only"), "--only needs a value");
        assert_eq!(refused("--now"), format!("there is no option `--now`; {OPTIONS}"));
        assert_eq!(refused("--all"), "--all is for --check");
    }
}
