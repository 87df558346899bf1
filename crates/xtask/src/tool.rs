//! Finding the tools of this machine, and running them.

use std::env;
use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

/// The result of every command.
pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// A program that something here needs, and what brings it where it is missing.
#[derive(Debug)]
pub(crate) struct Tool {
    what: &'static str,
    /// The variable by which a user names another one.
    variable: Option<&'static str>,
    names: &'static [&'static str],
    brought_by: &'static str,
}

pub(crate) const CC: Tool = Tool {
    what: "C compiler",
    variable: Some("CC"),
    names: &["cc", "gcc", "clang"],
    brought_by: "apt-get install gcc",
};
pub(crate) const CXX: Tool = Tool {
    what: "C++ compiler",
    variable: Some("CXX"),
    names: &["c++", "g++", "clang++"],
    brought_by: "apt-get install g++",
};
/// With its own C++ library: GCC's is what the other suites use.
pub(crate) const CLANG: Tool = Tool {
    what: "clang with libc++",
    variable: Some("CLANGXX"),
    names: &["clang++-19", "clang++"],
    brought_by: "apt-get install clang-19 libc++-19-dev libc++abi-19-dev",
};
pub(crate) const CARGO_DENY: Tool = Tool {
    what: "cargo-deny",
    variable: None,
    names: &["cargo-deny"],
    brought_by: "cargo install --locked cargo-deny",
};
pub(crate) const CHROMIUM: Tool = Tool {
    what: "Chromium",
    variable: None,
    names: &["chromium", "chromium-browser", "google-chrome"],
    brought_by: "apt-get install chromium",
};
pub(crate) const DOXYGEN: Tool =
    Tool { what: "Doxygen", variable: None, names: &["doxygen"], brought_by: "apt-get install doxygen" };
pub(crate) const GO: Tool =
    Tool { what: "Go", variable: None, names: &["go"], brought_by: "https://go.dev/doc/install" };
pub(crate) const NODE: Tool = Tool {
    what: "Node.js 20 or later",
    variable: None,
    names: &["node"],
    brought_by: "https://nodejs.org/en/download",
};
pub(crate) const NPM: Tool =
    Tool { what: "npm", variable: None, names: &["npm"], brought_by: "https://nodejs.org/en/download" };
pub(crate) const PYTHON: Tool = Tool {
    what: "Python 3.9 or later, with venv",
    variable: Some("PYTHON"),
    names: &["python3"],
    brought_by: "apt-get install python3-venv",
};
/// Its wheel is for its own version alone; nothing needs it.
pub(crate) const FREE_THREADED_PYTHON: Tool = Tool {
    what: "free-threaded Python 3.14 or later",
    variable: Some("PYTHON_FREE_THREADED"),
    names: &["python3.14t", "python3.15t"],
    brought_by: "https://docs.python.org/3/howto/free-threading-python.html",
};
/// It takes the wheel of the stable ABI that free-threaded and other Pythons have in common.
pub(crate) const LATER_PYTHON: Tool = Tool {
    what: "Python 3.15 or later",
    variable: Some("PYTHON_3_15"),
    names: &["python3.15t", "python3.15"],
    brought_by: "https://www.python.org/downloads/",
};
/// No distribution with glibc has one.
pub(crate) const MUSL_PYTHON: Tool = Tool {
    what: "Python for musl",
    variable: Some("PYTHON_MUSL"),
    names: &[],
    brought_by: "build Debian's source of Python 3.13 with CC=musl-gcc, and name it with PYTHON_MUSL",
};
pub(crate) const CMAKE: Tool =
    Tool { what: "CMake", variable: None, names: &["cmake"], brought_by: "apt-get install cmake" };
pub(crate) const PKG_CONFIG: Tool =
    Tool { what: "pkg-config", variable: None, names: &["pkg-config"], brought_by: "apt-get install pkg-config" };
pub(crate) const STRACE: Tool =
    Tool { what: "strace", variable: None, names: &["strace"], brought_by: "apt-get install strace" };
pub(crate) const VALGRIND: Tool =
    Tool { what: "valgrind", variable: None, names: &["valgrind"], brought_by: "apt-get install valgrind" };

/// Debian's, which is not the one that built the library.
pub(crate) const OTHER_RUSTC: Tool = Tool {
    what: "Rust compiler of another version",
    variable: Some("OTHER_RUSTC"),
    names: &["/usr/bin/rustc"],
    brought_by: "apt-get install rustc",
};

// GNU's linker by its own name first: `ld` may be another one, without `--force-group-allocation`.
pub(crate) const LD: Tool = binutils("GNU ld", &["ld.bfd", "ld"]);
pub(crate) const OBJCOPY: Tool = binutils("objcopy", &["objcopy"]);
pub(crate) const AR: Tool = binutils("ar", &["ar"]);
pub(crate) const NM: Tool = binutils("nm", &["nm"]);
pub(crate) const READELF: Tool = binutils("readelf", &["readelf"]);

