//! Prints what an account or a site has left.
//!
//! It reads WIX_API_KEY, WIX_ACCOUNT_ID or WIX_SITE_ID, and AICREDITS_BASE_URL for another server than Wix's.

use std::process::ExitCode;

use aicredits::Client;

fn main() -> ExitCode {
    match Client::from_env().and_then(|client| client.get_balance()) {
        Ok(balance) => {
            println!("{balance}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("balance: {error}");
            ExitCode::FAILURE
        }
    }
}
