//! Ours: the memory of a connection.

mod memory;

fn main() {
    let client = aicredits::Client::from_env().expect("a client");
    memory::run(|| assert_eq!(client.get_balance().expect("a balance").available(), Some(1050)));
}
