//! The packages of Debian: installed with dpkg, they serve a compiler and a shell, and a purge leaves nothing.

use std::collections::BTreeSet;

use super::{Checks, Needs, Session};
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
            for (what, needs, script) in WAYS {
                checks.prove_in(debian, target, needs, what, |tree| serve(tree, target, script));
            }
        }
    }
    Ok(())
}

/// Installs them, runs the script, and purges them.
fn serve(tree: &mut Session, target: &Target, script: &str) -> Outcome {
    tree.add_project()?;
    let before = tree.files()?;
    let files: Vec<_> = PACKAGES.iter().map(|package| format!("/packages/{}", package.file(target))).collect();
    tree.run(&format!("dpkg -i {}", files.join(" ")))?;
    tree.run(&format!("cp -r /project /tmp/project; cd /tmp/project\n{script}rm -r /tmp/project"))?;
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

/// The example with the emulator, by pkg-config with both forms of the libraries, and by CMake; the command with its own
/// emulator.
const WAYS: [(&str, Needs, &str); 2] = [
    (
        "deb: install, compile, run, purge",
        Needs::Compiler,
        r#"cc emulator.c $(pkg-config --cflags --libs aicredits aicredits-emulator) -o shared
./shared
ldd ./shared | grep -q "libaicredits.so.0 => /"
cc emulator.c $(pkg-config --variable=archive aicredits) $(pkg-config --variable=archive aicredits-emulator) -o static
./static
aicredits emulator exec -- aicredits balance --output csv | grep -q 850
test -s /usr/share/man/man1/aicredits.1.gz
test -s /usr/share/bash-completion/completions/aicredits
test -s /usr/share/doc/libaicredits0/THIRD-PARTY-LICENSES.gz
"#,
    ),
    (
        "deb: install, CMake, purge",
        Needs::BuildSystem,
        r#"cmake -S . -B build
cmake --build build
./build/shared
./build/static
"#,
    ),
];

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
