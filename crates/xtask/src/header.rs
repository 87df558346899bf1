//! The header of each C library, such as `include/aicredits.h`, written by cbindgen from its C layer; the copy of it that
//! Go builds with; and the description of it for programs, such as `include/aicredits.api.json`.

#[cfg(any(feature = "generate", test))]
use std::fs;
#[cfg(feature = "generate")]
use std::path::{Path, PathBuf};

#[cfg(feature = "generate")]
use crate::api::Api;
#[cfg(feature = "generate")]
use crate::go_module;
#[cfg(feature = "generate")]
use crate::library::{C_LIBRARIES, CLibrary};
#[cfg(any(feature = "generate", test))]
use crate::tool;
#[cfg(any(feature = "generate", test))]
use crate::tool::Outcome;

#[cfg(feature = "generate")]
mod arrange;

/// Writes the files whose text has changed.
#[cfg(feature = "generate")]
pub(crate) fn write(files: &[(PathBuf, String)]) -> Outcome {
    for (path, generated) in files {
        if fs::read_to_string(path).is_ok_and(|present| present == *generated) {
            continue;
        }
        fs::create_dir_all(path.parent().expect("each file lies in a folder"))?;
        fs::write(path, generated)?;
        eprintln!("wrote {}", path.display());
    }
    Ok(())
}

/// Fails if a file is not the one that would be written.
#[cfg(feature = "generate")]
pub(crate) fn check() -> Outcome {
    C_LIBRARIES
        .iter()
        .try_for_each(|library| compare(&outputs_of(library)?, &format!("crates/{} says", library.package)))
}

/// Fails if a file's text is not this. `source` says where the text comes from.
#[cfg(feature = "generate")]
pub(crate) fn compare(files: &[(PathBuf, String)], source: &str) -> Outcome {
    for (path, generated) in files {
        let present = fs::read_to_string(path).unwrap_or_default();
        if let Some(difference) = difference(&present, generated) {
            let cause = format!("{} is not what {source}", path.display());
            return Err(format!("{cause}; `cargo xtask generate` writes it again\n{difference}").into());
        }
    }
    Ok(())
}

/// Each file that is written from a C layer, with its text.
#[cfg(feature = "generate")]
pub(crate) fn outputs() -> Outcome<Vec<(PathBuf, String)>> {
    C_LIBRARIES.iter().map(outputs_of).collect::<Outcome<Vec<_>>>().map(|outputs| outputs.concat())
}

#[cfg(feature = "generate")]
fn outputs_of(library: &CLibrary) -> Outcome<Vec<(PathBuf, String)>> {
    let layer = tool::root().join("crates").join(library.package);
    let header = arrange::arrange(&raw(&layer)?, &layer)?;
    let api = Api::parse(&header)?.to_json(&library.header());
    let include = tool::root().join("include");
    // The Go module has a copy, because users get it alone.
    let headers = [include.clone(), go_module::folder().join(library.go_folder)];
    let mut outputs = headers.map(|folder| (folder.join(library.header()), header.clone())).to_vec();
    outputs.push((include.join(library.api()), api));
    Ok(outputs)
}

/// The header as cbindgen writes it.
#[cfg(feature = "generate")]
fn raw(layer: &Path) -> Outcome<String> {
    let mut config = cbindgen::Config::from_file(layer.join("cbindgen.toml"))?;
    config.after_includes = config.after_includes.as_deref().map(filled_in).transpose()?;
    let mut header = Vec::new();
    cbindgen::Builder::new().with_crate(layer).with_config(config).generate()?.write(&mut header);
    Ok(String::from_utf8(header)?)
}

/// The version is written in the workspace's manifest alone, and the program of the opening page in its file.
#[cfg(any(feature = "generate", test))]
fn filled_in(text: &str) -> Outcome<String> {
    let example = fs::read_to_string(tool::root().join("examples/balance.c"))?;
    let program: Vec<_> = example.lines().skip_while(|line| !line.starts_with("#include")).collect();
    let program: Vec<_> = program.iter().map(|line| format!(" * {line}").trim_end().to_owned()).collect();
    Ok(text
        .replace("@PROGRAM@", &program.join("\n"))
        .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
        .replace("@MAJOR@", env!("CARGO_PKG_VERSION_MAJOR"))
        .replace("@MINOR@", env!("CARGO_PKG_VERSION_MINOR"))
        .replace("@PATCH@", env!("CARGO_PKG_VERSION_PATCH")))
}

/// Where two texts begin to differ: the lines between what they share at both ends, as many as one reads.
#[cfg(any(feature = "generate", test))]
fn difference(old: &str, new: &str) -> Option<String> {
    const SHOWN: usize = 12;
    let (old, new): (Vec<_>, Vec<_>) = (old.split('\n').collect(), new.split('\n').collect());
    let start = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[start..], &new[start..]);
    if old.is_empty() && new.is_empty() {
        return None;
    }
    let end = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count();
    let side = |sign: char, lines: &[&str]| {
        let mut text: String = lines.iter().take(SHOWN).map(|line| format!("{sign}{line}\n")).collect();
        if lines.len() > SHOWN {
            text += &format!("{sign}... {} more lines\n", lines.len() - SHOWN);
        }
        text
    };
    let (removed, added) = (side('-', &old[..old.len() - end]), side('+', &new[..new.len() - end]));
    Some(format!("from line {}:\n{removed}{added}", start + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_shown_where_it_begins() {
        assert_eq!(difference("a\nb\nc\nd\n", "a\nx\ny\nd\n").unwrap(), "from line 2:\n-b\n-c\n+x\n+y\n");
        assert_eq!(difference("a\n", "a\nb\n").unwrap(), "from line 2:\n+b\n");
        assert_eq!(difference("a\n", "a").unwrap(), "from line 2:\n-\n");
        assert_eq!(difference("a\n", "a\n"), None);
    }

    #[test]
    fn a_long_difference_is_cut() {
        let long: String = (0..40).map(|line| format!("{line}\n")).collect();
        let shown = difference("", &long).unwrap();
        assert!(shown.ends_with("+11\n+... 28 more lines\n"), "{shown}");
    }

    #[test]
    fn version_and_program_are_filled_in() {
        assert_eq!(
            filled_in("@VERSION@ @MAJOR@").unwrap(),
            concat!(env!("CARGO_PKG_VERSION"), " ", env!("CARGO_PKG_VERSION_MAJOR"))
        );
        let program = filled_in("@PROGRAM@").unwrap();
        assert!(program.starts_with(" * #include <aicredits.h>\n") && program.ends_with("\n * }"), "{program}");
    }
}
