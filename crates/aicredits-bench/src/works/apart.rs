//! Works with a separate program for each contender: decoding, importing, deadlines, cancelling.

use std::fs;

use super::bench::{Bench, REFERENCE};
use crate::contender::Running;
use crate::reply;
use crate::server::Manner;
use crate::stats::Times;
use crate::table::Table;

/// serde_json's scan to `IgnoredAny`.
pub(crate) const SCAN: &str = "serde_json, bare scan";
const TIMEOUT_MS: u64 = 50;

pub(crate) fn decode(bench: &Bench) -> Result<Vec<Table>, String> {
    let largest = reply::largest();
    let replies = [
        ("decode-example", "decoding the page's example", reply::EXAMPLE, 2000),
        ("decode-largest", "decoding the largest reply, 1,000 sources of 10 rules", &largest, 40),
    ];
    let table = |(work, title, reply, count): (&'static str, &str, &str, usize)| {
        let file = bench.folder.join(format!("{work}.json"));
        fs::write(&file, reply).map_err(|error| format!("{}: {error}", file.display()))?;
        let environment = [("BENCH_REPLY", file.display().to_string())];
        let title = format!("{title}, {} bytes, {} rounds of {count}", reply.len(), bench.rounds);
        race(bench, "decode", count, &environment, Table::new(work, title, SCAN), |time| time)
    };
    replies.map(table).into_iter().collect()
}

pub(crate) fn deadline(bench: &Bench) -> Result<Vec<Table>, String> {
    let environment = [("BENCH_TIMEOUT_MS", TIMEOUT_MS.to_string())];
    let title = format!("time past a deadline of {TIMEOUT_MS} ms, a mute server, {} rounds of 10", bench.rounds);
    let table = Table::new("deadline", title, REFERENCE);
    let past = |time: u64| time.saturating_sub(TIMEOUT_MS * 1_000_000);
    race(bench, "deadline", 10, &environment, table, past).map(|table| vec![table])
}

pub(crate) fn cancel(bench: &Bench) -> Result<Vec<Table>, String> {
    let title = format!("time from cancel to return, a mute server, {} rounds of 50", bench.rounds);
    race(bench, "cancel", 50, &[], Table::new("cancel", title, REFERENCE), |time| time).map(|table| vec![table])
}

/// Each import in a separate interpreter, from its start to its end.
pub(crate) fn import(bench: &Bench) -> Result<Vec<Table>, String> {
    let title = format!("Python, from its start to its end, importing, {} rounds of 10", bench.rounds);
    race(bench, "import", 10, &[], Table::new("import", title, "Python alone"), |time| time).map(|table| vec![table])
}

/// Every program that does it, in turn.
fn race(
    bench: &Bench,
    what: &str,
    count: usize,
    environment: &[(&'static str, String)],
    mut table: Table,
    reading: impl Fn(u64) -> u64,
) -> Result<Table, String> {
    let server = bench.serve(Manner::Mute, None)?;
    let contenders: Vec<_> = bench.contenders.iter().filter(|contender| contender.does(what)).collect();
    let mut runners: Vec<Result<(Running, Times), String>> = Vec::new();
    for contender in &contenders {
        runners.push(bench.start(contender, &server, environment).and_then(|mut running| {
            running.ask(count.div_ceil(10))?;
            Ok((running, Times::default()))
        }));
    }
    for _ in 0..bench.rounds {
        for runner in &mut runners {
            let Ok((running, times)) = runner else { continue };
            match running.ask(count) {
                Ok(round) => times.add_round(round.into_iter().map(&reading).collect()),
                Err(why) => *runner = Err(why),
            }
        }
    }
    for (contender, runner) in contenders.iter().zip(runners) {
        let end = runner.and_then(|(running, times)| running.finish().map(|()| times));
        table.add(&contender.name, end, "");
    }
    Ok(table)
}
