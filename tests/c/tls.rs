//! The scripted server over TLS, for programs that read its certificate authority from a file.

use std::io::Write;

use aicredits_emulator::script::{Listen, Reply, Server, Tls};
use tempfile::NamedTempFile;

/// A server with a certificate for 127.0.0.1 and localhost.
pub(crate) struct TlsServer {
    server: Server,
    ca_file: NamedTempFile,
}

impl TlsServer {
    /// Answers each request with this body, and then ends the connection: each call needs a handshake.
    pub(crate) fn start(body: &str) -> Self {
        let tls = Tls::generate(None).unwrap();
        let mut ca_file = NamedTempFile::new().unwrap();
        ca_file.write_all(tls.ca_pem().unwrap_or_default().as_bytes()).unwrap();
        let server = Server::listen(Reply::json(200, body).close(), &Listen::over(tls)).unwrap();
        Self { server, ca_file }
    }

    /// At an address.
    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// By a name, which is looked up.
    pub(crate) fn url_by_name(&self) -> String {
        self.url().replace("127.0.0.1", "localhost")
    }

    pub(crate) fn ca_file(&self) -> String {
        self.ca_file.path().to_string_lossy().into_owned()
    }
}
