//! Deciding: a gate's reservations, its denials, and whether a cost is affordable.

use std::collections::VecDeque;
use std::fs;

use super::bench::{Bench, THREADED};
use crate::contender::{Contender, Running};
use crate::figures::Figures;
use crate::reply;
use crate::server::Manner;
use crate::stats::{Times, median};
use crate::table::Table;

/// The reference: a mutex lock, a clock read and an allocation. No gate can do without them.
pub(crate) const YARDSTICK: &str = "lock, clock, allocation";
pub(crate) const THREADS: &str = "aicredits, Rust, 64 threads";
pub(crate) const SUB_GATES: &str = "aicredits, Rust, 1,000 sub-gates";
pub(crate) const AFFORD: &str = "can_afford";
pub(crate) const AFFORDABLE_AT: &str = "can_afford, affordable_at";
pub(crate) const READINGS: &str = "readings beyond one a second";

/// The seconds of a gate's `min_interval`, which is the default here.
const MIN_INTERVAL: f64 = 1.0;

/// A row of a table: a contender, and the variables for it.
struct Row {
    name: String,
    contender: Contender,
    environment: Vec<(&'static str, String)>,
}

struct Runner {
    name: String,
    running: Result<Running, String>,
    times: Times,
}

/// A thousand reservations and commits, by every language.
pub(crate) fn gate(bench: &Bench) -> Result<Vec<Table>, String> {
    let of = |what: &'static str| bench.contenders.iter().filter(move |contender| contender.does(what)).cloned();
    let plain = of("gate").map(|contender| Row { name: contender.name.clone(), contender, environment: Vec::new() });
    let mut rows: Vec<Row> = plain.collect();
    for (name, variable, number) in [(THREADS, "BENCH_THREADS", "64"), (SUB_GATES, "BENCH_SUB_GATES", "1000")] {
        let environment = vec![(variable, number.to_owned())];
        rows.extend(of("gate-shared").map(|contender| Row {
            name: name.to_owned(),
            contender,
            environment: environment.clone(),
        }));
    }
    let title = format!("1,000 reservations and commits, a usable reading, {} rounds of 50", bench.rounds);
    race(bench, rows, 50, Table::new("gate", title, YARDSTICK)).map(|table| vec![table])
}

/// Every row in turn. Each round begins with another one.
fn race(bench: &Bench, rows: Vec<Row>, count: usize, mut table: Table) -> Result<Table, String> {
    let server = bench.processors.for_server(|| bench.serve(Manner::Rich, None))?;
    let mut runners = Vec::new();
    for Row { name, contender, environment } in rows {
        let start = || bench.start(&contender, &server, &environment);
        let has_threads = contender.does(THREADED) || environment.iter().any(|(name, _)| *name == "BENCH_THREADS");
        let running = if has_threads { start() } else { bench.processors.for_contender(start) };
        let running = running.and_then(|mut running| running.ask(count.div_ceil(10)).map(|_| running));
        runners.push(Runner { name, running, times: Times::default() });
    }
    let mut order: VecDeque<usize> = (0..runners.len()).collect();
    for _ in 0..bench.rounds {
        for &index in &order {
            let Runner { running, times, .. } = &mut runners[index];
            let Ok(program) = running else { continue };
            match program.ask(count) {
                Ok(round) => times.add_round(round),
                Err(why) => *running = Err(why),
            }
        }
        order.rotate_left(1);
    }
    for Runner { name, running, times } in runners {
        let end = running.and_then(|running| running.finish().map(|()| times));
        table.add(&name, end, "");
    }
    Ok(table)
}

/// A hundred thousand denials: the time of one, and how many readings were sent that should not have been.
pub(crate) fn storm(bench: &Bench) -> Result<Vec<Figures>, String> {
    let count = 100_000;
    let mut figures = Figures::new("gate-storm", "a storm of 100,000 denials, one after the other", "");
    for contender in bench.contenders.iter().filter(|contender| contender.does("gate-storm")) {
        let server = bench.serve(Manner::Rich, None)?;
        let round = bench.start(contender, &server, &[]).and_then(|mut running| {
            let round = running.ask(count)?;
            running.finish().map(|()| round)
        });
        match round {
            Ok(round) => {
                let seconds = round.iter().sum::<u64>() as f64 / 1e9;
                // The first reading comes before the storm, and one is always due at its start.
                let allowed = 2 + (seconds / MIN_INTERVAL) as usize;
                let too_many = server.requests().saturating_sub(allowed);
                figures.add(&contender.name, Ok(median(round) as f64), "ns for a denial".to_owned());
                figures.add(READINGS, Ok(too_many as f64), format!("of {} readings", server.requests()));
            }
            Err(why) => figures.add(&contender.name, Err(why), String::new()),
        }
    }
    Ok(vec![figures])
}

/// On the largest reply that is certainly whole.
pub(crate) fn afford(bench: &Bench) -> Result<Vec<Table>, String> {
    let file = bench.folder.join("afford.json");
    let reply = reply::many_resets();
    fs::write(&file, &reply).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut rows = Vec::new();
    for contender in bench.contenders.iter().filter(|contender| contender.does("afford")) {
        let read = ("BENCH_REPLY", file.display().to_string());
        let mut row = |name: &str, environment| {
            rows.push(Row { name: name.to_owned(), contender: contender.clone(), environment });
        };
        row(AFFORD, vec![read.clone()]);
        row(AFFORDABLE_AT, vec![read, ("BENCH_RESET", "1".to_owned())]);
    }
    let title = format!("999 sources of 10 rules, {} bytes, {} rounds of 100", reply.len(), bench.rounds);
    race(bench, rows, 100, Table::new("afford", title, AFFORD)).map(|table| vec![table])
}
