//! The scenarios that come with the emulator, and how one is read.

use crate::protocol::{ControlError, ScenarioChoice, State};
use crate::read;

/// A scenario that comes with the emulator.
#[derive(Debug)]
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    /// The file.
    pub json: &'static str,
}

macro_rules! scenarios {
    ($($name:literal)*) => {
        /// Every scenario that comes with the emulator.
        pub const SCENARIOS: &[Scenario] = &[$(
            Scenario { name: $name, json: include_str!(concat!("../scenarios/", $name, ".json")) },
        )*];
    };
}

scenarios! {
    "example" "empty" "free-plan" "agency-1000" "at-the-limits" "runs-out" "late-charge" "outage"
}

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
                Some(scenario) => State::from_json(scenario.json),
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
