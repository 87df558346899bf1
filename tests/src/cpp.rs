//! Tests that each C++ compiler and standard library must pass.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Linked, dist, link, root, scratch, stdout, succeed};

fn source(name: &str) -> PathBuf {
    root().join("tests/cpp").join(name)
}

/// Compiles and links one file, and gives what the program prints.
pub fn printed(compiler: &dyn Fn() -> Command, file: &str, options: &[&str]) -> String {
    let program = scratch(file).with_extension("program");
    let mut compiler = compiler();
    compiler.args(options).arg(source(file)).arg("-o").arg(&program);
    succeed(link(&mut compiler, &dist(), Linked::Shared));
    stdout(&succeed(&mut Command::new(program)))
}

/// Has one shared object throw an `Error` and another catch it, both compiled with `-fvisibility=hidden`.
pub fn an_error_is_caught_as_itself(compiler: &dyn Fn() -> Command) {
    let folder = scratch("thrown");
    fs::create_dir_all(&folder).expect("target/ can be written to");
    let object = |name: &str| {
        let library = folder.join(format!("lib{name}.so"));
        let mut compiler = compiler();
        compiler.args(["-O1", "-fPIC", "-shared", "-fvisibility=hidden", "-fvisibility-inlines-hidden"]);
        compiler.arg(source(&format!("{name}.cpp"))).arg("-o").arg(&library);
        succeed(link(&mut compiler, &dist(), Linked::Shared));
        library
    };
    let (thrower, catcher) = (object("thrower"), object("catcher"));
    let program = folder.join("thrown");
    let mut compiler = compiler();
    compiler.arg("-fvisibility=hidden").arg(source("thrown.cpp")).args([&thrower, &catcher]).arg("-o").arg(&program);
    compiler.arg(format!("-Wl,-rpath,{}", folder.display()));
    succeed(link(&mut compiler, &dist(), Linked::Shared));
    assert_eq!(stdout(&succeed(&mut Command::new(program))), "Error\n");
    for library in [&thrower, &catcher] {
        type_information_is_visible(library);
    }
}

/// Where it is hidden, each object has its own, and a library that compares addresses takes them for two types.
fn type_information_is_visible(library: &Path) {
    let symbols = stdout(&succeed(Command::new("readelf").args(["--dyn-syms", "--wide"]).arg(library)));
    for name in ["_ZTIN9aicredits5ErrorE", "_ZTIN9aicredits7FailureE"] {
        let line = symbols.lines().find(|line| line.ends_with(&format!(" {name}")));
        let line = line.unwrap_or_else(|| panic!("{} does not export {name}", library.display()));
        assert!(line.contains(" WEAK ") && line.contains(" DEFAULT "), "{line}");
    }
}