const fn binutils(what: &'static str, names: &'static [&'static str]) -> Tool {
    Tool::new(what, names, "apt-get install binutils")
}

/// A C library that something here needs, and what brings its header where that is missing.
#[derive(Debug)]
pub(crate) struct Library {
    what: &'static str,
    header: &'static str,
    brought_by: &'static str,
}

pub(crate) const LIBCURL: Library =
    Library { what: "libcurl", header: "curl/curl.h", brought_by: "apt-get install libcurl4-openssl-dev" };
pub(crate) const CJSON: Library =
    Library { what: "cJSON", header: "cjson/cJSON.h", brought_by: "apt-get install libcjson-dev" };

impl Library {
    /// Whether the C compiler finds its header.
    pub(crate) fn find(&self) -> Result<(), Missing> {
        let mut compiler = CC.command()?;
        compiler.args(["-E", "-x", "c", "-include", self.header, "/dev/null"]);
        let found = compiler.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
        let Library { what, brought_by, .. } = *self;
        if found { Ok(()) } else { Err(Missing { what, variable: None, brought_by, chosen: None }) }
    }
}

impl Tool {
    /// One that only one command needs, which then has it.
    pub(crate) const fn new(what: &'static str, names: &'static [&'static str], brought_by: &'static str) -> Tool {
        Tool { what, variable: None, names, brought_by }
    }

    /// Where it is: the user's choice if there is one, else the first of its names on the `PATH`.
    pub(crate) fn find(&self) -> Result<PathBuf, Missing> {
        match self.chosen() {
            Some(choice) => on_path(&choice),
            None => self.names.iter().find_map(|name| on_path(OsStr::new(name))),
        }
        .ok_or_else(|| self.missing())
    }

    /// The error if it is missing.
    pub(crate) fn missing(&self) -> Missing {
        Missing { what: self.what, variable: self.variable, brought_by: self.brought_by, chosen: self.chosen() }
    }

    fn chosen(&self) -> Option<OsString> {
        self.variable.and_then(env::var_os).filter(|choice| !choice.is_empty())
    }

    /// A command of this tool.
    pub(crate) fn command(&self) -> Result<Command, Missing> {
        Ok(command(self.find()?))
    }
}

fn on_path(name: &OsStr) -> Option<PathBuf> {
    let is_program = |path: &PathBuf| {
        use std::os::unix::fs::PermissionsExt;
        path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    };
    if Path::new(name).components().count() > 1 {
        return Some(PathBuf::from(name)).filter(is_program);
    }
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(name)).find(is_program)
}

/// A tool that is not on this machine.
#[derive(Debug)]
pub(crate) struct Missing {
    what: &'static str,
    variable: Option<&'static str>,
    brought_by: &'static str,
    chosen: Option<OsString>,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.chosen, self.variable) {
            (Some(chosen), Some(variable)) => {
                write!(f, "no {}: {variable} names `{}`, which is not there", self.what, chosen.display())
            }
            _ => write!(f, "no {}: {}", self.what, self.brought_by),
        }
    }
}

impl Error for Missing {}

/// The variables that the library and the programs read.
pub(crate) const SETTINGS: [&str; 4] = ["WIX_API_KEY", "WIX_ACCOUNT_ID", "WIX_SITE_ID", "AICREDITS_BASE_URL"];

/// The repository.
pub(crate) fn root() -> &'static Path {
    // As cargo says now, not as it said when this was compiled: a copied checkout must not work on the original.
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let manifest = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        Path::new(&manifest).ancestors().nth(2).expect("crates/xtask lies two folders deep").to_owned()
    });
    &ROOT
}

/// Where cargo puts what it builds.
pub(crate) fn cargo_target() -> PathBuf {
    root().join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// A command that runs in the repository and does not see what `cargo run` told this process.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    // Build scripts watch these; passed on, they would make cargo build again what has not changed.
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    // A library of an unfinished build must not be found before the one under test.
    if let Some(folders) = env::var_os("LD_LIBRARY_PATH") {
        let others = env::split_paths(&folders).filter(|folder| !folder.starts_with(cargo_target()));
        match env::join_paths(others) {
            Ok(others) if !others.is_empty() => command.env("LD_LIBRARY_PATH", others),
            _ => command.env_remove("LD_LIBRARY_PATH"),
        };
    }
    command
}

/// The cargo that runs this, with the versions of the lock file.
pub(crate) fn cargo(subcommand: &str) -> Command {
    let mut cargo = command(this_cargo());
    cargo.arg(subcommand).env("CARGO_TARGET_DIR", cargo_target());
    if !WITHOUT_LOCK_FILE.contains(&subcommand) {
        cargo.arg("--locked");
    }
    cargo
}

