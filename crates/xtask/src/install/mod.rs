//! `cargo xtask install` and `uninstall`: what a packager puts into a system, or a user into a folder.

mod cmake;
mod manifest;
mod pkg_config;
mod place;
mod tree;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

pub(crate) use place::Place;
use place::USAGE;
use tree::{Tree, What};

use crate::dist;
use crate::library::C_LIBRARIES;
use crate::licenses;
use crate::tool::{self, Outcome};

/// `cargo xtask install --prefix P [--libdir D]`, which honours `DESTDIR`.
pub(crate) fn command(arguments: &[String]) -> Outcome {
    let [prefix, libdir] = options(arguments, ["--prefix", "--libdir"])?;
    let place = Place::at(&prefix.ok_or(USAGE)?, libdir.as_deref().unwrap_or("lib"))?;
    dist::build_with_programs()?;
    let tree = install(&place, destdir()?.as_deref(), &Parts::of_this_machine()?)?;
    let (prefix, libdir) = (place.prefix().unwrap_or_default(), place.libdir());
    println!("installed in {}", tree.display());
    println!(
        "programs find the library by `ldconfig`, where the system looks in {prefix}/{libdir}, or by what links them:"
    );
    println!("    -Wl,-rpath,$(pkg-config --variable=libdir aicredits)");
    println!("remove it with: cargo xtask uninstall --prefix {prefix}");
    Ok(())
}

/// `cargo xtask uninstall --prefix P`, which honours `DESTDIR`.
pub(crate) fn uninstall(arguments: &[String]) -> Outcome {
    let [prefix] = options(arguments, ["--prefix"])?;
    let prefix = place::plain(&prefix.ok_or(USAGE)?)?;
    let (prefix, destdir) = (Path::new(&prefix), destdir()?);
    let tree = place::staged_at(prefix, destdir.as_deref())?;
    manifest::remove(&tree, prefix, destdir.as_deref())?;
    println!("removed from {}", tree.display());
    Ok(())
}

/// The values of `--name VALUE` and `--name=VALUE`.
fn options<const N: usize>(arguments: &[String], names: [&str; N]) -> Outcome<[Option<String>; N]> {
    let mut values = [const { None }; N];
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word.as_str(), words.next().cloned()),
        };
        let index = names.iter().position(|known| *known == name);
        let index = index.ok_or_else(|| format!("there is no option `{name}`; there are: {}", names.join(", ")))?;
        values[index] = Some(value.ok_or_else(|| format!("{name} needs a value"))?);
    }
    Ok(values)
}

/// Folders are made in it, so its own path must not depend on where this runs.
fn destdir() -> Outcome<Option<PathBuf>> {
    let destdir = env::var_os("DESTDIR").filter(|destdir| !destdir.is_empty());
    Ok(destdir.map(std::path::absolute).transpose()?)
}

/// Lays out the tree of a prefix, with the list of what it has. Returns where that is.
fn install(place: &Place, destdir: Option<&Path>, parts: &Parts) -> Outcome<PathBuf> {
    let prefix = Path::new(place.prefix().ok_or(USAGE)?);
    let folder = place::staged_at(prefix, destdir)?;
    manifest::record(lay_out(&folder, place, parts)?, prefix, destdir)?;
    Ok(folder)
}

/// Where the suite `install` finds a tree that was moved.
pub(crate) fn moved() -> PathBuf {
    tool::root().join("target/installed tree")
}

/// Where it finds one that is at its prefix.
pub(crate) fn at_its_prefix() -> PathBuf {
    tool::root().join("target/installed")
}

/// Where it finds one whose libraries are where Debian has them.
pub(crate) fn multiarch() -> PathBuf {
    tool::root().join("target/installed multiarch")
}

