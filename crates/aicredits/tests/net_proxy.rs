//! Proxies: named, or read from the environment where that is asked for, and never otherwise. Row H14 of the hazards.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use aicredits::{Call, Cancel, ClientBuilder, ErrorKind, Phase};
use aicredits_emulator::script::{Reply, Script, Server, refused_addr};

use common::client;
use tls::{Authority, HOST, TlsFront, TlsServer};

mod common;
#[path = "common/tls.rs"]
mod tls;

const PATIENCE: Duration = Duration::from_secs(20);

const ESTABLISHED: &str = "HTTP/1.1 200 Connection established\r\nVia: a test\r\n\r\n";

/// Answers CONNECT with these bytes, and is then the server behind the proxy.
fn proxy_and_server(established: &'static str) -> Server {
    let script = Script::handler(move |request| match request.method.as_str() {
        "CONNECT" => Reply::raw(established),
        _ => Reply::json(200, "{}"),
    });
    Server::start(script).unwrap()
}

/// A proxy that connects every CONNECT to `target`, and sends the received heads to the test. The scripted server cannot
/// begin TLS after a CONNECT.
fn proxy(target: SocketAddr) -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (heads, seen) = channel();
    thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                client.read_exact(&mut byte).unwrap();
                head.push(byte[0]);
            }
            heads.send(String::from_utf8(head).unwrap()).unwrap();
            client.write_all(ESTABLISHED.as_bytes()).unwrap();
            let server = TcpStream::connect(target).unwrap();
            let pump = |mut from: TcpStream, mut to: TcpStream| {
                thread::spawn(move || {
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(std::net::Shutdown::Both);
                });
            };
            pump(client.try_clone().unwrap(), server.try_clone().unwrap());
            pump(server, client);
        }
    });
    (address, seen)
}

/// A client of a host that only a proxy knows.
fn behind(proxy: impl std::fmt::Display) -> ClientBuilder {
    client("http://wix.test:8080").allow_insecure_http(true).proxy(proxy.to_string()).timeout(PATIENCE)
}

