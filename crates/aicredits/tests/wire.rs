//! The bytes of the request, from the journal of a real server.

use std::time::Duration;

use aicredits::{Call, Client, ClientBuilder, ErrorKind, Scope, Timestamp};
use aicredits_emulator::script::{Reply, Request, Server};
use aicredits_emulator::{Emulator, PATH};

use common::{ACCOUNT, API_KEY, client};

mod common;

const SITE: &str = "77d2a9b0-0000-4000-8000-00000000517e";

fn server() -> Server {
    Server::start(Reply::json(200, "{}")).unwrap()
}

/// The one request of a client that is set so.
fn request_of(set: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Request {
    let server = server();
    set(client(server.url())).build().unwrap().get_balance().unwrap();
    let [request] = &server.journal()[..] else { panic!("{:?}", server.journal()) };
    request.clone()
}

/// The headers that name a scope, as sent.
fn scope_headers(request: &Request) -> Vec<(&str, &str)> {
    let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    headers.filter(|(name, _)| name.starts_with("wix-")).collect()
}

fn every_scope() -> [(Scope, Vec<(&'static str, &'static str)>); 4] {
    let (account, site) = (ACCOUNT.to_owned(), SITE.to_owned());
    [
        (Scope::Account(account.clone()), vec![("wix-account-id", ACCOUNT)]),
        (Scope::Site(site.clone()), vec![("wix-site-id", SITE)]),
        (Scope::AccountAndSite { account, site }, vec![("wix-account-id", ACCOUNT), ("wix-site-id", SITE)]),
        (Scope::Credential, vec![]),
    ]
}

#[test]
fn the_request_is_the_pages_and_nothing_more() {
    let request = request_of(|client| client);
    assert_eq!((request.method.as_str(), request.target.as_str(), request.version), ("POST", PATH, 1));
    assert_eq!(request.body, b"{}");

    let host = request.header("host").unwrap().to_owned();
    assert!(host.starts_with("127.0.0.1:"), "{host}");
    let mut headers: Vec<_> =
        request.headers.iter().map(|(name, value)| (name.to_lowercase(), value.as_str())).collect();
    headers.sort();
    let expected = [
        ("accept", "application/json"),
        ("accept-encoding", "identity"),
        ("authorization", API_KEY),
        ("content-length", "2"),
        ("content-type", "application/json"),
        ("host", &host),
        ("user-agent", concat!("aicredits/", env!("CARGO_PKG_VERSION"))),
        ("wix-account-id", ACCOUNT),
    ];
    assert!(headers.iter().map(|(name, value)| (name.as_str(), *value)).eq(expected), "{request:?}");
}

#[test]
fn a_raw_value_is_sent_unchanged() {
    for value in ["Bearer OauthNG.JWS.x.y-z_0", "OauthNG.JWS.x", "Scheme a=\"b, c\", d='\\'", "*****"] {
        assert_eq!(request_of(|client| client.authorization(value)).header("authorization"), Some(value));
    }
}

#[test]
fn each_scope_sends_its_own_headers_and_no_others() {
    for (scope, headers) in every_scope() {
        let request = request_of(|client| client.authorization("Bearer token").scope(scope.clone()));
        assert_eq!(scope_headers(&request), headers, "{scope:?}");
    }
    let last_wins = request_of(|client| client.account(ACCOUNT).site(SITE));
    assert_eq!(scope_headers(&last_wins), [("wix-site-id", SITE)]);
}

#[test]
fn a_calls_scope_replaces_the_clients_whole() {
    for (of_the_client, client_headers) in every_scope() {
        let server = server();
        let client = client(server.url()).authorization("token").scope(of_the_client.clone()).build().unwrap();
        for (of_the_call, call_headers) in every_scope() {
            let balance = client.get_balance_with(&Call::new().scope(of_the_call.clone())).unwrap();
            assert_eq!(balance.scope(), Some(&of_the_call));
            assert_eq!(scope_headers(server.journal().last().unwrap()), call_headers, "{of_the_client} {of_the_call}");
        }
        let balance = client.get_balance_with(&Call::new().timeout(Duration::from_secs(20))).unwrap();
        assert_eq!(balance.scope(), Some(&of_the_client));
        assert_eq!(scope_headers(server.journal().last().unwrap()), client_headers);
    }
}

#[test]
fn a_path_of_the_base_url_goes_before_the_apis() {
    let server = server();
    let host = server.addr();
    for (base_url, target) in [
        (format!("http://{host}"), PATH.to_owned()),
        (format!("http://{host}/"), PATH.to_owned()),
        (format!("HTTP://{host}/wix"), format!("/wix{PATH}")),
        (format!("http://{host}/a/b%20c//"), format!("/a/b%20c{PATH}")),
    ] {
        client(base_url).build().unwrap().get_balance().unwrap();
        assert_eq!(server.journal().last().unwrap().target, target);
    }
}

#[test]
fn calls_in_turn_share_one_connection_whatever_they_were_answered() {
    // A status that is no answer of the API's has a connection to itself: `net_connections.rs`.
    let expected = [200, 401, 404, 429, 503, 200];
    let server = Server::start(expected.map(|status| Reply::json(status, "{}"))).unwrap();
    let client = client(server.url()).build().unwrap();
    let statuses = expected.map(|_| client.get_balance().map_or_else(|error| error.http_status(), |_| Some(200)));
    assert_eq!(statuses, expected.map(Some));
    assert_eq!((server.requests(), server.connections()), (6, 1));
}

#[test]
fn a_clone_is_a_handle_on_the_same_connections() {
    let server = server();
    let client = client(server.url()).build().unwrap();
    client.get_balance().unwrap();
    client.clone().get_balance().unwrap();
    assert_eq!(server.connections(), 1);
}

#[test]
fn the_longest_settings_arrive_whole() {
    let visible: String = (0x21..=0x7e_u8).map(char::from).collect();
    let key: String = visible.chars().cycle().take(4096).collect();
    let (account, site) = (visible.repeat(3)[..256].to_owned(), "~".repeat(256));
    let server = server();
    let path = format!("/{}", "p".repeat(8000));
    let client = client(format!("{}{path}", server.url()))
        .api_key(&key)
        .scope(Scope::AccountAndSite { account: account.clone(), site: site.clone() });
    client.build().unwrap().get_balance().unwrap();
    let request = &server.journal()[0];
    assert_eq!(request.header("authorization"), Some(key.as_str()));
    assert_eq!(scope_headers(request), [("wix-account-id", account.as_str()), ("wix-site-id", site.as_str())]);
    assert_eq!(request.target, format!("{path}{PATH}"));
}

/// The key is filled in under the engine, by the thread that calls: never another call's, never the filler.
#[test]
fn many_clients_in_many_threads_each_send_their_own_key() {
    let server = server();
    let clients: Vec<Client> = (0..8)
        .map(|n| client(server.url()).api_key(format!("IST.key-{n}")).account(format!("key-{n}")).build().unwrap())
        .collect();
    std::thread::scope(|scope| {
        for offset in 0..8 {
            let clients = &clients;
            scope.spawn(move || {
                for turn in 0..40 {
                    clients[(offset + turn) % 8].get_balance().unwrap();
                }
            });
        }
    });
    let journal = server.journal();
    assert_eq!(journal.len(), 320);
    for request in journal {
        let account = request.header("wix-account-id").unwrap();
        assert_eq!(request.header("authorization"), Some(format!("IST.{account}").as_str()));
    }
}

#[test]
fn a_balance_has_the_scope_and_id_of_its_request() {
    let emulator = Emulator::start().unwrap();
    let before = std::time::SystemTime::now();
    let client = Client::builder().api_key(emulator.api_key()).account(emulator.account_id()).base_url(emulator.url());
    let balance = client.build().unwrap().get_balance().unwrap();

    assert_eq!(balance.available(), Some(1050));
    assert_eq!(balance.scope(), Some(&Scope::Account(emulator.account_id().to_owned())));
    assert!(balance.request_id().unwrap().starts_with("1782259200."), "{balance:?}");
    assert_eq!(balance.server_date().unwrap().to_string(), "2026-06-24T00:00:00Z");
    let fetched_at = balance.fetched_at().unwrap();
    assert!(Timestamp::try_from(before).unwrap() <= fetched_at);
    assert!(fetched_at <= Timestamp::try_from(std::time::SystemTime::now()).unwrap());
}

#[test]
fn values_that_a_reply_lacks_are_absent() {
    let server = Server::start([Reply::json(200, "{}"), Reply::json(200, "{}").header("Date", "yesterday")]).unwrap();
    let client = client(server.url()).build().unwrap();
    for _ in 0..2 {
        let balance = client.get_balance().unwrap();
        assert_eq!((balance.request_id(), balance.server_date(), balance.json()), (None, None, "{}"));
    }
}

#[test]
fn a_client_without_a_scope_asks_only_for_what_a_call_names() {
    let server = server();
    let client = client(server.url()).authorization("token").account(ACCOUNT).per_call_scope().build().unwrap();
    assert_eq!(client.scope(), None);
    for call in [Call::new(), Call::new().timeout(Duration::from_secs(20))] {
        let error = client.get_balance_with(&call).unwrap_err();
        assert_eq!((error.kind(), error.scope()), (ErrorKind::InvalidArgument, None), "{error}");
        assert!(error.message().starts_with("scope is not set"), "{error}");
    }
    assert_eq!(server.connections(), 0);
    for (of_the_call, headers) in every_scope() {
        let balance = client.get_balance_with(&Call::new().scope(of_the_call.clone())).unwrap();
        assert_eq!(balance.scope(), Some(&of_the_call));
        assert_eq!(scope_headers(server.journal().last().unwrap()), headers);
    }
}
