//! Texts that Debian's policy asks for in each package.

use std::fs;

use super::packages::{MAINTAINER, VERSION};
use crate::package::release;
use crate::tool::{self, Outcome};

const UPSTREAM: &str = env!("CARGO_PKG_VERSION");

/// The changelog of the packaging.
pub(super) fn changelog() -> Outcome<String> {
    let mut date = tool::command("date");
    let date = tool::read(date.args(["--utc", "--rfc-email"]).arg(format!("--date=@{}", release::commit_time()?)))?;
    Ok(format!(
        "aicredits ({VERSION}) unstable; urgency=medium\n\n  * Release {UPSTREAM}, which CHANGELOG.md describes.\n\n -- {MAINTAINER}  {date}"
    ))
}

/// Machine-readable, as `copyright-format/1.0` has it.
pub(super) fn copyright() -> Outcome<String> {
    let license = fs::read_to_string(tool::root().join("LICENSE"))?;
    let (holder, mit) = mit(&license).ok_or("LICENSE has no text of the MIT License, or no copyright in it")?;
    Ok(format!(
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: aicredits
Comment: The programs and libraries contain third-party packages of Rust. The file
 THIRD-PARTY-LICENSES.gz in this folder has their names, versions and licences.

Files: *
Copyright: {holder}
License: MIT or Apache-2.0

License: MIT
{mit}
License: Apache-2.0
 On Debian systems, the text of the Apache License, Version 2.0, is in
 /usr/share/common-licenses/Apache-2.0.
"
    ))
}

/// The holder of the copyright, and the text as a field has it.
fn mit(license: &str) -> Option<(&str, String)> {
    let section = license.split("\nMIT License\n").nth(1)?;
    let (head, text) = section.split_once("Permission is hereby granted")?;
    let holder = head.trim().strip_prefix("Copyright (c) ")?;
    let text = format!("Permission is hereby granted{}", text.split("\n-----").next()?);
    let lines = text.trim_end().lines();
    Some((holder, lines.map(|line| if line.is_empty() { " .\n".to_owned() } else { format!(" {line}\n") }).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_licence_is_a_field() {
        let text = copyright().unwrap();
        assert!(text.contains("\nCopyright: 2026 the aicredits authors\n"), "{text}");
        assert!(text.contains("\nLicense: MIT\n Permission is hereby granted"), "{text}");
        assert!(text.contains("\n .\n THE SOFTWARE IS PROVIDED"), "{text}");
        assert!(text.lines().all(|line| !line.starts_with("---") && line.len() < 100), "{text}");
    }
}
