//! Both layers over real sockets.

mod access;
mod any_fault;
mod assumptions;
mod calls;
mod client;
mod connect_faults;
mod duties;
mod fault_replies;
mod faults;
mod garbage;
mod limits;
mod listen;
mod named_faults;
mod paid_action;
#[allow(dead_code, reason = "another suite uses all of it")]
#[path = "../ledger/random.rs"]
mod random;
mod script;
mod service;
mod tls;
