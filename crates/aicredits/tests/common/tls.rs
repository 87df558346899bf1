//! A certificate authority and an HTTPS server, for the tests over TLS.

// Each test program uses a part of it.
#![allow(dead_code)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::{HandshakeKind, ServerConfig, ServerConnection, Stream};

/// The name that the certificates are for.
pub(crate) const HOST: &str = "wix.test";

/// Signs certificates.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: Certificate,
}

/// What a server proves itself with.
pub(crate) struct Identity {
    pub(crate) chain: Vec<Certificate>,
    pub(crate) key: KeyPair,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let params = ca_params(name);
        let certificate = params.self_signed(&key).unwrap();
        Self { issuer: Issuer::new(params, key), certificate }
    }

    pub(crate) fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// A certificate for `names`, as `change` would have it.
    pub(crate) fn identity(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
        params.distinguished_name.push(DnType::CommonName, "a server");
        change(&mut params);
        Identity { chain: vec![params.signed_by(&key, &self.issuer).unwrap()], key }
    }
}

pub(crate) fn ca_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    params
}

/// A server that answers each request over TLS with an empty balance.
pub(crate) struct TlsServer {
    addr: SocketAddr,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    bytes: AtomicUsize,
    handshakes: Mutex<Vec<HandshakeKind>>,
}

impl TlsServer {
    /// Each connection ends after `requests`.
    pub(crate) fn start(identity: Identity, requests: usize) -> Self {
        let key = PrivateKeyDer::try_from(identity.key.serialize_der()).unwrap();
        let chain = identity.chain.iter().map(|certificate| certificate.der().clone()).collect();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (addr, seen) = (listener.local_addr().unwrap(), Arc::new(Seen::default()));
        thread::spawn({
            let seen = Arc::clone(&seen);
            move || {
                for socket in listener.incoming() {
                    let (mut socket, config, seen) = (socket.unwrap(), Arc::clone(&config), Arc::clone(&seen));
                    seen.connections.fetch_add(1, Ordering::SeqCst);
                    thread::spawn(move || {
                        let mut session = ServerConnection::new(config).unwrap();
                        let mut stream = Stream::new(&mut session, &mut socket);
                        let (mut buffer, mut held, mut left) = ([0; 4096], Vec::new(), requests);
                        while left > 0
                            && let Ok(count @ 1..) = stream.read(&mut buffer)
                        {
                            seen.bytes.fetch_add(count, Ordering::SeqCst);
                            held.extend_from_slice(&buffer[..count]);
                            if held.ends_with(b"{}") {
                                held.clear();
                                left -= 1;
                                seen.handshakes.lock().unwrap().extend(stream.conn.handshake_kind());
                                let reply = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
                                stream.write_all(reply).unwrap();
                            }
                        }
                    });
                }
            }
        });
        Self { addr, seen }
    }

    pub(crate) fn port(&self) -> u16 {
        self.addr.port()
    }

    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// How much was sent to it, within TLS.
    pub(crate) fn bytes(&self) -> usize {
        self.seen.bytes.load(Ordering::SeqCst)
    }

    /// For each request, the handshake of its connection.
    pub(crate) fn handshakes(&self) -> Vec<HandshakeKind> {
        self.seen.handshakes.lock().unwrap().clone()
    }
}
