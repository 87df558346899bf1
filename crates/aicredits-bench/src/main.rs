//! Benchmarks of the client and its peers, on one server, in one run. `cargo xtask bench` builds the contenders and runs
//! this program. `README.md` describes a contender.

#![forbid(unsafe_code)]

mod certificate;
mod contender;
mod figures;
mod limits;
mod load;
mod processors;
mod reply;
mod server;
mod stats;
mod table;
mod works;

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use contender::Contender;
use limits::Results;
use processors::Processors;
use table::Table;
use works::{Bench, WORKS, Work};

const USAGE: &str =
    "aicredits-bench LIST FOLDER [--quick] [--only a,b], or aicredits-bench --needs with the same options";

/// As few as show that all works; the figures are worth little.
const QUICK_ROUNDS: usize = 3;
const ROUNDS: usize = 15;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// A slow figure is reported and is not a failure, because machines are noisy.
fn run(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    if let Some(("--needs", options)) = arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        let needs: BTreeSet<_> = Options::parse(options)?.works.iter().flat_map(|work| work.needs).copied().collect();
        println!("{}", needs.into_iter().collect::<Vec<_>>().join(","));
        return Ok(());
    }
    let [list, folder, options @ ..] = arguments else { return Err(USAGE.into()) };
    let (options, target) = (Options::parse(options)?, Path::new(folder));
    let folder = target.join("bench");
    fs::create_dir_all(&folder)?;
    let ca_file = folder.join("authority.pem");
    let bench = Bench {
        contenders: Contender::read_list(Path::new(list))?,
        rounds: options.rounds,
        processors: Processors::of_this_process()?,
        tls: certificate::make(&ca_file)?,
        ca_file,
        folder,
    };
    println!("{}\n", machine());
    let mut results = Results::default();
    for work in options.works {
        work.run(&bench, &mut results)?;
    }
    println!("{results}");
    let values: Vec<_> = results.tables.iter().flat_map(Table::json).collect();
    let file = target.join("bench.json");
    fs::write(&file, serde_json::to_string_pretty(&values)? + "\n")?;
    println!("written to {}", file.display());
    Ok(())
}

/// Figures mean little without it: how many processors, and how many programs wanted them lately.
fn machine() -> String {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    format!("{processors} processors; {load} processes ran or wanted to, the last minute, before this began")
}

struct Options {
    rounds: usize,
    works: Vec<&'static Work>,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Options, String> {
        let (mut rounds, mut works) = (ROUNDS, WORKS.iter().collect());
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--quick" => rounds = QUICK_ROUNDS,
                "--only" => {
                    works = named(arguments.next().ok_or_else(|| format!("--only needs names, of: {}", names()))?)?
                }
                other => return Err(format!("`{other}` is neither --quick nor --only a,b")),
            }
        }
        Ok(Options { rounds, works })
    }
}

fn named(names_given: &str) -> Result<Vec<&'static Work>, String> {
    let find = |name| WORKS.iter().find(|work| work.name == name);
    names_given
        .split(',')
        .map(|name| find(name).ok_or_else(|| format!("no work `{name}`; there are: {}", names())))
        .collect()
}

fn names() -> String {
    WORKS.iter().map(|work| work.name).collect::<Vec<_>>().join(", ")
}
