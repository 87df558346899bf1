//! Symbols for debuggers, apart from the files that need them: a debugger finds them by the build id of both.

use std::fs;
use std::path::{Path, PathBuf};

use crate::elf;
use crate::tool::{self, Outcome};
use crate::toolchain::Toolchain;

/// The argument of a C compiler by which a file gets a build id. It is a hash of the file's contents.
pub(crate) const BUILD_ID: &str = "-Wl,--build-id=sha1";

/// Copies the symbols of a program or a shared library to their place in the folder.
pub(crate) fn keep(binary: &Path, folder: &Path, tools: &Toolchain) -> Outcome {
    let id = elf::build_id(binary)?.ok_or_else(|| format!("{} has no build id", binary.display()))?;
    let kept = folder.join(place(&id)?);
    fs::create_dir_all(kept.parent().ok_or("it is in a folder")?)?;
    tool::run(tools.objcopy().arg("--only-keep-debug").arg(binary).arg(kept))
}

/// Where debuggers look, below a folder of theirs, such as `/usr`.
pub(crate) fn place(build_id: &str) -> Outcome<PathBuf> {
    let (start, rest) = build_id.split_at_checked(2).ok_or("the build id is too short")?;
    Ok(Path::new("lib/debug/.build-id").join(start).join(format!("{rest}.debug")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_lie_where_a_debugger_looks() {
        assert_eq!(place("1755ab").unwrap(), Path::new("lib/debug/.build-id/17/55ab.debug"));
        assert!(place("1").is_err());
    }
}
