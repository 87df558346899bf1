//! `cargo xtask generate`: what each language has of the core's tables, and the C header.
//!
//! The tables are the settings, the kinds of errors, the phases and the periods. A generated part of a file lies between
//! two marked lines; the rest of the file is written by hand. One module per language says what lies there.

#[cfg(feature = "generate")]
use crate::header;
use crate::tool::Outcome;

#[cfg(feature = "generate")]
mod c;
#[cfg(feature = "generate")]
mod cpp;
#[cfg(feature = "generate")]
mod documents;
#[cfg(feature = "generate")]
mod emulator;
#[cfg(feature = "generate")]
mod go;
#[cfg(feature = "generate")]
mod go_module;
#[cfg(feature = "generate")]
mod python;
#[cfg(feature = "generate")]
mod region;
#[cfg(feature = "generate")]
mod rust;
#[cfg(feature = "generate")]
#[cfg(feature = "generate")]
mod text;

/// `cargo xtask generate [--check]`.
pub(crate) fn command(arguments: &[String]) -> Outcome {
    match arguments {
        [] => with_tables(false),
        [option] if option == "--check" => with_tables(true),
        _ => Err("takes --check or nothing".into()),
    }
}

/// Fails if a generated file is not the one that would be written.
pub(crate) fn check() -> Outcome {
    with_tables(true)
}

/// The generated parts of all files.
#[cfg(feature = "generate")]
fn regions() -> Vec<region::Region> {
    [
        c::regions(),
        cpp::regions(),
        documents::regions(),
        emulator::regions(),
        go::regions(),
        python::regions(),
        rust::regions(),
    ]
    .concat()
}

/// The header comes last, because it is written from the generated part of the C layer.
#[cfg(feature = "generate")]
fn with_tables(is_check: bool) -> Outcome {
    // First, because other generated files name the path, too.
    let renamed = go_module::renamed()?;
    if is_check {
        header::compare(&renamed, "the path of the Go module says")?;
    } else {
        header::write(&renamed)?;
    }
    let mut files = region::files(regions())?;
    files.extend(emulator::files());
    files.extend(go_module::files());
    if is_check {
        header::compare(&files, "the core's tables say")?;
        header::check()
    } else {
        header::write(&files)?;
        header::write(&header::outputs()?)
    }
}

/// Runs an xtask that has the core and cbindgen in it: this one, compiled once more.
#[cfg(not(feature = "generate"))]
fn with_tables(is_check: bool) -> Outcome {
    use crate::tool;

    let mut cargo = tool::cargo("run");
    cargo.args(["--quiet", "--package", "xtask", "--features", "generate", "--", "generate"]);
    if is_check {
        cargo.arg("--check");
    }
    tool::run(&mut cargo)
}

#[cfg(all(test, feature = "generate"))]
mod tests {
    use std::fs;

    use super::*;
    use crate::tool;

    /// A change of each generated part, wherever it lies, is found.
    #[test]
    fn drift_in_each_generated_part_is_found() {
        assert!(regions().len() > 20);
        for region in regions() {
            let present = fs::read_to_string(tool::root().join(region.file)).unwrap();
            let begin = present.find(&region::begin(region.name)).unwrap() + region::begin(region.name).len();
            let line = begin + present[begin..].find('\n').unwrap() + 1;
            let mut planted = present.clone();
            planted.insert_str(line, "planted\n");
            let generated = region.replaced_in(&planted).unwrap();
            assert_ne!(planted, generated, "{}: {}", region.file, region.name);
            assert!(!generated.contains("planted\n"), "{}: {}", region.file, region.name);
        }
    }

    #[test]
    fn the_committed_files_are_those_that_would_be_written() {
        check().unwrap();
    }
}
