//! The figures of docs/limits.md, compared with the constants that it names.

use std::fs;

use aicredits_tests::root;

/// A cell such as `net/pool.rs`: `A = 1`, `B = 2`; `client.rs`: `C = 3`.
fn claims(page: &str) -> Vec<(String, String)> {
    let mut claims = Vec::new();
    for row in page.lines().filter(|line| line.starts_with('|')) {
        let mut file = None;
        for (_, code) in row.split('`').enumerate().filter(|(place, _)| place % 2 == 1) {
            if code.ends_with(".rs") {
                file = Some(code.to_owned());
            } else if let Some(file) = file.as_ref().filter(|_| code.contains(" = ")) {
                claims.push((file.clone(), code.to_owned()));
            }
        }
    }
    claims
}

#[test]
fn the_limits_are_those_of_the_sources() {
    let page = fs::read_to_string(root().join("docs/limits.md")).unwrap();
    let claims = claims(&page);
    assert!(claims.len() > 12, "{claims:?}");
    for (file, claim) in claims {
        let (name, value) = claim.split_once(" = ").unwrap();
        let source = fs::read_to_string(root().join("crates/aicredits/src").join(&file)).unwrap();
        let line = source.lines().find(|line| line.contains(&format!("const {name}: ")));
        let line = line.unwrap_or_else(|| panic!("{file} has no {name}"));
        assert!(line.ends_with(&format!(" = {value};")), "docs/limits.md says `{claim}`, and {file}:\n{line}");
    }
}

#[test]
fn the_tests_that_are_named_are_there() {
    let page = fs::read_to_string(root().join("docs/limits.md")).unwrap();
    let tests = root().join("crates/aicredits/tests");
    let named = page.split('`').skip(1).step_by(2).filter_map(|code| code.split_once("::"));
    let named: Vec<_> = named.filter(|(file, _)| tests.join(format!("{file}.rs")).exists()).collect();
    assert!(named.len() >= 4, "{named:?}");
    for (file, test) in named {
        let source = fs::read_to_string(tests.join(format!("{file}.rs"))).unwrap();
        assert!(source.contains(&format!("fn {test}(")), "{file}.rs has no {test}");
    }
}
