//! From the start of a process to its first balance, and the memory that it took to get there.

use std::fs;
use std::time::Instant;

use super::bench::{Bench, REFERENCE, THREADED};
use crate::contender::Contender;
use crate::server::Manner;
use crate::stats::{Times, median};
use crate::table::Table;

const STARTS_A_ROUND: usize = 10;

pub(crate) fn run(bench: &Bench) -> Result<Vec<Table>, String> {
    Ok(vec![
        race(bench, "start", "from the start of a process to its first balance, plain HTTP", false)?,
        race(bench, "start-tls", "from the start of a process to its first balance, TLS 1.3, one root", true)?,
    ])
}

fn race(bench: &Bench, work: &'static str, what: &str, over_tls: bool) -> Result<Table, String> {
    let title = format!("{what}, {} rounds of {STARTS_A_ROUND}", bench.rounds);
    let contenders: Vec<&Contender> = bench.contenders.iter().filter(|contender| contender.does("call")).collect();
    let mut results: Vec<Result<(Times, Vec<u64>), String>> =
        contenders.iter().map(|_| Ok(Default::default())).collect();
    for _ in 0..bench.rounds {
        for (contender, result) in contenders.iter().zip(&mut results) {
            let Ok((times, peaks)) = result else { continue };
            match (0..STARTS_A_ROUND).map(|_| first_balance(bench, contender, over_tls)).collect::<Result<Vec<_>, _>>()
            {
                Ok(round) => {
                    times.add_round(round.iter().map(|(time, _)| *time).collect());
                    peaks.extend(round.iter().map(|(_, peak)| *peak));
                }
                Err(why) => *result = Err(why),
            }
        }
    }
    let mut table = Table::new(work, title, REFERENCE);
    for (contender, result) in contenders.iter().zip(results) {
        let (end, note) = match result {
            Ok((times, peaks)) => (Ok(times), format!("peak {:.1} MiB", median(peaks) as f64 / 1024.0)),
            Err(why) => (Err(why), String::new()),
        };
        table.add(&contender.name, end, note);
    }
    Ok(table)
}

/// In nanoseconds, and the peak in KiB.
fn first_balance(bench: &Bench, contender: &Contender, over_tls: bool) -> Result<(u64, u64), String> {
    let tls = (over_tls && contender.name != REFERENCE).then(|| bench.tls.resuming.clone());
    let server = bench.processors.for_server(|| bench.serve(Manner::KeepAlive, tls))?;
    let begun = Instant::now();
    let start = || bench.start(contender, &server, &[]);
    let mut running = if contender.does(THREADED) { start() } else { bench.processors.for_contender(start) }?;
    running.ask(1)?;
    let time = begun.elapsed();
    let peak = peak_kib(running.id())?;
    running.finish()?;
    Ok((time.as_nanos() as u64, peak))
}

/// `VmHWM`, because `getrusage` may report the parent's peak for a child.
fn peak_kib(id: u32) -> Result<u64, String> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).map_err(|error| error.to_string())?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).ok_or("no VmHWM in its status".to_owned())
}
