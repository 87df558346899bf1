//! Decoding the largest documented reply beside serde_json's bare scan of it, in turn: `cargo bench -p aicredits`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use aicredits::Balance;
use serde::de::IgnoredAny;

const ROUNDS: usize = 301;

fn main() {
    let rule = r#"{"period":"MONTH","balance":850,"cap":1000,"resetDate":"2026-07-01T00:00:00.000Z"}"#;
    let rules = [rule; 10].join(",");
    let source =
        |index| format!(r#"{{"subscriptionId":"d7a341c4-196b-46e7-813c-{index:012}","usageRules":[{rules}]}}"#);
    let sources = (0..1000).map(source).collect::<Vec<_>>().join(",");
    let json = format!(r#"{{"periodicCredits":{{"balance":850,"cap":1000}},"creditBalanceBreakdown":[{sources}]}}"#);

    let mut ours = Vec::new();
    let mut scan = Vec::new();
    for _ in 0..ROUNDS {
        let owned = json.clone();
        ours.push(timed(|| Balance::from_json(owned).expect("the reply is a balance")));
        scan.push(timed(|| serde_json::from_str::<IgnoredAny>(&json).expect("the reply is JSON")));
    }
    let (ours, scan) = (median(ours), median(scan));
    let ratio = ours.as_secs_f64() / scan.as_secs_f64();
    println!("{} bytes, median of {ROUNDS}: decode {ours:?}, scan {scan:?}, ratio {ratio:.2}", json.len());
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let result = work();
    let time = start.elapsed();
    black_box(result);
    time
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
