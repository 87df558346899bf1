use std::sync::Arc;
use std::time::{Duration, Instant};

use super::clock::{FleetClock, SystemClock};
use super::handle::Fleet;
use super::plan::Plan;
use super::schedule::Schedule;
use super::shared::Shared;
use super::target::Target;
use crate::client::refuse_reservation_settings;
use crate::settings::{Kind, Setting};
use crate::{Call, Cancel, Client, Error};

impl Client {
    /// Reads the balances of many targets, with the default settings of a fleet. It does not block: the outcomes come from
    /// the iterator.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) names the targets whose ids are wrong: all at once, before
    /// anything is sent.
    pub fn get_balances(&self, targets: impl IntoIterator<Item = Target>) -> Result<Fleet, Error> {
        self.fleet().start(targets)
    }

    /// The settings of a fleet for this client. All of them have defaults.
    ///
    /// ```
    /// # let client = aicredits::Client::builder().api_key("IST.example").account("8b1c").build()?;
    /// let error = client.fleet().rate(10).processes(20).start([]).unwrap_err();
    /// assert!(error.message().starts_with("rate is 10, which leaves nothing for each of 20 processes"), "{error}");
    /// # Ok::<(), aicredits::Error>(())
    /// ```
    pub fn fleet(&self) -> FleetBuilder {
        FleetBuilder {
            client: self.clone(),
            rate: Some(default(Setting::Rate)),
            processes: default(Setting::FleetProcesses),
            max_pauses: default(Setting::MaxPauses),
            timeout: None,
            deadline: None,
            cancel: None,
            clock: Arc::new(SystemClock),
        }
    }
}

fn default(setting: Setting) -> u32 {
    match setting.kind() {
        Kind::Count { default, .. } => default,
        _ => unreachable!("it is a count"),
    }
}

/// The settings of a [`Fleet`]. All of them are checked by [`start`](Self::start).
#[derive(Clone)]
#[must_use = "a fleet is made by start()"]
pub struct FleetBuilder {
    client: Client,
    /// None without a limit.
    rate: Option<u32>,
    processes: u32,
    max_pauses: u32,
    timeout: Option<Duration>,
    /// That of a call.
    deadline: Option<Instant>,
    cancel: Option<Cancel>,
    clock: Arc<dyn FleetClock>,
}

impl FleetBuilder {
    /// Sets the most attempts that each client starts in any 60 s. Default: 180. Range: 1 to 60,000.
    ///
    /// All fleets of a client share the window. Every attempt counts. The repeat on a stale connection and the one after a
    /// renewed credential count without waiting.
    pub fn rate(mut self, value: u32) -> Self {
        self.rate = Some(value);
        self
    }

    /// Sets no limit for the attempts in a minute. A 429 pauses the client all the same.
    pub fn without_rate(mut self) -> Self {
        self.rate = None;
        self
    }

    /// Sets the number of equal processes that share the rate. Default: 1. Range: 1 to 10,000.
    ///
    /// Each one makes [`rate`](Self::rate) / [`processes`](Self::processes) attempts in 60 s, rounded down.
    pub fn processes(mut self, value: u32) -> Self {
        self.processes = value;
        self
    }

    /// Sets how often a target that met a pause is asked again. Default: 3. Range: 0 to 1,000.
    ///
    /// A 429 pauses all attempts of its client until `Retry-After`, or for 60 s. Ten transient failures in a row pause them
    /// too: for 5 s at first, at most for 60 s.
    pub fn max_pauses(mut self, value: u32) -> Self {
        self.max_pauses = value;
        self
    }

    /// Sets the total time of the fleet. Range: more than 0, at most 30 days. Without it there is no limit.
    ///
    /// Each target has its client's timeout in any case; its time in a queue or in a pause does not count.
    pub fn timeout(mut self, value: Duration) -> Self {
        self.timeout = Some(value);
        self
    }

    /// Ends the fleet once `cancel` is cancelled: targets without an outcome get
    /// [`Cancelled`](crate::ErrorKind::Cancelled).
    pub fn cancelled_by(mut self, cancel: &Cancel) -> Self {
        self.cancel = Some(cancel.clone());
        self
    }

    /// Sets the clock. For tests.
    #[doc(hidden)]
    pub fn clock(mut self, clock: Arc<dyn FleetClock>) -> Self {
        self.clock = clock;
        self
    }

    /// Checks the settings and the targets, and starts the fleet. Without targets it has no outcomes.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) names the first wrong setting, or all wrong targets.
    pub fn start(self, targets: impl IntoIterator<Item = Target>) -> Result<Fleet, Error> {
        let surface = self.client.surface();
        self.checked(targets.into_iter().collect()).map_err(|error| error.worded_for(surface))
    }

    /// As [`start`](Self::start), with a call: its cancel token, and its timeout and deadline if they end the fleet earlier.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start), and [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if the call has a scope.
    #[doc(hidden)]
    pub fn start_with(self, targets: impl IntoIterator<Item = Target>, call: &Call) -> Result<Fleet, Error> {
        let surface = self.client.surface();
        let refused = match call.scope {
            Some(_) => Err(Setting::CallScope.error("is set, but each target of a fleet has its own")),
            None => refuse_reservation_settings(call),
        };
        refused.map_err(|error| error.worded_for(surface))?;
        let timeout = self.timeout.into_iter().chain(call.timeout).min();
        let cancel = call.cancel.clone().or(self.cancel);
        Self { timeout, deadline: call.deadline, cancel, ..self }.start(targets)
    }

    fn checked(self, targets: Vec<Target>) -> Result<Fleet, Error> {
        let Self { client, rate, processes, max_pauses, timeout, deadline, cancel, clock } = self;
        let counts = [
            (Setting::Rate, rate.unwrap_or(1)),
            (Setting::FleetProcesses, processes),
            (Setting::MaxPauses, max_pauses),
        ];
        for (setting, value) in counts {
            if let Some(fault) = setting.kind().number_fault(value as usize) {
                return Err(setting.error(fault));
            }
        }
        if let Some(fault) = timeout.and_then(|timeout| Setting::FleetTimeout.kind().time_fault(timeout)) {
            return Err(Setting::FleetTimeout.error(fault));
        }
        let share = rate.map(|rate| rate / processes);
        if let (Some(0), Some(rate)) = (share, rate) {
            return Err(Setting::Rate
                .error(format_args!("is {rate}, which leaves nothing for each of {processes} processes; use fewer")));
        }
        let plan = Plan::new(&client, targets)?;
        let schedule = Schedule::new(plan.lanes(), &plan.lanes, share, max_pauses);
        Fleet::start(Shared::new(plan, schedule, share, timeout, deadline, cancel, clock))
    }
}
