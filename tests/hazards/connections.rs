//! Faults of names, connections and calls in flight.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use aicredits::{Call, Cancel, ErrorKind};
use aicredits_emulator::script::{Listen, Reply, Script, Server, SynDropped, Tls};

use crate::subject::{Names, PATIENCE, Setup, Subject, builder};
use crate::unless::unless;

const FIRST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const SECOND: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

pub(crate) fn looks_up_once(subject: &Subject) -> Result<(), String> {
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    let names = Names { addresses: vec![FIRST], asked: Arc::default() };
    let url = format!("http://wix.test:{}", server.addr().port());
    let ask = (subject.make)(Setup { names: Some(names.clone()), ..Setup::new(url) }).expect("good settings");
    for _ in 0..5 {
        ask().expect("a balance");
    }
    let asked = names.asked.load(std::sync::atomic::Ordering::SeqCst);
    unless(asked == 1, || format!("{asked} look-ups for 5 calls"))
}

/// Compares TCP's own count of data segments, which does not depend on the reads. It needs the socket, which the scripted
/// server keeps to itself.
pub(crate) fn sends_one_piece(subject: &Subject) -> Result<(), String> {
    let listener = TcpListener::bind((FIRST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        answer(&mut stream);
        data_segments(&stream)
    });
    subject.client(url)().expect("a balance");
    let segments = server.join().unwrap();
    unless(segments == 1, || format!("{segments} segments for one request"))
}

fn answer(stream: &mut TcpStream) {
    let (mut buffer, mut held) = ([0; 8192], Vec::new());
    while !held.ends_with(b"{}") {
        match stream.read(&mut buffer) {
            Ok(count @ 1..) => held.extend_from_slice(&buffer[..count]),
            _ => return,
        }
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").unwrap();
}

fn data_segments(stream: &TcpStream) -> u32 {
    /// The offset of `tcpi_data_segs_in` in the kernel's `struct tcp_info`. libc has only the older part.
    const PLACE: usize = 152;
    let mut info = [0_u8; 232];
    let mut length = info.len() as libc::socklen_t;
    // SAFETY: the kernel writes at most `length` bytes to `info`.
    let status = unsafe {
        libc::getsockopt(
            stream.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            info.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    assert!(status == 0 && length as usize >= PLACE + 4, "the kernel does not report segments");
    u32::from_ne_bytes(info[PLACE..PLACE + 4].try_into().unwrap())
}

pub(crate) fn replaces_a_stale_one(subject: &Subject) -> Result<(), String> {
    let script = Script::handler(|request| match (request.connection, request.ordinal) {
        (0, 1) => Reply::new().reset(),
        _ => Reply::json(200, "{}"),
    });
    let server = Server::start(script).unwrap();
    let ask = subject.client(server.url());
    ask().expect("a balance");
    ask().map(drop).map_err(|failure| format!("the second call fails: {}", failure.kind))
}

pub(crate) fn bursts_keep_connections(subject: &Subject) -> Result<(), String> {
    const THREADS: usize = 16;
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    let (ask, barrier) = (subject.client(server.url()), Barrier::new(THREADS));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..40 {
                    barrier.wait();
                    ask().expect("a balance");
                }
            });
        }
    });
    let connections = server.connections();
    unless(connections <= THREADS, || format!("{connections} connections of {THREADS} threads"))
}

pub(crate) fn reports_certificates(subject: &Subject) -> Result<(), String> {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let tls = Tls::with_certificate([certificate.der().to_vec()], key.serialize_der()).unwrap();
    let server = Server::listen(Reply::json(200, "{}"), &Listen::over(tls)).unwrap();
    let names = Names { addresses: vec![FIRST], asked: Arc::default() };
    let url = format!("https://localhost:{}", server.addr().port());
    let ask = (subject.make)(Setup { names: Some(names), ..Setup::new(url) }).expect("good settings");
    let failure = ask().expect_err("nobody signed it");
    unless(failure.kind == "Tls", || format!("its error is one of {}", failure.kind))
}

pub(crate) fn races_addresses(subject: &Subject) -> Result<(), String> {
    let dropped = SynDropped::start().unwrap();
    let port = dropped.addr().port();
    let second = Listen { host: SECOND.to_string(), port, ..Listen::default() };
    let _server = Server::listen(Reply::json(200, "{}"), &second).unwrap();
    let names = Names { addresses: vec![FIRST, SECOND], asked: Arc::default() };
    let setup =
        Setup { names: Some(names), timeout: Duration::from_secs(9), ..Setup::new(format!("http://wix.test:{port}")) };
    let ask = (subject.make)(setup).expect("good settings");
    let begun = Instant::now();
    let answer = ask();
    let took = begun.elapsed();
    answer.map_err(|failure| failure.kind)?;
    // A fault takes two thirds of the timeout.
    unless(took < Duration::from_secs(3), || format!("{took:.1?} of 9 s went by"))
}

pub(crate) fn survives_a_panic(_: &Subject) -> Result<(), String> {
    let server = Server::start([Reply::new().mute(), Reply::json(200, "{}")]).unwrap();
    let client = builder(Setup::new(server.url())).build().unwrap();
    let call = Call::new().interrupted_by(|| std::panic::resume_unwind(Box::new("an interrupt's own")));
    let panicked = catch_unwind(AssertUnwindSafe(|| client.get_balance_with(&call))).is_err();
    unless(panicked, || "the panic was swallowed".to_owned())?;
    client.get_balance().map(drop).map_err(|error| error.to_string())
}

pub(crate) fn cancels_one_call(_: &Subject) -> Result<(), String> {
    let script = Script::handler(|request| match request.header("wix-site-id") {
        Some(_) => Reply::new().mute(),
        None => Reply::json(200, "{}"),
    });
    let server = Server::start(script).unwrap();
    let client = builder(Setup::new(server.url())).build().unwrap();
    let (cancel, (sender, receiver)) = (Cancel::new(), mpsc::channel());
    let error = thread::scope(|scope| {
        let call = Call::new().site("mute").cancelled_by(&cancel);
        let client = &client;
        scope.spawn(move || sender.send(client.get_balance_with(&call)).is_ok());
        assert!(server.wait_for_requests(1, PATIENCE));
        client.get_balance().expect("another call of the client goes on");
        cancel.cancel();
        receiver.recv_timeout(PATIENCE / 2).expect("the call comes back").expect_err("it was cancelled")
    });
    unless(error.kind() == ErrorKind::Cancelled, || error.to_string())?;
    client.get_balance().map(drop).map_err(|error| error.to_string())
}
