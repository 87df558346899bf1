//! `aicredits emulator exec`, and the options of the emulator.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::process::{Said, aicredits, path, run};

/// The command `aicredits emulator exec`, with these options, for `sh -c SCRIPT`.
fn exec(options: &[&str], script: &str) -> Command {
    let mut command = aicredits(&[&["emulator", "exec"], options, &["--", "sh", "-c", script]].concat());
    command.env("PATH", path());
    command
}

fn shell(options: &[&str], script: &str) -> Said {
    run(exec(options, script))
}

#[test]
fn the_command_finds_the_emulator() {
    assert!(shell(&[], "aicredits balance").success().contains("850 of 1,000"));
    // The options may come before exec.
    let mut before =
        aicredits(&["emulator", "--scenario", "free-plan", "exec", "--", "aicredits", "balance", "--json"]);
    before.env("PATH", path()).env("WIX_SITE_ID", "another scope");
    assert!(run(before).success().contains(r#"{"period":"DAY","balance":30,"cap":30,"#));
    let unset = shell(&[], "printf %s \"${WIX_SITE_ID-unset}\"");
    assert_eq!(unset.stdout, "unset");
}

#[test]
fn the_recipe_of_the_hint_works() {
    let hint = run(aicredits(&["balance"])).failure(64);
    let recipe = hint.lines().find_map(|line| line.strip_prefix("  ")).unwrap();
    let mut command = Command::new("sh");
    command.env_clear().env("PATH", path()).stdin(Stdio::null()).args(["-c", recipe]);
    assert!(run(command).success().contains("850 of 1,000"));
}

#[test]
fn the_exit_status_is_that_of_the_command() {
    for status in [0, 1, 64, 255] {
        assert_eq!(shell(&[], &format!("exit {status}")).code, Some(status));
    }
    assert_eq!(shell(&[], "kill -KILL $$").code, Some(128 + 9));
    assert_eq!(shell(&[], "kill -TERM $$").code, Some(128 + 15));
    let missing = run(aicredits(&["emulator", "exec", "--", "no-such-command"])).failure(127);
    assert!(missing.contains("there is no command no-such-command"), "{missing}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("not-executable");
    fs::write(&file, "").unwrap();
    let refused = run(aicredits(&["emulator", "exec", "--", file.to_str().unwrap()])).failure(126);
    assert!(refused.contains("cannot run") && refused.contains("not-executable"), "{refused}");
    assert!(run(aicredits(&["emulator", "exec"])).failure(64).contains("COMMAND"));
    assert!(run(aicredits(&["emulator", "exec", "--"])).failure(64).contains("COMMAND"));
}

/// Until the command has printed "ready".
fn ready(mut command: Command) -> (Child, BufReader<impl Read>) {
    let mut child = command.spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    (child, output)
}

#[test]
fn signals_go_to_the_command() {
    for (name, signal) in [("INT", Signal::INT), ("TERM", Signal::TERM), ("HUP", Signal::HUP), ("QUIT", Signal::QUIT)] {
        let script = format!("trap 'echo got {name}; exit 7' {name}; echo ready; while :; do sleep 0.1; done");
        let mut command = Command::new("env");
        // The tests may be a background job, which ignores them.
        command.env_clear().env("PATH", path()).stdout(Stdio::piped()).stdin(Stdio::null());
        command.args(["--default-signal=INT,QUIT,HUP", env!("CARGO_BIN_EXE_aicredits")]);
        command.args(["emulator", "exec", "--", "sh", "-c", &script]);
        let (mut child, mut output) = ready(command);
        kill_process(Pid::from_child(&child), signal).unwrap();
        let mut rest = String::new();
        output.read_to_string(&mut rest).unwrap();
        assert_eq!((rest.as_str(), child.wait().unwrap().code()), (&*format!("got {name}\n"), Some(7)));
    }
}

#[test]
fn a_signal_that_the_caller_ignores_stays_ignored() {
    let mut command = Command::new("env");
    command.env_clear().env("PATH", path()).stdout(Stdio::piped()).stdin(Stdio::piped());
    command.args(["--ignore-signal=HUP", env!("CARGO_BIN_EXE_aicredits")]);
    command.args(["emulator", "exec", "--", "sh", "-c", "echo ready; read end; exit 3"]);
    let (mut child, _output) = ready(command);
    kill_process(Pid::from_child(&child), Signal::HUP).unwrap();
    // The command goes on until its input ends.
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(3));
}

/// The command may leave children behind, which process 1 must reap.
#[test]
fn other_children_are_reaped() {
    let script = "(sleep 0.2 &) ; exec sh -c 'exit 5'";
    assert_eq!(shell(&[], script).code, Some(5));
}

#[test]
fn over_tls_the_variables_name_its_authority() {
    let said = shell(
        &["--tls"],
        "aicredits balance && stat -c %a \"$SSL_CERT_FILE\" && \
         for file in \"$NODE_EXTRA_CA_CERTS\" \"$REQUESTS_CA_BUNDLE\" \"$CURL_CA_BUNDLE\"; do \
         cmp \"$file\" \"$SSL_CERT_FILE\" && echo same; done; echo \"$AICREDITS_BASE_URL $SSL_CERT_FILE\"",
    );
    let shown = said.success();
    let mut lines = shown.lines().rev();
    let (url, file) = lines.next().unwrap().split_once(' ').unwrap();
    assert!(url.starts_with("https://"), "{url}");
    assert_eq!(lines.take(4).collect::<Vec<_>>(), ["same", "same", "same", "600"]);
    assert!(shown.contains("850 of 1,000"), "{shown}");
    assert!(!fs::exists(file).unwrap(), "the file is removed at the end");
}

#[test]
fn options_change_the_scenario() {
    let json = |options: &[&str], script: &str| shell(options, script).success();
    let asked = |options: &[&str]| json(options, "aicredits balance --json");
    // The scenarios that come with the emulator start with their balances at any instant.
    let later = asked(&["--clock", "2030-01-10T08:00:00Z"]);
    assert!(
        later.contains(r#""balance":850"#) && later.contains(r#""resetDate":"2030-02-01T00:00:00.000Z""#),
        "{later}"
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.json");
    let example = aicredits_emulator::SCENARIOS.iter().find(|known| known.name == "example").unwrap();
    fs::write(&file, example.json().replace("850", "77")).unwrap();
    assert!(asked(&["--scenario", file.to_str().unwrap()]).contains(r#""balance":77"#));
    let twice = "aicredits balance --max-retries 0 >/dev/null 2>&1; echo $?; aicredits balance --max-retries 0 >/dev/null; echo $?";
    assert_eq!(json(&["--fault", r#"{"reply":{"status":503}}"#], twice), "76\n0\n");
    let wrong = "WIX_API_KEY=wrong aicredits balance 2>&1 | grep -o '40[13] [A-Z][a-z]*'";
    assert_eq!(json(&["--assume", "refused_key=403"], wrong), "403 Forbidden\n");
}

#[test]
fn each_named_scenario_and_fault_starts() {
    for known in aicredits_emulator::SCENARIOS {
        assert_eq!(shell(&["--scenario", known.name], "exit 0").code, Some(0), "{}", known.name);
    }
    for known in aicredits_emulator::FAULTS {
        assert_eq!(shell(&["--fault", known.name], "exit 0").code, Some(0), "{}", known.name);
    }
    let names: Vec<&str> = aicredits_emulator::SCENARIOS.iter().map(|known| known.name).collect();
    let help = run(aicredits(&["emulator", "--help"])).success().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains(&format!("The names: {}.", names.join(", "))), "{help}");
}

#[test]
fn wrong_options_are_named() {
    for (options, why) in [
        (&["--scenario", "no-such"][..], "--scenario: no-such is neither one of example, "),
        (&["--clock", "noon"], "not running, and no instant such as"),
        (&["--speed", "0"], "--speed"),
        (&["--assume", "refused_key"], "--assume: refused_key is one of 401, 403"),
        (&["--assume", "weather=fine"], "--assume: there is no assumption \"weather\"; there are no_scope, "),
        (&["--fault", "no-such"], "--fault: there is no fault \"no-such\": choose one of throttle, "),
        (
            &["--fault", r#"{"reply":{"stat":503}}"#],
            "--fault: /reply/stat: there is no such member; there are `status`, ",
        ),
        (&["--fault", r#"["f1"]"#], "--fault: this is an array, and must be an object"),
        (&["--clock", "0000-01-01T00:00:00Z"], "an instant is a text such as 2026-07-01T00:00:00Z"),
        (&["--control-token-file", "/no/such"], "--control-token-file: /no/such"),
        (&["--port", "70000"], "--port"),
    ] {
        let told = run(exec(options, "exit 0")).failure(64);
        assert!(told.contains(why), "{options:?}: {told}");
    }
}

/// A scenario file and a fault may have keys, in the wrong places too.
#[test]
fn no_error_shows_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.json");
    let key = "IST.super-secret-key-of-mine";
    for (json, why) in [
        (
            r#"{"version":1,"keys":[{"name":"a","revoked":"KEY"}]}"#,
            "/keys/0/revoked: this is text, and must be true or false",
        ),
        (r#"{"version":1,"keys":[{"name":"a","KEY":1}]}"#, "/keys/0: there is no such member; there are `name`, "),
        (r#"{"version":1,"clock":{"now":"KEY"}}"#, "/clock/now: an instant is a text such as 2026-07-01T00:00:00Z"),
        (
            r#"{"version":1,"clock":["frozen","2026-07-01T00:00:00Z"]}"#,
            "/clock: this is an array, and must be an object",
        ),
        (
            r#"{"version":1,"shown_after_ms":"KEY"}"#,
            "/shown_after_ms: this is text, and must be a whole number from 0 to ",
        ),
        (r#"{"version":1,"keys":["KEY"]}"#, "/keys/0: this is text, and must be an object"),
        (r#"{"version":1,"keys":[{"name":"a","secret":"KEY"#, "this is not valid JSON: EOF"),
    ] {
        fs::write(&file, json.replace("KEY", key)).unwrap();
        let told = run(exec(&["--scenario", file.to_str().unwrap()], "exit 0")).failure(64);
        assert!(told.contains(why) && !told.contains("secret-key"), "{json}: {told}");
    }
    let fault = format!(r#"{{"times":"{key}"}}"#);
    let told = run(exec(&["--fault", &fault], "exit 0")).failure(64);
    assert!(
        told.contains("--fault: /times: this is text, and must be a whole number") && !told.contains(key),
        "{told}"
    );
}

/// A proxy would get the key.
#[test]
fn the_command_asks_no_proxy_for_the_emulator() {
    let print = r#"printf '%s\n' "$NO_PROXY" "$no_proxy"; aicredits balance"#;
    let with = |variables: &[(&str, &str)]| {
        let mut command = exec(&[], print);
        // Nobody listens there.
        command.env("http_proxy", "http://127.0.0.1:1").env("ALL_PROXY", "http://127.0.0.1:1");
        command.envs(variables.iter().copied());
        let shown = run(command).success();
        assert!(shown.contains("850 of 1,000"), "{shown}");
        shown.lines().take(2).map(str::to_owned).collect::<Vec<_>>()
    };
    let ours = "127.0.0.1,localhost,::1";
    assert_eq!(with(&[]), [ours, ours]);
    assert_eq!(with(&[("NO_PROXY", "a.example")]), [format!("a.example,{ours}"), format!("a.example,{ours}")]);
    let both = with(&[("NO_PROXY", "a.example"), ("no_proxy", "b.example")]);
    assert_eq!(both, [format!("a.example,{ours}"), format!("b.example,{ours}")]);
}

#[test]
fn a_scenario_without_keys_sets_no_empty_variables() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bare.json");
    fs::write(&file, r#"{"version":1}"#).unwrap();
    let options = ["--scenario", file.to_str().unwrap()];
    let mut command = exec(&options, r#"printf %s "${WIX_API_KEY-unset} ${WIX_ACCOUNT_ID-unset}""#);
    // Those of a real account must not be sent to the emulator.
    command.env("WIX_API_KEY", "IST.real").env("WIX_ACCOUNT_ID", "real");
    let said = run(command);
    assert_eq!((said.code, said.stdout.as_str()), (Some(0), "unset unset"));
    let expected = "note: the scenario has no key with account-level access, so WIX_API_KEY is not set\n\
                    note: the scenario has no account, so WIX_ACCOUNT_ID is not set\n";
    assert_eq!(said.stderr, expected);
}

#[test]
fn on_other_addresses_a_note_says_that_the_control_path_needs_a_token() {
    let note = "note: 0.0.0.0 is no loopback address, so there are no control requests and no page without \
                --control-token-file\n";
    assert_eq!(shell(&["--host", "0.0.0.0"], "exit 0").stderr, note);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, "open sesame\n").unwrap();
    assert_eq!(shell(&["--host", "0.0.0.0", "--control-token-file", file.to_str().unwrap()], "exit 0").stderr, "");
}

#[test]
fn the_log_has_a_line_for_each_request_and_no_key() {
    let said =
        shell(&["--log"], "aicredits balance >/dev/null; WIX_API_KEY=canary aicredits balance >/dev/null 2>&1 || true");
    let lines: Vec<&str> = said.stderr.lines().collect();
    let account = "account=0a1b2c3d-0000-4000-8000-00000000acc0";
    let path = aicredits_emulator::PATH;
    assert_eq!(lines.len(), 2, "{said:?}");
    assert!(lines[0].starts_with(&format!("#1 POST {path} key=example {account}: 200 in ")), "{}", lines[0]);
    assert!(lines[1].starts_with(&format!("#2 POST {path} key=unknown {account}: 401 in ")), "{}", lines[1]);
}
