//! Bare trees of Debian, in which packages are installed as a user would: without Rust, without a network.
//!
//! debootstrap makes each one once, in `target/trees`. A session works on a copy (an overlay) in separate namespaces,
//! so that nothing reaches this machine. Another processor is emulated by qemu, known in that namespace alone.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use crate::progress;
use crate::tool::{self, Outcome, Tool};

/// A release of Debian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Debian {
    /// Debian 11: glibc 2.31, Python 3.9, pip 20.3, CMake 3.18, Meson 0.56.
    Bullseye,
    /// Debian 12: glibc 2.36, Python 3.11.
    Bookworm,
    /// Debian 13: glibc 2.41, Python 3.13.
    Trixie,
}

impl Debian {
    fn suite(self) -> &'static str {
        match self {
            Debian::Bullseye => "bullseye",
            Debian::Bookworm => "bookworm",
            Debian::Trixie => "trixie",
        }
    }
}

impl fmt::Display for Debian {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Debian::Bullseye => "Debian 11",
            Debian::Bookworm => "Debian 12",
            Debian::Trixie => "Debian 13",
        })
    }
}

/// The programs of a user who compiles C, C++ or Go, or installs a wheel.
const PACKAGES: &str = "gcc,g++,make,cmake,meson,ninja-build,pkg-config,musl-tools,python3,python3-pip,python3-venv";
/// The same where the processor is emulated, without what takes minutes to unpack there.
const FEW_PACKAGES: &str = "gcc,libc6-dev,make,pkg-config,musl-tools,python3,python3-pip,python3-venv";

const DEBOOTSTRAP: Tool = Tool::new("debootstrap", &["debootstrap"], "apt-get install debootstrap");
const MIRROR: &str = "http://deb.debian.org/debian";
const UNSHARE: Tool = Tool::new("unshare", &["unshare"], "apt-get install util-linux");
const IP: Tool = Tool::new("ip", &["ip"], "apt-get install iproute2");
const QEMU: Tool = Tool::new("qemu-user", &["qemu-aarch64-static"], "apt-get install qemu-user-static");

/// The magic number of ELF files for aarch64, and its mask, as binfmt_misc reads them.
const AARCH64: &str = r":qemu-aarch64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:";

/// A fresh copy of a tree. It is gone when this is dropped.
#[derive(Debug)]
pub(crate) struct Session {
    base: PathBuf,
    folder: PathBuf,
    is_emulated: bool,
    /// Folders of this machine, read-only, and their places in the tree.
    shown: Vec<(PathBuf, String)>,
}

impl Session {
    /// Makes the tree, unless it is there. The packages are in its folder `/packages`.
    pub(crate) fn new(debian: Debian, processor: &str, packages: &Path) -> Outcome<Session> {
        let base = tree(debian, processor)?;
        let mut session = Session::of(base, processor)?;
        session.show(packages, "/packages");
        // Every machine has one, and debootstrap makes none.
        let etc = session.folder.join("upper/etc");
        fs::create_dir_all(&etc)?;
        fs::write(etc.join("hosts"), "127.0.0.1 localhost\n::1 localhost\n")?;
        Ok(session)
    }

    /// A tree without any file.
    pub(crate) fn empty(processor: &str) -> Outcome<Session> {
        let base = folder().join("empty");
        fs::create_dir_all(&base)?;
        Session::of(base, processor)
    }

    fn of(base: PathBuf, processor: &str) -> Outcome<Session> {
        needs_root()?;
        for tool in [&UNSHARE, &IP] {
            tool.find()?;
        }
        let is_emulated = processor != std::env::consts::ARCH;
        if is_emulated {
            QEMU.find()?;
        }
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = folder().join(format!("session-{}-{number}", std::process::id()));
        for part in ["upper", "work", "root"] {
            fs::create_dir_all(folder.join(part))?;
        }
        Ok(Session { base, folder, is_emulated, shown: Vec::new() })
    }

    /// Shows a folder of this machine in a place of the tree, read-only.
    pub(crate) fn show(&mut self, from: &Path, at: &str) {
        self.shown.push((from.to_owned(), at.to_owned()));
    }

    /// Puts a file or a folder of this machine into the tree. It can be written there.
    pub(crate) fn copy(&self, from: &Path, at: &str) -> Outcome {
        let to = self.folder.join("upper").join(at.trim_start_matches('/'));
        fs::create_dir_all(to.parent().ok_or("it is in a folder")?)?;
        tool::run(tool::command("cp").arg("--recursive").arg("--no-target-directory").arg(from).arg(to))
    }

    /// Puts a user's project into `/project`: the example with the emulator, which makes calls, for CMake and for Meson.
    pub(crate) fn add_project(&self) -> Outcome {
        self.copy(&tool::root().join("crates/xtask/src/package/check/project"), "/project")?;
        self.copy(&tool::root().join("examples/emulator.c"), "/project/emulator.c")
    }

    /// Runs a script of the shell in the tree, as root, with no network but loopback.
    pub(crate) fn run(&self, script: &str) -> Outcome {
        self.read(script).map(|_| ())
    }

    /// Runs it, and returns what it prints to standard output. Its error has the last lines of both outputs.
    pub(crate) fn read(&self, script: &str) -> Outcome<String> {
        self.read_program(&["sh", "-euc", script])
    }

    /// As [`Session::read`], for a program. Its name is its path in the tree.
    pub(crate) fn read_program(&self, words: &[&str]) -> Outcome<String> {
        result(self.start(words)?)
    }

