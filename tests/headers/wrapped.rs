//! C++ and Go wrap all that the C header declares. Python needs no such list: it uses the core.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use aicredits_tests::api::Api;
use aicredits_tests::{dist, root};

/// A language that is built on the C API, and what it leaves out.
struct Language {
    name: &'static str,
    /// Every word of its sources.
    words: BTreeSet<String>,
    /// Names that it does not use, each with the reason.
    leaves_out: &'static [(&'static str, &'static str)],
}

const CPP_LEAVES_OUT: &[(&str, &str)] = &[
    ("AICREDITS_HAS_SUBSCRIPTION_ID", "an absent text is NULL"),
    ("AICREDITS_HAS_VIOLATED_RULE", "an absent text is NULL"),
    ("AICREDITS_HAS_REQUEST_ID", "an absent text is NULL"),
    ("AICREDITS_SURFACE_C", "the surface of another language"),
    ("AICREDITS_SURFACE_GO", "the surface of another language"),
    ("aicredits_call_set_process_limit", "C++ does not limit the calls of a process"),
    ("aicredits_balance_from_json", "try_from_json() calls the form with times"),
    ("AICREDITS_HAS_LABEL", "an absent text is NULL"),
];

const GO_LEAVES_OUT: &[(&str, &str)] = &[
    ("aicredits_balance_from_json", "aicredits_balance_from_json_at does the same"),
    ("aicredits_answer_name", "Go has the names, for builds without the library; its own test compares them"),
    ("aicredits_denial_reason_name", "Go has the names, for builds without the library; its own test compares them"),
    ("aicredits_affordability_is_yes", "the answer says it"),
    ("aicredits_affordability_cost", "Go has the cost"),
    ("aicredits_gate_reserve", "it holds a thread while it waits for the reading of another thread"),
    ("aicredits_gate_reserve_up_to", "it holds a thread while it waits for the reading of another thread"),
    ("aicredits_gate_refresh", "it holds a thread while it waits for the reading of another thread"),
    ("aicredits_reservation_label", "Go has the label"),
    ("aicredits_reservation_unit_cost", "Go has the cost"),
    ("aicredits_denial_label", "Go has the label"),
    ("AICREDITS_HAS_LABEL", "an absent text is empty"),
    ("aicredits_timestamp_text", "time.Time has a text"),
    ("AICREDITS_TIMESTAMP_TEXT_SIZE", "time.Time has a text"),
    ("aicredits_period_name", "FeaturePeriod is the name"),
    ("aicredits_status_name", "Go has the names, for builds without the library; its own test compares them"),
    ("aicredits_phase_name", "Go has the names, for builds without the library; its own test compares them"),
    ("aicredits_log_level_name", "slog has names for its levels"),
    ("aicredits_scope_kind_name", "the ids show which scope it is"),
    ("AICREDITS_HAS_VIOLATED_RULE", "an absent text is empty"),
    ("AICREDITS_HAS_REQUEST_ID", "an absent text is empty"),
    ("AICREDITS_HAS_HTTP_STATUS", "an absent status is 0"),
    ("AICREDITS_SURFACE_C", "the surface of another language"),
    ("AICREDITS_SURFACE_CPP", "the surface of another language"),
    ("AICREDITS_PERIOD_UNKNOWN", "a period that is not known"),
    ("aicredits_scope.kind", "the ids show which scope it is"),
    ("aicredits_outcome_label", "Go has the target"),
    ("aicredits_outcome_scope", "Go has the target"),
    ("aicredits_outcome_account_id", "Go has the target"),
    ("aicredits_outcome_client_name", "Go has the target"),
    ("aicredits_outcome_started_at", "it is the start of the first attempt"),
];

/// Go has these numbers as constants, which its own test compares with the description.
const NUMBERS_IN_GO: [&str; 5] =
    ["AICREDITS_STATUS_", "AICREDITS_PHASE_", "AICREDITS_ANSWER_", "AICREDITS_BINDING_", "AICREDITS_DENIAL_REASON_"];

