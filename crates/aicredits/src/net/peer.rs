//! The peers of a client's connections, as messages and log records name them.

/// One end of a connection.
pub(crate) struct Peer {
    /// Such as `www.wixapis.com` or `the proxy 127.0.0.1:3128`.
    pub(crate) name: String,
    /// The setting or the variable that names it, for advice.
    pub(crate) named_by: String,
}

/// The names of a client and of its peers.
pub(crate) struct Names {
    /// The client's, for log records. It may be empty.
    pub(crate) client: String,
    pub(crate) server: Peer,
    pub(crate) proxy: Option<Peer>,
    /// How messages name the limit of calls in flight: `one of 64 places`, and the setting.
    pub(crate) permit: String,
}

impl Names {
    /// Writes a log record, which names the client.
    pub(crate) fn record(&self, level: log::Level, what: std::fmt::Arguments<'_>) {
        let name = &self.client;
        let colon = if name.is_empty() { "" } else { ": " };
        log::log!(target: "aicredits", level, "{name}{colon}{what}");
    }
}
