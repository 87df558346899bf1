//! The packages of Debian: installed with dpkg, they serve a compiler and a shell, and a purge leaves nothing.

use std::collections::BTreeSet;

use super::{Checks, Session};
use crate::package::deb::PACKAGES;
use crate::target::{Libc, Target};
use crate::tool::{self, Outcome, Tool};

const LINTIAN: Tool = Tool::new("lintian", &["lintian"], "apt-get install lintian");

/// Judges them by lintian, and installs them in bare trees.
pub(in crate::package) fn run(checks: &mut Checks) -> Outcome {
    for target in checks.platforms(Libc::Glibc) {
        let files: Vec<_> = PACKAGES.iter().map(|package| checks.packages.join(package.file(target))).collect();
        checks.prove("deb: lintian", target.debian(), || {
            let mut lintian = LINTIAN.command()?;
            lintian.args(["--allow-root", "--fail-on", "error,warning", "--tag-display-limit", "0"]);
            tool::run(lintian.args(files))
        });
        for &debian in checks.trees(target) {
            checks.prove_in(debian, target, "deb: install, compile, run, purge", |tree| serve(tree, target, SCRIPT));
            const CMAKE_WHAT: &str = "deb: install, CMake, purge";
            if target.runs_here() {
                checks.prove_in(debian, target, CMAKE_WHAT, |tree| serve(tree, target, CMAKE));
            } else {
                let place = format!("{debian} {}", target.processor);
                checks.not_run(CMAKE_WHAT, &place, "the tree of an emulated processor has no CMake");
            }
        }
    }
    Ok(())
}

/// Installs them, runs the script, and purges them.
fn serve(tree: &mut Session, target: &Target, script: &str) -> Outcome {
    tree.show(&tool::root().join("examples"), "/examples");
    let before = tree.files()?;
    let files: Vec<_> = PACKAGES.iter().map(|package| format!("/packages/{}", package.file(target))).collect();
    tree.run(&format!("dpkg -i {}", files.join(" ")))?;
    tree.run(&format!("mkdir /tmp/project\ncd /tmp/project\ncp /examples/emulator.c .\n{script}rm -r /tmp/project\n"))?;
    let names: Vec<_> = PACKAGES.iter().map(|package| package.name).collect();
    tree.run(&format!("dpkg --purge {}", names.join(" ")))?;
    let left = differences(&before, &tree.files()?);
    if left.is_empty() { Ok(()) } else { Err(format!("after the purge: {}", left.join(", ")).into()) }
}

/// Files that are in one of the lists alone.
fn differences(before: &BTreeSet<String>, after: &BTreeSet<String>) -> Vec<String> {
    let others = before.symmetric_difference(after).filter(|file| !BY_DPKG.contains(&file.as_str()));
    others
        .map(|file| if before.contains(file) { format!("{file} is gone") } else { format!("{file} is left") })
        .collect()
}

/// Files that dpkg itself writes, and ldconfig for it.
const BY_DPKG: &[&str] = &["/var/cache/ldconfig/aux-cache", "/var/lib/dpkg/status-old", "/var/log/dpkg.log"];

/// The example with the emulator, by pkg-config with both forms of the libraries; the command with its own emulator.
const SCRIPT: &str = r#"cc emulator.c $(pkg-config --cflags --libs aicredits aicredits-emulator) -o shared
./shared
ldd ./shared | grep -q "libaicredits.so.0 => /"
cc emulator.c $(pkg-config --variable=archive aicredits) $(pkg-config --variable=archive aicredits-emulator) -o static
./static
aicredits emulator exec -- aicredits balance --output csv | grep -q 850
test -s /usr/share/man/man1/aicredits.1.gz
test -s /usr/share/bash-completion/completions/aicredits
test -s /usr/share/doc/libaicredits0/THIRD-PARTY-LICENSES.gz
"#;

const CMAKE: &str = r#"cat > CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.18)
project(program C)
find_package(aicredits 0.1 REQUIRED)
add_executable(shared emulator.c)
target_link_libraries(shared PRIVATE aicredits::aicredits aicredits::emulator)
add_executable(static emulator.c)
target_link_libraries(static PRIVATE aicredits::static aicredits::emulator-static)
END
cmake -S . -B build
cmake --build build
./build/shared
./build/static
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_left_or_gone_is_named() {
        let list = |files: &[&str]| files.iter().map(|&file| file.to_owned()).collect::<BTreeSet<_>>();
        let (before, after) = (list(&["/a", "/b"]), list(&["/b", "/c", "/var/log/dpkg.log"]));
        assert_eq!(differences(&before, &after), ["/a is gone", "/c is left"]);
        assert_eq!(differences(&before, &list(&["/a", "/b", "/var/lib/dpkg/status-old"])), [""; 0]);
    }
}
