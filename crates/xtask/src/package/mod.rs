//! `cargo xtask package`: what a release publishes, for each platform, in `target/packages`.
//!
//! `release` has the programs that build for a platform, `build` what is built once for all
//! kinds; each kind of package has a module. Every file is an `Artefact`, a row of the table that ends it.

mod artefact;
mod build;
mod release;
mod tarball;

use std::fs;
use std::path::Path;

use artefact::Artefact;
use build::Built;

use crate::target::{Libc, TARGETS, Target};
use crate::tool::{self, Outcome};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A kind of package that is made for each platform.
struct Kind {
    name: &'static str,
    make: fn(&Built, &Path) -> Outcome<Vec<Artefact>>,
}

const KINDS: &[Kind] = &[Kind { name: "tarball", make: tarball::make }, Kind { name: "command", make: command_alone }];

/// `cargo xtask package [--target T] [--only a,b]`.
pub(crate) fn command(arguments: &[String]) -> Outcome {
    let (targets, kinds) = chosen(arguments)?;
    let packages = tool::root().join("target/packages");
    if packages.exists() {
        fs::remove_dir_all(&packages)?;
    }
    fs::create_dir_all(&packages)?;
    let mut made = Vec::new();
    for target in targets {
        let built = build::build(target)?;
        for kind in &kinds {
            made.extend((kind.make)(&built, &packages)?);
        }
    }
    print!("{}", artefact::table(&packages, &made)?);
    Ok(())
}

/// The command as one static file, for any Linux.
fn command_alone(built: &Built, packages: &Path) -> Outcome<Vec<Artefact>> {
    if built.target.libc != Libc::Musl {
        return Ok(Vec::new());
    }
    let file = packages.join(format!("aicredits-{VERSION}-linux-{}", built.target.processor));
    fs::copy(&built.command, &file)?;
    Ok(vec![Artefact::new(file.clone(), &[file])?])
}

/// The platforms and the kinds that the arguments choose.
fn chosen(arguments: &[String]) -> Outcome<(Vec<&'static Target>, Vec<&'static Kind>)> {
    let (mut targets, mut kinds): (Vec<_>, Vec<_>) = (TARGETS.iter().collect(), KINDS.iter().collect());
    let mut words = arguments.iter();
    while let Some(option) = words.next() {
        let value = words.next().ok_or_else(|| format!("{option} needs a value"))?;
        match option.as_str() {
            "--target" => targets = vec![named(TARGETS, |target| target.triple, value)?],
            "--only" => {
                kinds = value.split(',').map(|name| named(KINDS, |kind| kind.name, name)).collect::<Outcome<_>>()?
            }
            _ => return Err(format!("there is no option `{option}`; there are --target and --only").into()),
        }
    }
    Ok((targets, kinds))
}

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
            let (targets, kinds) = chosen(&words(line)).unwrap();
            (targets.len(), kinds.iter().map(|kind| kind.name).collect::<Vec<_>>())
        };
        assert_eq!(names(""), (4, vec!["tarball", "command"]));
        assert_eq!(names("--target x86_64-unknown-linux-musl --only command"), (1, vec!["command"]));
        let refused = |line: &str| chosen(&words(line)).err().unwrap().to_string();
        assert_eq!(refused("--only deb"), "there is no `deb`; there are: tarball, command");
        assert!(refused("--target mips").starts_with("there is no `mips`; there are: x86_64-unknown-linux-gnu, "));
        assert_eq!(refused("--only"), "--only needs a value");
        assert_eq!(refused("--all now"), "there is no option `--all`; there are --target and --only");
    }
}
