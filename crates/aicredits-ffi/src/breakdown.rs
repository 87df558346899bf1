//! The breakdown of a balance, as C reads it: arrays of plain structs.

use std::ffi::{CStr, c_char};
use std::ptr;

use aicredits::{Balance, CreditBalance, UsageRule};

use crate::model::{
    AICREDITS_HAS_BALANCE, AICREDITS_HAS_CAP, AICREDITS_HAS_PERIOD, AICREDITS_HAS_RESET_DATE,
    AICREDITS_HAS_SUBSCRIPTION_ID, aicredits_credit_balance, aicredits_usage_rule, bit, period,
};

/// Three allocations, however many sources and rules there are.
pub(crate) struct Breakdown {
    sources: Box<[aicredits_credit_balance]>,
    /// The sources point to these.
    _rules: Box<[aicredits_usage_rule]>,
    /// Sources and rules point to these.
    _texts: Box<[u8]>,
}

// SAFETY: the pointers within lead to memory that the breakdown owns and never changes.
unsafe impl Send for Breakdown {}
// SAFETY: as above.
unsafe impl Sync for Breakdown {}

impl Breakdown {
    pub(crate) fn sources(&self) -> &[aicredits_credit_balance] {
        &self.sources
    }
}

impl From<&Balance> for Breakdown {
    fn from(balance: &Balance) -> Self {
        let texts = texts(balance);
        let mut cursor = Cursor(&texts);
        let count = balance.credit_balance_breakdown().map(|source| source.usage_rules().len()).sum();
        let mut rules = Vec::with_capacity(count);
        rules.extend(rules_of(balance).map(|rule| usage_rule(rule, &mut cursor)));
        let rules = rules.into_boxed_slice();

        let mut next_rules = &rules[..];
        let source = |source: CreditBalance<'_>| {
            let (own, others) = next_rules.split_at(source.usage_rules().len());
            next_rules = others;
            let (subscription_id, length) = cursor.take(source.subscription_id());
            aicredits_credit_balance {
                present: bit(source.subscription_id(), AICREDITS_HAS_SUBSCRIPTION_ID),
                subscription_id,
                subscription_id_length: length,
                usage_rules: if own.is_empty() { ptr::null() } else { own.as_ptr() },
                usage_rule_count: own.len(),
                reserved: [0; 2],
            }
        };
        let sources = balance.credit_balance_breakdown().map(source).collect();

        Self { sources, _rules: rules, _texts: texts }
    }
}

fn rules_of(balance: &Balance) -> impl Iterator<Item = UsageRule<'_>> + Clone {
    balance.credit_balance_breakdown().flat_map(|source| source.usage_rules())
}

/// The texts in the order in which a [`Cursor`] returns them, each with a NUL.
fn texts(balance: &Balance) -> Box<[u8]> {
    let unknown = rules_of(balance).filter_map(|rule| rule.period()).filter(|&name| period(name).1.is_none());
    let ids = balance.credit_balance_breakdown().filter_map(|source| source.subscription_id());
    let all = unknown.map(|name| name.as_str()).chain(ids);
    let mut texts = Vec::with_capacity(all.clone().map(|text| text.len() + 1).sum());
    for text in all {
        texts.extend_from_slice(text.as_bytes());
        texts.push(0);
    }
    texts.into_boxed_slice()
}

/// Walks over [`texts`].
struct Cursor<'t>(&'t [u8]);

impl Cursor<'_> {
    fn take(&mut self, text: Option<&str>) -> (*const c_char, usize) {
        let Some(text) = text else {
            return (ptr::null(), 0);
        };
        let (here, rest) = self.0.split_at(text.len() + 1);
        self.0 = rest;
        (here.as_ptr().cast(), text.len())
    }
}

fn usage_rule(rule: UsageRule<'_>, cursor: &mut Cursor<'_>) -> aicredits_usage_rule {
    let known = |name: &'static CStr| (name.as_ptr(), name.count_bytes());
    let (number, (period_name, period_name_length)) = match rule.period().map(|name| (name, period(name))) {
        None => (0, (ptr::null(), 0)),
        Some((_, (number, Some(name)))) => (number, known(name)),
        Some((name, (number, None))) => (number, cursor.take(Some(name.as_str()))),
    };
    aicredits_usage_rule {
        present: bit(rule.period(), AICREDITS_HAS_PERIOD)
            | bit(rule.balance(), AICREDITS_HAS_BALANCE)
            | bit(rule.cap(), AICREDITS_HAS_CAP)
            | bit(rule.reset_date(), AICREDITS_HAS_RESET_DATE),
        period: number,
        period_name,
        period_name_length,
        balance: rule.balance().unwrap_or_default(),
        cap: rule.cap().unwrap_or_default(),
        reset_date: rule.reset_date().map(Into::into).unwrap_or_default(),
        reserved: [0; 2],
    }
}
