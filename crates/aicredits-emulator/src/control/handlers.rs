//! The handler of each action.

use std::time::Duration;

use crate::protocol::*;
use crate::scenarios;
use crate::shared::{Done, Shared};

/// 10 minutes.
const LONGEST_WAIT_MS: u64 = 600_000;

type Result<T> = std::result::Result<T, ControlError>;

pub(super) fn state(shared: &Shared, _: Nothing) -> Result<State> {
    Ok(shared.state())
}

pub(super) fn reset(shared: &Shared, reset: Reset) -> Result<State> {
    let scenario = match reset.scenario {
        None => shared.scenario.clone(),
        Some(choice) => scenarios::load(choice)?,
    };
    shared.change(|world, moment| {
        let reset = world.after_reset(&scenario, moment.real).map_err(|error| error.within("/scenario"))?;
        *world = reset;
        Ok(Done::changed(()))
    })?;
    Ok(shared.state())
}

pub(super) fn account(shared: &Shared, account: Account) -> Result<AccountAdded> {
    shared.change(|world, moment| {
        let reply = AccountAdded { account: account.account.clone() };
        Ok(Done { reply, is_change: world.ledger.add_account(account, moment)? })
    })
}

pub(super) fn key(shared: &Shared, change: KeyChange) -> Result<KeyAdded> {
    shared.change(|world, _| {
        let (reply, is_change) = world.ledger.set_key(change)?;
        Ok(Done { reply, is_change })
    })
}

pub(super) fn grant(shared: &Shared, grant: Grant) -> Result<Granted> {
    shared.change(|world, moment| world.ledger.grant(grant, moment).map(Done::changed))
}

pub(super) fn top_up(shared: &Shared, top_up: TopUp) -> Result<Granted> {
    shared.change(|world, _| world.ledger.top_up(top_up).map(Done::changed))
}

pub(super) fn adjust(shared: &Shared, adjust: Adjust) -> Result<Nothing> {
    shared.change(|world, _| Ok(Done { reply: Nothing {}, is_change: world.ledger.adjust(adjust)? }))
}

pub(super) fn spend(shared: &Shared, spend: Spend) -> Result<Spent> {
    shared.change(|world, moment| {
        let site_spends_account = world.assumptions.site_spends_account == SiteSpendsAccount::True;
        let reply = world.ledger.spend(spend, site_spends_account, world.shown_after, moment)?;
        Ok(Done { is_change: !reply.repeated, reply })
    })
}

pub(super) fn clock(shared: &Shared, change: ClockChange) -> Result<Clock> {
    shared.change(|world, moment| {
        let (times, real) = (&mut world.times, moment.real);
        let before = times.at(real);
        let (mode, speed) = (times.mode(), times.speed());
        match change {
            ClockChange { advance_ms: None, now: None, mode: None, speed: None } => {}
            ClockChange { advance_ms: Some(time), now: None, mode: None, speed: None } => {
                times.advance(time, real)?;
            }
            ClockChange { advance_ms: None, now: Some(date), mode: None, speed: None } => {
                times.set_date(date, real)?;
            }
            ClockChange { advance_ms: None, now: None, mode: Some(mode), speed: None } => times.set_mode(mode, real),
            ClockChange { advance_ms: None, now: None, mode: None, speed: Some(speed) } => {
                times.set_speed(speed, real)?;
            }
            _ => return Err(ControlError::invalid("", "a request has one of advance_ms, now, mode and speed")),
        }
        let is_change = (before, mode, speed) != (times.at(real), times.mode(), times.speed());
        let moment = world.advance(real);
        Ok(Done { reply: world.clock(&moment), is_change })
    })
}

pub(super) fn fault(shared: &Shared, fault: Fault) -> Result<FaultAdded> {
    shared.change(|world, _| world.add_fault(fault).map(|fault| Done::changed(FaultAdded { fault })))
}

pub(super) fn clear_faults(shared: &Shared, clear: ClearFaults) -> Result<Cleared> {
    shared.change(|world, _| {
        let cleared = world.faults.clear(clear.fault.as_deref());
        Ok(Done { reply: Cleared { cleared }, is_change: cleared > 0 })
    })
}

pub(super) fn limit(shared: &Shared, limit: Limit) -> Result<Nothing> {
    shared.change(|world, _| Ok(Done { reply: Nothing {}, is_change: world.set_limit(limit)? }))
}

pub(super) fn assume(shared: &Shared, change: AssumptionsChange) -> Result<AssumptionsReply> {
    shared.change(|world, _| {
        let before = world.assumptions;
        world.assumptions.apply(&change);
        let reply = AssumptionsReply { assumptions: world.assumptions };
        Ok(Done { reply, is_change: world.assumptions != before })
    })
}

pub(super) fn journal(shared: &Shared, query: JournalQuery) -> Result<Journal> {
    Ok(shared.settled().journal.list(&query))
}

pub(super) fn verdict(shared: &Shared, query: VerdictQuery) -> Result<Verdict> {
    Ok(shared.settled().judge.judge(&query))
}

pub(super) fn mark(shared: &Shared, _: Mark) -> Result<Marked> {
    shared.change(|world, _| Ok(Done::changed(Marked { n: world.journal.total() })))
}

pub(super) fn wait(shared: &Shared, wait: Wait) -> Result<Waited> {
    if wait.timeout_ms > LONGEST_WAIT_MS {
        return Err(ControlError::invalid("/timeout_ms", format!("the longest wait is {LONGEST_WAIT_MS}")));
    }
    let total = shared.wait_for_requests(wait.requests, Duration::from_millis(wait.timeout_ms));
    Ok(Waited { reached: total >= wait.requests, total })
}
