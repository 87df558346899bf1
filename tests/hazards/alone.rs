//! Rows that need a separate process: this program again, as a child that makes calls.

use std::alloc::{GlobalAlloc, Layout, System};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicUsize, Ordering};

use aicredits_emulator::script::{Reply, Server};

use crate::subject::{Ask, OURS, STOCK, Subject};
use crate::unless::unless;

/// Counts the bytes that are allocated at the moment.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn command(subject: &Subject, task: &str, url: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.args(["child", subject.name, task, url]);
    command
}

/// The work of a child, instead of the rows: `child <subject> <task> <url>`.
pub(crate) fn child() -> Option<ExitCode> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, word, subject, task, url] = arguments.as_slice() else { return None };
    if word != "child" {
        return None;
    }
    let held_before = HELD.load(Ordering::Relaxed);
    let subject = if *subject == OURS.name { OURS } else { STOCK };
    let ask = subject.client(url);
    match task.as_str() {
        "fork" => call_on_both_sides(&ask),
        "memory" => {
            ask().expect("a balance");
            println!("{}", HELD.load(Ordering::Relaxed) - held_before);
        }
        calls => {
            for _ in 0..calls.parse().expect("a number of calls") {
                ask().expect("a balance");
            }
        }
    }
    Some(ExitCode::SUCCESS)
}

pub(crate) fn makes_four_system_calls(subject: &Subject) -> Result<(), String> {
    const CALLS: usize = 100;
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    let few = system_calls(&mut command(subject, "10", &server.url()));
    let many = system_calls(&mut command(subject, &(10 + CALLS).to_string(), &server.url()));
    let more = many.saturating_sub(few);
    // The allocator sometimes asks for memory, and a signal can interrupt a wait.
    unless(more <= 4 * CALLS + CALLS / 4, || format!("{more} for {CALLS} calls"))
}

/// Traces a program's main thread from its start to its end.
fn system_calls(command: &mut Command) -> usize {
    // SAFETY: it makes one system call and allocates nothing.
    unsafe {
        command.pre_exec(|| match libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0) {
            -1 => Err(std::io::Error::last_os_error()),
            _ => Ok(()),
        });
    }
    #[expect(clippy::zombie_processes, reason = "a tracer waits by itself")]
    let child = command.spawn().expect("a process may trace its own child");
    let pid = libc::pid_t::try_from(child.id()).expect("a pid");
    let mut stops = 0;
    let mut status = 0;
    // SAFETY: the child is ours.
    unsafe { libc::waitpid(pid, &raw mut status, 0) };
    // SAFETY: it is traced, and has stopped.
    unsafe { libc::ptrace(libc::PTRACE_SETOPTIONS, pid, 0, libc::PTRACE_O_TRACESYSGOOD | libc::PTRACE_O_EXITKILL) };
    let mut signal = 0;
    loop {
        // SAFETY: likewise.
        let went_on = unsafe { libc::ptrace(libc::PTRACE_SYSCALL, pid, 0, signal) };
        assert_eq!(went_on, 0, "the child cannot be traced");
        // SAFETY: the child is ours.
        unsafe { libc::waitpid(pid, &raw mut status, 0) };
        if !libc::WIFSTOPPED(status) {
            break;
        }
        signal = libc::WSTOPSIG(status);
        if signal == libc::SIGTRAP | 0x80 {
            stops += 1;
            signal = 0;
        }
    }
    assert!(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0, "the child failed");
    // It stops when it enters a system call and when it leaves.
    stops / 2
}

pub(crate) fn holds_little_memory(subject: &Subject) -> Result<(), String> {
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    let output = command(subject, "memory", &server.url()).output().expect("the child runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let held: usize = String::from_utf8_lossy(&output.stdout).trim().parse().expect("a number of bytes");
    unless(held <= 48 << 10, || format!("a client and its connection hold {} KiB", held >> 10))
}

pub(crate) fn ignores_proxy_variables(subject: &Subject) -> Result<(), String> {
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    let proxy = Server::start(Reply::json(200, "{}")).unwrap();
    let mut command = command(subject, "1", &server.url());
    for variable in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env(variable, proxy.url());
    }
    command.env_remove("no_proxy").env_remove("NO_PROXY");
    let output = command.output().expect("the child runs");
    let (direct, led_astray) = (server.connections(), proxy.connections());
    unless(led_astray == 0, || "the call went to the proxy".to_owned())?;
    unless(output.status.success() && direct == 1, || String::from_utf8_lossy(&output.stderr).into_owned())
}

pub(crate) fn shares_nothing_over_fork(subject: &Subject) -> Result<(), String> {
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    let output = command(subject, "fork", &server.url()).output().expect("the child runs");
    unless(output.status.success(), || String::from_utf8_lossy(&output.stderr).into_owned())?;
    assert_eq!(server.requests(), 3);
    unless(server.connections() == 2, || format!("two processes use {} connection", server.connections()))
}

fn call_on_both_sides(ask: &Ask) {
    ask().expect("a balance");
    // SAFETY: the child calls, as a prefork server's would, and leaves at once.
    match unsafe { libc::fork() } {
        0 => {
            let answer = ask();
            // SAFETY: nothing of the parent's is to be cleaned up here.
            unsafe { libc::_exit(i32::from(answer.is_err())) }
        }
        pid => {
            let mut status = 0;
            // SAFETY: the child is ours.
            unsafe { libc::waitpid(pid, &raw mut status, 0) };
            assert_eq!(status, 0, "the call in the child fails");
            ask().expect("a balance");
        }
    }
}
