//! Keys, scope headers, and the whole reply of each refusal.

use aicredits_emulator::{Account, Emulator, Key, KeyChange, Options, PATH, Site, State, example, scenario};
use serde_json::Value;

use crate::calls::{JSON, account_headers, application_error, assert_whole, call, send};

const WRONG_KEY: &str = "The value of the Authorization header is no valid credential";
const NO_CONTEXT: &str = "The request names neither an account (wix-account-id) nor a site (wix-site-id)";

/// The example with a second account that has a site, and a key of each kind. A key's secret is its name.
fn emulator() -> Emulator {
    let mut state = scenario("example").unwrap();
    let site = Site { site: "other-site".into(), label: None };
    state.accounts.push(Account { account: "other-account".into(), sites: vec![site], ..Account::default() });
    let mut add = |name: &str, accounts: &[&str], sites: &[&str]| {
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
        let (accounts, sites) = (texts(accounts), texts(sites));
        state.keys.push(Key { name: name.into(), secret: name.into(), accounts, sites, ..Key::default() });
    };
    add("account-only", &[example::ACCOUNT_ID], &[]);
    add("both", &[example::ACCOUNT_ID], &[example::SITE_ID]);
    add("site-of-another", &[example::ACCOUNT_ID], &["other-site"]);
    add("nothing", &[], &[]);
    start(state)
}

fn start(state: State) -> Emulator {
    Emulator::with(Options { scenario: Some(state.into()), ..Options::default() }).unwrap()
}

#[test]
fn a_key_s_access_and_the_headers_decide_the_scope() {
    let emulator = emulator();
    let (account, site) = (("wix-account-id", example::ACCOUNT_ID), ("wix-site-id", example::SITE_ID));
    let (other_account, other_site) = (("wix-account-id", "other-account"), ("wix-site-id", "other-site"));
    // The account has the site's credits and a top-up; the other account and its site have none.
    const ACCOUNT: Result<usize, u16> = Ok(2);
    const SITE: Result<usize, u16> = Ok(1);
    const NOTHING: Result<usize, u16> = Ok(0);
    let check = |key: &str, headers: &[(&str, &str)], expected: Result<usize, u16>| {
        let reply = call(&emulator, &[&[("Authorization", key)], headers].concat());
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        let sources = body["creditBalanceBreakdown"].as_array().map_or(0, Vec::len);
        let seen = if reply.status == 200 { Ok(sources) } else { Err(reply.status) };
        assert_eq!(seen, expected, "{key} {headers:?}");
    };
    for (key, by_account, by_site, by_both) in [
        ("account-only", ACCOUNT, Err(403), ACCOUNT),
        (example::SITE_KEY, Err(403), SITE, SITE),
        ("both", ACCOUNT, SITE, ACCOUNT),
        ("nothing", Err(403), Err(403), Err(403)),
    ] {
        check(key, &[account], by_account);
        check(key, &[site], by_site);
        check(key, &[account, site], by_both);
        check(key, &[site, account], by_both);
        check(key, &[other_account], Err(403));
        check(key, &[other_site], Err(403));
        check(key, &[], Err(428));
    }
    check("site-of-another", &[other_site], NOTHING);
    check("site-of-another", &[other_account, other_site], NOTHING);
    check("site-of-another", &[account, other_site], ACCOUNT);
    check("both", &[("wix-account-id", "no-account"), site], SITE);
    check("both", &[("wix-account-id", "no-account")], Err(404));
    check("both", &[("wix-site-id", "no-site")], Err(404));
}

#[test]
fn an_empty_header_is_no_header() {
    let emulator = emulator();
    let (no_account, no_site) = (("wix-account-id", ""), ("wix-site-id", ""));
    let key = ("Authorization", "both");
    let reply = call(&emulator, &[key, no_account, no_site]);
    assert_whole(&reply, 1, "428 Precondition Required", JSON, &application_error("MISSING_METASITE_ID", NO_CONTEXT));
    assert_eq!(call(&emulator, &[key, no_account, ("wix-site-id", example::SITE_ID)]).status, 200);
    let reply = call(&emulator, &[("Authorization", ""), no_account]);
    assert_whole(&reply, 3, "401 Unauthorized", JSON, &application_error("UNAUTHENTICATED", WRONG_KEY));
}

