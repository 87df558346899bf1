//! The C library as a C program finds it.

mod cancelled;
mod conversion;
mod decide;
mod environment;
mod example;
mod gate;
mod layout;
mod limits;
mod log;
mod names;
mod null;
mod panic;
mod process;
mod rounds;
mod surface;
mod text;
#[path = "../conformance/tls.rs"]
#[allow(dead_code, reason = "not all of it is needed here")]
mod tls;
mod vendor;
