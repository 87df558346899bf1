//! TLS: the authorities that a client trusts, and its errors for others. Row H10 of the hazards.

use std::net::{IpAddr, Ipv4Addr};
use std::process::Command;
use std::time::Duration;

use aicredits::{ClientBuilder, Error, ErrorKind, Phase};
use aicredits_emulator::script::{Reply, Script, Server};
use rcgen::{IsCa, KeyPair, date_time_ymd};
use rustix::fs::{CWD, FileType, Mode, mknodat};

use common::client;
use tls::{Authority, HOST, Identity, TlsServer, ca_params};

mod common;
#[path = "common/tls.rs"]
mod tls;

const PATIENCE: Duration = Duration::from_secs(20);
const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A client of the server at `port` under the name that its certificate should have. It would repeat what may be.
fn https(port: u16) -> ClientBuilder {
    client(format!("https://{HOST}:{port}")).lookup(|_| Ok(vec![LOCALHOST])).timeout(PATIENCE).max_retries(2)
}

#[test]
fn a_client_trusts_the_authorities_it_is_given() {
    let authority = Authority::new("Acme Root");
    let server = TlsServer::start(authority.identity(&[HOST], |_| ()), usize::MAX);
    let both = Authority::new("Other Root").pem() + &authority.pem();
    let client = https(server.port()).ca_pem(both).build().unwrap();
    for _ in 0..3 {
        client.get_balance().unwrap();
    }
    assert_eq!(server.connections(), 1);

    let file = std::env::temp_dir().join(format!("aicredits-ca-{}.pem", std::process::id()));
    std::fs::write(&file, authority.pem()).unwrap();
    let client = https(server.port()).ca_file(&file).build();
    std::fs::remove_file(&file).unwrap();
    client.unwrap().get_balance().unwrap();
}

#[test]
fn a_later_connection_resumes_the_session() {
    let authority = Authority::new("Acme Root");
    let server = TlsServer::start(authority.identity(&[HOST], |_| ()), 1);
    let client = https(server.port()).ca_pem(authority.pem()).build().unwrap();
    for _ in 0..3 {
        client.get_balance().unwrap();
    }
    assert_eq!(server.resumed(), [false, true, true]);
}

/// The error of a client that trusts `trusted` alone and meets `identity`: one attempt, and not a byte of HTTP.
fn refusal(trusted: &Authority, identity: Identity) -> Error {
    let server = TlsServer::start(identity, usize::MAX);
    let error = https(server.port()).ca_pem(trusted.pem()).build().unwrap().get_balance().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
    assert_eq!((error.attempts().len(), error.attempts()[0].phase()), (1, Phase::Tls), "{error}");
    assert_eq!((server.connections(), server.bytes()), (1, 0), "{error}");
    assert!(error.message().contains(HOST), "{error}");
    error
}

#[test]
fn h10_a_certificate_that_is_refused_is_refused_once_and_explained() {
    let ours = Authority::new("Acme Root");
    let theirs = Authority::new("Mallory \u{1b}[2J Root");
    let self_signed = {
        let key = KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec![HOST.to_owned()]).unwrap();
        Identity { chain: vec![params.self_signed(&key).unwrap()], key }
    };
    let authority_as_leaf = {
        let key = KeyPair::generate().unwrap();
        let mut params = ca_params("Acme Root");
        params.subject_alt_names = rcgen::CertificateParams::new(vec![HOST.to_owned()]).unwrap().subject_alt_names;
        Identity { chain: vec![params.self_signed(&key).unwrap()], key }
    };
    let cases: [(&str, Identity, &[&str]); 8] = [
        ("wrong host", ours.identity(&["other.test"], |_| ()), &["other.test", "base_url", "issued by Acme Root"]),
        ("no name", ours.identity(&[], |_| ()), &["base_url"]),
        (
            "expired",
            ours.identity(&[HOST], |params| params.not_after = date_time_ymd(2020, 1, 1)),
            &["expired", "clock", "issued by Acme Root"],
        ),
        (
            "not yet valid",
            ours.identity(&[HOST], |params| params.not_before = date_time_ymd(2999, 1, 1)),
            &["not valid yet", "clock"],
        ),
        ("unknown authority", theirs.identity(&[HOST], |_| ()), &["issued by Mallory \\u{1b}[2J Root", "ca_file"]),
        ("self-signed", self_signed, &["issued by rcgen self signed cert", "ca_file"]),
        ("authority as leaf", authority_as_leaf, &["issued by Acme Root", "ca_file"]),
        (
            "authority as leaf, signed",
            ours.identity(&[HOST], |params| params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained)),
            &["issued by Acme Root", "ca_file"],
        ),
    ];
    for (case, identity, parts) in cases {
        let error = refusal(&ours, identity);
        for part in parts {
            assert!(error.message().contains(part), "{case}: no {part:?} in {error}");
        }
    }
}

