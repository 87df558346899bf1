//! `cargo xtask install`: what a packager puts into a system, or a user into a folder.
//!
//! Each pkg-config file names the prefix, so that programs that are linked by it do not depend on that file's place.
//! Only these files name it: a tree that was moved is found by `pkg-config --define-prefix`, and by CMake as it is.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};
use std::process::Stdio;

use crate::dist::{self, LINKS_WITH};
use crate::library::{C_LIBRARIES, CLibrary};
use crate::licenses;
use crate::tool::{self, Outcome};

const VERSION: &str = env!("CARGO_PKG_VERSION");
const USAGE: &str = "needs --prefix and an absolute folder, without `..`";

/// `cargo xtask install --prefix P`, which honours `DESTDIR`.
pub(crate) fn command(arguments: &[String]) -> Outcome {
    let prefix = match arguments {
        [option, prefix] if option == "--prefix" => prefix,
        [option] => option.strip_prefix("--prefix=").ok_or(USAGE)?,
        _ => return Err(USAGE.into()),
    };
    let prefix = &plain(prefix)?;
    let staged = env::var_os("DESTDIR").filter(|destdir| !destdir.is_empty()).map(PathBuf::from);
    let tree = tree_of(Path::new(prefix), staged.as_deref())?;
    dist::build_with_programs()?;
    lay_out(&tree, Prefix::At(prefix), &Parts::of_this_machine()?)?;
    println!("installed in {}", tree.display());
    println!("programs find the library by `ldconfig`, where the system looks in {prefix}/lib, or by what links them:");
    println!("    -Wl,-rpath,$(pkg-config --variable=libdir aicredits)");
    Ok(())
}

/// As it is written into the tree: programs that find the library by it must not depend on other folders.
fn plain(prefix: &str) -> Outcome<String> {
    let path = Path::new(prefix);
    let leads_back = path.components().any(|component| component == Component::ParentDir);
    if !path.is_absolute() || leads_back || prefix.contains(char::is_control) {
        return Err(USAGE.into());
    }
    Ok(path.components().collect::<PathBuf>().to_str().ok_or(USAGE)?.to_owned())
}

fn tree_of(prefix: &Path, staged: Option<&Path>) -> Outcome<PathBuf> {
    Ok(match staged {
        None => prefix.to_owned(),
        Some(destdir) => destdir.join(prefix.strip_prefix("/")?),
    })
}

/// Where the suite `install` finds a tree that was moved.
pub(crate) fn moved() -> PathBuf {
    tool::root().join("target/installed tree")
}

/// Where it finds one that is at its prefix.
pub(crate) fn at_its_prefix() -> PathBuf {
    tool::root().join("target/installed")
}

