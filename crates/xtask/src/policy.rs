//! The policy for dependencies, and the minimum Rust version.

use std::process::Command;

use crate::tool::{self, CARGO_DENY, Outcome};

/// The packages that users compile. Their manifests name the minimum Rust version.
const SHIPPED: [&str; 7] = [
    "aicredits",
    "aicredits-ffi",
    "aicredits-cli",
    "aicredits-emulator",
    "aicredits-emulator-ffi",
    "aicredits-python",
    "xtask",
];

/// Licences, bans and sources of the dependencies, by `deny.toml`; advisories too where their database can be reached.
pub(crate) fn dependencies() -> Outcome {
    tool::run(deny()?.args(["check", "licenses", "bans", "sources"]))?;
    if deny()?.arg("fetch").output()?.status.success() {
        tool::run(deny()?.args(["check", "advisories"]))
    } else {
        println!("advisories: left out, because the database of RustSec cannot be reached");
        Ok(())
    }
}

fn deny() -> Outcome<Command> {
    let mut deny = CARGO_DENY.command()?;
    deny.args(["--locked", "--all-features"]);
    Ok(deny)
}

/// Compiles what is shipped with the `rust-version` of the manifests.
pub(crate) fn minimum_rust() -> Outcome {
    let version = env!("CARGO_PKG_RUST_VERSION");
    let cargo = || {
        let mut rustup = tool::command("rustup");
        // The toolchain that runs this would win otherwise.
        rustup.env_remove("RUSTUP_TOOLCHAIN").env_remove("RUSTC").args(["run", version, "cargo"]);
        rustup
    };
    if !cargo().arg("--version").output().is_ok_and(|output| output.status.success()) {
        return Err(format!("no Rust {version}: rustup toolchain install {version} --profile minimal").into());
    }
    let mut check = cargo();
    check.current_dir(tool::root()).env("CARGO_TARGET_DIR", tool::cargo_target().join("minimum-rust"));
    check.args(["check", "--locked"]).args(SHIPPED.iter().flat_map(|package| ["--package", package]));
    tool::run(&mut check)
}
