//! The list of what an installation put into a system, by which it is removed again.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use super::place;
use super::tree::{Tree, What};
use crate::tool::Outcome;

/// Its place in the tree.
const PLACE: &str = "share/aicredits/install-manifest.txt";

/// Files, links, and the folders that were made for them, each one's path on the machine that has them.
#[derive(Debug, Default, PartialEq, Eq)]
struct Manifest {
    files: BTreeSet<PathBuf>,
    folders: BTreeSet<PathBuf>,
}

/// Puts the list into a finished tree. Files of an earlier installation that this one does not have are removed.
pub(super) fn record(mut tree: Tree, prefix: &Path, destdir: Option<&Path>) -> Outcome {
    let earlier = read(tree.root(), prefix)?.unwrap_or_default();
    let list = Path::new(PLACE);
    // For its folders.
    tree.put(list, What::File(Vec::new()))?;
    let top = destdir.unwrap_or(Path::new("/"));
    // A folder at or above the destination is no part of the system.
    let named = |path: &PathBuf| path.strip_prefix(top).ok().map(|path| Path::new("/").join(path));
    let mut manifest = Manifest {
        files: tree.put.iter().filter_map(named).collect(),
        folders: tree.made.iter().filter_map(named).filter(|path| path != Path::new("/")).collect(),
    };
    for file in earlier.files.difference(&manifest.files) {
        remove_file(&place::staged_at(file, destdir)?)?;
    }
    for folder in earlier.folders.into_iter().rev() {
        if !remove_folder(&place::staged_at(&folder, destdir)?)? {
            manifest.folders.insert(folder);
        }
    }
    tree.put(list, What::File(manifest.text().into_bytes()))
}

/// Removes what the list of a tree names, and the folders that are empty then.
pub(super) fn remove(tree: &Path, prefix: &Path, destdir: Option<&Path>) -> Outcome {
    let manifest = read(tree, prefix)?
        .ok_or_else(|| format!("{} lists what to remove, and is not there", tree.join(PLACE).display()))?;
    for file in manifest.files {
        remove_file(&place::staged_at(&file, destdir)?)?;
    }
    for folder in manifest.folders.iter().rev() {
        remove_folder(&place::staged_at(folder, destdir)?)?;
    }
    Ok(())
}

fn read(tree: &Path, prefix: &Path) -> Outcome<Option<Manifest>> {
    let file = tree.join(PLACE);
    match fs::read_to_string(&file) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{}: {error}", file.display()).into()),
        Ok(text) => match Manifest::parse(&text, prefix) {
            Ok(manifest) => Ok(Some(manifest)),
            Err(line) => {
                let (file, prefix) = (file.display(), prefix.display());
                Err(format!("{file} names `{line}`, which is no place of an installation in {prefix}").into())
            }
        },
    }
}

impl Manifest {
    /// One path a line. A folder ends in a slash.
    fn text(&self) -> String {
        let files = self.files.iter().map(|file| format!("{}\n", file.display()));
        files.chain(self.folders.iter().map(|folder| format!("{}/\n", folder.display()))).collect()
    }

    /// The error is the first line that is not about this prefix.
    fn parse(text: &str, prefix: &Path) -> Result<Manifest, String> {
        let mut manifest = Manifest::default();
        for line in text.lines() {
            let path = Path::new(line);
            let leads_back = path.components().any(|component| component == Component::ParentDir);
            let is_folder = line.ends_with('/');
            if leads_back || !(path.starts_with(prefix) || is_folder && prefix.starts_with(path)) {
                return Err(line.to_owned());
            }
            let list = if is_folder { &mut manifest.folders } else { &mut manifest.files };
            list.insert(path.components().collect());
        }
        Ok(manifest)
    }
}

fn remove_file(file: &Path) -> Outcome {
    match fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(format!("{}: {error}", file.display()).into()),
        _ => Ok(()),
    }
}

/// Whether it is gone. One that has files stays.
fn remove_folder(folder: &Path) -> Outcome<bool> {
    match fs::remove_dir(folder) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => Ok(false),
        Err(error) => Err(format!("{}: {error}", folder.display()).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn install(prefix: &Path, destdir: Option<&Path>, files: &[&str]) {
        let mut tree = Tree::new(&place::staged_at(prefix, destdir).unwrap());
        for file in files {
            tree.put(Path::new(file), What::File(b"ours".to_vec())).unwrap();
        }
        record(tree, prefix, destdir).unwrap();
    }

    fn listed(folder: &Path) -> BTreeSet<PathBuf> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries
            .flat_map(|path| if path.is_dir() { listed(&path) } else { BTreeSet::new() }.into_iter().chain([path]))
            .collect()
    }

    #[test]
    fn two_installations_are_removed_and_nothing_else() {
        let scratch = std::env::temp_dir().join(format!("aicredits-manifest-{}", std::process::id()));
        for destdir in [None, Some(scratch.as_path())] {
            // Somebody's files, in a folder that is there before, and later in one that was made.
            fs::create_dir_all(scratch.join("opt/lib")).unwrap();
            fs::write(scratch.join("opt/lib/theirs"), "").unwrap();
            let prefix = if destdir.is_some() { PathBuf::from("/opt/new/a b") } else { scratch.join("opt/new/a b") };
            let before = listed(&scratch);
            install(&prefix, destdir, &["lib/old.so", "lib/cmake/x", "include/x.h"]);
            install(&prefix, destdir, &["lib/multi/new.so", "include/x.h"]);
            let tree = place::staged_at(&prefix, destdir).unwrap();
            assert!(!tree.join("lib/old.so").exists() && !tree.join("lib/cmake").exists(), "{:?}", listed(&tree));
            fs::write(tree.join("include/theirs.h"), "").unwrap();
            remove(&tree, &prefix, destdir).unwrap();
            let theirs = ["opt/new", "opt/new/a b", "opt/new/a b/include", "opt/new/a b/include/theirs.h"];
            let expected: BTreeSet<_> = before.iter().cloned().chain(theirs.map(|path| scratch.join(path))).collect();
            assert_eq!(listed(&scratch), expected);
            let error = remove(&tree, &prefix, destdir).unwrap_err().to_string();
            assert!(error.ends_with("install-manifest.txt lists what to remove, and is not there"), "{error}");
            fs::remove_dir_all(&scratch).unwrap();
        }
    }

    #[test]
    fn a_list_of_another_place_is_refused() {
        let parse = |text: &str| Manifest::parse(text, Path::new("/opt/a"));
        let manifest = parse("/opt/a/lib/x\n/opt/\n/opt/a/\n").unwrap();
        assert_eq!((manifest.files.len(), manifest.folders.len()), (1, 2));
        assert_eq!(parse(&manifest.text()).unwrap(), manifest);
        for refused in ["/etc/passwd", "/opt/a/../b", "/opt", "/usr/", "lib/x", ""] {
            assert_eq!(parse(&format!("/opt/a/x\n{refused}\n")).unwrap_err(), refused);
        }
    }
}
