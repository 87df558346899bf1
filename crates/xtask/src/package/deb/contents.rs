//! Which file of the install tree is in which package, and where Debian has it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::packages::{COMMAND, DEVELOPMENT, LIBRARY, Package};
use super::texts;
use crate::licenses;
use crate::tool::{self, Outcome};

/// A report of lintian on each package that is no fault, with the reason.
const OVERRIDES: &str = "# It is not uploaded to Debian, so no bug asks for it.
initial-upload-closes-no-bugs
";

/// Moves each file of an install tree below a prefix `usr` into the tree of its package.
pub(super) fn share_out(installed: &Path, trees: &Path) -> Outcome {
    for file in files(installed)? {
        let place = file.strip_prefix(installed)?;
        let Some((package, place)) = home(place.to_str().ok_or("its name is not UTF-8")?) else { continue };
        let to = trees.join(package.name).join(place);
        fs::create_dir_all(to.parent().ok_or("it is in a folder")?)?;
        fs::rename(&file, &to)?;
    }
    Ok(())
}

/// The package and the place of a file. Licences are in another form in each package.
fn home(place: &str) -> Option<(&'static Package, String)> {
    let moved = |from: &str, to: &str| place.strip_prefix(from).map(|rest| format!("{to}{rest}"));
    if place.starts_with("usr/share/licenses/") || place == "usr/share/doc/aicredits/LICENSE" {
        return None;
    }
    if let Some(place) = moved("usr/share/zsh/site-functions/", "usr/share/zsh/vendor-completions/") {
        return Some((&COMMAND, place));
    }
    if let Some(place) = moved("usr/share/doc/aicredits/", "usr/share/doc/libaicredits-dev/") {
        return Some((&DEVELOPMENT, place));
    }
    let is_of_command = ["usr/bin/", "usr/share/man/", "usr/share/bash-completion/", "usr/share/fish/"];
    let package = if is_of_command.iter().any(|folder| place.starts_with(folder)) {
        &COMMAND
    } else if place.starts_with("usr/lib/") && place.contains(".so.") {
        &LIBRARY
    } else {
        &DEVELOPMENT
    };
    Some((package, place.to_owned()))
}

/// Adds what Debian's policy asks of each package, and compresses its manual pages.
pub(super) fn add_documents(package: &Package, tree: &Path, notices: &str) -> Outcome {
    let documents = tree.join("usr/share/doc").join(package.name);
    fs::create_dir_all(&documents)?;
    fs::write(documents.join("copyright"), texts::copyright()?)?;
    compressed(&documents.join(licenses::FILE_NAME), notices)?;
    compressed(&documents.join("changelog.Debian"), &texts::changelog()?)?;
    if package.name == DEVELOPMENT.name {
        // The README links it.
        symlink("copyright", documents.join("LICENSE"))?;
    }
    let manual = tree.join("usr/share/man/man1/aicredits.1");
    if manual.exists() {
        compressed(&manual, &fs::read_to_string(&manual)?)?;
    }
    let overrides = tree.join("usr/share/lintian/overrides");
    fs::create_dir_all(&overrides)?;
    fs::write(overrides.join(package.name), format!("{OVERRIDES}{}", package.overrides))?;
    Ok(())
}

/// Writes a text as `FILE.gz`, without a name and a time in it.
fn compressed(file: &Path, text: &str) -> Outcome {
    fs::write(file, text)?;
    tool::run(tool::command("gzip").args(["-9", "--no-name", "--force"]).arg(file))
}

/// Every file and link below a folder, sorted.
pub(super) fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.extend(files(&entry.path())?);
        } else {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_has_its_package() {
        for (from, package, to) in [
            ("lib/x86_64-linux-gnu/libaicredits.so.0", "libaicredits0", "lib/x86_64-linux-gnu/libaicredits.so.0"),
            ("lib/x86_64-linux-gnu/libaicredits.so", "libaicredits-dev", "lib/x86_64-linux-gnu/libaicredits.so"),
            ("include/aicredits.h", "libaicredits-dev", "include/aicredits.h"),
            ("share/doc/aicredits/README.md", "libaicredits-dev", "share/doc/libaicredits-dev/README.md"),
            ("bin/aicredits", "aicredits", "bin/aicredits"),
            ("share/zsh/site-functions/_aicredits", "aicredits", "share/zsh/vendor-completions/_aicredits"),
        ] {
            let (found, place) = home(&format!("usr/{from}")).unwrap();
            assert_eq!((found.name, place), (package, format!("usr/{to}")));
        }
        assert!(home("usr/share/licenses/aicredits/LICENSE").is_none());
    }
}
