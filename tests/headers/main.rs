//! The header alone: every standard, every compiler, strictly.

mod limits;
mod readme;
mod tables;

use std::fs;
use std::process::Command;

use aicredits_tests::header::{Function, Header, Parameter, Struct};
use aicredits_tests::{Linked, cc, cxx, dist, link, root, run, scratch, stderr, succeed};

/// What stands between two marks, without the margin.
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
fn a_status_that_is_thrown_away_is_warned_of() {
    let source = "#include <aicredits.h>\nint main(void) { aicredits_client_new(NULL, NULL, NULL); return 0; }\n";
    let output = compile(cc("c99"), "discard.c", source);
    assert!(!output.status.success() && stderr(&output).contains("unused-result"), "{}", stderr(&output));
}

/// Where functions are used that the library does not have, it does not link.
#[test]
fn every_declared_function_is_there() {
    let functions = Header::of_the_library().functions;
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

/// A caller must know where its thread may wait. For setters the comment of their type says it.
#[test]
fn every_function_says_whether_it_blocks() {
    let text = fs::read_to_string(dist().join("include/aicredits.h")).unwrap();
    let comments: Vec<&str> = text.split("/**").skip(1).collect();
    let says = |name: &str, words: &str| {
        let declares = |comment: &&&str| comment.split_once("*/").is_some_and(|(_, code)| code.contains(name));
        let comment = comments.iter().find(declares).unwrap_or_else(|| panic!("{name} has no comment"));
        comment.split("*/").next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ").contains(words)
    };
    for function in Header::of_the_library().functions {
        let name = &function.name;
        let settings = ["aicredits_config", "aicredits_call"]
            .into_iter()
            .find(|it| name.starts_with(&format!("{it}_set_")) || *name == format!("{it}_from_env"));
        match settings {
            Some(of) => assert!(says(&format!("typedef struct {of} {of};"), "No setter blocks."), "{of}"),
            None => assert!(says(&format!("{name}("), "lock"), "{name} does not say whether it blocks"),
        }
    }
}

/// Other suites make their cases from what it reads.
#[test]
fn the_reader_of_the_header_reads() {
    let header = Header::parse(
        "/* of(it); */
#define AICREDITS_VERSION_MAJOR 0
#define AICREDITS_HAS_CAP 2
#define AICREDITS_NODISCARD __attribute__((warn_unused_result))
#ifdef __cplusplus
extern \"C\" {
#endif // __cplusplus
typedef struct aicredits_call aicredits_call;
typedef int32_t aicredits_status;
typedef void (*aicredits_sink)(void *user, size_t length);
/** of(it) */
typedef struct aicredits_pair {
  const char *first;
  uint64_t reserved[2]; /* a; b */
} aicredits_pair;
const char *aicredits_version(void);
AICREDITS_NODISCARD
aicredits_status aicredits_go(const aicredits_call *call,
                              aicredits_call **made, aicredits_sink sink);
#ifdef __cplusplus
}  // extern \"C\"
#endif
",
    );
    let parameter = |of_type: &str, name: &str| Parameter { name: name.into(), of_type: of_type.into() };
    assert_eq!(header.constants, ["AICREDITS_HAS_CAP"]);
    assert_eq!(header.callbacks, ["aicredits_sink"]);
    let fields = vec!["first".to_owned(), "reserved".to_owned()];
    assert_eq!(header.structs, [Struct { name: "aicredits_pair".into(), fields }]);
    let version = Function { name: "aicredits_version".into(), returns: "const char *".into(), parameters: Vec::new() };
    let go = Function {
        name: "aicredits_go".into(),
        returns: "aicredits_status".into(),
        parameters: vec![
            parameter("const aicredits_call *", "call"),
            parameter("aicredits_call **", "made"),
            parameter("aicredits_sink", "sink"),
        ],
    };
    assert_eq!(header.functions, [version, go]);
    assert!(header.functions[1].parameters.iter().all(|parameter| header.is_pointer(parameter)));
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
        ("include/aicredits.h", "@code\n", " * @endcode", " * ", "examples/balance.c", "#include"),
        ("include/aicredits.hpp", "@code\n", "/// @endcode", "/// ", "examples/balance.cpp", "#include"),
    ] {
        let example = read(file);
        let (_, program) = example.split_at(example.find(&format!("\n{first}")).expect(file));
        assert_eq!(shown_in(&read(path), begin, end, margin).trim(), program.trim(), "{path}: {file}");
    }
}
