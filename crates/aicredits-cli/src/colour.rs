//! Whether a stream gets colours: <https://no-color.org> and <https://bixense.com/clicolors>.

use std::ffi::OsString;

/// `anstyle-query` is not used: with it, `CLICOLOR_FORCE=0` forces colours.
pub(crate) fn is_wanted(is_terminal: bool, variable: impl Fn(&str) -> Option<OsString>) -> bool {
    let is = |name, text: &str| variable(name).is_some_and(|value| value == text);
    let is_set = |name| variable(name).is_some();
    if is_set("NO_COLOR") {
        false
    } else if is_set("CLICOLOR_FORCE") && !is("CLICOLOR_FORCE", "0") {
        true
    } else {
        is_terminal && !is("CLICOLOR", "0") && is_set("TERM") && !is("TERM", "dumb")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variables_in_their_order() {
        const TERM: (&str, &str) = ("TERM", "xterm");
        for (variables, on_a_terminal, elsewhere) in [
            (&[TERM][..], true, false),
            (&[], false, false),
            (&[("TERM", "dumb")], false, false),
            (&[TERM, ("NO_COLOR", "1")], false, false),
            (&[TERM, ("NO_COLOR", "0")], false, false),
            (&[TERM, ("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], false, false),
            (&[("CLICOLOR_FORCE", "1")], true, true),
            (&[("CLICOLOR_FORCE", "1"), ("CLICOLOR", "0")], true, true),
            (&[TERM, ("CLICOLOR_FORCE", "0")], true, false),
            (&[("CLICOLOR_FORCE", "0")], false, false),
            (&[TERM, ("CLICOLOR_FORCE", "0"), ("CLICOLOR", "0")], false, false),
            (&[TERM, ("CLICOLOR", "0")], false, false),
            (&[TERM, ("CLICOLOR", "1")], true, false),
        ] {
            let variable = |name: &str| variables.iter().find(|(given, _)| *given == name).map(|(_, text)| text.into());
            assert_eq!(is_wanted(true, variable), on_a_terminal, "{variables:?} on a terminal");
            assert_eq!(is_wanted(false, variable), elsewhere, "{variables:?} elsewhere");
        }
    }
}
