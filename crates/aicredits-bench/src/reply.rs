//! The server's replies.

/// The example of the API's page, as compact as servers send it.
pub(crate) const EXAMPLE: &str = concat!(
    r#"{"periodicCredits":{"balance":850,"cap":1000},"topUpCredits":{"balance":200,"cap":200},"#,
    r#""creditBalanceBreakdown":[{"subscriptionId":"d7a341c4-196b-46e7-813c-2b0fc1847ec6","usageRules":"#,
    r#"[{"period":"MONTH","balance":850,"cap":1000,"resetDate":"2026-07-01T00:00:00.000Z"}]},"#,
    r#"{"usageRules":[{"period":"NO_PERIOD","balance":200,"cap":200}]}]}"#,
);

/// More credits than a benchmark spends.
pub(crate) const RICH: &str = concat!(
    r#"{"topUpCredits":{"balance":"1000000000000000","cap":"1000000000000000"},"creditBalanceBreakdown":"#,
    r#"[{"usageRules":[{"period":"NO_PERIOD","balance":"1000000000000000","cap":"1000000000000000"}]}]}"#,
);

/// The largest reply within the page's limits: 1,000 sources of 10 rules.
pub(crate) fn largest() -> String {
    let rule = r#"{"period":"MONTH","balance":850,"cap":1000,"resetDate":"2026-07-01T00:00:00.000Z"}"#;
    let rules = [rule; 10].join(",");
    let source =
        |index| format!(r#"{{"subscriptionId":"d7a341c4-196b-46e7-813c-{index:012}","usageRules":[{rules}]}}"#);
    let sources = (0..1000).map(source).collect::<Vec<_>>().join(",");
    format!(r#"{{"periodicCredits":{{"balance":850,"cap":1000}},"creditBalanceBreakdown":[{sources}]}}"#)
}

/// The largest reply that is certainly not cut: 999 sources of 10 rules, and each rule resets at another minute.
pub(crate) fn many_resets() -> String {
    let rule = |minute: usize| {
        let (day, hour, minute) = (1 + minute / 1440, minute / 60 % 24, minute % 60);
        let date = format!("2026-07-{day:02}T{hour:02}:{minute:02}:00Z");
        format!(r#"{{"period":"MONTH","balance":850,"cap":1000,"resetDate":"{date}"}}"#)
    };
    let source = |index: usize| {
        let rules = (0..10).map(|number| rule(10 * index + number)).collect::<Vec<_>>().join(",");
        format!(r#"{{"subscriptionId":"d7a341c4-196b-46e7-813c-{index:012}","usageRules":[{rules}]}}"#)
    };
    let sources = (0..999).map(source).collect::<Vec<_>>().join(",");
    let balance = 850 * 999;
    format!(r#"{{"periodicCredits":{{"balance":{balance},"cap":999000}},"creditBalanceBreakdown":[{sources}]}}"#)
}

/// A whole reply with this body, and about the headers that Wix's gateway sends.
pub(crate) fn with_head(connection: &str, body: &str) -> Vec<u8> {
    let head = [
        "HTTP/1.1 200 OK",
        "Content-Type: application/json; charset=utf-8",
        &format!("Content-Length: {}", body.len()),
        &format!("Connection: {connection}"),
        // Without it Node's fetch closes its connection between two rounds, and has no option against that.
        "Keep-Alive: timeout=600",
        "Date: Wed, 24 Jun 2026 00:00:00 GMT",
        "Server: Pepyaka",
        "Cache-Control: no-cache",
        "Strict-Transport-Security: max-age=86400",
        "X-Content-Type-Options: nosniff",
        "x-wix-request-id: 1755591144.07917259731234567890",
        "x-seen-by: 6ivkWfREES4Y8b2pOpzk7Owfbs+7qUVAqsIx00yI78k=",
        "Via: 1.1 google",
    ];
    format!("{}\r\n\r\n{body}", head.join("\r\n")).into_bytes()
}
