//! Shared parts of the suites: the C and C++ compilers, and the library in `target/dist`. `cargo xtask test` passes the
//! paths of both.

pub mod api;
pub mod cpp;

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

/// How a program is linked to the library.
#[derive(Clone, Copy, Debug)]
pub enum Linked {
    /// To `libaicredits.so`.
    Shared,
    /// To the finished `libaicredits.a`, with what it says that it needs.
    Static,
}

/// The library of the client, for the linker.
pub const CLIENT: &str = "aicredits";

/// The library of the emulator, for the linker.
pub const EMULATOR: &str = "aicredits_emulator";

/// The value of a variable that `cargo xtask test` sets.
pub fn variable(name: &str) -> PathBuf {
    let value = env::var_os(name).unwrap_or_else(|| panic!("{name} is not set: run this by `cargo xtask test`"));
    PathBuf::from(value)
}

/// Where the library with the hooks for tests is.
pub fn testing() -> PathBuf {
    variable("AICREDITS_TESTING")
}

/// `target/dist`.
pub fn dist() -> PathBuf {
    variable("AICREDITS_DIST")
}

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the repository").to_owned()
}

/// A C compiler that is told to be strict, and where the headers are.
pub fn cc(standard: &str) -> Command {
    compiler("AICREDITS_CC", standard)
}

/// A C++ compiler, likewise.
pub fn cxx(standard: &str) -> Command {
    compiler("AICREDITS_CXX", standard)
}

fn compiler(variable_name: &str, standard: &str) -> Command {
    let mut compiler = Command::new(variable(variable_name));
    compiler.arg(format!("-std={standard}")).args(["-Wall", "-Wextra", "-pedantic", "-Werror"]);
    compiler.arg("-I").arg(dist().join("include"));
    compiler
}

/// Compiles one C99 file and links it, and gives the program.
pub fn program(source: &Path, linked: Linked) -> PathBuf {
    program_of(&dist(), source, linked)
}

/// The same with the library in another folder than `target/dist`.
pub fn program_of(dist: &Path, source: &Path, linked: Linked) -> PathBuf {
    program_with(dist, source, &[CLIENT], linked)
}

/// The same with these libraries.
pub fn program_with(dist: &Path, source: &Path, libraries: &[&str], linked: Linked) -> PathBuf {
    let name = format!("{}-{linked:?}", source.file_stem().expect("a source has a name").display());
    let program = scratch(&name);
    let mut compiler = cc("c99");
    compiler.args(["-g", "-O1", "-pthread"]).arg(source).arg("-o").arg(&program);
    succeed(link_with(&mut compiler, dist, libraries, linked));
    program
}

/// Compiles one C++ file in this standard and with these options, links it with the library in a folder, and gives the
/// program.
pub fn cxx_program(dist: &Path, source: &Path, standard: &str, options: &[&str], linked: Linked) -> PathBuf {
    let name = format!("{}-{linked:?}", source.file_stem().expect("a source has a name").display());
    let program = scratch(&name);
    let mut compiler = cxx(standard);
    compiler.args(["-g", "-O1"]).args(options).arg(source).arg("-o").arg(&program);
    succeed(link(&mut compiler, dist, linked));
    program
}

/// Has a compiler link with the library of this folder.
pub fn link<'c>(compiler: &'c mut Command, dist: &Path, linked: Linked) -> &'c mut Command {
    link_with(compiler, dist, &[CLIENT], linked)
}

/// Has a compiler link with these libraries of this folder.
pub fn link_with<'c>(compiler: &'c mut Command, dist: &Path, libraries: &[&str], linked: Linked) -> &'c mut Command {
    let lib = dist.join("lib");
    for library in libraries {
        match linked {
            Linked::Shared => compiler.arg("-L").arg(&lib).arg(format!("-l{library}")),
            Linked::Static => compiler.arg(lib.join(format!("lib{library}.a"))),
        };
    }
    match linked {
        Linked::Shared => compiler.arg(format!("-Wl,-rpath,{}", lib.display())),
        Linked::Static => {
            let needs = std::fs::read_to_string(lib.join("libaicredits.libs")).expect("the build says what it needs");
            compiler.args(needs.split_whitespace())
        }
    }
}

/// A place for a file that a test makes; each call gives another.
pub fn scratch(name: &str) -> PathBuf {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    let folder = root().join("target/tests").join(format!("{}-{call}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("target/ can be written to");
    folder.join(name)
}

/// The targets of the links in a document, except those of the web.
pub fn relative_links(document: &str) -> impl Iterator<Item = &str> {
    let targets = document.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    targets.filter(|target| !target.starts_with("https://"))
}

/// Runs a command that must succeed.
pub fn succeed(command: &mut Command) -> Output {
    let output = run(command);
    assert!(output.status.success(), "{command:?}\n{}\n{}", output.status, stderr(&output));
    output
}

/// Runs a command, with no environment but what it was given.
pub fn run(command: &mut Command) -> Output {
    for (name, _) in env::vars_os().filter(|(name, _)| !is_harmless(name)) {
        if command.get_envs().all(|(given, _)| given != name) {
            command.env_remove(name);
        }
    }
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// Variables that compilers and valgrind need, and no setting of the library.
fn is_harmless(name: &std::ffi::OsStr) -> bool {
    ["PATH", "HOME", "TMPDIR", "LANG"].iter().any(|harmless| name == *harmless)
}

/// The standard output of a command.
pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The standard error of a command.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