#[test]
fn a_proxy_leads_to_the_server_and_the_connection_is_kept() {
    let server = proxy_and_server(ESTABLISHED);
    let client = behind(format!("http://Aladdin:open%20sesame@{}", server.addr())).build().unwrap();
    for _ in 0..3 {
        client.get_balance().unwrap();
    }
    let journal = server.journal();
    let (head, requests) = journal.split_first().unwrap();
    assert_eq!((head.method.as_str(), head.target.as_str(), head.version), ("CONNECT", "wix.test:8080", 1));
    assert_eq!(head.headers[0], ("Host".to_owned(), "wix.test:8080".to_owned()));
    assert_eq!(head.header("proxy-authorization"), Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
    assert_eq!((requests.len(), server.connections()), (3, 1), "one connection for three calls");
    for request in requests {
        assert_eq!((request.method.as_str(), request.header("proxy-authorization")), ("POST", None));
        assert!(request.target.starts_with('/') && request.header("host") == Some("wix.test:8080"));
    }
    assert!(!format!("{client:?}").contains("sesame"));
}

#[test]
fn a_proxy_sees_nothing_of_what_goes_over_tls() {
    let authority = Authority::new("Acme Root");
    let server = TlsServer::start(authority.identity(&[HOST], |_| ()), usize::MAX);
    let (address, heads) = proxy(SocketAddr::from(([127, 0, 0, 1], server.port())));
    let secure = client(format!("https://{HOST}")).proxy(format!("http://{address}"));
    secure.clone().ca_pem(authority.pem()).build().unwrap().get_balance().unwrap();
    let head = heads.recv().unwrap();
    assert!(head.starts_with("CONNECT wix.test:443 ") && !head.to_lowercase().contains("authorization"), "{head}");

    let error = secure.ca_pem(Authority::new("Other Root").pem()).build().unwrap().get_balance().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
}

/// The way to the proxy may be TLS's as well: then one handshake lies within the other.
#[test]
fn a_proxy_may_itself_be_reached_over_tls() {
    let authority = Authority::new("Acme Root");
    let server = TlsServer::start(authority.identity(&[HOST], |_| ()), usize::MAX);
    let (plain, heads) = proxy(SocketAddr::from(([127, 0, 0, 1], server.port())));
    let front = TlsFront::start(authority.identity(&["127.0.0.1"], |_| ()), plain);
    let client = client(format!("https://{HOST}")).proxy(format!("https://{}", front.addr())).ca_pem(authority.pem());
    let client = client.timeout(PATIENCE).build().unwrap();
    for _ in 0..3 {
        client.get_balance().unwrap();
    }
    assert!(heads.recv().unwrap().starts_with("CONNECT wix.test:443 "));
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_call_is_cancelled_while_the_proxy_is_asked() {
    let mute = Server::start(Script::from(Reply::new()).on_connect(|_| Reply::new().mute())).unwrap();
    let client = behind(mute.url()).build().unwrap();
    let cancel = Cancel::new();
    let call = Call::new().cancelled_by(&cancel);
    let error = thread::scope(|scope| {
        let call = scope.spawn(|| client.get_balance_with(&call));
        assert!(mute.wait_for_connections(1, PATIENCE));
        cancel.cancel();
        call.join().unwrap().unwrap_err()
    });
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
    assert!(matches!(error.attempts()[0].phase(), Phase::Connect | Phase::Proxy), "{error:?}");
    assert!(mute.wait_until_closed(PATIENCE));
}

#[test]
fn a_proxy_that_wants_a_password_says_where_it_goes() {
    use aicredits::Surface;
    for (status, surface, setting) in [
        (407, Surface::Rust, "proxy"),
        (401, Surface::Python, "proxy"),
        (407, Surface::Go, "WithProxy"),
        (401, Surface::Command, "--proxy"),
    ] {
        let server = Server::start(Reply::status(status)).unwrap();
        let error = behind(server.url()).surface(surface).build().unwrap().get_balance().unwrap_err();
        let says = format!("{status}; it wants a user and a password: http://user:password@host:port in {setting} (");
        assert!(error.message().contains(&says) && !error.is_transient(), "{error}");
    }
    let server = Server::start(Reply::status(407)).unwrap();
    let client = client("http://wix.test").allow_insecure_http(true).environment([("http_proxy", server.url())]);
    let error = client.proxy_from_env(true).surface(Surface::Go).build().unwrap().get_balance().unwrap_err();
    assert!(error.message().contains("@host:port in http_proxy ("), "{error}");
}

#[test]
fn a_proxy_that_refuses_says_so_and_is_asked_again_only_where_that_may_help() {
    let refuse = |status| Reply::status(status).header("Proxy-Authenticate", "Basic");
    for (reply, says, attempts) in [
        (refuse(407), "407; check the user and the password in proxy", 1),
        (refuse(401), "401; check the user and the password in proxy", 1),
        (refuse(403), "403; it does not allow connections to this host and port", 1),
        (refuse(405), "405; it may be no HTTP proxy, or it allows no CONNECT; check proxy", 1),
        (refuse(302), "302; it redirects", 1),
        (refuse(501), "501; it may be no HTTP proxy", 1),
        (refuse(511), "511; the network wants a log-in first", 1),
        (refuse(502), "502; it cannot reach the server; the call can be repeated", 2),
        (Reply::raw("SSH-2.0-x\r\n\r\n"), "did not answer as an HTTP proxy", 1),
        (Reply::raw("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), "did not answer", 1),
        (Reply::new().endless("HTTP/1.1 200 OK\r\nX: y\r\n"), "did not answer", 1),
        (Reply::new().endless("HTTP/1.1 100 Continue\r\n\r\n"), "did not answer", 1),
        (Reply::new().close(), "before it answered", 2),
        (Reply::new().reset(), "failed: ", 2),
        (Reply::raw("HTTP/1.1 101 Switching Protocols\r\n\r\n"), "refused with status 101", 1),
    ] {
        let server = Server::start(reply).unwrap();
        let proxy = format!("http://user:canary@{}", server.addr());
        let error = behind(proxy).max_retries(1).build().unwrap().get_balance().unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (ErrorKind::Network, None), "{error}");
        assert!(error.message().contains(says) && error.message().contains(&server.addr().to_string()), "{error}");
        assert_eq!((error.attempts().len(), error.attempts()[0].phase()), (attempts, Phase::Proxy), "{error}");
        assert!(!format!("{error} {error:?}").contains("canary"));
        assert!(server.journal().iter().all(|request| request.header("authorization").is_none()));
    }
    let nobody = refused_addr().unwrap();
    let error = behind(nobody.url()).build().unwrap().get_balance().unwrap_err();
    assert!(error.message().contains(&format!("the proxy {} refused", nobody.addr())), "{error}");

    let mute = Server::start(Reply::new().mute()).unwrap();
    let error = behind(mute.url()).timeout(Duration::from_millis(100)).build().unwrap().get_balance().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(error.message().starts_with(&format!("no whole reply from the proxy {} ", mute.addr())), "{error}");
    let plain = Server::start(Reply::json(200, "{}")).unwrap();
    let secure = format!("https://{}", plain.addr());
    let error = behind(secure).max_retries(0).build().unwrap().get_balance().unwrap_err();
    assert!(error.kind() == ErrorKind::Tls && error.message().contains("is proxy one of http?"), "{error}");
}

#[test]
fn a_proxy_may_answer_in_its_own_way() {
    for answer in [
        "HTTP/1.1 200 \u{e9}tabli\r\n\r\n",
        "HTTP/1.0 200\n\n",
        "HTTP/1.1 200 OK\nVia: x\n\n",
        "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    ] {
        let server = proxy_and_server(answer);
        behind(server.url()).max_retries(0).build().unwrap().get_balance().unwrap();
    }
}

/// The environment belongs to the whole process, so each case runs in a separate one.
#[test]
fn h14_the_environment_is_read_where_it_is_asked_for_and_fails_closed() {
    const URL: &str = "AICREDITS_TEST_URL";
    if let Ok(url) = std::env::var(URL) {
        let asked = std::env::var_os("AICREDITS_TEST_ASKS").is_some();
        let client = client(url).allow_insecure_http(true).proxy_from_env(asked);
        let client = client.lookup(|_| Ok(vec![[127, 0, 0, 1].into()])).build();
        let outcome = client.and_then(|client| client.get_balance());
        println!("outcome: {}", outcome.map_or_else(|error| error.to_string(), |balance| balance.json().to_owned()));
        return;
    }
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    let nobody = refused_addr().unwrap();
    let through = format!("the proxy {} refused", nobody.addr());
    let run = |asks: bool, variables: &[(&str, &str)]| {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "h14_the_environment_is_read_where_it_is_asked_for_and_fails_closed", "--nocapture"]);
        for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
            child.env_remove(name).env_remove(name.to_uppercase());
        }
        child.env(URL, server.url().replace("127.0.0.1", HOST)).envs(variables.iter().copied());
        if asks {
            child.env("AICREDITS_TEST_ASKS", "1");
        }
        String::from_utf8(child.output().unwrap().stdout).unwrap()
    };
    let proxy = nobody.url();
    for (asks, variables, says) in [
        (false, vec![("http_proxy", proxy.as_str()), ("ALL_PROXY", &proxy)], "outcome: {}"),
        (true, vec![], "outcome: {}"),
        (true, vec![("http_proxy", "")], "outcome: {}"),
        (true, vec![("http_proxy", &proxy)], through.as_str()),
        (true, vec![("all_proxy", &proxy)], through.as_str()),
        (true, vec![("HTTP_PROXY", &proxy), ("https_proxy", &proxy)], "outcome: {}"),
        (true, vec![("http_proxy", &proxy), ("NO_PROXY", "10.0.0.0/8,.test")], "outcome: {}"),
        (true, vec![("http_proxy", &proxy), ("no_proxy", "other.test")], through.as_str()),
        (true, vec![("http_proxy", "socks5://canary:1080")], "proxy_from_env is neither"),
        (true, vec![("http_proxy", "http://:canary")], "(read from http_proxy)"),
    ] {
        let said = run(asks, &variables);
        assert!(said.contains(says) && !said.contains("canary"), "{asks} {variables:?}: {said}");
    }
}

