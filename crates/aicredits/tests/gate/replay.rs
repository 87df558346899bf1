//! An independent replay: from the journal of readings, grants and ends it works out the most that could be granted.
//!
//! It is slow on purpose. It keeps every commit in a list, and starts from the first event each time. It shares no code
//! with the core.

use std::time::Duration;

/// One event of a gate.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A reading was applied. `spendable` is the figure that its reply shows.
    Reading { requested: Duration, spendable: u64 },
    /// A reservation was granted, by the gate itself (0) or by a sub-gate.
    Grant { id: usize, gate: usize, cost: u64 },
    /// A commit that returned true. A partial one keeps the rest.
    Commit { id: usize, cost: u64, is_partial: bool },
    /// A release that returned true.
    Release { id: usize },
    /// The reservation was dropped before an end.
    Drop { id: usize },
    /// The limit of a sub-gate was set.
    Limit { gate: usize, limit: u64 },
}

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) at: Duration,
    pub(crate) event: Event,
}

/// The settings of the gate that the formula uses.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) headroom: u64,
    pub(crate) visibility_delay: Duration,
    pub(crate) is_strict: bool,
    pub(crate) processes: u64,
    pub(crate) time_to_live: Duration,
    pub(crate) max_age: Duration,
    /// How much earlier than exactly the gate may put a commit, which makes it grant less. 0 for the most it may grant.
    pub(crate) blur: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            headroom: 0,
            visibility_delay: Duration::from_secs(60),
            is_strict: false,
            processes: 1,
            time_to_live: Duration::from_secs(600),
            max_age: Duration::from_secs(30),
            blur: Duration::ZERO,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Standing {
    Open,
    Committed,
    Released,
    Unresolved,
}

#[derive(Clone, Debug)]
struct Reservation {
    id: usize,
    gate: usize,
    granted: Duration,
    /// The part that is still reserved, or was when it ended.
    rest: u64,
    standing: Standing,
}

/// A commit, or an unresolved end that counts like one.
#[derive(Clone, Debug)]
struct Commit {
    id: usize,
    at: Duration,
    cost: u64,
    is_unresolved: bool,
}

#[derive(Clone, Debug, Default)]
struct Replay {
    reading: Option<Duration>,
    estimate: i128,
    commits: Vec<Commit>,
    reservations: Vec<Reservation>,
    limits: Vec<(usize, u64)>,
}

impl Replay {
    fn of(rules: &Rules, entries: &[Entry], at: Duration) -> Self {
        let mut replay = Self::default();
        for entry in entries {
            replay.expire(rules, entry.at);
            replay.apply(rules, entry);
        }
        replay.expire(rules, at);
        replay
    }

    fn expire(&mut self, rules: &Rules, now: Duration) {
        for index in 0..self.reservations.len() {
            let ends = self.reservations[index].granted + rules.time_to_live;
            if self.reservations[index].standing == Standing::Open && ends <= now {
                self.leave_unresolved(index, ends);
            }
        }
    }

    fn leave_unresolved(&mut self, index: usize, at: Duration) {
        let Reservation { id, rest, .. } = self.reservations[index];
        self.reservations[index].standing = Standing::Unresolved;
        self.commits.push(Commit { id, at, cost: rest, is_unresolved: true });
        self.estimate -= i128::from(rest);
    }

