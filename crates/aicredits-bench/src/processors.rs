//! Which processors the server and the contenders run on.
//!
//! Left to the scheduler, it is luck whether a program shares a processor with the server or wakes it on another one,
//! and that decides more than what the program does. So where there are two, the server has one of them, and each
//! contender in its turn the other. A contender whose runtime starts threads, as Go's and Node's do, has all.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

pub(crate) struct Processors {
    all: CpuSet,
    server: CpuSet,
    contender: CpuSet,
}

impl Processors {
    pub(crate) fn of_this_process() -> Result<Self, String> {
        let all = sched_getaffinity(None).map_err(|error| format!("the processors: {error}"))?;
        let mut each = (0..CpuSet::MAX_CPU).filter(|&number| all.is_set(number)).map(only);
        let server = each.next().unwrap_or(all);
        Ok(Self { contender: each.next().unwrap_or(server), server, all })
    }

    /// Has what `start` starts run where the server does.
    pub(crate) fn for_server<T>(&self, start: impl FnOnce() -> T) -> T {
        self.within(&self.server, start)
    }

    /// Has what `start` starts run where contenders do.
    pub(crate) fn for_contender<T>(&self, start: impl FnOnce() -> T) -> T {
        self.within(&self.contender, start)
    }

    /// Threads and processes inherit the processors of the thread that starts them.
    fn within<T>(&self, processors: &CpuSet, start: impl FnOnce() -> T) -> T {
        // Where it is refused, the figures are as the scheduler has them.
        let _ = sched_setaffinity(None, processors);
        let started = start();
        let _ = sched_setaffinity(None, &self.all);
        started
    }
}

fn only(number: usize) -> CpuSet {
    let mut set = CpuSet::new();
    set.set(number);
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_started_program_stays_on_its_processor() {
        let processors = Processors::of_this_process().unwrap();
        let of_a_thread = || std::thread::spawn(|| sched_getaffinity(None).unwrap()).join().unwrap();
        assert_eq!(processors.for_server(of_a_thread), processors.server);
        assert_eq!(processors.for_contender(of_a_thread), processors.contender);
        assert_eq!(of_a_thread(), processors.all);
        assert_eq!(processors.server == processors.contender, processors.all.count() < 2);
    }
}
