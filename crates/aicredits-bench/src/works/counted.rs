//! Works that are counted and not timed: system calls, memory, sizes.

use std::collections::BTreeMap;
use std::fs;

use super::bench::{Bench, THREADED};
use crate::contender::Contender;
use crate::figures::Figures;
use crate::server::{Manner, Server};

/// How many connections are open at once.
const CONNECTIONS: usize = 64;

/// A tool that counts what a program does, and writes a summary when it ends.
struct Counter {
    tool: &'static str,
    arguments: fn(summary: &str) -> Vec<String>,
    read: fn(summary: &str) -> BTreeMap<String, u64>,
    /// Whether it also counts contenders whose runtime starts threads.
    of_threaded: bool,
}

pub(crate) fn system_calls(bench: &Bench) -> Result<Vec<Figures>, String> {
    let strace = Counter {
        tool: "strace",
        arguments: |summary| ["-f", "-c", "-o", summary].map(str::to_owned).to_vec(),
        read: read_strace,
        of_threaded: true,
    };
    let mut figures = Figures::new("syscalls", "system calls in a warm call, plain HTTP, by `strace -f -c`", "");
    in_a_warm_call(bench, &strace, &mut figures, |each| (each.values().sum(), list(each)))?;
    Ok(vec![figures])
}

/// The one figure that a busy machine leaves alone.
pub(crate) fn instructions(bench: &Bench) -> Result<Vec<Figures>, String> {
    let callgrind = Counter {
        tool: "valgrind",
        arguments: |summary| vec!["-q".into(), "--tool=callgrind".into(), format!("--callgrind-out-file={summary}")],
        read: read_callgrind,
        // It fails on Go's signals, and what such threads do besides is no part of a call.
        of_threaded: false,
    };
    let title = "instructions in a warm call, plain HTTP, without the kernel's, by callgrind";
    let mut figures = Figures::new("instructions", title, "thousand");
    let thousands = |each: &BTreeMap<String, f64>| (each.values().sum::<f64>() / 1e3, String::new());
    in_a_warm_call(bench, &callgrind, &mut figures, thousands)?;
    Ok(vec![figures])
}

/// Two runs of different length are counted, so that what belongs to the start falls out.
fn in_a_warm_call(
    bench: &Bench,
    counter: &Counter,
    figures: &mut Figures,
    figure: fn(&BTreeMap<String, f64>) -> (f64, String),
) -> Result<(), String> {
    let (few, many) = (200, 200 + 100 * bench.rounds);
    let counts = |contender: &&Contender| contender.does("call") && (counter.of_threaded || !contender.does(THREADED));
    for contender in bench.contenders.iter().filter(counts) {
        let counted = counted(bench, counter, contender, few).and_then(|before| {
            let after = counted(bench, counter, contender, many)?;
            Ok(figure(&per_call(&before, &after, many - few)))
        });
        let (figure, note) = counted.map_or_else(|why| (Err(why), String::new()), |(figure, note)| (Ok(figure), note));
        figures.add(&contender.name, figure, note);
    }
    Ok(())
}

fn counted(
    bench: &Bench,
    counter: &Counter,
    contender: &Contender,
    calls: usize,
) -> Result<BTreeMap<String, u64>, String> {
    let tool = bench.contenders.iter().find(|other| other.does(counter.tool));
    let tool = tool.ok_or_else(|| format!("the list has no {}", counter.tool))?;
    let summary = bench.folder.join(counter.tool);
    let server = bench.serve(Manner::KeepAlive, None)?;
    let wrapped = tool.wrapping((counter.arguments)(&summary.to_string_lossy()), contender);
    let mut running = bench.start(&wrapped, &server, &[])?;
    running.ask(calls)?;
    running.finish()?;
    let summary = fs::read_to_string(&summary).map_err(|error| format!("{}: {error}", summary.display()))?;
    Ok((counter.read)(&summary))
}

/// Among much else, a line `totals: N`.
fn read_callgrind(summary: &str) -> BTreeMap<String, u64> {
    let total = summary.lines().find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok());
    total.map(|total| ("instructions".to_owned(), total)).into_iter().collect()
}

