//! The scenarios that come with the emulator, and how one is read.

mod large;

use std::borrow::Cow;

use crate::protocol::{ControlError, ScenarioChoice, State};
use crate::read;

/// A scenario that comes with the emulator.
#[derive(Debug)]
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    text: fn() -> Cow<'static, str>,
}

impl Scenario {
    /// The scenario as JSON, as in a file of a user.
    pub fn json(&self) -> Cow<'static, str> {
        (self.text)()
    }
}

macro_rules! file {
    ($name:literal) => {
        Scenario { name: $name, text: || include_str!(concat!("../scenarios/", $name, ".json")).into() }
    };
}

/// Every scenario that comes with the emulator.
pub const SCENARIOS: &[Scenario] = &[
    file!("example"),
    file!("empty"),
    file!("free-plan"),
    Scenario { name: "agency-1000", text: || large::agency().into() },
    Scenario { name: "at-the-limits", text: || large::at_the_limits().into() },
    file!("runs-out"),
    file!("late-charge"),
    file!("outage"),
];

/// The scenario of this name, to change it before an emulator starts with it. Reset dates that its file leaves out are
/// [`BY_PERIOD`](crate::BY_PERIOD), so that they fit the clock with which the emulator starts.
///
/// ```
/// use aicredits_emulator::{Emulator, Options, scenario};
///
/// let mut example = scenario("example")?;
/// example.accounts[0].allocations[0].rules[0].balance = 3;
/// let emulator = Emulator::with(Options { scenario: Some(example.into()), ..Options::default() })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn scenario(name: &str) -> Result<State, ControlError> {
    load(name.into())
}

/// The scenario of this name, or this one.
pub(crate) fn load(choice: ScenarioChoice) -> Result<State, ControlError> {
    match choice {
        ScenarioChoice::Whole(state) => Ok(*state),
        ScenarioChoice::Name(name) => {
            match SCENARIOS.iter().find(|scenario| scenario.name == name) {
                Some(scenario) => State::from_json(&scenario.json()),
                None => Err(ControlError::new(404, "unknown_scenario", format!("there is no scenario {name:?}"))
                    .at("/scenario")),
            }
        }
    }
}

impl State {
    /// Reads a scenario file. The error has a JSON Pointer, and no text of the file that may be a secret.
    pub fn from_json(json: &str) -> Result<Self, ControlError> {
        read::read(json)
    }
}
