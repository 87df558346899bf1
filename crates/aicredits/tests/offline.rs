//! A machine without a network: a separate network namespace, if the system allows one without root.

use std::io::Write;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use aicredits::Client;

const KEY: &str = "IST.canary-7f3a91c0";
const ACCOUNT: &str = "8b1c0c4e-0000-4000-8000-00000000acc0";

/// Set in a child, which then runs within the namespace.
const CHILD: &str = "TEST_CHILD";

fn child() {
    for timeout in [Duration::from_secs(35), Duration::from_secs(3)] {
        let begun = Instant::now();
        let error = Client::builder().from_env().timeout(timeout).build().unwrap().get_balance().unwrap_err();
        let in_time = begun.elapsed() < timeout + Duration::from_secs(10);
        println!("outcome: {:?}, in time: {in_time}: {error}", error.kind());
    }
}

fn without_network(base_url: &str) -> Output {
    let mut command = Command::new("unshare");
    command.arg("-rn").arg(std::env::current_exe().unwrap()).args([TEST, "--exact", "--nocapture"]);
    command.env(CHILD, "").env("WIX_API_KEY", KEY).env("WIX_ACCOUNT_ID", ACCOUNT).env_remove("WIX_SITE_ID");
    command.env("AICREDITS_BASE_URL", base_url).output().unwrap()
}

const TEST: &str = "without_a_network_the_error_says_what_failed_and_what_to_check";

#[test]
fn without_a_network_the_error_says_what_failed_and_what_to_check() {
    if std::env::var_os(CHILD).is_some() {
        return child();
    }
    if let Err(reason) = namespaces_are_allowed() {
        // Past the test harness, which would show a line of `println!` to nobody.
        writeln!(std::io::stderr(), "left out: a machine without a network; `unshare -rn` says: {reason}").unwrap();
        return;
    }
    for (base_url, parts) in [
        ("", &["Network", "cannot find www.wixapis.com", "DNS", "network"][..]),
        ("https://192.0.2.1", &["Network", "192.0.2.1", "cannot be reached", "network"]),
        ("http://127.0.0.1:9", &["Network", "127.0.0.1:9", "cannot be reached", "network"]),
    ] {
        let output = without_network(base_url);
        let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && !text.contains("canary"), "{text}");
        let outcomes: Vec<_> = text.split("outcome: ").skip(1).map(|rest| rest.lines().next().unwrap()).collect();
        assert_eq!(outcomes.len(), 2, "{text}");
        for outcome in outcomes {
            assert!(outcome.contains("in time: true") && outcome.contains(ACCOUNT), "{outcome}");
            assert!(parts.iter().all(|part| outcome.contains(part)), "{outcome}");
        }
    }
}

fn namespaces_are_allowed() -> Result<(), String> {
    let output = Command::new("unshare").args(["-rn", "true"]).output().map_err(|error| error.to_string())?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()) }
}
