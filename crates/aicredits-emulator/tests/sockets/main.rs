//! Both layers over real sockets.

mod access;
mod assumptions;
mod calls;
mod client;
mod duties;
mod fault_replies;
mod faults;
mod limits;
mod listen;
mod paid_action;
mod script;
mod service;
mod tls;
