//! A C program with emulators, directed from here, and the search of its memory.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::FileExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use aicredits_tests::{Linked, scratch};

use crate::program;

/// So many characters in a row of a secret are a part of it, and no accident.
const RUN: usize = 12;
/// How much is searched at once.
const PIECE: usize = 1 << 20;

/// The program `remains.c`.
pub(crate) struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    folder: PathBuf,
}

impl Process {
    pub(crate) fn start(linked: Linked) -> Self {
        let folder = scratch("remains");
        fs::create_dir(&folder).unwrap();
        let mut command = Command::new(program("remains.c", linked));
        command.current_dir(&folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, input, output, folder }
    }

    /// Runs a command, and returns its status and text.
    pub(crate) fn ask(&mut self, command: &str) -> (i32, String) {
        writeln!(self.input, "{command}").unwrap();
        let mut head = String::new();
        self.output.read_line(&mut head).unwrap();
        let (status, length) = head.trim_end().split_once(' ').expect("the program is alive");
        let mut text = vec![0; length.parse().unwrap()];
        self.output.read_exact(&mut text).unwrap();
        (status.parse().unwrap(), String::from_utf8(text).unwrap())
    }

    /// Which texts are in its memory. It searches what a core file would have, and everything else that can be read.
    pub(crate) fn memory(&self, texts: &Texts) -> BTreeSet<String> {
        let memory = File::open(format!("/proc/{}/mem", self.child.id())).unwrap();
        let maps = fs::read_to_string(format!("/proc/{}/maps", self.child.id())).unwrap();
        let mut search = Search::new(texts);
        for line in maps.lines() {
            let mut fields = line.split_ascii_whitespace();
            let (range, mode) = (fields.next().unwrap(), fields.next().unwrap());
            let (begin, end) = range.split_once('-').unwrap();
            let [begin, end] = [begin, end].map(|address| u64::from_str_radix(address, 16).unwrap());
            // The kernel's own pages cannot be read.
            if mode.starts_with('r') && !line.ends_with("[vvar]") && !line.ends_with("[vsyscall]") {
                search.file(&memory, begin, end);
            }
        }
        search.found
    }

    /// Ends the program as a crash does, and returns which texts are in its core file, or why there is none.
    pub(crate) fn core(mut self, texts: &Texts) -> Result<BTreeSet<String>, String> {
        writeln!(self.input, "die").unwrap();
        let status = self.child.wait().unwrap();
        let files = fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path());
        let Some(core) = files.into_iter().next() else {
            let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap_or_default();
            return Err(format!("{status}, and kernel.core_pattern is {:?}", pattern.trim_end()));
        };
        assert!(status.core_dumped(), "{status}, and yet there is {}", core.display());
        Ok(in_file(&core, texts))
    }
}

fn in_file(path: &Path, texts: &Texts) -> BTreeSet<String> {
    let file = File::open(path).unwrap();
    let mut search = Search::new(texts);
    search.file(&file, 0, file.metadata().unwrap().len());
    search.found
}

/// Texts to search for, each with a name. A run of 12 characters is a find.
#[derive(Default)]
pub(crate) struct Texts {
    runs: HashMap<[u8; RUN], String>,
}

impl Texts {
    pub(crate) fn add(&mut self, name: &str, text: &str) {
        for (at, run) in text.as_bytes().windows(RUN).enumerate() {
            self.runs.insert(run.try_into().unwrap(), format!("{name} from {at} on"));
        }
    }

    pub(crate) fn extend(&mut self, others: Self) {
        self.runs.extend(others.runs);
    }

    /// Those that are in these bytes.
    pub(crate) fn within(&self, bytes: &[u8]) -> BTreeSet<String> {
        let mut search = Search::new(self);
        search.bytes(bytes);
        search.found
    }
}

struct Search<'t> {
    texts: &'t Texts,
    /// Whether two bytes are neighbours in a text: most places need no look at the map.
    pairs: Vec<bool>,
    found: BTreeSet<String>,
}

impl<'t> Search<'t> {
    fn new(texts: &'t Texts) -> Self {
        let mut pairs = vec![false; 1 << 16];
        texts.runs.keys().flat_map(|run| run.windows(2)).for_each(|two| pairs[pair(two)] = true);
        Self { texts, pairs, found: BTreeSet::new() }
    }

    fn file(&mut self, file: &File, begin: u64, end: u64) {
        let (mut piece, mut at) = (vec![0; PIECE], begin);
        while at < end {
            let length = PIECE.min((end - at) as usize);
            let read = file.read_at(&mut piece[..length], at).unwrap_or(0);
            self.bytes(&piece[..read]);
            // A run may lie across two pieces. Pages that cannot be read are left out.
            let is_last = read < RUN || at + read as u64 == end;
            at += if is_last { read.max(4096) } else { read - RUN + 1 } as u64;
        }
    }

    /// Every eighth pair is looked at: each run has one of them, at most 8 bytes after its beginning.
    fn bytes(&mut self, bytes: &[u8]) {
        for at in (0..bytes.len().saturating_sub(1)).step_by(8) {
            if !self.pairs[pair(&bytes[at..])] {
                continue;
            }
            let around = &bytes[at.saturating_sub(8)..bytes.len().min(at + RUN)];
            for run in around.windows(RUN) {
                self.found.extend(self.texts.runs.get(run).cloned());
            }
        }
    }
}

fn pair(bytes: &[u8]) -> usize {
    usize::from(u16::from_ne_bytes([bytes[0], bytes[1]]))
}
