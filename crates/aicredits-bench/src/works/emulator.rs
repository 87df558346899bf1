//! The emulator as a server: its speed next to two others, its memory, and its clock.

use std::fs;
use std::net::SocketAddr;

use super::bench::Bench;
use crate::contender::{Contender, Running};
use crate::figures::Figures;
use crate::{load, reply};

pub(crate) const EMULATOR: &str = "the emulator";
pub(crate) const SMALL: &str = "small bodies";
pub(crate) const LARGE: &str = "bodies of 512 KiB";
pub(crate) const PAID: &str = "paid actions, an idempotency key each";
pub(crate) const TEN_YEARS: &str = "ten years of 1,000 daily rules";

/// The body of a usual request, `{}`.
const USUAL: usize = 2;
const KIB_512: usize = 512 * 1024;

/// Requests a second over 32 connections, which the load generator keeps. It shares the processors with the server.
pub(crate) fn speed(bench: &Bench) -> Result<Vec<Figures>, String> {
    let mut figures = Figures::new("emulator", "requests a second over kept connections, the same balance", "/s");
    let servers: Vec<&Contender> = bench.contenders.iter().filter(|contender| contender.does("serve")).collect();
    let mut best: Vec<Result<f64, String>> = servers.iter().map(|_| Ok(0.0)).collect();
    // In turn, so that a busy moment is not one server's alone.
    for _ in 0..bench.rounds.div_ceil(3) {
        for (server, best) in servers.iter().zip(&mut best) {
            let measured = best.clone().and_then(|best| Ok(once(bench, server)?.max(best)));
            *best = measured;
        }
    }
    let ours = servers.iter().position(|server| server.name == EMULATOR).and_then(|at| best[at].clone().ok());
    for (server, best) in servers.iter().zip(best) {
        let share = best.as_ref().ok().zip(ours).map(|(one, ours)| format!("{:.2} of the emulator's", one / ours));
        figures.add(&server.name, best, share.unwrap_or_default());
    }
    Ok(vec![figures])
}

fn once(bench: &Bench, server: &Contender) -> Result<f64, String> {
    let (running, addr) = start(server)?;
    let requests = 4000 * bench.rounds;
    load::balances(addr, requests / 10, USUAL)?;
    let took = load::balances(addr, requests, USUAL)?;
    running.finish()?;
    Ok(load::sent(requests) as f64 / took.as_secs_f64())
}

/// How much it grows once everything that it keeps is at its bound: the journal, and the requests and spends that the
/// verdict and the ledger remember.
pub(crate) fn memory(bench: &Bench) -> Result<Vec<Figures>, String> {
    let mut figures = Figures::new("emulator-memory", "memory that it gains over many requests", "KiB");
    let server = bench.contenders.iter().find(|contender| contender.does("serve") && contender.name == EMULATOR);
    let server = server.ok_or("the list has no emulator")?;
    let balances = |body| move |addr, requests, _: usize| load::balances(addr, requests, body).map(drop);
    let paid_actions = |addr, requests, before| {
        load::top_up(addr, requests)?;
        load::paid_actions(addr, requests, before).map(drop)
    };
    // 10^6 requests, or in a quick run 200,000.
    let million = 1_000_000 / 15 * bench.rounds;
    let rows: [(_, &Requests<'_>, _, _); 3] = [
        (SMALL, &balances(USUAL), 250_000, million),
        (LARGE, &balances(KIB_512), 4000, 1000 * bench.rounds),
        (PAID, &paid_actions, 250_000, million),
    ];
    for (name, requests, before, count) in rows {
        figures.add(name, gained(server, requests, before, count), format!("{} requests", load::sent(count)));
    }
    Ok(vec![figures])
}

/// Makes so many requests, after so many others.
type Requests<'r> = dyn Fn(SocketAddr, usize, usize) -> Result<(), String> + 'r;

fn gained(server: &Contender, requests: &Requests<'_>, before: usize, count: usize) -> Result<f64, String> {
    let (running, addr) = start(server)?;
    requests(addr, before, 0)?;
    let first = resident_kib(&running)?;
    requests(addr, count, load::sent(before))?;
    let last = resident_kib(&running)?;
    running.finish()?;
    Ok(last - first)
}

fn resident_kib(running: &Running) -> Result<f64, String> {
    let status = fs::read_to_string(format!("/proc/{}/status", running.id())).map_err(|error| error.to_string())?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let words = line.and_then(|line| line.split_whitespace().next());
    words.and_then(|kib| kib.parse().ok()).ok_or_else(|| "no VmRSS".to_owned())
}

/// One move of the clock over many resets.
pub(crate) fn clock(bench: &Bench) -> Result<Vec<Figures>, String> {
    let mut figures = Figures::new("emulator-clock", "a move of the emulator's clock", "ms");
    for contender in bench.contenders.iter().filter(|contender| contender.does("clock")) {
        let times = contender.start(&[]).and_then(|mut running| {
            let times = running.ask(bench.rounds)?;
            running.finish()?;
            Ok(times)
        });
        let slowest = times.map(|times| times.into_iter().max().unwrap_or_default() as f64 / 1e6);
        figures.add(TEN_YEARS, slowest, format!("the slowest of {}", bench.rounds));
    }
    Ok(vec![figures])
}

/// A server prints its base URL as its first line.
fn start(server: &Contender) -> Result<(Running, SocketAddr), String> {
    let mut running = server.start(&[("BENCH_BODY", reply::EXAMPLE.to_owned())])?;
    let line = running.line()?;
    let addr = line.strip_prefix("http://").and_then(|addr| addr.parse().ok());
    Ok((running, addr.ok_or_else(|| format!("no base URL: {line}"))?))
}
