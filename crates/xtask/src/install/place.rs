//! Where a tree lies: what its files name as their own place.

use std::path::{Component, Path, PathBuf};

use crate::tool::Outcome;

pub(super) const USAGE: &str = "needs --prefix and an absolute folder, without `..`";
const LIBDIR_USAGE: &str =
    "--libdir needs a folder below the prefix, such as lib/x86_64-linux-gnu, of letters, digits and `/._+-`";

/// The place that a tree names as its own.
#[derive(Debug)]
pub(crate) struct Place {
    /// Without one the tree may be moved: pkg-config finds everything from its own file.
    prefix: Option<String>,
    libdir: String,
}

impl Place {
    /// At a prefix. The folder of the libraries is relative to it, or absolute, as for a `configure` of GNU.
    pub(crate) fn at(prefix: &str, libdir: &str) -> Outcome<Place> {
        let prefix = plain(prefix)?;
        let libdir = Path::new(libdir);
        let below = if libdir.is_absolute() { libdir.strip_prefix(&prefix).map_err(|_| LIBDIR_USAGE)? } else { libdir };
        let names: Vec<_> = below.components().filter(|component| *component != Component::CurDir).collect();
        let below = names.iter().collect::<PathBuf>().to_str().ok_or(LIBDIR_USAGE)?.to_owned();
        // It is written into files of CMake and pkg-config, as it is.
        let is_fine = names.iter().all(|name| matches!(name, Component::Normal(_))) && below.chars().all(is_plain);
        if below.is_empty() || !is_fine {
            return Err(LIBDIR_USAGE.into());
        }
        Ok(Place { prefix: Some(prefix), libdir: below })
    }

    /// Anywhere, with the libraries in `lib`.
    pub(crate) fn anywhere() -> Place {
        Place { prefix: None, libdir: "lib".to_owned() }
    }

    pub(super) fn prefix(&self) -> Option<&str> {
        self.prefix.as_deref()
    }

    /// The folder of the libraries, below the prefix.
    pub(super) fn libdir(&self) -> &str {
        &self.libdir
    }

    /// The way from a folder so many levels below that of the libraries to the prefix.
    pub(super) fn way_to_prefix(&self, levels: usize) -> String {
        vec![".."; self.libdir.split('/').count() + levels].join("/")
    }
}

/// A character that is itself in every file and in a shell.
pub(super) fn is_plain(character: char) -> bool {
    character.is_alphanumeric() || "/._-+".contains(character)
}

/// As it is written into the tree: programs that find the library by it must not depend on other folders.
pub(super) fn plain(prefix: &str) -> Outcome<String> {
    let path = Path::new(prefix);
    let leads_back = path.components().any(|component| component == Component::ParentDir);
    if !path.is_absolute() || leads_back || prefix.contains(char::is_control) {
        return Err(USAGE.into());
    }
    Ok(path.components().collect::<PathBuf>().to_str().ok_or(USAGE)?.to_owned())
}

/// Where a tree for this prefix is made.
pub(super) fn staged_at(prefix: &Path, destdir: Option<&Path>) -> Outcome<PathBuf> {
    Ok(match destdir {
        None => prefix.to_owned(),
        Some(destdir) => destdir.join(prefix.strip_prefix("/")?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_tree_is_made() {
        let tree = |prefix: &str, destdir: Option<&str>| staged_at(Path::new(prefix), destdir.map(Path::new));
        assert_eq!(tree("/usr/local", None).unwrap(), Path::new("/usr/local"));
        assert_eq!(tree("/usr/local", Some("/tmp/stage")).unwrap(), Path::new("/tmp/stage/usr/local"));
        assert_eq!(tree("/usr/local", Some("stage")).unwrap(), Path::new("stage/usr/local"));
        for (prefix, is_taken_as) in [
            ("/usr/local", "/usr/local"),
            ("/usr//local/./", "/usr/local"),
            ("/opt/ai credits/", "/opt/ai credits"),
            ("/", "/"),
        ] {
            assert_eq!(plain(prefix).unwrap(), is_taken_as);
        }
        for refused in ["", "local", "./local", "/opt/../usr", "/opt/..", "/opt/a\nb"] {
            assert_eq!(plain(refused).unwrap_err().to_string(), USAGE, "{refused:?}");
        }
    }

    #[test]
    fn the_folder_of_the_libraries_is_below_the_prefix() {
        for (libdir, is_taken_as, way) in [
            ("lib", "lib", "../.."),
            ("./lib64/", "lib64", "../.."),
            ("lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "../../.."),
            ("/usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "../../.."),
        ] {
            let place = Place::at("/usr", libdir).unwrap();
            assert_eq!((place.libdir(), place.way_to_prefix(1).as_str()), (is_taken_as, way), "{libdir}");
        }
        for refused in ["", ".", "/usr", "/lib", "../lib", "lib/../..", "/usr/../lib", "lib/$x", "lib \"", "lib\nb"] {
            assert_eq!(Place::at("/usr", refused).unwrap_err().to_string(), LIBDIR_USAGE, "{refused:?}");
        }
    }
}
