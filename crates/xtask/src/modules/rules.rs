//! The rules: no cycle, the core's order, the imports that it forbids, and the files that may use the HTTP engine.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::graph::Graph;
use super::parse;
use crate::tool::{self, Outcome};

/// The table with the order of the core's modules.
const ORDER: &str = "docs/architecture.md";
const CORE: &str = "crates/aicredits";

/// Modules that must not import another one, although it is on a line above theirs. `builder` gives them checked values,
/// and `advice` words their errors.
const FORBIDDEN: [(&str, &str); 2] = [("net", "settings"), ("http", "settings")];

/// The files of the core that may use the HTTP engine, so that another engine is a change of two files.
const ENGINE: &str = "ureq_proto";
const ENGINE_FILES: [&str; 2] = ["http/reply.rs", "http/request.rs"];

/// Checks every crate of the workspace.
pub(super) fn check() -> Outcome {
    let mut wrong = Vec::new();
    let mut count = 0;
    for root in roots()? {
        let graph = Graph::new(parse::modules(&root)?);
        let name = root.strip_prefix(tool::root()).unwrap_or(&root).display().to_string();
        count += 1;
        wrong.extend(graph.cycles().into_iter().map(|cycle| format!("{name}: a cycle: {cycle}")));
        if root.starts_with(tool::root().join(CORE)) {
            let lines = order(&fs::read_to_string(tool::root().join(ORDER))?)?;
            wrong.extend(against_the_order(&graph, &lines).into_iter().map(|fault| format!("{name}: {fault}")));
            wrong.extend(forbidden(&graph).into_iter().map(|fault| format!("{name}: {fault}")));
            wrong.extend(engine_files(&graph, root.parent().unwrap_or(&root)).map(|fault| format!("{name}: {fault}")));
        }
    }
    if wrong.is_empty() {
        println!("{count} crates without a cycle between modules");
        return Ok(());
    }
    Err(wrong.join("\n").into())
}

/// The root file of each crate of the workspace.
fn roots() -> Outcome<Vec<PathBuf>> {
    let mut folders = vec![tool::root().join("bindings/python"), tool::root().join("tests")];
    for entry in fs::read_dir(tool::root().join("crates"))? {
        folders.push(entry?.path());
    }
    folders.sort();
    let files = folders.iter().flat_map(|folder| [folder.join("src/lib.rs"), folder.join("src/main.rs")]);
    let mut roots: Vec<_> = files.filter(|file| file.exists()).collect();
    // Each suite in a folder of `tests` is a crate.
    for entry in fs::read_dir(tool::root().join("tests"))? {
        roots.extend(Some(entry?.path().join("main.rs")).filter(|file| file.exists()));
    }
    Ok(roots)
}

/// The line of each module of the core, from the table's rows: `| 3 | `error` | … |`.
pub(super) fn order(page: &str) -> Outcome<BTreeMap<String, usize>> {
    let mut lines = BTreeMap::new();
    for row in page.lines().filter_map(|line| line.strip_prefix("| ")) {
        let mut cells = row.split(" | ");
        let (Some(line), Some(modules)) = (cells.next().and_then(|cell| cell.parse().ok()), cells.next()) else {
            continue;
        };
        for module in modules.split('`').skip(1).step_by(2) {
            lines.insert(module.to_owned(), line);
        }
    }
    if lines.is_empty() { Err(format!("{ORDER} has no table of modules").into()) } else { Ok(lines) }
}

/// A module imports only from modules on lines above its own. A folder is one module here.
pub(super) fn against_the_order(graph: &Graph, lines: &BTreeMap<String, usize>) -> Vec<String> {
    let mut wrong = BTreeSet::new();
    for (from, to, import) in graph.dependencies() {
        let (Some(from), Some(to)) = (from.path.first(), to.path.first()) else { continue };
        if from == to {
            continue;
        }
        match (lines.get(from), lines.get(to)) {
            (Some(mine), Some(its)) if its < mine => {}
            (Some(mine), Some(its)) => {
                wrong.insert(format!(
                    "{from} (line {mine} of {ORDER}) imports {to} (line {its}): {import}; only lines above may be imported"
                ));
            }
            (None, _) => _ = wrong.insert(format!("{from} is in no line of {ORDER}")),
            (_, None) => _ = wrong.insert(format!("{to} is in no line of {ORDER}")),
        }
    }
    wrong.into_iter().collect()
}

/// The imports that [`FORBIDDEN`] lists.
pub(super) fn forbidden(graph: &Graph) -> Vec<String> {
    let mut wrong = BTreeSet::new();
    for (from, to, import) in graph.dependencies() {
        let (Some(module), Some(imported)) = (from.path.first(), to.path.first()) else { continue };
        if FORBIDDEN.contains(&(module, imported)) {
            wrong.insert(format!(
                "{} imports {import}; {module} must not import {imported} ({ORDER})",
                from.path.join("::")
            ));
        }
    }
    wrong.into_iter().collect()
}

pub(super) fn engine_files(graph: &Graph, folder: &Path) -> Option<String> {
    let found = graph.files_that_use(ENGINE);
    let found: Vec<_> = found.iter().filter_map(|file| file.strip_prefix(folder).ok()?.to_str()).collect();
    (found != ENGINE_FILES).then(|| format!("{ENGINE} is used in {found:?}, and may be used in {ENGINE_FILES:?}"))
}
