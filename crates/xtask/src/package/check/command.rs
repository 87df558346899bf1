//! The static command, alone in an empty tree.

use super::{Checks, Session};
use crate::target::Libc;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The limit of its size, in bytes.
const LARGEST: u64 = 4_500_000;

/// Reads a balance from the command's own emulator.
pub(in crate::package) fn run(checks: &mut Checks) -> crate::tool::Outcome {
    for target in checks.platforms(Libc::Musl) {
        let program = checks.packages.join(format!("aicredits-{VERSION}-linux-{}", target.processor));
        let limit = checks.size_limit(LARGEST);
        let what = if checks.all { "static command, and its size" } else { "static command" };
        checks.prove(what, &format!("an empty tree, {}", target.processor), || {
            limit.check(&program)?;
            let tree = Session::empty(target.processor)?;
            tree.copy(&program, "/aicredits")?;
            let words = ["/aicredits", "emulator", "exec", "--", "/aicredits", "balance", "--output", "csv"];
            let balance = tree.read_program(&words)?;
            if balance.contains("850") { Ok(()) } else { Err(format!("it printed: {balance}").into()) }
        });
    }
    Ok(())
}
