//! A reserve as a state machine that never blocks, for bindings and event loops.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::clock::Nanos;
use super::commits::Mark;
use super::decision::{Books, Decision, Progress, Query};
use super::estimate::Reading;
use super::flight::{Ticket, Turn};
use super::shared::{OpenBooks, Shared, SubGate};
use super::step::{Outcome, Step};
use super::verdict;
use super::wake::Wake;
use crate::fork::generation;
use crate::{Balance, Call, Cancel, Error, ErrorKind};

/// One reserve or refresh. Dropping it gives the request up: if it was to make a reading, another caller makes it.
pub struct GateRequest {
    shared: Arc<Shared>,
    sub_gate: Option<Arc<SubGate>>,
    /// None asks for a reading.
    query: Option<Query>,
    progress: Progress,
    deadline: Nanos,
    /// When the deadline was set, for a message.
    timeout: Duration,
    cancel: Option<Cancel>,
    role: Role,
    ticket: Option<Ticket>,
    ended: Option<Error>,
    is_done: bool,
    /// The process that made it.
    generation: u64,
}

#[derive(Clone, Copy, Debug)]
enum Role {
    None,
    /// For the reading of this number.
    Waiter(u64),
    /// Not before this instant.
    Reader(Nanos),
    Started(Started),
}

/// A reading has been requested.
#[derive(Clone, Copy, Debug)]
struct Started {
    number: u64,
    mark: Mark,
    requested: Nanos,
    /// The same instant, by the clock of attempts.
    instant: Instant,
}

enum Next {
    Decided(Decision),
    Read(Arc<Reading>),
    Failed(Arc<Error>),
    Turn(Step),
}

impl GateRequest {
    pub(super) fn new(
        shared: &Arc<Shared>,
        sub_gate: Option<&Arc<SubGate>>,
        query: Option<Query>,
        call: &Call,
        deadline: Nanos,
        timeout: Duration,
    ) -> Self {
        Self {
            shared: Arc::clone(shared),
            sub_gate: sub_gate.map(Arc::clone),
            query,
            progress: Progress::default(),
            deadline,
            timeout,
            cancel: call.cancel.clone(),
            role: Role::None,
            ticket: None,
            ended: None,
            is_done: false,
            generation: generation(),
        }
    }

    /// Takes the next step. It never blocks.
    pub fn step(&mut self, wake: &Arc<dyn Wake>) -> Step {
        if std::mem::replace(&mut self.is_done, true) {
            return Step::Done(Err(Error::unexpected("a request of a gate was used after its end")));
        }
        if let Some(error) = self.end() {
            self.leave();
            return Step::Done(Err(error));
        }
        let now = self.shared.now();
        let books = self.books();
        let next = {
            let mut books = books.lock();
            let now = books.ledger.advance(now);
            self.next(&mut books, now, wake)
        };
        if let Next::Turn(step) = next {
            self.is_done = false;
            return step;
        }
        self.leave();
        Step::Done(match next {
            Next::Decided(decision) => match &self.query {
                Some(query) => {
                    verdict::reservation(&self.shared, self.sub_gate.as_ref(), query, decision).map(Outcome::Reserved)
                }
                None => Err(Error::unexpected("a reading was decided")),
            },
            Next::Read(reading) => Ok(Outcome::Read(reading.balance.clone())),
            Next::Failed(error) => Err(Error::clone(&error)),
            Next::Turn(_) => Err(Error::unexpected("a step was lost")),
        })
    }

    /// The books of this process. A request that a forked child inherited starts again there.
    fn books(&mut self) -> OpenBooks {
        if self.generation != generation() {
            self.generation = generation();
            (self.role, self.ticket, self.progress) = (Role::None, None, Progress::default());
            if let Some(query) = &mut self.query {
                query.account = self.sub_gate.as_deref().map(SubGate::account);
            }
        }
        self.shared.books()
    }

    /// Why it ends now without a decision.
    fn end(&mut self) -> Option<Error> {
        if let Some(error) = self.ended.take() {
            return Some(error);
        }
        if self.shared.is_closed() {
            return Some(Error::closed());
        }
        match &self.cancel {
            Some(cancel) if cancel.cancelled_at().is_some() => Some(cancelled()),
            Some(cancel) if cancel.expired_at().is_some() => {
                self.expire();
                None
            }
            _ => None,
        }
    }

