//! From Rust source to the names that each module defines, imports and uses. `#[cfg(test)]` items are left out.

use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, File, Item, ItemMod, ItemUse, Macro, UseTree};

use super::graph::{Import, Module};
use crate::tool::Outcome;

/// The modules of a crate, its root first. `root` is its `lib.rs` or `main.rs`.
pub(super) fn modules(root: &Path) -> Outcome<Vec<Module>> {
    let mut modules = Vec::new();
    let folder = root.parent().expect("a source file is in a folder").to_owned();
    add_file(&mut modules, root, &folder, Vec::new())?;
    Ok(modules)
}

/// The module of one text, with its inline modules. For tests.
#[cfg(test)]
pub(super) fn module(path: &[&str], source: &str) -> Vec<Module> {
    let mut modules = Vec::new();
    let path = path.iter().map(ToString::to_string).collect();
    let file = syn::parse_file(source).expect("the test's source parses");
    add(&mut modules, &file.items, Path::new("test.rs"), path).expect("no file is read");
    modules
}

fn add_file(modules: &mut Vec<Module>, file: &Path, folder: &Path, path: Vec<String>) -> Outcome {
    let source = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let File { items, .. } = syn::parse_file(&source).map_err(|error| format!("{}: {error}", file.display()))?;
    for (child, place) in add(modules, &items, file, path.clone())? {
        let (file, folder) = match place {
            Place::Inline => continue,
            Place::Child => locate(folder, child.last().expect("a child has a name"))?,
            Place::Named(name) => {
                let file = file.with_file_name(name);
                let folder = file.with_extension("");
                (file, folder)
            }
        };
        add_file(modules, &file, &folder, child)?;
    }
    Ok(())
}

/// The source of a module.
enum Place {
    /// The file of its parent.
    Inline,
    /// A file in its parent's folder.
    Child,
    /// The file that `#[path = "…"]` names, relative to the parent's file.
    Named(String),
}

impl Place {
    fn of(module: &ItemMod) -> Self {
        if module.content.is_some() {
            return Self::Inline;
        }
        let values = module.attrs.iter().filter(|attribute| attribute.path().is_ident("path"));
        let named = values.filter_map(|attribute| attribute.meta.require_name_value().ok());
        let mut texts = named.filter_map(|pair| match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        });
        texts.next().map_or(Self::Child, Self::Named)
    }
}

/// The file of `mod name;`, and the folder of that module's children.
fn locate(folder: &Path, name: &str) -> Outcome<(PathBuf, PathBuf)> {
    let inner = folder.join(name);
    let candidates = [folder.join(format!("{name}.rs")), inner.join("mod.rs")];
    match candidates.into_iter().find(|file| file.exists()) {
        Some(file) => Ok((file, inner)),
        None => Err(format!("no file of the module {}", inner.display()).into()),
    }
}

/// Adds a module, and its inline modules. The answer lists its children with their places.
fn add(
    modules: &mut Vec<Module>,
    items: &[Item],
    file: &Path,
    path: Vec<String>,
) -> Outcome<Vec<(Vec<String>, Place)>> {
    let mut module = Module { path: path.clone(), file: file.to_owned(), ..Module::default() };
    let mut children = Vec::new();
    let mut inline = Vec::new();
    for item in items.iter().filter(|item| !is_test(attributes(item))) {
        match item {
            Item::Mod(declared @ ItemMod { ident, content, .. }) => {
                let mut child = path.clone();
                child.push(ident.to_string());
                module.children.push(ident.to_string());
                children.push((child.clone(), Place::of(declared)));
                if let Some((_, items)) = content {
                    inline.push((child, items));
                }
            }
            Item::Use(ItemUse { tree, .. }) => imports(tree, &mut Vec::new(), &mut module.imports),
            other => {
                module.items.extend(name(other));
                module.has_macro_items |= matches!(other, Item::Macro(called) if called.ident.is_none());
                Uses(&mut module).visit_item(other);
            }
        }
    }
    modules.push(module);
    for (child, items) in inline {
        if add(modules, items, file, child)?.iter().any(|(_, place)| !matches!(place, Place::Inline)) {
            return Err(format!("{}: a file of an inline module is not looked for", file.display()).into());
        }
    }
    Ok(children)
}

/// The paths that code uses, also in macros and in `use` within functions.
struct Uses<'m>(&'m mut Module);

impl<'ast> Visit<'ast> for Uses<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.0.uses.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        self.0.uses.extend(paths(&called.tokens.to_string()));
        visit::visit_macro(self, called);
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        imports(&item.tree, &mut Vec::new(), &mut self.0.imports);
    }

    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }
}

/// The paths in a macro's tokens, which are separated by blanks.
fn paths(tokens: &str) -> Vec<Vec<String>> {
    let text = tokens.replace(" :: ", "::").replace(":: ", "::").replace(" ::", "::");
    let is_part = |character: char| character.is_alphanumeric() || matches!(character, '_' | ':');
    text.split(|character| !is_part(character))
        .filter(|word| word.contains("::"))
        .map(|word| word.split("::").filter(|segment| !segment.is_empty()).map(str::to_owned).collect())
        .collect()
}

fn imports(tree: &UseTree, prefix: &mut Vec<String>, found: &mut Vec<Import>) {
    let mut add = |name: String, last: Option<String>| {
        let path = prefix.iter().cloned().chain(last).collect();
        found.push(Import { name, path });
    };
    match tree {
        UseTree::Path(path) => {
            prefix.push(path.ident.to_string());
            imports(&path.tree, prefix, found);
            prefix.pop();
        }
        UseTree::Name(name) if name.ident == "self" => add(prefix.last().cloned().unwrap_or_default(), None),
        UseTree::Name(name) => add(name.ident.to_string(), Some(name.ident.to_string())),
        UseTree::Rename(rename) if rename.ident == "self" => add(rename.rename.to_string(), None),
        UseTree::Rename(rename) => add(rename.rename.to_string(), Some(rename.ident.to_string())),
        UseTree::Glob(_) => add("*".to_owned(), None),
        UseTree::Group(group) => group.items.iter().for_each(|tree| imports(tree, prefix, found)),
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    let is_test = |attribute: &Attribute| match attribute.meta.require_list() {
        Ok(list) if list.path.is_ident("cfg") => {
            let condition = list.tokens.to_string();
            condition == "test" || condition.starts_with("all (test")
        }
        _ => false,
    };
    attributes.iter().any(is_test)
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn name(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}
