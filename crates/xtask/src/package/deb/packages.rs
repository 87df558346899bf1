//! The packages of Debian, one row each.

use crate::target::Target;

/// Upstream's version, and the first packaging of it.
pub(super) const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "-1");

/// The project has no address yet; the release checklist names this one.
pub(super) const MAINTAINER: &str = "The aicredits authors <maintainers@project.example>";

/// A package of Debian.
#[derive(Debug)]
pub(in crate::package) struct Package {
    pub(in crate::package) name: &'static str,
    pub(super) section: &'static str,
    /// Whether two processors' packages can be installed together, or one serves the programs of another.
    pub(super) multi_arch: &'static str,
    pub(super) summary: &'static str,
    pub(super) description: &'static str,
    /// Reports of lintian on this package alone that are no faults, each with the reason above it.
    pub(super) overrides: &'static str,
}

/// Its number is that of the SONAMEs.
pub(super) const LIBRARY: Package = Package {
    name: "libaicredits0",
    section: "libs",
    multi_arch: "same",
    summary: "client for the AI credits of a Wix account or site (C library)",
    description: "It reads the balance of AI credits with Wix's GetBalance API, with one deadline
for a call, retries and a connection pool.
.
This package has the shared libraries: the client, and an emulator of the API
for tests.",
    overrides: "",
};

pub(super) const DEVELOPMENT: Package = Package {
    name: "libaicredits-dev",
    section: "libdevel",
    multi_arch: "same",
    summary: "client for the AI credits of a Wix account or site (development)",
    description: "It reads the balance of AI credits with Wix's GetBalance API, with one deadline
for a call, retries and a connection pool.
.
This package has the headers of C and C++, the static libraries, files for
pkg-config and CMake, the documentation and the examples. The emulator of the
API is for tests.",
    overrides: "# README.md links it by this name.
wrong-name-for-upstream-changelog
",
};

pub(super) const COMMAND: Package = Package {
    name: "aicredits",
    section: "utils",
    multi_arch: "foreign",
    summary: "show the AI credits of a Wix account or site",
    description: "It prints the balance of AI credits as a table, JSON or CSV, answers whether an
action may run, and has an exit status for monitoring.
.
It also runs an emulator of Wix's GetBalance API, for tests.",
    overrides: "",
};

pub(in crate::package) const PACKAGES: [&Package; 3] = [&LIBRARY, &DEVELOPMENT, &COMMAND];

impl Package {
    /// The name of its file.
    pub(in crate::package) fn file(&self, target: &Target) -> String {
        format!("{}_{VERSION}_{}.deb", self.name, target.debian())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::C_LIBRARIES;

    #[test]
    fn the_package_of_the_libraries_is_named_by_their_sonames() {
        for library in C_LIBRARIES {
            assert_eq!(LIBRARY.name, format!("libaicredits{}", library.abi), "{}", library.name);
        }
    }

    #[test]
    fn lines_are_as_short_as_debian_has_them() {
        for package in PACKAGES {
            let lines = [package.summary].into_iter().chain(package.description.lines());
            assert!(lines.into_iter().all(|line| !line.is_empty() && line.len() < 80), "{package:?}");
        }
    }
}
