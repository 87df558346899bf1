//! Failures: the exit code and the message for each kind.

use std::time::Duration;

use aicredits_emulator::Emulator;
use aicredits_emulator::script::{Reply, Server, refused_addr};

use crate::process::{KEY, aicredits, ask, ask_script, run};

#[test]
fn each_status_has_its_code() {
    let denied = r#"{"message":"no access","details":{"applicationError":{"code":"PERMISSION_DENIED"}}}"#;
    for (reply, code, told) in [
        (Reply::status(400), 64, "400 Bad Request"),
        (Reply::status(401), 77, "401 Unauthorized"),
        (Reply::json(403, denied), 77, "403 Forbidden: no access [PERMISSION_DENIED]"),
        (Reply::status(404), 66, "404 Not Found"),
        (Reply::status(428), 64, "428 Precondition Required"),
        (Reply::status(429).header("Retry-After", "0"), 75, "429 Too Many Requests"),
        (Reply::status(503).header("Retry-After", "0"), 76, "503 Service Unavailable"),
        (Reply::status(302).header("Location", "/"), 65, "302 Found"),
        (Reply::status(200).body("<html>"), 65, "HTML"),
        (Reply::json(200, r#"{"topUpCredits":{"balance":"many"}}"#), 65, "topUpCredits.balance"),
        (Reply::json(200, " ".repeat(9 << 20)), 65, "larger than 8388608 bytes"),
        (Reply::raw("SSH-2.0-OpenSSH_9.2\r\n").close(), 65, "did not answer in HTTP"),
        (Reply::json(200, "{}").cut(30, aicredits_emulator::script::End::Fin), 69, "connection"),
    ] {
        let server = Server::start(reply).unwrap();
        let complaint = run(ask_script(&server, &[])).failure(code);
        assert!(complaint.starts_with("error: ") && complaint.contains(told), "{told}: {complaint}");
        assert!(complaint.contains("(account a"), "{complaint}");
    }
}

#[test]
fn no_connection_or_one_that_cannot_be_trusted() {
    let refused = refused_addr().unwrap();
    let mut command = aicredits(&["balance", "--account", "a", "--base-url", &refused.url()]);
    command.env("WIX_API_KEY", KEY);
    assert!(run(command).failure(69).contains("refused the connection"));

    let server = Server::start(Reply::status(200)).unwrap();
    let url = server.url().replace("http:", "https:");
    assert!(run(ask_script(&server, &["--base-url", &url])).failure(69).contains("no trusted connection"));
}

#[test]
fn no_reply_in_time() {
    let server = Server::start(Reply::new().mute()).unwrap();
    assert!(run(ask_script(&server, &["--timeout", "100ms"])).failure(124).contains("100 ms"));
    assert!(server.wait_until_closed(Duration::from_secs(20)));
}

#[test]
fn without_a_key_it_says_how_to_set_one_and_how_to_try_it() {
    assert_eq!(
        run(aicredits(&["balance"])).failure(64),
        "\
error: no API key

Set WIX_API_KEY, or name a file that holds the key with --api-key-file FILE (- is standard input).

To try this without an account, run the command with the emulator:

  aicredits emulator exec -- aicredits balance
"
    );
}

#[test]
fn settings_that_are_wrong_are_named() {
    let emulator = Emulator::start().unwrap();
    let complaint = |args: &[&str], variables: &[(&str, &str)]| {
        let mut command = ask(&emulator, args);
        command.envs(variables.iter().copied());
        run(command).failure(64)
    };
    let broken = complaint(&[], &[("WIX_API_KEY", "IST.canary\n")]);
    assert!(broken.contains("ends with a line break") && broken.contains("WIX_API_KEY"), "{broken}");
    assert!(complaint(&[], &[("WIX_ACCOUNT_ID", "a\n")]).contains("WIX_ACCOUNT_ID"));
    assert!(complaint(&[], &[("WIX_SITE_ID", "s")]).contains("WIX_SITE_ID are both set; name an account"));
    assert!(complaint(&[], &[("WIX_ACCOUNT_ID", "")]).contains("nor WIX_SITE_ID is set; name an account"));
    assert!(complaint(&["--account", ""], &[]).contains("--account is empty"));
    let clear_text = complaint(&["--base-url", "http://example.com"], &[]);
    assert!(clear_text.contains("--base-url is http to another machine"), "{clear_text}");
    assert!(clear_text.contains("use https") && !clear_text.contains("allow_insecure_http"), "{clear_text}");
    assert!(complaint(&["--timeout", "0"], &[]).contains("--timeout must be more than 0"));
    assert!(complaint(&["--timeout", "soon"], &[]).contains("5s, 500ms or 5"));
    assert!(complaint(&["--colour"], &[]).contains("--colour"));
    assert!(run(aicredits(&[])).failure(64).contains("Usage: aicredits"));
    assert_eq!(emulator.server().requests(), 0);
}

#[test]
fn a_key_among_the_arguments_is_refused_and_not_repeated() {
    let with_file = format!("--api-key-file={KEY}");
    for args in [vec!["balance", KEY], vec!["balance", "--api-key", KEY], vec!["balance", &with_file], vec![KEY]] {
        let complaint = run(aicredits(&args)).failure(64);
        assert!(complaint.contains("--api-key-file"), "{complaint}");
    }
}

#[test]
fn a_key_file_that_holds_none() {
    let emulator = Emulator::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let complaint = |content: &[u8]| {
        let file = folder.path().join("key");
        std::fs::write(&file, content).unwrap();
        run(ask(&emulator, &["--api-key-file", file.to_str().unwrap()])).failure(64)
    };
    assert!(complaint(b"").contains("is empty"));
    assert!(complaint(b"\n").contains("is empty"));
    assert!(complaint(b"IST.canary\n\n").contains("ends with a line break"));
    assert!(complaint(b"IST.canary\xff").contains("UTF-8"));
    assert!(complaint(&[b'x'; 100_000]).contains("longer than 4096 bytes"));
    assert!(run(ask(&emulator, &["--api-key-file", "no/such\x1b[31m"])).failure(64).contains(r"no/such\u{1b}[31m"));
}
