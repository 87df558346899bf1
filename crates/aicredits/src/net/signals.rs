//! Signals are for the program's own threads.

// There is no safe way to the signal mask.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::ptr;

/// Runs `work` with every signal blocked: a thread that it starts inherits that, and handles none of them.
pub(crate) fn blocked<T>(work: impl FnOnce() -> T) -> T {
    let (mut all, mut before) = (MaybeUninit::<libc::sigset_t>::uninit(), MaybeUninit::<libc::sigset_t>::uninit());
    // SAFETY: the first fills in the set that the second reads, and the second fills in `before`. It fails only for an
    // unknown way to change the mask.
    unsafe {
        libc::sigfillset(all.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr());
    }
    let result = work();
    // SAFETY: `before` is filled in. `work` unwinds only if it panics, which leaves the thread without signals and no
    // memory at risk.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), ptr::null_mut()) };
    result
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::thread;

    /// Of the calling thread, as the kernel has it.
    fn mask() -> u64 {
        let status = fs::read_to_string("/proc/thread-self/status").unwrap();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigBlk:")).unwrap();
        u64::from_str_radix(mask.trim(), 16).unwrap()
    }

    #[test]
    fn a_thread_that_is_started_handles_no_signal() {
        let before = mask();
        let inside = super::blocked(|| thread::spawn(mask)).join().unwrap();
        assert_eq!(mask(), before);
        for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM, libc::SIGALRM, libc::SIGPROF] {
            assert_ne!(inside & 1 << (signal - 1), 0, "signal {signal}");
        }
    }
}
