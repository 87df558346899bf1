//! serde_json into derived structs that borrow their texts. Dates stay texts.

mod protocol;
mod reply;

fn main() {
    let json = std::fs::read(protocol::setting("BENCH_REPLY")).expect("the reply");
    protocol::run_prepared(|| (), |()| serde_json::from_slice::<reply::Reply<'_>>(&json).expect("a reply"));
}
