//! The C libraries of the repository, one row each. Code that builds, checks or installs a library takes its row.

/// A C library.
pub(crate) struct CLibrary {
    /// `aicredits`, for `-laicredits`.
    pub(crate) name: &'static str,
    /// The crate of its C layer, in the folder of that name in `crates`.
    pub(crate) package: &'static str,
    /// The prefix of every symbol that it exports.
    pub(crate) prefix: &'static str,
    /// The number in the SONAME. It changes when a program that was linked with an earlier library could not run with this
    /// one, and does not depend on the version.
    pub(crate) abi: u32,
    /// The version of every exported symbol. A program is never bound to the symbols of another ABI, even if both are
    /// loaded.
    pub(crate) symbol_version: &'static str,
    /// The most bytes that the shared library may have.
    pub(crate) largest: u64,
    /// The name of its pkg-config file, without `.pc`.
    pub(crate) module: &'static str,
    /// Of its pkg-config file.
    pub(crate) description: &'static str,
    /// Its targets of CMake: the shared library, and the archive.
    pub(crate) targets: [&'static str; 2],
    /// The name of its Go package.
    #[cfg(feature = "generate")]
    pub(crate) go_package: &'static str,
    /// The folder of that package in the Go module.
    pub(crate) go_folder: &'static str,
}

/// The client.
pub(crate) const AICREDITS: CLibrary = CLibrary {
    name: "aicredits",
    package: "aicredits-ffi",
    prefix: "aicredits_",
    abi: 0,
    symbol_version: "AICREDITS_0",
    largest: 3_000_000,
    module: "aicredits",
    description: "A client for the AI credits of a Wix account or site",
    targets: ["aicredits::aicredits", "aicredits::static"],
    #[cfg(feature = "generate")]
    go_package: "aicredits",
    go_folder: "",
};

/// The emulator, for tests.
pub(crate) const EMULATOR: CLibrary = CLibrary {
    name: "aicredits_emulator",
    package: "aicredits-emulator-ffi",
    prefix: "aicredits_emulator_",
    abi: 0,
    symbol_version: "AICREDITS_EMULATOR_0",
    largest: 4_000_000,
    module: "aicredits-emulator",
    description: "An emulator of the AI credits API, in the process of a test",
    targets: ["aicredits::emulator", "aicredits::emulator-static"],
    #[cfg(feature = "generate")]
    go_package: "aicreditstest",
    go_folder: "aicreditstest",
};

/// All of them.
pub(crate) const C_LIBRARIES: &[CLibrary] = &[AICREDITS, EMULATOR];

impl CLibrary {
    /// The file name of its header, in `include`.
    pub(crate) fn header(&self) -> String {
        format!("{}.h", self.name)
    }

    /// The file name of the description of its API, in `include`.
    #[cfg(feature = "generate")]
    pub(crate) fn api(&self) -> String {
        format!("{}.api.json", self.name)
    }

    /// The file name of the static library, for cargo too.
    pub(crate) fn archive(&self) -> String {
        format!("lib{}.a", self.name)
    }

    /// The file name that the linker looks for.
    pub(crate) fn shared(&self) -> String {
        format!("lib{}.so", self.name)
    }

    /// The file name that programs ask the loader for.
    pub(crate) fn soname(&self) -> String {
        format!("{}.{}", self.shared(), self.abi)
    }

    /// The pattern of its symbols, for the linker and for objcopy.
    pub(crate) fn symbols(&self) -> String {
        format!("{}*", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool;

    #[test]
    fn files_are_named_by_the_rules_of_the_platform() {
        assert_eq!(AICREDITS.archive(), "libaicredits.a");
        assert_eq!(
            (AICREDITS.shared().as_str(), AICREDITS.soname().as_str()),
            ("libaicredits.so", "libaicredits.so.0")
        );
    }

    #[test]
    fn each_has_a_crate_and_a_header() {
        for library in C_LIBRARIES {
            assert!(tool::root().join("crates").join(library.package).is_dir(), "{}", library.package);
            assert!(tool::root().join("include").join(library.header()).is_file(), "{}", library.header());
        }
    }
}
