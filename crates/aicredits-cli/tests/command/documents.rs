//! The examples of docs/command.md and of the help run as they are written.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use aicredits_emulator::{Adjust, Emulator, Member, Options, scenario};

use crate::process::{Said, aicredits, path, run, with_emulator};

/// The code blocks of the page in this language.
fn examples(language: &str) -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/command.md");
    let page = fs::read_to_string(page).unwrap();
    let begin = format!("```{language}\n");
    let blocks = page.split(&begin).skip(1);
    blocks.map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

/// Runs the script as CI does: it ends at the first command that fails. The actions print their arguments.
fn shell(script: &str, emulator: &Emulator) -> Said {
    let folder = tempfile::tempdir().unwrap();
    for action in ["generate-image", "generate-images"] {
        let file = folder.path().join(action);
        fs::write(&file, "#!/bin/sh\necho \"${0##*/} $*\"\n").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut command = Command::new("sh");
    command.env_clear().env("LANG", "C.UTF-8").args(["-eu", "-c", script]);
    command.env("PATH", format!("{}:{}", folder.path().display(), path()));
    run(with_emulator(command, emulator))
}

/// An emulator whose account has this many credits.
fn emulator(credits: i64) -> Emulator {
    let mut scenario = scenario("example").unwrap();
    scenario.accounts[0].allocations[0].rules[0].balance = credits;
    scenario.accounts[0].allocations.truncate(1);
    Emulator::with(Options { scenario: Some(scenario.into()), ..Options::default() }).unwrap()
}

fn omit_balance(emulator: &Emulator) {
    let omit = Some(vec![Member::Balance]);
    emulator.adjust(&Adjust { allocation: "monthly".into(), omit, ..Adjust::default() }).unwrap();
}

#[test]
fn the_scripts_for_one_action() {
    let [short, long, _] = examples("sh").try_into().unwrap();
    for script in [&short, &long] {
        let ran = shell(script, &emulator(40));
        assert_eq!((ran.code, ran.stdout.lines().last()), (Some(0), Some("generate-image ")), "{ran:?}");
    }
    let refused = shell(&short, &emulator(39));
    assert_eq!(refused.code, Some(1));
    assert!(!refused.stdout.contains("generate-image"), "{refused:?}");
    let told = shell(&long, &emulator(39));
    assert_eq!((told.code, told.stdout.lines().last()), (Some(0), Some("too few credits")));

    let unknown = emulator(0);
    omit_balance(&unknown);
    let told = shell(&long, &unknown);
    assert_eq!((told.code, told.stdout.lines().last()), (Some(0), Some("the reply does not say")), "{told:?}");
    let unread = shell(&format!("export WIX_API_KEY=IST.wrong\n{long}"), &emulator(40));
    assert_eq!((unread.code, unread.stdout.as_str()), (Some(77), ""));
}

#[test]
fn the_script_for_a_batch() {
    let [_, _, script] = examples("sh").try_into().unwrap();
    for (credits, told) in [(1500, "generate-images --count 500\n"), (31, "generate-images --count 10\n"), (2, "")] {
        let ran = shell(&script, &emulator(credits));
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), told), "{ran:?}");
    }
    let unread = shell(&format!("export WIX_API_KEY=IST.wrong\n{script}"), &emulator(40));
    assert_eq!((unread.code, unread.stdout.as_str()), (Some(77), ""));
    let unknown = emulator(0);
    omit_balance(&unknown);
    let unknown = shell(&script, &unknown);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (Some(2), ""));
    // A command that fails with 1 and prints no number.
    let none = shell(&format!("aicredits() {{ return 1; }}\n{script}"), &emulator(40));
    assert_eq!(none.stdout, "", "{none:?}");
}

/// The help and the manual page have the page's examples for one action and for a batch.
#[test]
fn the_examples_of_the_help() {
    let [short, _, batch] = examples("sh").try_into().unwrap();
    let help = run(aicredits(&["check", "--help"])).success();
    let shown = help.split("Examples:\n").nth(1).unwrap().split("\n\nEnvironment").next().unwrap();
    let shown: String = shown.lines().map(|line| format!("{}\n", line.strip_prefix("  ").unwrap_or(line))).collect();
    assert_eq!(shown, format!("{short}\n{batch}"));
    let page = run(aicredits(&["man"])).success().replace("\\-", "-");
    for line in batch.lines() {
        assert!(page.contains(line), "{line} is not in {page}");
    }
}

#[test]
fn the_steps_of_the_ci_job() {
    let [job] = examples("yaml").try_into().unwrap();
    let steps: Vec<&str> = job.lines().filter_map(|line| line.trim().strip_prefix("run: ")).collect();
    assert_eq!(steps.len(), 2, "{job}");
    let ran = shell(&steps.join("\n"), &emulator(40));
    assert_eq!((ran.code, ran.stdout.lines().last()), (Some(0), Some("generate-image ")));
    let refused = shell(&steps.join("\n"), &emulator(39));
    assert_eq!(refused.code, Some(1));
    assert!(!refused.stdout.contains("generate-image"), "{refused:?}");
}

#[test]
fn the_line_for_cron() {
    let [line] = examples("cron").try_into().unwrap();
    let command = line.trim().splitn(6, ' ').last().unwrap();
    let fine = shell(command, &emulator(100));
    assert_eq!((fine.code, fine.stdout.as_str(), fine.stderr.as_str()), (Some(0), "", ""), "no mail");
    let low = shell(command, &emulator(99));
    assert_eq!((low.code, low.stdout.as_str()), (Some(1), ""));
    assert!(low.stderr.starts_with("under 100: 1 short: "), "{}", low.stderr);
}

/// The sentence that the page shows is the one of the example.
#[test]
fn the_sentence_of_the_page() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/command.md")).unwrap();
    let said = shell("aicredits check 1100 || true", &Emulator::start().unwrap());
    assert!(page.contains(&format!("\n```\n{}```\n", said.stdout)), "{}", said.stdout);
}
