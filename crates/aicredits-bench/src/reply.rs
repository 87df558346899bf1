//! The server's replies.

/// The example of the API's page, as compact as servers send it.
pub(crate) const EXAMPLE: &str = concat!(
    r#"{"periodicCredits":{"balance":850,"cap":1000},"topUpCredits":{"balance":200,"cap":200},"#,
    r#""creditBalanceBreakdown":[{"subscriptionId":"d7a341c4-196b-46e7-813c-2b0fc1847ec6","usageRules":"#,
    r#"[{"period":"MONTH","balance":850,"cap":1000,"resetDate":"2026-07-01T00:00:00.000Z"}]},"#,
    r#"{"usageRules":[{"period":"NO_PERIOD","balance":200,"cap":200}]}]}"#,
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

/// A whole reply with the page's example, and about the headers that Wix's gateway sends.
pub(crate) fn with_head(connection: &str) -> Vec<u8> {
    let head = [
        "HTTP/1.1 200 OK",
        "Content-Type: application/json; charset=utf-8",
        &format!("Content-Length: {}", EXAMPLE.len()),
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
    format!("{}\r\n\r\n{EXAMPLE}", head.join("\r\n")).into_bytes()
}
