//! Dependencies between the modules of a crate point one way: no crate has a cycle, and the core keeps to the order in
//! `docs/architecture.md`.

use crate::tool::{self, Outcome};

#[cfg(feature = "modules")]
mod graph;
#[cfg(feature = "modules")]
mod parse;
#[cfg(feature = "modules")]
mod rules;

/// `cargo xtask modules`; `--raw` is what it asks of itself, with the parser compiled in.
pub(crate) fn command(arguments: &[String]) -> Outcome {
    match arguments {
        [] => check(),
        [option] if option == "--raw" => check_here(),
        _ => Err("takes no argument".into()),
    }
}

/// Fails if a crate has a cycle, or the core breaks its order.
pub(crate) fn check() -> Outcome {
    tool::run(tool::cargo("run").args([
        "--quiet",
        "--package",
        "xtask",
        "--features",
        "modules",
        "--",
        "modules",
        "--raw",
    ]))
}

#[cfg(not(feature = "modules"))]
fn check_here() -> Outcome {
    Err("the parser is not compiled in".into())
}

#[cfg(feature = "modules")]
fn check_here() -> Outcome {
    rules::check()
}

#[cfg(all(test, feature = "modules"))]
mod tests;
