//! The parts of a release that are no packages of cargo: zig links them, or rustc brings them.

use std::fs;
use std::path::PathBuf;

use super::release;
use crate::python;
use crate::runtime::{self, LLVM, Runtime};
use crate::target::{Libc, Target};
use crate::tool::Outcome;

const ZIG: &str = "The runtime of Zig's C compiler: MIT
    Copyright (c) Zig contributors; the text is below.
";
const MUSL: &str = "The C library musl, in the static command: MIT
    Copyright (c) 2005-2020 Rich Felker, et al.; the text is below.
";

/// The parts that files for these platforms may contain.
pub(super) fn of_a_release(targets: &[&Target]) -> Outcome<Vec<Runtime>> {
    let zig = zig()?;
    let text = |place: &str| Some(zig.join(place));
    let mut parts = vec![
        Runtime {
            name: "llvm-libunwind",
            version: runtime::rustc("LLVM version")?,
            license: "Apache-2.0 WITH LLVM-exception",
            notice: LLVM,
            text: text("lib/libunwind/LICENSE.TXT"),
        },
        runtime::standard_library()?,
        Runtime {
            name: "zig-compiler-rt",
            version: version(release::ZIG)?,
            license: "MIT",
            notice: ZIG,
            text: text("LICENSE"),
        },
    ];
    if targets.iter().any(|target| target.libc == Libc::Musl) {
        let source = fs::read_to_string(zig.join("lib/libc/musl/src/internal/version.h"))?;
        let version = source.split('"').nth(1).ok_or("zig's musl has no version")?.to_owned();
        let text = text("lib/libc/musl/COPYRIGHT");
        parts.insert(1, Runtime { name: "musl", version, license: "MIT", notice: MUSL, text });
    }
    Ok(parts)
}

/// Of the first package of requirements.
fn version(requirements: &str) -> Outcome<String> {
    let line = requirements.lines().next().and_then(|line| line.split_once("=="));
    Ok(line.ok_or("the requirements name no version")?.1.to_owned())
}

/// The folder of zig's package.
pub(super) fn zig() -> Outcome<PathBuf> {
    let environment = python::program(release::VENV, "python");
    let lib = environment.ancestors().nth(2).ok_or("it is in a folder")?.join("lib");
    for entry in fs::read_dir(&lib)? {
        let folder = entry?.path().join("site-packages/ziglang");
        if folder.is_dir() {
            return Ok(folder);
        }
    }
    Err(format!("there is no zig in {}", lib.display()).into())
}
