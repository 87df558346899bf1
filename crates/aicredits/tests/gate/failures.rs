//! The errors that a reading may bring, made as a program gets them: from a server, or from none.

use std::sync::OnceLock;

use aicredits::{Client, Error};
use aicredits_emulator::script::{Reply, Server, refused_addr};

fn error(url: String) -> Error {
    let builder = Client::builder().api_key("IST.not-a-key").account("8b1c0c4e-0000-4000-8000-00000000acc0");
    builder.base_url(url).max_retries(0).build().unwrap().get_balance().unwrap_err()
}

/// The error of a reading that is answered so.
pub(crate) fn failure(reply: Reply) -> Error {
    let server = Server::start(reply).unwrap();
    error(server.url())
}

/// One error of each kind that passes: the next reading may succeed.
pub(crate) fn failures() -> &'static [Error] {
    static FAILURES: OnceLock<Vec<Error>> = OnceLock::new();
    FAILURES.get_or_init(|| {
        let refused = refused_addr().unwrap();
        vec![
            error(refused.url()),
            failure(Reply::status(503)),
            failure(Reply::status(429).header("Retry-After", "2")),
            failure(Reply::json(200, "{")),
            failure(Reply::status(302)),
        ]
    })
}
