//! The documents list the exit statuses of the help, and no other.

use crate::process::{aicredits, run};

/// The lines of the help below "Exit status:", as number and meaning.
fn of_the_help() -> Vec<(String, String)> {
    let help = run(aicredits(&["--help"])).success();
    let (_, list) = help.split_once("Exit status:\n").unwrap();
    let line = |line: &str| line.trim().split_once("  ").map(|(code, meaning)| (code.to_owned(), meaning.to_owned()));
    list.lines().map_while(line).collect()
}

#[test]
fn the_documents_have_the_statuses_of_the_help() {
    let statuses = of_the_help();
    assert_eq!(statuses.len(), 20, "{statuses:?}");
    let rows: String = statuses.iter().map(|(code, meaning)| format!("| {code} | {meaning} |\n")).collect();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = std::fs::read_to_string(root.join("docs/command.md")).unwrap();
    assert!(page.contains(&format!("| status | meaning |\n|---|---|\n{rows}\n")), "docs/command.md lacks:\n{rows}");
}
