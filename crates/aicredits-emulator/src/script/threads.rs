//! The threads of a server: one accepts, and each connection has one.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::sys::signal::{SigSet, SigmaskHow};

use super::reply::Manner;
use super::server::Shared;

/// Starts to accept.
///
/// The threads block all signals, because a handler of the program would run in any of them. Each thread has the mask
/// of the one that starts it.
pub(super) fn start(listener: Arc<TcpListener>, shared: Arc<Shared>) -> io::Result<JoinHandle<()>> {
    let before = SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK)?;
    let started = thread::Builder::new().name("emulator".to_owned()).spawn(move || accept(&listener, &shared));
    before.thread_set_mask()?;
    started
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    loop {
        let accepted = listener.accept();
        if shared.is_stopping() {
            break;
        }
        threads.retain(|thread| !thread.is_finished());
        match accepted {
            Ok((stream, _)) if shared.open_connections() >= shared.max_connections => refuse(stream, shared),
            Ok((stream, _)) => threads.extend(start_connection(stream, shared)),
            // Out of descriptors, say. The pause keeps this from spinning, and ends when the server stops.
            Err(_) => shared.pause(Duration::from_millis(10)),
        }
    }
    for thread in threads {
        let _ = thread.join();
    }
}

/// Says why, without a thread and without waiting. A client over TLS sees the connection closed.
fn refuse(mut stream: TcpStream, shared: &Shared) {
    let _ = stream.set_nonblocking(true);
    if !shared.has_tls() {
        let _ = stream.write_all(&shared.overloaded().bytes(Manner::default()));
    }
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.read(&mut [0; 4096]);
}

/// Without a thread for it the connection is closed.
fn start_connection(stream: TcpStream, shared: &Arc<Shared>) -> Option<JoinHandle<()>> {
    let _ = stream.set_nodelay(true);
    let stream = Arc::new(stream);
    let number = shared.opened(&stream)?;
    let shared = Arc::clone(shared);
    let spawned = thread::Builder::new().name("connection".to_owned()).spawn({
        let shared = Arc::clone(&shared);
        move || shared.serve(stream, number)
    });
    if spawned.is_err() {
        shared.closed(number);
    }
    spawned.ok()
}
