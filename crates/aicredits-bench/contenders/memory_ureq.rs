//! ureq: the memory of a connection. Its pool keeps at most ten, so this counts connections in use and not idle ones.

mod memory;
mod protocol;
mod ureq_agent;

fn main() {
    let url = protocol::setting("AICREDITS_BASE_URL");
    let agent = ureq_agent::new();
    memory::run(|| {
        let mut response = agent.post(&url).header("Content-Type", "application/json").send("{}").expect("a response");
        assert!(!response.body_mut().read_to_vec().expect("a body").is_empty());
    });
}
