//! Tests of a program that spends credits through a gate, against the emulator: a month passes, the credits run out, a
//! charge shows late.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use aicredits::{Client, CreditGate, DenialReason};
use aicredits_emulator::{ClockChange, Emulator, JournalQuery, Options, PAID_ACTION_PATH, Route, Spend};

/// The program's call of the vendor. It returns the HTTP status of the reply.
fn paid_action(emulator: &Emulator, cost: u64) -> u16 {
    let (key, account) = (emulator.api_key(), emulator.account_id());
    let body = format!(r#"{{"cost":{cost}}}"#);
    let mut stream = TcpStream::connect(emulator.server().addr()).unwrap();
    write!(
        stream,
        "POST {PAID_ACTION_PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {key}\r\nwix-account-id: {account}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    reply["HTTP/1.1 ".len()..][..3].parse().unwrap()
}

/// The program: as many of the wanted actions as the gate grants. It returns how many ran.
fn run(gate: &CreditGate, emulator: &Emulator, cost: u64, wanted: usize) -> usize {
    let mut done = 0;
    for _ in 0..wanted {
        let Ok(reservation) = gate.reserve(cost) else { break };
        match paid_action(emulator, cost) {
            200 => {
                reservation.commit();
                done += 1;
            }
            // The credits are used up. That is final: the gate denies every further action.
            428 => _ = reservation.report_exhausted(),
            status => panic!("unknown whether the action ran: {status}"),
        }
    }
    done
}

fn client(emulator: &Emulator) -> Client {
    let builder = Client::builder().api_key(emulator.api_key()).account(emulator.account_id());
    builder.base_url(emulator.url()).build().unwrap()
}

fn statuses(emulator: &Emulator) -> Vec<u16> {
    let query = JournalQuery { route: Some(Route::PaidAction), ..JournalQuery::default() };
    let journal = emulator.journal(&query).unwrap();
    journal.requests.iter().filter_map(|request| request.status).collect()
}

/// A gate counts real time, which the emulator's clock does not move. So both times are 0, and the test moves the clock.
fn gate_without_delays(emulator: &Emulator) -> CreditGate {
    client(emulator).gate().min_interval(Duration::ZERO).visibility_delay(Duration::ZERO).build().unwrap()
}

/// The credits are renewed on 1 July. A gate trusts a reading that was requested after that instant.
fn next_month(emulator: &Emulator) {
    let now = Some("2026-07-02T00:00:00Z".parse().unwrap());
    emulator.clock(&ClockChange { now, ..ClockChange::default() }).unwrap();
}

#[test]
fn next_month_brings_new_credits() {
    let emulator = Emulator::start().unwrap();
    let gate = gate_without_delays(&emulator);
    assert_eq!(run(&gate, &emulator, 50, 50), 21);
    next_month(&emulator);
    assert_eq!(run(&gate, &emulator, 50, 50), 20);
    emulator.assert_good_client();
}

#[test]
fn a_refusal_is_final_until_a_reading_shows_more() {
    let emulator = Emulator::start().unwrap();
    let gate = gate_without_delays(&emulator);
    gate.refresh().unwrap();
    // Another program spends all credits, and the gate's reading is from before.
    emulator.spend(&Spend { cost: 1050, ..Spend::default() }).unwrap();
    assert_eq!(run(&gate, &emulator, 5, 10), 0);
    assert_eq!(statuses(&emulator), [428]);
    next_month(&emulator);
    // No reading has shown the new credits yet.
    let denied = gate.reserve(5).unwrap_err();
    assert_eq!(denied.denial().unwrap().reason(), DenialReason::Exhausted);
    gate.refresh().unwrap();
    assert_eq!(run(&gate, &emulator, 5, 10), 10);
    emulator.assert_good_client();
}

#[test]
fn a_late_charge_is_not_granted_twice() {
    let late = || Emulator::with(Options { scenario: Some("late-charge".into()), ..Options::default() }).unwrap();
    let emulator = late();
    // By default a gate counts a commit for a minute, and in this scenario a charge shows after a minute.
    let gate = client(&emulator).gate().min_interval(Duration::ZERO).build().unwrap();
    assert_eq!(run(&gate, &emulator, 50, 50), 21);
    assert_eq!(statuses(&emulator), [200; 21]);
    // Without that delay the gate grants again what the next reading still shows, and the vendor refuses.
    let emulator = late();
    assert_eq!(run(&gate_without_delays(&emulator), &emulator, 50, 22), 21);
    assert_eq!(statuses(&emulator).last(), Some(&428));
    emulator.assert_good_client();
}

/// The reason for `visibility_delay` 0 where a test moves the clock.
#[test]
fn a_gate_as_in_production_counts_its_commits_for_a_minute_of_real_time() {
    let emulator = Emulator::start().unwrap();
    let gate = client(&emulator).gate().min_interval(Duration::ZERO).build().unwrap();
    assert_eq!(run(&gate, &emulator, 50, 50), 21);
    next_month(&emulator);
    assert_eq!(run(&gate, &emulator, 50, 50), 0);
}

/// The reason for `min_interval` 0 where a test changes the credits.
#[test]
fn a_gate_as_in_production_does_not_read_again_within_a_second() {
    let emulator = Emulator::start().unwrap();
    let gate = client(&emulator).gate().visibility_delay(Duration::ZERO).min_interval(Duration::from_secs(20));
    let gate = gate.build().unwrap();
    assert_eq!(run(&gate, &emulator, 50, 50), 21);
    next_month(&emulator);
    assert_eq!(run(&gate, &emulator, 50, 50), 0);
}
