//! The project's commands, the same for a person and for CI: `cargo xtask` lists them.

#![forbid(unsafe_code)]

#[cfg_attr(not(feature = "generate"), allow(dead_code, reason = "only the generator writes the description"))]
mod api;
mod background;
mod bench;
mod ci;
mod demo;
mod dist;
mod elf;
mod emulator;
mod generate;
mod go;
mod go_module;
mod header;
mod install;
mod javascript;
mod language;
mod library;
mod licenses;
mod linked;
mod modules;
mod native;
mod package;
mod pictures;
mod policy;
mod progress;
mod python;
mod report;
mod runtime;
mod schemathesis;
#[cfg(test)]
mod servers;
mod style;
mod suites;
mod symbols;
mod target;
mod terminal;
mod tool;
mod toolchain;
mod version;

use std::process::ExitCode;

use tool::Outcome;

/// A command of `cargo xtask`.
struct Command {
    name: &'static str,
    options: &'static str,
    does: &'static str,
    run: fn(&[String]) -> Outcome,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "demo",
        options: "[--only a,b] [--timings]",
        does: "fetch a balance in each language: from the emulator, or from Wix if WIX_API_KEY is set",
        run: demo::command,
    },
    Command {
        name: "test",
        options: "[--only a,b [-- FILTER]] [--all | --env]",
        does: "run each suite whose tools are present; --only: these suites; -- FILTER: the tests with this in their name; --all: fail if a tool is missing; --env: print the variables that tests read",
        run: suites::command,
    },
    Command {
        name: "soak",
        options: "",
        does: "a million rounds of making, calling and freeing, which must leave nothing behind",
        run: |arguments| none(arguments).and_then(|()| suites::soak()),
    },
    Command {
        name: "build",
        options: "",
        does: "make target/dist: headers, the shared library, the finished archive",
        run: |arguments| none(arguments).and_then(|()| dist::build()),
    },
    Command {
        name: "generate",
        options: "[--check]",
        does: "write the C header and each language's part of the core's tables; --check: fail if a file has drifted",
        run: generate::command,
    },
    Command {
        name: "bench",
        options: "[--quick] [--only a,b]",
        does: "measure against the peers; writes target/bench.json; --quick: few rounds; --only: the works named",
        run: bench::command,
    },
    Command {
        name: "install",
        options: "--prefix P [--libdir D]",
        does: "headers, libraries, pkg-config and CMake files, the command with its man page; honours DESTDIR; --libdir: the libraries' folder below the prefix, by default lib",
        run: install::command,
    },
    Command {
        name: "uninstall",
        options: "--prefix P",
        does: "remove what install has put there, and the folders that it made if they are empty; honours DESTDIR",
        run: install::uninstall,
    },
    Command {
        name: "package",
        options: "[--target T] [--only a,b] [--check [--all]]",
        does: "make target/packages: what a release publishes; --target: for this platform; --only: these kinds; --check: install each file in a bare tree, --all: in all trees",
        run: package::command,
    },
    Command {
        name: "licenses",
        options: "[--check]",
        does: "write the licences of what the Python wheel contains; --check: fail where they have drifted",
        run: licenses::command,
    },
    Command {
        name: "modules",
        options: "",
        does: "fail if modules of a crate import each other in a cycle, or the core's against their order",
        run: |arguments| none(arguments).and_then(|()| modules::check()),
    },
    Command {
        name: "pictures",
        options: "[--check]",
        does: "write docs/images from what the programs print; --check: fail if that has changed",
        run: pictures::command,
    },
    Command {
        name: "language",
        options: "[--summary] [PATHS]",
        does: "list words that the project does not use, with the plain word for each; --summary: counts per area",
        run: language::command,
    },
    Command {
        name: "ci",
        options: "[--only a,b]",
        does: "run every check and test --all; --only: these checks, and no suite",
        run: ci::command,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        print!("{}", help());
        return ExitCode::SUCCESS;
    };
    if arguments.iter().any(|argument| matches!(argument.as_str(), "-h" | "--help" | "help")) {
        print!("{}", help());
        return ExitCode::SUCCESS;
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        eprint!("xtask: there is no command `{name}`\n\n{}", help());
        return ExitCode::from(2);
    };
    match (command.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {name}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn help() -> String {
    let mut text = String::from("cargo xtask <command>\n\n");
    for Command { name, options, does, .. } in COMMANDS {
        let usage = format!("{name} {options}");
        text += &format!("  {usage:<26} {does}\n");
    }
    text
}

fn none(arguments: &[String]) -> Outcome {
    match arguments.first() {
        None => Ok(()),
        Some(argument) => Err(format!("takes no argument, got `{argument}`").into()),
    }
}
