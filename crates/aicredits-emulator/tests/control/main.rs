//! The control protocol: over HTTP and in the process, its guards, and the options.

#[path = "../sockets/client.rs"]
mod client;
mod documents;
mod guards;
mod http;
mod in_flight;
mod options;
mod vectors;
mod wrappers;
