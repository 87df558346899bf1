//! The installed tree, moved after it was made: programs outside of the repository find it by pkg-config and CMake.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use aicredits_emulator::{Emulator, example};
use aicredits_tests::{root, run, scratch, stderr, stdout, succeed, variable};

const SHOWN: &str = "recurring: 850 of 1000\n\
    top-up: 200 of 200\n\
    subscription d7a341c4-196b-46e7-813c-2b0fc1847ec6\n  \
      MONTH: 850 of 1000, resets 2026-07-01T00:00:00Z\n\
    no subscription\n  \
      NO_PERIOD: 200 of 200\n";

fn tree() -> PathBuf {
    variable("AICREDITS_INSTALLED")
}

/// A folder outside of the repository.
fn outside() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// The tree as of a machine that has the archive alone.
fn with_the_archive_alone(folder: &Path) -> PathBuf {
    let copy = folder.join("static-only");
    fs::create_dir_all(copy.join("lib/pkgconfig")).unwrap();
    symlink(tree().join("include"), copy.join("include")).unwrap();
    for file in ["lib/libaicredits.a", "lib/pkgconfig/aicredits.pc"] {
        fs::copy(tree().join(file), copy.join(file)).unwrap();
    }
    copy
}

fn pkg_config(tree: &Path, arguments: &[&str]) -> Vec<String> {
    let mut command = Command::new("pkg-config");
    command.env("PKG_CONFIG_PATH", tree.join("lib/pkgconfig")).args(arguments).arg("aicredits");
    stdout(&succeed(&mut command)).split_whitespace().map(str::to_owned).collect()
}

fn prints_the_balance(program: &Path) {
    let emulator = Emulator::start().unwrap();
    let mut command = Command::new(program);
    command.env("WIX_API_KEY", example::API_KEY).env("WIX_ACCOUNT_ID", example::ACCOUNT_ID);
    command.env("AICREDITS_BASE_URL", emulator.url()).env("LD_LIBRARY_PATH", tree().join("lib"));
    let output = run(&mut command);
    assert_eq!((stdout(&output).as_str(), stderr(&output).as_str()), (SHOWN, ""), "{}", program.display());
}

#[test]
fn all_of_it_is_there_and_nothing_names_where_it_was_built() {
    for place in ["include/aicredits.h", "include/aicredits.hpp", "lib/libaicredits.a"] {
        assert!(tree().join(place).is_file(), "{place}");
    }
    let link = |name: &str| fs::read_link(tree().join("lib").join(name)).unwrap().display().to_string();
    assert_eq!(link("libaicredits.so"), "libaicredits.so.0");
    assert_eq!(link("libaicredits.so.0"), format!("libaicredits.so.{}", env!("CARGO_PKG_VERSION")));
    for (place, says) in [
        ("share/man/man1/aicredits.1", ".TH aicredits 1"),
        ("share/bash-completion/completions/aicredits", "complete "),
        ("share/zsh/site-functions/_aicredits", "#compdef aicredits"),
        ("share/fish/vendor_completions.d/aicredits.fish", "complete -c aicredits"),
        ("lib/pkgconfig/aicredits.pc", "Libs: "),
        ("lib/cmake/aicredits/aicredits-config.cmake", "aicredits::static"),
        ("lib/cmake/aicredits/aicredits-config-version.cmake", "PACKAGE_VERSION"),
    ] {
        let text = fs::read_to_string(tree().join(place)).unwrap();
        assert!(text.contains(says), "{place}");
        assert!(!text.contains(root().to_str().unwrap()), "{place} names the repository");
    }
    let version = succeed(Command::new(tree().join("bin/aicredits")).arg("--version"));
    assert_eq!(stdout(&version).trim(), format!("aicredits {}", env!("CARGO_PKG_VERSION")));
    assert_eq!(pkg_config(&tree(), &["--modversion"]), [env!("CARGO_PKG_VERSION")]);
}

