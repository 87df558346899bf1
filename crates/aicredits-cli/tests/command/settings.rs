//! Every setting of the library: which option or variable sets it, or why the command does not.

use std::process::Command;

use aicredits_emulator::script::{Reply, Server, refused_addr};

use crate::process::{KEY, aicredits, ask_script, run};
use crate::tls::{Authority, TlsServer};

enum Set {
    /// These options, and the library's variable where it has one.
    By(&'static [&'static str]),
    /// By nothing, for this reason.
    Not(&'static str),
}
use Set::{By, Not};

/// In the order of the library's table.
const SETTINGS: &[(&str, Set)] = &[
    ("api_key", By(&["--api-key-file"])),
    ("authorization", Not("Wix documents API keys for this API, and programs with another credential use the library")),
    ("credential_provider", Not("it is a function, and a process that asks once needs no second credential")),
    ("account_id", By(&["--account"])),
    ("site_id", By(&["--site"])),
    ("scope", By(&["--account", "--site"])),
    ("base_url", By(&["--base-url"])),
    ("allow_insecure_http", Not("one option alone must not send a key in clear text")),
    ("timeout", By(&["--timeout"])),
    ("max_reply_bytes", Not("the default is nine times the largest documented reply")),
    ("max_retries", By(&["--max-retries"])),
    ("max_concurrency", Not("one call runs at a time")),
    ("ca_file", By(&["--ca-file"])),
    ("ca_pem", Not("--ca-file reads the same text")),
    ("proxy", By(&["--proxy", "--no-proxy"])),
    ("proxy_from_env", By(&["--proxy"])),
    ("name", Not("it distinguishes the clients of a process, and the command has one")),
];

#[test]
fn each_setting_is_reachable_or_deliberately_not() {
    let names: Vec<_> = SETTINGS.iter().map(|(name, _)| *name).collect();
    let library: Vec<_> = aicredits::SETTINGS.iter().map(|row| row.name).collect();
    assert_eq!(names, library, "each setting of the library has a line here");

    let help = run(aicredits(&["balance", "--help"])).success();
    for ((name, set), row) in SETTINGS.iter().zip(aicredits::SETTINGS) {
        match set {
            By(options) => {
                for option in *options {
                    assert!(help.contains(&format!("{option} <")), "{name}: {option} is not in {help}");
                }
                assert!(help.contains(row.variable), "{name}: {} is not in {help}", row.variable);
                // The name in messages.
                let named = row.command.starts_with("--").then(|| format!("{} <", row.command));
                assert!(!row.command.is_empty() && named.is_none_or(|named| help.contains(&named)), "{name}: {help}");
            }
            Not(reason) => {
                assert!(row.variable.is_empty() && row.command.is_empty() && !reason.is_empty(), "{name}");
            }
        }
    }
}

/// A host that is not a loopback host by name, so a proxy of the environment is used for it. Without a proxy it is this
/// machine, and the port is refused: no name is looked up, and no test waits.
const FAR: &str = "https://0.0.0.0:1";

/// `aicredits balance` for a far host, with these variables.
fn ask_far(args: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = aicredits(&[&["balance", "--account", "a", "--max-retries", "0"], args].concat());
    command.env("WIX_API_KEY", KEY).env("AICREDITS_BASE_URL", FAR).envs(variables.iter().copied());
    command
}

#[test]
fn the_proxy_is_curls() {
    let proxy = Server::start(Reply::status(502)).unwrap();
    let nobody = refused_addr().unwrap();
    let (proxy, url, dead) = (&proxy, proxy.url(), nobody.url());
    let (url, dead) = (url.as_str(), dead.as_str());
    for (args, variables, is_asked) in [
        (&[][..], &[][..], false),
        (&[], &[("https_proxy", url)], true),
        (&[], &[("HTTPS_PROXY", url)], true),
        (&[], &[("all_proxy", url)], true),
        (&[], &[("ALL_PROXY", url)], true),
        (&[], &[("https_proxy", url), ("HTTPS_PROXY", dead), ("all_proxy", dead)], true),
        (&[], &[("https_proxy", ""), ("HTTPS_PROXY", url)], true),
        (&[], &[("http_proxy", url), ("HTTP_PROXY", url)], false),
        (&[], &[("https_proxy", url), ("no_proxy", "0.0.0.0")], false),
        (&[], &[("https_proxy", url), ("NO_PROXY", "*")], false),
        (&[], &[("https_proxy", url), ("no_proxy", "other.invalid"), ("NO_PROXY", "*")], true),
        (&[], &[("https_proxy", url), ("no_proxy", ""), ("NO_PROXY", "*")], false),
        // The options come before the variables.
        (&["--proxy", url], &[], true),
        (&["--proxy", url], &[("https_proxy", dead)], true),
        (&["--proxy", ""], &[("https_proxy", url)], false),
        (&["--proxy", url, "--no-proxy", "0.0.0.0"], &[], false),
        (&["--proxy", url, "--no-proxy", "other.invalid, 0.0.0.0/8"], &[], false),
        (&["--proxy", url, "--no-proxy", "other.invalid"], &[("no_proxy", "*")], true),
        (&["--no-proxy", "0.0.0.0:1"], &[("https_proxy", url)], false),
        (&["--no-proxy", ""], &[("https_proxy", url), ("NO_PROXY", "*")], true),
        // As in curl, the variable also applies to the option --proxy.
        (&["--proxy", url], &[("no_proxy", "*")], false),
        (&["--proxy", url], &[("NO_PROXY", "0.0.0.0")], false),
    ] {
        let before = proxy.requests();
        let complaint = run(ask_far(args, variables)).failure(69);
        let asked = proxy.journal().split_off(before);
        assert_eq!(asked.len(), usize::from(is_asked), "{args:?} {variables:?}: {complaint}");
        for request in asked {
            assert_eq!((request.method.as_str(), request.target.as_str()), ("CONNECT", "0.0.0.0:1"));
        }
    }
}

