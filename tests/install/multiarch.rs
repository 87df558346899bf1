//! A tree whose libraries are in `lib/x86_64-linux-gnu`, or in that of another processor, as Debian has them.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use aicredits_tests::{run, stderr, stdout, variable};

use crate::{VERSION, built, found_in, in_a_shell, outside, walk};

fn tree() -> PathBuf {
    variable("AICREDITS_MULTIARCH")
}

fn libdir() -> PathBuf {
    tree().join(format!("lib/{}-linux-gnu", env::consts::ARCH))
}

fn passes(program: &Path) {
    let output = run(&mut Command::new(program));
    assert_eq!((stdout(&output).as_str(), stderr(&output).as_str()), ("passed\n", ""), "{}", program.display());
}

#[test]
fn pkg_config_and_cmake_find_the_libraries() {
    let folder = outside();
    fs::copy(tree().join("share/doc/aicredits/examples/emulator.c"), folder.path().join("emulator.c")).unwrap();
    for libraries in [
        "$(pkg-config --libs aicredits aicredits-emulator) -Wl,-rpath,$(pkg-config --variable=libdir aicredits)",
        "$(pkg-config --variable=archive aicredits) $(pkg-config --variable=archive aicredits-emulator)",
    ] {
        // Its path has a space, which pkg-config escapes for a shell that reads it twice.
        let line =
            format!("eval $CC emulator.c $(pkg-config --cflags aicredits-emulator) {libraries} -o by-pkg-config");
        let search = format!("export PKG_CONFIG_PATH='{}'", libdir().join("pkgconfig").display());
        in_a_shell(&tree(), folder.path(), &format!("{search}; {line}"));
        passes(&folder.path().join("by-pkg-config"));
    }
    let mut project = format!(
        "cmake_minimum_required(VERSION 3.18)\nproject(user C CXX)\nfind_package(aicredits {VERSION} REQUIRED)\n"
    );
    for (program, libraries) in [
        ("c-shared", "aicredits::aicredits aicredits::emulator"),
        ("c-static", "aicredits::static aicredits::emulator-static"),
    ] {
        project += &format!("add_executable({program} emulator.c)\ntarget_link_libraries({program} {libraries})\n");
    }
    for program in built(folder.path(), &project, &found_in(&tree())).into_iter().take(2) {
        passes(&program);
    }
}

#[test]
fn no_library_is_elsewhere_and_the_list_has_every_file() {
    let lib: Vec<_> = fs::read_dir(tree().join("lib")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(lib, [libdir()]);
    let list = fs::read_to_string(tree().join("share/aicredits/install-manifest.txt")).unwrap();
    let listed: BTreeSet<_> = list.lines().map(|line| PathBuf::from(line.trim_end_matches('/'))).collect();
    let there: BTreeSet<_> = walk(&tree()).into_iter().chain([tree()]).collect();
    assert_eq!(listed, there);
}
