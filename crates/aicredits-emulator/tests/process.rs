//! An emulator and the process that it is in: signals, `fork`, memory. Each test that needs it runs in a child process.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::FileExt;
use std::process::Command;
use std::time::{Duration, Instant};

use aicredits_emulator::{Emulator, JournalQuery, Nothing, Options, PATH, VerdictQuery, example};

const PATIENCE: Duration = Duration::from_secs(30);
/// Names the part of the test that a child process does.
const PART: &str = "AICREDITS_TEST_PART";

/// Sends the balance request with this key on a new connection, and returns the reply.
fn ask(addr: SocketAddr, key: &[u8]) -> String {
    let mut client = TcpStream::connect(addr).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    let account = example::ACCOUNT_ID;
    let mut request = Vec::with_capacity(4096);
    write!(request, "POST {PATH} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: ").unwrap();
    request.extend_from_slice(key);
    write!(request, "\r\nwix-account-id: {account}\r\nContent-Length: 2\r\n\r\n{{}}").unwrap();
    client.write_all(&request).unwrap();
    request.fill(0);
    std::hint::black_box(&request);
    let mut reply = String::new();
    client.read_to_string(&mut reply).unwrap();
    reply
}

/// Runs this test again in a process where nothing else runs.
fn child(test: &str, part: &str) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let output = command.args(["--exact", test, "--nocapture"]).env(PART, part).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{part}: {}: {said}", output.status);
    said.into_owned()
}

fn part() -> Option<String> {
    std::env::var(PART).ok()
}

#[test]
fn its_threads_block_all_signals() {
    if part().is_none() {
        child("its_threads_block_all_signals", "count");
        return;
    }
    let emulator = Emulator::start().unwrap();
    let _clients: Vec<TcpStream> = (0..3).map(|_| TcpStream::connect(emulator.server().addr()).unwrap()).collect();
    assert!(emulator.server().wait_for_connections(3, PATIENCE));
    // A thread gives itself its name, shortly after it starts.
    let named = || {
        let tasks = fs::read_dir("/proc/self/task").unwrap().flatten();
        let names = tasks.filter_map(|task| fs::read_to_string(task.path().join("comm")).ok());
        names.filter(|name| ["emulator", "connection"].contains(&name.trim())).count()
    };
    let begun = Instant::now();
    while named() < 4 {
        assert!(begun.elapsed() < PATIENCE);
        std::thread::yield_now();
    }
    let mut seen = 0;
    for task in fs::read_dir("/proc/self/task").unwrap() {
        let status = fs::read_to_string(task.unwrap().path().join("status")).unwrap();
        let value = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
        let blocked = u64::from_str_radix(&value("SigBlk:"), 16).unwrap();
        if ["emulator", "connection"].contains(&value("Name:").as_str()) {
            seen += 1;
            // KILL and STOP cannot be blocked, and two others belong to the C library.
            for signal in [1, 2, 3, 10, 12, 13, 14, 15, 17, 27, 28, 34, 64] {
                assert!(blocked & 1 << (signal - 1) != 0, "signal {signal}: {status}");
            }
        } else {
            assert_eq!(blocked & (1 << 14), 0, "SIGTERM is not blocked elsewhere: {status}");
        }
    }
    assert_eq!(seen, 4);
}

/// Ends the other thread however the test ends.
struct StopOnDrop<'a>(&'a std::sync::atomic::AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, std::sync::atomic::Ordering::Relaxed);
    }
}

/// The child drops its copy while a thread of the parent may hold any lock, and the parent's server goes on.
#[test]
fn a_copy_after_fork_can_be_dropped() {
    if part().is_none() {
        child("a_copy_after_fork_can_be_dropped", "fork");
        return;
    }
    let emulator = Emulator::start().unwrap();
    let addr = emulator.server().addr();
    let mut emulator = Some(emulator);
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                assert!(ask(addr, example::API_KEY.as_bytes()).starts_with("HTTP/1.1 200"));
            }
        });
        let _stop = StopOnDrop(&stop);
        for _ in 0..20 {
            // SAFETY: the child only drops the emulator, which takes no lock there, and ends without handlers.
            match unsafe { libc::fork() } {
                0 => {
                    drop(emulator.take());
                    // SAFETY: it ends the process, and runs nothing of it.
                    unsafe { libc::_exit(7) }
                }
                child => {
                    let (begun, mut status) = (Instant::now(), 0);
                    // SAFETY: the status is a valid place.
                    while unsafe { libc::waitpid(child, &mut status, libc::WNOHANG) } == 0 {
                        assert!(begun.elapsed() < PATIENCE, "the child hangs");
                        std::thread::yield_now();
                    }
                    assert_eq!(libc::WEXITSTATUS(status), 7);
                }
            }
        }
    });
    assert!(ask(addr, example::API_KEY.as_bytes()).starts_with("HTTP/1.1 200"));
}

