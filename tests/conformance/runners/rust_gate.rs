//! The settings of a gate, for the Rust runner.

use std::time::Duration;

use aicredits::{Balance, Call, Client, Error, GateBuilder, Scope, WhenUnavailable};

/// Reads the balance through a gate with these settings, each as `name` and decoded text.
pub(crate) fn read(client: &Client, settings: &[(String, String)], call: &Call) -> Result<Balance, Error> {
    let gate = settings.iter().fold(client.gate(), |gate, (name, value)| with_setting(gate, name, value));
    gate.build()?.refresh_with(call)
}

fn with_setting(gate: GateBuilder, name: &str, value: &str) -> GateBuilder {
    let number = || value.parse::<u64>().expect("a number");
    let time = || Duration::from_millis(number());
    match name {
        "account_id" => gate.account(value),
        "site_id" => gate.site(value),
        "credential_scope" => gate.scope(Scope::Credential),
        "max_age_ms" => gate.max_age(time()),
        "min_interval_ms" => gate.min_interval(time()),
        "read_timeout_ms" => gate.read_timeout(time()),
        "visibility_delay_ms" => gate.visibility_delay(time()),
        "headroom" => gate.headroom(number()),
        "limit" => gate.limit(number()),
        "processes" => gate.processes(number() as u32),
        "reservation_ttl_ms" => gate.reservation_ttl(time()),
        "exhausted_cooldown_ms" => gate.exhausted_cooldown(time()),
        "strict" => gate.strict(value == "1"),
        "dry_run" => gate.dry_run(value == "1"),
        "when_unavailable_stale_ms" => gate.when_unavailable(WhenUnavailable::Stale(time())),
        "when_unavailable" if value == "allow" => gate.when_unavailable(WhenUnavailable::Allow),
        "when_unavailable" => gate.when_unavailable(WhenUnavailable::Deny),
        _ => panic!("no setting of a gate is called {name}"),
    }
}
