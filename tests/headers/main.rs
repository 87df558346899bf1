//! The header alone: every standard, every compiler, strictly.

mod deciding;
mod gate_figures;
mod limits;
mod readme;
mod tables;
mod wrapped;

use std::fs;
use std::process::Command;

use aicredits_tests::api::Api;
use aicredits_tests::{EMULATOR, Linked, cc, cxx, dist, link, root, run, scratch, stderr, succeed};

/// The text between two marks, without the margin.
fn shown_in(text: &str, begin: &str, end: &str, margin: &str) -> String {
    let (_, rest) = text.split_once(begin).unwrap_or_else(|| panic!("{begin} begins the program"));
    let (program, _) = rest.split_once(end).unwrap_or_else(|| panic!("{end} ends the program"));
    program.lines().map(|line| line.strip_prefix(margin).unwrap_or("").to_owned() + "\n").collect()
}

fn compile(mut compiler: Command, name: &str, source: &str) -> std::process::Output {
    let file = scratch(name);
    fs::write(&file, source).unwrap();
    run(compiler.arg("-c").arg(&file).arg("-o").arg(file.with_extension("o")))
}

#[test]
fn it_compiles_alone_and_twice_in_every_standard() {
    let once = "#include <aicredits.h>\n";
    for standard in ["c99", "c11", "c17"] {
        let source = format!("{once}{once}int main(void) {{ return AICREDITS_STATUS_OK; }}\n");
        let output = compile(cc(standard), &format!("{standard}.c"), &source);
        assert!(output.status.success(), "{standard}: {}", stderr(&output));
    }
    for standard in ["c++11", "c++17", "c++20"] {
        let source = format!("{once}{once}int main() {{ return AICREDITS_STATUS_OK; }}\n");
        let output = compile(cxx(standard), &format!("{standard}.cpp"), &source);
        assert!(output.status.success(), "{standard}: {}", stderr(&output));
    }
}

#[test]
fn the_emulator_s_compiles_alone_and_with_the_client_s_in_every_standard() {
    for includes in ["#include <aicredits_emulator.h>\n", "#include <aicredits_emulator.h>\n#include <aicredits.h>\n"] {
        for standard in ["c99", "c11", "c17"] {
            let source = format!("{includes}{includes}int main(void) {{ return 0; }}\n");
            let output = compile(cc(standard), &format!("emulator-{standard}.c"), &source);
            assert!(output.status.success(), "{standard}: {}", stderr(&output));
        }
        for standard in ["c++11", "c++17", "c++20"] {
            let source = format!("{includes}{includes}int main() {{ return 0; }}\n");
            let output = compile(cxx(standard), &format!("emulator-{standard}.cpp"), &source);
            assert!(output.status.success(), "{standard}: {}", stderr(&output));
        }
    }
}

/// A status of the emulator that a test ignores is a test that cannot fail.
#[test]
fn a_status_of_the_emulator_that_is_thrown_away_is_warned_of() {
    let statuses = ["start", "control", "verdict"].map(|name| format!("aicredits_emulator_{name}"));
    let marked = Api::read_of(EMULATOR).functions.into_iter().filter(|function| function.nodiscard);
    assert_eq!(marked.map(|function| function.name).collect::<Vec<_>>(), statuses);
    let source = "#include <aicredits_emulator.h>\n\
         int main(void) { aicredits_emulator_control(NULL, NULL, NULL, NULL); return 0; }\n";
    let output = compile(cc("c99"), "discard-emulator.c", source);
    assert!(!output.status.success() && stderr(&output).contains("unused-result"), "{}", stderr(&output));
}

#[test]
fn of_the_emulator_waiting_and_freeing_block() {
    let blocking = Api::read_of(EMULATOR).functions.into_iter().filter(|function| function.blocks);
    let blocking: Vec<_> = blocking.map(|function| function.name).collect();
    assert_eq!(blocking, ["control", "verdict", "free"].map(|name| format!("aicredits_emulator_{name}")));
}

#[test]
fn a_status_that_is_thrown_away_is_warned_of() {
    let source = "#include <aicredits.h>\nint main(void) { aicredits_client_new(NULL, NULL, NULL); return 0; }\n";
    let output = compile(cc("c99"), "discard.c", source);
    assert!(!output.status.success() && stderr(&output).contains("unused-result"), "{}", stderr(&output));
}

/// Where functions are used that the library does not have, it does not link.
#[test]
fn every_declared_function_is_there() {
    let functions = Api::read().functions;
    assert!(functions.len() > 50, "{functions:?}");
    let uses: String =
        functions.iter().map(|it| format!("    any += (size_t)(void (*)(void)){};\n", it.name)).collect();
    let source = format!(
        "#include <aicredits.h>\nint main(void) {{\n    volatile size_t any = 0;\n{uses}    return any == 0;\n}}\n"
    );
    let file = scratch("declared.c");
    fs::write(&file, source).unwrap();
    // Comparing functions' types is what this is not about.
    let mut compiler = cc("c99");
    compiler.arg("-Wno-cast-function-type").arg(&file).arg("-o").arg(scratch("declared"));
    succeed(link(&mut compiler, &dist(), Linked::Shared));
}