/// How often the secret is in the memory of this process. It is given reversed, so that the search has no copy of it.
fn found(reversed: &[u8]) -> usize {
    let maps: Vec<String> =
        BufReader::new(File::open("/proc/self/maps").unwrap()).lines().map(Result::unwrap).collect();
    let memory = File::open("/proc/self/mem").unwrap();
    let mut count = 0;
    for line in &maps {
        let mut words = line.split_whitespace();
        let (range, rights) = (words.next().unwrap(), words.next().unwrap());
        if !rights.starts_with("rw") || line.ends_with("[vvar]") || line.ends_with("[vsyscall]") {
            continue;
        }
        let (from, to) = range.split_once('-').unwrap();
        let [from, to] = [from, to].map(|end| u64::from_str_radix(end, 16).unwrap());
        let mut at = from;
        // Pieces overlap by a secret's length. The piece is on the stack, and is wiped after each search.
        let mut piece = [0; 64 * 1024];
        while at < to {
            let length = piece.len().min((to - at) as usize);
            let Ok(read) = memory.read_at(&mut piece[..length], at) else { break };
            let place = piece.as_ptr() as u64;
            let matches = |window: &&[u8]| window.iter().eq(reversed.iter().rev());
            // The piece must not find itself.
            let overlaps = at < place + piece.len() as u64 && place < at + read as u64;
            if !overlaps {
                count += piece[..read].windows(reversed.len()).filter(matches).count();
            }
            piece.fill(0);
            std::hint::black_box(&piece);
            if read < reversed.len() {
                break;
            }
            at += (read - reversed.len() + 1) as u64;
        }
    }
    count
}

/// A key that no file and no constant has. It is made reversed, and turned where it is needed.
fn canary(name: &str) -> Vec<u8> {
    let random = fs::read("/proc/sys/kernel/random/uuid").unwrap();
    format!("{name}{}", String::from_utf8(random).unwrap().trim()).into_bytes()
}

fn turned(reversed: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(reversed.len());
    key.extend(reversed.iter().rev());
    key
}

fn wiped(mut bytes: Vec<u8>) {
    bytes.fill(0);
    std::hint::black_box(&bytes);
}

/// Reply buffers, the request as received, as parsed and as judged, the journal and the ledger.
#[test]
fn a_key_is_found_nowhere_after_free() {
    if part().is_none() {
        child("a_key_is_found_nowhere_after_free", "search");
        return;
    }
    let reversed = canary("");
    // The search finds what is there.
    let planted = turned(&reversed);
    assert!(found(&reversed) >= 1, "the planted canary is not found");
    wiped(planted);
    assert_eq!(found(&reversed), 0, "the test itself leaves the canary");

    let emulator = Emulator::with(Options::default()).unwrap();
    let addr = emulator.server().addr();
    for _ in 0..20 {
        let key = turned(&reversed);
        assert!(ask(addr, &key).starts_with("HTTP/1.1 401"));
        wiped(key);
    }
    assert!(emulator.server().wait_until_closed(PATIENCE));
    assert_eq!(emulator.state(&Nothing {}).unwrap().requests, 20);
    let journal = format!("{:?}", emulator.journal(&JournalQuery::default()).unwrap());
    let verdict = format!("{:?}", emulator.verdict(&VerdictQuery::default()).unwrap());
    assert!(journal.contains("unknown") && !verdict.is_empty());
    assert_eq!(found(&reversed), 0, "an unknown key stays while the emulator runs");
    drop(emulator);
    assert_eq!(found(&reversed), 0, "an unknown key stays after free");
}

/// `cargo xtask bench --only emulator-memory` is the long form.
#[test]
fn its_memory_stays_flat_once_its_journal_is_full() {
    if part().is_none() {
        child("its_memory_stays_flat_once_its_journal_is_full", "memory");
        return;
    }
    let resident_kib = || -> u64 {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    };
    let emulator = Emulator::start().unwrap();
    let mut client = TcpStream::connect(emulator.server().addr()).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    let (key, account, length) = (example::API_KEY, example::ACCOUNT_ID, 66_000);
    let headers =
        format!("Host: h\r\nAuthorization: {key}\r\nwix-account-id: {account}\r\nContent-Length: {length}\r\n");
    let request = format!("POST {PATH} HTTP/1.1\r\n{headers}\r\n{{{}}}", " ".repeat(length - 2));
    let mut ask = |times: usize| {
        for _ in 0..times {
            client.write_all(request.as_bytes()).unwrap();
            let (mut reply, mut chunk) = (Vec::new(), [0; 4096]);
            while !reply.ends_with(b"}]}]}") {
                let count = client.read(&mut chunk).unwrap();
                assert!(count > 0, "{}", String::from_utf8_lossy(&reply));
                reply.extend_from_slice(&chunk[..count]);
            }
            assert!(reply.starts_with(b"HTTP/1.1 200"));
        }
    };
    // 16 MiB are 256 bodies of 64 KiB.
    ask(270);
    assert!(emulator.journal(&JournalQuery::default()).unwrap().dropped > 0);
    let before = resident_kib();
    ask(300);
    let gained = resident_kib().saturating_sub(before);
    assert!(gained < 8 * 1024, "{gained} KiB more than {before}");
}
