use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock, ftruncate};
use rustix::io::{Errno, pread, write};

use super::header::{self, Refusal};
use super::record::{Identity, Record};
use crate::fleet::outcome::FleetAttempt;
use crate::fork::Fd;
use crate::settings::Setting;
use crate::{Error, ErrorKind, Timestamp, escape_for_display, pasted};

/// No header is longer: a longer first line is another file's.
const MOST_OF_HEADER: u64 = 8 << 10;
/// A line from the future is from a clock that was wrong. This much is allowed between machines.
const SKEW: Duration = Duration::from_secs(60);
/// The attempts of this time count for the pace.
const RECENT: Duration = crate::pacing::WINDOW;

/// A resume file, locked for this fleet.
pub(crate) struct ResumeFile {
    /// Closed in a forked child, so that the parent alone holds the lock.
    file: Fd,
    /// Of whole lines.
    length: u64,
    /// A write failed: no more are tried.
    has_failed: bool,
}

/// A balance in the file: where its line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    offset: u64,
    length: usize,
}

/// The content that a fleet uses.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The balances that are young enough, by the number of their ask.
    pub(crate) balances: HashMap<u32, Entry>,
    /// The recent starts of attempts, with the name of their client.
    pub(crate) starts: Vec<(Option<Arc<str>>, Timestamp)>,
    /// Bytes of a line that was cut, and is removed.
    pub(crate) cut: usize,
}

impl ResumeFile {
    /// Opens the file, or makes it. If it is refused, nothing in it is changed.
    pub(crate) fn open(
        path: &Path,
        base_url: &str,
        asks: &HashMap<Identity, u32>,
        max_age: Duration,
        now: Timestamp,
    ) -> Result<(Self, Found), Error> {
        let names = Names::of(path);
        let file = open(path).map_err(|error| names.failed(error))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => return Err(names.refused("is in use by another run")),
            locked => locked.map_err(|error| names.failed(error.into()))?,
        }
        let index = Index { asks, now, max_age, found: Found::default() };
        let (found, length) = match index.read(&file, base_url, &names) {
            Ok(read) => read,
            Err(error) => {
                unlock(&file);
                return Err(error);
            }
        };
        let mut resume = Self { file: Fd::new(file.into()), length, has_failed: false };
        // Nothing was changed before.
        resume.repair(found.cut, base_url, now).map_err(|error| names.failed(error))?;
        Ok((resume, found))
    }

    /// Removes a line that was cut, and begins a new file.
    fn repair(&mut self, cut: usize, base_url: &str, now: Timestamp) -> io::Result<()> {
        if cut > 0 {
            ftruncate(self.descriptor()?, self.length)?;
        }
        if self.length == 0 { self.append(&header::line(base_url, now)) } else { Ok(()) }
    }

    /// Appends a line with one `write`, so that a kill leaves no line but the last one cut.
    ///
    /// Only the first error is reported: later lines would leave a gap, but nothing that is wrong.
    pub(crate) fn append(&mut self, line: &str) -> io::Result<()> {
        if self.has_failed {
            return Ok(());
        }
        let written = loop {
            match write(self.descriptor()?, line.as_bytes()) {
                Err(Errno::INTR) => {}
                written => break written,
            }
        };
        if written == Ok(line.len()) {
            self.length += line.len() as u64;
            return Ok(());
        }
        self.has_failed = true;
        // A cut line in the middle would break the file.
        ftruncate(self.descriptor()?, self.length)?;
        Err(written.map_or_else(io::Error::from, |_| io::ErrorKind::StorageFull.into()))
    }

    /// The record of a balance.
    pub(crate) fn record(&self, Entry { offset, length }: Entry) -> Result<Record, String> {
        let file = self.descriptor().map_err(|error| error.to_string())?;
        let (mut line, mut done) = (vec![0; length], 0);
        while done < length {
            match pread(file, &mut line[done..], offset + done as u64) {
                Ok(0) => return Err("it has become shorter".to_owned()),
                Ok(count) => done += count,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.to_string()),
            }
        }
        Record::parse(&String::from_utf8_lossy(&line))
    }

    fn descriptor(&self) -> io::Result<BorrowedFd<'_>> {
        self.file.get().ok_or_else(|| io::Error::other("the file belongs to the parent process"))
    }
}

impl Drop for ResumeFile {
    fn drop(&mut self) {
        if let Ok(file) = self.descriptor() {
            unlock(file);
        }
    }
}

