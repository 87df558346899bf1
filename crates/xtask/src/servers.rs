//! There is one test server: the emulator's. Each other file that listens is listed here.

use crate::tool;

/// How a file of this kind begins to listen.
const LISTENING: [(&str, &[&str]); 5] = [
    (".rs", &["TcpListener::bind", "socket.listen("]),
    (".go", &["net.Listen", "httptest"]),
    (".py", &["http.server", "socketserver", "create_server(", ".listen("]),
    (".mjs", &["createServer("]),
    (".c", &["accept("]),
];

/// The files that may, and why.
const ALLOWED: [(&str, &str); 15] = [
    ("bindings/go/script_test.go", "replies that stop or wait, which the C library cannot script"),
    ("bindings/go/support_test.go", "a backlog that is full"),
    ("bindings/python/tests/conftest.py", "a backlog that is full"),
    ("bindings/python/tests/test_client.py", "the work of forked processes"),
    ("bindings/python/tests/test_emulator.py", "a free port"),
    ("crates/aicredits-bench/contenders/node/server.mjs", "another server to compare with"),
    ("crates/aicredits-bench/contenders/python/http_server.py", "another server to compare with"),
    ("crates/aicredits-bench/src/load.rs", "it tests the load, byte by byte"),
    ("crates/aicredits-bench/src/server.rs", "a server that costs less than the clients that it measures"),
    ("crates/aicredits-emulator/src/script/listen.rs", "the emulator"),
    ("crates/aicredits-emulator/tests/sockets/script.rs", "a port in use"),
    ("crates/aicredits/tests/common/tls.rs", "a tunnel: TLS before a proxy"),
    ("crates/aicredits/tests/net_connections.rs", "it counts the reads of a request"),
    ("crates/aicredits/tests/net_proxy.rs", "a tunnel: TLS behind a proxy"),
    ("tests/hazards/connections.rs", "it asks TCP what the socket counted"),
];

#[test]
fn no_test_has_another_server() {
    let listens = |file: &String| {
        let mut needles = LISTENING.iter().filter(|(kind, _)| file.ends_with(kind)).flat_map(|(_, needles)| *needles);
        let text = std::fs::read_to_string(tool::root().join(file)).unwrap();
        file != "crates/xtask/src/servers.rs" && needles.any(|needle| text.contains(needle))
    };
    let patterns = LISTENING.map(|(kind, _)| format!("*{kind}"));
    let files: Vec<_> = tool::tracked_files(&patterns).unwrap().into_iter().filter(listens).collect();
    assert_eq!(files, ALLOWED.map(|(file, _)| file), "use the emulator, or its scripted server");
}
