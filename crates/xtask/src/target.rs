//! The platforms that a release is for, one row each.

use crate::tool::Outcome;

/// The oldest glibc that a release runs with: that of Debian 10, RHEL 8 and `manylinux_2_28`.
pub(crate) const GLIBC: &str = "2.28";

/// Which C library a platform has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Libc {
    Glibc,
    Musl,
}

/// A platform.
#[derive(Debug)]
pub(crate) struct Target {
    /// As rustc names it.
    pub(crate) triple: &'static str,
    /// As `uname -m` and Python's wheels name the processor.
    pub(crate) processor: &'static str,
    pub(crate) libc: Libc,
}

/// All of them.
pub(crate) const TARGETS: &[Target] = &[
    Target { triple: "x86_64-unknown-linux-gnu", processor: "x86_64", libc: Libc::Glibc },
    Target { triple: "x86_64-unknown-linux-musl", processor: "x86_64", libc: Libc::Musl },
    Target { triple: "aarch64-unknown-linux-gnu", processor: "aarch64", libc: Libc::Glibc },
    Target { triple: "aarch64-unknown-linux-musl", processor: "aarch64", libc: Libc::Musl },
];

/// The platform of this machine's processor with this C library.
pub(crate) fn of_this_machine(libc: Libc) -> Outcome<&'static Target> {
    let here = TARGETS.iter().find(|target| target.runs_here() && target.libc == libc);
    Ok(here.ok_or("no platform of a release is this machine's")?)
}

impl Target {
    /// As zig's C compiler names it, with the oldest glibc.
    pub(crate) fn zig(&self) -> String {
        match self.libc {
            Libc::Glibc => format!("{}-linux-gnu.{GLIBC}", self.processor),
            Libc::Musl => format!("{}-linux-musl", self.processor),
        }
    }

    /// As `cargo zigbuild` takes it.
    pub(crate) fn cargo(&self) -> String {
        match self.libc {
            Libc::Glibc => format!("{}.{GLIBC}", self.triple),
            Libc::Musl => self.triple.to_owned(),
        }
    }

    /// As Go names the processor.
    pub(crate) fn go(&self) -> &'static str {
        self.debian()
    }

    /// As Debian names the folder of its libraries.
    pub(crate) fn multiarch(&self) -> String {
        format!("{}-linux-gnu", self.processor)
    }

    /// As Debian names the processor.
    pub(crate) fn debian(&self) -> &'static str {
        if self.processor == "aarch64" { "arm64" } else { "amd64" }
    }

    /// Whether this machine runs its static programs.
    pub(crate) fn runs_here(&self) -> bool {
        self.processor == std::env::consts::ARCH
    }

    /// In the names of files that are published: `linux-x86_64`, or `linux-x86_64-musl`.
    pub(crate) fn platform(&self) -> String {
        let suffix = if self.libc == Libc::Musl { "-musl" } else { "" };
        format!("linux-{}{suffix}", self.processor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_platform_in_each_tool() {
        let names: Vec<_> = TARGETS.iter().map(|target| (target.zig(), target.cargo(), target.platform())).collect();
        let names: Vec<_> = names.iter().map(|(zig, cargo, platform)| [zig.as_str(), cargo, platform]).collect();
        assert_eq!(
            names[..2],
            [
                ["x86_64-linux-gnu.2.28", "x86_64-unknown-linux-gnu.2.28", "linux-x86_64"],
                ["x86_64-linux-musl", "x86_64-unknown-linux-musl", "linux-x86_64-musl"],
            ]
        );
        assert_eq!((TARGETS[0].multiarch().as_str(), TARGETS[0].debian()), ("x86_64-linux-gnu", "amd64"));
        assert_eq!((TARGETS[2].multiarch().as_str(), TARGETS[2].debian()), ("aarch64-linux-gnu", "arm64"));
        for target in TARGETS {
            assert!(target.triple.starts_with(target.processor), "{target:?}");
        }
    }
}
