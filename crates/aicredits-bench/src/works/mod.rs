//! The works: what is measured, each by a name that `--only` takes.

use crate::certificate::Tls;
use crate::figures::Figures;
use crate::limits::Results;
use crate::server::Manner;
use crate::table::Table;

pub(crate) mod apart;
pub(crate) mod bench;
mod calls;
mod counted;
pub(crate) mod emulator;
pub(crate) mod gate;
pub(crate) mod plugin;
mod start;

pub(crate) use bench::Bench;
use calls::Calls;

/// A work, selected by its name with `--only`.
pub(crate) struct Work {
    pub(crate) name: &'static str,
    /// Of what the list of contenders says that each does, so that only those are built.
    pub(crate) needs: &'static [&'static str],
    run: Run,
}

enum Run {
    Timed(fn(&Bench) -> Result<Vec<Table>, String>),
    Counted(fn(&Bench) -> Result<Vec<Figures>, String>),
}

impl Work {
    /// Shows what it comes to, and keeps it.
    pub(crate) fn run(&self, bench: &Bench, results: &mut Results) -> Result<(), String> {
        match self.run {
            Run::Timed(run) => {
                for table in run(bench)? {
                    println!("{table}");
                    results.tables.push(table);
                }
            }
            Run::Counted(run) => {
                for figures in run(bench)? {
                    println!("{figures}");
                    results.figures.push(figures);
                }
            }
        }
        Ok(())
    }
}

pub(crate) const WORKS: &[Work] = &[
    Work { name: "warm", needs: &["call"], run: Run::Timed(|bench| warm(bench).run(bench).map(|table| vec![table])) },
    Work { name: "tls", needs: &["call"], run: Run::Timed(tls) },
    Work { name: "start", needs: &["call"], run: Run::Timed(start::run) },
    Work { name: "threads", needs: &["threads"], run: Run::Timed(threads) },
    Work { name: "deadline", needs: &["deadline"], run: Run::Timed(apart::deadline) },
    Work { name: "cancel", needs: &["cancel"], run: Run::Timed(apart::cancel) },
    Work { name: "decode", needs: &["decode"], run: Run::Timed(apart::decode) },
    Work { name: "import", needs: &["import"], run: Run::Timed(apart::import) },
    Work { name: "gate", needs: &["gate"], run: Run::Timed(gate::gate) },
    Work { name: "gate-storm", needs: &["gate-storm"], run: Run::Counted(gate::storm) },
    Work { name: "afford", needs: &["afford"], run: Run::Timed(gate::afford) },
    Work { name: "syscalls", needs: &["call", "strace"], run: Run::Counted(counted::system_calls) },
    Work { name: "instructions", needs: &["call", "valgrind"], run: Run::Counted(counted::instructions) },
    Work { name: "memory", needs: &["memory"], run: Run::Counted(counted::memory) },
    Work { name: "emulator", needs: &["serve"], run: Run::Counted(emulator::speed) },
    Work { name: "emulator-memory", needs: &["serve"], run: Run::Counted(emulator::memory) },
    Work { name: "emulator-clock", needs: &["clock"], run: Run::Counted(emulator::clock) },
    Work { name: "pytest-plugin", needs: &["pytest-plugin"], run: Run::Counted(plugin::plugin) },
    Work { name: "sizes", needs: &[], run: Run::Counted(counted::sizes) },
];

/// A call on a connection that is open.
fn warm(bench: &Bench) -> Calls<'_> {
    Calls {
        work: "warm",
        title: "a call on an open connection, plain HTTP",
        manner: Manner::KeepAlive,
        tls: None,
        threads: None,
        rounds: bench.rounds,
        count: 2000,
    }
}

fn tls(bench: &Bench) -> Result<Vec<Table>, String> {
    let Tls { resuming, full } = &bench.tls;
    let open =
        Calls { work: "tls", title: "a call on an open connection, TLS 1.3", tls: Some(resuming), ..warm(bench) };
    let full = Calls {
        work: "tls-new",
        title: "a new connection a call, TLS 1.3",
        manner: Manner::Close,
        tls: Some(full),
        count: 200,
        ..warm(bench)
    };
    let resumed = Calls {
        work: "tls-resumed",
        title: "a new connection a call, TLS 1.3, sessions offered",
        manner: Manner::Close,
        tls: Some(resuming),
        count: 200,
        ..warm(bench)
    };
    [open, full, resumed].iter().map(|calls| calls.run(bench)).collect()
}

fn threads(bench: &Bench) -> Result<Vec<Table>, String> {
    let shared = |(work, threads)| Calls {
        work,
        title: "calls of many threads on one client, plain HTTP",
        threads: Some(threads),
        count: 6400,
        rounds: bench.rounds.div_ceil(3),
        ..warm(bench)
    };
    let bursts = Calls {
        work: "bursts-64",
        title: "64 threads on one client, all at once and again",
        threads: Some(64),
        count: 64,
        rounds: 50,
        ..warm(bench)
    };
    let works = [("threads-1", 1), ("threads-4", 4), ("threads-16", 16), ("threads-64", 64)];
    works.map(shared).iter().chain([&bursts]).map(|calls| calls.run(bench)).collect()
}
