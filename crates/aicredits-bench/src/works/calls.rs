//! Calls over the server, by every contender in turn: warm or on new connections, plain or over TLS, on one thread or
//! on many.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::ServerConfig;

use super::bench::{Bench, REFERENCE, THREADED};
use crate::contender::{Contender, Running};
use crate::server::{Manner, Server};
use crate::stats::Times;
use crate::table::Table;

/// How the calls of a work are made.
pub(crate) struct Calls<'a> {
    pub(crate) work: &'static str,
    pub(crate) title: &'static str,
    pub(crate) manner: Manner,
    pub(crate) tls: Option<&'a Arc<ServerConfig>>,
    /// So many threads share one client; otherwise one thread has it for itself.
    pub(crate) threads: Option<usize>,
    pub(crate) rounds: usize,
    /// How many calls a round has.
    pub(crate) count: usize,
}

/// A contender in the race, until it fails.
struct Runner {
    name: String,
    server: Server,
    running: Result<Running, String>,
    calls: usize,
    times: Times,
    /// By the clock on the wall, which many threads share.
    took: Duration,
}

impl Calls<'_> {
    pub(crate) fn run(&self, bench: &Bench) -> Result<Table, String> {
        let what = if self.threads.is_some() { "threads" } else { "call" };
        let contenders = bench.contenders.iter().filter(|contender| contender.does(what));
        let mut runners = contenders.map(|contender| self.start(contender, bench)).collect::<Result<Vec<_>, _>>()?;
        for runner in &mut runners {
            // Connections, code and caches become warm; nobody times that.
            runner.ask(self.count.min(200));
            runner.took = Duration::ZERO;
        }
        // By turns, and each round begins with another one, so that nobody always follows the same neighbour.
        let mut order: VecDeque<usize> = (0..runners.len()).collect();
        for _ in 0..self.rounds {
            for &index in &order {
                if let Some(times) = runners[index].ask(self.count) {
                    runners[index].times.add_round(times);
                }
            }
            order.rotate_left(1);
        }
        let title = format!("{}, {} rounds of {} calls", self.title, self.rounds, self.count);
        let mut table = Table::new(self.work, title, REFERENCE);
        for mut runner in runners {
            let end = self.end(&mut runner);
            let note = self.note(&runner, end.as_ref().map_or(0, Times::count));
            table.add(&runner.name, end, note).connections = runner.server.connections();
        }
        Ok(table)
    }

    fn start(&self, contender: &Contender, bench: &Bench) -> Result<Runner, String> {
        // It speaks no TLS: it is there to tell what the machine does meanwhile.
        let tls = self.tls.filter(|_| contender.name != REFERENCE).cloned();
        let mut environment = Vec::new();
        if self.manner == Manner::Close {
            environment.push(("BENCH_CLOSES", "1".to_owned()));
        }
        if let Some(threads) = self.threads {
            environment.push(("BENCH_THREADS", threads.to_string()));
        }
        let serve = || bench.serve(self.manner, tls);
        let server = if self.threads.is_some() { serve() } else { bench.processors.for_server(serve) }?;
        let start = || bench.start(contender, &server, &environment);
        let has_threads = self.threads.is_some() || contender.does(THREADED);
        let running = if has_threads { start() } else { bench.processors.for_contender(start) };
        Ok(Runner {
            name: contender.name.clone(),
            server,
            running,
            calls: 0,
            times: Times::default(),
            took: Duration::ZERO,
        })
    }

    /// The times, unless it failed or took other connections than the work is about.
    fn end(&self, runner: &mut Runner) -> Result<Times, String> {
        std::mem::replace(&mut runner.running, Err(String::new()))?
            .finish()
            .map_err(|why| format!("disqualified: {why}"))?;
        let connections = runner.server.connections();
        let is_as_told = match self.manner {
            Manner::Close => connections >= runner.calls,
            _ if self.threads.is_some() => true,
            _ => connections == 1,
        };
        if !is_as_told {
            return Err(format!("disqualified: {} calls on {connections} connections", runner.calls));
        }
        Ok(std::mem::take(&mut runner.times))
    }

    fn note(&self, Runner { server, took, .. }: &Runner, calls: usize) -> String {
        let connections = server.connections();
        if self.threads.is_some() {
            format!("{:.0} calls/s, {connections} connections", calls as f64 / took.as_secs_f64())
        } else if self.manner == Manner::Close && server.has_tls() {
            format!("{} of {connections} handshakes resumed", server.resumed())
        } else {
            String::new()
        }
    }
}

impl Runner {
    fn ask(&mut self, count: usize) -> Option<Vec<u64>> {
        let begun = Instant::now();
        let answer = self.running.as_mut().ok()?.ask(count);
        self.took += begun.elapsed();
        self.calls += count;
        answer.map_err(|why| self.running = Err(format!("disqualified: {why}"))).ok()
    }
}
