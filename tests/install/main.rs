//! The installed tree, at its prefix and moved: programs outside of the repository find it by pkg-config and CMake, and
//! run with the libraries alone.

mod multiarch;

use std::env;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use aicredits_emulator::{Emulator, example};
use aicredits_tests::{relative_links, root, run, stderr, stdout, succeed, variable};

const SHOWN: &str = "recurring: 850 of 1000\n\
    top-up: 200 of 200\n\
    subscription d7a341c4-196b-46e7-813c-2b0fc1847ec6\n  \
      MONTH: 850 of 1000, resets 2026-07-01T00:00:00Z\n\
    no subscription\n  \
      NO_PERIOD: 200 of 200\n";

/// The version of the workspace, which this package shares.
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn tree() -> PathBuf {
    variable("AICREDITS_INSTALLED")
}

fn moved() -> PathBuf {
    variable("AICREDITS_MOVED")
}

/// A folder outside of the repository.
fn outside() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// The tree as of a machine that has the archive alone.
fn with_the_archive_alone(folder: &Path) -> PathBuf {
    let copy = folder.join("static-only");
    fs::create_dir_all(copy.join("lib/pkgconfig")).unwrap();
    symlink(moved().join("include"), copy.join("include")).unwrap();
    for file in ["lib/libaicredits.a", "lib/pkgconfig/aicredits.pc"] {
        fs::copy(moved().join(file), copy.join(file)).unwrap();
    }
    copy
}

/// A line that docs/install.md shows, as a shell runs it where the tree's pkg-config files are found.
fn in_a_shell(tree: &Path, folder: &Path, line: &str) {
    let mut shell = Command::new("sh");
    shell.current_dir(folder).env("PKG_CONFIG_PATH", tree.join("lib/pkgconfig")).args(["-euc", line]);
    for (name, variable_name) in [("CC", "AICREDITS_CC"), ("CXX", "AICREDITS_CXX"), ("GO", "AICREDITS_GO")] {
        shell.env(name, variable(variable_name));
    }
    succeed(&mut shell);
}

