//! The command as one static file, for any Linux.

use std::fs;
use std::path::Path;

use super::artefact::Artefact;
use super::build::Built;
use super::release::VERSION;
use crate::licenses;
use crate::target::Libc;
use crate::tool::Outcome;

/// Copies it, with the licences of what it contains next to it.
pub(super) fn make(built: &Built, packages: &Path) -> Outcome<Vec<Artefact>> {
    if built.target.libc != Libc::Musl {
        return Ok(Vec::new());
    }
    let file = packages.join(format!("aicredits-{VERSION}-linux-{}", built.target.processor));
    fs::copy(&built.command, &file)?;
    let notices = licenses::next_to(&file);
    fs::write(&notices, built.notices()?)?;
    Ok(vec![Artefact::new(file.clone(), &[file])?, Artefact::new(notices, &[])?])
}
