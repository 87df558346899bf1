//! The events of random programs, counted.

use std::collections::BTreeMap;

/// How often each thing happened. A program in which nothing happens proves nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally(BTreeMap<&'static str, u64>);

impl Tally {
    pub(crate) fn count(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (what, count) in &other.0 {
            *self.0.entry(what).or_default() += count;
        }
    }

    pub(crate) fn assert_covers_everything(&self) {
        if std::env::var_os("GATE_SEED").is_some() {
            return;
        }
        for what in [
            "granted",
            "insufficient",
            "unavailable",
            "limit",
            "given up while it waits",
            "given up while it reads",
            "expired while it waits",
            "cancelled",
            "woken",
            "committed",
            "committed for less",
            "committed in part",
            "committed after expiry",
            "released",
            "dropped after the charge",
            "dropped before it",
            "a reading failed",
            "a reading waits for the interval",
            "a reading was overtaken",
            "topped up",
        ] {
            assert!(self.0.contains_key(what), "never: {what}: {self:?}");
        }
    }
}
