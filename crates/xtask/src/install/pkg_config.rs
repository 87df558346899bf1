//! The pkg-config files.
//!
//! Each one names the prefix, so that programs that are linked by it do not depend on that file's place. Only these files
//! name it: a tree that was moved is found by `pkg-config --define-prefix`, and by CMake as it is.

use super::place::{Place, is_plain};
use crate::dist::LINKS_WITH;
use crate::library::CLibrary;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The file of a library.
pub(super) fn file(library: &CLibrary, place: &Place) -> String {
    let CLibrary { name, module, description, .. } = library;
    format!(
        "prefix={prefix}
includedir=${{prefix}}/include
libdir=${{prefix}}/{libdir}
# The archive and what it needs, for who wants that where both are: pkg-config --variable=archive {module}
archive=${{libdir}}/{archive} {needs}

Name: {module}
Description: {description}
Version: {VERSION}
Cflags: -I${{includedir}}
Libs: -L${{libdir}} -l{name}
Libs.private: {needs}
",
        prefix = match place.prefix() {
            Some(prefix) => escaped(prefix),
            None => format!("${{pcfiledir}}/{}", place.way_to_prefix(1)),
        },
        libdir = place.libdir(),
        archive = library.archive(),
        needs = LINKS_WITH.join(" ")
    )
}

/// A path as pkg-config hands it on to a shell as one word.
fn escaped(path: &str) -> String {
    path.chars().map(|it| if is_plain(it) { it.to_string() } else { format!("\\{it}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::AICREDITS;

    #[test]
    fn a_prefix_is_one_word() {
        assert_eq!(escaped("/usr/local-1.2_x"), "/usr/local-1.2_x");
        assert_eq!(escaped("/opt/ai credits$"), "/opt/ai\\ credits\\$");
    }

    #[test]
    fn the_libraries_are_below_the_prefix() {
        let text = file(&AICREDITS, &Place::at("/usr", "lib/aarch64-linux-gnu").unwrap());
        assert!(text.starts_with("prefix=/usr\n") && text.contains("\nlibdir=${prefix}/lib/aarch64-linux-gnu\n"));
        assert!(file(&AICREDITS, &Place::anywhere()).starts_with("prefix=${pcfiledir}/../..\n"));
    }
}
