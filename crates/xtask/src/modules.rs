//! Dependencies between the modules of a crate point one way: no crate has a cycle, and the core keeps to the order in
//! `docs/architecture.md`.

use crate::tool::Outcome;

#[cfg(feature = "modules")]
mod graph;
#[cfg(feature = "modules")]
mod parse;
#[cfg(feature = "modules")]
mod rules;

/// Fails if a crate has a cycle, or the core breaks its order.
#[cfg(feature = "modules")]
pub(crate) fn check() -> Outcome {
    rules::check()
}

/// Runs an xtask that has the parser in it: this one, compiled once more.
#[cfg(not(feature = "modules"))]
pub(crate) fn check() -> Outcome {
    use crate::tool;

    tool::run(tool::cargo("run").args(["--quiet", "--package", "xtask", "--features", "modules", "--", "modules"]))
}

#[cfg(all(test, feature = "modules"))]
mod tests;
