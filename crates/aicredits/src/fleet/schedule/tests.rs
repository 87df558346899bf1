use super::*;
use crate::fork::PerProcess;
use crate::pacing::WINDOW;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn limits() -> Arc<ForkLocal<Limits>> {
    PerProcess::empty().get_or_make(Limits::default)
}

fn schedule(asks: usize, max_concurrency: usize, rate: Option<u32>) -> Schedule {
    Schedule::new(vec![Lane::new(limits(), max_concurrency)], &vec![0; asks], rate, 3)
}

/// Starts all that may start, as the calls do that need no time for their credential.
fn start_all(schedule: &mut Schedule, now: Duration) -> (Vec<Run>, Next) {
    let mut runs = Vec::new();
    loop {
        match schedule.next(now) {
            Next::Start(run) => {
                schedule.limits(run.ask).lock().pace.started(now);
                runs.push(run);
            }
            other => return (runs, other),
        }
    }
}

fn asks(runs: &[Run]) -> Vec<u32> {
    runs.iter().map(|run| run.ask).collect()
}

#[test]
fn a_client_has_no_more_calls_than_it_may_and_a_window_no_more_attempts() {
    let mut schedule = schedule(10, 4, Some(6));
    let (first, next) = start_all(&mut schedule, s(0));
    assert_eq!((asks(&first), next), (vec![0, 1, 2, 3], Next::Wait(None)));
    for run in first {
        assert!(schedule.ended(run, Ending::Answered, None, s(1)));
    }
    let (second, next) = start_all(&mut schedule, s(1));
    assert_eq!((asks(&second), next), (vec![4, 5], Next::Wait(Some(WINDOW))));
    for run in second {
        schedule.ended(run, Ending::Answered, None, s(2));
    }
    let (third, _) = start_all(&mut schedule, WINDOW);
    assert_eq!(asks(&third), [6, 7, 8, 9]);
    for run in third {
        schedule.ended(run, Ending::Answered, None, s(61));
    }
    assert_eq!(schedule.next(s(61)), Next::Done);
}

#[test]
fn a_failure_is_tried_again_at_its_time_and_before_the_others() {
    let mut schedule = schedule(3, 1, None);
    let Next::Start(run) = schedule.next(s(0)) else { panic!() };
    assert!(!schedule.ended(run, Ending::Transient, Some(s(2)), s(1)), "it is tried again at 3 s");
    let Next::Start(other) = schedule.next(s(1)) else { panic!() };
    assert_eq!(other.ask, 1);
    schedule.ended(other, Ending::Answered, None, s(4));
    let Next::Start(again) = schedule.next(s(4)) else { panic!() };
    assert_eq!(again.ask, run.ask);
    assert!(schedule.ended(again, Ending::Transient, None, s(5)), "its error is the outcome");
    let Next::Start(last) = schedule.next(s(5)) else { panic!() };
    assert!(!schedule.ended(last, Ending::Transient, Some(s(7)), s(5)));
    assert_eq!(schedule.next(s(5)), Next::Wait(Some(s(12))));
}

#[test]
fn a_429_pauses_the_client_and_its_targets_come_last() {
    let mut schedule = schedule(5, 2, None);
    let (first, _) = start_all(&mut schedule, s(0));
    assert!(!schedule.ended(first[0], Ending::Throttled(Some(s(10))), None, s(1)));
    assert!(!schedule.ended(first[1], Ending::Throttled(Some(s(10))), None, s(1)));
    assert_eq!(schedule.next(s(1)), Next::Wait(Some(s(11))));
    let (probe, next) = start_all(&mut schedule, s(11));
    assert_eq!((asks(&probe), next), (vec![2], Next::Wait(Some(s(11) + LOOK))), "one goes ahead alone");
    schedule.ended(probe[0], Ending::Answered, None, s(12));
    let (others, _) = start_all(&mut schedule, s(12));
    assert_eq!(asks(&others), [3, 4]);
    for run in others {
        schedule.ended(run, Ending::Answered, None, s(13));
    }
    let (again, _) = start_all(&mut schedule, s(13));
    assert_eq!(asks(&again), [0, 1]);
}

#[test]
fn after_three_pauses_the_error_is_the_outcome() {
    let (mut schedule, mut now) = (schedule(1, 1, None), s(0));
    for round in 0..4 {
        let Next::Start(run) = schedule.next(now) else { panic!("round {round}") };
        let is_outcome = schedule.ended(run, Ending::Throttled(Some(s(1))), None, now);
        assert_eq!(is_outcome, round == 3, "round {round}");
        now += s(1);
    }
    assert_eq!(schedule.next(now), Next::Done);
}

#[test]
fn clients_do_not_wait_for_each_other() {
    let lanes = vec![Lane::new(limits(), 1), Lane::new(limits(), 1)];
    let mut schedule = Schedule::new(lanes, &[0, 0, 1, 1], Some(1), 3);
    let (first, next) = start_all(&mut schedule, s(0));
    assert_eq!((asks(&first), next), (vec![0, 2], Next::Wait(None)));
    schedule.ended(first[0], Ending::Throttled(Some(s(90))), None, s(0));
    schedule.ended(first[1], Ending::Answered, None, s(0));
    assert_eq!(schedule.next(s(0)), Next::Wait(Some(WINDOW)), "the second client's window");
    let (second, next) = start_all(&mut schedule, WINDOW);
    assert_eq!((asks(&second), next), (vec![3], Next::Wait(Some(s(90)))));
}

#[test]
fn fleets_of_one_client_share_its_window_and_its_pauses() {
    let shared = limits();
    let fleet = |asks: usize| Schedule::new(vec![Lane::new(Arc::clone(&shared), 8)], &vec![0; asks], Some(3), 3);
    let (mut one, mut other) = (fleet(2), fleet(5));
    let (ours, _) = start_all(&mut one, s(0));
    let (theirs, next) = start_all(&mut other, s(1));
    assert_eq!((ours.len(), theirs.len(), next), (2, 1, Next::Wait(Some(WINDOW))));
    one.ended(ours[0], Ending::Throttled(Some(s(80))), None, s(2));
    other.ended(theirs[0], Ending::Answered, None, s(2));
    assert_eq!(other.next(s(70)), Next::Wait(Some(s(82))));
}

#[test]
fn an_attempt_without_an_answer_lets_another_go_ahead() {
    let mut schedule = schedule(3, 3, None);
    let Next::Start(run) = schedule.next(s(0)) else { panic!() };
    schedule.ended(run, Ending::Throttled(Some(s(1))), None, s(0));
    let Next::Start(probe) = schedule.next(s(1)) else { panic!() };
    // Its credential provider failed.
    schedule.limits(probe.ask).lock().pace.given_up();
    assert!(schedule.ended(probe, Ending::Nothing, None, s(1)));
    assert!(matches!(schedule.next(s(1)), Next::Start(run) if run.ask == 2));
}

#[test]
fn waiting_targets_can_be_given_up() {
    let mut schedule = schedule(4, 2, None);
    let (runs, _) = start_all(&mut schedule, s(0));
    schedule.ended(runs[0], Ending::Transient, Some(s(5)), s(0));
    assert_eq!(schedule.give_up(), [0, 2, 3]);
    assert_eq!(schedule.next(s(0)), Next::Wait(None));
    assert!(schedule.ended(runs[1], Ending::Answered, None, s(1)));
    assert_eq!(schedule.next(s(1)), Next::Done);
}
