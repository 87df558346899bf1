//! An answer about a balance, for people and for programs.

use aicredits::{Affordability, Answer, Balance, Binding, Error, MAX_COST, Scope, Timestamp};
use serde_json::{Map, Value, json};

use crate::exit::Exit;
use crate::json_answer;

pub(crate) struct Decision {
    pub(crate) answer: Answer,
    /// How many of several actions can be paid, or "unknown".
    pub(crate) count: Option<String>,
    /// In one line, without control characters.
    pub(crate) sentence: String,
    fields: Map<String, Value>,
}

impl Decision {
    /// Whether one action can be paid.
    pub(crate) fn of_one(balance: &Balance, cost: u64) -> Result<Self, Error> {
        let affordability = balance.can_afford(cost)?;
        let mut fields = object(json!({ "cost": cost }));
        fields.extend(figures(&affordability));
        Ok(Self { answer: affordability.answer(), count: None, sentence: affordability.to_string(), fields })
    }

    /// How many of several equal actions can be paid.
    pub(crate) fn of_several(balance: &Balance, unit_cost: u64, wanted: u64) -> Result<Self, Error> {
        let affordable = balance.affordable(unit_cost, wanted)?;
        let answer = match affordable {
            Some(count) if count == wanted => Answer::Yes,
            Some(_) => Answer::No,
            None => Answer::Unknown,
        };
        let mut fields = object(json!({ "unit_cost": unit_cost, "wanted": wanted, "affordable": affordable }));
        // The figures are those of all actions together. No balance reaches the largest cost.
        let total = unit_cost.checked_mul(wanted).filter(|total| *total <= MAX_COST);
        let affordability = balance.can_afford(total.unwrap_or(MAX_COST))?;
        fields.extend(figures(&affordability));
        let count = affordable.map_or_else(|| "unknown".to_owned(), |count| count.to_string());
        let how_many = match affordable {
            Some(count) => format!("{count} of {wanted} actions of {unit_cost} fit"),
            None => format!("unknown how many of {wanted} actions of {unit_cost} fit"),
        };
        let sentence = match total {
            Some(total) => format!("{how_many}; all of them, {total}: {affordability}"),
            None => how_many,
        };
        if total.is_none() {
            fields.remove("shortfall");
        }
        Ok(Self { answer, count: Some(count), sentence, fields })
    }

    /// Whether so many credits can be spent. The sentence is about a no or an unknown.
    pub(crate) fn at_least(balance: &Balance, least: u64) -> Result<Self, Error> {
        let affordability = balance.can_afford(least)?;
        let mut fields = object(json!({ "fail_under": least }));
        fields.extend(figures(&affordability));
        let (answer, sentence) = match affordability.spendable() {
            None => {
                let bounds = affordability.bounds();
                (Answer::Unknown, format!("unknown whether the spendable credits are under {least}: {bounds}"))
            }
            Some(spendable) if i128::from(spendable) >= i128::from(least) => {
                (Answer::Yes, format!("not under {least}: {affordability}"))
            }
            // Nothing is short of 0, but a balance can be below it.
            Some(spendable) if affordability.is_yes() => {
                (Answer::No, format!("under {least}: {spendable} spendable credits"))
            }
            Some(_) => (Answer::No, format!("under {least}: {affordability}")),
        };
        Ok(Self { answer, count: None, sentence, fields })
    }

    /// One object in one line. Unknown fields are left out.
    pub(crate) fn json(&self) -> String {
        let mut fields = self.fields.clone();
        fields.insert("exit_status".into(), Exit::answering(self.answer).code().into());
        fields.insert("sentence".into(), self.sentence.as_str().into());
        json_answer::line(&format!("{:?}", self.answer).to_ascii_lowercase(), fields)
    }
}

fn figures(affordability: &Affordability<'_>) -> Map<String, Value> {
    let balance = affordability.balance();
    let instant = |at: Option<Timestamp>| at.map(|at| at.to_string());
    object(json!({
        "spendable": affordability.spendable(),
        "available": affordability.available(),
        "shortfall": affordability.shortfall(),
        "affordable_at": instant(affordability.affordable_at()),
        "next_reset": instant(balance.next_reset()),
        "binding": binding(affordability),
        "account_id": balance.scope().and_then(Scope::account_id),
        "site_id": balance.scope().and_then(Scope::site_id),
        "request_id": balance.request_id(),
        "server_date": instant(balance.server_date()),
    }))
}

/// The limit on the spendable credits: "pools", or the rules by source and rule index.
fn binding(affordability: &Affordability<'_>) -> Value {
    match affordability.binding() {
        Binding::Pools => json!("pools"),
        Binding::Rules(rules) => rules.map(|(source, rule)| json!({ "source": source, "rule": rule })).collect(),
        _ => Value::Null,
    }
}

/// The fields that are known.
fn object(value: Value) -> Map<String, Value> {
    let Value::Object(fields) = value else { return Map::new() };
    fields.into_iter().filter(|(_, value)| !value.is_null()).collect()
}
