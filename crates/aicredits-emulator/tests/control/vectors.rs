//! `tests/emulator/control.json`, over HTTP and in the process. Each language runs the same file.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

use aicredits_emulator::{ACTIONS, ControlReply, Emulator};
use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::http::{JSON, send_on};

#[derive(Deserialize, Serialize)]
struct Group {
    name: String,
    options: String,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
struct Step {
    action: String,
    request: String,
    status: u16,
    reply: String,
}

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/emulator/control.json")
}

fn groups() -> Vec<Group> {
    serde_json::from_str(&fs::read_to_string(file()).unwrap()).unwrap()
}

/// The reply with the two values that differ from run to run replaced: see tests/emulator/README.md.
fn comparable(reply: &str, emulator: &Emulator) -> String {
    let reply = reply.replace(&emulator.url(), "http://127.0.0.1:41234");
    let mut parts = reply.split(r#""service_ms":"#);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        format!(r#"{text}"service_ms":0{}"#, part.trim_start_matches(|digit: char| digit.is_ascii_digit()))
    })
}

/// Runs all steps of all groups, and returns them with the replies that came.
fn run(groups: &[Group], mut answer: impl FnMut(&Emulator, &Step) -> ControlReply) -> Vec<Group> {
    let run_group = |group: &Group| {
        let emulator = Emulator::from_json(&group.options).unwrap();
        let mut run_step = |step: &Step| {
            let ControlReply { status, json } = answer(&emulator, step);
            Step { status, reply: comparable(&json, &emulator), ..step.clone() }
        };
        let steps = group.steps.iter().map(&mut run_step).collect();
        Group { name: group.name.clone(), options: group.options.clone(), steps }
    };
    groups.iter().map(run_group).collect()
}

/// Compares, and writes what came to `target/`, from which it can be copied if it is right.
fn compare(expected: &[Group], came: &[Group], name: &str) {
    let mut wrong = Vec::new();
    for (expected, came) in expected.iter().zip(came) {
        for (expected_step, step) in expected.steps.iter().zip(&came.steps) {
            if step != expected_step {
                let Step { action, request, status, reply } = step;
                wrong.push(format!(
                    "{}: {action} {request}\n  {status} {reply}\n  in place of {} {}",
                    expected.name, expected_step.status, expected_step.reply
                ));
            }
        }
    }
    if !wrong.is_empty() {
        let written = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&written, serde_json::to_string_pretty(came).unwrap() + "\n").unwrap();
        panic!("{}\n{} replies differ; {} has those that came", wrong.join("\n"), wrong.len(), written.display());
    }
}

#[test]
fn in_the_process() {
    let groups = groups();
    let came = run(&groups, |emulator, step| emulator.control(&step.action, &step.request));
    compare(&groups, &came, "control-in-process.json");
}

#[test]
fn over_http() {
    let groups = groups();
    // One connection for each group, so that faults of new connections do not matter.
    let mut open: Option<(SocketAddr, Client)> = None;
    let came = run(&groups, |emulator, step| {
        let addr = emulator.server().addr();
        if open.as_ref().is_none_or(|(of, _)| *of != addr) {
            open = Some((addr, Client::connect(addr)));
        }
        let (_, client) = open.as_mut().unwrap();
        let target = format!("/_emulator/{}", step.action);
        let reply = send_on(client, addr, "POST", &target, &[JSON], &step.request);
        assert_eq!(reply.header("content-type"), Some("application/json"));
        ControlReply { status: reply.status, json: reply.text().to_owned() }
    });
    compare(&groups, &came, "control-over-http.json");
}

#[test]
fn every_action_and_every_status_has_a_step() {
    let steps: Vec<Step> = groups().into_iter().flat_map(|group| group.steps).collect();
    for action in ACTIONS {
        for wanted in [true, false] {
            let has = steps.iter().any(|step| step.action == action.name && (step.status == 200) == wanted);
            assert!(has, "{}: no step that is {}", action.name, if wanted { "accepted" } else { "refused" });
        }
    }
    for status in [200, 400, 404, 409] {
        assert!(steps.iter().any(|step| step.status == status), "{status}");
    }
}