/// A certificate of X.509 version 1: version 3 and its extensions are taken out. The signature no longer fits, but the
/// version is looked at first.
fn of_version_1(certificate: &[u8]) -> Vec<u8> {
    let content = |bytes: &[u8]| match bytes[1] {
        0x82 => (4, usize::from(bytes[2]) << 8 | usize::from(bytes[3])),
        0x81 => (3, bytes[2].into()),
        length => (2, length.into()),
    };
    let sequence = |content: &[u8]| {
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        let head: &[u8] = if length[0] == 0 { &[0x30, 0x81, length[1]] } else { &[0x30, 0x82, length[0], length[1]] };
        [head, content].concat()
    };
    let (head, _) = content(certificate);
    let to_be_signed = &certificate[head..];
    let (inner_head, inner) = content(to_be_signed);
    let rest = &to_be_signed[inner_head + inner..];
    // `[0] { INTEGER 2 }` is the version; the extensions are `[3]`, and last.
    let mut fields = &to_be_signed[inner_head + 5..inner_head + inner];
    let mut kept = Vec::new();
    while !fields.is_empty() {
        let (head, length) = content(fields);
        let (field, others) = fields.split_at(head + length);
        if field[0] != 0xa3 {
            kept.extend_from_slice(field);
        }
        fields = others;
    }
    sequence(&[&sequence(&kept), rest].concat())
}

/// Of the server and of a proxy: each is blamed for its own certificate, in words that help.
#[test]
fn a_bad_certificate_is_blamed_on_the_side_that_has_it() {
    let ours = Authority::new("Acme Root");
    let lacks = ["Other(", "UnknownIssuer", "DnsName", "Context", "Error", "://"];
    type Change = fn(&mut rcgen::CertificateParams);
    let cases: [(&str, Change, &str); 6] = [
        (
            "for clients only",
            |it| it.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth],
            "serverAuth",
        ),
        ("an authority's", |it| it.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained), "an authority's own"),
        ("expired", |it| it.not_after = date_time_ymd(2020, 1, 1), "has expired on 2020-01-01"),
        ("not yet valid", |it| it.not_before = date_time_ymd(2999, 1, 1), "not valid yet, but from 2999-01-01"),
        (
            "another name",
            |it| it.subject_alt_names = vec![rcgen::SanType::DnsName("other.test".try_into().unwrap())],
            "is for other.test, not",
        ),
        (
            "a critical extension",
            |it| {
                let mut extension = rcgen::CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
                extension.set_criticality(true);
                it.custom_extensions.push(extension);
            },
            "a part that is not supported",
        ),
    ];
    for (case, change, what) in cases {
        let error = refusal(&ours, ours.identity(&[HOST], change));
        assert!(error.message().contains(what), "{case}: {error}");
        assert!(!lacks.iter().any(|part| error.message().contains(part)), "{case}: {error}");
        assert!(!error.message().contains("proxy"), "{case}: {error}");

        let proxy = TlsServer::start(ours.identity(&["proxy.test"], change), usize::MAX);
        let name = format!("proxy.test:{}", proxy.port());
        let client = https(1).proxy(format!("https://{name}")).ca_pem(ours.pem()).build().unwrap();
        let error = client.get_balance().unwrap_err();
        assert_eq!((error.kind(), error.attempts().len(), proxy.bytes()), (ErrorKind::Tls, 1, 0), "{error}");
        assert!(error.message().contains(&format!("no trusted connection to the proxy {name}: ")), "{case}: {error}");
        assert!(error.message().contains(what), "{case}: {error}");
        assert!(!error.message().contains("base_url") && !error.message().contains("server's"), "{case}: {error}");
        assert!(!lacks.iter().any(|part| error.message().contains(part)), "{case}: {error}");
    }
}

#[test]
fn a_certificate_of_version_1_is_named_so() {
    let ours = Authority::new("Acme Root");
    let mut identity = ours.identity(&[HOST], |_| ());
    let version_1 = of_version_1(identity.chain.remove(0).der());
    let server = TlsServer::start_with(vec![version_1.into()], &identity.key);
    let error = https(server.port()).ca_pem(ours.pem()).build().unwrap().get_balance().unwrap_err();
    assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::Tls, 1), "{error}");
    assert!(error.message().contains("not of X.509 version 3; the server's operator must replace it"), "{error}");
}