/// A caller must know which call can make a thread wait. The description comes from the comments, and cannot be made where
/// a comment is silent about it.
#[test]
fn only_a_call_over_the_network_blocks() {
    let functions = Api::read().functions;
    let blocking: Vec<_> = functions.iter().filter(|it| it.blocks).map(|it| it.name.as_str()).collect();
    let expected = [
        "aicredits_client_get_balance",
        "aicredits_gate_reserve",
        "aicredits_gate_reserve_up_to",
        "aicredits_gate_refresh",
        "aicredits_gate_request_read",
        "aicredits_fleet_next",
        "aicredits_fleet_free",
    ];
    assert_eq!(blocking, expected);
}

/// A status that a caller ignores is an error that nobody sees.
#[test]
fn every_function_that_returns_a_status_and_an_error_is_marked_nodiscard() {
    for function in Api::read().functions {
        let fails = function.parameters.iter().any(|parameter| parameter.of_type == "aicredits_error **");
        assert_eq!(function.nodiscard, fails, "{}", function.name);
    }
}

/// The programs are those of `examples/`, which other suites compile and run, without the comment that each begins
/// with.
#[test]
fn the_readme_and_the_headers_show_the_examples() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    for (path, begin, end, margin, file, first) in [
        ("README.md", "```rust\n", "```", "", "examples/balance.rs", "use "),
        ("README.md", "```c\n", "```", "", "examples/balance.c", "#include"),
        ("README.md", "```cpp\n", "```", "", "examples/balance.cpp", "#include"),
        ("README.md", "```go\n", "```", "", "examples/go/balance.go", "package main"),
        ("README.md", "```python\n", "```", "", "examples/balance.py", "import "),
        ("bindings/python/README.md", "is done:\n\n```python\n", "```", "", "examples/gate.py", "import "),
        ("include/aicredits.h", "@code\n", " * @endcode", " * ", "examples/balance.c", "#include"),
        ("include/aicredits.hpp", "@code\n", "/// @endcode", "/// ", "examples/balance.cpp", "#include"),
    ] {
        let example = read(file);
        let (_, program) = example.split_at(example.find(&format!("\n{first}")).expect(file));
        assert_eq!(shown_in(&read(path), begin, end, margin).trim(), program.trim(), "{path}: {file}");
    }
}

/// In the part on gates each block is a part of an example, which other suites run.
#[test]
fn the_readme_shows_parts_of_the_examples_of_a_gate() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let readme = read("README.md");
    let (_, part) = readme.split_once("\n### Reserve, act, commit\n").expect("a part on gates");
    let (part, _) = part.split_once("\n## ").unwrap();
    assert_eq!(part.matches("\n```\n").count(), 5, "a block for each language");
    for (begin, file) in [
        ("```rust\n", "examples/gate.rs"),
        ("```c\n", "examples/gate.c"),
        ("```cpp\n", "examples/gate.cpp"),
        ("```go\n", "examples/go/gate/gate.go"),
        ("```python\n", "examples/gate.py"),
    ] {
        let shown = shown_in(part, begin, "```", "");
        assert!(
            shown.lines().count() > 10 && read(file).contains(&shown),
            "README.md shows no part of {file}:\n{shown}"
        );
    }
}

/// In the part on fleets each block is a part of an example, which other suites run.
#[test]
fn the_readme_shows_parts_of_the_examples_of_a_fleet() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let readme = read("README.md");
    let (_, part) = readme.split_once("\n## Many sites\n").expect("a part on fleets");
    let (part, _) = part.split_once("\n## ").unwrap();
    assert_eq!(part.matches("\n```\n").count(), 2);
    for (begin, file) in [("```go\n", "bindings/go/example_fleet_test.go"), ("```c\n", "examples/fleet.c")] {
        let shown = shown_in(part, begin, "```", "");
        assert!(
            shown.lines().count() > 10 && read(file).contains(&shown),
            "README.md shows no part of {file}:\n{shown}"
        );
    }
}

/// Each block of the page on tests of gates is a part of an example, which other suites run.
#[test]
fn the_page_on_tests_of_gates_shows_parts_of_the_examples() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let page = read("docs/testing-with-a-gate.md");
    for (begin, file) in [("```rust\n", "examples/emulator_gate.rs"), ("```python\n", "examples/emulator_test.py")] {
        let shown = shown_in(&page, begin, "```", "");
        assert!(
            shown.lines().count() > 20 && read(file).contains(&shown) && page.contains(file),
            "docs/testing-with-a-gate.md shows no part of {file}:\n{shown}"
        );
    }
}
