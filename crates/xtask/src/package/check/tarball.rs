//! The tarballs: unpacked anywhere, they serve CMake, Meson and a plain compiler.

use super::{Checks, Debian, Needs, Session};
use crate::target::{Libc, Target};
use crate::tool::Outcome;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Compiles the example with the emulator and runs it, in each way that users have.
pub(in crate::package) fn run(checks: &mut Checks) -> Outcome {
    for target in checks.platforms(Libc::Glibc) {
        for &debian in checks.trees(target) {
            for &(what, needs, script) in WAYS {
                checks.prove_in(debian, target, needs, &format!("tarball: {what}"), |tree| build(tree, target, script));
            }
        }
    }
    for target in checks.platforms(Libc::Musl) {
        for &(what, needs, script) in MUSL_WAYS {
            let what = format!("tarball: {what}");
            checks.prove_in(Debian::Bullseye, target, needs, &what, |tree| build(tree, target, script));
        }
    }
    Ok(())
}

/// Compiles the example with the emulator, which makes calls, and runs it.
fn build(tree: &mut Session, target: &Target, script: &str) -> Outcome {
    tree.add_project()?;
    let name = format!("aicredits-{VERSION}-{}", target.platform());
    // In a folder with a space, and not at the place where it was made.
    tree.run(&format!(
        "mkdir '/opt/a b'; tar -xzf /packages/{name}.tar.gz -C '/opt/a b'; mv '/opt/a b/{name}' '/opt/a b/credits'\n\
         cd /project; T='/opt/a b/credits'\n{script}"
    ))
}

/// The ways of a glibc system, each with the commands of a user. `$T` is the unpacked tarball.
const WAYS: &[(&str, Needs, &str)] = &[
    (
        "cc and pkg-config",
        Needs::Compiler,
        // pkg-config 0.29 does not escape a space in the place of its file.
        r#"mv "$T" /opt/credits
export PKG_CONFIG_PATH=/opt/credits/lib/pkgconfig
cc emulator.c $(pkg-config --cflags --libs aicredits aicredits-emulator) -o program
LD_LIBRARY_PATH=/opt/credits/lib ./program
"#,
    ),
    (
        "cc and the archives",
        Needs::Compiler,
        r#"cc -I"$T/include" emulator.c "$T/lib/libaicredits.a" "$T/lib/libaicredits_emulator.a" -lpthread -ldl -lm -o program
rm -r "$T"
./program
"#,
    ),
    (
        "CMake",
        Needs::BuildSystem,
        r#"cmake -S . -B build -DCMAKE_PREFIX_PATH="$T"
cmake --build build
./build/shared
./build/static
"#,
    ),
    (
        "Meson",
        Needs::BuildSystem,
        r#"mv "$T" /opt/credits
meson setup build --pkg-config-path /opt/credits/lib/pkgconfig
ninja -C build
./build/program
"#,
    ),
    (
        "the command, its manual page and completions",
        Needs::Compiler,
        r#""$T/bin/aicredits" emulator exec -- "$T/bin/aicredits" balance
test -s "$T/share/man/man1/aicredits.1"
test -s "$T/share/bash-completion/completions/aicredits"
test -s "$T/share/licenses/aicredits/THIRD-PARTY-LICENSES"
"#,
    ),
];

/// The ways of a system with musl.
const MUSL_WAYS: &[(&str, Needs, &str)] = &[
    (
        "musl-gcc and the shared libraries, with musl's loader",
        Needs::Compiler,
        r#"musl-gcc -I"$T/include" emulator.c -L"$T/lib" -laicredits -laicredits_emulator -o program
LD_LIBRARY_PATH="$T/lib" ./program
"#,
    ),
    (
        "musl-gcc -static",
        Needs::Compiler,
        r#"musl-gcc -static -I"$T/include" emulator.c "$T/lib/libaicredits.a" "$T/lib/libaicredits_emulator.a" -o program
rm -r "$T"
./program
"#,
    ),
];
