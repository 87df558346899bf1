//! `from_env`, in separate processes: it is not safe to change the environment of a process with threads.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;
use std::process::Command;

use aicredits::Client;
use aicredits_emulator::script::{Reply, Server, refused_addr};

const KEY: &str = "IST.canary-7f3a91c0";
const ACCOUNT: &str = "8b1c0c4e-0000-4000-8000-00000000acc0";
const SITE: &str = "77d2a9b0-0000-4000-8000-00000000517e";

/// Set in a child: which client it builds.
const MANNER: &str = "TEST_MANNER";

#[test]
fn a_child_prints_what_came_of_its_client() {
    let Ok(manner) = std::env::var(MANNER) else {
        assert!(outcome("", &[]).starts_with("InvalidArgument: "));
        return;
    };
    let named = || Client::builder().site("site-named").base_url("http://127.0.0.1:9/named");
    let built = match manner.as_str() {
        "named before" => named().api_key("IST.named").from_env().build(),
        "named after" => Client::builder()
            .from_env()
            .site("site-named")
            .api_key("IST.named")
            .base_url("http://127.0.0.1:9/named")
            .build(),
        "scope named" => Client::builder().from_env().account("account-named").build(),
        "raw value named" => Client::builder().from_env().authorization("Bearer x").build(),
        "called" => {
            let error = Client::from_env().unwrap().get_balance().unwrap_err();
            return println!("outcome: {error}");
        }
        "not asked" => Client::builder().build(),
        "key without scope" => Client::builder().api_key("IST.named").build(),
        _ => Client::from_env(),
    };
    match built {
        Ok(client) => println!("outcome: {client:?}"),
        Err(error) => println!("outcome: {:?}: {error}", error.kind()),
    }
}

/// The child's outcome, given these variables and no others of ours.
fn outcome(manner: &str, variables: &[(&str, &OsStr)]) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["a_child_prints_what_came_of_its_client", "--exact", "--nocapture"]).env_clear().env(MANNER, manner);
    let output = child.envs(variables.iter().copied()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(!text.contains("canary"), "{text}");
    let (_, outcome) = text.split_once("outcome: ").unwrap_or_else(|| panic!("{text}"));
    outcome.lines().next().unwrap().to_owned()
}

fn set(name: &'static str, value: &'static str) -> (&'static str, &'static OsStr) {
    (name, OsStr::new(value))
}

#[test]
fn a_client_comes_from_its_variables() {
    let wix = "https://www.wixapis.com/appmarket/";
    for (variables, parts) in [
        (vec![set("WIX_API_KEY", KEY), set("WIX_ACCOUNT_ID", ACCOUNT)], vec![wix, "[redacted]", "Account(\"8b1c"]),
        (vec![set("WIX_API_KEY", KEY), set("WIX_SITE_ID", SITE)], vec![wix, "Site(\"77d2"]),
        (
            vec![set("WIX_API_KEY", KEY), set("WIX_SITE_ID", SITE), set("AICREDITS_BASE_URL", "http://[::1]:8080/x")],
            vec!["http://[::1]:8080/x/appmarket/", "Site(\"77d2"],
        ),
        (
            vec![
                set("WIX_API_KEY", KEY),
                set("WIX_ACCOUNT_ID", ""),
                set("WIX_SITE_ID", SITE),
                set("AICREDITS_BASE_URL", ""),
            ],
            vec![wix, "Site(\"77d2"],
        ),
    ] {
        let outcome = outcome("", &variables);
        assert!(parts.iter().all(|part| outcome.contains(part)), "{variables:?}: {outcome}");
    }
}

#[test]
fn a_setting_in_the_code_replaces_the_variable_in_any_order() {
    let other = [
        set("WIX_API_KEY", KEY),
        set("WIX_ACCOUNT_ID", ACCOUNT),
        set("WIX_SITE_ID", SITE),
        set("AICREDITS_BASE_URL", "https://elsewhere.example"),
    ];
    let broken = [
        set("WIX_API_KEY", "canary \n"),
        set("WIX_ACCOUNT_ID", "canary \n"),
        set("WIX_SITE_ID", "canary \n"),
        set("AICREDITS_BASE_URL", "canary"),
    ];
    for variables in [&other[..], &broken, &[]] {
        for manner in ["named before", "named after"] {
            let outcome = outcome(manner, variables);
            assert!(outcome.contains("http://127.0.0.1:9/named/appmarket/"), "{manner} {variables:?}: {outcome}");
            assert!(outcome.contains("Site(\"site-named\")"), "{manner} {variables:?}: {outcome}");
        }
    }
    let outcome = |manner| outcome(manner, &other);
    assert!(outcome("scope named").contains("Account(\"account-named\")"));
    assert!(outcome("raw value named").starts_with("InvalidArgument: scope"));
}

#[test]
fn a_missing_setting_is_named_with_its_variable() {
    for (manner, variables, parts) in [
        ("", vec![], vec!["api_key is not set", "set WIX_API_KEY"]),
        ("", vec![set("WIX_API_KEY", ""), set("WIX_SITE_ID", SITE)], vec!["api_key is not set", "set WIX_API_KEY"]),
        ("", vec![set("WIX_API_KEY", KEY)], vec!["scope is not set", "WIX_ACCOUNT_ID or WIX_SITE_ID"]),
        ("", vec![set("WIX_API_KEY", KEY), set("WIX_SITE_ID", "")], vec!["scope is not set", "WIX_ACCOUNT_ID"]),
        ("not asked", vec![set("WIX_API_KEY", KEY)], vec!["api_key is not set", "from_env", "WIX_API_KEY"]),
        ("key without scope", vec![set("WIX_SITE_ID", SITE)], vec!["scope is not set", "from_env", "WIX_SITE_ID"]),
    ] {
        let outcome = outcome(manner, &variables);
        assert!(outcome.starts_with("InvalidArgument: "), "{outcome}");
        assert!(parts.iter().all(|part| outcome.contains(part)), "{manner} {variables:?}: {outcome}");
    }
}

