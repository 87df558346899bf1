//! The clients: one for each key that the targets name.

use std::collections::BTreeMap;
use std::path::PathBuf;

use aicredits::Client;

use crate::client;
use crate::connection::Server;
use crate::exit::Failure;
use crate::fleet_args::{Balances, is_name};

/// Makes a client when a target first names its key.
pub(super) struct Keys<'a> {
    server: &'a Server,
    files: BTreeMap<&'a str, &'a PathBuf>,
    folder: Option<&'a PathBuf>,
    /// By name; the one without a name has the key of the variable.
    clients: BTreeMap<Option<String>, Client>,
}

/// Why a target has no client.
pub(super) enum NoClient {
    /// For the line of the target. It never has the text of the column, which may be a key.
    Reason(&'static str),
    Failed(Failure),
}

impl<'a> Keys<'a> {
    pub(super) fn new(args: &'a Balances) -> Self {
        let files = args.key.iter().map(|(name, file)| (name.as_str(), file)).collect();
        Self { server: &args.server, files, folder: args.keys.as_ref(), clients: BTreeMap::new() }
    }

    /// The client with the key of this name, or with that of the variable.
    pub(super) fn client(&mut self, name: Option<&str>) -> Result<Client, NoClient> {
        if let Some(client) = self.clients.get(&name.map(str::to_owned)) {
            return Ok(client.clone());
        }
        let file = match name {
            None => self.server.api_key_file.clone(),
            Some(name) => Some(self.file(name).map_err(NoClient::Reason)?),
        };
        let client = client::for_targets(self.server, file.as_deref()).map_err(NoClient::Failed)?;
        self.clients.insert(name.map(str::to_owned), client.clone());
        Ok(client)
    }

    fn file(&self, name: &str) -> Result<PathBuf, &'static str> {
        if !is_name(name) {
            return Err(
                "its key is no name of a key, and is not shown: give a name, and the key in a file with --key or --keys",
            );
        }
        match (self.files.get(name), self.folder) {
            (Some(file), _) => Ok(PathBuf::clone(file)),
            (None, Some(folder)) if folder.join(name).exists() => Ok(folder.join(name)),
            (None, Some(_)) => Err("the folder of --keys has no file with the name of its key"),
            (None, None) => Err("no --key NAME=FILE has the name of its key"),
        }
    }
}
