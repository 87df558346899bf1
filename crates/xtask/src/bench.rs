//! The benchmarks: builds the contenders whose tools are here, and has `aicredits-bench` let them run in turn.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::dist;
use crate::go;
use crate::python;
use crate::tool::{self, CC, CJSON, CXX, GO, LIBCURL, Missing, NODE, Outcome, PYTHON, STRACE, VALGRIND};

/// A program of `crates/aicredits-bench/contenders`. `crates/aicredits-bench/README.md` tells what it has to do.
struct Contender {
    name: &'static str,
    /// What it can be asked to do, of the works in `crates/aicredits-bench/src/works`.
    does: &'static str,
    needs: &'static [fn() -> Result<(), Missing>],
    program: fn() -> Outcome<Vec<OsString>>,
}

const CONTENDERS: &[Contender] = &[
    Contender { name: "bare socket", does: "call,threads", needs: &[], program: || rust("bare", "") },
    Contender { name: "aicredits, Rust", does: "call,threads", needs: &[], program: || rust("aicredits", "ours") },
    Contender { name: "aicredits, C", does: "call", needs: &[], program: || c("aicredits", &["-laicredits"]) },
    Contender { name: "aicredits, C++", does: "call", needs: &[|| CXX.find().map(drop)], program: cpp },
    Contender {
        name: "aicredits, Go",
        does: "call,threaded",
        needs: &[|| GO.find().map(drop)],
        program: || golang("aicredits"),
    },
    Contender {
        name: "net/http and encoding/json",
        does: "call,threaded",
        needs: &[|| GO.find().map(drop)],
        program: || golang("nethttp"),
    },
    Contender {
        name: "aicredits, Python",
        does: "call",
        needs: &[|| PYTHON.find().map(drop)],
        program: || py(&["aicredits_sync.py"]),
    },
    Contender {
        name: "aicredits, asyncio",
        does: "call,threaded",
        needs: &[|| PYTHON.find().map(drop)],
        program: || py(&["aicredits_async.py"]),
    },
    Contender {
        name: "http.client and json",
        does: "call",
        needs: &[|| PYTHON.find().map(drop)],
        program: || py(&["http_client.py"]),
    },
    Contender {
        name: "urllib3",
        does: "call",
        needs: &[|| PYTHON.find().map(drop)],
        program: || py(&["urllib3_pool.py"]),
    },
    Contender {
        name: "requests",
        does: "call",
        needs: &[|| PYTHON.find().map(drop)],
        program: || py(&["requests_session.py"]),
    },
    Contender {
        name: "httpx",
        does: "call",
        needs: &[|| PYTHON.find().map(drop)],
        program: || py(&["httpx_client.py"]),
    },
    Contender {
        name: "Node's fetch",
        does: "call,threaded",
        needs: &[|| NODE.find().map(drop)],
        program: || node("fetch.mjs"),
    },
    Contender {
        name: "libcurl and cJSON",
        does: "call",
        needs: &[|| LIBCURL.find(), || CJSON.find()],
        program: || c("libcurl", &["-lcurl", "-lcjson"]),
    },
    Contender { name: "ureq and serde_json", does: "call,threads", needs: &[], program: || rust("ureq", "ureq") },
    Contender {
        name: "reqwest and serde_json",
        does: "call,threads,threaded",
        needs: &[],
        program: || rust("reqwest", "reqwest"),
    },
    Contender { name: "serde_json, bare scan", does: "decode", needs: &[], program: || rust("decode_scan", "serde") },
    Contender { name: "aicredits, Rust", does: "decode", needs: &[], program: || rust("decode_aicredits", "ours") },
    Contender { name: "aicredits, C", does: "decode", needs: &[], program: || c("decode_aicredits", &["-laicredits"]) },
    Contender { name: "serde_json, derived", does: "decode", needs: &[], program: || rust("decode_serde", "serde") },
    Contender { name: "cJSON", does: "decode", needs: &[|| CJSON.find()], program: || c("decode_cjson", &["-lcjson"]) },
    Contender {
        name: "aicredits, Python",
        does: "decode",
        needs: &[|| PYTHON.find().map(drop)],
        program: || py(&["decode_aicredits.py"]),
    },
    Contender {
        name: "orjson",
        does: "decode",
        needs: &[|| PYTHON.find().map(drop)],
        program: || py(&["decode_loads.py", "orjson"]),
    },
    Contender {
        name: "Python's json",
        does: "decode",
        needs: &[|| PYTHON.find().map(drop)],
        program: || py(&["decode_loads.py", "json"]),
    },
    Contender { name: "bare socket", does: "deadline", needs: &[], program: || rust("deadline_bare", "") },
    Contender { name: "aicredits, Rust", does: "deadline", needs: &[], program: || rust("deadline_aicredits", "ours") },
    Contender {
        name: "aicredits, C",
        does: "deadline",
        needs: &[],
        program: || c("deadline_aicredits", &["-laicredits"]),
    },
    Contender { name: "bare socket", does: "cancel", needs: &[], program: || rust("cancel_bare", "") },
    Contender { name: "aicredits, Rust", does: "cancel", needs: &[], program: || rust("cancel_aicredits", "ours") },
    Contender {
        name: "aicredits, C",
        does: "cancel",
        needs: &[],
        program: || c("cancel_aicredits", &["-laicredits", "-pthread"]),
    },
    Contender { name: "aicredits, Rust", does: "memory", needs: &[], program: || rust("memory_aicredits", "ours") },
    Contender { name: "ureq", does: "memory", needs: &[], program: || rust("memory_ureq", "ureq") },
    // No contenders, but tools that count what one does.
    Contender { name: "valgrind", does: "valgrind", needs: &[], program: || Ok(vec![VALGRIND.find()?.into()]) },
    Contender { name: "strace", does: "strace", needs: &[], program: || Ok(vec![STRACE.find()?.into()]) },
];

