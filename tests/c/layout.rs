//! The header's structs and constants, as a C compiler sees them, compared with the tables that are fixed for a SONAME.

use std::fs;
use std::process::Command;

use aicredits_tests::api::{Api, Field};
use aicredits_tests::{cc, root, scratch, stdout, succeed};

/// Compiles and runs a program that prints `name value` lines, after these definitions.
fn printed_by_c(name: &str, definitions: &str, expressions: &[String]) -> Vec<(String, i64)> {
    let lines: String = expressions
        .iter()
        .map(|text| format!("    printf(\"%s %lld\\n\", \"{text}\", (long long)({text}));\n"))
        .collect();
    let source = scratch(&format!("{name}.c"));
    let includes = "#include <aicredits.h>\n#include <stdio.h>\n";
    fs::write(&source, format!("{includes}{definitions}int main(void) {{\n{lines}    return 0;\n}}\n")).unwrap();
    let program = scratch(name);
    succeed(cc("c99").arg(&source).arg("-o").arg(&program));
    let output = stdout(&succeed(&mut Command::new(program)));
    let line = |line: &str| {
        let (text, value) = line.rsplit_once(' ').unwrap();
        (text.to_owned(), value.parse().unwrap())
    };
    output.lines().map(line).collect()
}

/// `layout.rs` of the C layer, where the compiler holds Rust to the same table.
fn table() -> Vec<(String, i64)> {
    let text = fs::read_to_string(root().join("crates/aicredits-ffi/src/layout.rs")).unwrap();
    let mut rows = Vec::new();
    for line in text.lines().filter(|line| line.starts_with("aicredits_") && line.ends_with('}')) {
        let (name, rest) = line.split_once(": ").unwrap();
        let (size, fields) = rest.trim_end_matches('}').split_once(" {").unwrap();
        rows.push((format!("sizeof({name})"), size.parse().unwrap()));
        for field in fields.split(',') {
            let (field, offset) = field.trim().split_once(": ").unwrap();
            rows.push((format!("offsetof({name}, {field})"), offset.parse().unwrap()));
        }
    }
    rows
}

#[test]
fn structs_have_the_layout_that_rust_is_held_to() {
    let table = table();
    let expressions: Vec<_> = table.iter().map(|(expression, _)| expression.clone()).collect();
    assert_eq!(printed_by_c("layout", "", &expressions), table);

    let mut described = Vec::new();
    for of in Api::read().structs {
        described.push((format!("sizeof({})", of.name), of.size));
        let offset = |field: &Field| (format!("offsetof({}, {})", of.name, field.name), field.offset);
        described.extend(of.fields.iter().map(offset));
    }
    let mut table = table;
    described.sort_unstable();
    table.sort_unstable();
    assert_eq!(described, table, "aicredits.api.json, and the table in layout.rs");
}

/// C99 has no `alignof`: the offset of a member after one byte is its alignment.
#[test]
fn structs_have_the_alignment_that_rust_is_held_to() {
    let structs = Api::read().structs;
    let after_a_byte = |name: &str| format!("struct after_a_byte_{name} {{ char byte; {name} it; }};\n");
    let definitions: String = structs.iter().map(|of| after_a_byte(&of.name)).collect();
    let expression = |name: &str| format!("offsetof(struct after_a_byte_{name}, it)");
    let expected: Vec<_> = structs.iter().map(|of| (expression(&of.name), of.alignment)).collect();
    let expressions: Vec<_> = expected.iter().map(|(expression, _)| expression.clone()).collect();
    assert!(expected.len() > 5 && expected.iter().all(|(_, alignment)| *alignment == 8), "{expected:?}");
    assert_eq!(printed_by_c("alignment", &definitions, &expressions), expected);
}

/// Numbers are never reused, and never change: `constants.txt` gets new lines and no others.
#[test]
fn constants_have_the_numbers_that_they_were_given() {
    let rows = given();
    let names: Vec<_> = rows.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(printed_by_c("constants", "", &names), rows);

    let mut declared: Vec<_> = Api::read().constants.into_iter().map(|it| (it.name, it.value)).collect();
    let mut rows = rows;
    declared.sort_unstable();
    rows.sort_unstable();
    assert_eq!(declared, rows, "the header, and constants.txt");
}

/// The constants and their numbers.
pub(crate) fn given() -> Vec<(String, i64)> {
    let row = |line: &str| {
        let (name, number) = line.split_once(' ').unwrap();
        (name.to_owned(), number.parse().unwrap())
    };
    include_str!("constants.txt").lines().map(row).collect()
}