#[test]
fn a_trust_store_that_fails_fails_in_the_tls_phase() {
    let client = https(1).environment([("SSL_CERT_FILE", "/nowhere")]).build().unwrap();
    let error = client.get_balance().unwrap_err();
    assert_eq!((error.kind(), error.attempts()[0].phase()), (ErrorKind::Tls, Phase::Tls), "{error}");
    let client = https(1).environment([("SSL_CERT_FILE", "/nowhere")]).surface(aicredits::Surface::Go).build().unwrap();
    assert!(client.get_balance().unwrap_err().message().contains("or set WithCAFile ("), "{error}");
}

#[test]
fn pem_that_is_cut_prints_no_bytes() {
    let whole = Authority::new("Acme Root").pem();
    let build = |pem: String| https(1).ca_pem(pem).build().unwrap_err().to_string();
    for (pem, says) in [
        (whole[..200].to_owned(), "is it cut off?"),
        (whole.replace("-----END CERTIFICATE-----\n", ""), "is it cut off?"),
        (whole.replace("BEGIN CERTIFICATE-----", "BEGIN CERTIFICATE"), ""),
        (whole.replacen("MII", "%%%", 1), "not base64"),
        (whole.replacen("MII", "AAA", 1), "not usable"),
    ] {
        let message = build(pem);
        assert!(message.starts_with("ca_pem ") && message.contains(says), "{message}");
        assert!(!message.contains("[45") && !message.contains("Error"), "{message}");
    }
}

#[test]
fn h10_an_old_tls_is_refused_once() {
    // A ServerHello of TLS 1.1, as far as a client reads it.
    let mut hello = vec![22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2];
    hello.extend([0; 32]);
    hello.extend([0, 0xc0, 0x13, 0]);
    for refused in [Reply::raw(hello), Reply::raw(b"\x15\x03\x01\x00\x02\x02\x46").close()] {
        let script = Script::from(Reply::new()).on_connect(move |_| refused.clone());
        let server = Server::start(script).unwrap();
        let error = https(server.addr().port()).build().unwrap().get_balance().unwrap_err();
        assert_eq!((error.kind(), error.attempts().len(), server.connections()), (ErrorKind::Tls, 1, 1), "{error}");
        assert_eq!(server.requests(), 0);
    }
}

#[test]
fn authorities_that_cannot_be_read_are_refused_by_name() {
    let build = |set: ClientBuilder| set.build().unwrap_err();
    for (error, parts) in [
        (build(https(1).ca_file("/nowhere/ca.pem")), ["ca_file", "/nowhere/ca.pem"]),
        (build(https(1).ca_pem("")), ["ca_pem", "holds no certificate"]),
        (
            build(https(1).ca_pem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")),
            ["ca_pem", "usable"],
        ),
        (build(https(1).ca_pem("-----BEGIN CERTIFICATE-----\n%%%")), ["ca_pem", "PEM"]),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        for part in parts {
            assert!(error.message().contains(part), "{error}");
        }
    }
}

/// The environment can name the system's roots, so this runs in separate processes.
#[test]
fn the_environment_names_the_systems_roots() {
    const PORT: &str = "AICREDITS_TEST_PORT";
    if let Ok(port) = std::env::var(PORT) {
        let outcome = https(port.parse().unwrap()).build().unwrap().get_balance();
        println!("outcome: {:?}", outcome.map_err(|error| error.to_string()));
        return;
    }
    let authority = Authority::new("Acme Root");
    let server = TlsServer::start(authority.identity(&[HOST], |_| ()), usize::MAX);
    let directory = std::env::temp_dir().join(format!("aicredits-roots-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let (good, empty) = (directory.join("good.pem"), directory.join("empty.pem"));
    std::fs::write(&good, authority.pem()).unwrap();
    std::fs::write(&empty, "").unwrap();
    let (full, bare) = (directory.join("full"), directory.join("bare"));
    std::fs::create_dir_all(&full).unwrap();
    std::fs::create_dir_all(&bare).unwrap();
    std::fs::write(full.join("0a1b2c3d.0"), authority.pem()).unwrap();
    for (variables, expected) in [
        (vec![("SSL_CERT_DIR", &full)], "Ok("),
        (vec![("SSL_CERT_DIR", &bare)], "SSL_CERT_DIR is set and leads to no certificate"),
        (vec![("SSL_CERT_FILE", &good)], "Ok("),
        (vec![("SSL_CERT_FILE", &empty)], "SSL_CERT_FILE is set and leads to no certificate"),
        (vec![], "issued by Acme Root"),
    ] {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "the_environment_names_the_systems_roots", "--nocapture"])
            .env_remove("SSL_CERT_FILE")
            .env_remove("SSL_CERT_DIR")
            .env(PORT, server.port().to_string())
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout);
        assert!(said.contains(expected), "{variables:?}: {said}");
    }
    std::fs::remove_dir_all(&directory).unwrap();
}

