//! A wrong setting is refused by its name, the first wrong one first, before any socket opens.

use std::time::Duration;

use aicredits::{CALL_SETTINGS, Call, Client, ClientBuilder, ErrorKind, GATE_SETTINGS, Row, SETTINGS, Scope, Surface};
use aicredits_emulator::script::{Reply, Server};

use common::client;

mod common;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const GIB: usize = 1 << 30;

type Set = Box<dyn Fn(ClientBuilder) -> ClientBuilder>;

fn set(how: impl Fn(ClientBuilder) -> ClientBuilder + 'static) -> Set {
    Box::new(how)
}

/// Every way in which each setting can be wrong: its name, a part of what is said, how it is set so.
fn wrong() -> Vec<(&'static str, &'static str, Set)> {
    let key = |value: &'static str| set(move |client| client.api_key(value));
    let raw = |value: &'static str| set(move |client| client.authorization(value));
    let account = |id: &'static str| set(move |client| client.account(id));
    let site = |id: &'static str| set(move |client| client.site(id));
    let both = |account: &'static str, site: &'static str| {
        set(move |client| client.scope(Scope::AccountAndSite { account: account.into(), site: site.into() }))
    };
    let base_url = |url: &'static str| set(move |client| client.base_url(url));
    let timeout = |timeout| set(move |client| client.timeout(timeout));
    let bytes = |bytes| set(move |client| client.max_reply_bytes(bytes));
    vec![
        ("api_key", "is not set", set(|_| Client::builder().account("a"))),
        ("api_key", "is empty", key("")),
        ("api_key", "byte 0", key(" IST.x")),
        ("api_key", "byte 5", key("IST.x\r\nX-Other: y")),
        ("api_key", "line break", key("IST.x\n")),
        ("api_key", "line break", key("IST.x\r\n")),
        ("api_key", "is blank", key("\n")),
        ("api_key", "byte 4", key("IST.ü")),
        ("api_key", "4096", set(|client| client.api_key("x".repeat(4097)))),
        ("authorization", "is empty", raw("")),
        ("authorization", "blank", raw(" Bearer x")),
        ("authorization", "blank", raw("Bearer ")),
        ("authorization", "byte 6", raw("Bearer\tx")),
        ("authorization", "byte 8", raw("Bearer x\0")),
        ("authorization", "4096", set(|client| client.authorization("x".repeat(4097)))),
        ("account_id", "is empty", account("")),
        ("account_id", "byte 1", account("a b")),
        ("account_id", "256", set(|client| client.account("x".repeat(257)))),
        ("account_id", "line break", both("a\n", "")),
        ("site_id", "is empty", site("")),
        ("site_id", "byte 1", site("a\r\nX: y")),
        ("site_id", "byte 0", both("a", "ü")),
        ("scope", "is not set", set(|_| Client::builder().api_key("IST.x"))),
        ("scope", "API key", set(|client| client.scope(Scope::Credential))),
        ("base_url", "is empty", base_url("")),
        ("base_url", "https://", base_url("www.wixapis.com")),
        ("base_url", "https://", base_url("ftp://wix.example")),
        ("base_url", "no URL", base_url("https://")),
        ("base_url", "no URL", base_url("https://wix.example/a b")),
        ("base_url", "query", base_url("https://wix.example/?x=1")),
        ("base_url", "fragment", base_url("https://wix.example/#x")),
        ("base_url", "password", base_url("https://me:secret@wix.example")),
        ("base_url", "port", base_url("https://wix.example:66000")),
        ("base_url", "allow_insecure_http", base_url("http://wix.example")),
        ("base_url", "allow_insecure_http", base_url("http://127.0.0.1.wix.example")),
        ("timeout", "more than 0", timeout(Duration::ZERO)),
        ("timeout", "a day", timeout(DAY + Duration::from_nanos(1))),
        ("timeout", "a day", timeout(Duration::MAX)),
        ("max_reply_bytes", "1 byte", bytes(0)),
        ("max_reply_bytes", "1 GiB", bytes(GIB + 1)),
        ("max_reply_bytes", "1 GiB", bytes(usize::MAX)),
        ("max_retries", "more than 10", set(|client| client.max_retries(11))),
        ("max_concurrency", "between 1 and 4096", set(|client| client.max_concurrency(0))),
        ("max_concurrency", "between 1 and 4096", set(|client| client.max_concurrency(4097))),
        ("ca_file", "cannot be read", set(|client| client.ca_file("/nowhere/at/all.pem"))),
        ("ca_file", "(a\\u{1b}[31mb: it has control characters", set(|client| client.ca_file("a\u{1b}[31mb"))),
        ("ca_file", "no file", set(|client| client.ca_file("/dev/zero"))),
        ("ca_file", "no file", set(|client| client.ca_file("/"))),
        ("ca_file", "no certificate", set(|client| client.ca_file(file!().replace("crates/aicredits/", "")))),
        ("ca_pem", "no certificate", set(|client| client.ca_pem("no PEM"))),
        ("proxy", "", set(|client| client.proxy("socks5://proxy.example"))),
        ("proxy", "", set(|client| client.proxy("http://me:secret@"))),
        ("name", "64", set(|client| client.name("x".repeat(65)))),
        ("name", "control", set(|client| client.name("a\nb"))),
    ]
}