/// With an `http` base URL the proxy reads the key, so every hop is on this machine, or `allow_insecure_http` is set.
#[test]
fn the_whole_route_of_clear_text_is_judged() {
    let far = ["http://proxy.test:3128", "https://proxy.test", "proxy.test:1", "192.0.2.1", "http://[2001:db8::1]:1"];
    let odd = ["http://localhost.test", "http://localhost.", "http://[::ffff:127.0.0.1]", "http://0.0.0.0:1", "[::]:1"];
    let near = ["http://127.0.0.1:3128", "https://localhost", "LOCALHOST:1", "[::1]:1", "http://me:secret@127.9.9.9"];
    for url in ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:1/path"] {
        for proxy in far.into_iter().chain(odd) {
            let error = client(url).proxy(proxy).build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            let parts = ["proxy is on another machine", "base_url is http", "allow_insecure_http"];
            assert!(parts.iter().all(|part| error.message().contains(part)), "{url} by {proxy}: {error}");
            client(url).proxy(proxy).allow_insecure_http(true).build().unwrap();
        }
        for proxy in near {
            client(url).proxy(proxy).build().unwrap();
        }
    }
    for proxy in far.into_iter().chain(odd).chain(near) {
        client("https://wix.test").proxy(proxy).build().unwrap();
        let error = client("http://wix.test").proxy(proxy).build().unwrap_err();
        assert!(error.message().starts_with("base_url is http to another machine"), "{error}");
    }
}

