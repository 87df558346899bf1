//! `aicredits balance`.

use std::io::{self, IsTerminal};

use crate::args::Format;
use crate::exit::Failure;
use crate::output::{print, print_raw, width};
use crate::{args, client, render, rows, verbose};

pub(crate) fn run(args: &args::Balance) -> Result<(), Failure> {
    if args.verbose {
        verbose::start();
    }
    let server = client::other_server(args);
    let call = client::new(args)?.get_balance();
    let balance = call.map_err(|error| Failure::call(error, server.as_deref()))?;
    let format = args.format();
    // The reply is what was asked for, whatever it is. Rows and bars would be empty.
    if format == Format::Json {
        print_json(balance.json())?;
    }
    if !balance.is_recognized() {
        return Err(Failure::unrecognized(server.as_deref()));
    }
    match format {
        Format::Json => Ok(()),
        Format::Csv => print_raw(&rows::csv(&balance, io::stdout().is_terminal())),
        Format::Table => {
            let now = balance.server_date().or(balance.fetched_at());
            print(&render::balance(&balance, server.as_deref(), now, width()))
        }
    }
}

fn print_json(json: &str) -> Result<(), Failure> {
    match io::stdout().is_terminal() {
        true => print_raw(render::json_for_terminal(json).as_bytes()),
        false => print_raw(json.as_bytes()),
    }
}
