//! How the shared library is linked.

/// The number in the SONAME: that of the ABI, whatever the version is. It changes when a program that was linked with what
/// came before could not run with what is built here.
const ABI: u32 = 0;

fn main() {
    println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libaicredits.so.{ABI}");
    // A process that unloads the library would pull the code from under what std has registered to run at thread exit.
    println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    println!("cargo::rerun-if-changed=build.rs");
}
