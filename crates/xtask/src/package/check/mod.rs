//! `cargo xtask package --check`: each file is installed where a user would use it, and a call is made there.
//!
//! `tree` has the bare trees; each kind of package has a module. The table says what was proved, and what was not run and
//! why.

pub(super) mod command;
pub(super) mod crates;
pub(super) mod deb;
pub(super) mod debug;
pub(super) mod go;
pub(super) mod provenance;
pub(super) mod reproducible;
pub(super) mod tarball;
mod tree;
pub(super) mod wheel;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

pub(super) use tree::{Debian, Session};

use crate::target::{Libc, Target};
use crate::tool::Outcome;

/// The files that are proved, and the result so far.
pub(super) struct Checks {
    /// `target/packages`.
    pub(super) packages: PathBuf,
    /// The platforms that were built.
    pub(super) targets: Vec<&'static Target>,
    /// In every tree, and not in the oldest alone.
    pub(super) all: bool,
    proofs: Vec<Proof>,
}

struct Proof {
    what: String,
    place: String,
    result: Result<(), Missed>,
}

/// The programs of a bare tree that a proof needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    Compiler,
    /// CMake or Meson, which only the trees of this machine's processor have.
    BuildSystem,
}

/// The limit of a file's size, in bytes, where there is one.
pub(super) struct SizeLimit(Option<u64>);

impl SizeLimit {
    /// Fails if the file is larger.
    pub(super) fn check(&self, file: &Path) -> Outcome {
        let size = fs::metadata(file)?.len();
        match self.0 {
            Some(largest) if size > largest => Err(format!("{size} bytes; the limit is {largest}").into()),
            _ => Ok(()),
        }
    }
}

/// Why there is no proof.
enum Missed {
    Failed(String),
    NotRun(String),
}

impl Checks {
    pub(super) fn new(packages: &Path, targets: &[&'static Target], all: bool) -> Checks {
        Checks { packages: packages.to_owned(), targets: targets.to_owned(), all, proofs: Vec::new() }
    }

    /// Proves one thing in one place. A failure is a row of the table, and the next proof follows.
    pub(super) fn prove(&mut self, what: &str, place: &str, proof: impl FnOnce() -> Outcome) {
        eprintln!("checking: {what}, {place}");
        let result = proof().map_err(|error| Missed::Failed(error.to_string()));
        if let Err(Missed::Failed(reason)) = &result {
            eprintln!("FAILED: {what}, {place}: {reason}");
        }
        self.add(what, place, result);
    }

    /// Proves one thing in a fresh copy of a bare tree.
    pub(super) fn prove_in(
        &mut self,
        debian: Debian,
        target: &Target,
        needs: Needs,
        what: &str,
        proof: impl FnOnce(&mut Session) -> Outcome,
    ) {
        let place = format!("{debian} {}", target.processor);
        if needs == Needs::BuildSystem && !target.runs_here() {
            return self.not_run(what, &place, "the tree of an emulated processor has no CMake and no Meson");
        }
        match Session::new(debian, target.processor, &self.packages) {
            Ok(mut session) => self.prove(what, &place, || proof(&mut session)),
            Err(reason) => self.not_run(what, &place, &reason.to_string()),
        }
    }

    /// Lists what cannot be proved here.
    pub(super) fn not_run(&mut self, what: &str, place: &str, reason: &str) {
        eprintln!("not run: {what}, {place}: {reason}");
        self.add(what, place, Err(Missed::NotRun(reason.to_owned())));
    }

    fn add(&mut self, what: &str, place: &str, result: Result<(), Missed>) {
        self.proofs.push(Proof { what: what.to_owned(), place: place.to_owned(), result });
    }

    /// The platforms with this C library that were built.
    pub(super) fn platforms(&self, libc: Libc) -> Vec<&'static Target> {
        self.targets.iter().copied().filter(|target| target.libc == libc).collect()
    }

    /// The trees in which files for this platform are proved.
    pub(super) fn trees(&self, target: &Target) -> &'static [Debian] {
        // Another processor is emulated, which takes its time.
        if self.all && target.runs_here() {
            &[Debian::Bullseye, Debian::Bookworm, Debian::Trixie]
        } else {
            &[Debian::Bullseye]
        }
    }

    /// This limit for the files of a release. CI builds larger ones.
    pub(super) fn size_limit(&self, largest: u64) -> SizeLimit {
        SizeLimit(self.all.then_some(largest))
    }

    /// Whether all that was run has passed.
    pub(super) fn outcome(&self) -> Outcome {
        let failed = self.proofs.iter().filter(|proof| matches!(proof.result, Err(Missed::Failed(_)))).count();
        let passed = self.proofs.iter().filter(|proof| proof.result.is_ok()).count();
        match (passed, failed) {
            (_, 1..) => Err(format!("{failed} of the checks failed").into()),
            (0, _) => Err("no check was run".into()),
            _ => Ok(()),
        }
    }
}

/// The table, one row for each proof.
impl fmt::Display for Checks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| what | where | result |\n|---|---|---|")?;
        for Proof { what, place, result } in &self.proofs {
            let result = match result {
                Ok(()) => "passed".to_owned(),
                Err(Missed::Failed(reason)) => format!("**failed**: {}", first_line(reason)),
                Err(Missed::NotRun(reason)) => format!("not run: {}", first_line(reason)),
            };
            writeln!(f, "| {what} | {place} | {result} |")?;
        }
        Ok(())
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_and_a_run_without_proofs_are_no_success() {
        let mut checks = Checks::new(Path::new("/"), &[], false);
        assert_eq!(checks.outcome().unwrap_err().to_string(), "no check was run");
        checks.not_run("wheel", "Debian 11", "no interpreter\n(and more)");
        assert!(checks.outcome().is_err());
        checks.prove("tarball", "here", || Ok(()));
        assert!(checks.outcome().is_ok());
        checks.prove("command", "here", || Err("it crashed".into()));
        assert_eq!(checks.outcome().unwrap_err().to_string(), "1 of the checks failed");
        assert_eq!(
            checks.to_string(),
            "| what | where | result |\n|---|---|---|\n| wheel | Debian 11 | not run: no interpreter |\n\
             | tarball | here | passed |\n| command | here | **failed**: it crashed |\n"
        );
    }
}
