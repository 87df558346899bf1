//! The programs that make a library from what cargo has built.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use crate::tool::{self, AR, CC, LD, OBJCOPY, Outcome};

/// Each program with its first arguments.
#[derive(Debug)]
pub(crate) struct Toolchain {
    /// A linker that knows `--force-group-allocation`.
    pub(crate) ld: Vec<OsString>,
    pub(crate) objcopy: Vec<OsString>,
    pub(crate) ar: Vec<OsString>,
    /// A C compiler that links for the platform.
    pub(crate) cc: Vec<OsString>,
    /// Arguments of `cc` for a shared library: above all, those that link the unwinder in.
    pub(crate) shared: &'static [&'static str],
    /// The archive of the unwinder, where users' compilers bring none: it becomes a part of the finished archive.
    pub(crate) unwinder: Option<PathBuf>,
    /// The folder for the symbols of debuggers. Without one they are dropped.
    pub(crate) symbols: Option<PathBuf>,
}

impl Toolchain {
    /// The C compiler and the binutils of this machine. A missing one is named.
    pub(crate) fn of_this_machine() -> Outcome<Toolchain> {
        let program = |tool: &tool::Tool| tool.find().map(|path| vec![path.into_os_string()]);
        Ok(Toolchain {
            cc: program(&CC)?,
            ld: program(&LD)?,
            objcopy: program(&OBJCOPY)?,
            ar: program(&AR)?,
            shared: &["-static-libgcc", "-Wl,-O1"],
            unwinder: None,
            symbols: None,
        })
    }

    pub(crate) fn ld(&self) -> Command {
        command(&self.ld)
    }

    pub(crate) fn objcopy(&self) -> Command {
        command(&self.objcopy)
    }

    pub(crate) fn ar(&self) -> Command {
        command(&self.ar)
    }

    pub(crate) fn cc(&self) -> Command {
        command(&self.cc)
    }
}

fn command(words: &[OsString]) -> Command {
    let [program, arguments @ ..] = words else { unreachable!("each program has a name") };
    let mut command = tool::command(program);
    command.args(arguments);
    command
}