/// Installs the trees of the suite: one at its prefix; one with the libraries of Debian's folder; and one staged, twice
/// over and while a program of it runs, and moved afterwards.
pub(crate) fn stage() -> Outcome {
    let destdir = tool::root().join("target/staged");
    for old in [&destdir, &moved(), &at_its_prefix(), &multiarch()] {
        tool::remove_folder(old)?;
    }
    let parts = Parts::of_this_machine()?;
    let libdir = format!("lib/{}-linux-gnu", env::consts::ARCH);
    for (prefix, libdir) in [(at_its_prefix(), "lib"), (multiarch(), &libdir)] {
        let prefix = prefix.to_str().ok_or("the repository has an odd path")?;
        install(&Place::at(prefix, libdir)?, None, &parts)?;
    }

    let place = Place::at("/opt/ai credits", "lib")?;
    let made = install(&place, Some(&destdir), &parts)?;
    let mut running = tool::command(made.join("bin/aicredits"));
    let mut running = running.args(["emulator", "--with-stdin"]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    let again = install(&place, Some(&destdir), &parts);
    drop(running.stdin.take());
    running.wait()?;
    again?;
    Ok(fs::rename(made, moved())?)
}

/// The parts of a tree.
pub(crate) struct Parts {
    /// The libraries, as [`dist::lay_out`] makes them.
    pub(crate) dist: PathBuf,
    pub(crate) command: PathBuf,
    /// A command that this machine can run. It prints the manual page and the completions.
    pub(crate) printer: PathBuf,
    /// The licences of what they contain.
    pub(crate) notices: String,
}

impl Parts {
    fn of_this_machine() -> Outcome<Parts> {
        let command = dist::programs().join("aicredits");
        Ok(Parts { dist: dist::folder(), printer: command.clone(), command, notices: licenses::install_text()? })
    }
}

/// Lays out the tree.
pub(crate) fn lay_out(folder: &Path, place: &Place, parts: &Parts) -> Outcome<Tree> {
    let mut tree = Tree::new(folder);
    let lib = Path::new(place.libdir());
    tree.put_folder(&parts.dist.join("include"), Path::new("include"))?;
    tree.put_folder(&parts.dist.join("lib"), lib)?;
    tree.put(Path::new("bin/aicredits"), What::Program(fs::read(&parts.command)?))?;
    let printed = |words: &[&str]| tool::read(tool::command(&parts.printer).args(words));
    for (file, text) in [
        ("share/licenses/aicredits/LICENSE", fs::read_to_string(tool::root().join("LICENSE"))?),
        (&format!("share/licenses/aicredits/{}", licenses::FILE_NAME), parts.notices.clone()),
        ("share/man/man1/aicredits.1", printed(&["man"])?),
        ("share/bash-completion/completions/aicredits", printed(&["completions", "bash"])?),
        ("share/zsh/site-functions/_aicredits", printed(&["completions", "zsh"])?),
        ("share/fish/vendor_completions.d/aicredits.fish", printed(&["completions", "fish"])?),
    ] {
        tree.put(Path::new(file), What::File(text.into_bytes()))?;
    }
    for (file, text) in
        [("aicredits-config.cmake", cmake::config(place)), ("aicredits-config-version.cmake", cmake::version())]
    {
        tree.put(&lib.join("cmake/aicredits").join(file), What::File(text.into_bytes()))?;
    }
    for library in C_LIBRARIES {
        let file = lib.join(format!("pkgconfig/{}.pc", library.module));
        tree.put(&file, What::File(pkg_config::file(library, place).into_bytes()))?;
    }
    tree.put_copies("crates/aicredits-ffi/suppressions", Path::new("share/aicredits"), &["supp"])?;
    let documents = Path::new("share/doc/aicredits");
    for (folder, suffixes) in DOCUMENTS {
        tree.put_copies(folder, &documents.join(folder), suffixes)?;
    }
    for (name, to) in DOCUMENT_LINKS {
        tree.put(&documents.join(name), What::Link(to.into()))?;
    }
    Ok(tree)
}

/// Folders with documentation, and the suffixes of its files. It keeps its folders, so that relative links still work.
const DOCUMENTS: &[(&str, &[&str])] = &[
    ("", &["md"]),
    ("docs", &["md"]),
    ("docs/decisions", &["md"]),
    ("docs/images", &["png", "svg"]),
    ("examples", &["c", "cpp", "py", "rs"]),
    ("examples/go", &["go"]),
    ("examples/go/emulator", &["go"]),
    ("examples/go/gate", &["go"]),
    ("bindings/go", &["md"]),
    ("bindings/python", &["md"]),
    ("crates/aicredits-bench", &["md"]),
    ("tests", &["md"]),
];

/// Targets of links in the documentation that are elsewhere in the tree.
const DOCUMENT_LINKS: [(&str, &str); 2] =
    [("include", "../../../include"), ("LICENSE", "../../licenses/aicredits/LICENSE")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_have_values() {
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let read = |line: &str| options(&words(line), ["--prefix", "--libdir"]).map_err(|error| error.to_string());
        let both = [Some("/usr".to_owned()), Some("lib64".to_owned())];
        assert_eq!(read("--prefix /usr --libdir=lib64").unwrap(), both);
        assert_eq!(read("--libdir lib64 --prefix=/usr").unwrap(), both);
        assert_eq!(read("--prefix").unwrap_err(), "--prefix needs a value");
        assert_eq!(read("--to /usr").unwrap_err(), "there is no option `--to`; there are: --prefix, --libdir");
        for missing in [&[][..], &words("--prefix=")] {
            assert_eq!(command(missing).unwrap_err().to_string(), USAGE);
            assert_eq!(uninstall(missing).unwrap_err().to_string(), USAGE);
        }
    }
}
