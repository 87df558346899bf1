//! The hazards of an HTTP client, H1 to H19 of `docs/hazards.md`. Each row has a fault, made by a scripted server, a
//! resolver or a process, and a test of it. This library must pass. ureq's `Agent`, used as its documentation shows, must
//! fail, or the row says why it cannot run. So each row is known to detect its fault.
//!
//! A word on the command line narrows the run to the hazard of that number, or to those with the word in their sentence.
//! The rows run one after another, because they count connections, system calls and bytes.

// A tracer and `fork` need it.
#![allow(unsafe_code)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

mod alone;
mod connections;
mod replies;
mod secrets;
mod subject;
mod unless;

use subject::{OURS, STOCK, Subject};

/// A fault, and the behaviour that must hold.
struct Row {
    hazard: &'static str,
    /// The behaviour that must hold.
    must: &'static str,
    judge: fn(&Subject) -> Result<(), String>,
    stock: Stock,
}

/// The expectation for ureq's `Agent`.
enum Stock {
    Fails,
    /// For this reason.
    CannotRun(&'static str),
}

impl Row {
    const fn new(hazard: &'static str, must: &'static str, judge: fn(&Subject) -> Result<(), String>) -> Self {
        Self { hazard, must, judge, stock: Stock::Fails }
    }

    const fn ours_alone(mut self, reason: &'static str) -> Self {
        self.stock = Stock::CannotRun(reason);
        self
    }
}

const ROWS: &[Row] = &[
    Row::new("H1", "a name is looked up once, not at each call", connections::looks_up_once),
    Row::new("H2", "a request is sent in one segment", connections::sends_one_piece),
    Row::new("H3", "a warm call makes four system calls", alone::makes_four_system_calls),
    Row::new("H4", "a connection that went stale is replaced within the call", connections::replaces_a_stale_one),
    Row::new("H5", "bursts need no more connections than threads", connections::bursts_keep_connections),
    Row::new("H6", "an idle connection holds at most 48 KiB", alone::holds_little_memory),
    Row::new("H7", "a redirect is an error, and its target sees nothing", replies::follows_no_redirect),
    Row::new("H8", "only status 200 is a success", replies::takes_200_alone),
    Row::new("H9", "an error has the server's code and description", replies::keeps_the_servers_words),
    Row::new("H10", "a refused certificate differs from a lost connection", connections::reports_certificates),
    Row::new("H11", "a dead first address does not block the second", connections::races_addresses),
    Row::new("H12", "a reply over the limit is refused", replies::bounds_a_reply),
    Row::new("H13", "an encoding that was not asked for is refused", replies::refuses_encodings),
    Row::new("H14", "proxy variables are not read by default", alone::ignores_proxy_variables),
    Row::new("H15", "no log record holds the key", secrets::logs_no_key),
    Row::new("H16", "a key that cannot be sent is refused before any call", secrets::checks_the_key),
    Row::new("H17", "a panic inside a call leaves the client usable", connections::survives_a_panic)
        .ours_alone("no fault from outside reaches the lock of its pool"),
    Row::new("H18", "a forked child opens its own connection", alone::shares_nothing_over_fork),
    Row::new("H19", "one call is cancelled, and the client stays usable", connections::cancels_one_call)
        .ours_alone("it cannot end one call: Agent::shutdown ends the agent"),
];

fn main() -> ExitCode {
    if let Some(code) = alone::child() {
        return code;
    }
    let words: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let chosen = |row: &&Row| {
        words.is_empty() || words.iter().any(|word| row.hazard == word || row.must.contains(word.as_str()))
    };
    let rows: Vec<&Row> = ROWS.iter().filter(chosen).collect();
    let mut faults = Vec::new();
    println!("{:<4} {:<62} {:<6} ureq's Agent", "", "must hold", "ours");
    for row in &rows {
        let ours = judged(row, &OURS);
        let stock = match row.stock {
            Stock::Fails => match judged(row, &STOCK) {
                Ok(()) => {
                    faults.push(format!("{}: ureq's Agent passes, so the row detects nothing", row.hazard));
                    "passes".to_owned()
                }
                Err(fault) => format!("fails: {fault}"),
            },
            Stock::CannotRun(reason) => format!("not run: {reason}"),
        };
        println!("{:<4} {:<62} {:<6} {stock}", row.hazard, row.must, if ours.is_ok() { "holds" } else { "FAILS" });
        faults.extend(ours.err().map(|fault| format!("{}: {fault}", row.hazard)));
    }
    let expected: Vec<_> = (1..=ROWS.len()).map(|number| format!("H{number}")).collect();
    assert!(ROWS.iter().map(|row| row.hazard).eq(&expected), "a row is missing or twice");
    for fault in &faults {
        println!("{fault}");
    }
    let verdict = if faults.is_empty() { "ok" } else { "FAILED" };
    let failed = faults.len().min(rows.len());
    println!(
        "\ntest result: {verdict}. {} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out",
        rows.len() - failed
    );
    ExitCode::from(u8::from(!faults.is_empty()))
}

fn judged(row: &Row, subject: &Subject) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(|| (row.judge)(subject))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        Err(text.unwrap_or_else(|| "a panic".to_owned()))
    })
}
