//! `aicredits emulator exec`: a command with the emulator's environment, for as long as the command runs.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::process::Command;

use aicredits_emulator::Emulator;
use rustix::process::{Pid, Signal, WaitOptions, getpgid, getpgrp, kill_process, wait};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::exfiltrator::WithOrigin;

use super::environment::Environment;
use crate::exit::{Exit, Failure, failed};

/// The signals that the command gets too.
const FORWARDED: [i32; 4] = [SIGINT, SIGTERM, SIGHUP, SIGQUIT];

/// Runs the command, and returns its exit status: 128 + n after signal n, as a shell.
pub(super) fn run(emulator: &Emulator, command: &[OsString]) -> Result<u8, Failure> {
    let environment = Environment::of(emulator)?;
    let forwarded = FORWARDED.into_iter().filter(|signal| !is_ignored(*signal));
    let signals = forwarded.chain([SIGCHLD]);
    let mut signals = SignalsInfo::<WithOrigin>::new(signals).map_err(failed("cannot receive signals"))?;

    let [program, arguments @ ..] = command else {
        return Err(Failure::new(Exit::Configuration, "there is no command after --"));
    };
    let mut command = Command::new(program);
    command.args(arguments).envs(environment.variables()).envs(Environment::not_by_proxy(emulator));
    environment.unset().for_each(|name| _ = command.env_remove(name));
    let child = command.spawn().map_err(|error| cannot_run(program, &error))?;
    let child = Pid::from_child(&child);

    for received in signals.forever() {
        match received.signal {
            SIGCHLD => {
                if let Some(status) = reap(child) {
                    return Ok(status);
                }
            }
            // The terminal has sent it to the whole group.
            _ if received.process.is_none() && getpgid(Some(child)) == Ok(getpgrp()) => {}
            signal => {
                if let Some(signal) = Signal::from_named_raw(signal) {
                    // It may have ended in this moment.
                    let _ = kill_process(child, signal);
                }
            }
        }
    }
    Err(Failure::new(Exit::Other, "the signals ended"))
}

/// Reaps every child that has ended, because this may be process 1. The exit status if the command has.
fn reap(command: Pid) -> Option<u8> {
    let mut ended = None;
    while let Ok(Some((child, status))) = wait(WaitOptions::NOHANG) {
        if child == command {
            let signal = status.terminating_signal().map(|signal| 128 + signal);
            ended = signal.or(status.exit_status()).map(|status| status as u8);
        }
    }
    ended
}

fn cannot_run(program: &OsString, error: &io::Error) -> Failure {
    let program = aicredits::escape_for_display(&program.to_string_lossy()).to_string();
    match error.kind() {
        io::ErrorKind::NotFound => Failure::new(Exit::NoCommand, format!("there is no command {program}")),
        _ => Failure::new(Exit::CannotRun, format!("cannot run {program}: {error}")),
    }
}

/// Whether the caller ignores the signal, as nohup does. The command ignores it then too.
fn is_ignored(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    mask & (1 << (signal - 1)) != 0
}