/// The program finds the library only by its link options.
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
    let tree = moved();
    for place in [
        "include/aicredits.h",
        "include/aicredits.hpp",
        "include/aicredits/client.hpp",
        "include/aicredits/emulator.hpp",
        "include/aicredits_emulator.h",
        "lib/libaicredits.a",
        "lib/libaicredits_emulator.a",
    ] {
        assert!(tree.join(place).is_file(), "{place}");
    }
    let link = |name: &str| fs::read_link(tree.join("lib").join(name)).unwrap().display().to_string();
    for library in ["libaicredits", "libaicredits_emulator"] {
        assert_eq!(link(&format!("{library}.so")), format!("{library}.so.0"));
        assert_eq!(link(&format!("{library}.so.0")), format!("{library}.so.{VERSION}"));
    }
    for (place, says) in [
        ("share/man/man1/aicredits.1", ".TH aicredits 1"),
        ("share/licenses/aicredits/LICENSE", "MIT"),
        ("share/licenses/aicredits/THIRD-PARTY-LICENSES", "\nclap 4"),
        ("share/licenses/aicredits/THIRD-PARTY-LICENSES", "\nring 0"),
        ("share/aicredits/valgrind.supp", "Memcheck:Cond"),
        ("share/aicredits/tsan.supp", "called_from_lib:libaicredits.so"),
        ("share/doc/aicredits/README.md", "# "),
        ("share/doc/aicredits/CHANGELOG.md", "# "),
        ("share/doc/aicredits/SECURITY.md", "# "),
        ("share/doc/aicredits/docs/limits.md", "# "),
        ("share/doc/aicredits/docs/images/command.svg", "<svg "),
        ("share/doc/aicredits/examples/balance.c", "#include <aicredits.h>"),
        ("share/doc/aicredits/examples/balance.cpp", "#include <aicredits.hpp>"),
        ("share/doc/aicredits/examples/breakdown.c", "#include <aicredits.h>"),
        ("share/doc/aicredits/examples/gate.c", "#include <aicredits.h>"),
        ("share/bash-completion/completions/aicredits", "complete "),
        ("share/zsh/site-functions/_aicredits", "#compdef aicredits"),
        ("share/fish/vendor_completions.d/aicredits.fish", "complete -c aicredits"),
        ("share/doc/aicredits/examples/emulator.c", "#include <aicredits_emulator.h>"),
        ("share/doc/aicredits/examples/emulator.cpp", "#include <aicredits/emulator.hpp>"),
        ("lib/pkgconfig/aicredits.pc", "Libs: "),
        ("lib/pkgconfig/aicredits-emulator.pc", "-laicredits_emulator"),
        ("lib/cmake/aicredits/aicredits-config.cmake", "aicredits::static"),
        ("lib/cmake/aicredits/aicredits-config.cmake", "aicredits::emulator-static"),
        ("lib/cmake/aicredits/aicredits-config-version.cmake", "PACKAGE_VERSION"),
    ] {
        let text = fs::read_to_string(tree.join(place)).unwrap();
        assert!(text.contains(says), "{place}");
        assert!(!text.contains(root().to_str().unwrap()), "{place} names the repository");
    }
    let version = succeed(Command::new(tree.join("bin/aicredits")).arg("--version"));
    assert_eq!(stdout(&version).trim(), format!("aicredits {}", VERSION));
    in_a_shell(&tree, &tree, &format!("test $(pkg-config --modversion aicredits) = {}", VERSION));
    // The permissions do not depend on the umask of the installation.
    for entry in walk(&tree) {
        let mode = entry.symlink_metadata().unwrap().permissions().mode() & 0o7777;
        let is_program = entry.is_dir() || entry.ends_with("bin/aicredits");
        assert!(entry.is_symlink() || mode == if is_program { 0o755 } else { 0o644 }, "{}: {mode:o}", entry.display());
    }
}

#[test]
fn the_command_needs_libc_alone() {
    let dynamic = stdout(&succeed(Command::new("readelf").arg("--dynamic").arg(tree().join("bin/aicredits"))));
    let needed: Vec<_> = dynamic.lines().filter(|line| line.contains("(NEEDED)")).collect();
    let is_libc = |line: &&str| ["[libc.so", "[libm.so", "[ld-linux"].iter().any(|name| line.contains(name));
    assert!(!needed.is_empty() && needed.iter().all(is_libc), "{needed:?}");
}

#[test]
fn links_of_the_installed_documents_have_a_target() {
    let files = walk(&moved().join("share/doc/aicredits"));
    let is_document = |file: &&PathBuf| file.extension().is_some_and(|suffix| suffix == "md");
    let mut links = 0;
    for document in files.iter().filter(is_document) {
        for target in relative_links(&fs::read_to_string(document).unwrap()) {
            let path = target.split('#').next().unwrap();
            assert!(document.parent().unwrap().join(path).exists(), "{} links {target}", document.display());
            links += 1;
        }
    }
    assert!(links > 20, "{links} links");
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|entry| {
            if entry.is_dir() && !entry.is_symlink() { [walk(&entry), vec![entry]].concat() } else { vec![entry] }
        })
        .collect()
}

