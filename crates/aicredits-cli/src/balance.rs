//! `aicredits balance`.

use std::io::{self, IsTerminal};

use aicredits::{Answer, Balance};

use crate::args::Format;
use crate::decision::Decision;
use crate::exit::{Exit, Failure};
use crate::output::{note, note_raw, print, print_raw, width};
use crate::{args, client, render, rows};

pub(crate) fn run(args: &args::Balance) -> Result<Exit, Failure> {
    let server = client::other_server(&args.connection.server);
    let balance = client::read(&args.connection, server.as_deref())?;
    let format = args.format();
    // The reply is what was asked for, whatever it is. Rows and bars would be empty.
    if format == Format::Json {
        print_json(balance.json())?;
    }
    if !balance.is_recognized() {
        return Err(Failure::unrecognized(server.as_deref()));
    }
    match format {
        Format::Json => {}
        Format::Csv => print_raw(&rows::csv(&balance, io::stdout().is_terminal()))?,
        Format::Table => {
            let now = balance.server_date().or(balance.fetched_at());
            print(&render::balance(&balance, server.as_deref(), now, width()))?;
        }
    }
    match args.fail_under {
        Some(least) => compare(&balance, least, format),
        None => Ok(Exit::Success),
    }
}

/// Compares the spendable credits. Standard output has the balance, so the reason is on standard error.
fn compare(balance: &Balance, least: u64, format: Format) -> Result<Exit, Failure> {
    let decision = Decision::at_least(balance, least)?;
    if decision.answer != Answer::Yes {
        match format {
            Format::Json => note_raw(&decision.json()),
            _ => note(&format!("{}\n", decision.sentence)),
        }
    }
    Ok(Exit::answering(decision.answer))
}

fn print_json(json: &str) -> Result<(), Failure> {
    match io::stdout().is_terminal() {
        true => print_raw(render::json_for_terminal(json).as_bytes()),
        false => print_raw(json.as_bytes()),
    }
}
