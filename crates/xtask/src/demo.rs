//! The main job on a fresh machine: the same small program in each language, against the emulator or against Wix.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::dist;
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

/// `aicredits emulator`, for as long as this lives.
struct Emulator {
    process: Child,
    /// Kept open, so that what it prints later does not break it.
    _output: BufReader<ChildStdout>,
    settings: Vec<(String, String)>,
}

/// What it says once it listens.
const SAID: [&str; 3] = ["WIX_API_KEY", "WIX_ACCOUNT_ID", "AICREDITS_BASE_URL"];

impl Emulator {
    fn start() -> Outcome<Emulator> {
        let mut command = tool::command(dist::programs().join("aicredits"));
        // Its input is a pipe from here, so it ends with this process, however that ends.
        command.args(["emulator", "--with-stdin"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().map_err(|error| tool::failure(&command, error))?;
        let mut output = BufReader::new(process.stdout.take().expect("it is piped"));
        let settings = read_settings(&mut output);
        let emulator = Emulator { process, _output: output, settings };
        if let Some(unset) = SAID.iter().find(|name| emulator.settings.iter().all(|(set, _)| set != *name)) {
            return Err(tool::failure(&command, format_args!("it ended without saying {unset}")));
        }
        Ok(emulator)
    }

    fn speak_to(&self, program: &mut Command) {
        // What is left over in the user's environment, a site for instance, would be a second scope.
        for variable in tool::SETTINGS {
            program.env_remove(variable);
        }
        program.envs(self.settings.iter().cloned());
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing else to do about it here.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads `NAME=value` lines until each setting was told.
fn read_settings(output: &mut impl BufRead) -> Vec<(String, String)> {
    let mut settings = Vec::new();
    for line in output.lines().map_while(Result::ok) {
        if let Some((name, value)) = line.split_once('=').filter(|(name, _)| SAID.contains(name)) {
            settings.push((name.to_owned(), value.to_owned()));
        }
        if settings.len() == SAID.len() {
            break;
        }
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_until_the_last_and_not_beyond() {
        let mut output =
            "listening\nWIX_API_KEY=IST.a=b\nWIX_ACCOUNT_ID=1\nAICREDITS_BASE_URL=http://h:1\nmore\n".as_bytes();
        let settings = read_settings(&mut output);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            settings,
            [pair("WIX_API_KEY", "IST.a=b"), pair("WIX_ACCOUNT_ID", "1"), pair("AICREDITS_BASE_URL", "http://h:1")]
        );
        assert_eq!(output, b"more\n");
    }

    #[test]
    fn output_that_ends_early_gives_what_there_was() {
        assert_eq!(read_settings(&mut "WIX_API_KEY=k\n".as_bytes()).len(), 1);
    }
}
