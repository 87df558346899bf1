//! `aicredits check`.

use aicredits::Answer;

use crate::decision::Decision;
use crate::exit::{Exit, Failure};
use crate::output::{note, print, print_raw};
use crate::{args, client};

pub(crate) fn run(args: &args::Check) -> Result<Exit, Failure> {
    let server = client::other_server(&args.connection.server);
    let balance = client::read(&args.connection, server.as_deref())?;
    if !balance.is_recognized() {
        return Err(Failure::unrecognized(server.as_deref()));
    }
    let decision = match (args.each, args.wanted) {
        (Some(unit_cost), Some(wanted)) => Decision::of_several(&balance, unit_cost, wanted)?,
        _ => Decision::of_one(&balance, args.cost.unwrap_or(0))?,
    };
    if args.json {
        print_raw(decision.json().as_bytes())?;
    } else if let Some(count) = &decision.count {
        // A script reads the number alone.
        print(&format!("{count}\n"))?;
        if decision.answer != Answer::Yes {
            note(&format!("{}\n", decision.sentence));
        }
    } else {
        print(&format!("{}\n", decision.sentence))?;
    }
    Ok(Exit::answering(decision.answer))
}
