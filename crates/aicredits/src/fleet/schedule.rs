//! Which target of a fleet is asked next, and when. It has no clock, no thread and no socket.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::fork::ForkLocal;
use crate::pacing::{Admission, Ending, Limits, Turn};
use crate::retry::RetryState;

/// How long a thread waits for the attempt of another fleet before it looks again.
const LOOK: Duration = Duration::from_millis(50);

/// The queue of a fleet. Each entry is a number: an ask, which serves all targets that are equal.
pub(super) struct Schedule {
    lanes: Vec<Lane>,
    asks: Vec<Ask>,
    /// The lane that is looked at first, so that no client waits for another.
    first: usize,
    unfinished: usize,
    rate: Option<u32>,
    max_pauses: u32,
}

/// The asks of one client.
pub(super) struct Lane {
    limits: Arc<ForkLocal<Limits>>,
    max_concurrency: usize,
    running: usize,
    /// Not asked yet.
    pending: VecDeque<u32>,
    /// Asked again at their time, after a failure.
    failed: BinaryHeap<Reverse<(Duration, u32)>>,
    /// Asked again after the others: they met a pause.
    paused: VecDeque<u32>,
}

#[derive(Debug, Default)]
struct Ask {
    lane: u32,
    /// How often it met a pause.
    pauses: u32,
    progress: Progress,
}

/// How far an ask has come since it began, or since its last pause.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    /// The part of the timeout that is gone.
    pub(super) used: Duration,
    pub(super) retries: RetryState,
}

/// An attempt to start, or none.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Start(Run),
    /// Nothing may start before this time, or before an attempt ends.
    Wait(Option<Duration>),
    /// Every ask has its outcome.
    Done,
}

/// An attempt in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) ask: u32,
    admitted: Duration,
    is_probe: bool,
}

impl Lane {
    pub(super) fn new(limits: Arc<ForkLocal<Limits>>, max_concurrency: usize) -> Self {
        Self {
            limits,
            max_concurrency,
            running: 0,
            pending: VecDeque::new(),
            failed: BinaryHeap::new(),
            paused: VecDeque::new(),
        }
    }

    /// The next ask at this time, or when there is one.
    fn candidate(&self, now: Duration) -> Result<Queue, Option<Duration>> {
        match self.failed.peek() {
            Some(&Reverse((at, _))) if at <= now => Ok(Queue::Failed),
            _ if !self.pending.is_empty() => Ok(Queue::Pending),
            _ if !self.paused.is_empty() => Ok(Queue::Paused),
            failed => Err(failed.map(|&Reverse((at, _))| at)),
        }
    }

    fn take(&mut self, queue: Queue) -> u32 {
        let taken = match queue {
            Queue::Failed => self.failed.pop().map(|Reverse((_, ask))| ask),
            Queue::Pending => self.pending.pop_front(),
            Queue::Paused => self.paused.pop_front(),
        };
        taken.expect("the queue that was chosen is not empty")
    }
}

/// The queues of a lane, in the order in which they are asked.
#[derive(Clone, Copy)]
enum Queue {
    Failed,
    Pending,
    Paused,
}

impl Schedule {
    /// `asks` has the lane of each ask.
    pub(super) fn new(mut lanes: Vec<Lane>, asks: &[u32], rate: Option<u32>, max_pauses: u32) -> Self {
        for (ask, &lane) in asks.iter().enumerate() {
            lanes[lane as usize].pending.push_back(ask as u32);
        }
        let asks: Vec<Ask> = asks.iter().map(|&lane| Ask { lane, ..Ask::default() }).collect();
        Self { lanes, unfinished: asks.len(), asks, first: 0, rate, max_pauses }
    }

    /// These asks have their outcomes already, before any has started.
    pub(super) fn skip(&mut self, is_done: impl Fn(u32) -> bool) {
        for lane in &mut self.lanes {
            let before = lane.pending.len();
            lane.pending.retain(|&ask| !is_done(ask));
            self.unfinished -= before - lane.pending.len();
        }
    }

    /// The next attempt. The caller starts it, and reports its end.
    pub(super) fn next(&mut self, now: Duration) -> Next {
        if self.unfinished == 0 {
            return Next::Done;
        }
        let mut wake = None;
        let mut wake_at = |at: Duration| wake = Some(wake.map_or(at, |wake: Duration| wake.min(at)));
        for offset in 0..self.lanes.len() {
            let index = (self.first + offset) % self.lanes.len();
            let lane = &mut self.lanes[index];
            if lane.running >= lane.max_concurrency {
                continue;
            }
            let queue = match lane.candidate(now) {
                Ok(queue) => queue,
                Err(later) => {
                    later.into_iter().for_each(&mut wake_at);
                    continue;
                }
            };
            let mut limits = lane.limits.lock();
            match (limits.pauses.admission(now), limits.pace.next(self.rate, now)) {
                (Admission::Now, Turn::Now) => {}
                (Admission::At(at), Turn::At(turn)) => {
                    wake_at(at.max(turn));
                    continue;
                }
                (Admission::At(at), _) | (_, Turn::At(at)) => {
                    wake_at(at);
                    continue;
                }
                // It may be another fleet's, which wakes nobody here.
                (Admission::AfterAnother, _) | (_, Turn::AfterAnother) => {
                    wake_at(now + LOOK);
                    continue;
                }
            }
            limits.pace.admit();
            let is_probe = limits.pauses.started();
            drop(limits);
            lane.running += 1;
            let ask = lane.take(queue);
            self.first = index + 1;
            return Next::Start(Run { ask, admitted: now, is_probe });
        }
        Next::Wait(wake)
    }

    /// The time and the retries of an ask.
    pub(super) fn progress(&mut self, ask: u32) -> &mut Progress {
        &mut self.asks[ask as usize].progress
    }

    /// The limits of the client that an ask is for.
    pub(super) fn limits(&self, ask: u32) -> &Arc<ForkLocal<Limits>> {
        &self.lanes[self.asks[ask as usize].lane as usize].limits
    }

    /// An attempt ended. `again` is the pause before its retry, if there is one. Returns whether this is the outcome.
    pub(super) fn ended(&mut self, run: Run, ending: Ending, again: Option<Duration>, now: Duration) -> bool {
        let ask = &mut self.asks[run.ask as usize];
        let lane = &mut self.lanes[ask.lane as usize];
        lane.running -= 1;
        let met_pause = lane.limits.lock().pauses.ended(run.admitted, run.is_probe, ending, now);
        if met_pause && ask.pauses < self.max_pauses {
            ask.pauses += 1;
            // Neither the pause nor what came before it counts.
            ask.progress = Progress::default();
            lane.paused.push_back(run.ask);
            return false;
        }
        if let (false, Some(again)) = (met_pause, again) {
            lane.failed.push(Reverse((now + again, run.ask)));
            return false;
        }
        self.unfinished -= 1;
        true
    }

    /// Ends the asks that have not started: no more attempts start.
    pub(super) fn give_up(&mut self) -> Vec<u32> {
        let mut waiting = Vec::new();
        for lane in &mut self.lanes {
            waiting.extend(lane.failed.drain().map(|Reverse((_, ask))| ask));
            waiting.extend(lane.paused.drain(..));
            waiting.extend(lane.pending.drain(..));
        }
        waiting.sort_unstable();
        self.unfinished -= waiting.len();
        waiting
    }
}

#[cfg(test)]
mod tests;
