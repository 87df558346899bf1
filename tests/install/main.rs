//! The installed tree, moved after it was made: programs outside of the repository find it by pkg-config and CMake.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use aicredits_emulator::{Emulator, example};
use aicredits_tests::{root, run, stderr, stdout, succeed, variable};

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

/// A line that README.md shows, as a shell runs it where the tree's pkg-config files are found.
fn in_a_shell(tree: &Path, folder: &Path, line: &str) {
    let mut shell = Command::new("sh");
    shell.current_dir(folder).env("PKG_CONFIG_PATH", tree.join("lib/pkgconfig")).args(["-euc", line]);
    for (name, variable_name) in [("CC", "AICREDITS_CC"), ("CXX", "AICREDITS_CXX")] {
        shell.env(name, variable(variable_name));
    }
    succeed(&mut shell);
}

/// What it is linked with is all that tells it where the library is.
fn prints_the_balance(program: &Path) {
    let emulator = Emulator::start().unwrap();
    let mut command = Command::new(program);
    command.env("WIX_API_KEY", example::API_KEY).env("WIX_ACCOUNT_ID", example::ACCOUNT_ID);
    command.env("AICREDITS_BASE_URL", emulator.url());
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
        ("share/licenses/aicredits/LICENSE", "MIT"),
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
    in_a_shell(&tree(), &tree(), &format!("test $(pkg-config --modversion aicredits) = {}", env!("CARGO_PKG_VERSION")));
    // Whatever the umask of who installed it was.
    for entry in walk(&tree()) {
        let mode = entry.symlink_metadata().unwrap().permissions().mode() & 0o7777;
        let is_program = entry.is_dir() || entry.ends_with("bin/aicredits");
        assert!(entry.is_symlink() || mode == if is_program { 0o755 } else { 0o644 }, "{}: {mode:o}", entry.display());
    }
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|entry| {
            if entry.is_dir() && !entry.is_symlink() { [walk(&entry), vec![entry]].concat() } else { vec![entry] }
        })
        .collect()
}

/// The command lines are README.md's.
#[test]
fn c_and_cpp_find_it_by_pkg_config() {
    const SHARED: &str = "cc balance.c $(pkg-config --cflags --libs aicredits) \
        -Wl,-rpath,$(pkg-config --variable=libdir aicredits) -o balance";
    const STATIC: &str =
        "cc balance.c $(pkg-config --cflags aicredits) $(pkg-config --variable=archive aicredits) -o balance";
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    // A shell takes a path with a blank in it for two; who has such a path quotes.
    let (folder, plain) = (outside(), outside());
    let tree = plain.path().join("tree");
    symlink(self::tree(), &tree).unwrap();
    let alone = with_the_archive_alone(plain.path());
    for name in ["balance.c", "balance.cpp"] {
        fs::copy(root().join("examples").join(name), folder.path().join(name)).unwrap();
    }
    for line in [SHARED, STATIC] {
        let shown = line.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(readme.split_whitespace().collect::<Vec<_>>().join(" ").contains(&shown), "README.md has no `{shown}`");
        for (compiler, source) in [("$CC", "balance.c"), ("$CXX", "balance.cpp")] {
            in_a_shell(&tree, folder.path(), &line.replace("cc balance.c", &format!("{compiler} {source}")));
            prints_the_balance(&folder.path().join("balance"));
        }
    }
    in_a_shell(&alone, folder.path(), "$CC balance.c $(pkg-config --static --cflags --libs aicredits) -o balance");
    prints_the_balance(&folder.path().join("balance"));
}

#[test]
fn cmake_finds_it() {
    let folder = outside();
    for name in ["balance.c", "balance.cpp"] {
        fs::copy(root().join("examples").join(name), folder.path().join(name)).unwrap();
    }
    let project = |version: &str| {
        format!(
            "cmake_minimum_required(VERSION 3.19)\nproject(user C CXX)\nset(CMAKE_CXX_STANDARD 17)\n\
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
    for (number, (version, suits)) in [
        ("", true),
        ("0", true),
        ("0.1.0 EXACT", true),
        ("0.0.5...<1.0", true),
        ("0.1...0.1.0", true),
        ("0.2", false),
        ("0.1.999", false),
        ("0.0.9", false),
        ("1.0", false),
        ("0.0.1...<0.1.0", false),
        ("0.1 COMPONENTS nonsense", false),
    ]
    .into_iter()
    .enumerate()
    {
        let configured = configure(version, &folder.path().join(format!("version-{number}")));
        assert_eq!(configured.status.success(), suits, "{version}: {}", stderr(&configured));
        assert!(suits || stderr(&configured).contains("aicredits"), "{version}");
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
    // A flag with a blank in it would be two.
    let lib = folder.path().join("lib");
    symlink(tree().join("lib"), &lib).unwrap();
    go.current_dir(&user).env("PKG_CONFIG_PATH", lib.join("pkgconfig"));
    go.env("CGO_LDFLAGS", format!("-Wl,-rpath,{}", lib.display()));
    succeed(go.args(["build", "-o"]).arg(&program).arg("."));
    prints_the_balance(&program);
}
