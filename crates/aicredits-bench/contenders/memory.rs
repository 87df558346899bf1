//! Counts what is allocated, for the programs that tell what a connection costs.

#![allow(unsafe_code, reason = "an allocator is")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;
static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(live, Relaxed);
        // SAFETY: the caller's duty.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's duty.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Answers each line, a number of connections, with the bytes that each of them takes while it is idle, and while all
/// of them are in use. The server answers once all requests are there.
pub(crate) fn run(call: impl Fn() + Sync) {
    for line in std::io::stdin().lines() {
        let count: usize = line.expect("input").parse().expect("a number of connections");
        let before = LIVE.load(Relaxed);
        PEAK.store(before, Relaxed);
        thread::scope(|scope| {
            for _ in 0..count {
                scope.spawn(&call);
            }
        });
        let each = |bytes: usize| bytes.saturating_sub(before) / count;
        println!("{} {}", each(LIVE.load(Relaxed)), each(PEAK.load(Relaxed)));
    }
}
