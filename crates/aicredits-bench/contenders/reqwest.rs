//! reqwest's blocking client, and serde_json.

use reqwest::Certificate;
use reqwest::blocking::Client;

mod protocol;
mod reply;

fn main() {
    let url = protocol::setting("AICREDITS_BASE_URL") + "/appmarket/credittransactions/v1/credit-transactions/balance";
    let (key, account) = (protocol::setting("WIX_API_KEY"), protocol::setting("WIX_ACCOUNT_ID"));
    rustls::crypto::ring::default_provider().install_default().expect("it is the first");
    let client = Client::builder().tcp_nodelay(true).tls_certs_only(authority()).build().expect("a client");
    protocol::run(|| {
        || {
            let request = client
                .post(&url)
                .header("Authorization", &key)
                .header("wix-account-id", &account)
                .header("Content-Type", "application/json")
                .body("{}");
            let body = request.send().expect("a response").bytes().expect("a body");
            serde_json::from_slice::<reply::Reply<'_>>(&body).expect("a reply").check();
        }
    });
}

fn authority() -> Vec<Certificate> {
    let Ok(file) = std::env::var("SSL_CERT_FILE") else { return Vec::new() };
    let pem = std::fs::read(file).expect("the authority's file");
    Certificate::from_pem_bundle(&pem).expect("PEM")
}
