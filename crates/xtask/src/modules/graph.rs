//! Which module of a crate depends on which: imports are resolved through re-exports, `self` and `super` to the module
//! that defines the name.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;

/// One module, as its source has it.
#[derive(Default)]
pub(super) struct Module {
    /// From the crate's root; empty for the root.
    pub(super) path: Vec<String>,
    pub(super) file: PathBuf,
    pub(super) children: Vec<String>,
    /// The names that it defines, its child modules apart.
    pub(super) items: Vec<String>,
    /// It calls a macro at the level of items, which may define more names.
    pub(super) has_macro_items: bool,
    pub(super) imports: Vec<Import>,
    /// The paths in its code.
    pub(super) uses: Vec<Vec<String>>,
}

/// One name of a `use` declaration.
pub(super) struct Import {
    /// As the module calls it; `*` for all names of the path.
    pub(super) name: String,
    pub(super) path: Vec<String>,
}

/// The modules of a crate, and what each depends on.
pub(super) struct Graph {
    modules: Vec<Module>,
    by_path: BTreeMap<Vec<String>, usize>,
    /// From module to module, with one import that makes the dependency.
    edges: BTreeMap<usize, BTreeMap<usize, String>>,
}

/// The target of a path.
enum Target {
    Module(usize),
    /// A name that this module defines.
    Item(usize),
}

/// Re-exports that lead to one another are followed so far.
const MAX_DEPTH: usize = 16;

impl Graph {
    pub(super) fn new(modules: Vec<Module>) -> Self {
        let by_path = modules.iter().enumerate().map(|(index, module)| (module.path.clone(), index)).collect();
        let mut graph = Self { modules, by_path, edges: BTreeMap::new() };
        let mut edges: BTreeMap<usize, BTreeMap<usize, String>> = BTreeMap::new();
        for (from, module) in graph.modules.iter().enumerate() {
            let imports = module.imports.iter().map(|import| &import.path);
            for path in imports.chain(&module.uses) {
                // A module that is named alone is used by the paths that begin with it.
                if let Some(Target::Item(to)) = graph.resolve(from, path, 0).filter(|_| !path.is_empty())
                    && to != from
                {
                    edges.entry(from).or_default().entry(to).or_insert_with(|| path.join("::"));
                }
            }
            for import in module.imports.iter().filter(|import| import.name == "*") {
                if let Some(Target::Module(to)) = graph.resolve(from, &import.path, 0)
                    && to != from
                {
                    edges.entry(from).or_default().entry(to).or_insert_with(|| import.path.join("::") + "::*");
                }
            }
        }
        graph.edges = edges;
        graph
    }

    /// `None` for a path into another crate.
    fn resolve(&self, from: usize, path: &[String], depth: usize) -> Option<Target> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.walk(0, rest, depth),
            "self" => self.walk(from, rest, depth),
            "super" => {
                let (_, parent) = self.modules[from].path.split_last()?;
                let parent = self.by_path[parent];
                match rest.first() {
                    Some(next) if next == "super" => self.resolve(parent, rest, depth),
                    _ => self.walk(parent, rest, depth),
                }
            }
            _ => self.walk(from, path, depth).filter(|_| self.knows(from, first)),
        }
    }

    fn knows(&self, module: usize, name: &String) -> bool {
        let module = &self.modules[module];
        module.children.contains(name)
            || module.items.contains(name)
            || module.imports.iter().any(|import| import.name == *name)
    }

    fn walk(&self, module: usize, path: &[String], depth: usize) -> Option<Target> {
        let Some((name, rest)) = path.split_first() else { return Some(Target::Module(module)) };
        if depth > MAX_DEPTH {
            return None;
        }
        let here = &self.modules[module];
        if here.children.contains(name) {
            let child: Vec<_> = here.path.iter().chain([name]).cloned().collect();
            // A child for tests is not in the graph.
            return self.walk(*self.by_path.get(&child)?, rest, depth);
        }
        if here.items.contains(name) {
            return Some(Target::Item(module));
        }
        if let Some(import) = here.imports.iter().find(|import| import.name == *name) {
            return match self.resolve(module, &import.path, depth + 1)? {
                Target::Module(found) => self.walk(found, rest, depth + 1),
                item => Some(item),
            };
        }
        for import in here.imports.iter().filter(|import| import.name == "*") {
            if let Some(Target::Module(found)) = self.resolve(module, &import.path, depth + 1)
                && found != module
                // Only a name that a macro may define is not found through globs.
                && (self.knows(found, name) || !self.modules[found].has_macro_items)
                && let Some(target @ Target::Item(_)) = self.walk(found, path, depth + 1)
            {
                return Some(target);
            }
        }
        // A macro may define the name.
        here.has_macro_items.then_some(Target::Item(module))
    }

    /// The name of a module, such as `net::pool`; `crate` for the root.
    pub(super) fn name(&self, module: usize) -> String {
        let path = &self.modules[module].path;
        if path.is_empty() { "crate".to_owned() } else { path.join("::") }
    }

    /// Each dependency: from, to, and an import that makes it.
    pub(super) fn dependencies(&self) -> impl Iterator<Item = (&Module, &Module, &str)> {
        self.edges.iter().flat_map(|(from, to)| {
            to.iter().map(|(to, import)| (&self.modules[*from], &self.modules[*to], import.as_str()))
        })
    }

    /// The files that name another crate.
    pub(super) fn files_that_use(&self, name: &str) -> BTreeSet<&PathBuf> {
        let uses = |module: &&Module| {
            let imports = module.imports.iter().map(|import| &import.path);
            imports.chain(&module.uses).any(|path| path.first().is_some_and(|first| first == name))
        };
        self.modules.iter().filter(uses).map(|module| &module.file).collect()
    }

    /// The shortest cycle through each module that is in one, each cycle once, as text.
    pub(super) fn cycles(&self) -> Vec<String> {
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        let mut found = Vec::new();
        for start in 0..self.modules.len() {
            if seen.contains(&start) {
                continue;
            }
            if let Some(cycle) = self.shortest_cycle(start) {
                seen.extend(&cycle);
                found.push(self.describe(&cycle));
            }
        }
        found
    }

    fn shortest_cycle(&self, start: usize) -> Option<Vec<usize>> {
        let mut before: BTreeMap<usize, usize> = BTreeMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(module) = queue.pop_front() {
            for &next in self.edges.get(&module).into_iter().flat_map(BTreeMap::keys) {
                if next == start {
                    let mut cycle = vec![module];
                    while cycle.last() != Some(&start) {
                        cycle.push(before[cycle.last()?]);
                    }
                    cycle.reverse();
                    return Some(cycle);
                }
                if next != start && !before.contains_key(&next) {
                    before.insert(next, module);
                    queue.push_back(next);
                }
            }
        }
        None
    }

    fn describe(&self, cycle: &[usize]) -> String {
        let next = cycle.iter().cycle().skip(1);
        let steps = cycle
            .iter()
            .zip(next)
            .map(|(from, to)| format!("{} imports {} ({})", self.name(*from), self.name(*to), self.edges[from][to]));
        steps.collect::<Vec<_>>().join(", ")
    }
}
