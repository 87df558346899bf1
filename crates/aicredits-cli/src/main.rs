//! The command `aicredits` as a program.

use std::alloc::System;
use std::ffi::OsString;
use std::process::ExitCode;

use zeroizing_alloc::ZeroAlloc;

/// A key passes through buffers of TLS and of parsers too. All memory is wiped when it is freed.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    ExitCode::from(aicredits_cli::main(&args))
}
