//! A provider of credentials: asked once a call, and once more after a 401.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use aicredits::{Call, Cancel, Client, Error, ErrorKind, Scope};
use aicredits_emulator::script::{Reply, Server};

/// A client whose provider gives `token-1`, `token-2` and so on, and how often it was asked.
fn counting(server: &Server) -> (Client, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let client = with_provider(server, move || Ok(format!("token-{}", count.fetch_add(1, Ordering::Relaxed) + 1)));
    (client, asked)
}

fn with_provider(
    server: &Server,
    provider: impl Fn() -> Result<String, Box<dyn std::error::Error + Send + Sync>> + Send + Sync + 'static,
) -> Client {
    let builder = Client::builder().credential_provider(provider).scope(Scope::Credential).base_url(server.url());
    builder.build().unwrap()
}

fn sent(server: &Server) -> Vec<String> {
    server.journal().iter().map(|request| request.header("authorization").unwrap().to_owned()).collect()
}

#[test]
fn it_is_asked_once_a_call() {
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    let (client, asked) = counting(&server);
    for _ in 0..3 {
        client.get_balance().unwrap();
    }
    assert_eq!(sent(&server), ["token-1", "token-2", "token-3"]);
    assert_eq!(asked.load(Ordering::Relaxed), 3);
}

#[test]
fn after_a_401_a_newer_value_is_tried_once() {
    let server = Server::start([Reply::json(401, "{}"), Reply::json(200, "{}")]).unwrap();
    counting(&server).0.get_balance().unwrap();
    assert_eq!(sent(&server), ["token-1", "token-2"]);

    let never = Server::start(Reply::json(401, "{}")).unwrap();
    assert_eq!(counting(&never).0.get_balance().unwrap_err().kind(), ErrorKind::Unauthorized);
    assert_eq!(sent(&never), ["token-1", "token-2"]);
}

#[test]
fn after_a_401_the_same_value_is_not_tried_again() {
    let server = Server::start(Reply::json(401, "{}")).unwrap();
    let error = with_provider(&server, || Ok("Bearer the same".into())).get_balance().unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::Unauthorized, Some(401)));
    assert_eq!(sent(&server), ["Bearer the same"]);
}

#[test]
fn another_status_does_not_ask_it_again() {
    let server = Server::start(Reply::json(403, "{}")).unwrap();
    let (client, asked) = counting(&server);
    assert_eq!(client.get_balance().unwrap_err().kind(), ErrorKind::Forbidden);
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[test]
fn its_failure_is_unauthorized_with_its_own_words() {
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    let error = with_provider(&server, || Err("the vault is \u{1b}[31msealed".into())).get_balance().unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::Unauthorized, None));
    assert!(error.to_string().contains("the vault is \\u{1b}[31msealed"), "{error}");
    assert_eq!(error.scope(), Some(&Scope::Credential));
    assert_eq!(server.requests(), 0);
}

#[test]
fn a_failure_after_a_401_reports_both() {
    let server = Server::start(Reply::json(401, "{}").header("x-wix-request-id", "req-1")).unwrap();
    let asked = AtomicUsize::new(0);
    let client = with_provider(&server, move || match asked.fetch_add(1, Ordering::Relaxed) {
        0 => Ok("token".into()),
        _ => Err("no more".into()),
    });
    let error = client.get_balance().unwrap_err();
    assert_eq!(
        (error.kind(), error.http_status(), error.request_id()),
        (ErrorKind::Unauthorized, Some(401), Some("req-1"))
    );
    assert!(error.to_string().contains("no more"), "{error}");
}

/// A provider that notices the end of the call returns its own error. The call reports why it ended, and not that error.
#[test]
fn the_end_of_the_call_is_reported_and_not_the_providers_failure() {
    type Ends = fn(&Client, &Cancel);
    let by_cancel: Ends = |_, cancel| cancel.cancel();
    let by_close: Ends = |client, _| client.close();
    for asked_twice in [false, true] {
        for (ends, kind) in [(by_cancel, ErrorKind::Cancelled), (by_close, ErrorKind::Closed)] {
            let server = Server::start(Reply::json(401, "{}")).unwrap();
            let (cancel, asked) = (Cancel::new(), AtomicUsize::new(0));
            let ending = cancel.clone();
            let client = Arc::new(OnceLock::<Client>::new());
            let of_the_provider = Arc::downgrade(&client);
            let provider = move || {
                if asked.fetch_add(1, Ordering::Relaxed) == 0 && asked_twice {
                    return Ok("token".into());
                }
                ends(of_the_provider.upgrade().unwrap().get().unwrap(), &ending);
                Err("context canceled".into())
            };
            let client = client.get_or_init(|| with_provider(&server, provider));
            let error = client.get_balance_with(&Call::new().cancelled_by(&cancel)).unwrap_err();
            assert_eq!(error.kind(), kind, "{error}");
            assert_eq!(server.requests(), usize::from(asked_twice));
        }
    }
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    let pressed = Arc::new(AtomicUsize::new(0));
    let presses = Arc::clone(&pressed);
    let client = with_provider(&server, move || {
        presses.store(1, Ordering::Relaxed);
        Err("interrupted".into())
    });
    let call = Call::new().interrupted_by(move || pressed.load(Ordering::Relaxed) == 1);
    let error = client.get_balance_with(&call).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");

    let late = || {
        thread::sleep(Duration::from_millis(5));
        Err("deadline exceeded".into())
    };
    let call = Call::new().timeout(Duration::from_millis(1));
    let error = with_provider(&server, late).get_balance_with(&call).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
}