/// curl would use it. The key would then cross the network to a proxy that cannot reach this machine's loopback.
#[test]
fn a_loopback_host_gets_no_proxy_from_the_environment() {
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    let nobody = refused_addr().unwrap();
    for host in ["127.0.0.1", "localhost"] {
        let url = server.url().replace("127.0.0.1", host);
        for name in ["http_proxy", "all_proxy", "ALL_PROXY"] {
            let mut command = ask_script(&server, &["--base-url", &url]);
            command.env(name, nobody.url());
            run(command).success();
        }
    }
    let through = run(ask_script(&server, &["--proxy", &nobody.url(), "--max-retries", "0"])).failure(69);
    assert!(through.contains("the proxy") && through.contains("refused the connection"), "{through}");
    let far = run(ask_script(&server, &["--proxy", "http://192.0.2.1:3128"])).failure(64);
    assert!(far.contains("on another machine"), "{far}");
}

#[test]
fn a_proxy_that_cannot_be_used_is_refused_and_its_password_never_shown() {
    for (args, variables, fault) in [
        (&["--proxy", "socks5://me:canary@p:1080"][..], &[][..], "neither an http:// nor an https:// proxy"),
        (&["--proxy", "http://me:canary@p:x"], &[], "port"),
        (&[], &[("https_proxy", "http://me:canary@p:x")], "https_proxy"),
        (&[], &[("ALL_PROXY", "socks5://me:canary@p")], "ALL_PROXY"),
    ] {
        let complaint = run(ask_far(args, variables)).failure(64);
        assert!(complaint.contains(fault), "{complaint}");
    }
}

#[test]
fn max_retries_limits_the_attempts() {
    for (args, requests) in [(&["--max-retries", "0"][..], 1), (&["--max-retries=1"], 2), (&[], 3)] {
        let server = Server::start(Reply::status(503).header("Retry-After", "0")).unwrap();
        run(ask_script(&server, args)).failure(76);
        assert_eq!(server.requests(), requests, "{args:?}");
    }
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    for wrong in ["11", "-1", "1.5", "many", ""] {
        run(ask_script(&server, &[&format!("--max-retries={wrong}")])).failure(64);
    }
}

#[test]
fn the_authorities_are_those_of_a_file() {
    let (ours, other) = (Authority::new("ours"), Authority::new("other"));
    let server = TlsServer::start(ours.identity(&["127.0.0.1"], |_| ()), usize::MAX);
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (ours, other) = (file("ours.pem", &ours.pem()), file("other.pem", &other.pem()));
    let ask = |args: &[&str], variables: &[(&str, &str)]| {
        let mut command =
            ask_far(&[&["--base-url", &format!("https://127.0.0.1:{}", server.port())], args].concat(), &[]);
        command.envs(variables.iter().copied());
        run(command)
    };
    ask(&["--ca-file", &ours], &[]).success();
    ask(&[], &[("SSL_CERT_FILE", &ours)]).success();
    ask(&["--ca-file", &ours], &[("SSL_CERT_FILE", &other)]).success();
    assert!(ask(&["--ca-file", &other], &[("SSL_CERT_FILE", &ours)]).failure(69).contains("no trusted connection"));
    // An empty variable is unset, so the system's authorities are used.
    assert!(ask(&[], &[("SSL_CERT_FILE", "")]).failure(69).contains("no trusted connection"));

    for path in [file("empty.pem", ""), "/dev/zero".into(), "/no/such/file".into(), folder.path().display().to_string()]
    {
        ask(&["--ca-file", &path], &[]).failure(64);
    }
}

#[test]
fn log_records_go_to_standard_error_and_never_hold_the_key() {
    let fails_once = || vec![Reply::status(503).header("Retry-After", "0"), Reply::json(200, "{}")];
    let server = Server::start([fails_once(), fails_once()].concat()).unwrap();
    let quiet = run(ask_script(&server, &[])).success();
    let verbose = run(ask_script(&server, &["--verbose"]));
    assert_eq!((verbose.code, verbose.stdout), (Some(0), quiet));
    for record in
        ["s debug: connected to 127.0.0.1", "s warn: attempt 1 failed", "s info: another attempt in", "a balance"]
    {
        assert!(verbose.stderr.contains(record), "{record}: {}", verbose.stderr);
    }
    for line in verbose.stderr.lines() {
        let (seconds, _) = line.split_once(" s ").unwrap();
        assert!(seconds.parse::<f64>().is_ok(), "{line}");
    }

    let server = Server::start(Reply::json(403, format!(r#"{{"message":"no: {KEY}"}}"#))).unwrap();
    let failed = run(ask_script(&server, &["-v"])).failure(77);
    assert!(failed.contains("warn: attempt 1 failed") && failed.contains("\nerror: 403 Forbidden"), "{failed}");
}