#[test]
fn a_revoked_key_is_refused_as_an_unknown_one() {
    let emulator = Emulator::start().unwrap();
    let revoke = |revoked| {
        let change = KeyChange {
            name: "example".into(),
            revoked: Some(revoked),
            secret: None,
            accounts: None,
            sites: None,
            carries_context: None,
        };
        emulator.key(&change).unwrap();
    };
    let account = ("wix-account-id", emulator.account_id());
    revoke(true);
    let revoked = call(&emulator, &account_headers(&emulator));
    let unknown = call(&emulator, &[("Authorization", "IST.unknown"), account]);
    let body = application_error("UNAUTHENTICATED", WRONG_KEY);
    assert_whole(&revoked, 1, "401 Unauthorized", JSON, &body);
    assert_whole(&unknown, 2, "401 Unauthorized", JSON, &body);
    revoke(false);
    assert_eq!(call(&emulator, &account_headers(&emulator)).status, 200);
}

#[test]
fn the_whole_reply_of_each_refusal() {
    let emulator = emulator();
    let key = ("Authorization", "both");
    let (account, site) = (("wix-account-id", example::ACCOUNT_ID), ("wix-site-id", example::SITE_ID));
    type Headers<'a> = &'a [(&'a str, &'a str)];
    let cases: &[(Headers<'_>, &str, &str, &str)] = &[
        (&[account], "401 Unauthorized", "UNAUTHENTICATED", "The request has no Authorization header"),
        (&[("Authorization", "IST.unknown"), account], "401 Unauthorized", "UNAUTHENTICATED", WRONG_KEY),
        (
            &[("Authorization", "nothing"), account],
            "403 Forbidden",
            "PERMISSION_DENIED",
            "This credential has no access to the account",
        ),
        (
            &[("Authorization", "nothing"), site],
            "403 Forbidden",
            "PERMISSION_DENIED",
            "This credential has no access to the site",
        ),
        (&[key, ("wix-account-id", "no-account")], "404 Not Found", "NOT_FOUND", "There is no account with this id"),
        (&[key, ("wix-site-id", "no-site")], "404 Not Found", "NOT_FOUND", "There is no site with this id"),
        (&[key], "428 Precondition Required", "MISSING_METASITE_ID", NO_CONTEXT),
    ];
    let mut n = 0;
    for (headers, status, code, message) in cases {
        n += 1;
        assert_whole(&call(&emulator, headers), n, status, JSON, &application_error(code, message));
    }
    let violation = concat!(
        r#"{"message":"request is invalid:\nthe body must be valid JSON","details":{"validationError":{"#,
        r#""fieldViolations":[{"field":"","description":"the body must be valid JSON","violatedRule":"FORMAT"}]}}}"#
    );
    assert_whole(&send(&emulator, "POST", PATH, &[key, account], "{"), n + 1, "400 Bad Request", JSON, violation);
    let page = "<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head>\
                <body><h1>404 Not Found</h1></body></html>\n";
    let reply = send(&emulator, "POST", "/other", &[key, account], "{}");
    assert_whole(&reply, n + 2, "404 Not Found", "Content-Type: text/html\r\n", page);
    for (index, method) in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"].iter().enumerate() {
        let reply = send(&emulator, method, PATH, &[key, account], "{}");
        assert_whole(&reply, n + 3 + index as u64, "404 Not Found", "", "");
    }
}

#[test]
fn the_key_is_checked_before_the_body_and_the_body_before_the_scope() {
    let emulator = emulator();
    let refused = |key: &str, body: &str| send(&emulator, "POST", PATH, &[("Authorization", key)], body).status;
    assert_eq!(refused("IST.unknown", "["), 401);
    assert_eq!(refused("both", "["), 400);
    assert_eq!(refused("both", "{}"), 428);
}