/// The provider returns late, so the call looks late at what ended it.
#[test]
fn of_the_deadline_the_cancelling_and_the_closing_the_first_ended_the_call() {
    type Ends = fn(&Client, &Cancel);
    let pass: Ends = |_, _| {
        let passed = Instant::now() + Duration::from_millis(1100);
        while Instant::now() < passed {
            thread::sleep(Duration::from_millis(10));
        }
    };
    let cancel: Ends = |_, cancel| cancel.cancel();
    let close: Ends = |client, _| client.close();
    for (order, kind) in [
        ([pass, cancel, close], ErrorKind::Timeout),
        ([pass, close, cancel], ErrorKind::Timeout),
        ([cancel, close, pass], ErrorKind::Cancelled),
        ([close, cancel, pass], ErrorKind::Closed),
        ([cancel, pass, close], ErrorKind::Cancelled),
        ([close, pass, cancel], ErrorKind::Closed),
    ] {
        let server = Server::start(Reply::json(200, "{}")).unwrap();
        let token = Cancel::new();
        let ending = token.clone();
        let client = Arc::new(OnceLock::<Client>::new());
        let of_the_provider = Arc::downgrade(&client);
        let client = client.get_or_init(|| {
            with_provider(&server, move || {
                let client = of_the_provider.upgrade().unwrap();
                order.iter().for_each(|step| step(client.get().unwrap(), &ending));
                Ok("token".into())
            })
        });
        let call = Call::new().cancelled_by(&token).timeout(Duration::from_secs(1));
        let error = client.get_balance_with(&call).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(server.requests(), 0);
    }
}

#[test]
fn its_value_is_checked_and_never_shown() {
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    for value in ["", "canary\n", "cana\rry", " canary", "canary ", "canarÿ", &"x".repeat(4097)] {
        let owned = value.to_owned();
        let error: Error = with_provider(&server, move || Ok(owned.clone())).get_balance().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthorized, "{value:?}");
        assert!(
            error.to_string().contains("credential_provider") && !format!("{error:?}").contains("canar"),
            "{error}"
        );
    }
    assert_eq!(server.requests(), 0);
}

#[test]
fn it_is_asked_on_the_callers_thread() {
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    let client = with_provider(&server, || Ok(format!("thread-{}", thread::current().name().unwrap_or("none"))));
    let call = move || client.get_balance().map(drop);
    thread::Builder::new().name("mine".into()).spawn(call).unwrap().join().unwrap().unwrap();
    assert_eq!(sent(&server), ["thread-mine"]);
}

#[test]
fn its_time_counts_towards_the_timeout() {
    let server = Server::start(Reply::json(200, "{}")).unwrap();
    let slow = || {
        let started = std::time::Instant::now();
        while started.elapsed() < Duration::from_millis(5) {
            thread::yield_now();
        }
        Ok("token".into())
    };
    let client = with_provider(&server, slow);
    let call = Call::new().timeout(Duration::from_millis(1));
    let error = client.get_balance_with(&call).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("provider"), "{error}");
    assert_eq!(server.requests(), 0);
}

#[test]
fn a_newer_value_is_tried_where_no_retry_is_left() {
    let server = Server::start([Reply::json(401, "{}"), Reply::json(200, "{}")]).unwrap();
    let asked = AtomicUsize::new(0);
    let client = Client::builder()
        .credential_provider(move || Ok(format!("token-{}", asked.fetch_add(1, Ordering::Relaxed))))
        .scope(Scope::Credential)
        .base_url(server.url())
        .max_retries(0)
        .build()
        .unwrap();
    client.get_balance().unwrap();
    assert_eq!(server.requests(), 2);
}

#[test]
fn a_401_is_told_even_where_the_provider_then_takes_too_long() {
    let server = Server::start(Reply::json(401, "{}").header("x-wix-request-id", "req-1")).unwrap();
    let asked = AtomicUsize::new(0);
    let client = with_provider(&server, move || {
        let count = asked.fetch_add(1, Ordering::Relaxed);
        let started = std::time::Instant::now();
        while count == 1 && started.elapsed() < Duration::from_millis(600) {
            thread::yield_now();
        }
        Ok(format!("token-{count}"))
    });
    let call = Call::new().timeout(Duration::from_millis(500));
    let error = client.get_balance_with(&call).unwrap_err();
    assert_eq!(
        (error.kind(), error.http_status(), error.request_id()),
        (ErrorKind::Unauthorized, Some(401), Some("req-1"))
    );
}

/// The provider's own words may hold what it gave before, or the key that it just got.
#[test]
fn a_failing_provider_does_not_show_a_key() {
    let server = Server::start(Reply::status(401)).unwrap();
    let asked = AtomicUsize::new(0);
    let provider = move || match asked.fetch_add(1, Ordering::SeqCst) {
        0 => Ok("Bearer token-canary-7f3a".to_owned()),
        _ => Err("token-canary-7f3a was refused, and IST.another-canary too".into()),
    };
    let client = Client::builder().credential_provider(provider).account("a").base_url(server.url()).build().unwrap();
    let message = client.get_balance().unwrap_err().to_string();
    assert!(message.contains("[redacted] was refused, and [redacted] too"), "{message}");
}
