//! The command `aicredits`: show a balance, check whether it suffices, run the emulator.

#![deny(unsafe_code)]

mod args;
mod balance;
mod bar;
mod charset;
mod check;
mod client;
mod colour;
mod connection;
mod decision;
mod emulator;
mod environment;
mod exit;
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

use std::alloc::System;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use zeroizing_alloc::ZeroAlloc;

use args::{Args, Command};
use exit::{Exit, Failure};
use output::{print, print_raw};

/// A key passes through buffers of TLS and of parsers too. All memory is wiped when it is freed.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    panic::keep_silent();
    let exit = panic::caught(|| run(&args)).unwrap_or_else(|failure| {
        // A second panic must not replace the exit status.
        let _ = panic::caught(|| {
            report(&args, &failure);
            Ok(())
        });
        failure.exit.code()
    });
    ExitCode::from(exit)
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