#[test]
fn c_and_cpp_find_it_by_pkg_config() {
    let folder = outside();
    for (compiler, source) in [("AICREDITS_CC", "balance.c"), ("AICREDITS_CXX", "balance.cpp")] {
        let source = root().join("examples").join(source);
        let alone = with_the_archive_alone(&scratch(compiler));
        for (name, flags) in [
            ("shared", pkg_config(&tree(), &["--cflags", "--libs"])),
            ("static", pkg_config(&alone, &["--static", "--cflags", "--libs"])),
        ] {
            let program = folder.path().join(format!("{compiler}-{name}"));
            let mut command = Command::new(variable(compiler));
            succeed(command.current_dir(folder.path()).arg(&source).arg("-o").arg(&program).args(flags));
            prints_the_balance(&program);
        }
    }
}

#[test]
fn cmake_finds_it() {
    let folder = outside();
    for name in ["balance.c", "balance.cpp"] {
        fs::copy(root().join("examples").join(name), folder.path().join(name)).unwrap();
    }
    let project = |version: &str| {
        format!(
            "cmake_minimum_required(VERSION 3.16)\nproject(user C CXX)\nset(CMAKE_CXX_STANDARD 17)\n\
             find_package(aicredits {version} REQUIRED)\n\
             add_executable(c-shared balance.c)\ntarget_link_libraries(c-shared aicredits::aicredits)\n\
             add_executable(c-static balance.c)\ntarget_link_libraries(c-static aicredits::static)\n\
             add_executable(cpp-shared balance.cpp)\ntarget_link_libraries(cpp-shared aicredits::aicredits)\n\
             add_executable(cpp-static balance.cpp)\ntarget_link_libraries(cpp-static aicredits::static)\n"
        )
    };
    let configure = |version: &str, build: &Path| {
        fs::write(folder.path().join("CMakeLists.txt"), project(version)).unwrap();
        let mut cmake = Command::new("cmake");
        cmake.arg("-S").arg(folder.path()).arg("-B").arg(build);
        cmake.arg(format!("-DCMAKE_PREFIX_PATH={}", tree().display()));
        cmake.arg(format!("-DCMAKE_C_COMPILER={}", variable("AICREDITS_CC").display()));
        cmake.arg(format!("-DCMAKE_CXX_COMPILER={}", variable("AICREDITS_CXX").display()));
        run(&mut cmake)
    };
    let build = folder.path().join("build");
    let configured = configure("0.1", &build);
    assert!(configured.status.success(), "{}", stderr(&configured));
    succeed(Command::new("cmake").arg("--build").arg(&build));
    for program in ["c-shared", "c-static", "cpp-shared", "cpp-static"] {
        prints_the_balance(&build.join(program));
    }
    for (number, unsuitable) in ["0.2", "0.1.999", "1.0"].into_iter().enumerate() {
        let refused = configure(unsuitable, &folder.path().join(format!("refused-{number}")));
        assert!(!refused.status.success() && stderr(&refused).contains("aicredits"), "{unsuitable}");
    }
}

/// From a copy of the package alone.
#[test]
fn go_finds_it_by_pkg_config() {
    let folder = outside();
    let (package, user) = (folder.path().join("aicredits"), folder.path().join("user"));
    for (from, to) in [(root().join("bindings/go"), &package), (root().join("examples/go"), &user)] {
        fs::create_dir(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let file = entry.unwrap().path();
            fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
        }
    }
    let module = fs::read_to_string(user.join("go.mod")).unwrap();
    fs::write(user.join("go.mod"), module.replace("../../bindings/go", "../aicredits")).unwrap();
    let program = folder.path().join("balance");
    let mut go = Command::new(variable("AICREDITS_GO"));
    go.current_dir(&user).env("PKG_CONFIG_PATH", tree().join("lib/pkgconfig"));
    succeed(go.args(["build", "-o"]).arg(&program).arg("."));
    prints_the_balance(&program);
}
