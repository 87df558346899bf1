//! The state that the threads of a fleet and its consumer share.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};

use super::clock::FleetClock;
use super::outcome::{FleetAttempt, FleetOutcome};
use super::plan::Plan;
use super::progress::FleetProgress;
use super::resume::{Entry, ResumeFile};
use super::schedule::{Next, Run, Schedule};
use crate::pacing::Ending;
use crate::{Balance, Call, Cancel, Error, ErrorKind, Timestamp, text};

mod resume;

/// Workers pause while this many outcomes wait for the consumer.
const MOST_UNREAD: usize = 1000;
/// How long a thread waits at most before it looks whether the fleet was cancelled.
pub(super) const SLICE: Duration = Duration::from_millis(50);
/// A function of a binding. It is called without the lock.
pub(super) type Hook = Arc<dyn Fn() + Send + Sync>;
/// No time is estimated from fewer outcomes.
const FEWEST_FOR_ESTIMATE: usize = 10;

/// The checked settings of a fleet.
pub(super) struct Settings {
    /// The most attempts of this process, for each client. None without a limit.
    pub(super) rate: Option<u32>,
    pub(super) timeout: Option<Duration>,
    /// That of a call.
    pub(super) deadline: Option<Instant>,
    pub(super) cancel: Option<Cancel>,
    pub(super) clock: Arc<dyn FleetClock>,
    pub(super) in_threads: Option<Hook>,
}

pub(super) struct Shared {
    pub(super) plan: Plan,
    pub(super) clock: Arc<dyn FleetClock>,
    /// Runs first in each thread.
    pub(super) in_threads: Option<Hook>,
    pub(super) cancel: Option<Cancel>,
    /// The fleet's timeout if that ends it, and when it ends by the clock of the fleet.
    timeout: Option<Duration>,
    deadline: Option<Duration>,
    began: Duration,
    rate: Option<u32>,
    pub(super) has_resume_file: bool,
    /// The handle was dropped.
    stopped: AtomicBool,
    state: Mutex<State>,
    /// A worker may have something to do.
    pub(super) work: Condvar,
    /// The consumer has an outcome to read, or there are no more.
    ready: Condvar,
}

pub(super) struct State {
    pub(super) schedule: Schedule,
    unread: VecDeque<FleetOutcome>,
    /// Of the consumer that polled and found nothing.
    waker: Option<Hook>,
    /// The attempts so far of each ask that is not finished.
    attempts: Vec<Vec<FleetAttempt>>,
    pub(super) threads: usize,
    /// Threads that wait for work.
    pub(super) idle: usize,
    done: usize,
    failed: usize,
    resume: Option<ResumeFile>,
    /// Targets whose balance is in the resume file, and has not been handed out: target, ask, and place.
    from_file: VecDeque<(u32, u32, Entry)>,
    resumed: usize,
    warnings: Vec<String>,
}

/// Why a fleet ends before its targets do.
#[derive(Clone, Copy)]
enum End {
    Cancelled,
    TimedOut,
}

