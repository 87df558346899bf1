//! `cargo xtask install`: what a packager puts into a system, or a user into a folder.
//!
//! Nothing in the tree names where it stands, so it may be moved as a whole.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::dist::{self, LINKS_WITH};
use crate::tool::{self, Outcome};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// `cargo xtask install --prefix P`, which heeds `DESTDIR`.
pub(crate) fn command(arguments: &[String]) -> Outcome {
    let [option, prefix] = arguments else { return Err("needs --prefix and a folder".into()) };
    let prefix = Path::new(prefix);
    if option != "--prefix" || !prefix.is_absolute() {
        return Err("needs --prefix and an absolute folder".into());
    }
    let staged = env::var_os("DESTDIR").filter(|destdir| !destdir.is_empty());
    let tree = match &staged {
        None => prefix.to_owned(),
        Some(destdir) => Path::new(destdir).join(prefix.strip_prefix("/")?),
    };
    dist::build_with_programs()?;
    lay_out(&tree)?;
    println!("installed in {}", tree.display());
    Ok(())
}

/// Where the suite `install` finds a tree.
pub(crate) fn tried() -> PathBuf {
    tool::root().join("target/installed")
}

/// Installs a tree for the suite, moved after it was made.
pub(crate) fn stage() -> Outcome {
    let made = tried().with_extension("new");
    for old in [&made, &tried()] {
        if old.exists() {
            fs::remove_dir_all(old)?;
        }
    }
    lay_out(&made)?;
    Ok(fs::rename(made, tried())?)
}

fn lay_out(tree: &Path) -> Outcome {
    for folder in ["include", "lib"] {
        copy(&dist::folder().join(folder), &tree.join(folder))?;
    }
    // It is for those who have no pkg-config.
    fs::remove_file(tree.join("lib/libaicredits.libs"))?;
    write(tree, "lib/pkgconfig/aicredits.pc", &pkg_config())?;
    write(tree, "lib/cmake/aicredits/aicredits-config.cmake", &cmake_config())?;
    write(tree, "lib/cmake/aicredits/aicredits-config-version.cmake", &cmake_version())?;

    let program = dist::programs().join("aicredits");
    fs::create_dir_all(tree.join("bin"))?;
    fs::copy(&program, tree.join("bin/aicredits"))?;
    let printed = |words: &[&str]| tool::read(tool::command(&program).args(words));
    write(tree, "share/man/man1/aicredits.1", &printed(&["man"])?)?;
    for (shell, place) in [
        ("bash", "share/bash-completion/completions/aicredits"),
        ("zsh", "share/zsh/site-functions/_aicredits"),
        ("fish", "share/fish/vendor_completions.d/aicredits.fish"),
    ] {
        write(tree, place, &printed(&["completions", shell])?)?;
    }
    Ok(())
}

/// Files and symbolic links of one folder, over those that an earlier version left.
fn copy(from: &Path, to: &Path) -> Outcome {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if target.is_symlink() || target.exists() {
            // Removed and not written over: a program may be using it.
            fs::remove_file(&target)?;
        }
        if entry.file_type()?.is_symlink() {
            symlink(fs::read_link(source)?, target)?;
        } else {
            fs::copy(source, target)?;
        }
    }
    Ok(())
}

fn write(tree: &Path, place: &str, text: &str) -> Outcome {
    let file = tree.join(place);
    fs::create_dir_all(file.parent().expect("it lies in a folder"))?;
    Ok(fs::write(file, text)?)
}

fn pkg_config() -> String {
    format!(
        "prefix=${{pcfiledir}}/../..

Name: aicredits
Description: What an account or a site has left of its Wix AI credits
Version: {VERSION}
Cflags: -I${{prefix}}/include
Libs: -L${{prefix}}/lib -laicredits
Libs.private: {}
",
        LINKS_WITH.join(" ")
    )
}

fn cmake_config() -> String {
    let needs = LINKS_WITH.iter().map(|library| library.trim_start_matches("-l")).collect::<Vec<_>>().join(";");
    format!(
        r#"# aicredits::aicredits is the shared library, aicredits::static the archive.

get_filename_component(_aicredits_prefix "${{CMAKE_CURRENT_LIST_DIR}}/../../.." ABSOLUTE)

if(NOT TARGET aicredits::aicredits)
  add_library(aicredits::aicredits SHARED IMPORTED)
  set_target_properties(aicredits::aicredits PROPERTIES
    IMPORTED_LOCATION "${{_aicredits_prefix}}/lib/libaicredits.so.{VERSION}"
    IMPORTED_SONAME "libaicredits.so.{major}"
    INTERFACE_INCLUDE_DIRECTORIES "${{_aicredits_prefix}}/include")
endif()

if(NOT TARGET aicredits::static)
  add_library(aicredits::static STATIC IMPORTED)
  set_target_properties(aicredits::static PROPERTIES
    IMPORTED_LOCATION "${{_aicredits_prefix}}/lib/libaicredits.a"
    INTERFACE_INCLUDE_DIRECTORIES "${{_aicredits_prefix}}/include"
    INTERFACE_LINK_LIBRARIES "{needs}")
endif()

unset(_aicredits_prefix)
"#,
        major = env!("CARGO_PKG_VERSION_MAJOR"),
    )
}

/// A version suits whoever asks for the same minor version, at that patch or an earlier one: until 1.0 a minor version may
/// change the API.
fn cmake_version() -> String {
    let minor = concat!(env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR"));
    format!(
        r#"set(PACKAGE_VERSION "{VERSION}")
if(PACKAGE_FIND_VERSION VERSION_GREATER PACKAGE_VERSION
    OR NOT "${{PACKAGE_FIND_VERSION_MAJOR}}.${{PACKAGE_FIND_VERSION_MINOR}}" VERSION_EQUAL "{minor}")
  set(PACKAGE_VERSION_COMPATIBLE FALSE)
else()
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
  if(PACKAGE_FIND_VERSION VERSION_EQUAL PACKAGE_VERSION)
    set(PACKAGE_VERSION_EXACT TRUE)
  endif()
endif()
"#
    )
}
