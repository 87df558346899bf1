//! Both layers over real sockets.

mod client;
mod script;
mod service;
