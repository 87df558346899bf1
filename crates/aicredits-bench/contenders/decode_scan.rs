//! serde_json's bare scan, which checks that the input is JSON. It is the reference for decoding.

use serde::de::IgnoredAny;

mod protocol;

fn main() {
    let json = std::fs::read_to_string(protocol::setting("BENCH_REPLY")).expect("the reply");
    protocol::run_prepared(|| (), |()| serde_json::from_str::<IgnoredAny>(&json).expect("JSON"));
}
