//! Runs an action that costs credits: check, reserve, act, commit.
//!
//! `gate COST STATUS`: STATUS is the HTTP status of the vendor's reply to the action.
//! It reads WIX_API_KEY, WIX_ACCOUNT_ID or WIX_SITE_ID, and AICREDITS_BASE_URL for another server than Wix's.

use std::env;
use std::process::ExitCode;

use aicredits::{Client, CreditGate, Error};

/// Your call of the paid action goes here. It returns the HTTP status of the reply, or `None` if no reply came.
fn run_action(status: &str) -> Option<u16> {
    status.parse().ok()
}

fn reserve_and_run(gate: &CreditGate, cost: u64, status: &str) -> Result<ExitCode, Error> {
    let reservation = gate.reserve(cost)?;
    match run_action(status) {
        Some(200) => {
            reservation.commit();
            println!("done");
            Ok(ExitCode::SUCCESS)
        }
        Some(402 | 428) => {
            // The vendor says that the credits are used up. That is final: do not try again.
            reservation.report_exhausted();
            println!("refused: no credits");
            Ok(ExitCode::FAILURE)
        }
        Some(401 | 403) => {
            // The action certainly did not run.
            reservation.release();
            println!("failed");
            Ok(ExitCode::FAILURE)
        }
        _ => {
            // It may have run. The reservation is dropped without an end, and counts as spent.
            println!("unknown");
            Ok(ExitCode::FAILURE)
        }
    }
}

fn run(cost: u64, status: &str) -> Result<ExitCode, Error> {
    // A real program makes one client and one gate, and shares them between its threads.
    let gate = Client::from_env()?.gate().build()?;
    // A first look, before there is anything to reserve. Only the gate counts what other threads have reserved.
    println!("{}", gate.refresh()?.can_afford(cost)?);
    reserve_and_run(&gate, cost, status)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (Some(Ok(cost)), Some(status)) = (arguments.first().map(|cost| cost.parse()), arguments.get(1)) else {
        eprintln!("gate COST STATUS: COST is a whole number");
        return ExitCode::from(2);
    };
    match run(cost, status) {
        Ok(code) => code,
        Err(error) => match error.denial() {
            // The action must not run. The text says how many credits are missing, and when they come.
            Some(denial) => {
                println!("denied: {denial}");
                ExitCode::FAILURE
            }
            None => {
                eprintln!("gate: {error}");
                ExitCode::from(2)
            }
        },
    }
}
