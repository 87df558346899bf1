//! The symbols that a library exports and needs, as binutils reports them.

use std::path::Path;

use crate::tool::{self, NM, Outcome, READELF};

/// The entries of a shared library that the loader acts on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Dynamic {
    pub(crate) soname: Option<String>,
    pub(crate) needed: Vec<String>,
}

/// Protections against an attacker who can write to the memory of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Protection {
    /// Relocations are read-only after the start.
    pub(crate) is_relro: bool,
    /// Every symbol is bound at the start, so that the table of them is read-only, too.
    pub(crate) binds_now: bool,
    pub(crate) has_executable_stack: bool,
}

/// Reads the program headers and the dynamic section of a program or a shared library.
pub(crate) fn protection(binary: &Path) -> Outcome<Protection> {
    let mut readelf = READELF.command()?;
    Ok(parse_protection(&tool::read(readelf.args(["--program-headers", "--dynamic", "--wide"]).arg(binary))?))
}

/// Reads the dynamic section of a shared library.
pub(crate) fn dynamic(library: &Path) -> Outcome<Dynamic> {
    Ok(parse_dynamic(&tool::read(READELF.command()?.args(["--dynamic", "--wide"]).arg(library))?))
}

/// The symbols that a shared library gives to others, and the version of each.
pub(crate) fn exported(library: &Path) -> Outcome<Vec<(String, String)>> {
    let list = tool::read(NM.command()?.args(["--dynamic", "--defined-only", "--format=posix"]).arg(library))?;
    Ok(parse_versioned(&list))
}

/// The symbol versions that a shared library defines, without the one that names the library.
pub(crate) fn versions(library: &Path) -> Outcome<Vec<String>> {
    Ok(parse_versions(&tool::read(READELF.command()?.args(["--version-info", "--wide"]).arg(library))?))
}

/// The newest glibc of which a program or a shared library needs a symbol, if it needs one.
pub(crate) fn glibc(binary: &Path) -> Outcome<Option<(u32, u32)>> {
    Ok(parse_glibc(&tool::read(READELF.command()?.args(["--version-info", "--wide"]).arg(binary))?))
}

/// The build id of a program or a shared library, in hexadecimal, by which a debugger finds its symbols.
pub(crate) fn build_id(binary: &Path) -> Outcome<Option<String>> {
    Ok(parse_build_id(&tool::read(READELF.command()?.args(["--notes", "--wide"]).arg(binary))?))
}

/// Whether a file has the lines of its source, for debuggers.
pub(crate) fn has_lines(file: &Path) -> Outcome<bool> {
    Ok(tool::read(READELF.command()?.args(["--section-headers", "--wide"]).arg(file))?.contains(".debug_line"))
}

/// The symbols that an archive's members give to others.
pub(crate) fn global(archive: &Path) -> Outcome<Vec<String>> {
    let list = tool::read(NM.command()?.args(["--extern-only", "--defined-only", "--format=posix"]).arg(archive))?;
    Ok(parse_symbols(&list))
}

fn parse_dynamic(text: &str) -> Dynamic {
    let values = |tag: &str| {
        let values = text.lines().filter(|line| line.contains(tag)).filter_map(|line| {
            let (_, value) = line.split_once('[')?;
            Some(value.trim_end().trim_end_matches(']').to_owned())
        });
        values.collect::<Vec<_>>()
    };
    Dynamic { soname: values("(SONAME)").pop(), needed: values("(NEEDED)") }
}

/// `readelf` prints it on a line for itself, or at the end of the line of its note.
fn parse_build_id(text: &str) -> Option<String> {
    let (_, id) = text.lines().find_map(|line| line.split_once("Build ID: "))?;
    Some(id.trim().to_owned())
}

fn parse_protection(text: &str) -> Protection {
    let is_segment = |line: &&str, name: &str| line.split_whitespace().next() == Some(name);
    let segment = |name: &str| text.lines().find(|line| is_segment(line, name));
    // `GNU_STACK offset address address size size flags alignment`: the flags may have a space in them.
    let is_executable = |line: &str| line.split_whitespace().skip(6).any(|word| word.contains('E'));
    let flags = text.lines().filter(|line| line.contains("(FLAGS") || line.contains("(BIND_NOW)"));
    let mut flags = flags.flat_map(str::split_whitespace);
    Protection {
        is_relro: segment("GNU_RELRO").is_some(),
        // Without a dynamic section there is nothing to bind.
        binds_now: flags.any(|flag| flag.trim_matches(['(', ')']) == "BIND_NOW" || flag == "NOW")
            || !text.contains("\nDynamic section at"),
        // Without a segment for it, the kernel makes it executable.
        has_executable_stack: segment("GNU_STACK").is_none_or(is_executable),
    }
}

/// `name type value size`, one symbol per line; a member of an archive has a separate line, `archive[member]:`.
fn parse_symbols(text: &str) -> Vec<String> {
    text.lines()
        .filter(|line| !line.ends_with(':'))
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect()
}

/// `name@@version type value size`. A version itself is a symbol, too: an absolute one.
fn parse_versioned(text: &str) -> Vec<(String, String)> {
    let symbols = text.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let (name, kind) = (words.next()?, words.next()?);
        let (name, version) = name.split_once("@@").unwrap_or((name, ""));
        (kind != "A").then(|| (name.to_owned(), version.to_owned()))
    });
    symbols.collect()
}

