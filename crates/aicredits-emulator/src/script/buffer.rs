//! Bytes that are wiped as soon as they are used, because a request has a key in it.

use std::hint::black_box;
use std::io;
use std::ops::Deref;

/// The least room of a read.
const ROOM: usize = 4 * 1024;
/// An empty queue keeps no more memory than this.
const KEPT: usize = 64 * 1024;

/// Overwrites the bytes.
///
/// `zeroize` writes one byte at a time, which takes longer for a body of a mebibyte than everything else does.
pub(super) fn wipe(bytes: &mut [u8]) {
    bytes.fill(0);
    // The compiler must take them for read, so it cannot leave the writing out.
    black_box(&*bytes);
}

/// As [`wipe`], for a text that is used no more.
pub(super) fn wipe_text(text: &mut String) {
    wipe(&mut std::mem::take(text).into_bytes());
}

/// A queue of bytes. Each byte is wiped when it leaves the queue, when the queue grows, and when it is dropped.
#[derive(Default)]
pub(super) struct Buffer {
    /// All of it is initialised, and zero outside of `start..end`.
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl Buffer {
    /// Reads once, and returns how many bytes came.
    pub(super) fn read_with(&mut self, read: impl FnOnce(&mut [u8]) -> io::Result<usize>) -> io::Result<usize> {
        self.make_room(ROOM);
        let count = read(&mut self.bytes[self.end..])?;
        self.end += count;
        Ok(count)
    }

    pub(super) fn extend(&mut self, bytes: &[u8]) {
        self.make_room(bytes.len());
        self.bytes[self.end..self.end + bytes.len()].copy_from_slice(bytes);
        self.end += bytes.len();
    }

    /// Drops the first `count` bytes.
    pub(super) fn consume(&mut self, count: usize) {
        wipe(&mut self.bytes[self.start..self.start + count]);
        self.start += count;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            if self.bytes.len() > KEPT {
                self.bytes = Vec::new();
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.consume(self.len());
    }

    fn make_room(&mut self, room: usize) {
        if self.bytes.len() - self.end >= room {
            return;
        }
        let length = self.len();
        if self.bytes.len() / 2 >= length + room {
            self.bytes.copy_within(self.start..self.end, 0);
            wipe(&mut self.bytes[length..self.end]);
        } else {
            // `Vec` would free the old bytes without wiping them.
            let mut larger = vec![0; (length + room).next_power_of_two()];
            larger[..length].copy_from_slice(self);
            wipe(&mut self.bytes);
            self.bytes = larger;
        }
        (self.start, self.end) = (0, length);
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }
}

impl io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_wiped(buffer: &Buffer) -> bool {
        let outside = buffer.bytes[..buffer.start].iter().chain(&buffer.bytes[buffer.end..]);
        outside.into_iter().all(|byte| *byte == 0)
    }

    #[test]
    fn it_is_a_queue_that_is_wiped_outside() {
        let mut buffer = Buffer::default();
        let (mut put, mut taken) = (0_u32, 0_u32);
        for round in 0..2000_usize {
            for _ in 0..(round * 37) % 200 {
                buffer.extend(&(put | 1 << 31).to_ne_bytes());
                put += 1;
            }
            for _ in 0..(round * 53) % 211 {
                let Some(bytes) = buffer.first_chunk() else { break };
                assert_eq!(u32::from_ne_bytes(*bytes), taken | 1 << 31);
                buffer.consume(4);
                taken += 1;
            }
            assert!(is_wiped(&buffer), "round {round}");
            assert_eq!(buffer.len(), 4 * (put - taken) as usize);
        }
        assert!(put > 100_000 && taken > 100_000);
        buffer.clear();
        assert!(is_wiped(&buffer) && buffer.is_empty());
    }

    #[test]
    fn a_read_has_room_and_adds_what_came() {
        let mut buffer = Buffer::default();
        for _ in 0..10 {
            let count = buffer.read_with(|room| {
                assert!(room.len() >= ROOM);
                room[..3].copy_from_slice(b"abc");
                Ok(3)
            });
            assert_eq!(count.unwrap(), 3);
        }
        assert_eq!(&buffer[..], b"abc".repeat(10));
        assert!(buffer.read_with(|_| Err(io::ErrorKind::TimedOut.into())).is_err());
        assert_eq!(buffer.len(), 30);
    }
}
