//! The key: it must not leak, and an invalid key is refused.

use std::sync::{Mutex, PoisonError};

use aicredits_emulator::script::{Reply, Server};

use crate::subject::{KEY, Setup, Subject};
use crate::unless::unless;

struct Captured(Mutex<Vec<String>>);

static CAPTURED: Captured = Captured(Mutex::new(Vec::new()));

impl Captured {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl log::Log for Captured {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let text = format!("{} {}", record.target(), record.args());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    }

    fn flush(&self) {}
}

pub(crate) fn logs_no_key(subject: &Subject) -> Result<(), String> {
    // For the second subject the logger is already set.
    let _ = log::set_logger(&CAPTURED);
    log::set_max_level(log::LevelFilter::Trace);
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    let answer = subject.client(server.url())();
    log::set_max_level(log::LevelFilter::Off);
    answer.expect("a balance");
    let records = CAPTURED.take();
    unless(!records.is_empty(), || "nothing was logged at all".to_owned())?;
    // The engine logs bytes in rows of 16, so a part of the key counts as the key.
    let parts: Vec<&str> = (0..KEY.len() - 8).map(|start| &KEY[start..start + 8]).collect();
    let leaks = records.iter().filter(|record| parts.iter().any(|part| record.contains(part))).count();
    unless(leaks == 0, || format!("{leaks} records hold a part of it"))
}

pub(crate) fn checks_the_key(subject: &Subject) -> Result<(), String> {
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    for key in ["", " IST.padded", "IST.tab\t", "IST.two words"] {
        let made = (subject.make)(Setup { key: key.to_owned(), ..Setup::new(server.url()) });
        unless(made.is_err(), || format!("{key:?} makes a client"))?;
    }
    unless(server.connections() == 0, || "a socket was opened".to_owned())
}