/// Lines of `% time, seconds, usecs/call, calls, errors, syscall`, of which the errors may be missing.
fn read_strace(summary: &str) -> BTreeMap<String, u64> {
    let row = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let name = *fields.last()?;
        let is_row = fields.len() >= 5 && fields[0].parse::<f64>().is_ok() && name != "total";
        Some((name.to_owned(), fields.get(3)?.parse().ok()?)).filter(|_| is_row)
    };
    summary.lines().filter_map(row).collect()
}

/// Leaves out system calls that occur less than once in a hundred calls.
fn per_call(before: &BTreeMap<String, u64>, after: &BTreeMap<String, u64>, calls: usize) -> BTreeMap<String, f64> {
    let each = after.iter().map(|(name, &count)| {
        let more = count.saturating_sub(before.get(name).copied().unwrap_or(0));
        (name.clone(), more as f64 / calls as f64)
    });
    each.filter(|(_, each)| *each >= 0.01).collect()
}

fn list(each: &BTreeMap<String, f64>) -> String {
    each.iter().map(|(name, count)| format!("{name} {count:.2}")).collect::<Vec<_>>().join(", ")
}

/// Of a connection in use, by what the program's allocator hands out.
pub(crate) fn memory(bench: &Bench) -> Result<Vec<Figures>, String> {
    let works = [
        ("memory", "memory a connection in use, plain HTTP, 64 at once", None),
        ("memory-tls", "memory a connection in use, TLS 1.3, 64 at once", Some(&bench.tls.resuming)),
    ];
    let mut all = Vec::new();
    for (work, title, tls) in works {
        let mut figures = Figures::new(work, title, "KiB");
        for contender in bench.contenders.iter().filter(|contender| contender.does("memory")) {
            let server = Server::start(Manner::Gather(CONNECTIONS), tls.cloned());
            let server = server.map_err(|error| format!("the server: {error}"))?;
            let answer = bench.start(contender, &server, &[]).and_then(|mut running| {
                let answer = running.answer(CONNECTIONS)?;
                running.finish().map(|()| answer)
            });
            let kib = |bytes: u64| bytes as f64 / 1024.0;
            match answer.as_deref() {
                Ok(&[idle, in_use]) => {
                    figures.add(&contender.name, Ok(kib(in_use)), format!("idle: {:.1} KiB", kib(idle)))
                }
                Ok(_) => figures.add(&contender.name, Err("answered other than two numbers".to_owned()), String::new()),
                Err(why) => figures.add(&contender.name, Err(why.clone()), String::new()),
            }
        }
        all.push(figures);
    }
    Ok(all)
}

/// Of what is in `target/dist`.
pub(crate) fn sizes(bench: &Bench) -> Result<Vec<Figures>, String> {
    let mut figures = Figures::new("sizes", "the libraries in target/dist/lib", "KiB");
    for name in ["libaicredits.so", "libaicredits.a"] {
        let size = fs::metadata(bench.folder.join("../dist/lib").join(name)).map_err(|error| error.to_string());
        figures.add(name, size.map(|file| file.len() as f64 / 1024.0), String::new());
    }
    Ok(vec![figures])
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEW: &str = "\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 80.00    0.000500           5       100        10 recvfrom
 20.00    0.000100           1       100           sendto
------ ----------- ----------- --------- --------- ----------------
100.00    0.000600           3       200        10 total
";

    #[test]
    fn a_summary_is_read_with_errors_and_without() {
        let read = read_strace(FEW);
        assert_eq!(read, BTreeMap::from([("recvfrom".to_owned(), 100), ("sendto".to_owned(), 100)]));
    }

    #[test]
    fn callgrind_s_total_is_read() {
        let read = read_callgrind("version: 1\nevents: Ir\n\ntotals: 364202174\n");
        assert_eq!(read, BTreeMap::from([("instructions".to_owned(), 364_202_174)]));
    }

    #[test]
    fn the_cost_of_the_start_is_subtracted() {
        let before = read_strace(FEW);
        let mut after = before.clone();
        after.insert("recvfrom".to_owned(), 300);
        after.insert("mmap".to_owned(), 1);
        let each = per_call(&before, &after, 200);
        assert_eq!(each, BTreeMap::from([("recvfrom".to_owned(), 1.0)]));
        assert_eq!(list(&each), "recvfrom 1.00");
    }
}