/// Files that block or never end, and variables that are set to nothing.
#[test]
fn the_files_that_the_environment_names_never_block() {
    let authority = Authority::new("Acme Root");
    let server = TlsServer::start(authority.identity(&[HOST], |_| ()), usize::MAX);
    let folder = std::env::temp_dir().join(format!("aicredits-named-{}", std::process::id()));
    let mixed = folder.join("mixed");
    std::fs::create_dir_all(&mixed).unwrap();
    let good = folder.join("good.pem");
    std::fs::write(&good, authority.pem()).unwrap();
    std::fs::write(mixed.join("0a1b2c3d.0"), authority.pem()).unwrap();
    std::fs::write(mixed.join("damaged.pem"), "-----BEGIN CERTIFICATE-----\n%%%").unwrap();
    std::fs::File::create(mixed.join("huge.pem")).unwrap().set_len((16 << 20) + 1).unwrap();
    std::os::unix::fs::symlink("/dev/zero", mixed.join("device.pem")).unwrap();
    std::os::unix::fs::symlink("nowhere", mixed.join("dangling.pem")).unwrap();
    for fifo in [folder.join("fifo"), mixed.join("fifo.pem")] {
        mknodat(CWD, &fifo, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    }
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (good, mixed, both) = (path("good.pem"), path("mixed"), format!(":/nowhere:{}", path("mixed")));
    let file_fails = "SSL_CERT_FILE is set and leads to no certificate";
    for (variables, expected) in [
        (vec![("SSL_CERT_FILE", good.as_str())], "balance"),
        (vec![("SSL_CERT_FILE", &good), ("SSL_CERT_DIR", "")], "balance"),
        (vec![("SSL_CERT_FILE", ""), ("SSL_CERT_DIR", &mixed)], "balance"),
        (vec![("SSL_CERT_DIR", &both)], "balance"),
        (vec![("SSL_CERT_FILE", &path("fifo")), ("SSL_CERT_DIR", &mixed)], "balance"),
        (vec![("SSL_CERT_FILE", "")], "issued by Acme Root"),
        (vec![("SSL_CERT_DIR", "")], "issued by Acme Root"),
        (vec![("SSL_CERT_FILE", ""), ("SSL_CERT_DIR", "")], "issued by Acme Root"),
        (vec![("SSL_CERT_FILE", &path("fifo"))], file_fails),
        (vec![("SSL_CERT_FILE", "/dev/zero")], file_fails),
        (vec![("SSL_CERT_FILE", "/dev/random")], file_fails),
        (vec![("SSL_CERT_FILE", &mixed)], file_fails),
        (vec![("SSL_CERT_FILE", &path("mixed/huge.pem"))], file_fails),
        (vec![("SSL_CERT_FILE", &path("mixed/damaged.pem"))], file_fails),
        (vec![("SSL_CERT_FILE", "/nowhere\u{1b}[31m")], "/nowhere\\u{1b}[31m: No such file"),
        (vec![("SSL_CERT_DIR", ":")], "SSL_CERT_DIR is set and leads to no certificate"),
        (vec![("SSL_CERT_DIR", "/nowhere")], "SSL_CERT_DIR is set and leads to no certificate"),
    ] {
        let client = https(server.port()).environment(variables.iter().copied()).build().unwrap();
        let outcome = client.get_balance().map_or_else(|error| error.to_string(), |_| "balance".to_owned());
        assert!(outcome.contains(expected), "{variables:?}: {outcome}");
    }
    let error = https(server.port()).ca_file(folder.join("fifo")).build().unwrap_err();
    assert!(error.message().starts_with("ca_file cannot be read"), "{error}");
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Two clients made with different variables trust different authorities.
#[test]
fn authorities_are_kept_by_the_names_that_the_environment_gave() {
    let folder = std::env::temp_dir().join(format!("aicredits-kept-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let authorities: Vec<Authority> = (0..10).map(|number| Authority::new(&format!("Root {number}"))).collect();
    let servers = authorities.iter().map(|it| TlsServer::start(it.identity(&[HOST], |_| ()), usize::MAX));
    let servers: Vec<TlsServer> = servers.collect();
    let files: Vec<_> = (0..10).map(|number| folder.join(format!("{number}.pem"))).collect();
    for (file, authority) in files.iter().zip(&authorities) {
        std::fs::write(file, authority.pem()).unwrap();
    }
    for _ in 0..2 {
        for (number, file) in files.iter().enumerate() {
            let trusting = |port| https(port).environment([("SSL_CERT_FILE", file)]).build().unwrap().get_balance();
            trusting(servers[number].port()).unwrap();
            let error = trusting(servers[(number + 1) % 10].port()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