/// Built on its own, with one feature: two contenders may use one library with different features.
fn rust(name: &str, feature: &str) -> Outcome<Vec<OsString>> {
    let binary = format!("bench-{name}");
    let mut cargo = tool::cargo("build");
    cargo.args(["--quiet", "--release", "--package", "aicredits-bench", "--no-default-features"]);
    tool::run(cargo.args(["--features", feature, "--bin", &binary]))?;
    Ok(vec![dist::programs().join(binary).into()])
}

fn c(name: &str, libraries: &[&str]) -> Outcome<Vec<OsString>> {
    compiled(CC.command()?, "gnu11", &format!("{name}.c"), libraries)
}

fn cpp() -> Outcome<Vec<OsString>> {
    compiled(CXX.command()?, "gnu++17", "aicredits.cpp", &["-laicredits"])
}

fn golang(name: &str) -> Outcome<Vec<OsString>> {
    let program = folder()?.join(format!("{name}-go"));
    go::contender(&tool::root().join("crates/aicredits-bench/contenders/go").join(name), &program)?;
    Ok(vec![program.into()])
}

fn py(script: &[&str]) -> Outcome<Vec<OsString>> {
    let folder = tool::root().join("crates/aicredits-bench/contenders/python");
    let python = python::contender(&folder.join("requirements.txt"))?;
    let (script, arguments) = script.split_first().ok_or("no script")?;
    let words = [python.into(), folder.join(script).into()].into_iter();
    Ok(words.chain(arguments.iter().map(OsString::from)).collect())
}

fn node(script: &str) -> Outcome<Vec<OsString>> {
    let script = tool::root().join("crates/aicredits-bench/contenders/node").join(script);
    Ok(vec![NODE.find()?.into(), script.into()])
}

fn compiled(mut compiler: Command, standard: &str, source: &str, libraries: &[&str]) -> Outcome<Vec<OsString>> {
    let program = folder()?.join(source.replace('.', "-"));
    let (include, lib) = (dist::folder().join("include"), dist::folder().join("lib"));
    compiler.arg(format!("-std={standard}")).args(["-O2", "-Wall", "-Wextra", "-Werror", "-I"]).arg(include);
    compiler.arg(tool::root().join("crates/aicredits-bench/contenders").join(source)).arg("-o").arg(&program);
    compiler.arg("-L").arg(&lib).arg(format!("-Wl,-rpath,{}", lib.display())).args(libraries);
    tool::run(&mut compiler)?;
    Ok(vec![program.into()])
}

fn folder() -> Outcome<PathBuf> {
    let folder = tool::root().join("target/bench");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Starts the contenders, serves them, and compares.
const DRIVER: &str = "aicredits-bench";

/// `cargo xtask bench [--quick] [--only a,b]`: the options are the driver's.
pub(crate) fn command(arguments: &[String]) -> Outcome {
    dist::build()?;
    eprintln!("building the contenders");
    tool::run(tool::cargo("build").args(["--quiet", "--release", "--package", "aicredits-bench", "--bin", DRIVER]))?;
    let list = folder()?.join("contenders");
    fs::write(&list, CONTENDERS.iter().map(Contender::line).collect::<String>())?;
    let mut driver = Command::new(dist::programs().join(DRIVER));
    tool::run(driver.arg(list).arg(tool::root().join("target")).args(arguments))
}

impl Contender {
    /// Its line of the list that the driver reads: fields with tabs between, the last ones the command line, or `!` and
    /// why there is none.
    fn line(&self) -> String {
        let program = self.needs.iter().try_for_each(|need| need()).map_err(|missing| missing.to_string());
        let program = program.and_then(|()| (self.program)().map_err(|error| error.to_string()));
        let words = match program {
            Ok(words) => words.iter().map(|word| word.to_string_lossy().into_owned()).collect(),
            Err(why) => vec!["!".to_owned(), format!("left out: {why}")],
        };
        format!("{}\t{}\t{}\n", self.name, self.does, words.join("\t"))
    }
}
