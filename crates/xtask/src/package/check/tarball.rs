//! The tarballs: unpacked anywhere, they serve CMake, Meson and a plain compiler.

use super::{Checks, Debian, Session};
use crate::target::{Libc, Target};
use crate::tool::{self, Outcome};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Compiles the example with the emulator and runs it, in each way that users have.
pub(in crate::package) fn run(checks: &mut Checks) -> Outcome {
    for target in checks.platforms(Libc::Glibc) {
        for &debian in checks.trees(target) {
            for (what, script) in WAYS {
                // The trees of an emulated processor have neither.
                if !target.runs_here() && matches!(*what, "CMake" | "Meson") {
                    continue;
                }
                checks.prove_in(debian, target, &format!("tarball: {what}"), |tree| build(tree, target, script));
            }
        }
    }
    for target in checks.platforms(Libc::Musl) {
        for (what, script) in MUSL_WAYS {
            checks.prove_in(Debian::Bullseye, target, &format!("tarball: {what}"), |tree| build(tree, target, script));
        }
    }
    Ok(())
}

/// Compiles the example with the emulator, which makes calls, and runs it.
fn build(tree: &mut Session, target: &Target, script: &str) -> Outcome {
    tree.show(&tool::root().join("examples"), "/examples");
    let name = format!("aicredits-{VERSION}-{}", target.platform());
    // In a folder with a space, and not at the place where it was made.
    tree.run(&format!(
        "mkdir '/opt/a b'; tar -xzf /packages/{name}.tar.gz -C '/opt/a b'; mv '/opt/a b/{name}' '/opt/a b/credits'\n\
         mkdir /tmp/project; cd /tmp/project; cp /examples/emulator.c .; T='/opt/a b/credits'\n{script}"
    ))
}

/// The ways of a glibc system, each with the commands of a user. `$T` is the unpacked tarball.
const WAYS: &[(&str, &str)] = &[
    (
        "cc and pkg-config",
        // pkg-config 0.29 does not escape a space in the place of its file.
        r#"mv "$T" /opt/credits
export PKG_CONFIG_PATH=/opt/credits/lib/pkgconfig
cc emulator.c $(pkg-config --cflags --libs aicredits aicredits-emulator) -o program
LD_LIBRARY_PATH=/opt/credits/lib ./program
"#,
    ),
    (
        "cc and the archives",
        r#"cc -I"$T/include" emulator.c "$T/lib/libaicredits.a" "$T/lib/libaicredits_emulator.a" -lpthread -ldl -lm -o program
rm -r "$T"
./program
"#,
    ),
    (
        "CMake",
        r#"cat > CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.18)
project(program C)
find_package(aicredits 0.1 REQUIRED)
add_executable(shared emulator.c)
target_link_libraries(shared PRIVATE aicredits::aicredits aicredits::emulator)
add_executable(static emulator.c)
target_link_libraries(static PRIVATE aicredits::static aicredits::emulator-static)
END
cmake -S . -B build -DCMAKE_PREFIX_PATH="$T"
cmake --build build
./build/shared
./build/static
"#,
    ),
    (
        "Meson",
        r#"cat > meson.build <<'END'
project('program', 'c')
executable('program', 'emulator.c', dependencies: [dependency('aicredits'), dependency('aicredits-emulator')])
END
mv "$T" /opt/credits
meson setup build --pkg-config-path /opt/credits/lib/pkgconfig
ninja -C build
./build/program
"#,
    ),
    (
        "the command, its manual page and completions",
        r#""$T/bin/aicredits" emulator exec -- "$T/bin/aicredits" balance
test -s "$T/share/man/man1/aicredits.1"
test -s "$T/share/bash-completion/completions/aicredits"
test -s "$T/share/licenses/aicredits/THIRD-PARTY-LICENSES"
"#,
    ),
];

/// The ways of a system with musl.
const MUSL_WAYS: &[(&str, &str)] = &[
    (
        "musl-gcc and the shared libraries, with musl's loader",
        r#"musl-gcc -I"$T/include" emulator.c -L"$T/lib" -laicredits -laicredits_emulator -o program
LD_LIBRARY_PATH="$T/lib" ./program
"#,
    ),
    (
        "musl-gcc -static",
        r#"musl-gcc -static -I"$T/include" emulator.c "$T/lib/libaicredits.a" "$T/lib/libaicredits_emulator.a" -o program
rm -r "$T"
./program
"#,
    ),
];
