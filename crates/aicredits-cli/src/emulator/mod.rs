//! `aicredits emulator`.

mod environment;
mod exec;
mod log;
mod options;

use std::fs::File;
use std::io;
use std::sync::mpsc;
use std::thread;

use aicredits_emulator::{ClockChange, ClockMode, Emulator};
use signal_hook::consts::SIGTERM;
use signal_hook::iterator::Signals;

use crate::args;
use crate::exit::{Exit, Failure, failed};
use crate::output::print_raw;
use environment::Environment;

/// Runs the emulator, or a command with it. The exit status.
pub(crate) fn run(args: &args::Emulator) -> Result<u8, Failure> {
    let emulator = options::start(&args.options)?;
    match &args.command {
        Some(args::EmulatorCommand::Exec(exec)) => exec::run(&emulator, &exec.command),
        None => serve(emulator, args.with_stdin).map(|()| Exit::Success.code()),
    }
}

/// Runs until SIGTERM or the end of the input. SIGINT keeps its default action: it ends a foreground job. A script's
/// background job ignores it and continues.
fn serve(emulator: Emulator, with_stdin: bool) -> Result<(), Failure> {
    // Everything that can fail comes before the first output.
    let environment = Environment::of(&emulator)?;
    let mut signals = Signals::new([SIGTERM]).map_err(failed("cannot receive signals"))?;
    let nowhere = File::options().write(true).open("/dev/null").map_err(failed("cannot open /dev/null"))?;

    // A shell ignores the comment. One write keeps the lines together in a pipe.
    print_raw(format!("# {}\n{}", introduction(&emulator), environment.lines()).as_bytes())?;
    // A command substitution ends when its pipe is closed.
    rustix::stdio::dup2_stdout(nowhere).map_err(|error| failed("cannot let go of standard output")(error.into()))?;

    let (end, ended) = mpsc::channel();
    if with_stdin {
        let end = end.clone();
        thread::spawn(move || {
            // The input is ignored. An error counts as its end.
            let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
            let _ = end.send(());
        });
    }
    thread::spawn(move || {
        signals.forever().next();
        let _ = end.send(());
    });
    let _ = ended.recv();
    drop(emulator);
    Ok(())
}

/// The state of the calendar in one sentence, so that no reset surprises.
fn introduction(emulator: &Emulator) -> String {
    let clock = emulator.clock(&ClockChange::default()).expect("reading the clock never fails");
    match clock.mode {
        ClockMode::Frozen => format!("The calendar is frozen at {}. It runs with --clock running.", clock.now),
        ClockMode::Running => format!("The calendar runs from {}, at speed {}.", clock.now, clock.speed),
    }
}
