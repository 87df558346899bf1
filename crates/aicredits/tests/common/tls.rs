//! A certificate authority and an HTTPS server, for the tests over TLS.

// Each test program uses a part of it.
#![allow(dead_code)]

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use aicredits_emulator::script::{Listen, Reply, Script, Server, Tls};
use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection};

/// The name that the certificates are for.
pub(crate) const HOST: &str = "wix.test";

/// Signs certificates.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: Certificate,
}

/// The certificate and the key of a server.
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

    /// A certificate for `names` (or addresses), as `change` would have it.
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

fn config(identity: &Identity) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::try_from(identity.key.serialize_der()).unwrap();
    let chain = identity.chain.iter().map(|certificate| certificate.der().clone()).collect();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap();
    Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap())
}

/// The answer to a request, in one packet.
#[derive(Default)]
pub(crate) struct Answer {
    /// Each is a separate TLS record.
    pub(crate) records: Vec<Vec<u8>>,
    /// Then TLS's goodbye.
    pub(crate) says_goodbye: bool,
    /// Then bytes that are no TLS.
    pub(crate) junk: Vec<u8>,
    /// Then the connection's end.
    pub(crate) ends: bool,
}

impl Answer {
    /// One record, or as many as that takes.
    pub(crate) fn of(text: impl Into<Vec<u8>>) -> Self {
        Self { records: vec![text.into()], ..Self::default() }
    }

    fn reply(self) -> Reply {
        let mut reply = self.records.into_iter().fold(Reply::new(), Reply::send);
        if self.says_goodbye {
            reply = reply.close_notify();
        }
        reply = reply.send_unsealed(self.junk);
        // The end of TLS is what `says_goodbye` says, and nothing else.
        if self.ends { reply.close().without_close_notify() } else { reply }
    }
}

/// The scripted server over TLS.
pub(crate) struct TlsServer(Server);

impl TlsServer {
    /// Answers each request with an empty balance; each connection ends after `requests`.
    pub(crate) fn start(identity: Identity, requests: usize) -> Self {
        Self::answering(identity, move |_, number| Answer {
            ends: number + 1 == requests,
            ..Answer::of("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        })
    }

    /// Answers the request with this number, on the connection with that, both from 0.
    pub(crate) fn answering(
        identity: Identity,
        answer: impl Fn(usize, usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::with(identity.chain.iter().map(|certificate| certificate.der().to_vec()).collect(), &identity.key, answer)
    }

    /// With certificates of any bytes.
    pub(crate) fn start_with(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> Self {
        Self::with(chain.iter().map(|certificate| certificate.to_vec()).collect(), key, |_, _| Answer::default())
    }

    fn with(
        chain: Vec<Vec<u8>>,
        key: &KeyPair,
        answer: impl Fn(usize, usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let tls = Tls::with_certificate(chain, key.serialize_der()).unwrap();
        let script = Script::handler(move |request| answer(request.connection, request.ordinal).reply());
        Self(Server::listen(script, &Listen::over(tls)).unwrap())
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.addr().port()
    }

    pub(crate) fn connections(&self) -> usize {
        self.0.connections()
    }

    /// How many of them the client has not ended.
    pub(crate) fn open_connections(&self) -> usize {
        self.0.open_connections()
    }

    pub(crate) fn requests(&self) -> usize {
        self.0.requests()
    }

    /// How much was sent to it, within TLS.
    pub(crate) fn bytes(&self) -> usize {
        self.0.received_bytes() as usize
    }

    /// For each request, whether its connection resumed a session.
    pub(crate) fn resumed(&self) -> Vec<bool> {
        self.0.journal().iter().map(|request| request.tls_resumed).collect()
    }
}

/// Speaks TLS before a proxy that does not. It is a tunnel, which the scripted server is not.
pub(crate) struct TlsFront(SocketAddr);

impl TlsFront {
    pub(crate) fn start(identity: Identity, server: SocketAddr) -> Self {
        let config = config(&identity);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        thread::spawn(move || {
            for socket in listener.incoming() {
                let (socket, config) = (socket.unwrap(), Arc::clone(&config));
                thread::spawn(move || lead(socket, TcpStream::connect(server)?, config));
            }
        });
        Self(addr)
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.0
    }
}

/// Both ways, by a thread each: the session is locked only while nobody waits.
fn lead(mut socket: TcpStream, mut server: TcpStream, config: Arc<ServerConfig>) -> io::Result<()> {
    let session = Arc::new(Mutex::new(ServerConnection::new(config).map_err(io::Error::other)?));
    let written = |session: &mut ServerConnection| {
        let mut bytes = Vec::new();
        while session.wants_write() {
            session.write_tls(&mut bytes)?;
        }
        io::Result::Ok(bytes)
    };
    let back = thread::spawn({
        let (session, mut socket, mut server) = (Arc::clone(&session), socket.try_clone()?, server.try_clone()?);
        move || -> io::Result<()> {
            let mut buffer = [0; 4096];
            loop {
                let count = server.read(&mut buffer)?;
                let mut session = session.lock().unwrap();
                if count == 0 {
                    session.send_close_notify();
                }
                session.writer().write_all(&buffer[..count])?;
                let bytes = written(&mut session)?;
                socket.write_all(&bytes)?;
                if count == 0 {
                    return socket.shutdown(std::net::Shutdown::Both);
                }
            }
        }
    });
    let mut buffer = [0; 4096];
    loop {
        let count = socket.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        let (mut plain, mut bytes) = (Vec::new(), &buffer[..count]);
        let mut session = session.lock().unwrap();
        while !bytes.is_empty() {
            session.read_tls(&mut bytes)?;
            session.process_new_packets().map_err(io::Error::other)?;
            let _ = session.reader().read_to_end(&mut plain);
        }
        let bytes = written(&mut session)?;
        drop(session);
        socket.write_all(&bytes)?;
        server.write_all(&plain)?;
    }
    server.shutdown(std::net::Shutdown::Both)?;
    back.join().unwrap()
}