    fn next(&mut self, books: &mut Books, now: Nanos, wake: &Arc<dyn Wake>) -> Next {
        let ticket = *self.ticket.get_or_insert_with(|| {
            self.progress.entered = books.flight.starts();
            books.flight.ticket()
        });
        if let Role::Waiter(number) = self.role {
            // The reading is over, or the request is to make it now, or it waits on.
            if books.flight.is_over(number) {
                self.role = Role::None;
                self.progress.readings += 1;
                self.progress.failure = books.flight.failure_of(number).map(Arc::clone);
            }
        }
        loop {
            match self.decide(books, now) {
                Some(next) => return next,
                None if self.deadline <= now => self.expire(),
                None => match books.flight.join(ticket, self.deadline, now, || Arc::clone(wake)) {
                    Turn::Failing(error) => self.progress.failure = Some(error),
                    Turn::Wait => {
                        self.role = Role::Waiter(books.flight.number());
                        return Next::Turn(Step::Wait);
                    }
                    // A step that is not due.
                    Turn::Read(_) if matches!(self.role, Role::Started(_)) => return Next::Turn(Step::Read),
                    // It could not begin in time.
                    Turn::Read(from) if from >= self.deadline => self.expire(),
                    Turn::Read(from) => {
                        self.role = Role::Reader(from);
                        if from <= now {
                            self.begin(books, now);
                        }
                        return Next::Turn(Step::Read);
                    }
                },
            }
        }
    }

    /// The result, unless a reading is needed.
    fn decide(&self, books: &mut Books, now: Nanos) -> Option<Next> {
        let Some(query) = &self.query else {
            if let Some(error) = &self.progress.failure {
                return Some(Next::Failed(Arc::clone(error)));
            }
            let reading = books.ledger.estimate.reading().map(Arc::clone)?;
            let is_new = self.progress.readings > 0 || books.is_recent(now);
            return is_new.then_some(Next::Read(reading));
        };
        match books.decide(query, &self.progress, now) {
            Decision::Reading => None,
            decision => Some(Next::Decided(decision)),
        }
    }

    /// The reading is requested at this moment, unless another caller has taken over.
    fn begin(&mut self, books: &mut Books, now: Nanos) {
        let number = self.ticket.and_then(|ticket| books.flight.start(ticket, now));
        self.role = match number {
            Some(number) => {
                let mark = books.ledger.begin_reading();
                Role::Started(Started { number, mark, requested: now, instant: Instant::now() })
            }
            None => Role::None,
        };
    }

    /// As [`begin`](Self::begin), after a pause.
    fn begin_now(&mut self) {
        if let Role::Reader(_) = self.role {
            let now = self.shared.now();
            let books = self.books();
            let mut books = books.lock();
            let now = books.ledger.advance(now);
            self.begin(&mut books, now);
        }
    }

    /// Makes the reading in this thread, after [`Step::Read`]. Blocks. The next step has its result.
    pub fn read(&mut self, call: &Call) {
        if !matches!(self.role, Role::Reader(_) | Role::Started(_)) {
            return;
        }
        let pause = self.pause();
        let timeout = self.remaining();
        if timeout.is_zero() {
            return self.expire();
        }
        let shared = Arc::clone(&self.shared);
        let result = shared.read(call, timeout, pause, || {
            self.begin_now();
            match self.role {
                Role::Started(_) => Ok(()),
                // Another caller makes the reading.
                _ => Err(Error::unexpected("a reading was taken over")),
            }
        });
        self.deliver(result);
    }

    /// How long the reading that it is to make must wait for its start.
    pub(super) fn pause(&self) -> Duration {
        match self.role {
            Role::Reader(from) => Duration::from_nanos(from.saturating_sub(self.shared.now())),
            _ => Duration::ZERO,
        }
    }

