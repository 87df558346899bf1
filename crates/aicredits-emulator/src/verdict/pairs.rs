//! The rules about a request and the next one of its lineage.
//!
//! `retried_final` and `ignored_retry_after` are about the two requests of a serial pair. They take the second for a repeat of
//! the first by the same caller, which a server cannot know. They abstain:
//! - where the pair is not serial: another request of the lineage was in flight, or the first was not answered yet;
//! - where the second came on another connection than the first, and that connection was there before the first was answered:
//!   it is another worker's. A worker whose connection is newer looks like a repeat, so the verdict's text names this cause;
//! - `retried_final`, where the first was refused for lack of credits, and the refusal is over: see
//!   [`Refusals::is_over`](super::refused::Refusals::is_over).

use std::sync::Arc;
use std::time::Duration;

use super::evidence::{Line, time};
use super::findings::Findings;
use super::lineage::{Got, Lineage};
use super::row::{Reply, Seen};
use super::tolerance;
use crate::protocol::{Route, VerdictRule};
use crate::script::RetryAfter;

/// A repeat after so long is a new call.
const REPEAT: Duration = Duration::from_secs(2);

/// The last request of the lineage has arrived. `is_over`: whether a refusal for lack of credits no longer counts.
pub(super) fn at_arrival(
    lineage: &mut Lineage,
    about: u64,
    route: Route,
    is_over: impl Fn(&Reply) -> bool,
    findings: &mut Findings,
) {
    serial(lineage, about, is_over, findings);
    if route == Route::Balance {
        asked_again(lineage, about, findings);
    }
}

/// A request of the lineage was answered.
pub(super) fn at_answer(
    lineage: &mut Lineage,
    about: u64,
    n: u64,
    route: Route,
    is_over: impl Fn(&Reply) -> bool,
    findings: &mut Findings,
) {
    serial(lineage, about, is_over, findings);
    if route == Route::Balance {
        asked_again(lineage, about, findings);
        overlapping(lineage, n, about, findings);
    }
}

/// The rules about serial pairs.
fn serial(lineage: &mut Lineage, about: u64, is_over: impl Fn(&Reply) -> bool, findings: &mut Findings) {
    let label = Arc::clone(&lineage.label);
    while let Some((first, reply, second)) = lineage.row.next_serial() {
        let is_of_another_worker = second.connection != first.connection && second.accepted < reply.at;
        if let Some(status) = reply.status.filter(|_| !is_of_another_worker) {
            pair(&label, first, reply, status, second, about, &is_over, findings);
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "a pair, and where its finding goes")]
fn pair(
    label: &Arc<str>,
    first: &Seen,
    reply: &Reply,
    status: u16,
    second: &Seen,
    about: u64,
    is_over: impl Fn(&Reply) -> bool,
    findings: &mut Findings,
) {
    let passed = second.arrived.saturating_sub(reply.at);
    let lines = || lines(label, [first, second]);
    if reply.is_final() && passed < REPEAT && !is_over(reply) {
        findings.add(VerdictRule::RetriedFinal, about, || {
            let (first, second, passed) = (first.n, second.n, time(passed));
            let message = format!("request {second} repeated request {first} {passed} after its final answer {status}");
            (lines(), message)
        });
    }
    if let (429 | 503, RetryAfter::Seconds(seconds @ 1..)) = (status, reply.retry_after) {
        let passed = second.service.saturating_sub(reply.service) / reply.speed;
        let wanted = Duration::from_secs(seconds);
        if passed < wanted.saturating_sub(tolerance::of(wanted)) {
            findings.add(VerdictRule::IgnoredRetryAfter, about, || {
                let (first, second, passed) = (first.n, second.n, time(passed));
                let message = format!(
                    "request {second} came {passed} after request {first} was answered {status} with Retry-After: {seconds}"
                );
                (lines(), message)
            });
        }
    }
}

/// `asked_once`: requests that arrived after a 200.
fn asked_again(lineage: &mut Lineage, about: u64, findings: &mut Findings) {
    let Some(Got { n: got, epoch, at }) = lineage.got else { return };
    let label = Arc::clone(&lineage.label);
    for again in lineage.row.seen.iter_mut().filter(|seen| seen.n > got && seen.epoch == epoch) {
        if again.arrived < at || again.is_asked_again {
            continue;
        }
        again.is_asked_again = true;
        let n = again.n;
        findings.add(VerdictRule::AskedOnce, about, || {
            let line = |n, status| Line { n, label: Arc::clone(&label), status };
            let lines = vec![line(got, Some(200)), line(n, again.reply.and_then(|reply| reply.status))];
            (lines, format!("request {n} asked again for the balance that request {got} got"))
        });
    }
}

/// `single_flight`: of two requests that were both answered, the second arrived before the first was.
fn overlapping(lineage: &mut Lineage, n: u64, about: u64, findings: &mut Findings) {
    let seen = &mut lineage.row.seen;
    let Some(index) = seen.iter().position(|seen| seen.n == n) else { return };
    for other in 0..seen.len() {
        let (first, second) = (index.min(other), index.max(other));
        let [earlier, later] = [&seen[first], &seen[second]];
        let was_answered = |seen: &Seen| seen.reply.is_some_and(|reply: Reply| reply.status.is_some());
        let overlap = first != second
            && !later.overlaps
            && earlier.epoch == later.epoch
            && was_answered(earlier)
            && was_answered(later)
            && !earlier.was_answered_by(later.arrived);
        if !overlap {
            continue;
        }
        findings.add(VerdictRule::SingleFlight, about, || {
            let message = format!("request {} came while request {} was unanswered", later.n, earlier.n);
            (lines(&lineage.label, [earlier, later]), message)
        });
        seen[second].overlaps = true;
    }
}

fn lines(label: &Arc<str>, pair: [&Seen; 2]) -> Vec<Line> {
    let status = |seen: &Seen| seen.reply.and_then(|reply| reply.status);
    pair.map(|seen| Line { n: seen.n, label: Arc::clone(label), status: status(seen) }).into()
}
