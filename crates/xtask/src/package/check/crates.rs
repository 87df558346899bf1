//! The crates: each builds from what is packed.

use std::fs;

use super::Checks;
use crate::package::{crates, release};
use crate::tool::{self, Outcome};

/// Builds them from the packed files alone, and compares those with the published ones.
pub(in crate::package) fn run(checks: &mut Checks) -> Outcome {
    let packages = checks.packages.clone();
    checks.prove("crates: build from the packed files", "cargo package", || {
        let built = release::scratch().join("check-crates");
        tool::run(&mut crates::cargo(&built))?;
        for name in crates::PUBLISHED {
            if fs::read(crates::packed(&built, name))? != fs::read(packages.join(crates::file_name(name)))? {
                return Err(format!("{name} is not the one that was built").into());
            }
        }
        Ok(())
    });
    Ok(())
}