/// Where they are is all that the programs need: none of what they were built with.
#[test]
fn programs_run_with_the_libraries_alone() {
    let folder = outside();
    let mut programs = by_pkg_config(folder.path());
    programs.extend(by_cmake(folder.path(), &tree()));
    programs.push(by_go(folder.path()));
    // Away and back, so that the tree can be used again.
    let aside = outside();
    let others = ["bin", "include", "share", "lib/pkgconfig", "lib/cmake", "lib/libaicredits.a", "lib/libaicredits.so"];
    let move_all = |from: &Path, to: &Path| {
        for place in others {
            fs::create_dir_all(to.join(place).parent().unwrap()).unwrap();
            let mut mv = Command::new("mv");
            succeed(mv.arg("-T").arg(from.join(place)).arg(to.join(place)));
        }
    };
    move_all(&tree(), aside.path());
    let ran = std::panic::catch_unwind(|| programs.iter().for_each(|program| prints_the_balance(program)));
    move_all(aside.path(), &tree());
    ran.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

/// Programs of C and C++, linked by the command lines that docs/install.md shows.
fn by_pkg_config(folder: &Path) -> Vec<PathBuf> {
    const SHARED: &str = "cc balance.c $(pkg-config --cflags --libs aicredits) \
        -Wl,-rpath,$(pkg-config --variable=libdir aicredits) -o balance";
    const STATIC: &str =
        "cc balance.c $(pkg-config --cflags aicredits) $(pkg-config --variable=archive aicredits) -o balance";
    let page = fs::read_to_string(root().join("docs/install.md")).unwrap();
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let lib = tree().join("lib");
    let mut programs = Vec::new();
    copy_examples(&tree(), folder);
    for (line, name) in [(SHARED, "shared"), (STATIC, "static")] {
        assert!(one_line(&page).contains(&one_line(line)), "docs/install.md has no `{}`", one_line(line));
        for (compiler, source) in [("$CC", "balance.c"), ("$CXX", "balance.cpp")] {
            let program = folder.join(format!("{source}-{name}"));
            let line = line.replace("cc balance.c", &format!("{compiler} {source}"));
            in_a_shell(&tree(), folder, &line.replace("-o balance", &format!("-o {source}-{name}")));
            prints_the_balance(&program);
            if name == "shared" {
                let dynamic = stdout(&succeed(Command::new("readelf").arg("--dynamic").arg(&program)));
                assert!(dynamic.contains(&format!("path: [{}]", lib.display())), "{source}: {dynamic}");
            }
            programs.push(program);
        }
    }
    programs
}

fn copy_examples(tree: &Path, folder: &Path) {
    for name in ["balance.c", "balance.cpp"] {
        let example = tree.join("share/doc/aicredits/examples").join(name);
        assert_eq!(fs::read(&example).unwrap(), fs::read(root().join("examples").join(name)).unwrap());
        fs::copy(example, folder.join(name)).unwrap();
    }
}

/// pkg-config takes the place of its file for the prefix, if it is asked to.
#[test]
fn a_tree_that_was_moved_is_found() {
    let (folder, plain) = (outside(), outside());
    let alone = with_the_archive_alone(plain.path());
    copy_examples(&moved(), folder.path());
    let program = folder.path().join("balance");
    // A shell takes a path with a blank in it for two words, unless it reads what pkg-config escaped.
    let shared = "eval $CC balance.c $(pkg-config --define-prefix --cflags --libs aicredits) \
        -Wl,-rpath,$(pkg-config --define-prefix --variable=libdir aicredits) -o balance";
    in_a_shell(&moved(), folder.path(), shared);
    prints_the_balance(&program);
    let by_name = "$CXX balance.cpp $(pkg-config --define-variable=prefix=$TREE --cflags --libs aicredits) -o balance";
    in_a_shell(&alone, folder.path(), &by_name.replace("$TREE", alone.to_str().unwrap()));
    prints_the_balance(&program);
    let archive = "$CC balance.c $(pkg-config --define-prefix --static --cflags --libs aicredits) -o balance";
    in_a_shell(&alone, folder.path(), archive);
    prints_the_balance(&program);
    for program in by_cmake(folder.path(), &moved()) {
        prints_the_balance(&program);
    }
}

/// The example test, which needs both libraries: by pkg-config with both forms of them, and by CMake.
#[test]
fn a_test_finds_the_emulator() {
    let folder = outside();
    for name in ["emulator.c", "emulator.cpp"] {
        fs::copy(tree().join("share/doc/aicredits/examples").join(name), folder.path().join(name)).unwrap();
    }
    let passes = |program: &Path| {
        let output = run(&mut Command::new(program));
        assert_eq!((stdout(&output).as_str(), stderr(&output).as_str()), ("passed\n", ""), "{}", program.display());
    };
    let program = folder.path().join("by-pkg-config");
    for line in [
        "$CC emulator.c $(pkg-config --cflags --libs aicredits aicredits-emulator) \
         -Wl,-rpath,$(pkg-config --variable=libdir aicredits-emulator) -o by-pkg-config",
        "$CXX emulator.cpp $(pkg-config --cflags aicredits-emulator) $(pkg-config --variable=archive aicredits) \
         $(pkg-config --variable=archive aicredits-emulator) -o by-pkg-config",
    ] {
        in_a_shell(&tree(), folder.path(), line);
        passes(&program);
    }
    let project = format!(
        "cmake_minimum_required(VERSION 3.19)\nproject(user C CXX)\nset(CMAKE_CXX_STANDARD 17)\n\
         find_package(aicredits {VERSION} REQUIRED)\n\
         add_executable(c-shared emulator.c)\n\
         target_link_libraries(c-shared aicredits::aicredits aicredits::emulator)\n\
         add_executable(cpp-shared emulator.cpp)\n\
         target_link_libraries(cpp-shared aicredits::emulator aicredits::aicredits)\n\
         add_executable(c-static emulator.c)\n\
         target_link_libraries(c-static aicredits::static aicredits::emulator-static)\n\
         add_executable(cpp-static emulator.cpp)\n\
         target_link_libraries(cpp-static aicredits::emulator-static aicredits::static)\n"
    );
    for program in built(folder.path(), &project, &found_in(&tree())) {
        passes(&program);
    }
}

/// A project that finds the tree.
fn project(version: &str) -> String {
    format!(
        "cmake_minimum_required(VERSION 3.19)\nproject(user C CXX)\nset(CMAKE_CXX_STANDARD 17)\n\
         find_package(aicredits {version} REQUIRED)\n{PROGRAMS}"
    )
}

/// Each of C and C++ with each of the libraries.
const PROGRAMS: &str = "add_executable(c-shared balance.c)\ntarget_link_libraries(c-shared aicredits::aicredits)\n\
     add_executable(c-static balance.c)\ntarget_link_libraries(c-static aicredits::static)\n\
     add_executable(cpp-shared balance.cpp)\ntarget_link_libraries(cpp-shared aicredits::aicredits)\n\
     add_executable(cpp-static balance.cpp)\ntarget_link_libraries(cpp-static aicredits::static)\n";

fn configure(folder: &Path, project: &str, build: &Path, options: &[String]) -> std::process::Output {
    fs::write(folder.join("CMakeLists.txt"), project).unwrap();
    let mut cmake = Command::new("cmake");
    cmake.arg("-S").arg(folder).arg("-B").arg(build).args(options);
    cmake.arg(format!("-DCMAKE_C_COMPILER={}", variable("AICREDITS_CC").display()));
    cmake.arg(format!("-DCMAKE_CXX_COMPILER={}", variable("AICREDITS_CXX").display()));
    run(&mut cmake)
}

fn found_in(tree: &Path) -> Vec<String> {
    vec![format!("-DCMAKE_PREFIX_PATH={}", tree.display())]
}

fn built(folder: &Path, project: &str, options: &[String]) -> Vec<PathBuf> {
    let build = folder.join("build");
    let configured = configure(folder, project, &build, options);
    assert!(configured.status.success(), "{}", stderr(&configured));
    let mut cmake = Command::new("cmake");
    // The repository's CMake project would build the library again with another profile.
    for (name, value) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_PROFILE_")) {
        cmake.env(name, value);
    }
    succeed(cmake.arg("--build").arg(&build));
    ["c-shared", "c-static", "cpp-shared", "cpp-static"].map(|program| build.join(program)).to_vec()
}

