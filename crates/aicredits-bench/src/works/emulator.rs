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
    load::run(addr, requests / 10, USUAL)?;
    let took = load::run(addr, requests, USUAL)?;
    running.finish()?;
    Ok(load::sent(requests) as f64 / took.as_secs_f64())
}

/// How much it grows once its journal is full.
pub(crate) fn memory(bench: &Bench) -> Result<Vec<Figures>, String> {
    let mut figures = Figures::new("emulator-memory", "memory that it gains over many requests", "KiB");
    let server = bench.contenders.iter().find(|contender| contender.does("serve") && contender.name == EMULATOR);
    let server = server.ok_or("the list has no emulator")?;
    // 10^6 requests, or in a quick run 200,000.
    for (name, body, before, requests) in
        [(SMALL, USUAL, 20_000, 1_000_000 / 15 * bench.rounds), (LARGE, KIB_512, 1000, 200 * bench.rounds)]
    {
        let gained = gained(server, body, before, requests);
        figures.add(name, gained, format!("{} requests", load::sent(requests)));
    }
    Ok(vec![figures])
}

fn gained(server: &Contender, body: usize, before: usize, requests: usize) -> Result<f64, String> {
    let (running, addr) = start(server)?;
    load::run(addr, before, body)?;
    let first = resident_kib(&running)?;
    load::run(addr, requests, body)?;
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
