//! The C library as a C program finds it.

mod agency;
mod cancelled;
mod conversion;
mod decide;
mod environment;
mod example;
mod fleet;
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
mod tls;
mod vendor;
