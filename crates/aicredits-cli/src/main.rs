//! The command `aicredits`: show a balance, run the emulator.

#![forbid(unsafe_code)]

mod args;
mod balance;
mod bar;
mod emulator;
mod exit;
mod layout;
mod line;
mod man;
mod render;
mod reset;

use std::io::{self, Write};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use clap::{CommandFactory, Parser};

use args::{Args, Command};
use exit::{Exit, Failure};

fn main() -> ExitCode {
    let exit = match run() {
        Ok(()) => Exit::Success,
        Err(failure) => {
            complain(&failure);
            failure.exit
        }
    };
    ExitCode::from(exit.code())
}

fn run() -> Result<(), Failure> {
    args::refuse_keys(std::env::args_os())?;
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(message) => return explain(&message),
    };
    match args.command {
        Command::Balance(args) => balance::run(&args),
        Command::Emulator(args) => emulator::run(&args),
        Command::Completions { shell } => print_raw(&completions(shell)),
        Command::Man => print_raw(&man::page()),
    }
}

fn completions(shell: args::Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(clap_complete::Shell::from(shell), &mut Args::command(), "aicredits", &mut script);
    script
}

/// clap's message: the help that was asked for, or what is wrong with the arguments.
fn explain(message: &clap::Error) -> Result<(), Failure> {
    let printed = message.print();
    if message.use_stderr() {
        return Err(Failure::silent(Exit::Configuration));
    }
    printed.map_err(Failure::output)
}

/// If standard error is closed there is nobody left to tell; the exit code stands.
fn complain(failure: &Failure) {
    if failure.message.is_empty() || failure.exit == Exit::ClosedPipe {
        return;
    }
    let style: Style = AnsiColor::Red.on_default().bold();
    let mut stderr = anstream::stderr().lock();
    let _ = writeln!(stderr, "{style}error:{style:#} {}", failure.message);
    if let Some(advice) = &failure.advice {
        let _ = writeln!(stderr, "\n{}", advice.trim_end());
    }
    let _ = stderr.flush();
}

/// All of `text` to standard output, without its colours where nobody would see them.
fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(Failure::output)
}

/// As [`print`], byte for byte.
fn print_raw(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(Failure::output)
}