fn words(folder: &Path, extensions: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(words(&path, extensions));
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let extension = name.rsplit('.').next().unwrap_or_default();
        if extensions.contains(&extension) && !name.ends_with("_test.go") && name != "aicredits.h" {
            let text = fs::read_to_string(&path).unwrap();
            let is_word = |character: char| character.is_alphanumeric() || character == '_';
            found.extend(text.split(|character| !is_word(character)).map(str::to_owned));
        }
    }
    found
}

impl Language {
    fn cpp() -> Self {
        Self { name: "C++", words: words(&dist().join("include"), &["hpp"]), leaves_out: CPP_LEAVES_OUT }
    }

    fn go() -> Self {
        let mut words = words(&root().join("bindings/go"), &["go", "c", "h"]);
        let constants = Api::read().constants.into_iter().map(|constant| constant.name);
        words.extend(constants.filter(|name| NUMBERS_IN_GO.iter().any(|prefix| name.starts_with(prefix))));
        Self { name: "Go", words, leaves_out: GO_LEAVES_OUT }
    }

    /// A sentence for each name that is neither used nor left out for a reason, and for each reason without need.
    fn faults(&self, api: &Api) -> Vec<String> {
        let functions = api.functions.iter().map(|it| (it.name.clone(), it.name.clone()));
        let constants = api.constants.iter().map(|it| (it.name.clone(), it.name.clone()));
        let fields = api.structs.iter().flat_map(|of| {
            let fields = of.fields.iter().filter(|field| field.name != "reserved");
            fields.map(|field| (format!("{}.{}", of.name, field.name), field.name.clone()))
        });
        let names: Vec<(String, String)> = functions.chain(constants).chain(fields).collect();
        let left_out = |name: &str| self.leaves_out.iter().find(|(other, _)| *other == name);
        let mut faults = Vec::new();
        for (name, word) in &names {
            // A field's name may also be a word of something else.
            let is_field = name != word;
            match (self.words.contains(word), left_out(name)) {
                (false, None) => faults.push(format!("{} does not wrap {name}", self.name)),
                (true, Some((_, reason))) if !is_field => {
                    faults.push(format!("{} wraps {name}, which is left out because: {reason}", self.name));
                }
                _ => {}
            }
        }
        let unknown = self.leaves_out.iter().filter(|(name, _)| names.iter().all(|(known, _)| known != name));
        faults.extend(unknown.map(|(name, _)| format!("{} leaves out {name}, which the header lacks", self.name)));
        faults
    }
}

#[test]
fn cpp_and_go_wrap_all_that_the_header_declares() {
    let api = Api::read();
    assert!(api.functions.len() > 50 && api.constants.len() > 40 && api.structs.len() > 5, "{api:?}");
    for language in [Language::go(), Language::cpp()] {
        assert_eq!(language.faults(&api), [""; 0]);
    }
}

#[test]
fn a_function_a_constant_and_a_field_that_are_not_wrapped_are_named() {
    let api = Api::read();
    for mut language in [Language::cpp(), Language::go()] {
        for word in ["aicredits_client_get_balance", "AICREDITS_HAS_CAP", "violated_rule"] {
            assert!(language.words.remove(word), "{} has no {word}", language.name);
        }
        let faults = language.faults(&api).join("\n");
        let name = language.name;
        for expected in ["aicredits_client_get_balance", "AICREDITS_HAS_CAP", "aicredits_field_violation.violated_rule"]
        {
            assert!(faults.contains(&format!("{name} does not wrap {expected}")), "{faults}");
        }
    }
}

#[test]
fn a_reason_without_need_is_named() {
    let language = Language {
        leaves_out: &[("aicredits_client_new", "no reason"), ("aicredits_gone", "no reason")],
        ..Language::cpp()
    };
    let faults = language.faults(&Api::read()).join("\n");
    assert!(faults.contains("C++ wraps aicredits_client_new, which is left out because: no reason"), "{faults}");
    assert!(faults.contains("C++ leaves out aicredits_gone, which the header lacks"), "{faults}");
}
