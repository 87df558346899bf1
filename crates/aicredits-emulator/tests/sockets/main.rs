//! Both layers over real sockets.

mod client;
mod listen;
mod script;
mod service;
mod tls;
