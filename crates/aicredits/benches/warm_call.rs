//! A call on a warm connection beside the bare exchange of the same bytes on a socket, and beside ureq as it comes.
//!
//! `cargo bench -p aicredits --bench warm_call`. One server for all; the contenders take turns.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

const ROUNDS: usize = 7;
const CALLS: usize = 3000;

const BODY: &str = r#"{"periodicCredits":{"balance":850,"cap":1000},"topUpCredits":{"balance":200,"cap":200},"creditBalanceBreakdown":[{"subscriptionId":"d7a341c4-196b-46e7-813c-2b0fc1847ec6","usageRules":[{"period":"MONTH","balance":850,"cap":1000,"resetDate":"2026-07-01T00:00:00.000Z"}]},{"usageRules":[{"period":"NO_PERIOD","balance":200,"cap":200}]}]}"#;
const REQUEST: &str = "POST /appmarket/credittransactions/v1/credit-transactions/balance HTTP/1.1\r\nhost: 127.0.0.1:10000\r\nauthorization: IST.not-a-key\r\ncontent-type: application/json\r\naccept: application/json\r\naccept-encoding: identity\r\nuser-agent: aicredits/0.1.0\r\nwix-account-id: a\r\ncontent-length: 2\r\n\r\n{}";

fn reply() -> Vec<u8> {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Wed, 24 Jun 2026 00:00:00 GMT\r\nx-wix-request-id: 1755591144.0791725973";
    format!("{head}\r\nContent-Length: {}\r\n\r\n{BODY}", BODY.len()).into_bytes()
}

/// Answers whatever comes in one piece with the same bytes.
fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.set_nodelay(true).unwrap();
            thread::spawn(move || {
                let (reply, mut request) = (reply(), [0; 4096]);
                let mut held = Vec::new();
                while let Ok(count @ 1..) = stream.read(&mut request) {
                    held.extend_from_slice(&request[..count]);
                    if held.ends_with(b"{}") {
                        held.clear();
                        stream.write_all(&reply).unwrap();
                    }
                }
            });
        }
    });
    address
}

fn main() {
    let address = serve();
    let only = std::env::args().nth(1).filter(|argument| !argument.starts_with('-'));
    let mut bare = TcpStream::connect(address).unwrap();
    bare.set_nodelay(true).unwrap();
    let mut buffer = [0; 4096];
    let length = reply().len();
    let ours = aicredits::Client::builder()
        .api_key("IST.not-a-key")
        .account("a")
        .base_url(format!("http://{address}"))
        .build()
        .unwrap();
    let stock = ureq::Agent::new_with_defaults();
    let url = format!("http://{address}/appmarket/credittransactions/v1/credit-transactions/balance");

    type Contender = (&'static str, Box<dyn FnMut()>);
    let mut contenders: Vec<Contender> = vec![
        (
            "bare socket",
            Box::new(move || {
                bare.write_all(REQUEST.as_bytes()).unwrap();
                let mut count = 0;
                while count < length {
                    count += bare.read(&mut buffer).unwrap();
                }
            }),
        ),
        ("aicredits", Box::new(move || assert_eq!(ours.get_balance().unwrap().available(), Some(1050)))),
        (
            "ureq as it comes, no decoding",
            Box::new(move || {
                let mut response = stock
                    .post(&url)
                    .header("authorization", "IST.not-a-key")
                    .header("content-type", "application/json")
                    .header("wix-account-id", "a")
                    .send(b"{}")
                    .unwrap();
                assert_eq!(response.body_mut().read_to_vec().unwrap().len(), BODY.len());
            }),
        ),
    ];
    if let Some(only) = only {
        contenders.retain(|(name, _)| name.starts_with(&only));
    }
    let mut medians = vec![Vec::new(); contenders.len()];
    for _ in 0..ROUNDS {
        for ((_, call), medians) in contenders.iter_mut().zip(&mut medians) {
            let mut times: Vec<Duration> = (0..CALLS)
                .map(|_| {
                    let begun = Instant::now();
                    call();
                    begun.elapsed()
                })
                .collect();
            times.sort_unstable();
            medians.push(times[CALLS / 2]);
        }
    }
    let mut reference = None;
    for ((name, _), mut medians) in contenders.into_iter().zip(medians) {
        medians.sort_unstable();
        let median = medians[ROUNDS / 2];
        let reference = *reference.get_or_insert(median);
        println!("{name:30} {median:>10.2?}  {:.2}", median.as_secs_f64() / reference.as_secs_f64());
    }
}
