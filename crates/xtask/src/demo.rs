//! The main job on a fresh machine: the same small program in each language, against the emulator or against Wix.

use std::env;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use crate::dist;
use crate::emulator::Emulator;
use crate::go;
use crate::python;
use crate::tool::{self, CC, CXX, GO, Outcome, PYTHON, Tool};

/// A language, and how its program is made ready to run.
struct Language {
    name: &'static str,
    needs: &'static [&'static Tool],
    program: fn() -> Outcome<Command>,
}

const LANGUAGES: &[Language] = &[
    Language { name: "Rust", needs: &[], program: rust },
    Language { name: "C", needs: &[&CC], program: c },
    Language { name: "C++", needs: &[&CXX], program: cpp },
    Language { name: "Go", needs: &[&GO, &CC], program: golang },
    Language { name: "Python", needs: &[&PYTHON], program: py },
];

fn rust() -> Outcome<Command> {
    Ok(tool::command(dist::programs().join("examples/balance")))
}

fn c() -> Outcome<Command> {
    let program = scratch()?.join("balance-c");
    let mut compiler = CC.command()?;
    compiler.args(["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror"]);
    dist::compile(&mut compiler, &tool::root().join("examples/balance.c"), &program);
    tool::run(&mut compiler)?;
    Ok(tool::command(program))
}

fn cpp() -> Outcome<Command> {
    let program = scratch()?.join("balance-cpp");
    let mut compiler = CXX.command()?;
    compiler.args(["-std=c++17", "-Wall", "-Wextra", "-pedantic", "-Werror"]);
    dist::compile(&mut compiler, &tool::root().join("examples/balance.cpp"), &program);
    tool::run(&mut compiler)?;
    Ok(tool::command(program))
}

fn golang() -> Outcome<Command> {
    let program = scratch()?.join("balance-go");
    go::example(&program)?;
    Ok(tool::command(program))
}

fn py() -> Outcome<Command> {
    let mut command = python::example()?;
    command.arg(tool::root().join("examples/balance.py"));
    Ok(command)
}

fn scratch() -> Outcome<PathBuf> {
    let folder = tool::root().join("target/demo");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// `cargo xtask demo`.
pub(crate) fn run() -> Outcome {
    dist::build_with_programs()?;
    let has_key = env::var_os("WIX_API_KEY").is_some_and(|key| !key.is_empty());
    let service = if has_key {
        println!("WIX_API_KEY is set: asking Wix, with the WIX_... and AICREDITS_... variables of your environment");
        None
    } else {
        println!("WIX_API_KEY is not set: asking the emulator, on this machine");
        Some(Emulator::start()?)
    };
    let mut failed = Vec::new();
    for Language { name, needs, program } in LANGUAGES {
        println!("\n{name}:");
        if let Some(missing) = needs.iter().find_map(|tool| tool.find().err()) {
            println!("left out: {missing}");
            continue;
        }
        std::io::stdout().flush()?;
        let ran = program().and_then(|mut program| {
            if let Some(emulator) = &service {
                emulator.speak_to(&mut program);
            }
            tool::run(&mut program)
        });
        if let Err(error) = ran {
            eprintln!("{error}");
            failed.push(*name);
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("failed in {}", failed.join(", ")).into()) }
}