/// Installs the trees of the suite: one at its prefix; and one staged, twice over and while a program of it runs, and
/// moved afterwards.
pub(crate) fn stage() -> Outcome {
    let destdir = tool::root().join("target/staged");
    for old in [&destdir, &moved(), &at_its_prefix()] {
        if old.exists() {
            fs::remove_dir_all(old)?;
        }
    }
    let prefix = at_its_prefix();
    let parts = Parts::of_this_machine()?;
    lay_out(&prefix, Prefix::At(prefix.to_str().ok_or("the repository has an odd path")?), &parts)?;

    let prefix = "/opt/ai credits";
    let made = tree_of(Path::new(prefix), Some(&destdir))?;
    lay_out(&made, Prefix::At(prefix), &parts)?;
    let mut running = tool::command(made.join("bin/aicredits"));
    let mut running = running.args(["emulator", "--with-stdin"]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    let again = lay_out(&made, Prefix::At(prefix), &parts);
    drop(running.stdin.take());
    running.wait()?;
    again?;
    Ok(fs::rename(made, moved())?)
}

/// The place that the tree names as its own.
#[derive(Clone, Copy)]
pub(crate) enum Prefix<'a> {
    At(&'a str),
    /// It may be moved: pkg-config finds everything from its own file.
    Anywhere,
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
pub(crate) fn lay_out(tree: &Path, prefix: Prefix, parts: &Parts) -> Outcome {
    for folder in ["include", "lib"] {
        put_folder(&parts.dist, tree, Path::new(folder))?;
    }
    put(tree, Path::new("bin/aicredits"), What::Program(fs::read(&parts.command)?))?;
    let printed = |words: &[&str]| tool::read(tool::command(&parts.printer).args(words));
    for (place, text) in [
        ("share/licenses/aicredits/LICENSE", fs::read_to_string(tool::root().join("LICENSE"))?),
        (&format!("share/licenses/aicredits/{}", licenses::FILE_NAME), parts.notices.clone()),
        ("lib/cmake/aicredits/aicredits-config.cmake", cmake_config()),
        ("lib/cmake/aicredits/aicredits-config-version.cmake", cmake_version()),
        ("share/man/man1/aicredits.1", printed(&["man"])?),
        ("share/bash-completion/completions/aicredits", printed(&["completions", "bash"])?),
        ("share/zsh/site-functions/_aicredits", printed(&["completions", "zsh"])?),
        ("share/fish/vendor_completions.d/aicredits.fish", printed(&["completions", "fish"])?),
    ] {
        put(tree, Path::new(place), What::File(text.into_bytes()))?;
    }
    for library in C_LIBRARIES {
        let place = format!("lib/pkgconfig/{}.pc", library.module);
        put(tree, Path::new(&place), What::File(pkg_config(library, prefix).into_bytes()))?;
    }
    put_copies(tree, "crates/aicredits-ffi/suppressions", Path::new("share/aicredits"), &["supp"])?;
    let documents = Path::new("share/doc/aicredits");
    for (folder, suffixes) in DOCUMENTS {
        put_copies(tree, folder, &documents.join(folder), suffixes)?;
    }
    for (name, to) in DOCUMENT_LINKS {
        put(tree, &documents.join(name), What::Link(to.into()))?;
    }
    Ok(())
}

/// Puts the files with these suffixes from a folder of the repository into a folder of the tree.
fn put_copies(tree: &Path, from: &str, to: &Path, suffixes: &[&str]) -> Outcome {
    for entry in fs::read_dir(tool::root().join(from))? {
        let (file, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        if file.extension().and_then(OsStr::to_str).is_some_and(|suffix| suffixes.contains(&suffix)) {
            put(tree, &to.join(name), What::File(fs::read(file)?))?;
        }
    }
    Ok(())
}

/// Puts each file of a folder of `dist`, and of the folders in it, in the same place of the tree.
fn put_folder(dist: &Path, tree: &Path, folder: &Path) -> Outcome {
    for entry in fs::read_dir(dist.join(folder))? {
        let entry = entry?;
        let (place, kind) = (folder.join(entry.file_name()), entry.file_type()?);
        if kind.is_dir() {
            put_folder(dist, tree, &place)?;
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
        put(tree, &place, what)?;
    }
    Ok(())
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

enum What {
    File(Vec<u8>),
    Program(Vec<u8>),
    Link(PathBuf),
}

/// Puts it in its place, with modes that do not depend on who installs.
fn put(tree: &Path, place: &Path, what: What) -> Outcome {
    let target = tree.join(place);
    let put = || {
        make_folders(target.parent().unwrap_or(tree))?;
        if target.is_symlink() || target.exists() {
            // Removed and not written over: a program may be using it, or it may lead elsewhere.
            fs::remove_file(&target)?;
        }
        let (bytes, mode) = match what {
            What::Link(to) => return symlink(to, &target),
            What::File(bytes) => (bytes, 0o644),
            What::Program(bytes) => (bytes, 0o755),
        };
        fs::write(&target, bytes)?;
        fs::set_permissions(&target, fs::Permissions::from_mode(mode))
    };
    put().map_err(|error| format!("{}: {error}", target.display()).into())
}

/// Those that are there already are somebody's.
fn make_folders(folder: &Path) -> std::io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        make_folders(parent)?;
    }
    fs::create_dir(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

fn pkg_config(library: &CLibrary, prefix: Prefix) -> String {
    let CLibrary { name, module, description, .. } = library;
    format!(
        "prefix={prefix}
includedir=${{prefix}}/include
libdir=${{prefix}}/lib
# The archive and what it needs, for who wants that where both are: pkg-config --variable=archive {module}
archive=${{libdir}}/{archive} {needs}

Name: {module}
Description: {description}
Version: {VERSION}
Cflags: -I${{includedir}}
Libs: -L${{libdir}} -l{name}
Libs.private: {needs}
",
        prefix = match prefix {
            Prefix::At(prefix) => escaped(prefix),
            Prefix::Anywhere => "${pcfiledir}/../..".to_owned(),
        },
        archive = library.archive(),
        needs = LINKS_WITH.join(" ")
    )
}

/// A path as pkg-config hands it on to a shell as one word.
fn escaped(path: &str) -> String {
    let is_plain = |character: char| character.is_alphanumeric() || "/._-+".contains(character);
    path.chars().map(|it| if is_plain(it) { it.to_string() } else { format!("\\{it}") }).collect()
}

fn cmake_config() -> String {
    let [shared, archive] = C_LIBRARIES[0].targets;
    let listed: Vec<_> = C_LIBRARIES.iter().flat_map(|library| library.targets).collect();
    let [_, _, others @ ..] = listed.as_slice() else { unreachable!("each library has two targets") };
    let targets: String = C_LIBRARIES.iter().map(cmake_targets).collect();
    format!(
        r#"# {shared} is the shared library, {archive} the archive. {others} are those of the emulator, for tests.

foreach(_aicredits_component IN LISTS aicredits_FIND_COMPONENTS)
  if(aicredits_FIND_REQUIRED_${{_aicredits_component}})
    set(aicredits_FOUND FALSE)
    set(aicredits_NOT_FOUND_MESSAGE "it has no components, and no ${{_aicredits_component}}")
    return()
  endif()
endforeach()

# Where it is, and not the way to it: /lib may lead to /usr/lib.
get_filename_component(_aicredits_prefix "${{CMAKE_CURRENT_LIST_DIR}}" REALPATH)
get_filename_component(_aicredits_prefix "${{_aicredits_prefix}}/../../.." ABSOLUTE)

{targets}unset(_aicredits_prefix)
"#,
        others = others.join(" and "),
    )
}

/// The shared library and the archive of a library, as targets of CMake.
fn cmake_targets(library: &CLibrary) -> String {
    let ([shared, archive], needs) = (library.targets, cmake_needs());
    format!(
        r#"if(NOT TARGET {shared})
  add_library({shared} SHARED IMPORTED)
  set_target_properties({shared} PROPERTIES
    IMPORTED_LOCATION "${{_aicredits_prefix}}/lib/{file}.{VERSION}"
    IMPORTED_SONAME "{soname}"
    INTERFACE_INCLUDE_DIRECTORIES "${{_aicredits_prefix}}/include")
endif()

if(NOT TARGET {archive})
  add_library({archive} STATIC IMPORTED)
  set_target_properties({archive} PROPERTIES
    IMPORTED_LOCATION "${{_aicredits_prefix}}/lib/{archive_file}"
    INTERFACE_INCLUDE_DIRECTORIES "${{_aicredits_prefix}}/include"
    INTERFACE_LINK_LIBRARIES "{needs}")
endif()

"#,
        file = library.shared(),
        soname = library.soname(),
        archive_file = library.archive(),
    )
}

/// The libraries that the archive needs, as a list of CMake.
fn cmake_needs() -> String {
    LINKS_WITH.iter().map(|library| library.trim_start_matches("-l")).collect::<Vec<_>>().join(";")
}

/// A version satisfies a request for the same minor version, at that patch or an earlier one, or for a range that it
/// lies in: until 1.0 a minor version may change the API.
fn cmake_version() -> String {
    format!(
        r#"set(PACKAGE_VERSION "{VERSION}")
set(PACKAGE_VERSION_COMPATIBLE FALSE)
if(PACKAGE_FIND_VERSION_RANGE)
  if(NOT PACKAGE_VERSION VERSION_LESS PACKAGE_FIND_VERSION_MIN)
    if(PACKAGE_VERSION VERSION_LESS PACKAGE_FIND_VERSION_MAX
        OR (PACKAGE_FIND_VERSION_RANGE_MAX STREQUAL "INCLUDE" AND PACKAGE_VERSION VERSION_EQUAL PACKAGE_FIND_VERSION_MAX))
      set(PACKAGE_VERSION_COMPATIBLE TRUE)
    endif()
  endif()
elseif(NOT PACKAGE_FIND_VERSION VERSION_GREATER PACKAGE_VERSION AND PACKAGE_FIND_VERSION_MAJOR EQUAL {major}
    AND (PACKAGE_FIND_VERSION_COUNT LESS 2 OR PACKAGE_FIND_VERSION_MINOR EQUAL {minor}))
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
  if(PACKAGE_FIND_VERSION VERSION_EQUAL PACKAGE_VERSION)
    set(PACKAGE_VERSION_EXACT TRUE)
  endif()
endif()
"#,
        major = env!("CARGO_PKG_VERSION_MAJOR"),
        minor = env!("CARGO_PKG_VERSION_MINOR"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_tree_is_made() {
        let tree = |prefix: &str, destdir: Option<&str>| tree_of(Path::new(prefix), destdir.map(Path::new));
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
        assert_eq!(command(&["--prefix".to_owned()]).unwrap_err().to_string(), USAGE);
        assert_eq!(command(&["--prefix=".to_owned()]).unwrap_err().to_string(), USAGE);
    }

    /// It cannot read it from what is built later.
    #[test]
    fn the_repository_s_own_project_links_the_archive_alike() {
        let project = fs::read_to_string(tool::root().join("CMakeLists.txt")).unwrap();
        assert!(project.contains(&format!("INTERFACE_LINK_LIBRARIES \"{}\"", cmake_needs())));
    }

    #[test]
    fn a_prefix_is_one_word() {
        assert_eq!(escaped("/usr/local-1.2_x"), "/usr/local-1.2_x");
        assert_eq!(escaped("/opt/ai credits$"), "/opt/ai\\ credits\\$");
    }

    #[test]
    fn a_link_in_the_way_is_replaced_and_its_target_is_not() {
        let tree = env::temp_dir().join(format!("aicredits-install-{}", std::process::id()));
        let victim = tree.join("victim");
        put(&tree, Path::new("victim"), What::File(b"mine".to_vec())).unwrap();
        put(&tree, Path::new("bin/aicredits"), What::Link(victim.clone())).unwrap();
        put(&tree, Path::new("bin/aicredits"), What::Program(b"theirs".to_vec())).unwrap();
        assert_eq!(fs::read(&victim).unwrap(), b"mine");
        let mode = |place: &str| tree.join(place).symlink_metadata().unwrap().permissions().mode() & 0o7777;
        assert_eq!((mode("bin/aicredits"), mode("victim"), mode("bin")), (0o755, 0o644, 0o755));
        let error = put(&tree, Path::new("victim/below"), What::File(Vec::new())).unwrap_err().to_string();
        assert!(error.contains("victim/below"), "{error}");
        fs::remove_dir_all(&tree).unwrap();
    }
}
