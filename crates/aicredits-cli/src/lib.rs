//! The command `aicredits`: show a balance, check whether it suffices, run the emulator.
//!
//! A library, because two programs run it: the binary, and the entry point of the Python package.

#![deny(unsafe_code)]

mod args;
mod balance;
mod balances;
mod bar;
mod charset;
mod check;
mod client;
mod colour;
mod connection;
mod credits;
mod decision;
mod emulator;
mod environment;
mod exit;
mod fleet_args;
mod json_answer;
mod json_error;
mod layout;
mod line;
mod man;
mod output;
mod panic;
mod render;
mod reset;
mod rows;
mod standard_output;
mod verbose;
mod wrap;

use std::ffi::OsString;

use clap::{CommandFactory, Parser};

use args::{Args, Command};
use exit::{Exit, Failure};
use output::{print, print_raw};

/// Runs the command, and returns its exit status. The first argument is the name of the program.
///
/// It replaces the panic hook of the process, and it may change standard output. So the process must end after it.
pub fn main(args: &[OsString]) -> u8 {
    panic::keep_silent();
    panic::caught(|| run(args)).unwrap_or_else(|failure| {
        // A second panic must not replace the exit status.
        let _ = panic::caught(|| {
            report(args, &failure);
            Ok(())
        });
        failure.exit.code()
    })
}

fn report(args: &[OsString], failure: &Failure) {
    match failure.exit {
        Exit::ClosedPipe => {}
        // A script that reads the answer finds one in each case.
        _ if args::ask_for_json(args) && args::ask_to_check(args) => {
            if print_raw(json_error::answer(failure).as_bytes()).is_err() {
                output::note_raw(&json_error::line(failure));
            }
        }
        _ if args::ask_for_json(args) => output::note_raw(&json_error::line(failure)),
        _ => output::complain(failure),
    }
}

/// The exit status.
fn run(args: &[OsString]) -> Result<u8, Failure> {
    args::refuse_keys(args)?;
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(message) => return explain(&message).map(|()| Exit::Success.code()),
    };
    match args.command {
        Command::Balance(args) => return balance::run(&args).map(Exit::code),
        Command::Balances(args) => return balances::run(&args).map(Exit::code),
        Command::Check(args) => return check::run(&args).map(Exit::code),
        Command::Emulator(args) => return emulator::run(&args),
        Command::Completions { shell } => print_raw(&completions(shell)),
        Command::Man => print_raw(&man::page()),
    }?;
    Ok(Exit::Success.code())
}

fn completions(shell: args::Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(clap_complete::Shell::from(shell), &mut Args::command(), "aicredits", &mut script);
    script
}

/// clap's message: the help that was asked for, or what is wrong with the arguments.
fn explain(message: &clap::Error) -> Result<(), Failure> {
    let text = message.render();
    if !message.use_stderr() {
        return print(&text.ansi().to_string());
    }
    let text = text.to_string();
    // Without arguments clap shows the help as an error.
    let text = text.strip_prefix("error: ").map_or_else(|| format!("no command\n\n{text}"), str::to_owned);
    Err(match text.split_once("\n\n") {
        Some((fault, advice)) => Failure::new(Exit::Configuration, fault).with_advice(advice),
        None => Failure::new(Exit::Configuration, text.trim_end()),
    })
}