/// Subcommands that do not read the lock file, or that pass their arguments on.
const WITHOUT_LOCK_FILE: [&str; 2] = ["fmt", "xtask"];

fn this_cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Runs it in the open. A failure names the command line.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let status = command.status().map_err(|error| failure(command, error))?;
    if status.success() { Ok(()) } else { Err(failure(command, status)) }
}

/// Fails if a check passes this text, which has a fault that was planted. Its output is not shown.
pub(crate) fn refuses(check: &mut Command, planted: &str) -> Outcome {
    let running = check.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut running = running.map_err(|error| failure(check, error))?;
    running.stdin.take().expect("it is piped").write_all(planted.as_bytes())?;
    if running.wait()?.success() { Err(failure(check, "it passes a planted fault")) } else { Ok(()) }
}

/// Runs it and gives what it printed. A failure names the command line.
pub(crate) fn read(command: &mut Command) -> Outcome<String> {
    // The tools' own words are parsed, so they must not be translated.
    command.env("LC_ALL", "C").stderr(Stdio::inherit());
    let output = command.output().map_err(|error| failure(command, error))?;
    if !output.status.success() {
        return Err(failure(command, output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The files of the repository that match these patterns of git, or all of them: those that git tracks, and new ones that
/// it does not ignore.
pub(crate) fn tracked_files(patterns: &[impl AsRef<OsStr>]) -> Outcome<Vec<String>> {
    let mut list = command("git");
    list.args(["ls-files", "--cached", "--others", "--exclude-standard", "--"]).args(patterns);
    // A file that git still lists may be gone.
    let is_there = |file: &&str| root().join(file).is_file();
    Ok(read(&mut list)?.lines().filter(is_there).map(str::to_owned).collect())
}

/// Removes a folder with all that is in it, if it is there.
pub(crate) fn remove_folder(folder: &Path) -> Outcome {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("{} stays: {error}", folder.display()).into())
        }
        _ => Ok(()),
    }
}

/// Copies the files of one folder into another, which it makes.
pub(crate) fn copy_files(from: &Path, to: &Path) -> Outcome {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let file = entry?.path();
        if let (true, Some(name)) = (file.is_file(), file.file_name()) {
            std::fs::copy(&file, to.join(name))?;
        }
    }
    Ok(())
}

/// Copies a folder and the folders in it into another one, which it makes.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> Outcome {
    copy_files(from, to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// The error of a command that failed, with its command line.
pub(crate) fn failure(command: &Command, how: impl fmt::Display) -> Box<dyn Error> {
    format!("`{}` failed: {how}", line(command)).into()
}

/// The command line as one would type it. Never the environment: a key may be in there.
fn line(command: &Command) -> String {
    let quoted = |word: &OsStr| {
        let word = word.to_string_lossy();
        let plain = |c: char| c.is_alphanumeric() || "-_=+,./:@%".contains(c);
        if !word.is_empty() && word.chars().all(plain) {
            word.into_owned()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    };
    let program = command.get_program();
    let program = if program == this_cargo() { OsStr::new("cargo") } else { program };
    std::iter::once(program).chain(command.get_args()).map(quoted).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_tool_says_what_brings_it() {
        let tool = Tool {
            what: "frobnicator",
            variable: None,
            names: &["no-such-program"],
            brought_by: "apt-get install frob",
        };
        assert_eq!(tool.find().unwrap_err().to_string(), "no frobnicator: apt-get install frob");
    }

    #[test]
    fn a_library_is_there_if_its_header_is() {
        let library = |header| Library { what: "libfrob", header, brought_by: "apt-get install frob" };
        assert!(library("stdio.h").find().is_ok());
        assert_eq!(library("no/such.h").find().unwrap_err().to_string(), "no libfrob: apt-get install frob");
    }

    #[test]
    fn a_failure_names_the_command_line_and_not_the_environment() {
        let error = run(command("sh").args(["-c", "exit 3"]).env("WIX_API_KEY", "canary")).unwrap_err().to_string();
        assert_eq!(error, "`sh -c 'exit 3'` failed: exit status: 3");
    }

    #[test]
    fn a_check_that_passes_a_planted_fault_is_named() {
        let check = |script| refuses(command("sh").args(["-c", script]), "x");
        assert!(check("! grep -q x").is_ok());
        let error = check("cat").unwrap_err().to_string();
        assert_eq!(error, "`sh -c cat` failed: it passes a planted fault");
    }

    #[test]
    fn variables_that_cargo_set_are_not_passed_on() {
        let seen = read(&mut command("env")).unwrap();
        assert!(!seen.contains("CARGO_PKG_NAME="), "{seen}");
    }
}
