//! The ledger, through the actions of the control protocol and through replies.

mod accounts;
mod charges;
#[path = "../sockets/client.rs"]
mod client;
mod grants;
mod keys;
mod ledger;
mod model;
mod properties;
mod random;
mod resets;
mod scenarios;
mod spending;
