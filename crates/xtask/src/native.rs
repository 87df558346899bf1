//! Which native files may be published: programs, shared libraries and Python modules.

use std::path::Path;

use crate::elf;
use crate::tool::Outcome;

/// All that a native file may need: parts of glibc or musl. The unwinder is linked in.
const MAY_NEED: &[&str] = &[
    "libc.so.6",
    "libm.so.6",
    // Since glibc 2.34 both are parts of libc.
    "libpthread.so.0",
    "libdl.so.2",
    // Programs find the address of a thread's variable by it.
    "ld-linux-x86-64.so.2",
    "ld-linux-aarch64.so.1",
    // musl is one file. Modules of Python ask for it by the name that Alpine gives it.
    "libc.so",
    "libc.musl-x86_64.so.1",
    "libc.musl-aarch64.so.1",
];

/// Fails if the file needs more than it may, or lacks a protection.
pub(crate) fn check(binary: &Path) -> Outcome {
    let faults = faults(binary)?;
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n").into()) }
}

/// All that is wrong, each with the name of the file.
pub(crate) fn faults(binary: &Path) -> Outcome<Vec<String>> {
    let dynamic = elf::dynamic(binary)?;
    let protection = elf::protection(binary)?;
    let mut faults = unwelcome(&dynamic.needed);
    for (is_fault, what) in [
        (protection.has_executable_stack, "its stack is executable: link it with -z noexecstack"),
        (!protection.is_relro, "its relocations stay writable: link it with -z relro"),
        (!protection.binds_now, "it binds symbols lazily, so its table of them stays writable: link it with -z now"),
    ] {
        if is_fault {
            faults.push(what.to_owned());
        }
    }
    Ok(faults.iter().map(|fault| format!("{}: {fault}", binary.display())).collect())
}

fn unwelcome(needed: &[String]) -> Vec<String> {
    let unwelcome = needed.iter().filter(|needed| !MAY_NEED.contains(&needed.as_str()));
    unwelcome.map(|needed| format!("it needs {needed}; it may need only {}", MAY_NEED.join(", "))).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::tool::{self, CC};

    /// Links an empty library with these options, and returns what is wrong with it.
    fn linked(name: &str, options: &[&str]) -> Vec<String> {
        let folder = tool::cargo_target().join("xtask-tests/native");
        fs::create_dir_all(&folder).unwrap();
        let (source, library) = (folder.join(format!("{name}.c")), folder.join(format!("lib{name}.so")));
        fs::write(&source, "extern int puts(const char *);\nint f(void) { return puts(\"f\"); }\n").unwrap();
        let mut compiler = CC.command().unwrap();
        compiler.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).args(options);
        tool::run(&mut compiler).unwrap();
        let faults = faults(&library).unwrap();
        assert_eq!(check(&library).is_ok(), faults.is_empty());
        let prefix = format!("{}: ", library.display());
        faults.iter().map(|fault| fault.strip_prefix(&prefix).unwrap().to_owned()).collect()
    }

    #[test]
    fn each_planted_fault_is_found() {
        const FINE: [&str; 3] = ["-Wl,-z,relro", "-Wl,-z,now", "-Wl,-z,noexecstack"];
        assert_eq!(linked("fine", &FINE), [""; 0]);
        for (name, option, says) in [
            ("stack", "-Wl,-z,execstack", "its stack is executable"),
            ("norelro", "-Wl,-z,norelro", "its relocations stay writable"),
            ("lazy", "-Wl,-z,lazy", "it binds symbols lazily"),
        ] {
            let faults = linked(name, &[&FINE[..], &[option]].concat());
            assert!(faults.len() == 1 && faults[0].starts_with(says), "{faults:?}");
        }
        let unwinder = linked("unwinder", &[&FINE[..], &["-Wl,--no-as-needed", "-l:libgcc_s.so.1"]].concat());
        assert!(unwinder.len() == 1 && unwinder[0].starts_with("it needs libgcc_s.so.1; it may"), "{unwinder:?}");
    }

    #[test]
    fn only_the_system_s_own_libraries_are_needed() {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        assert_eq!(unwelcome(&names(&["libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2"])), [""; 0]);
        assert_eq!(unwelcome(&names(&["libssl.so.3", "libgcc_s.so.1", "libc.so.60"])).len(), 3);
    }
}
