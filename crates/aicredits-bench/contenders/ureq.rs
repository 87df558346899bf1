//! ureq as it comes, and serde_json.

mod protocol;
mod reply;
mod ureq_agent;

fn main() {
    let url = protocol::setting("AICREDITS_BASE_URL") + "/appmarket/credittransactions/v1/credit-transactions/balance";
    let (key, account) = (protocol::setting("WIX_API_KEY"), protocol::setting("WIX_ACCOUNT_ID"));
    let agent = ureq_agent::new();
    protocol::run(|| {
        || {
            let mut response = agent
                .post(&url)
                .header("Authorization", &key)
                .header("wix-account-id", &account)
                .header("Content-Type", "application/json")
                .send("{}")
                .expect("a response");
            let body = response.body_mut().read_to_vec().expect("a body");
            serde_json::from_slice::<reply::Reply<'_>>(&body).expect("a reply").check();
        }
    });
}
