//! What a library offers and asks for, as binutils tells it.

use std::path::Path;

use crate::tool::{self, NM, Outcome, READELF};

/// The entries of a shared library that the loader acts on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Dynamic {
    pub(crate) soname: Option<String>,
    pub(crate) needed: Vec<String>,
}

/// Reads the dynamic section of a shared library.
pub(crate) fn dynamic(library: &Path) -> Outcome<Dynamic> {
    Ok(parse_dynamic(&tool::read(READELF.command()?.args(["--dynamic", "--wide"]).arg(library))?))
}

/// The symbols that a shared library gives to others.
pub(crate) fn exported(library: &Path) -> Outcome<Vec<String>> {
    let list = tool::read(NM.command()?.args(["--dynamic", "--defined-only", "--format=posix"]).arg(library))?;
    Ok(parse_symbols(&list))
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

/// `name type value size`, one symbol a line; a member of an archive has a line of its own, `archive[member]:`.
fn parse_symbols(text: &str) -> Vec<String> {
    text.lines()
        .filter(|line| !line.ends_with(':'))
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect()
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
    fn symbols_are_read_and_member_lines_passed_over() {
        let text = "libaicredits.a[aicredits.o]:\naicredits_version T 0000000000000010 0000000000000008\nrust_eh_personality T 0 0\n";
        assert_eq!(parse_symbols(text), ["aicredits_version", "rust_eh_personality"]);
    }
}