/// Programs of a CMake project in this folder, which has the examples.
fn by_cmake(folder: &Path, tree: &Path) -> Vec<PathBuf> {
    built(folder, &project(VERSION), &found_in(tree))
}

/// Without an installed tree: FetchContent does what add_subdirectory() does, in a copy that it makes.
#[test]
fn the_repository_is_a_cmake_project() {
    let repository = root();
    for how in [
        format!("add_subdirectory(\"{}\" aicredits)", repository.display()),
        format!(
            "include(FetchContent)\nFetchContent_Declare(aicredits SOURCE_DIR \"{}\")\n\
             FetchContent_MakeAvailable(aicredits)",
            repository.display()
        ),
    ] {
        let folder = outside();
        copy_examples(&moved(), folder.path());
        let project = format!(
            "cmake_minimum_required(VERSION 3.19)\nproject(user C CXX)\nset(CMAKE_CXX_STANDARD 17)\n{how}\n{PROGRAMS}"
        );
        for program in built(folder.path(), &project, &[]) {
            prints_the_balance(&program);
        }
    }
}

#[test]
fn cmake_finds_the_versions_that_suit() {
    let folder = outside();
    copy_examples(&moved(), folder.path());
    let number = |text: &str| text.parse::<u32>().unwrap();
    let (major, minor) = (number(env!("CARGO_PKG_VERSION_MAJOR")), number(env!("CARGO_PKG_VERSION_MINOR")));
    let cases = [
        (String::new(), true),
        (format!("{major}"), true),
        (format!("{VERSION} EXACT"), true),
        (format!("0.0.5...<{}.0", major + 1), true),
        (format!("{major}.{minor}...{VERSION}"), true),
        (format!("{major}.{}", minor + 1), false),
        (format!("{major}.{minor}.999"), false),
        ("0.0.9".to_owned(), false),
        (format!("{}.0", major + 1), false),
        (format!("0.0.1...<{VERSION}"), false),
        (format!("{major}.{minor} COMPONENTS nonsense"), false),
    ];
    for (number, (version, suits)) in cases.iter().map(|(version, suits)| (version.as_str(), *suits)).enumerate() {
        let build = folder.path().join(format!("version-{number}"));
        let configured = configure(folder.path(), &project(version), &build, &found_in(&moved()));
        assert_eq!(configured.status.success(), suits, "{version}: {}", stderr(&configured));
        assert!(suits || stderr(&configured).contains("aicredits"), "{version}");
    }
}