    /// Every file, link and folder of the tree, except what the kernel shows there.
    pub(crate) fn files(&self) -> Outcome<BTreeSet<String>> {
        let list = self.read("find / -xdev -not -path '/proc*' -not -path '/dev/*' -not -path '/packages*'")?;
        Ok(list.lines().map(str::to_owned).collect())
    }

    /// The program in the tree, with the files that are shown there.
    fn start(&self, words: &[&str]) -> Outcome<Child> {
        let root = self.folder.join("root");
        // In a user's namespace, folders cannot be renamed without the attributes of users.
        let attributes = if self.is_emulated { ",userxattr" } else { "" };
        let mut script = format!(
            "mount -t overlay overlay -o 'lowerdir={},upperdir={1}/upper,workdir={1}/work{attributes}' {2}\nip link set lo up\n",
            self.base.display(),
            self.folder.display(),
            quoted(&root)
        );
        for (from, at) in &self.shown {
            let at = quoted(&root.join(at.trim_start_matches('/')));
            let from = quoted(from);
            script += &format!("mkdir -p {at}\nmount --bind {from} {at}\nmount -o remount,bind,ro {at}\n");
        }
        start(&script, &root, words, self.is_emulated, &["--net"])
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Left over, it takes space and nothing else.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Runs the script and then the program, whose root is this folder, in namespaces apart from this machine's.
fn start(script: &str, root: &Path, words: &[&str], is_emulated: bool, more: &[&str]) -> Outcome<Child> {
    let mut setup = "set -eu\n".to_owned();
    if is_emulated {
        setup += "mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc\n";
        let qemu = QEMU.find()?;
        setup += &format!("printf %s '{AARCH64}{}:F' > /proc/sys/fs/binfmt_misc/register\n", qemu.display());
    }
    setup += script;
    let root = quoted(root);
    // A few devices are enough, and debootstrap may not make any here.
    setup += &format!(
        "mkdir -p {root}/proc {root}/dev {root}/tmp\nmount -t proc proc {root}/proc\nmount --rbind /dev {root}/dev\n\
         exec chroot {root} \"$@\"\n"
    );
    let mut command = tool::command("unshare");
    if is_emulated {
        // qemu is known in a user namespace alone. Its ids are those of this machine, as soon as they are written below;
        // a program that starts after that is its root.
        command.args(["--user", "sh", "-c", "read _; exec \"$@\" </dev/null", "sh", "unshare"]);
    }
    command.args(["--mount", "--pid", "--mount-proc", "--fork", "--kill-child"]).args(more);
    command.args(["sh", "-c", &setup, "sh"]).args(words);
    command.env_clear().env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    command.env("HOME", "/root").env("LC_ALL", "C.UTF-8").env("DEBIAN_FRONTEND", "noninteractive");
    // debootstrap then makes no devices.
    command.env("container", "lxc");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| tool::failure(&command, error))?;
    let mut stdin = child.stdin.take().expect("it is piped");
    if is_emulated {
        let mine = fs::read_link("/proc/self/ns/user")?;
        let process = PathBuf::from(format!("/proc/{}", child.id()));
        while fs::read_link(process.join("ns/user"))? == mine {
            thread::sleep(Duration::from_millis(1));
        }
        for map in ["uid_map", "gid_map"] {
            fs::write(process.join(map), "0 0 65536")?;
        }
        stdin.write_all(b"\n")?;
    }
    Ok(child)
}

/// Waits, and returns the standard output. The error has the last lines of both outputs.
fn result(child: Child) -> Outcome<String> {
    let output = child.wait_with_output()?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(printed);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let reason = said.lines().last().or(printed.lines().last()).unwrap_or("it printed nothing");
    let lines: Vec<_> = printed.lines().chain(said.lines()).collect();
    let last = lines[lines.len().saturating_sub(30)..].join("\n    ");
    Err(format!("{}: {reason}\n    {last}", output.status).into())
}

/// The tree of a release, which debootstrap makes unless it is there.
fn tree(debian: Debian, processor: &str) -> Outcome<PathBuf> {
    needs_root()?;
    let is_emulated = processor != std::env::consts::ARCH;
    let packages = if is_emulated { FEW_PACKAGES } else { PACKAGES };
    let tree = folder().join(format!("{}-{processor}", debian.suite()));
    // It is written at the end: a tree without it is not whole, or has other packages.
    let mark = tree.with_extension("packages");
    if fs::read_to_string(&mark).is_ok_and(|made| made == packages) {
        return Ok(tree);
    }
    tool::remove_folder(&tree)?;
    fs::create_dir_all(folder())?;
    progress::report(&format!("making a bare tree: {debian} {processor}"), || {
        let architecture = if processor == "aarch64" { "arm64" } else { "amd64" };
        let mut debootstrap = tool::command(DEBOOTSTRAP.find()?);
        debootstrap.args(["--variant=minbase", "--arch", architecture, "--include", packages]);
        if is_emulated {
            debootstrap.arg("--foreign");
        }
        let debootstrap = debootstrap.arg(debian.suite()).arg(&tree).arg(MIRROR);
        debootstrap.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        result(debootstrap.spawn().map_err(|error| tool::failure(debootstrap, error))?)?;
        if is_emulated {
            result(start("", &tree, &["/debootstrap/debootstrap", "--second-stage"], true, &[])?)?;
        }
        Ok(fs::write(&mark, packages)?)
    })?;
    Ok(tree)
}

/// A path as one word of the shell.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display())
}

/// `target/trees`.
fn folder() -> PathBuf {
    tool::root().join("target/trees")
}

fn needs_root() -> Outcome {
    let id = tool::read(tool::command("id").arg("-u"))?;
    if id.trim() == "0" { Ok(()) } else { Err("a bare tree needs root: run it with sudo".into()) }
}
