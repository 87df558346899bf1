//! The benchmarks: builds the contenders whose tools are here, and has `aicredits-bench` let them run in turn.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::dist;
use crate::go;
use crate::python;
use crate::tool::{self, CC, CJSON, CXX, LIBCURL, Library, NODE, Outcome, STRACE, Tool, VALGRIND};

/// How a program of `crates/aicredits-bench/contenders` is made. `crates/aicredits-bench/README.md` says what it has
/// to do.
enum Program {
    /// Of this name, with this feature.
    Rust(&'static str, &'static str),
    /// Linked with these.
    C(&'static str, &'static [&'static str]),
    Cpp(&'static str),
    /// In a folder of this name.
    Go(&'static str),
    /// A script and its arguments.
    Python(&'static [&'static str]),
    Node(&'static str),
    /// No contender, but a tool that counts what one does.
    Tool(&'static Tool),
}

use Program::{C, Cpp, Go, Node, Python, Rust};

/// Its name, what it can be asked to do, of the works in `crates/aicredits-bench/src/works`, and what does it.
type Contender = (&'static str, &'static str, Program);

const CONTENDERS: &[Contender] = &[
    ("bare socket", "call,threads", Rust("bare", "")),
    ("aicredits, Rust", "call,threads", Rust("aicredits", "ours")),
    ("aicredits, C", "call", C("aicredits", &["-laicredits"])),
    ("aicredits, C++", "call", Cpp("aicredits")),
    ("aicredits, Go", "call,threaded", Go("aicredits")),
    ("net/http and encoding/json", "call,threaded", Go("nethttp")),
    ("aicredits, Python", "call", Python(&["aicredits_sync.py"])),
    ("aicredits, asyncio", "call,threaded", Python(&["aicredits_async.py"])),
    ("http.client and json", "call", Python(&["http_client.py"])),
    ("urllib3", "call", Python(&["urllib3_pool.py"])),
    ("requests", "call", Python(&["requests_session.py"])),
    ("httpx", "call", Python(&["httpx_client.py"])),
    ("Node's fetch", "call,threaded", Node("fetch.mjs")),
    ("libcurl and cJSON", "call", C("libcurl", &["-lcurl", "-lcjson"])),
    ("ureq and serde_json", "call,threads", Rust("ureq", "ureq")),
    ("reqwest and serde_json", "call,threads,threaded", Rust("reqwest", "reqwest")),
    ("serde_json, bare scan", "decode", Rust("decode_scan", "serde")),
    ("aicredits, Rust", "decode", Rust("decode_aicredits", "ours")),
    ("aicredits, C", "decode", C("decode_aicredits", &["-laicredits"])),
    ("aicredits, Go", "decode", Go("decode_aicredits")),
    ("aicredits, Python", "decode", Python(&["decode_aicredits.py"])),
    ("serde_json, derived", "decode", Rust("decode_serde", "serde")),
    ("cJSON", "decode", C("decode_cjson", &["-lcjson"])),
    ("encoding/json", "decode", Go("decode_encodingjson")),
    ("orjson", "decode", Python(&["decode_loads.py", "orjson"])),
    ("Python's json", "decode", Python(&["decode_loads.py", "json"])),
    ("Python alone", "import", Python(&["importing.py"])),
    ("aicredits", "import", Python(&["importing.py", "aicredits"])),
    ("http.client and json", "import", Python(&["importing.py", "http.client", "json"])),
    ("urllib3", "import", Python(&["importing.py", "urllib3"])),
    ("requests", "import", Python(&["importing.py", "requests"])),
    ("httpx", "import", Python(&["importing.py", "httpx"])),
    ("bare socket", "deadline", Rust("deadline_bare", "")),
    ("aicredits, Rust", "deadline", Rust("deadline_aicredits", "ours")),
    ("aicredits, C", "deadline", C("deadline_aicredits", &["-laicredits"])),
    ("bare socket", "cancel", Rust("cancel_bare", "")),
    ("aicredits, Rust", "cancel", Rust("cancel_aicredits", "ours")),
    ("aicredits, C", "cancel", C("cancel_aicredits", &["-laicredits", "-pthread"])),
    ("lock, clock, allocation", "gate", Rust("gate_yardstick", "")),
    ("aicredits, Rust", "gate,gate-shared", Rust("gate_aicredits", "ours")),
    ("aicredits, C", "gate", C("gate_aicredits", &["-laicredits"])),
    ("aicredits, Go", "gate,threaded", Go("gate_aicredits")),
    ("aicredits, Python", "gate", Python(&["gate_aicredits.py"])),
    ("aicredits, Rust", "gate-storm", Rust("gate_storm", "ours")),
    ("aicredits, Rust", "afford", Rust("afford_aicredits", "ours")),
    ("aicredits, Rust", "memory", Rust("memory_aicredits", "ours")),
    ("ureq", "memory", Rust("memory_ureq", "ureq")),
    ("the emulator", "serve", Rust("emulator", "emulator")),
    ("Node's http", "serve", Node("server.mjs")),
    ("Python's http.server", "serve", Python(&["http_server.py"])),
    ("the emulator", "clock", Rust("emulator_clock", "emulator")),
    ("plugin, unused", "pytest-plugin", Python(&["pytest_plugin.py", "unused"])),
    ("an empty plugin, unused", "pytest-plugin", Python(&["pytest_plugin.py", "empty"])),
    ("fixtures of a test", "pytest-plugin", Python(&["pytest_plugin.py", "fixture"])),
    ("fixtures, first", "pytest-plugin", Python(&["pytest_plugin.py", "first"])),
    ("valgrind", "valgrind", Program::Tool(&VALGRIND)),
    ("strace", "strace", Program::Tool(&STRACE)),
];

/// The libraries of the peers in C, by the option that links each.
const LIBRARIES: [(&str, &Library); 2] = [("-lcurl", &LIBCURL), ("-lcjson", &CJSON)];

impl Program {
    /// Its command line.
    fn made(&self) -> Outcome<Vec<OsString>> {
        match *self {
            Rust(name, feature) => rust(name, feature),
            C(name, options) => c(name, options),
            Cpp(name) => compiled(CXX.command()?, "gnu++17", &format!("{name}.cpp"), &["-laicredits"]),
            Go(name) => golang(name),
            Python(words) => py(words),
            Node(script) => Ok(vec![NODE.find()?.into(), contenders().join("node").join(script).into()]),
            Program::Tool(tool) => Ok(vec![tool.find()?.into()]),
        }
    }
}

/// Cargo in the workspace of the benchmarks, which has a separate lock file and target folder.
pub(crate) fn cargo(subcommand: &str) -> Command {
    let mut cargo = tool::cargo(subcommand);
    cargo.arg("--manifest-path").arg(tool::root().join(MANIFEST)).env("CARGO_TARGET_DIR", target());
    cargo
}

const MANIFEST: &str = "crates/aicredits-bench/Cargo.toml";

fn target() -> PathBuf {
    tool::root().join("target/bench/cargo")
}

fn programs() -> PathBuf {
    target().join("release")
}

fn contenders() -> PathBuf {
    tool::root().join("crates/aicredits-bench/contenders")
}

/// Built on its own, with one feature: two contenders may use one library with different features.
fn rust(name: &str, feature: &str) -> Outcome<Vec<OsString>> {
    let binary = format!("bench-{name}");
    let mut cargo = cargo("build");
    cargo.args(["--quiet", "--release", "--no-default-features"]);
    tool::run(cargo.args(["--features", feature, "--bin", &binary]))?;
    Ok(vec![programs().join(binary).into()])
}

fn c(name: &str, options: &[&str]) -> Outcome<Vec<OsString>> {
    for (_, library) in LIBRARIES.iter().filter(|(option, _)| options.contains(option)) {
        library.find()?;
    }
    compiled(CC.command()?, "gnu11", &format!("{name}.c"), options)
}

fn golang(name: &str) -> Outcome<Vec<OsString>> {
    let program = folder()?.join(format!("{name}-go"));
    go::contender(&contenders().join("go").join(name), &program)?;
    Ok(vec![program.into()])
}

fn py(words: &[&str]) -> Outcome<Vec<OsString>> {
    let folder = contenders().join("python");
    let python = python::contender(&folder.join("requirements.txt"))?;
    let (script, arguments) = words.split_first().ok_or("no script")?;
    let words = [python.into(), folder.join(script).into()].into_iter();
    Ok(words.chain(arguments.iter().map(OsString::from)).collect())
}

fn compiled(mut compiler: Command, standard: &str, source: &str, libraries: &[&str]) -> Outcome<Vec<OsString>> {
    let program = folder()?.join(source.replace('.', "-"));
    let (include, lib) = (dist::folder().join("include"), dist::folder().join("lib"));
    compiler.arg(format!("-std={standard}")).args(["-O2", "-Wall", "-Wextra", "-Werror", "-I"]).arg(include);
    compiler.arg(contenders().join(source)).arg("-o").arg(&program);
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
    tool::run(cargo("build").args(["--quiet", "--release", "--bin", DRIVER]))?;
    let driver = || tool::command(programs().join(DRIVER));
    // It knows its options, and is asked before the long build.
    let needs = tool::read(driver().arg("--needs").args(arguments))?;
    let needed = |does: &str| does.split(',').any(|done| needs.trim_end().split(',').any(|need| need == done));
    dist::build()?;
    eprintln!("building the contenders");
    let list = folder()?.join("contenders");
    let contenders = CONTENDERS.iter().filter(|(_, does, _)| needed(does));
    fs::write(&list, contenders.map(line).collect::<String>())?;
    tool::run(driver().arg(list).arg(tool::root().join("target")).args(arguments))
}

/// A contender's line of the list that the driver reads: fields with tabs between, the last ones the command line, or
/// `!` and why there is none.
fn line((name, does, program): &Contender) -> String {
    let words = match program.made() {
        Ok(words) => words.iter().map(|word| word.to_string_lossy().into_owned()).collect(),
        Err(why) => vec!["!".to_owned(), format!("left out: {why}")],
    };
    format!("{name}\t{does}\t{}\n", words.join("\t"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The benchmarks measure the dependencies that are shipped.
    #[test]
    fn the_library_has_the_same_dependencies_in_both_lock_files() {
        let read = |path: &str| fs::read_to_string(tool::root().join(path)).unwrap();
        let shipped = needed("aicredits", &read("Cargo.lock"));
        let measured = needed("aicredits", &read("crates/aicredits-bench/Cargo.lock"));
        assert!(measured.len() > 10, "{measured:?}");
        // The library's lock file lists what its tests need, too.
        let others: Vec<_> = measured.difference(&shipped).collect();
        assert_eq!(others, [""; 0], "run `cargo update --precise` in crates/aicredits-bench");
    }

    #[test]
    fn another_version_is_noticed() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\ndependencies = [\n \"b 2.0.0\",\n]\n\n\
            [[package]]\nname = \"b\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"b\"\nversion = \"2.0.0\"\n";
        assert_eq!(needed("a", lock), ["a 1.0.0", "b 2.0.0"].map(str::to_owned).into());
        assert_ne!(needed("a", lock), needed("a", &lock.replace("2.0.0", "2.0.1")));
    }

    /// A package and all that it needs, as name and version, by a lock file.
    fn needed(package: &str, lock: &str) -> BTreeSet<String> {
        let field = |table: &str, name: &str| {
            let line = table.lines().find_map(|line| line.strip_prefix(&format!("{name} = ")));
            line.unwrap_or_default().trim_matches('"').to_owned()
        };
        let packages: Vec<_> = lock.split("[[package]]").skip(1).collect();
        let (mut found, mut next) = (BTreeSet::new(), vec![package.to_owned()]);
        while let Some(wanted) = next.pop() {
            // The version follows the name where there are several of it.
            let (name, version) = wanted.split_once(' ').map_or((wanted.as_str(), None), |(a, b)| (a, Some(b)));
            let is_wanted =
                |table: &&&str| field(table, "name") == name && version.is_none_or(|it| field(table, "version") == it);
            let table = packages.iter().find(is_wanted).unwrap_or_else(|| panic!("{wanted} is not in the lock file"));
            if found.insert(format!("{name} {}", field(table, "version"))) {
                let dependencies = table.split_once("dependencies = [").map_or("", |(_, list)| list);
                let list = dependencies.split(']').next().unwrap_or_default();
                next.extend(list.split('"').skip(1).step_by(2).map(str::to_owned));
            }
        }
        found
    }
}