#[test]
fn a_wrong_setting_is_refused_by_name_before_any_socket_opens() {
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    for (name, fault, set) in wrong() {
        let error = set(client(server.url())).build().expect_err(name);
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{name}: {error}");
        let message = error.message();
        assert!(message.starts_with(&format!("{name} ")) && message.contains(fault), "{name}, {fault}: {message}");
        assert!(!message.contains("secret") && error.scope().is_none(), "{message}");
    }
    assert_eq!(server.connections(), 0);
}

/// A user of Go or of the command never reads of a setting that is none there.
#[test]
fn a_message_names_settings_as_its_surface_does() {
    let other_names = |surface: Surface| {
        let is_other = move |name: &str| !SETTINGS.iter().any(|row: &Row| row.name_in(surface) == Some(name));
        let with_underscore = SETTINGS.iter().map(|row| row.name).filter(|name| name.contains('_'));
        with_underscore.chain(["from_env", "WithCAFile", "WithBaseURL"]).filter(move |name| is_other(name))
    };
    for surface in [Surface::Rust, Surface::C, Surface::Cpp, Surface::Python, Surface::Go, Surface::Command] {
        for (name, fault, set) in wrong() {
            let Some(own) = SETTINGS.iter().find(|row| row.name == name).unwrap().name_in(surface) else { continue };
            let error = set(client("http://127.0.0.1:9")).surface(surface).build().unwrap_err();
            let message = error.message();
            assert!(message.starts_with(&format!("{own} ")), "{surface:?}: {message}");
            assert!(message.contains(fault) || fault == "allow_insecure_http", "{surface:?}, {fault}: {message}");
            if matches!(surface, Surface::Go | Surface::Command) {
                let foreign = other_names(surface).find(|name| message.contains(name));
                assert_eq!(foreign, None, "{surface:?}: {message}");
            }
        }
        let client = client("http://127.0.0.1:9").surface(surface).build().unwrap();
        let [account, site, _, timeout, label, ttl] = CALL_SETTINGS else { panic!("the call has other settings") };
        for (row, call) in [
            (account, Call::new().account("")),
            (site, Call::new().site("a b")),
            (timeout, Call::new().timeout(Duration::ZERO)),
            (label, Call::new().label("")),
            (ttl, Call::new().reservation_ttl(Duration::from_secs(1))),
        ] {
            let error = client.get_balance_with(&call).unwrap_err();
            // The command makes no reservations, so it has no names for their settings.
            let own = format!("{} ", row.name_in(surface).unwrap_or(row.name));
            assert!(error.message().starts_with(&own), "{surface:?}: {error}");
        }
    }
    let missing = |surface| Client::builder().account("a").surface(surface).build().unwrap_err().to_string();
    assert!(missing(Surface::Rust).ends_with("is not set: pass one, or set WIX_API_KEY and use from_env"));
    assert!(missing(Surface::Go).ends_with("is not set: pass one, or set WIX_API_KEY and use FromEnv"));
    assert_eq!(missing(Surface::Command), "--api-key-file is not set: pass one");
}

