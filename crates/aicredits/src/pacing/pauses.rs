//! When a client makes no attempts: after a 429, and after ten transient failures in a row.
//!
//! After a pause one attempt goes ahead alone, and the others follow once it succeeds. It has no clock.

use std::time::Duration;

/// After a 429 without `Retry-After`.
const AFTER_429: Duration = Duration::from_secs(60);
/// This many transient failures in a row pause the client.
const FAILURES: u32 = 10;
const SHORTEST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(60);

/// How an attempt ended, as far as pauses depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The server answered: with a balance, or with a refusal that is final.
    Answered,
    /// 429, with `Retry-After` if the server sent it.
    Throttled(Option<Duration>),
    /// The network, the time or the server failed.
    Transient,
    /// The attempt was cancelled, or never left this machine: nothing is known of the server.
    Nothing,
}

/// Whether an attempt may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    Now,
    /// At this time.
    At(Duration),
    /// Once the attempt that went ahead has ended.
    AfterAnother,
}

/// The pauses of a client.
#[derive(Debug)]
pub(crate) struct Pauses {
    pause: Option<Pause>,
    /// In a row.
    failures: u32,
    /// The length of the next pause after transient failures.
    length: Duration,
}

#[derive(Debug)]
struct Pause {
    began: Duration,
    until: Duration,
    /// An attempt has gone ahead.
    is_probing: bool,
}

impl Default for Pauses {
    fn default() -> Self {
        Self { pause: None, failures: 0, length: SHORTEST }
    }
}

impl Pauses {
    pub(crate) fn admission(&self, now: Duration) -> Admission {
        match &self.pause {
            None => Admission::Now,
            Some(pause) if pause.is_probing => Admission::AfterAnother,
            Some(pause) if pause.until > now => Admission::At(pause.until),
            Some(_) => Admission::Now,
        }
    }

    /// The end of the pause, while nothing may start.
    pub(crate) fn until(&self, now: Duration) -> Option<Duration> {
        self.pause.as_ref().map(|pause| pause.until).filter(|&until| until > now)
    }

    /// An attempt starts. Returns whether it is the one that goes ahead.
    pub(crate) fn started(&mut self) -> bool {
        match &mut self.pause {
            Some(pause) => {
                pause.is_probing = true;
                true
            }
            None => false,
        }
    }

    /// An attempt ended that had started at `started`. Returns whether it met a pause: it is tried again later.
    pub(crate) fn ended(&mut self, started: Duration, is_probe: bool, ending: Ending, now: Duration) -> bool {
        match ending {
            Ending::Answered => {
                (self.failures, self.length) = (0, SHORTEST);
                if is_probe {
                    self.pause = None;
                }
                return false;
            }
            Ending::Nothing => {
                // Another one goes ahead.
                if let (true, Some(pause)) = (is_probe, &mut self.pause) {
                    pause.is_probing = false;
                }
                return false;
            }
            Ending::Throttled(retry_after) => self.pause(started, now, retry_after.unwrap_or(AFTER_429)),
            Ending::Transient => {
                self.failures = self.failures.saturating_add(1);
                if is_probe || (self.failures >= FAILURES && self.pause.is_none()) {
                    let length = self.length;
                    self.length = (length * 2).min(LONGEST);
                    self.pause(started, now, length);
                }
            }
        }
        self.pause.is_some()
    }

    fn pause(&mut self, started: Duration, now: Duration, length: Duration) {
        let until = now + length;
        match &mut self.pause {
            // The server says so to each request that was on its way; the longest wait that it asked for counts.
            Some(pause) if started <= pause.began => pause.until = pause.until.max(until),
            pause => *pause = Some(Pause { began: now, until, is_probing: false }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_429_stops_everything_until_retry_after_and_then_one_goes_ahead() {
        let mut pauses = Pauses::default();
        assert!(!pauses.started());
        assert!(pauses.ended(s(0), false, Ending::Throttled(Some(s(7))), s(1)));
        assert_eq!(pauses.admission(s(7)), Admission::At(s(8)));
        assert_eq!((pauses.until(s(7)), pauses.until(s(8))), (Some(s(8)), None));
        assert_eq!(pauses.admission(s(8)), Admission::Now);
        assert!(pauses.started());
        assert_eq!(pauses.admission(s(9)), Admission::AfterAnother);
        // One that was on its way succeeds: it says nothing about the time after the pause.
        assert!(!pauses.ended(s(0), false, Ending::Answered, s(9)));
        assert_eq!(pauses.admission(s(9)), Admission::AfterAnother);
        assert!(!pauses.ended(s(8), true, Ending::Answered, s(10)));
        assert_eq!(pauses.admission(s(10)), Admission::Now);
        assert!(!pauses.started());
    }

    #[test]
    fn refusals_of_attempts_on_their_way_belong_to_the_same_pause() {
        let mut pauses = Pauses::default();
        pauses.ended(s(0), false, Ending::Throttled(None), s(2));
        assert_eq!(pauses.admission(s(2)), Admission::At(s(62)));
        assert!(pauses.ended(s(1), false, Ending::Throttled(Some(s(5))), s(3)), "it is tried again as well");
        assert_eq!(pauses.admission(s(3)), Admission::At(s(62)));
        assert!(pauses.ended(s(1), false, Ending::Throttled(Some(s(90))), s(3)));
        assert_eq!(pauses.admission(s(3)), Admission::At(s(93)));
        // The one that went ahead is refused again: a pause of another length.
        assert!(pauses.started());
        assert!(pauses.ended(s(93), true, Ending::Throttled(Some(s(4))), s(94)));
        assert_eq!(pauses.admission(s(94)), Admission::At(s(98)));
    }

    #[test]
    fn ten_failures_in_a_row_pause_twice_as_long_each_time() {
        let mut pauses = Pauses::default();
        for round in 0..9 {
            assert!(!pauses.ended(s(round), false, Ending::Transient, s(round)), "{round}");
        }
        pauses.ended(s(9), false, Ending::Answered, s(9));
        for round in 10..19 {
            assert!(!pauses.ended(s(round), false, Ending::Transient, s(round)), "{round}");
        }
        assert!(pauses.ended(s(19), false, Ending::Transient, s(19)));
        let mut now = s(24);
        assert_eq!(pauses.admission(s(19)), Admission::At(now));
        // Those on their way fail too, and change nothing.
        assert!(pauses.ended(s(18), false, Ending::Transient, s(20)));
        for length in [10, 20, 40, 60, 60] {
            assert_eq!(pauses.admission(now), Admission::Now);
            assert!(pauses.started());
            assert!(pauses.ended(now, true, Ending::Transient, now));
            assert_eq!(pauses.admission(now), Admission::At(now + s(length)));
            now += s(length);
        }
        assert!(pauses.started());
        assert!(!pauses.ended(now, true, Ending::Answered, now));
        // Back to 5 s.
        for _ in 0..10 {
            pauses.ended(now, false, Ending::Transient, now);
        }
        assert_eq!(pauses.admission(now), Admission::At(now + s(5)));
    }

    #[test]
    fn one_that_went_ahead_and_was_cancelled_lets_another_go() {
        let mut pauses = Pauses::default();
        pauses.ended(s(0), false, Ending::Throttled(Some(s(1))), s(0));
        assert!(pauses.started());
        assert!(!pauses.ended(s(1), true, Ending::Nothing, s(2)));
        assert_eq!(pauses.admission(s(2)), Admission::Now);
        assert!(pauses.started());
    }
}
