//! A tree of files that is being made, which knows what was put into it.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::tool::{self, Outcome};

/// Contents of a place.
pub(super) enum What {
    File(Vec<u8>),
    Program(Vec<u8>),
    Link(PathBuf),
}

/// The tree in a folder.
#[derive(Debug)]
pub(crate) struct Tree {
    root: PathBuf,
    /// Files and links that were put there.
    pub(super) put: BTreeSet<PathBuf>,
    /// Folders that were not there before, those above the tree too.
    pub(super) made: BTreeSet<PathBuf>,
}

impl Tree {
    pub(super) fn new(root: &Path) -> Tree {
        Tree { root: root.to_owned(), put: BTreeSet::new(), made: BTreeSet::new() }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Puts it in its place, with modes that do not depend on who installs.
    pub(super) fn put(&mut self, place: &Path, what: What) -> Outcome {
        let target = self.root.join(place);
        self.put_at(&target, what).map_err(|error| format!("{}: {error}", target.display()))?;
        self.put.insert(target);
        Ok(())
    }

    fn put_at(&mut self, target: &Path, what: What) -> std::io::Result<()> {
        let folder = target.parent().unwrap_or(&self.root).to_owned();
        self.make_folders(&folder)?;
        if target.is_symlink() || target.exists() {
            // Removed and not written over: a program may be using it, or it may lead elsewhere.
            fs::remove_file(target)?;
        }
        let (bytes, mode) = match what {
            What::Link(to) => return symlink(to, target),
            What::File(bytes) => (bytes, 0o644),
            What::Program(bytes) => (bytes, 0o755),
        };
        fs::write(target, bytes)?;
        fs::set_permissions(target, fs::Permissions::from_mode(mode))
    }

    /// Those that are there already are somebody's.
    fn make_folders(&mut self, folder: &Path) -> std::io::Result<()> {
        if folder.is_dir() {
            return Ok(());
        }
        if let Some(parent) = folder.parent() {
            self.make_folders(parent)?;
        }
        fs::create_dir(folder)?;
        self.made.insert(folder.to_owned());
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
    }

    /// Puts the files with these suffixes from a folder of the repository into a folder of the tree.
    pub(super) fn put_copies(&mut self, from: &str, to: &Path, suffixes: &[&str]) -> Outcome {
        for entry in fs::read_dir(tool::root().join(from))? {
            let (file, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
            if file.extension().and_then(OsStr::to_str).is_some_and(|suffix| suffixes.contains(&suffix)) {
                self.put(&to.join(name), What::File(fs::read(file)?))?;
            }
        }
        Ok(())
    }

    /// Puts each file of a folder, and of the folders in it, into a folder of the tree.
    pub(super) fn put_folder(&mut self, from: &Path, to: &Path) -> Outcome {
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            let (place, kind) = (to.join(entry.file_name()), entry.file_type()?);
            if kind.is_dir() {
                self.put_folder(&entry.path(), &place)?;
                continue;
            }
            // It is for those who have no pkg-config.
            if place.extension().is_some_and(|suffix| suffix == "libs") {
                continue;
            }
            let what = if kind.is_symlink() {
                What::Link(fs::read_link(entry.path())?)
            } else {
                What::File(fs::read(entry.path())?)
            };
            self.put(&place, what)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_in_the_way_is_replaced_and_its_target_is_not() {
        let folder = std::env::temp_dir().join(format!("aicredits-install-{}", std::process::id()));
        let mut tree = Tree::new(&folder);
        let victim = folder.join("victim");
        tree.put(Path::new("victim"), What::File(b"mine".to_vec())).unwrap();
        tree.put(Path::new("bin/aicredits"), What::Link(victim.clone())).unwrap();
        tree.put(Path::new("bin/aicredits"), What::Program(b"theirs".to_vec())).unwrap();
        assert_eq!(fs::read(&victim).unwrap(), b"mine");
        let mode = |place: &str| folder.join(place).symlink_metadata().unwrap().permissions().mode() & 0o7777;
        assert_eq!((mode("bin/aicredits"), mode("victim"), mode("bin")), (0o755, 0o644, 0o755));
        let error = tree.put(Path::new("victim/below"), What::File(Vec::new())).unwrap_err().to_string();
        assert!(error.contains("victim/below"), "{error}");
        fs::remove_dir_all(&folder).unwrap();
    }
}
