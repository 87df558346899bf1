//! A key that was used against an emulator is found nowhere: not in what the emulator shows, and after
//! `aicredits_emulator_free` not in the memory of its process.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use aicredits_tests::Linked;
use base64::prelude::{BASE64_STANDARD_NO_PAD, Engine};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion};

use crate::remains::{Process, Texts};

const BALANCE: &str = "/appmarket/credittransactions/v1/credit-transactions/balance";
const PAID_ACTION: &str = "/_emulator/paid-action";

#[test]
fn a_key_is_found_nowhere_with_the_shared_library() {
    found_nowhere(Linked::Shared);
}

#[test]
fn a_key_is_found_nowhere_with_the_archive() {
    found_nowhere(Linked::Static);
}

fn found_nowhere(linked: Linked) {
    let mut process = Process::start(linked);
    let mut keys = Texts::default();
    let mut open = Vec::new();
    for (at, tls) in [false, true].into_iter().enumerate() {
        let mut emulator = Emulator::start(&mut process, at, tls, &mut keys);
        open.push(emulator.is_used(&mut keys));
        emulator.shows_none(&keys);
    }
    process.ask("free");
    drop(open);
    assert_eq!(process.memory(&keys), BTreeSet::new(), "parts of keys are in the memory");

    // Only now, because they take the place of what was there.
    let mut canaries = Texts::default();
    for command in CANARIES {
        let canary = canaries.secret(command);
        assert_eq!(process.ask(&format!("{command} {canary}")).0, 0);
    }
    let is_found =
        |found: &BTreeSet<String>, name: &str| found.iter().any(|run| run.starts_with(&format!("{name} from")));
    let found = process.memory(&canaries);
    CANARIES
        .iter()
        .for_each(|name| assert!(is_found(&found, name), "{name}: the search of the memory finds what is there"));
    let mut all = canaries;
    all.extend(keys);
    match process.core(&all) {
        Ok(mut found) => {
            CANARIES.iter().for_each(|name| assert!(is_found(&found, name), "{name}: the core file has what is there"));
            found.retain(|run| !CANARIES.iter().any(|name| run.starts_with(name)));
            assert_eq!(found, BTreeSet::new(), "parts of keys are in the core file");
        }
        Err(why) => println!("no core file was written: {why}. The memory was searched in place of it."),
    }
}

/// The process keeps a text, and leaves one in a block that is freed, and one on the stack of a thread that ends.
const CANARIES: [&str; 3] = ["keep", "leave", "leave_on_a_stack"];

impl Texts {
    /// A new secret that is searched for, in base64 too.
    fn secret(&mut self, name: &str) -> String {
        // Random, so that no file or program has a part of it.
        let digits = std::iter::repeat_with(|| format!("{:016x}", RandomState::new().hash_one(name)));
        let secret = format!("IST.{}", digits.take(3).collect::<String>());
        let random = &secret[4..];
        self.add(name, random);
        for before in ["", ".", "T."] {
            // Without the ends, which depend on what is around.
            let encoded = BASE64_STANDARD_NO_PAD.encode(format!("{before}{random}"));
            self.add(&format!("{name} in base64"), &encoded[4..encoded.len() - 4]);
        }
        secret
    }
}

struct Emulator<'p> {
    process: &'p mut Process,
    at: usize,
    url: String,
    account: String,
    token: String,
    tls: Option<String>,
}