/// The names in the table are those of the Go package and of the Python package.
#[test]
fn each_name_of_a_setting_is_there() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |path: std::path::PathBuf| std::fs::read_to_string(path).unwrap();
    let files = std::fs::read_dir(root.join("bindings/go")).unwrap().map(|entry| entry.unwrap().path());
    let go: String = files.filter(|path| path.extension().is_some_and(|it| it == "go")).map(read).collect();
    let python = |file: &str| read(root.join("bindings/python/src").join(file));
    let (of_client, of_gate) = (python("client.rs"), python("gate_settings.rs"));
    for row in SETTINGS.iter().chain(CALL_SETTINGS).chain(GATE_SETTINGS).filter(|row| row.name != "scope") {
        assert!(go.contains(&format!("\nfunc {}(", row.go)), "Go has no {}", row.go);
    }
    for row in SETTINGS.iter().filter(|row| row.name != "scope") {
        assert!(of_client.contains(&format!("{}=", row.name)), "Python has no {}", row.name);
    }
    for row in CALL_SETTINGS.iter().chain(GATE_SETTINGS).filter(|row| row.name != "scope") {
        assert!(of_gate.contains(&format!("\"{}\"", row.name)), "Python has no {} for gates", row.name);
    }
    assert!(go.contains("\nfunc FromEnv("));
}

#[test]
fn every_setting_that_works_can_be_wrong_but_for_three() {
    // A switch has no wrong value, and what a provider gives is only seen in a call.
    const NEVER_WRONG: [&str; 3] = ["allow_insecure_http", "credential_provider", "proxy_from_env"];
    let mut names: Vec<_> = wrong().iter().map(|(name, ..)| *name).collect();
    names.dedup();
    let works = SETTINGS.iter().map(|row| row.name);
    assert!(works.filter(|name| !NEVER_WRONG.contains(name)).eq(names));
}

#[test]
fn of_several_wrong_settings_the_first_in_the_order_of_the_contract_is_told() {
    let place = |name: &str| SETTINGS.iter().position(|row| row.name == name).unwrap();
    let wrong = wrong();
    for (first, _, set_first) in &wrong {
        for (second, _, set_second) in wrong.iter().filter(|(second, ..)| place(second) > place(first)) {
            // Set last, the first is not replaced by the second, as an account is by a site.
            let error = set_first(set_second(client("http://127.0.0.1:9"))).build().unwrap_err();
            assert!(error.message().starts_with(&format!("{first} ")), "{first} before {second}: {error}");
        }
    }
}

#[test]
fn the_widest_settings_are_taken() {
    for set in [
        set(|client| client.api_key("x".repeat(4096))),
        set(|client| client.account("x".repeat(256))),
        set(|client| client.timeout(Duration::from_nanos(1)).max_reply_bytes(1)),
        set(|client| client.timeout(DAY).max_reply_bytes(GIB)),
        set(|client| client.authorization("Bearer x").scope(Scope::Credential)),
        set(|client| client.base_url("http://wix.example").allow_insecure_http(true)),
        set(|client| client.base_url("HTTPS://WIX.example:65535/a/%20/")),
    ] {
        set(client("http://localhost:9")).build().unwrap();
    }
}

#[test]
fn a_calls_own_wrong_setting_is_refused_by_name_and_nothing_is_sent() {
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    let client = client(server.url()).build().unwrap();
    for (name, call) in [
        ("account_id", Call::new().account("")),
        ("site_id", Call::new().site("a b")),
        ("scope", Call::new().scope(Scope::Credential)),
        ("timeout", Call::new().timeout(Duration::ZERO)),
        ("timeout", Call::new().timeout(Duration::MAX)),
        ("site_id", Call::new().site("").timeout(Duration::MAX)),
        ("label", Call::new().label("a reservation's").reservation_ttl(DAY)),
        ("reservation_ttl", Call::new().reservation_ttl(DAY)),
    ] {
        let error = client.get_balance_with(&call).unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (ErrorKind::InvalidArgument, None), "{error}");
        assert!(error.message().starts_with(&format!("{name} ")), "{error}");
    }
    assert_eq!(server.connections(), 0);
}
