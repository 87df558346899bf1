//! Which suites and tests a command line asks for.

use crate::tool::Outcome;

/// Which suites are asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    /// None: all of them, as far as their tools are there.
    only: Option<Vec<String>>,
    /// A missing tool is a failure.
    all: bool,
    /// Words of the names of tests or vectors. None: all tests.
    filter: Vec<String>,
}

impl Choice {
    /// Every suite, and none may be left out.
    pub(crate) const ALL: Choice = Choice { only: None, all: true, filter: Vec::new() };

    /// `names` are those of all suites.
    pub(super) fn parse(arguments: &[String], names: &[&str]) -> Outcome<Choice> {
        let mut choice = Choice::default();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--all" => choice.all = true,
                "--only" => {
                    let all = names.join(", ");
                    let only = arguments.next().ok_or_else(|| format!("--only needs names, of: {all}"))?;
                    choice.only = Some(only.split(',').map(str::to_owned).collect());
                }
                "--" => choice.filter = arguments.by_ref().cloned().collect(),
                other => return Err(format!("`{other}` is none of --only a,b, --all, --env and -- FILTER").into()),
            }
        }
        // Each suite that runs must have a test for the filter, so the suites must be chosen.
        if !choice.filter.is_empty() && choice.only.is_none() {
            return Err("a filter needs --only".into());
        }
        Ok(choice)
    }

    /// The names of the suites to run, in the order of `names`.
    pub(super) fn suites(&self, names: &[&'static str]) -> Outcome<Vec<&'static str>> {
        let Some(only) = &self.only else {
            return Ok(names.to_vec());
        };
        if let Some(unknown) = only.iter().find(|name| !names.contains(&name.as_str())) {
            return Err(format!("there is no suite `{unknown}`; there are: {}", names.join(", ")).into());
        }
        Ok(names.iter().copied().filter(|name| only.iter().any(|only| only == name)).collect())
    }

    /// Whether a suite that cannot run is a failure: it is where one asked for it.
    pub(super) fn insists(&self) -> bool {
        self.all || self.only.is_some()
    }

    /// The words after `--`: a test runs if its name contains one of them.
    pub(super) fn filter(&self) -> &[String] {
        &self.filter
    }
}

#[cfg(test)]
mod tests {
    use super::super::names;
    use super::*;

    fn choice(arguments: &[&str]) -> Outcome<Choice> {
        Choice::parse(&arguments.iter().map(|&argument| argument.to_owned()).collect::<Vec<_>>(), &names())
    }

    fn chosen(arguments: &[&str]) -> Vec<&'static str> {
        choice(arguments).unwrap().suites(&names()).unwrap()
    }

    #[test]
    fn only_narrows_and_keeps_the_order_of_the_table() {
        assert_eq!(chosen(&["--only", "c,rust"]), ["rust", "c"]);
        assert_eq!(chosen(&[]).len(), names().len());
    }

    #[test]
    fn a_filter_is_for_chosen_suites() {
        let filtered = choice(&["--only", "go", "--", "Retry", "Fork"]).unwrap();
        assert_eq!(filtered.filter(), ["Retry", "Fork"]);
        assert_eq!(choice(&["--", "Retry"]).unwrap_err().to_string(), "a filter needs --only");
    }

    #[test]
    fn an_unknown_suite_is_refused_with_the_list() {
        let error = choice(&["--only", "rust,cobol"]).unwrap().suites(&names()).err().unwrap().to_string();
        assert_eq!(
            error,
            "there is no suite `cobol`; there are: rust, hazards, conformance, c, emulator, headers, cpp, clang, go, python, javascript, schemathesis, install, valgrind, archive"
        );
        assert!(choice(&["--only"]).is_err());
        assert!(choice(&["--every"]).is_err());
    }

    #[test]
    fn a_missing_tool_fails_only_where_one_asked_for_its_suite() {
        assert!(!choice(&[]).unwrap().insists());
        assert!(choice(&["--all"]).unwrap().insists());
        assert!(choice(&["--only", "c"]).unwrap().insists());
    }
}
