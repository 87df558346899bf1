//! The parts that every work needs.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::ServerConfig;

use crate::certificate::Tls;
use crate::contender::{Contender, Running};
use crate::processors::Processors;
use crate::server::{Manner, Server};

/// The reference for calls: the bare socket, always on a plain connection.
pub(crate) const REFERENCE: &str = "bare socket";

/// The mark of a contender whose runtime starts threads.
pub(crate) const THREADED: &str = "threaded";

/// The parts that every work needs.
pub(crate) struct Bench {
    pub(crate) contenders: Vec<Contender>,
    pub(crate) rounds: usize,
    pub(crate) processors: Processors,
    pub(crate) tls: Tls,
    /// The authority of the server's certificate.
    pub(crate) ca_file: PathBuf,
    /// For what programs are to read or write.
    pub(crate) folder: PathBuf,
}

impl Bench {
    pub(super) fn serve(&self, manner: Manner, tls: Option<Arc<ServerConfig>>) -> Result<Server, String> {
        Server::start(manner, tls).map_err(|error| format!("the server: {error}"))
    }

    /// Starts a contender that speaks to this server.
    pub(super) fn start(
        &self,
        contender: &Contender,
        server: &Server,
        environment: &[(&'static str, String)],
    ) -> Result<Running, String> {
        let mut all = vec![
            ("AICREDITS_BASE_URL", server.url()),
            ("WIX_API_KEY", "IST.bench-not-a-key".to_owned()),
            ("WIX_ACCOUNT_ID", "0a1b2c3d-0000-4000-8000-00000000acc0".to_owned()),
        ];
        if server.has_tls() {
            // The second name is for Node, which ignores the first.
            all.extend(["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"].map(|name| (name, self.ca_file.display().to_string())));
        }
        all.extend_from_slice(environment);
        contender.start(&all)
    }
}
