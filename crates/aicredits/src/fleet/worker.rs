//! The threads of a fleet. Each one takes an attempt from the schedule, makes the call, and reports its end.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::clock::FleetClock;
use super::outcome::FleetAttempt;
use super::schedule::{Next, Progress, Run};
use super::shared::{SLICE, Shared};
use crate::call::Observer;
use crate::execution::jitter;
use crate::fork::ForkLocal;
use crate::net::signals;
use crate::pacing::{Ending, Limits};
use crate::redact::Redactor;
use crate::retry::Stop;
use crate::{Attempt, Balance, Call, Error, ErrorKind, Timestamp};

/// Starts one more thread, which counts already. Fails if the system has none left.
pub(super) fn start(shared: &Arc<Shared>) -> std::io::Result<thread::JoinHandle<()>> {
    let shared = Arc::clone(shared);
    let builder = thread::Builder::new().name("aicredits-fleet".to_owned());
    signals::blocked(|| builder.spawn(move || work(&shared)))
}

/// Runs until the fleet has no more attempts.
fn work(shared: &Arc<Shared>) {
    if let Some(in_threads) = &shared.in_threads {
        in_threads();
    }
    let mut others = Vec::new();
    let mut state = shared.lock();
    loop {
        let next = shared.next(&mut state);
        if !matches!(next, Next::Start(_))
            && let Some(wake) = shared.due(&mut state)
        {
            // At its end the fleet gives outcomes to many targets at once.
            drop(state);
            wake();
            state = shared.lock();
            continue;
        }
        match next {
            Next::Done => break,
            Next::Wait(at) => {
                let now = shared.clock.now();
                let left = at.map_or(SLICE, |at| shared.clock.real(at.saturating_sub(now)).min(SLICE));
                state.idle += 1;
                state = shared.work.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
                state.idle -= 1;
            }
            Next::Start(run) => {
                // A thread is made when all others are busy. So a fleet has no more than it needs.
                let wants_another = state.idle == 0 && state.threads < shared.most_threads();
                state.threads += usize::from(wants_another);
                let (progress, limits) =
                    (*state.schedule.progress(run.ask), Arc::clone(state.schedule.limits(run.ask)));
                drop(state);
                if wants_another {
                    match start(shared) {
                        Ok(thread) => others.push(thread),
                        // Those that are there go on.
                        Err(_) => shared.lock().threads -= 1,
                    }
                }
                attempt(shared, run, progress, limits);
                state = shared.lock();
            }
        }
    }
    drop(state);
    // The others look again, and end as well.
    shared.work.notify_all();
    for thread in others {
        let _ = thread.join();
    }
}

/// Makes one attempt for an ask.
fn attempt(shared: &Arc<Shared>, run: Run, progress: Progress, limits: Arc<ForkLocal<Limits>>) {
    let (first, _) = shared.plan.asks[run.ask as usize];
    let target = &shared.plan.targets[first as usize];
    let client = &shared.plan.clients[shared.plan.lanes[run.ask as usize] as usize];
    let left = client.timeout().saturating_sub(progress.used);
    let watch = Arc::new(Watch { shared: Arc::clone(shared), limits, seen: Mutex::default() });
    let stopping = Arc::clone(shared);
    let call = Call {
        scope: Some(Arc::clone(&target.scope)),
        timeout: Some(left),
        deadline: shared.call_deadline(),
        cancel: shared.cancel.clone(),
        interrupt: Some(Arc::new(move || stopping.is_stopped())),
        observer: Some(Arc::<Watch>::clone(&watch)),
        ..Call::new()
    };
    let started = shared.clock.now();
    // A provider of the caller's may panic. Its target fails, and the fleet goes on.
    let result = catch_unwind(AssertUnwindSafe(|| client.get_balance_with(&call)));
    let result = result.unwrap_or_else(|_| Err(Error::new(ErrorKind::Panic, "the call for this target panicked")));
    let (made, reply) = watch.finish();
    let used = progress.used + shared.clock.now().saturating_sub(started);
    let ending = ending(&result, &*shared.clock);
    let again = {
        let mut state = shared.lock();
        let progress = state.schedule.progress(run.ask);
        progress.used = used;
        match &result {
            Ok(_) => {
                client.retries().succeeded(&progress.retries);
                None
            }
            Err(error) => {
                let left = client.timeout().saturating_sub(used);
                let again = match ending {
                    Ending::Transient => client.retries().next(&mut progress.retries, error, left, jitter()),
                    _ => Err(Stop::Done),
                };
                again.inspect(|after| progress.used += *after).ok()
            }
        }
    };
    shared.ended(run, made, result, reply, ending, again);
}

fn ending(result: &Result<Balance, Error>, clock: &dyn FleetClock) -> Ending {
    let Err(error) = result else { return Ending::Answered };
    match error.kind() {
        ErrorKind::RateLimited => Ending::Throttled(error.retry_after().map(|time| clock.of_server(time))),
        ErrorKind::Network | ErrorKind::Timeout | ErrorKind::Server if error.is_transient() => Ending::Transient,
        _ if error.http_status().is_some() => Ending::Answered,
        _ => Ending::Nothing,
    }
}

/// Sees the attempts of one call.
struct Watch {
    shared: Arc<Shared>,
    limits: Arc<ForkLocal<Limits>>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    started_at: Option<Timestamp>,
    has_started: bool,
    made: Vec<FleetAttempt>,
    /// The reply without the credential, for the resume file.
    reply: Option<String>,
}

impl Watch {
    /// The attempts of the call, which has ended, and its reply.
    fn finish(&self) -> (Vec<FleetAttempt>, Option<String>) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if !seen.has_started {
            self.limits.lock().pace.given_up();
        }
        (std::mem::take(&mut seen.made), seen.reply.take())
    }
}

impl Observer for Watch {
    fn started(&self) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.shared.clock.now();
        let mut limits = self.limits.lock();
        if std::mem::replace(&mut seen.has_started, true) {
            limits.pace.started_at_once(now);
        } else {
            limits.pace.started(now);
        }
        seen.started_at = Some(self.shared.clock.date());
    }

    fn read(&self, balance: &Balance, redactor: &Redactor) {
        if self.shared.has_resume_file {
            let reply = redactor.redact(balance.json());
            // A secret such as `balance` is in the JSON of each reply, which is none without it.
            let is_same =
                matches!(&reply, Cow::Borrowed(_)) || Balance::from_json(&*reply).is_ok_and(|it| it == *balance);
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.reply = is_same.then(|| reply.into_owned());
        }
    }

    fn ended(&self, attempt: Attempt) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let started_at = seen.started_at.take().unwrap_or_else(Timestamp::now);
        seen.made.push(FleetAttempt { started_at, attempt });
    }
}

impl Shared {
    /// Each client keeps to its own limit.
    fn most_threads(&self) -> usize {
        let all: usize = self.plan.clients.iter().map(crate::Client::max_concurrency).sum();
        all.min(self.plan.asks.len())
    }
}
