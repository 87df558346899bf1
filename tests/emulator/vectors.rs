//! `control.json`, through the calls of C and of C++, to the byte. Its README.md says how a runner works.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use aicredits_tests::{EMULATOR, Linked, cxx, dist, link_with, run, scratch, stderr, stdout, succeed};
use serde::Deserialize;

use crate::{program, source};

#[derive(Deserialize)]
struct Group {
    name: String,
    options: String,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    action: String,
    request: String,
    status: u16,
    reply: String,
}

#[test]
fn every_reply_is_that_of_the_vectors_in_c() {
    for linked in [Linked::Shared, Linked::Static] {
        all_hold(&program("vectors.c", linked));
    }
}

#[test]
fn every_reply_is_that_of_the_vectors_in_cpp() {
    let program = scratch("vectors-cpp");
    let mut compiler = cxx("c++17");
    compiler.arg(source("vectors.cpp")).arg("-o").arg(&program);
    succeed(link_with(&mut compiler, &dist(), &[EMULATOR], Linked::Shared));
    all_hold(&program);
}

fn all_hold(program: &Path) {
    let groups: Vec<Group> = serde_json::from_slice(&fs::read(file()).unwrap()).unwrap();
    let mut steps = 0;
    for group in &groups {
        let mut command = Command::new(program);
        command.arg(&group.options);
        group.steps.iter().for_each(|step| _ = command.arg(&step.action).arg(&step.request));
        let output = run(&mut command);
        assert!(output.status.success(), "{}: {}", group.name, stderr(&output));
        let said = stdout(&output);
        let mut lines = said.lines();
        let url = lines.next().unwrap();
        for (number, step) in group.steps.iter().enumerate() {
            let line = without_service_time(&lines.next().unwrap().replace(url, "http://127.0.0.1:41234"));
            assert_eq!(
                line,
                format!("{} {}", step.status, step.reply),
                "{}, step {number}: {}",
                group.name,
                step.action
            );
            steps += 1;
        }
    }
    assert!(steps >= 50, "{steps} steps");
}

fn file() -> PathBuf {
    source("control.json")
}

/// Service time runs while the calendar is frozen.
fn without_service_time(reply: &str) -> String {
    const MEMBER: &str = "\"service_ms\":";
    let mut parts = reply.split(MEMBER);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + MEMBER + "0" + part.trim_start_matches(|digit: char| digit.is_ascii_digit()))
}
