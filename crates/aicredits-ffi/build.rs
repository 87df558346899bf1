//! How the shared library is linked.

fn main() {
    // The one place where the number in the SONAME comes from: it changes with the major version, so it is 0 for all of 0.x.
    let major = std::env::var("CARGO_PKG_VERSION_MAJOR").expect("cargo sets the version");
    println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libaicredits.so.{major}");
    // A process that unloads the library would pull the code from under what std has registered to run at thread exit.
    println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    println!("cargo::rerun-if-changed=build.rs");
}