    /// Takes the result of a reading, after [`Step::Read`], instead of [`read`](Self::read).
    pub fn deliver(&mut self, result: Result<Balance, Error>) {
        if result.is_ok() {
            self.begin_now();
        }
        let Some(ticket) = self.ticket else { return };
        let is_current = self.generation == generation();
        match (result, self.role) {
            (Ok(balance), Role::Started(started)) if is_current => {
                self.role = Role::None;
                self.progress.readings += 1;
                self.arrive(ticket, started, balance);
            }
            (Err(error), Role::Started(_) | Role::Reader(_)) if is_current => self.fail(ticket, error),
            _ => {}
        }
    }

    fn arrive(&mut self, ticket: Ticket, started: Started, balance: Balance) {
        let Started { number, mark, requested, instant } = started;
        let arrived = self.shared.now().max(requested);
        let attempted = balance.origin.attempted_at.map_or(0, |attempted| {
            u64::try_from(attempted.saturating_duration_since(instant).as_nanos()).unwrap_or(u64::MAX)
        });
        let reading = Arc::new(Reading {
            figures: balance.figures(),
            requested,
            number,
            began: requested.saturating_add(attempted).min(arrived),
            arrived,
            date: balance.instant().unwrap_or_else(|| self.shared.date()),
            balance,
        });
        let books = self.books();
        let wakes = {
            let mut books = books.lock();
            books.ledger.advance(arrived);
            books.ledger.read(reading, mark);
            books.flight.succeed(ticket, number)
        };
        wakes.iter().for_each(|wake| wake.wake());
    }

    /// A reader that is cancelled, whose client is closed, or that had too little time, has not shown that the reading
    /// fails.
    fn fail(&mut self, ticket: Ticket, error: Error) {
        let (start, budget) = match self.role {
            Role::Started(Started { number, requested, .. }) => (Some(number), self.deadline.saturating_sub(requested)),
            _ => (None, 0),
        };
        let now = self.shared.now();
        self.role = Role::None;
        match error.kind() {
            ErrorKind::Cancelled | ErrorKind::Closed => {
                self.leave();
                self.ended = Some(error);
            }
            ErrorKind::Timeout if budget < self.shared.whole_reading() => {
                let error = Arc::new(error);
                self.progress.failure = Some(Arc::clone(&error));
                let wakes = self.books().lock().flight.give_up(ticket, start, error, budget, now);
                wakes.iter().for_each(|wake| wake.wake());
            }
            _ => {
                let error = Arc::new(error);
                self.progress.readings += 1;
                self.progress.failure = Some(Arc::clone(&error));
                let wakes = self.books().lock().flight.fail(ticket, start, error, now);
                wakes.iter().for_each(|wake| wake.wake());
            }
        }
    }

    /// Leaves the queue, and hands over the reading.
    fn leave(&mut self) {
        if let Some(ticket) = self.ticket
            && self.generation == generation()
        {
            let wake = self.shared.books().lock().flight.leave(ticket);
            if let Some(wake) = wake {
                wake.wake();
            }
        }
    }

    /// The time that it may take in all.
    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// The time that the request itself may still take.
    pub fn remaining(&self) -> Duration {
        Duration::from_nanos(self.deadline.saturating_sub(self.shared.now()))
    }

    /// For a timer after [`Step::Wait`]. When it is over, take a step: the request takes over from the reader, or ends if
    /// its own time is over.
    #[doc(hidden)]
    pub fn patience(&self) -> Duration {
        let reader = self.shared.books().lock().flight.reader_deadline().unwrap_or(Nanos::MAX);
        Duration::from_nanos(self.deadline.min(reader).saturating_sub(self.shared.now()))
    }

    /// The time is over. The next step is the last one.
    pub fn expire(&mut self) {
        if self.progress.failure.is_none() {
            let timeout = crate::duration(self.timeout);
            let message = format!("no reading of the balance within {timeout}");
            self.progress.failure = Some(Arc::new(Error::new(ErrorKind::Timeout, message)));
        }
    }

    /// The caller cancels the request. The next step is the last one.
    pub fn cancel(&mut self) {
        self.ended = Some(cancelled());
    }
}

fn cancelled() -> Error {
    Error::new(ErrorKind::Cancelled, "the call was cancelled before the gate had decided")
}

impl Drop for GateRequest {
    fn drop(&mut self) {
        if !self.is_done {
            self.leave();
        }
    }
}

impl fmt::Debug for GateRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GateRequest").field("query", &self.query).field("role", &self.role).finish_non_exhaustive()
    }
}
