//! Allocations and their rules: what is valid, and how one is made from a request.

use jiff::Timestamp;

use super::{period, text};
use crate::protocol::{Allocation, BY_PERIOD, ControlError, Grant, GrantRule, Rule, TopUp};

/// The page's `maxItems`.
const MOST_RULES: usize = 10;

/// Checks an allocation of a scenario by itself. Its balances may be any: a state has what `adjust` made of them.
pub(super) fn check(allocation: &Allocation) -> Result<(), ControlError> {
    text::check_name(&allocation.allocation, "/allocation")?;
    check_count(allocation.rules.len())?;
    check_counted_rule(allocation.counted_rule, allocation.rules.len())?;
    for (index, rule) in allocation.rules.iter().enumerate() {
        check_rule(rule).map_err(|error| error.within(&format!("/rules/{index}")))?;
    }
    Ok(())
}

fn check_count(rules: usize) -> Result<(), ControlError> {
    if rules > MOST_RULES {
        return Err(ControlError::invalid("/rules", format!("an allocation has at most {MOST_RULES} rules")));
    }
    Ok(())
}

pub(super) fn check_counted_rule(counted: Option<usize>, rules: usize) -> Result<(), ControlError> {
    match counted {
        Some(index) if index >= rules => {
            let message = format!("there is no rule {index}: the allocation has {rules} rules, and the first is 0");
            Err(ControlError::invalid("/counted_rule", message))
        }
        _ => Ok(()),
    }
}

fn check_rule(rule: &Rule) -> Result<(), ControlError> {
    text::check_name(&rule.period, "/period")?;
    check_cap(rule.cap, "/cap")?;
    let (Some(anchor), Some(date)) = (rule.anchor_day, rule.reset_date.filter(|date| *date != BY_PERIOD)) else {
        return match rule.anchor_day {
            Some(_) => Err(ControlError::invalid("/anchor_day", "anchor_day needs a reset_date")),
            None => Ok(()),
        };
    };
    let day = period::day(date);
    let comes_back = period::is_last_day(date) && day < anchor && anchor <= 31;
    if period::has_anchor(&rule.period) && (anchor == day || comes_back) {
        return Ok(());
    }
    let message = "anchor_day is the day of the month on which a rule of MONTH or YEAR resets, if the month of reset_date \
                   is too short for it";
    Err(ControlError::invalid("/anchor_day", message))
}

pub(super) fn check_cap(cap: i64, pointer: &str) -> Result<(), ControlError> {
    if cap < 0 { Err(ControlError::invalid(pointer, "a count of credits is 0 or more")) } else { Ok(()) }
}

/// Completes a rule of a scenario: the balance shows, an absent reset date is the next one, and the dates have one form.
pub(super) fn complete(rule: &mut Rule, now: Timestamp) {
    rule.shown = Some(rule.balance);
    if rule.reset_date == Some(BY_PERIOD) {
        rule.reset_date = period::first_reset(&rule.period, now);
    }
    let day = rule.reset_date.map(period::day);
    rule.anchor_day = rule.anchor_day.filter(|anchor| Some(*anchor) != day);
}

/// The allocation that a grant makes, with this name. The site is not checked.
pub(super) fn granted(grant: Grant, name: String, now: Timestamp) -> Result<Allocation, ControlError> {
    if grant.rules.is_empty() {
        return Err(ControlError::invalid("/rules", format!("a grant has 1 to {MOST_RULES} rules")));
    }
    check_count(grant.rules.len())?;
    check_counted_rule(grant.counted_rule, grant.rules.len())?;
    let rules = grant.rules.into_iter().enumerate();
    let rules =
        rules.map(|(index, rule)| granted_rule(rule, now).map_err(|error| error.within(&format!("/rules/{index}"))));
    Ok(Allocation {
        allocation: name,
        subscription: grant.subscription,
        site: grant.site,
        counted_rule: grant.counted_rule,
        rules: rules.collect::<Result<_, _>>()?,
    })
}

fn granted_rule(rule: GrantRule, now: Timestamp) -> Result<Rule, ControlError> {
    text::check_name(&rule.period, "/period")?;
    check_cap(rule.cap, "/cap")?;
    let balance = rule.balance.unwrap_or(rule.cap);
    if !(0..=rule.cap).contains(&balance) {
        let message = "the balance of a grant is 0 to its cap; adjust sets any other";
        return Err(ControlError::invalid("/balance", message));
    }
    let reset_date = rule.reset_date.or_else(|| period::first_reset(&rule.period, now));
    Ok(Rule { period: rule.period, balance, shown: Some(balance), cap: rule.cap, reset_date, ..Rule::default() })
}

/// The allocation that a top-up makes, with this name. The site is not checked.
pub(super) fn topped_up(top_up: TopUp, name: String) -> Result<Allocation, ControlError> {
    check_cap(top_up.amount, "/amount")?;
    let rule = Rule {
        period: period::NO_PERIOD.to_owned(),
        balance: top_up.amount,
        shown: Some(top_up.amount),
        cap: top_up.amount,
        ..Rule::default()
    };
    Ok(Allocation { allocation: name, site: top_up.site, rules: vec![rule], ..Allocation::default() })
}