/// Not by closing it: a process that is being started has a copy of each descriptor until its `exec`.
fn unlock(file: impl AsFd) {
    let _ = flock(file, FlockOperation::Unlock);
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    // A FIFO would block `open`.
    options.read(true).append(true).create(true).mode(0o600).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
    let file = options.open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    Ok(file)
}

/// The name of the file in errors.
struct Names(String);

impl Names {
    fn of(path: &Path) -> Self {
        Self(escape_for_display(&pasted::without_keys(&path.to_string_lossy())))
    }

    fn refused(&self, fault: &str) -> Error {
        Setting::Resume.error(format_args!("({}) {fault}", self.0))
    }

    fn failed(&self, error: io::Error) -> Error {
        self.refused(&format!("cannot be used: {error}"))
    }

    fn broken(&self, line: usize, reason: &str) -> Error {
        Error::new(ErrorKind::Decode, format!("the resume file {} is broken in line {line}: {reason}", self.0))
    }
}

/// Reads the file.
struct Index<'a> {
    asks: &'a HashMap<Identity, u32>,
    now: Timestamp,
    max_age: Duration,
    found: Found,
}

impl Index<'_> {
    /// The content, and the length of the whole lines.
    fn read(mut self, file: &File, base_url: &str, names: &Names) -> Result<(Found, u64), Error> {
        let failed = |error| names.failed(error);
        let (mut reader, mut line) = (BufReader::new(file), Vec::new());
        reader.by_ref().take(MOST_OF_HEADER).read_until(b'\n', &mut line).map_err(failed)?;
        if line.last() != Some(&b'\n') {
            self.found.cut = line.len();
            let is_cut = header::is_cut(&String::from_utf8_lossy(&line));
            return if is_cut { Ok((self.found, 0)) } else { Err(names.broken(1, header::NONE)) };
        }
        header::check(&String::from_utf8_lossy(&line), base_url).map_err(|refusal| match refusal {
            Refusal::Broken => names.broken(1, header::NONE),
            Refusal::Foreign(fault) => names.refused(&fault),
        })?;
        let mut length = line.len() as u64;
        for number in 2.. {
            line.clear();
            reader.read_until(b'\n', &mut line).map_err(failed)?;
            let Some((b'\n', text)) = line.split_last() else { break };
            let record = std::str::from_utf8(text).map_err(|_| "it is not UTF-8".to_owned()).and_then(Record::parse);
            let record = record.map_err(|reason| names.broken(number, &reason))?;
            self.add(record, Entry { offset: length, length: text.len() });
            length += line.len() as u64;
        }
        self.found.cut = line.len();
        Ok((self.found, length))
    }

    /// The last line of a target counts.
    fn add(&mut self, record: Record, entry: Entry) {
        for FleetAttempt { started_at, .. } in &record.attempts {
            if age(*started_at, self.now).is_some_and(|age| age < RECENT) {
                self.found.starts.push((record.identity.key.clone(), *started_at));
            }
        }
        let Some(&ask) = self.asks.get(&record.identity) else { return };
        match record.read.and_then(|read| age(read.read_at, self.now)) {
            Some(age) if age < self.max_age => self.found.balances.insert(ask, entry),
            _ => self.found.balances.remove(&ask),
        };
    }
}

/// How long ago an instant was; 0 if it lies ahead by no more than clocks differ, and `None` further ahead.
pub(crate) fn age(at: Timestamp, now: Timestamp) -> Option<Duration> {
    let nanoseconds =
        |at: Timestamp| i128::from(at.unix_seconds()) * 1_000_000_000 + i128::from(at.subsec_nanoseconds());
    match nanoseconds(now) - nanoseconds(at) {
        ahead if ahead < -(SKEW.as_nanos() as i128) => None,
        past => Some(Duration::from_nanos(u64::try_from(past.max(0)).unwrap_or(u64::MAX))),
    }
}

#[cfg(test)]
mod tests {
    use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, fstat, memfd_create};

    use super::*;

    /// As a file on a disk that is full.
    #[test]
    fn a_file_that_cannot_grow_keeps_its_whole_lines() {
        let file = memfd_create("resume", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING).unwrap();
        let mut resume = ResumeFile { file: Fd::new(file), length: 0, has_failed: false };
        resume.append("one\n").unwrap();
        fcntl_add_seals(resume.descriptor().unwrap(), SealFlags::GROW).unwrap();
        let error = resume.append("two\n").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied, "{error}");
        resume.append("three\n").unwrap();
        assert_eq!(fstat(resume.descriptor().unwrap()).unwrap().st_size, 4);
    }
}