/// No proxy could reach the loopback addresses of this machine, and the key would cross the network to it.
#[test]
fn a_proxy_from_the_environment_is_not_used_for_loopback_hosts() {
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    let proxy = Server::start(Reply::json(200, "{}")).unwrap();
    let names = ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    for host in ["127.0.0.1", "localhost", "LocalHost"] {
        let url = server.url().replace("127.0.0.1", host);
        for value in [proxy.url(), "http://proxy.test:3128".to_owned(), "socks5://proxy.test".to_owned()] {
            let client = client(&url).environment(names.map(|name| (name, value.clone()))).proxy_from_env(true);
            client.build().unwrap().get_balance().unwrap();
        }
    }
    assert_eq!(proxy.connections(), 0);
}

/// curl's names, and its order.
#[test]
fn the_first_variable_that_is_set_names_the_proxy() {
    let build = |url: &str, variables: &[(&str, &str)]| {
        let client = client(url).allow_insecure_http(true).proxy_from_env(true);
        client.environment(variables.iter().copied()).build().map(drop).map_err(|error| error.to_string())
    };
    let broken = |name| format!("(read from {name})");
    let (secure, plain) = ("https://wix.test", "http://wix.test");
    for (url, variables, refused) in [
        (secure, &[("https_proxy", "x:0"), ("HTTPS_PROXY", "y:1")][..], Some("https_proxy")),
        (secure, &[("https_proxy", "y:1"), ("HTTPS_PROXY", "x:0")], None),
        (secure, &[("https_proxy", ""), ("HTTPS_PROXY", "x:0")], Some("HTTPS_PROXY")),
        (secure, &[("HTTPS_PROXY", "y:1"), ("all_proxy", "x:0")], None),
        (secure, &[("HTTPS_PROXY", ""), ("all_proxy", "x:0"), ("ALL_PROXY", "y:1")], Some("all_proxy")),
        (secure, &[("all_proxy", ""), ("ALL_PROXY", "x:0")], Some("ALL_PROXY")),
        (secure, &[("http_proxy", "x:0")], None),
        (plain, &[("http_proxy", "x:0"), ("all_proxy", "y:1")], Some("http_proxy")),
        (plain, &[("HTTP_PROXY", "x:0")], None),
        (plain, &[("HTTP_PROXY", "y:1"), ("ALL_PROXY", "x:0")], Some("ALL_PROXY")),
        (plain, &[("https_proxy", "x:0")], None),
        (secure, &[("https_proxy", "x:0"), ("no_proxy", "wix.test")], None),
        (secure, &[("https_proxy", "x:0"), ("NO_PROXY", "*")], None),
        (secure, &[("https_proxy", "x:0"), ("no_proxy", ""), ("NO_PROXY", "wix.test")], None),
        (secure, &[("https_proxy", "x:0"), ("no_proxy", "other.test"), ("NO_PROXY", "wix.test")], Some("https_proxy")),
    ] {
        match (build(url, variables), refused) {
            (Ok(()), None) => {}
            (Err(error), Some(name)) => assert!(error.contains(&broken(name)), "{variables:?}: {error}"),
            (outcome, expected) => panic!("{variables:?}: {outcome:?}, not {expected:?}"),
        }
    }
}

#[test]
fn localhost_is_not_looked_up() {
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    for host in ["localhost", "LOCALHOST"] {
        let client = client(server.url().replace("127.0.0.1", host)).lookup(|host| panic!("{host} is looked up"));
        client.build().unwrap().get_balance().unwrap();
    }
}

/// The command's `--no-proxy`.
#[test]
fn a_given_list_is_read_instead_of_the_variables() {
    let build = |client: ClientBuilder| client.build().map(drop).map_err(|error| error.to_string());
    let variables = |no_proxy: &'static str| {
        client("https://wix.test").proxy_from_env(true).environment([("https_proxy", "x:0"), ("no_proxy", no_proxy)])
    };
    assert_eq!(build(variables("").no_proxy("other.test, wix.test")), Ok(()));
    build(variables("*").no_proxy("")).unwrap_err();
    build(variables("wix.test").no_proxy("other.test")).unwrap_err();

    let server = Server::start(Reply::json(200, "{}")).unwrap();
    let nobody = refused_addr().unwrap();
    let through = |list: &str| client(server.url()).proxy(nobody.url()).no_proxy(list).build().unwrap().get_balance();
    for list in ["*", "127.0.0.1", "127.0.0.0/8", "other.test 127.0.0.1"] {
        through(list).unwrap();
    }
    for list in ["", "localhost", "10.0.0.0/8"] {
        assert!(through(list).unwrap_err().message().contains("the proxy"), "{list}");
    }
}
