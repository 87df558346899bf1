//! An emulator of Wix's AI Credits API. So far: [`script`], the HTTP server that it will stand on.

#![forbid(unsafe_code)]

pub mod script;
