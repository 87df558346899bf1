//! What each action does.

use std::time::Duration;

use crate::protocol::*;
use crate::scenarios;
use crate::shared::Shared;
use crate::world::World;

type Result<T> = std::result::Result<T, ControlError>;

pub(super) fn state(shared: &Shared, _: Nothing) -> Result<State> {
    Ok(shared.state())
}

pub(super) fn reset(shared: &Shared, reset: Reset) -> Result<State> {
    let scenario = match reset.scenario {
        None => shared.scenario.clone(),
        Some(choice) => scenarios::load(choice)?,
    };
    {
        let (mut world, moment) = shared.world();
        *world = World::new(&scenario, moment.real)?;
    }
    Ok(shared.state())
}

pub(super) fn account(shared: &Shared, account: Account) -> Result<AccountAdded> {
    let id = account.account.clone();
    shared.world().0.ledger.add_account(account)?;
    Ok(AccountAdded { account: id })
}

pub(super) fn key(shared: &Shared, change: KeyChange) -> Result<KeyAdded> {
    shared.world().0.ledger.set_key(change)
}

pub(super) fn grant(shared: &Shared, grant: Grant) -> Result<Granted> {
    let (mut world, moment) = shared.world();
    world.ledger.grant(grant, &moment)
}

pub(super) fn top_up(shared: &Shared, top_up: TopUp) -> Result<Granted> {
    shared.world().0.ledger.top_up(top_up)
}

pub(super) fn adjust(shared: &Shared, adjust: Adjust) -> Result<Nothing> {
    shared.world().0.ledger.adjust(adjust).map(|()| Nothing {})
}

pub(super) fn spend(shared: &Shared, spend: Spend) -> Result<Spent> {
    let (mut world, moment) = shared.world();
    let site_spends_account = world.assumptions.site_spends_account == SiteSpendsAccount::True;
    let shown_after = world.shown_after;
    world.ledger.spend(spend, site_spends_account, shown_after, &moment)
}

pub(super) fn clock(shared: &Shared, change: ClockChange) -> Result<Clock> {
    let (mut world, moment) = shared.world();
    let times = &mut world.times;
    match change {
        ClockChange { advance_ms: None, now: None, mode: None, speed: None } => {}
        ClockChange { advance_ms: Some(time), now: None, mode: None, speed: None } => {
            times.advance(Duration::from_millis(time), moment.real);
        }
        ClockChange { advance_ms: None, now: Some(date), mode: None, speed: None } => times.set_date(date, moment.real),
        ClockChange { advance_ms: None, now: None, mode: Some(mode), speed: None } => times.set_mode(mode, moment.real),
        ClockChange { advance_ms: None, now: None, mode: None, speed: Some(speed @ 1..=1_000_000) } => {
            times.set_speed(speed, moment.real);
        }
        ClockChange { speed: Some(_), .. } => {
            return Err(ControlError::invalid("/speed", "the speed is a whole number from 1 to 1,000,000"));
        }
        _ => return Err(ControlError::invalid("", "a request changes one of advance_ms, now, mode and speed")),
    }
    let moment = world.advance(moment.real);
    Ok(world.clock(&moment))
}

pub(super) fn fault(shared: &Shared, fault: Fault) -> Result<FaultAdded> {
    shared.world().0.faults.add(fault).map(|fault| FaultAdded { fault })
}

pub(super) fn clear_faults(shared: &Shared, clear: ClearFaults) -> Result<Cleared> {
    shared.world().0.faults.clear(clear.fault.as_deref()).map(|cleared| Cleared { cleared })
}

pub(super) fn limit(shared: &Shared, limit: Limit) -> Result<Nothing> {
    let limit = limit.per_minute.is_some().then_some(limit);
    shared.world().0.limiter.set(limit).map(|()| Nothing {})
}

pub(super) fn assume(shared: &Shared, change: AssumptionsChange) -> Result<AssumptionsReply> {
    let (mut world, _) = shared.world();
    world.assumptions.apply(&change);
    Ok(AssumptionsReply { assumptions: world.assumptions })
}

pub(super) fn journal(shared: &Shared, query: JournalQuery) -> Result<Journal> {
    Ok(shared.world().0.journal.list(&query))
}

pub(super) fn verdict(shared: &Shared, query: VerdictQuery) -> Result<Verdict> {
    Ok(shared.world().0.judge.judge(&query))
}

pub(super) fn mark(shared: &Shared, _: Mark) -> Result<Marked> {
    Ok(Marked { n: shared.world().0.journal.total() })
}

pub(super) fn wait(shared: &Shared, wait: Wait) -> Result<Waited> {
    let total = shared.wait_for_requests(wait.requests, Duration::from_millis(wait.timeout_ms));
    Ok(Waited { reached: total >= wait.requests, total })
}