impl<'p> Emulator<'p> {
    fn start(process: &'p mut Process, at: usize, tls: bool, keys: &mut Texts) -> Self {
        let token = keys.secret("token");
        let key = keys.secret("key of the scenario");
        let scenario = scenario(&key);
        let started =
            process.ask(&format!(r#"start {at} {{"scenario":{scenario},"tls":{tls},"control_token":"{token}"}}"#));
        assert_eq!(started, (0, String::new()));
        let mut setting = |name: &str| process.ask(&format!("setting {at} {name}")).1;
        let (url, account) = (setting("url"), setting("account_id"));
        assert_eq!(setting("api_key"), key);
        let tls = tls.then(|| setting("ca_pem"));
        let emulator = Self { process, at, url, account, token, tls };
        assert_eq!(emulator.balance(&key, ""), 200);
        emulator
    }

    /// Keys of all kinds, in all places. The connection is in the middle of a request.
    fn is_used(&mut self, keys: &mut Texts) -> Connection {
        let [in_process, replaced, over_http, of_a_reset, unknown, in_bearer] =
            ["key in the process", "replaced key", "key over HTTP", "key of a reset", "unknown key", "Bearer"]
                .map(|name| keys.secret(name));
        let known = |secret: &str| format!(r#"{{"name":"used","accounts":["{ACCOUNT}"],"secret":"{secret}"}}"#);
        for secret in [&replaced, &in_process] {
            assert_eq!(self.control("key", &known(secret)), 200);
            assert_eq!(self.balance(secret, ""), 200);
        }
        for wrong in
            [&known(&in_process).replace("used", "other"), &known(&keys.secret("wrong key")).replace("name", "x")]
        {
            assert!([400, 409].contains(&self.control("key", wrong)), "{wrong}");
        }
        let over = known(&over_http).replace("used", "over");
        let authorization = format!("Authorization: Bearer {}\r\n", self.token);
        assert_eq!(self.post("/_emulator/key", &authorization, &over), 200);
        assert_eq!(self.control("state", "{}"), 200);
        assert_eq!(self.balance(&unknown, ""), 401);
        assert_eq!(self.balance(&format!("Bearer {in_bearer}"), ""), 401);
        for key in [&in_process, &over_http, &unknown] {
            self.leaks(key);
        }
        let reset = format!(r#"{{"scenario":{}}}"#, scenario(&of_a_reset));
        assert_eq!(self.post("/_emulator/reset", &authorization, &reset), 200);
        assert_eq!(self.balance(&of_a_reset, ""), 200);
        for key in [&of_a_reset, &unknown] {
            self.leaks(key);
        }
        let mut open = self.connect();
        let key = keys.secret("key of half a request");
        write!(
            open,
            "POST {BALANCE} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {key}\r\nContent-Length: 900\r\n\r\n{key}"
        )
        .unwrap();
        open.flush().unwrap();
        open
    }

    /// A client that sends its key everywhere, and one whose requests are refused.
    fn leaks(&self, key: &str) {
        let encoded = format!("%{:02x}{}", key.as_bytes()[0], &key[1..]);
        for target in [key, &encoded] {
            self.post(&format!("{BALANCE}?key={target}"), &authorization(key), "{}");
        }
        self.post(BALANCE, &format!("{}X-{key}: \u{e9}{key}\r\nX-Other: {key}\r\n", authorization(key)), "{}");
        let escaped = format!("\\u{:04x}{}", key.as_bytes()[0], &key[1..]);
        let large = " ".repeat(300 << 10);
        for body in [key, &escaped, &format!("{large}{key}")] {
            let body = format!(r#"{{"cost":1,"idempotency_key":"{body}"}}"#);
            self.post(PAID_ACTION, &authorization(key), &body);
            self.post(BALANCE, &authorization(key), &body);
        }
        self.post("/_emulator/spend", &authorization(key), &format!(r#"{{"cost":"{key}"}}"#));
        let head = format!("POST {BALANCE} HTTP/1.1\r\nHost: localhost\r\n{}", authorization(key));
        let pieces: String = key
            .as_bytes()
            .chunks(20)
            .map(|piece| format!("{:x}\r\n{}\r\n", piece.len(), piece.escape_ascii()))
            .collect();
        for (request, status) in [
            (format!("{head}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n{pieces}0\r\n\r\n"), None),
            (format!("{head}Content-Length: 1\r\nContent-Length: 2\r\n\r\n{key}"), Some(400)),
            (format!("{head}Content-Length: 9999999\r\n\r\n{key}"), Some(413)),
            (format!("{head}X: {}\r\n\r\n", key.repeat(2000)), Some(431)),
            (format!("{key} {key}\r\n\r\n"), Some(400)),
            (format!("{head}\r\n{head}Connection: close\r\n\r\n{key}"), None),
        ] {
            let answered = self.send(request.as_bytes());
            assert!(status.is_none_or(|status| answered == status), "{answered} and not {status:?}");
        }
        // A client that sends on after it was refused.
        let mut connection = self.connect();
        write!(connection, "{head}Content-Length: 9999999\r\n\r\n").unwrap();
        connection.flush().unwrap();
        connection.read_exact(&mut [0]).unwrap();
        write!(connection, "{key}").unwrap();
        connection.flush().unwrap();
        // A client that leaves in the middle.
        self.connect().write_all(head.as_bytes()).unwrap();
    }

    /// The journal, the verdict and the page have none of the keys. The state has those of the ledger.
    fn shows_none(&mut self, keys: &Texts) {
        for action in ["journal", "verdict"] {
            let (status, text) = self.process.ask(&format!("control {} {action} {{}}", self.at));
            assert_eq!((status, keys.within(text.as_bytes())), (200, BTreeSet::new()), "{action}");
        }
        let mut page = Vec::new();
        let mut connection = self.connect();
        write!(
            connection,
            "GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n",
            self.token
        )
        .unwrap();
        connection.flush().unwrap();
        connection.read_to_end(&mut page).unwrap();
        assert!(page.starts_with(b"HTTP/1.1 200"), "{}", page.escape_ascii());
        assert_eq!(keys.within(&page), BTreeSet::new(), "the page");
    }

    fn control(&mut self, action: &str, request: &str) -> i32 {
        self.process.ask(&format!("control {} {action} {request}", self.at)).0
    }

    fn balance(&self, key: &str, headers: &str) -> u16 {
        self.post(BALANCE, &format!("{}{headers}", authorization(key)), "{}")
    }

    fn post(&self, target: &str, headers: &str, body: &str) -> u16 {
        let account = &self.account;
        let request = format!(
            "POST {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nwix-account-id: {account}\r\n{headers}\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.send(request.as_bytes())
    }

    /// The status of the first reply.
    fn send(&self, request: &[u8]) -> u16 {
        let mut connection = self.connect();
        connection.write_all(request).unwrap();
        connection.flush().unwrap();
        let mut reply = Vec::new();
        // An error is the end, too: a refused client may still have bytes on the way.
        let _ = connection.read_to_end(&mut reply);
        let text = String::from_utf8_lossy(&reply);
        text.get(9..12).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("no status: {text}"))
    }

    /// Every other connection over TLS has another version.
    fn connect(&self) -> Connection {
        let (_, addr) = self.url.split_once("://").unwrap();
        let stream = TcpStream::connect(addr).unwrap();
        let Some(ca_pem) = &self.tls else { return Connection::Plain(stream) };
        let version = if stream.local_addr().unwrap().port() & 2 == 0 {
            &rustls::version::TLS12
        } else {
            &rustls::version::TLS13
        };
        let name = ServerName::try_from("localhost").unwrap();
        let session = ClientConnection::new(config(ca_pem, version), name).unwrap();
        Connection::Tls(Box::new(StreamOwned::new(session, stream)))
    }
}

const ACCOUNT: &str = "0a1b2c3d-0000-4000-8000-00000000acc0";

fn scenario(secret: &str) -> String {
    format!(
        r#"{{"version":1,"accounts":[{{"account":"{ACCOUNT}"}}],"keys":[{{"name":"first","accounts":["{ACCOUNT}"],"secret":"{secret}"}}]}}"#
    )
}

fn authorization(key: &str) -> String {
    format!("Authorization: {key}\r\n")
}

fn config(ca_pem: &str, version: &'static SupportedProtocolVersion) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[version]).unwrap();
    Arc::new(config.with_root_certificates(roots).with_no_client_auth())
}

enum Connection {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Read for Connection {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(bytes),
            Self::Tls(stream) => stream.read(bytes),
        }
    }
}

impl Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}
