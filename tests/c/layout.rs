//! What a C compiler makes of the header's structs and constants, beside the tables that are fixed for a SONAME.

use std::fs;
use std::process::Command;

use aicredits_tests::{cc, dist, root, scratch, stdout, succeed};

/// Compiles and runs a program that prints `name value` lines.
fn printed_by_c(name: &str, expressions: &[String]) -> Vec<(String, i64)> {
    let lines: String = expressions
        .iter()
        .map(|text| format!("    printf(\"%s %lld\\n\", \"{text}\", (long long)({text}));\n"))
        .collect();
    let source = scratch(&format!("{name}.c"));
    let includes = "#include <aicredits.h>\n#include <stdio.h>\n";
    fs::write(&source, format!("{includes}int main(void) {{\n{lines}    return 0;\n}}\n")).unwrap();
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
    assert_eq!(printed_by_c("layout", &expressions), table);

    let header = fs::read_to_string(dist().join("include/aicredits.h")).unwrap();
    for name in header.lines().filter_map(|line| line.strip_prefix("typedef struct ")?.strip_suffix(" {")) {
        let fields = fields_of(&header, name);
        let known = |field: &String| table.iter().any(|(row, _)| *row == format!("offsetof({name}, {field})"));
        assert!(!fields.is_empty() && fields.iter().all(known), "{name} {fields:?} is missing in layout.rs");
    }
}

fn fields_of(header: &str, name: &str) -> Vec<String> {
    let (_, body) = header.split_once(&format!("typedef struct {name} {{")).unwrap();
    let (body, _) = body.split_once(&format!("}} {name};")).unwrap();
    let declaration = |line: &str| {
        let line = line.trim().strip_suffix(';')?;
        let field = line.rsplit([' ', '*']).next()?;
        Some(field.split('[').next()?.to_owned())
    };
    body.lines().filter(|line| !line.trim_start().starts_with(['*', '/'])).filter_map(declaration).collect()
}

/// Numbers are never reused, and never change.
#[test]
fn constants_have_the_numbers_that_they_were_given() {
    let given = include_str!("constants.txt");
    let rows: Vec<(String, i64)> = given
        .lines()
        .map(|line| line.split_once(' ').unwrap())
        .map(|(name, number)| (name.to_owned(), number.parse().unwrap()))
        .collect();
    let names: Vec<_> = rows.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(printed_by_c("constants", &names), rows);

    let header = fs::read_to_string(dist().join("include/aicredits.h")).unwrap();
    for line in header.lines().filter_map(|line| line.strip_prefix("#define ")) {
        let name = line.split(' ').next().unwrap();
        let is_number =
            ["STATUS", "PERIOD", "PHASE", "SCOPE", "HAS", "LOG"].iter().any(|noun| name.contains(&format!("_{noun}_")));
        assert!(!is_number || names.iter().any(|known| known == name), "{name} is missing in constants.txt");
    }
}