impl Shared {
    pub(super) fn new(plan: Plan, schedule: Schedule, settings: Settings) -> Self {
        let Settings { rate, timeout, deadline, cancel, clock, in_threads } = settings;
        let (began, asks) = (clock.now(), plan.asks.len());
        let of_call = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let left = timeout.into_iter().chain(of_call).min();
        let state = State {
            schedule,
            unread: VecDeque::new(),
            waker: None,
            attempts: vec![Vec::new(); asks],
            threads: 0,
            idle: 0,
            done: 0,
            failed: 0,
            resume: None,
            from_file: VecDeque::new(),
            resumed: 0,
            warnings: Vec::new(),
        };
        Self {
            plan,
            clock,
            in_threads,
            cancel,
            timeout: timeout.filter(|&timeout| left == Some(timeout)),
            deadline: left.map(|left| began + left),
            began,
            rate,
            has_resume_file: false,
            stopped: AtomicBool::new(false),
            state: Mutex::new(state),
            work: Condvar::new(),
            ready: Condvar::new(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fleet ends: attempts in flight are cancelled, and no outcome is read any more.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        self.work.notify_all();
        self.ready.notify_all();
        let waker = self.lock().waker.take();
        if let Some(wake) = waker {
            wake();
        }
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// When the whole fleet must have ended, for its calls.
    pub(super) fn call_deadline(&self) -> Option<Instant> {
        let left = self.deadline?.saturating_sub(self.clock.now());
        Some(Instant::now() + self.clock.real(left))
    }

    /// The next attempt, or how long to wait for one.
    pub(super) fn next(&self, state: &mut State) -> Next {
        if self.is_stopped() {
            return Next::Done;
        }
        if let Some(end) = self.end() {
            self.give_up(state, end);
        }
        if state.unread.len() >= MOST_UNREAD { Next::Wait(None) } else { state.schedule.next(self.clock.now()) }
    }

    fn end(&self) -> Option<End> {
        let (cancelled, expired) =
            self.cancel.as_ref().map_or((None, None), |cancel| (cancel.cancelled_at(), cancel.expired_at()));
        if cancelled.is_some_and(|cancelled| expired.is_none_or(|expired| cancelled <= expired)) {
            Some(End::Cancelled)
        } else if expired.is_some() || self.deadline.is_some_and(|deadline| self.clock.now() >= deadline) {
            Some(End::TimedOut)
        } else {
            None
        }
    }

    /// Everything that is not in flight gets its outcome.
    fn give_up(&self, state: &mut State, end: End) {
        for ask in state.schedule.give_up() {
            let error = match end {
                End::Cancelled => Error::new(ErrorKind::Cancelled, "the fleet was cancelled before this target's turn"),
                End::TimedOut => {
                    let time =
                        self.timeout.map_or("time was".to_owned(), |time| format!("{} were", text::duration(time)));
                    Error::new(ErrorKind::Timeout, format!("the fleet's {time} over before this target's turn"))
                }
            };
            let attempts = state.attempts[ask as usize].iter().map(|made| made.attempt.clone()).collect();
            let scope = &self.plan.targets[self.plan.asks[ask as usize].0 as usize].scope;
            self.finish(state, ask, Err(error.with_request(scope, None, attempts)), None);
        }
    }

    /// Records an attempt that ended.
    pub(super) fn ended(
        &self,
        run: Run,
        made: Vec<FleetAttempt>,
        result: Result<Balance, Error>,
        reply: Option<String>,
        ending: Ending,
        again: Option<Duration>,
    ) {
        let mut state = self.lock();
        state.attempts[run.ask as usize].extend(made);
        let warnings = state.warnings.len();
        if state.schedule.ended(run, ending, again, self.clock.now()) {
            let line = self.line(&state, run.ask, &result, reply.as_deref());
            self.finish(&mut state, run.ask, result, line);
        }
        let warning = state.warnings.get(warnings).cloned();
        let waker = self.due(&mut state);
        drop(state);
        self.work.notify_all();
        if let Some(wake) = waker {
            wake();
        }
        if let Some(warning) = warning {
            self.plan.clients[0].record(log::Level::Warn, format_args!("{warning}"));
        }
    }

    /// The waker of a consumer that has something to read. It is called without the lock.
    pub(super) fn due(&self, state: &mut State) -> Option<Hook> {
        if state.unread.is_empty() && state.done < self.plan.targets.len() { None } else { state.waker.take() }
    }

    /// Gives the targets of an ask their outcomes.
    fn finish(&self, state: &mut State, ask: u32, result: Result<Balance, Error>, line: Option<String>) {
        let (first, others) = &self.plan.asks[ask as usize];
        // Before the outcome is handed out: a program that has it may be killed at once.
        if let (Some(line), Some(file)) = (line, &mut state.resume)
            && let Err(error) = file.append(&line)
        {
            state.warnings.push(format!("the resume file cannot be written any more: {error}"));
        }
        let attempts: Arc<[FleetAttempt]> = std::mem::take(&mut state.attempts[ask as usize]).into();
        let result = result.map_err(|error| {
            // The error of the last attempt, with all of them.
            let all = attempts.iter().map(|made| made.attempt.clone()).collect();
            error.with_attempts(all)
        });
        let ended_at = Timestamp::now();
        // A balance may be large: the last target gets it without a copy.
        let results = std::iter::repeat_n(result, 1 + others.len());
        for (&index, result) in std::iter::once(first).chain(others).zip(results) {
            state.done += 1;
            state.failed += usize::from(result.is_err());
            state.unread.push_back(FleetOutcome {
                index: index as usize,
                target: self.plan.targets[index as usize].clone(),
                client: self.plan.lanes[ask as usize],
                result,
                attempts: Arc::clone(&attempts),
                ended_at,
                is_resumed: false,
            });
        }
        self.ready.notify_all();
    }

    /// The next outcome; blocks until there is one. None once all were read. `interrupt` is asked every 50 ms, without the
    /// lock: it may wait for a thread that waits for the lock.
    pub(super) fn take(&self, call: &Call) -> Result<Option<FleetOutcome>, Error> {
        loop {
            let mut state = self.lock();
            if let Poll::Ready(outcome) = self.read(&mut state)? {
                return Ok(outcome);
            }
            drop(self.ready.wait_timeout(state, SLICE));
            if call.interrupt.as_ref().is_some_and(|interrupt| interrupt()) {
                return Err(Error::new(ErrorKind::Cancelled, "waiting for an outcome was interrupted"));
            }
        }
    }

    /// As [`take`](Self::take), without blocking: `waker` is called when there is something to read.
    pub(super) fn poll(&self, waker: &Hook) -> Result<Poll<Option<FleetOutcome>>, Error> {
        let mut state = self.lock();
        let read = self.read(&mut state)?;
        if read.is_pending() {
            state.waker = Some(Arc::clone(waker));
        }
        Ok(read)
    }

    fn read(&self, state: &mut State) -> Result<Poll<Option<FleetOutcome>>, Error> {
        if self.is_stopped() {
            return Err(Error::new(ErrorKind::Closed, "the fleet is closed"));
        }
        if let Some((index, ask, entry)) = state.from_file.pop_front() {
            return Ok(Poll::Ready(Some(self.restored(state, index, ask, entry))));
        }
        if state.unread.is_empty()
            && state.done < self.plan.targets.len()
            && let Some(end) = self.end()
        {
            self.give_up(state, end);
        }
        match state.unread.pop_front() {
            Some(outcome) => {
                if state.unread.len() + 1 == MOST_UNREAD {
                    self.work.notify_all();
                }
                Ok(Poll::Ready(Some(outcome)))
            }
            None if state.done == self.plan.targets.len() => {
                // The next run may use the file, although this fleet is still there.
                state.resume = None;
                Ok(Poll::Ready(None))
            }
            None => Ok(Poll::Pending),
        }
    }

    pub(super) fn progress(&self) -> FleetProgress {
        let state = self.lock();
        let now = self.clock.now();
        let limits = self.plan.clients.iter().map(crate::Client::limits);
        let (mut paused_for, mut recent_attempts) = (None, 0);
        for limits in limits {
            let limits = limits.lock();
            paused_for = paused_for.max(limits.pauses.until(now).map(|until| until - now));
            recent_attempts += limits.pace.recent(now);
        }
        let (total, done, failed, resumed) = (self.plan.targets.len(), state.done, state.failed, state.resumed);
        // Those from the file took no time.
        let asked = done - resumed;
        let time_left = (asked >= FEWEST_FOR_ESTIMATE).then(|| self.estimate(total - done, asked, now, paused_for));
        FleetProgress { total, done, failed, resumed, paused_for, recent_attempts, time_left }
    }

    /// By the speed so far, and never faster than the rate.
    fn estimate(&self, left: usize, done: usize, now: Duration, paused_for: Option<Duration>) -> Duration {
        let so_far = (now - self.began).mul_f64(left as f64 / done as f64);
        let clients = self.plan.clients.len() as f64;
        let paced = self.rate.map_or(Duration::ZERO, |rate| {
            // The first window goes at once.
            let windows = (left as f64 / (f64::from(rate) * clients)).ceil() - 1.0;
            crate::pacing::WINDOW.mul_f64(windows.max(0.0))
        });
        so_far.max(paced) + if left == 0 { Duration::ZERO } else { paused_for.unwrap_or_default() }
    }
}
