#![allow(missing_docs)]
use std::time::Instant;
fn main() {
    let rule = r#"{"period":"MONTH","balance":850,"cap":1000,"resetDate":"2026-07-01T00:00:00.000Z"}"#;
    let rules = vec![rule; 10].join(",");
    let source =
        |index: usize| format!(r#"{{"subscriptionId":"d7a341c4-196b-46e7-813c-{index:012}","usageRules":[{rules}]}}"#);
    let sources = (0..1000).map(source).collect::<Vec<_>>().join(",");
    let json = format!(r#"{{"periodicCredits":{{"balance":850,"cap":1000}},"topUpCredits":{{"balance":200,"cap":200}},"creditBalanceBreakdown":[{sources}]}}"#).into_bytes();
    let small = std::fs::read("/dev/null").unwrap();
    let _ = small;
    let mut ours = vec![];
    let mut scan = vec![];
    for _ in 0..200 {
        let j = json.clone();
        let t = Instant::now();
        let b = aicredits::Balance::from_json(j).unwrap();
        ours.push(t.elapsed());
        std::hint::black_box(&b);
        let t = Instant::now();
        let b: serde::de::IgnoredAny = serde_json::from_slice(&json).unwrap();
        scan.push(t.elapsed());
        std::hint::black_box(&b);
    }
    ours.sort();
    scan.sort();
    println!(
        "{} bytes ours {:?} scan {:?} ratio {:.2}",
        json.len(),
        ours[100],
        scan[100],
        ours[100].as_secs_f64() / scan[100].as_secs_f64()
    );
}
