//! The symbols: a debugger that has them names the lines of our source in a backtrace through the library.

use std::fs;
use std::path::Path;

use super::Checks;
use crate::dist;
use crate::elf;
use crate::library::C_LIBRARIES;
use crate::package::{debug, release};
use crate::symbols;
use crate::target::{Libc, Target};
use crate::tool::{self, CC, Outcome, Tool};

const VERSION: &str = env!("CARGO_PKG_VERSION");
const GDB: Tool = Tool::new("GDB", &["gdb"], "apt-get install gdb");

/// A program that stops in a callback of a call.
const PROGRAM: &str = r#"#include <aicredits.h>
#include <stdlib.h>

static void provide(void *user, aicredits_credential *credential) {
    (void)user;
    (void)credential;
    abort();
}

int main(void) {
    aicredits_config *config = aicredits_config_new();
    aicredits_client *client = NULL;
    aicredits_balance *balance = NULL;
    aicredits_config_set_account_id(config, "00000000-0000-0000-0000-000000000000");
    aicredits_config_set_credential_provider(config, provide, NULL, NULL);
    if (aicredits_client_new(config, &client, NULL) == AICREDITS_STATUS_OK) {
        return (int)aicredits_client_get_balance(client, NULL, &balance, NULL);
    }
    return 0;
}
"#;

/// The frames that the backtrace must have, each with its file: the entry in C's name, which may be inlined, and the core
/// below it.
const FRAMES: [(&str, &str); 3] = [
    ("provide", "program.c:"),
    ("aicredits::", "crates/aicredits/src/"),
    ("aicredits_client_get_balance ", "crates/aicredits-ffi/src/client.rs:"),
];

/// Finds the symbols of every native file of the tarballs, and reads a backtrace with them.
pub(in crate::package) fn run(checks: &mut Checks) -> Outcome {
    for target in checks.targets.clone() {
        let folder = release::scratch().join("check-debug").join(target.triple);
        let what = "debug: symbols of each native file";
        let packages = checks.packages.clone();
        checks.prove(what, &target.platform(), || {
            unpack(&packages, &folder, target).and_then(|()| each(&folder, target))
        });
        if target.runs_here() && target.libc == Libc::Glibc {
            checks.prove("debug: backtrace through the library", "GDB", || backtrace(&folder));
        }
    }
    Ok(())
}

/// Both archives, one over the other.
fn unpack(packages: &Path, folder: &Path, target: &Target) -> Outcome {
    tool::remove_folder(folder)?;
    fs::create_dir_all(folder)?;
    let platform = target.platform();
    for name in [format!("aicredits-{VERSION}-{platform}"), debug::name(&platform)] {
        let archive = packages.join(format!("{name}.tar.gz"));
        if !archive.exists() {
            return Err(format!("there is no {}: choose the kinds tarball and debug", archive.display()).into());
        }
        let mut tar = tool::command("tar");
        tool::run(tar.arg("-xzf").arg(archive).arg("--strip-components=1").arg("-C").arg(folder))?;
    }
    Ok(())
}

fn each(folder: &Path, target: &Target) -> Outcome {
    let shared = C_LIBRARIES.iter().map(|library| folder.join("lib").join(library.shared()));
    // The static command has none.
    let command = (target.libc == Libc::Glibc).then(|| folder.join("bin/aicredits"));
    for binary in shared.chain(command) {
        let id = elf::build_id(&binary)?.ok_or_else(|| format!("{} has no build id", binary.display()))?;
        let symbols = folder.join(symbols::place(&id)?);
        if elf::build_id(&symbols)? != Some(id) || !elf::has_lines(&symbols)? {
            return Err(format!("{} has no line table of {}", symbols.display(), binary.display()).into());
        }
        if elf::has_lines(&binary)? {
            return Err(format!("{} has its symbols still", binary.display()).into());
        }
    }
    for library in C_LIBRARIES {
        let archive = folder.join("lib").join(library.archive());
        if elf::has_lines(&archive)? {
            return Err(format!("{} has symbols of debuggers", archive.display()).into());
        }
    }
    Ok(())
}

fn backtrace(folder: &Path) -> Outcome {
    let (source, program) = (folder.join("program.c"), folder.join("program"));
    fs::write(&source, PROGRAM)?;
    let mut compiler = CC.command()?;
    compiler.arg("-g");
    dist::compile(&mut compiler, folder, &source, &program);
    tool::run(&mut compiler)?;
    let mut gdb = GDB.command()?;
    gdb.args(["-nx", "-batch", "-ex"]).arg(format!("set debug-file-directory {}", folder.join("lib/debug").display()));
    gdb.args(["-ex", "set debuginfod enabled off", "-ex", "run", "-ex", "backtrace"]).arg(program);
    let printed = tool::read(&mut gdb)?;
    match absent(&printed) {
        None => Ok(()),
        Some(frame) => Err(format!("the backtrace has no line for `{frame}`:\n{printed}").into()),
    }
}

/// The first frame that is not there with its file.
fn absent(backtrace: &str) -> Option<&'static str> {
    let frames = || backtrace.lines().filter(|line| line.starts_with('#'));
    let is_there = |(function, file): (&str, &str)| frames().any(|line| line.contains(function) && line.contains(file));
    FRAMES.into_iter().find(|&frame| !is_there(frame)).map(|(function, _)| function)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_without_its_line_is_absent() {
        let whole = "#0  0x1 in abort () from libc.so.6\n#1  0x2 in provide (user=0x0) at program.c:7\n\
            #2  0x3 in aicredits::client::Client::get_balance_with () at crates/aicredits/src/client.rs:1\n\
            #3  0x4 in aicredits_client_get_balance () at crates/aicredits-ffi/src/client.rs:2\n";
        assert_eq!(absent(whole), None);
        assert_eq!(absent(&whole.replace("aicredits-ffi/src/client.rs:2", "?")), Some("aicredits_client_get_balance "));
        assert_eq!(absent(&whole.replace("at crates/aicredits/", "")), Some("aicredits::"));
    }
}
