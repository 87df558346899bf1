//! Prints what an account or a site has left.
//!
//! It reads WIX_API_KEY, WIX_ACCOUNT_ID or WIX_SITE_ID, and AICREDITS_BASE_URL for another server than Wix's.

use std::process::ExitCode;

use aicredits::{Client, Credits, Error};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("balance: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Error> {
    let balance = Client::from_env()?.get_balance()?;

    let pool = |credits: Option<Credits>| match credits {
        Some(credits) => of(credits.balance(), credits.cap()),
        None => "none".to_owned(),
    };
    println!("recurring: {}", pool(balance.periodic_credits()));
    println!("top-up: {}", pool(balance.top_up_credits()));

    for source in balance.credit_balance_breakdown() {
        match source.subscription_id() {
            // The id is the server's text: escaped, it can do nothing to a terminal.
            Some(id) => println!("subscription {}", id.escape_debug()),
            None => println!("no subscription"),
        }
        for rule in source.usage_rules() {
            let period = rule.period().map_or("unknown".to_owned(), |period| period.to_string());
            let reset = rule.reset_date().map_or(String::new(), |date| format!(", resets {date}"));
            println!("  {period}: {}{reset}", of(rule.balance(), rule.cap()));
        }
    }
    Ok(())
}

/// A count that the reply lacks is unknown: neither 0 nor unlimited.
fn of(balance: Option<i64>, cap: Option<i64>) -> String {
    let count = |count: Option<i64>| count.map_or("unknown".to_owned(), |count| count.to_string());
    format!("{} of {}", count(balance), count(cap))
}