#[test]
fn both_ids_are_refused_unless_a_scope_is_named() {
    let both = [set("WIX_API_KEY", KEY), set("WIX_ACCOUNT_ID", ACCOUNT), set("WIX_SITE_ID", SITE)];
    let refused = outcome("", &both);
    assert!(refused.starts_with("InvalidArgument: scope"), "{refused}");
    assert!(refused.contains("WIX_ACCOUNT_ID") && refused.contains("WIX_SITE_ID"), "{refused}");
    assert!(outcome("scope named", &both).contains("Account(\"account-named\")"));
}

#[test]
fn a_wrong_variable_is_named_with_its_setting() {
    let good = [("WIX_API_KEY", KEY), ("WIX_ACCOUNT_ID", ACCOUNT), ("AICREDITS_BASE_URL", "https://wix.example")];
    let not_utf8 = OsString::from_vec(b"canary\xff".to_vec());
    for (variable, setting, value, fault) in [
        ("WIX_API_KEY", "api_key", not_utf8.as_os_str(), "UTF-8"),
        ("WIX_ACCOUNT_ID", "account_id", &not_utf8, "UTF-8"),
        ("WIX_SITE_ID", "site_id", &not_utf8, "UTF-8"),
        ("AICREDITS_BASE_URL", "base_url", &not_utf8, "UTF-8"),
        ("WIX_API_KEY", "api_key", OsStr::new("IST.canary\n"), "line break"),
        ("WIX_API_KEY", "api_key", OsStr::new("IST. canary"), "byte 4"),
        ("WIX_ACCOUNT_ID", "account_id", OsStr::new("canary id"), "byte 6"),
        ("WIX_SITE_ID", "site_id", OsStr::new("canary\tid"), "byte 6"),
        ("AICREDITS_BASE_URL", "base_url", OsStr::new("http://canary.example"), "allow_insecure_http"),
        ("AICREDITS_BASE_URL", "base_url", OsStr::new("https://me:canary@wix.example"), "password"),
    ] {
        let others = good.iter().map(|&(name, value)| (name, OsStr::new(value)));
        let mut variables: Vec<_> = others
            .filter(|(name, _)| *name != variable && (*name != "WIX_ACCOUNT_ID" || variable != "WIX_SITE_ID"))
            .collect();
        variables.push((variable, value));
        let outcome = outcome("", &variables);
        assert!(outcome.starts_with(&format!("InvalidArgument: {setting} ")), "{outcome}");
        assert!(outcome.contains(variable) && outcome.contains(fault), "{outcome}");
    }
}

#[test]
fn a_proxy_is_not_taken_from_the_environment() {
    let proxy = Server::start(Reply::json(200, r#"{"topUpCredits":{"balance":9000}}"#)).unwrap();
    let (refused, proxy_url) = (refused_addr().unwrap(), proxy.url());
    let (url, proxy_url) = (refused.url(), OsStr::new(&proxy_url));
    let names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let mut variables: Vec<_> = names.iter().map(|name| (*name, proxy_url)).collect();
    variables.extend([
        set("WIX_API_KEY", KEY),
        set("WIX_ACCOUNT_ID", ACCOUNT),
        ("AICREDITS_BASE_URL", OsStr::new(&url)),
    ]);
    let outcome = outcome("called", &variables);
    assert!(outcome.contains("refused the connection"), "{outcome}");
    assert_eq!(proxy.connections(), 0);
}

/// Given pairs are read instead of the process's variables, so these tests need no separate process.
fn given(pairs: &[(&str, &str)]) -> Result<Client, String> {
    let pairs = || pairs.iter().copied();
    let outcomes = [
        Client::builder().environment(pairs()).from_env().build(),
        Client::builder().from_env().environment(pairs()).build(),
    ];
    let [before, after] = outcomes.map(|outcome| outcome.map_err(|error| error.to_string()));
    assert_eq!(before.as_ref().err(), after.as_ref().err(), "the order does not matter");
    before
}

#[test]
fn given_pairs_are_read_instead_of_the_environment() {
    let client = given(&[("WIX_API_KEY", KEY), ("WIX_SITE_ID", SITE), ("WIX_ACCOUNT_ID", "")]).unwrap();
    assert_eq!(client.scope(), Some(&aicredits::Scope::Site(SITE.to_owned())));

    let client = given(&[("WIX_API_KEY", KEY), ("WIX_SITE_ID", "first"), ("WIX_SITE_ID", SITE)]).unwrap();
    assert_eq!(client.scope(), Some(&aicredits::Scope::Site("first".to_owned())));

    let error = given(&[]).unwrap_err();
    assert!(error.contains("api_key is not set: set WIX_API_KEY"), "{error}");
    let error = given(&[("WIX_API_KEY", KEY), ("WIX_SITE_ID", SITE), ("AICREDITS_BASE_URL", "canary")]).unwrap_err();
    assert!(error.contains("(read from AICREDITS_BASE_URL)") && !error.contains("canary"), "{error}");
}
