//! The columns of a balance's table, which the command and Python write: they are the same, in the same order.

use std::fs;

use aicredits_tests::root;

/// The names in quotation marks at the beginnings of lines, from `begin` to `end`.
fn columns(file: &str, begin: &str, end: &str) -> Vec<String> {
    let source = fs::read_to_string(root().join(file)).unwrap();
    let table = source.split_once(begin).unwrap_or_else(|| panic!("{file} has no {begin}")).1;
    let table = table.split_once(end).unwrap().0;
    table.lines().filter_map(|line| Some(line.trim().strip_prefix('"')?.split_once('"')?.0.to_owned())).collect()
}

#[test]
fn csv_has_the_columns_of_pythons_tables() {
    let csv = columns("crates/aicredits-cli/src/rows.rs", "const COLUMNS: [&str; 16] = [", "];");
    assert_eq!(csv.len(), 16);
    assert_eq!(csv, columns("bindings/python/python/aicredits/_tables.py", "COLUMNS = {", "}"));
}
