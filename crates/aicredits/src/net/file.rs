//! How files that a setting or a variable names are read: without blocking, and up to a limit.
//!
//! A network file system that hangs still blocks `open` and `read`: no system call on a regular file can be bounded.

use std::fs::{Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The authorities of a system have less than 1 MiB.
pub(crate) const MAX_CA_BYTES: usize = 16 << 20;
const MAX_BYTES: u64 = MAX_CA_BYTES as u64;

/// Reads a regular file. A FIFO without a writer would block `open`, and a device may have no end.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    read_new(path, |_| true).map(Option::unwrap_or_default)
}

/// Reads a regular file if `wants` it.
pub(super) fn read_new(path: &Path, wants: impl FnOnce(&Metadata) -> bool) -> io::Result<Option<Vec<u8>>> {
    let refuse = || io::Error::new(io::ErrorKind::InvalidInput, "it is no file of at most 16 MiB");
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)?;
    // Of the open file: a name may lead to another one by now.
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() > MAX_BYTES {
        return Err(refuse());
    }
    if !wants(&metadata) {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(metadata.len() as usize);
    // It may grow meanwhile, and the size of a file in /proc is 0.
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES { Err(refuse()) } else { Ok(Some(bytes)) }
}

#[cfg(test)]
mod tests {
    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    #[test]
    fn only_regular_files_up_to_the_limit_are_read() {
        let folder = std::env::temp_dir().join(format!("aicredits-files-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (fifo, huge, link) = (folder.join("fifo"), folder.join("huge"), folder.join("link"));
        mknodat(CWD, &fifo, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        std::fs::File::create(&huge).unwrap().set_len(MAX_BYTES + 1).unwrap();
        std::os::unix::fs::symlink(&fifo, &link).unwrap();
        let socket = std::os::unix::net::UnixListener::bind(folder.join("socket")).unwrap();
        for path in [&fifo, &huge, &link, &folder] {
            let error = read(path).unwrap_err();
            assert!(error.to_string().contains("16 MiB"), "{}: {error}", path.display());
        }
        for device in ["/dev/zero", "/dev/null", "/dev/random", "/dev/full"] {
            assert!(read(Path::new(device)).unwrap_err().to_string().contains("16 MiB"), "{device}");
        }
        read(&folder.join("socket")).unwrap_err();
        read(&folder.join("nothing")).unwrap_err();
        read(Path::new("")).unwrap_err();
        assert!(!read(Path::new("/proc/self/status")).unwrap().is_empty(), "its size is said to be 0");

        std::fs::File::create(&huge).unwrap().set_len(MAX_BYTES).unwrap();
        assert_eq!(read(&huge).unwrap().len() as u64, MAX_BYTES);
        drop(socket);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
