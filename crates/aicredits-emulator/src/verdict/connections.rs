//! `keep_alive`: connections opened for requests that needed none.

use std::sync::Arc;
use std::time::Duration;

use super::reached::Reached;

/// Requests over all lineages, in the order of their arrival.
#[derive(Debug, Default)]
pub(super) struct Connections {
    previous: Option<Previous>,
    /// A request whose predecessor has not been reported as answered.
    undecided: Option<Undecided>,
    /// Connections that cannot be used again: a client has to replace them.
    ended: u64,
    /// Connections opened in this epoch by requests that followed each other.
    count: u64,
    opened: Reached,
}

#[derive(Debug)]
struct Previous {
    n: u64,
    epoch: u64,
    /// Whether no other request was in flight when it arrived.
    was_alone: bool,
    answered: Option<Duration>,
}

#[derive(Debug)]
struct Undecided {
    n: u64,
    after: u64,
    arrived: Duration,
    /// Whether it is the first on its connection, and replaces none that cannot be used again.
    opens: bool,
    follows_one: bool,
    label: Arc<str>,
}

impl Connections {
    pub(super) fn arrived<'a>(
        &mut self,
        n: u64,
        epoch: u64,
        is_new: bool,
        arrived: Duration,
        label: &Arc<str>,
        mut in_flight: impl ExactSizeIterator<Item = &'a u64>,
    ) {
        let replaces = is_new && self.ended > 0;
        self.ended -= u64::from(replaces);
        let opens = is_new && !replaces;
        let previous = self.previous.take();
        if previous.as_ref().is_none_or(|previous| previous.epoch != epoch) {
            self.count = 0;
        }
        self.undecided = None;
        let follows_one = previous.as_ref().is_none_or(|previous| {
            previous.epoch != epoch || (previous.was_alone && previous.answered.is_none_or(|at| at <= arrived))
        });
        let others = in_flight.len();
        let was_alone = others == 0;
        let after = previous.map(|previous| previous.n);
        self.previous = Some(Previous { n, epoch, was_alone, answered: None });
        if was_alone && follows_one && opens {
            self.open(n, label);
        } else if others == 1 && in_flight.next().copied() == after {
            let after = after.unwrap_or_default();
            self.undecided = Some(Undecided { n, after, arrived, opens, follows_one, label: Arc::clone(label) });
        }
    }

    /// `was_ended`: the connection cannot be used again, and not by the client's choice.
    pub(super) fn answered(&mut self, n: u64, at: Duration, status: Option<u16>, was_ended: bool) {
        self.ended += u64::from(was_ended);
        self.opened.answered(n, status);
        if let Some(previous) = self.previous.as_mut().filter(|previous| previous.n == n) {
            previous.answered = Some(at);
        }
        let Some(undecided) = self.undecided.take_if(|undecided| undecided.after == n) else { return };
        if at > undecided.arrived {
            return;
        }
        if let Some(previous) = self.previous.as_mut().filter(|previous| previous.n == undecided.n) {
            previous.was_alone = true;
        }
        if undecided.opens && self.ended > 0 {
            self.ended -= 1;
        } else if undecided.opens && undecided.follows_one {
            self.open(undecided.n, &undecided.label);
        }
    }

    pub(super) fn opened(&self) -> &Reached {
        &self.opened
    }

    fn open(&mut self, n: u64, label: &Arc<str>) {
        self.count += 1;
        self.opened.record(self.count, n, label, None);
    }
}