/// A program of Go, from a copy of the package alone, linked by the command line that its README.md shows.
fn by_go(folder: &Path) -> PathBuf {
    const SYSTEM: &str = "go build -tags aicredits_system";
    const RPATH: &str = "CGO_LDFLAGS=-Wl,-rpath,$PREFIX/lib";
    let (package, user) = (folder.join("aicredits"), folder.join("user"));
    for (from, to) in [(root().join("bindings/go"), &package), (root().join("examples/go"), &user)] {
        fs::create_dir(to).unwrap();
        for file in fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
            fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
        }
    }
    let module = fs::read_to_string(user.join("go.mod")).unwrap();
    fs::write(user.join("go.mod"), module.replace("../../bindings/go", "../aicredits")).unwrap();
    let readme = fs::read_to_string(package.join("README.md")).unwrap();
    assert!(readme.contains(SYSTEM) && readme.contains(RPATH), "README.md lacks `{RPATH}` or `{SYSTEM}`");
    let program = folder.join("go-shared");
    let line = format!("PREFIX={}; export {RPATH}; $GO", tree().display()) + SYSTEM.trim_start_matches("go");
    in_a_shell(&tree(), &user, &format!("{line} -o {} .", program.display()));
    prints_the_balance(&program);
    let dynamic = stdout(&succeed(Command::new("readelf").arg("--dynamic").arg(&program)));
    assert!(dynamic.contains("libaicredits.so.0"), "{dynamic}");
    program
}
