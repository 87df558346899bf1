//! The Go module: its path, and where the archives of the libraries lie in it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::library::{C_LIBRARIES, CLibrary};
use crate::target::{Libc, Target};
use crate::tool::{self, Outcome};

/// The path by which programs import it. A placeholder: the domain does not exist.
///
/// To rename the module, change it here and run `cargo xtask generate`, which writes it everywhere else.
pub(crate) const PATH: &str = "aicredits.example/aicredits";

/// The module in the repository. It has no archives.
pub(crate) fn folder() -> PathBuf {
    tool::root().join("bindings/go")
}

/// The folder of a library's archive for a platform, in the module. It is a package, because `go mod vendor` drops folders
/// that are none.
pub(crate) fn native(library: &CLibrary, target: &Target) -> PathBuf {
    Path::new(library.go_folder).join("internal/native").join(platform(target))
}

/// As the module names a platform.
pub(crate) fn platform(target: &Target) -> String {
    let libc = if target.libc == Libc::Musl { "musl" } else { "glibc" };
    format!("linux_{}_{libc}", target.go())
}

/// Copies the archives of a platform from its `dist` into a copy of the module.
pub(crate) fn put_archives(module: &Path, target: &Target, dist: &Path) -> Outcome {
    for library in C_LIBRARIES {
        let place = module.join(native(library, target)).join(library.archive());
        fs::copy(dist.join("lib").join(library.archive()), place)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::{AICREDITS, EMULATOR};
    use crate::target::TARGETS;

    #[test]
    fn an_archive_lies_in_a_package_of_its_platform() {
        let places: Vec<_> = TARGETS.iter().map(|target| native(&AICREDITS, target).display().to_string()).collect();
        let platforms = ["linux_amd64_glibc", "linux_amd64_musl", "linux_arm64_glibc", "linux_arm64_musl"];
        assert_eq!(places, platforms.map(|platform| format!("internal/native/{platform}")));
        for library in [&AICREDITS, &EMULATOR] {
            let package = folder().join(native(library, &TARGETS[0]));
            assert!(package.join("native.go").is_file(), "{}", package.display());
        }
    }

    /// Otherwise a release would have archives of an earlier build.
    #[test]
    fn the_repository_has_no_archives() {
        assert_eq!(tool::tracked_files(&["*.a"]).unwrap(), [""; 0]);
    }
}
