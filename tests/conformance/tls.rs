//! TLS in front of the scripted server.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, Stream};
use tempfile::NamedTempFile;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Accepts this many connections and forwards each to a server without TLS. Its certificate is for 127.0.0.1 and
/// localhost, from an authority of this test.
pub(crate) struct TlsFront {
    pub(crate) addr: SocketAddr,
    pub(crate) ca_pem: String,
    ca_file: NamedTempFile,
}

impl TlsFront {
    pub(crate) fn start(server: SocketAddr, connections: usize) -> Result<Self> {
        let authority_key = KeyPair::generate()?;
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca_pem = authority.self_signed(&authority_key)?.pem();
        let mut ca_file = NamedTempFile::new()?;
        ca_file.write_all(ca_pem.as_bytes())?;

        let key = KeyPair::generate()?;
        let issuer = Issuer::new(authority, authority_key);
        let certificate =
            CertificateParams::new(["127.0.0.1", "localhost"].map(str::to_owned))?.signed_by(&key, &issuer)?;
        let key = PrivateKeyDer::try_from(key.serialize_der())?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)?;

        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let addr = listener.local_addr()?;
        thread::spawn(move || {
            let config = Arc::new(config);
            for client in listener.incoming().take(connections).flatten() {
                let config = Arc::clone(&config);
                // The client reports an error here.
                thread::spawn(move || exchange(client, config, server));
            }
        });
        Ok(Self { addr, ca_pem, ca_file })
    }

    pub(crate) fn ca_file(&self) -> String {
        self.ca_file.path().to_string_lossy().into_owned()
    }
}

/// One request, and a reply that ends with its connection.
fn exchange(mut client: TcpStream, config: Arc<ServerConfig>, server: SocketAddr) -> io::Result<()> {
    let mut session = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut stream = Stream::new(&mut session, &mut client);
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    while !request.ends_with(b"{}") {
        let count = stream.read(&mut chunk)?;
        if count == 0 {
            return Ok(());
        }
        request.extend_from_slice(&chunk[..count]);
    }
    let mut server = TcpStream::connect(server)?;
    server.write_all(&request)?;
    let mut reply = Vec::new();
    server.read_to_end(&mut reply)?;
    stream.write_all(&reply)?;
    stream.conn.send_close_notify();
    stream.flush()
}
