//! The lines of docs/emulator.md with curl run as they are written, in their order, and have the replies that the page shows.

use std::path::Path;
use std::process::Command;

use aicredits_emulator::{ACTIONS, Emulator};
use serde_json::Value;

/// A line for the shell, and the reply if the page shows it.
struct Example {
    line: String,
    reply: Option<String>,
}

fn examples() -> Vec<Example> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/emulator.md");
    let page = std::fs::read_to_string(page).unwrap();
    let mut blocks = page.split("\n```");
    let mut found: Vec<Example> = Vec::new();
    while let (Some(_), Some(block)) = (blocks.next(), blocks.next()) {
        let (language, text) = block.split_once('\n').unwrap_or((block, ""));
        match language {
            "sh" => found.push(Example { line: text.to_owned(), reply: None }),
            "json" => found.last_mut().expect("a reply comes after its line").reply = Some(text.to_owned()),
            _ => {}
        }
    }
    found
}

/// Service time runs by itself: its whole minutes are what a request advanced.
fn settled(reply: &str) -> Value {
    let mut reply: Value = serde_json::from_str(reply).unwrap_or_else(|error| panic!("{error}: {reply}"));
    if let Some(time) = reply.get_mut("service_ms") {
        *time = (time.as_u64().unwrap() / 60_000).into();
    }
    reply
}

#[test]
fn the_lines_with_curl_run_as_written() {
    let emulator = Emulator::start().unwrap();
    let examples = examples();
    for Example { line, reply } in &examples {
        let mut shell = Command::new("sh");
        shell.args(["-euc", line]).env("CONTROL", format!("{}/_emulator", emulator.url()));
        let output = shell.output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}\n{error}\nThis test needs curl 7.82 or later: apt-get install curl");
        let came = settled(&String::from_utf8(output.stdout).unwrap());
        match reply {
            Some(reply) => assert_eq!(came, settled(reply), "{line}"),
            None => assert!(came.get("error").is_none(), "{line}\n{came}"),
        }
    }
    for action in ACTIONS {
        let path = format!("$CONTROL/{}", action.name);
        assert!(examples.iter().any(|example| example.line.contains(&path)), "no line with curl for {}", action.name);
    }
}