    fn apply(&mut self, rules: &Rules, entry: &Entry) {
        let at = entry.at;
        match entry.event {
            Event::Reading { requested, spendable } => self.read(rules, requested, spendable),
            Event::Grant { id, gate, cost } => {
                let standing = Standing::Open;
                self.reservations.push(Reservation { id, gate, granted: at, rest: cost, standing });
            }
            Event::Commit { id, cost, is_partial } => {
                // Nobody knew before whether it was charged. Now its real cost counts, from now. If a reading shows what
                // there was before, the estimate does not lack it any more. A cautious gate counts it twice for a while.
                let undone = self.commits.iter().position(|commit| commit.id == id && commit.is_unresolved);
                if let Some(undone) = undone.filter(|_| rules.blur.is_zero()) {
                    let undone = self.commits.remove(undone);
                    let shows = self.reading.and_then(|requested| requested.checked_sub(rules.visibility_delay));
                    if shows.is_none_or(|shows| undone.at > shows) {
                        self.estimate += i128::from(undone.cost);
                    }
                }
                self.commits.push(Commit { id, at, cost, is_unresolved: false });
                self.estimate -= i128::from(cost);
                let reservation = self.reservation(id);
                if is_partial && reservation.standing == Standing::Open {
                    reservation.rest = reservation.rest.saturating_sub(cost);
                } else {
                    reservation.standing = Standing::Committed;
                }
            }
            Event::Release { id } => self.reservation(id).standing = Standing::Released,
            Event::Drop { id } => {
                let index = self.reservations.iter().position(|reservation| reservation.id == id).unwrap();
                if self.reservations[index].standing == Standing::Open {
                    self.leave_unresolved(index, at);
                }
            }
            Event::Limit { gate, limit } => self.limits.push((gate, limit)),
        }
    }

    fn reservation(&mut self, id: usize) -> &mut Reservation {
        self.reservations.iter_mut().find(|reservation| reservation.id == id).unwrap()
    }

    fn read(&mut self, rules: &Rules, requested: Duration, spendable: u64) {
        if self.reading.is_some_and(|in_force| requested < in_force) {
            return;
        }
        let reading = i128::from(spendable / rules.processes);
        let committed_after = |instant: Option<Duration>| -> i128 {
            let is_after = |commit: &&Commit| instant.is_none_or(|instant| commit.at + rules.blur > instant);
            let after = self.commits.iter().filter(is_after);
            after.map(|commit| i128::from(commit.cost)).sum()
        };
        let cautious = reading - committed_after(requested.checked_sub(rules.visibility_delay));
        self.estimate = if self.reading.is_none() {
            reading
        } else if rules.is_strict || rules.processes > 1 {
            cautious
        } else {
            cautious.max((reading - committed_after(Some(requested))).min(self.estimate))
        };
        self.reading = Some(requested);
    }

    fn reserved(&self) -> i128 {
        let open = self.reservations.iter().filter(|reservation| reservation.standing == Standing::Open);
        open.map(|reservation| i128::from(reservation.rest)).sum()
    }

    /// The part of the limit of a sub-gate that is used: commits and open reservations, but nothing that is unresolved.
    fn used(&self, gate: usize) -> u64 {
        let own = |id: usize| self.reservations.iter().any(|other| other.id == id && other.gate == gate);
        let commits = self.commits.iter().filter(|commit| !commit.is_unresolved && own(commit.id));
        let open = self.reservations.iter().filter(|other| other.gate == gate && other.standing == Standing::Open);
        commits.map(|commit| commit.cost).sum::<u64>() + open.map(|open| open.rest).sum::<u64>()
    }
}

/// The most that could be granted at an instant, after these events. `None` without a reading.
pub(crate) fn most_grantable(rules: &Rules, entries: &[Entry], at: Duration) -> Option<i128> {
    let replay = Replay::of(rules, entries, at);
    replay.reading.map(|_| replay.estimate - replay.reserved() - i128::from(rules.headroom))
}

