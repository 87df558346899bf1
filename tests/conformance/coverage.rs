//! The rows that the vectors together must cover.

use std::collections::{BTreeMap, BTreeSet};

use aicredits::{CALL_SETTINGS, ERROR_FIELDS, FeaturePeriod, GATE_SETTINGS, SETTINGS};
use aicredits_tests::api::Api;

use crate::contract::{
    BALANCE_FIELDS, CANNOT_HAPPEN, DECISIONS, PAGE, PHASES, QUESTIONS, ROWS, SHAPES, SHOWN, STATUSES,
};
use crate::fields::Fields;
use crate::vector::{Action, Reply, Vector};

/// A row that a vector can cover: its name in `covers`, and the check for it.
struct Row {
    claim: String,
    proof: Proof,
}

enum Proof {
    /// The vector expects a line with this name, without its indices.
    LineNamed(String),
    /// The vector expects this line, or a line that ends with it after a field's name.
    Line(String),
    /// The client has this setting.
    Setting(&'static str),
    /// The call has it.
    Call(&'static str),
    /// The gate has it.
    Gate(&'static str),
    /// The runner's environment has it.
    Variable(&'static str),
    /// The balance's text contains this.
    Shown(&'static str),
    /// The reply contains this.
    Sent(&'static str),
    /// The vector asks this question.
    Asked(&'static str),
    /// The row cannot be checked.
    Word,
}

/// The number of rows, and the faults in their coverage.
pub(crate) struct Coverage {
    pub(crate) rows: usize,
    pub(crate) faults: Vec<String>,
}

pub(crate) fn of(vectors: &[Vector]) -> Coverage {
    let rows = rows(&Api::read());
    let mut faults = Vec::new();
    let by_claim: BTreeMap<&str, &Row> = rows.iter().map(|row| (row.claim.as_str(), row)).collect();
    let mut covered = BTreeSet::new();
    for vector in vectors {
        for claim in &vector.covers {
            match by_claim.get(claim.as_str()) {
                None => faults.push(format!("{}: covers `{claim}`, which is nothing to be covered", vector.name)),
                Some(row) if !row.proof.holds(vector) => {
                    faults.push(format!("{}: says that it covers `{claim}`, and does not", vector.name));
                }
                Some(_) => _ = covered.insert(claim.as_str()),
            }
        }
    }
    faults.extend(
        rows.iter()
            .filter(|row| !covered.contains(row.claim.as_str()))
            .map(|row| format!("no vector covers `{}`", row.claim)),
    );
    for (kind, why) in CANNOT_HAPPEN {
        if vectors.iter().any(|vector| Proof::Line(format!("error.kind={kind}")).holds(vector)) {
            faults.push(format!("a vector expects {kind}, which is excused: {why}"));
        }
    }
    Coverage { rows: rows.len(), faults }
}

fn rows(api: &Api) -> Vec<Row> {
    let row = |group: &str, item: &str, proof| Row { claim: format!("{group}: {item}"), proof };
    let mut rows = Vec::new();
    rows.extend(PAGE.iter().map(|(field, line)| row("page", field, Proof::LineNamed((*line).to_owned()))));
    let periods = FeaturePeriod::KNOWN.iter().map(|period| period.as_str()).chain(["UNKNOWN"]);
    rows.extend(periods.map(|period| row("period", period, Proof::Line(format!(".period={period}")))));
    rows.extend(BALANCE_FIELDS.iter().map(|(field, line)| {
        row("balance", field, line.map_or(Proof::Word, |line| Proof::LineNamed(line.to_owned())))
    }));

    let scopes = constants(api, "AICREDITS_SCOPE_");
    rows.extend(scopes.iter().map(|scope| row("scope", scope, Proof::Line(format!("scope={scope}")))));
    let kinds = constants(api, "AICREDITS_STATUS_").into_iter();
    let is_excused = |kind: &String| CANNOT_HAPPEN.iter().any(|(excused, _)| excused == kind);
    let kinds: Vec<_> = kinds.filter(|kind| kind != "OK" && !is_excused(kind)).collect();
    rows.extend(kinds.iter().map(|kind| row("kind", kind, Proof::Line(format!("error.kind={kind}")))));
    let fields = ERROR_FIELDS.iter();
    rows.extend(fields.map(|field| row("error", field, error_field(field))));

    for setting in SETTINGS {
        rows.push(row("setting", setting.name, Proof::Setting(setting.name)));
        if !setting.variable.is_empty() {
            rows.push(row("variable", setting.variable, Proof::Variable(setting.variable)));
        }
    }
    // No runner makes a reservation.
    let of_calls = CALL_SETTINGS.iter().filter(|setting| !["label", "reservation_ttl"].contains(&setting.name));
    rows.extend(of_calls.map(|setting| row("call", setting.name, Proof::Call(setting.name))));
    rows.extend(GATE_SETTINGS.iter().map(|setting| row("gate", setting.name, Proof::Gate(setting.name))));

    rows.extend(PHASES.iter().map(|phase| row("phase", phase, Proof::Line(format!("].phase={phase}")))));
    rows.extend(STATUSES.iter().map(|status| row("status", status, Proof::Line(format!("error.httpStatus={status}")))));
    rows.extend(SHAPES.iter().map(|shape| row("shape", shape, Proof::Word)));
    rows.extend(
        ROWS.iter().map(|(item, sent)| row("row", item, if sent.is_empty() { Proof::Word } else { Proof::Sent(sent) })),
    );
    let proof = |line: &str| if line.is_empty() { Proof::Word } else { Proof::Line(line.to_owned()) };
    rows.extend(DECISIONS.iter().map(|(item, line)| row("decide", item, proof(line))));
    rows.extend(QUESTIONS.iter().map(|question| row("ask", question, Proof::Asked(question))));
    rows.extend(SHOWN.iter().map(|(item, text)| row("shown", item, Proof::Shown(text))));
    rows
}

/// The lines do not name every field as the settings and fields table does.
fn error_field(name: &str) -> Proof {
    match name {
        // Every vector of an error is checked for it.
        "message" => Proof::LineNamed("error.kind".to_owned()),
        "http_status" => Proof::LineNamed("error.httpStatus".to_owned()),
        "field_violations" => Proof::LineNamed("error.fieldViolations.length".to_owned()),
        "attempts" => Proof::LineNamed("error.attempts.length".to_owned()),
        "request_id" => Proof::LineNamed("error.requestId".to_owned()),
        "retry_after" => Proof::LineNamed("error.retryAfterMs".to_owned()),
        other => Proof::LineNamed(format!("error.{other}")),
    }
}

/// `X` of each constant `<prefix>X` of the C API: the one place that lists what every language has.
fn constants(api: &Api, prefix: &str) -> Vec<String> {
    let names = api.constants.iter().filter_map(|constant| constant.name.strip_prefix(prefix));
    names.map(str::to_owned).collect()
}

impl Proof {
    fn holds(&self, vector: &Vector) -> bool {
        match self {
            Self::Word => true,
            Self::LineNamed(name) => vector.expected.written().any(|line| name_without_indices(line) == *name),
            Self::Line(wanted) => vector.expected.written().any(|line| line.ends_with(wanted.as_str())),
            Self::Setting(setting) => vector.settings().is_some_and(|[settings, ..]| has(settings, setting)),
            Self::Call(setting) => vector.settings().is_some_and(|[_, call, _]| has(call, setting)),
            Self::Gate(setting) => vector.settings().is_some_and(|[.., gate]| has(gate, setting)),
            Self::Variable(name) => vector.environment.contains_key(*name),
            Self::Asked(question) => vector.questions.iter().any(|asked| asked.split(' ').next() == Some(question)),
            Self::Shown(text) => vector.expected.shown.iter().any(|line| line.contains(text)),
            Self::Sent(text) => {
                let sent: Vec<&[u8]> = match &vector.action {
                    Action::FromJson(json) => vec![json],
                    Action::Fetch { replies, .. } => replies.iter().map(Reply::body).collect(),
                };
                sent.iter().any(|sent| sent.windows(text.len()).any(|window| window == text.as_bytes()))
            }
        }
    }
}

/// The protocol has a different name if a setting needs two values, none, or a unit.
fn has(fields: &Fields, setting: &str) -> bool {
    fields.names().any(|name| match setting {
        "scope" => ["account_and_site_ids", "credential_scope", "per_call_scope"].contains(&name),
        "credential_provider" => ["credential_provider", "credential_provider_failure"].contains(&name),
        "when_unavailable" => ["when_unavailable", "when_unavailable_stale_ms"].contains(&name),
        _ => name.strip_suffix("_ms").unwrap_or(name) == setting,
    })
}

impl Vector {
    /// Those of the client, of the call and of the gate.
    fn settings(&self) -> Option<[&Fields; 3]> {
        match &self.action {
            Action::Fetch { settings, call, gate, .. } => Some([settings, call, gate]),
            Action::FromJson(_) => None,
        }
    }

    pub(crate) fn is_over_tls(&self) -> bool {
        self.settings().is_some_and(|[settings, ..]| settings.texts().any(|(_, text)| text.contains("{tls_url}")))
    }

    /// The texts that no runner may print.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let settings = self.settings().into_iter().flat_map(|[settings, ..]| settings.texts());
        let variables = self.environment.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let secrets = settings
            .chain(variables)
            .filter(|(name, _)| ["api_key", "authorization", "credential_provider", "WIX_API_KEY"].contains(name));
        // In `Bearer …` only the token is secret.
        let secrets = secrets.filter_map(|(_, value)| value.split(' ').rfind(|token| !token.is_empty()));
        secrets.map(|token| token.trim().to_owned()).filter(|token| token.len() > 3).collect()
    }
}

fn name_without_indices(line: &str) -> String {
    let name = line.split('=').next().unwrap_or_default();
    let mut out = String::new();
    let mut in_index = false;
    for character in name.chars() {
        match character {
            '[' => in_index = true,
            ']' => in_index = false,
            other if !in_index => out.push(other),
            _ => {}
        }
    }
    out
}
