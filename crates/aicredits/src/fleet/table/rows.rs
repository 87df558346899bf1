//! The row of an outcome, and those of its rules.

use super::columns::Table;
use crate::fleet::outcome::FleetOutcome;
use crate::text::escape_for_display;
use crate::{Balance, Error, ErrorKind, FeaturePeriod};

/// The most characters of an error's message.
const MOST_OF_ERROR: usize = 1000;

/// Appends the row of `balances`. `same_as` is the target of an equal reading, and whether it is the same wallet for sure.
pub(crate) fn push_balance(table: &mut Table, outcome: &FleetOutcome, same_as: Option<(usize, bool)>) {
    let (target, result) = (outcome.target(), outcome.result());
    let (balance, error) = (result.ok(), result.err());
    let (periodic, top_up) = (balance.and_then(Balance::periodic_credits), balance.and_then(Balance::top_up_credits));
    // Of a reply that says nothing of credits, nothing is known.
    let recognized = balance.filter(|balance| balance.is_recognized());
    let last = outcome.attempts().last().and_then(|last| last.attempt().http_status());
    let http_status = error.map_or(last, Error::http_status);
    let status = error.map_or_else(|| "ok".to_owned(), |error| kind_name(error.kind()));
    let code = error.and_then(Error::code).map(escape_for_display);
    let message = error.map(|error| cut(error.message()));
    let request_id = outcome.request_id().map(escape_for_display);
    let breakdown = balance.map(Balance::credit_balance_breakdown);
    let rules = breakdown.clone().map(|sources| sources.map(|source| source.usage_rules().len()).sum::<usize>());
    table.push([
        outcome.index().into(),
        target.name().into(),
        target.scope_name().into(),
        target.owner_id().into(),
        target.scope().site_id().into(),
        target.client_name().into(),
        status.as_str().into(),
        http_status.map(i64::from).into(),
        code.as_deref().into(),
        message.as_deref().into(),
        request_id.as_deref().into(),
        outcome.attempts().len().into(),
        outcome.started_at().into(),
        balance.and_then(Balance::fetched_at).into(),
        balance.and_then(Balance::server_date).into(),
        recognized.map(|balance| balance.periodic_credits().is_some()).into(),
        recognized.map(|balance| balance.top_up_credits().is_some()).into(),
        periodic.and_then(|pool| pool.balance()).into(),
        periodic.and_then(|pool| pool.cap()).into(),
        top_up.and_then(|pool| pool.balance()).into(),
        top_up.and_then(|pool| pool.cap()).into(),
        balance.and_then(Balance::available).into(),
        balance.and_then(Balance::spendable).into(),
        balance.and_then(Balance::next_reset).into(),
        breakdown.map(|sources| sources.len()).into(),
        rules.into(),
        same_as.map(|(target, _)| target).into(),
        same_as.map(|(_, is_sure)| is_sure).into(),
        outcome.is_resumed().into(),
    ]);
}

/// Appends the rows of `rules`: none for a failure.
pub(crate) fn push_rules(table: &mut Table, outcome: &FleetOutcome) {
    let (target, Ok(balance)) = (outcome.target(), outcome.result()) else { return };
    let read_at = balance.fetched_at().unwrap_or(outcome.ended_at());
    for (source_place, source) in balance.credit_balance_breakdown().enumerate() {
        for (place, rule) in source.usage_rules().enumerate() {
            table.push([
                outcome.index().into(),
                target.name().into(),
                target.owner_id().into(),
                target.scope().site_id().into(),
                source_place.into(),
                source.subscription_id().into(),
                place.into(),
                rule.period().map(FeaturePeriod::as_str).into(),
                rule.balance().into(),
                rule.cap().into(),
                rule.reset_date().into(),
                read_at.into(),
            ]);
        }
    }
}

/// The name of a kind in tables and files, such as `rate_limited`.
pub(crate) fn kind_name(kind: ErrorKind) -> String {
    let row = ErrorKind::TABLE.iter().find(|row| row.number == kind.number());
    row.map_or("unexpected".to_owned(), |row| row.name.to_ascii_lowercase())
}

fn cut(message: &str) -> String {
    match message.char_indices().nth(MOST_OF_ERROR) {
        None => message.to_owned(),
        Some(_) => message.chars().take(MOST_OF_ERROR - 1).chain(['…']).collect(),
    }
}