/// The section `.gnu.version_d` of what `readelf --version-info` prints.
fn parse_versions(text: &str) -> Vec<String> {
    let definitions = text.split("\nVersion definition section").nth(1).unwrap_or_default();
    let definitions = definitions.split("\nVersion needs section").next().unwrap_or_default();
    let names = definitions.lines().filter(|line| !line.contains("Flags: BASE"));
    names.filter_map(|line| Some(line.split_once("Name: ")?.1.trim().to_owned())).collect()
}

/// The section `.gnu.version_r` of what `readelf --version-info` prints.
fn parse_glibc(text: &str) -> Option<(u32, u32)> {
    let needs = text.split("\nVersion needs section").nth(1)?;
    let versions = needs.lines().filter_map(|line| line.split_once("Name: GLIBC_")?.1.split(' ').next());
    let parsed = versions.filter_map(|version| {
        let (major, minor) = version.split_once('.')?;
        // A third number is of versions that are all older than 2.4.
        Some((major.parse().ok()?, minor.split('.').next()?.parse().ok()?))
    });
    parsed.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dynamic_section_is_read() {
        let text = "
Dynamic section at offset 0x2df8 contains 27 entries:
  Tag        Type                         Name/Value
 0x0000000000000001 (NEEDED)             Shared library: [libgcc_s.so.1]
 0x0000000000000001 (NEEDED)             Shared library: [libc.so.6]
 0x000000000000000e (SONAME)             Library soname: [libaicredits.so.0]
 0x000000000000000c (INIT)               0x1000
";
        let expected = Dynamic {
            soname: Some("libaicredits.so.0".into()),
            needed: vec!["libgcc_s.so.1".into(), "libc.so.6".into()],
        };
        assert_eq!(parse_dynamic(text), expected);
    }

    #[test]
    fn the_protection_of_a_file_is_read() {
        let text = "
  GNU_STACK      0x000000 0x0000000000000000 0x0000000000000000 0x000000 0x000000 RW  0x10
  GNU_RELRO      0x002df0 0x0000000000003df0 0x0000000000003df0 0x000210 0x000210 R   0x1

Dynamic section at offset 0x2df8 contains 27 entries:
 0x000000006ffffffb (FLAGS_1)            Flags: NOW NODELETE
";
        let fine = Protection { is_relro: true, binds_now: true, has_executable_stack: false };
        assert_eq!(parse_protection(text), fine);
        let with = |from: &str, to: &str| parse_protection(&text.replace(from, to));
        assert_eq!(with("(FLAGS_1)            Flags: NOW NODELETE", "(FLAGS)              BIND_NOW"), fine);
        assert_eq!(with("(FLAGS_1)            Flags: NOW NODELETE", "(BIND_NOW)"), fine);
        assert_eq!(with("NOW NODELETE", "NODELETE"), Protection { binds_now: false, ..fine });
        assert_eq!(with("GNU_RELRO", "NOTE"), Protection { is_relro: false, ..fine });
        for executable in ["RWE", "R E"] {
            assert_eq!(with("RW ", executable), Protection { has_executable_stack: true, ..fine });
        }
        assert_eq!(with("GNU_STACK", "NOTE"), Protection { has_executable_stack: true, ..fine });
    }

    #[test]
    fn symbols_are_read_with_their_versions() {
        let text = "AICREDITS_0 A 0 0\naicredits_version@@AICREDITS_0 T 10 8\nmalloc T 20 8\n";
        let symbol = |name: &str, version: &str| (name.to_owned(), version.to_owned());
        assert_eq!(parse_versioned(text), [symbol("aicredits_version", "AICREDITS_0"), symbol("malloc", "")]);
    }

    #[test]
    fn the_versions_that_a_library_defines_are_read() {
        let text = "
Version symbols section '.gnu.version' contains 151 entries:
  000:   0 (*local*)       2 (AICREDITS_0)

Version definition section '.gnu.version_d' contains 2 entries:
 Addr: 0x0000000000002168  Offset: 0x00002168  Link: 4 (.dynstr)
  000000: Rev: 1  Flags: BASE  Index: 1  Cnt: 1  Name: libaicredits.so.0
  0x001c: Rev: 1  Flags: none  Index: 2  Cnt: 1  Name: AICREDITS_0

Version needs section '.gnu.version_r' contains 1 entry:
  000000: Version: 1  File: libc.so.6  Cnt: 1
  0x0010:   Name: GLIBC_2.25  Flags: none  Version: 18
";
        assert_eq!(parse_versions(text), ["AICREDITS_0"]);
        assert_eq!(parse_glibc(text), Some((2, 25)));
        assert_eq!(parse_glibc(&text.replace("GLIBC_2.25", "GLIBC_2.2.5")), Some((2, 2)));
        assert_eq!(parse_glibc("No version information found in this file.\n"), None);
        assert_eq!(parse_versions("No version information found in this file.\n"), [""; 0]);
    }

    #[test]
    fn the_build_id_is_read() {
        let text =
            "  GNU                  0x00000014\tNT_GNU_BUILD_ID (unique build ID bitstring)\t    Build ID: 1755ab\n";
        assert_eq!(parse_build_id(text).as_deref(), Some("1755ab"));
        assert_eq!(parse_build_id("Displaying notes found in: .note.ABI-tag\n"), None);
    }

    #[test]
    fn symbols_are_read_and_member_lines_passed_over() {
        let text = "libaicredits.a[aicredits.o]:\naicredits_version T 0000000000000010 0000000000000008\nrust_eh_personality T 0 0\n";
        assert_eq!(parse_symbols(text), ["aicredits_version", "rust_eh_personality"]);
    }
}
