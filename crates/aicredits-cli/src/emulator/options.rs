//! The options of the emulator: from the arguments to a running one.

use std::fmt::Display;
use std::fs;
use std::path::Path;

use aicredits_emulator::{
    Assumptions, AssumptionsChange, ClockChange, ClockMode, ControlError, Emulator, Fault, Observer, Options,
    SCENARIOS, StartError, State, named_fault, scenario,
};
use serde_json::{Map, Value};

use super::log;
use crate::args::{EmulatorClock, EmulatorOptions};
use crate::exit::{Exit, Failure};
use crate::output::note;

pub(super) fn start(args: &EmulatorOptions) -> Result<Emulator, Failure> {
    let (mode, now) = match args.clock {
        None => (None, None),
        Some(EmulatorClock::Running) => (Some(ClockMode::Running), None),
        Some(EmulatorClock::Frozen(now)) => (Some(ClockMode::Frozen), Some(now)),
    };
    let options = Options {
        scenario: Some(load(&args.scenario)?.into()),
        host: args.host.clone(),
        port: args.port,
        tls: args.tls,
        clock: Some(ClockChange { mode, now, speed: args.speed, advance_ms: None }),
        assumptions: read_assumptions(&args.assume)?,
        faults: args.fault.iter().map(|fault| read_fault(fault)).collect::<Result<_, _>>()?,
        control_token: args.control_token_file.as_deref().map(read_token).transpose()?.map(Into::into),
        observer: args.log.then(|| Observer::new(log::print)),
    };
    let emulator = Emulator::with(options).map_err(|error| match error {
        StartError::Options(error) => wrong("the emulator's options", error),
        error => Failure::new(Exit::Other, format!("cannot start the emulator: {error}")),
    })?;
    let address = emulator.server().addr().ip();
    if !address.is_loopback() && args.control_token_file.is_none() {
        note(&format!(
            "note: {address} is no loopback address, so there are no control requests and no page without \
             --control-token-file\n"
        ));
    }
    Ok(emulator)
}

fn wrong(what: &str, why: impl Display) -> Failure {
    Failure::new(Exit::Configuration, format!("{what}: {why}"))
}

/// The wrong member as a JSON Pointer, and the reason.
fn place_and_reason(error: &ControlError) -> String {
    match error.problem.pointer.as_deref() {
        None | Some("") => error.problem.message.clone(),
        Some(pointer) => format!("{}: {}", aicredits::escape_for_display(pointer), error.problem.message),
    }
}

/// A scenario by name, or a file of one.
fn load(choice: &str) -> Result<State, Failure> {
    if SCENARIOS.iter().any(|known| known.name == choice) {
        return scenario(choice).map_err(|error| wrong("--scenario", error));
    }
    let file = aicredits::escape_for_display(choice).to_string();
    let text = fs::read_to_string(choice).map_err(|error| {
        let names: Vec<&str> = SCENARIOS.iter().map(|known| known.name).collect();
        wrong("--scenario", format!("{file} is neither one of {} nor a file: {error}", names.join(", ")))
    })?;
    State::from_json(&text).map_err(|error| wrong("--scenario", format!("{file}: {}", place_and_reason(&error))))
}

fn read_assumptions(pairs: &[String]) -> Result<AssumptionsChange, Failure> {
    let mut changes = Map::new();
    for pair in pairs {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let Some(known) = Assumptions::ALL.iter().find(|known| known.name == name) else {
            let names: Vec<&str> = Assumptions::ALL.iter().map(|known| known.name).collect();
            return Err(wrong("--assume", format!("there is no assumption {name:?}; there are {}", names.join(", "))));
        };
        if !known.values.contains(&value) {
            return Err(wrong("--assume", format!("{name} is one of {}", known.values.join(", "))));
        }
        changes.insert(name.to_owned(), Value::from(value));
    }
    serde_json::from_value(Value::Object(changes)).map_err(|error| wrong("--assume", error))
}

/// A fault as JSON, or by name.
fn read_fault(text: &str) -> Result<Fault, Failure> {
    if text.trim_start().starts_with(['{', '[', '"']) {
        return Fault::from_json(text).map_err(|error| wrong("--fault", place_and_reason(&error)));
    }
    named_fault(text).map_err(|error| wrong("--fault", error.problem.message))
}

fn read_token(file: &Path) -> Result<String, Failure> {
    let text = fs::read_to_string(file);
    let text = text.map_err(|error| wrong("--control-token-file", format!("{}: {error}", file.display())))?;
    match text.trim() {
        "" => Err(wrong("--control-token-file", format!("{} is empty", file.display()))),
        token => Ok(token.to_owned()),
    }
}