/// Every grant that the formula does not allow, one sentence each.
pub(crate) fn faults(rules: &Rules, entries: &[Entry]) -> Vec<String> {
    let mut faults = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let Event::Grant { id, gate, cost } = entry.event else { continue };
        if cost == 0 {
            continue;
        }
        let before = Replay::of(rules, &entries[..index], entry.at);
        let most = before.estimate - before.reserved() - i128::from(rules.headroom);
        match before.reading {
            None => faults.push(format!("grant {id} of {cost} at {:?} without a reading", entry.at)),
            Some(requested) if entry.at.saturating_sub(requested) > rules.max_age => {
                faults.push(format!("grant {id} of {cost} at {:?} on a reading of {requested:?}", entry.at));
            }
            Some(_) if i128::from(cost) > most => {
                faults.push(format!("grant {id} of {cost} at {:?}: the formula allows {most}", entry.at));
            }
            Some(_) => {}
        }
        if let Some((_, limit)) = before.limits.iter().rev().find(|(owner, _)| *owner == gate) {
            let used = before.used(gate);
            if used + cost > *limit {
                faults.push(format!("grant {id} of {cost} at {:?}: {used} of {limit} are used", entry.at));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(events: &[(u64, Event)]) -> Vec<Entry> {
        events.iter().map(|(at, event)| Entry { at: Duration::from_secs(*at), event: event.clone() }).collect()
    }

    fn reading(requested: u64, spendable: u64) -> Event {
        Event::Reading { requested: Duration::from_secs(requested), spendable }
    }

    fn most(rules: &Rules, events: &[(u64, Event)], at: u64) -> Option<i128> {
        most_grantable(rules, &entries(events), Duration::from_secs(at))
    }

    /// A charge that does not show yet is not granted twice, and its credits come back if somebody tops up.
    #[test]
    fn the_formula_by_hand() {
        let rules = Rules::default();
        let grant = |id, cost| Event::Grant { id, gate: 0, cost };
        let commit = |id, cost| Event::Commit { id, cost, is_partial: false };
        let mut events = vec![(0, reading(0, 30))];
        assert_eq!(most(&rules, &[], 0), None);
        assert_eq!(most(&rules, &events, 0), Some(30));
        events.push((1, grant(0, 10)));
        assert_eq!(most(&rules, &events, 1), Some(20));
        events.push((2, commit(0, 10)));
        assert_eq!(most(&rules, &events, 2), Some(20));
        // The charge does not show.
        events.push((31, reading(31, 30)));
        assert_eq!(most(&rules, &events, 31), Some(20));
        // It shows.
        events.push((40, reading(40, 20)));
        assert_eq!(most(&rules, &events, 40), Some(20));
        // It must show by now, so this is a top-up.
        events.push((62, reading(62, 120)));
        assert_eq!(most(&rules, &events, 62), Some(120));
        // The reading that was requested earlier loses.
        events.push((63, reading(61, 5)));
        assert_eq!(most(&rules, &events, 63), Some(120));
    }

    #[test]
    fn strict_takes_the_cautious_term() {
        let rules = Rules { is_strict: true, ..Rules::default() };
        let events = [
            (0, reading(0, 30)),
            (1, Event::Grant { id: 0, gate: 0, cost: 10 }),
            (2, Event::Commit { id: 0, cost: 10, is_partial: false }),
            (40, reading(40, 20)),
        ];
        assert_eq!(most(&rules, &events, 40), Some(10));
        let two = Rules { processes: 2, ..Rules::default() };
        assert_eq!(most(&two, &events, 40), Some(0));
    }

    #[test]
    fn an_unresolved_reservation_counts_until_a_reading_must_show_it() {
        let rules = Rules::default();
        let mut events = vec![(0, reading(0, 30)), (1, Event::Grant { id: 0, gate: 0, cost: 10 })];
        events.push((602, reading(602, 30)));
        // It expired at 601. Nobody knows whether the reading shows it.
        assert_eq!(most(&rules, &events, 602), Some(20));
        events.push((661, reading(661, 30)));
        assert_eq!(most(&rules, &events, 661), Some(30));
        // It was charged after all, at less.
        events.push((662, Event::Commit { id: 0, cost: 4, is_partial: false }));
        assert_eq!(most(&rules, &events[..3], 602), Some(20));
    }

    #[test]
    fn a_grant_too_many_is_found() {
        let grant = |id, cost| Event::Grant { id, gate: 1, cost };
        let limit = Event::Limit { gate: 1, limit: 25 };
        let good = [(0, limit), (0, reading(0, 30)), (1, grant(0, 10)), (1, grant(1, 15))];
        assert_eq!(faults(&Rules::default(), &entries(&good)), [""; 0]);
        let with = |event: (u64, Event)| {
            let mut events = good.to_vec();
            events.push(event);
            faults(&Rules::default(), &entries(&events)).len()
        };
        // Above both the limit and the estimate; above the limit; on an old reading.
        assert_eq!(
            (with((2, grant(2, 6))), with((2, grant(2, 5))), with((31, Event::Grant { id: 2, gate: 0, cost: 1 }))),
            (2, 1, 1)
        );
        assert_eq!((with((2, Event::Grant { id: 2, gate: 0, cost: 5 })), with((2, grant(2, 0)))), (0, 0));
    }
}
