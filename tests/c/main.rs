//! The C library as a C program finds it.

mod cancelled;
mod example;
mod layout;
mod names;
mod null;
mod panic;
mod process;
mod rounds;
mod surface;
