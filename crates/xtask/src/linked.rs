//! The crates that a member of the workspace links, as cargo resolves them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::target::Target;
use crate::tool::{self, Outcome};

/// A crate, ours or of the registry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Crate {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: String,
    pub(crate) repository: String,
    /// SHA-256 of its file in the registry. Ours has none.
    pub(crate) checksum: Option<String>,
}

/// Crates, and for each one the indices of those that it depends on, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Graph {
    pub(crate) crates: Vec<Crate>,
    pub(crate) depends_on: Vec<BTreeSet<usize>>,
}

/// All that the members link on these platforms. Each member is resolved alone, as each is built.
pub(crate) fn graph(members: &[&str], targets: &[&Target]) -> Outcome<Graph> {
    let sums = checksums(&fs::read_to_string(tool::root().join("Cargo.lock"))?);
    let mut edges = BTreeMap::new();
    for member in members {
        let mut tree = tool::cargo("tree");
        tree.args(["--edges", "normal,no-proc-macro", "--prefix", "depth", "--format", "|{p}|{l}|{r}", "--package"]);
        tree.arg(member).args(targets.iter().flat_map(|target| ["--target", target.triple]));
        add(&mut edges, &tool::read(&mut tree)?, &sums).ok_or("cargo tree prints other lines than it did")?;
    }
    Ok(numbered(edges))
}

type Edges = BTreeMap<Crate, BTreeSet<Crate>>;

/// Reads `depth|name vVERSION (path)|license|repository (*)`.
fn add(edges: &mut Edges, tree: &str, sums: &BTreeMap<(String, String), String>) -> Option<()> {
    let mut above: Vec<Crate> = Vec::new();
    for line in tree.lines().filter(|line| !line.is_empty()) {
        let mut parts = line.trim_end_matches(" (*)").split('|');
        let depth: usize = parts.next()?.parse().ok()?;
        let (name, version) = parts.next()?.split_once(" v")?;
        let (license, repository) = (parts.next()?.to_owned(), parts.next()?.to_owned());
        let version = version.split(' ').next()?;
        let checksum = sums.get(&(name.to_owned(), version.to_owned())).cloned();
        let it = Crate { name: name.to_owned(), version: version.to_owned(), license, repository, checksum };
        above.truncate(depth);
        if let Some(parent) = above.last() {
            edges.entry(parent.clone()).or_default().insert(it.clone());
        }
        edges.entry(it.clone()).or_default();
        above.push(it);
    }
    Some(())
}

fn numbered(edges: Edges) -> Graph {
    let crates: Vec<Crate> = edges.keys().cloned().collect();
    let index = |it: &Crate| crates.binary_search(it).expect("each crate has an entry");
    let depends_on = edges.values().map(|below| below.iter().map(index).collect()).collect();
    Graph { crates, depends_on }
}

/// The checksums of the lock file, by name and version.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let packages = lock.split("[[package]]").skip(1).filter_map(|package| {
        let value = |key: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "))?;
            Some(line.trim_matches('"').to_owned())
        };
        Some(((value("name")?, value("version")?), value("checksum")?))
    });
    packages.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_read_once_for_each_crate() {
        let lock = "[[package]]\nname = \"log\"\nversion = \"0.4.1\"\nchecksum = \"ab\"\n\n[[package]]\nname = \"ours\"\nversion = \"1.0.0\"\n";
        let tree = "0|ours v1.0.0 (/src/ours)|MIT|\n1|http v1.0.0|MIT|https://h\n2|log v0.4.1|MIT|\n1|log v0.4.1|MIT|\n1|http v1.0.0|MIT|https://h (*)\n";
        let mut edges = Edges::new();
        add(&mut edges, tree, &checksums(lock)).unwrap();
        let graph = numbered(edges);
        let names: Vec<_> = graph.crates.iter().map(|it| (it.name.as_str(), it.checksum.as_deref())).collect();
        assert_eq!(names, [("http", None), ("log", Some("ab")), ("ours", None)]);
        assert_eq!(graph.depends_on, [BTreeSet::from([1]), BTreeSet::new(), BTreeSet::from([0, 1])]);
        assert_eq!(add(&mut Edges::new(), "what is this", &BTreeMap::new()), None);
    }
}
