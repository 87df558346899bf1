//! The worked figures of a gate in docs/gate.md, computed.

use std::collections::HashMap;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aicredits::{Balance, Call, Client, CreditGate, GateClock, Outcome, Reservation, Step, Wake, Want};
use aicredits_tests::root;

/// Seconds of the table, and an hour before.
#[derive(Default)]
struct TableClock(AtomicU64);

impl GateClock for TableClock {
    fn now(&self) -> Duration {
        Duration::from_secs(3_600 + self.0.load(Ordering::SeqCst))
    }
}

struct NoWaker;

impl Wake for NoWaker {
    fn wake(&self) {}
}

/// A reading of so many credits.
fn read(gate: &CreditGate, credits: &str) -> String {
    let mut request = gate.request(Want::Refresh, &Call::new()).unwrap();
    let waker: Arc<dyn Wake> = Arc::new(NoWaker);
    assert!(matches!(request.step(&waker), Step::Read), "a reading could not start");
    let json = format!(r#"{{"topUpCredits": {{"balance": {credits}, "cap": 1000}}}}"#);
    request.deliver(Ok(Balance::from_json(json).unwrap()));
    let Step::Done(Ok(Outcome::Read(balance))) = request.step(&waker) else { panic!("the reading failed") };
    balance.spendable().unwrap().to_string()
}

fn result(gate: &CreditGate, held: &mut HashMap<String, Reservation>, event: &str) -> String {
    let words: Vec<&str> = event.split(' ').collect();
    match words[..] {
        ["read", credits] => read(gate, credits),
        ["reserve", name, cost] => match gate.reserve_now(cost.parse().unwrap()) {
            Ok(reservation) => {
                held.insert(name.to_owned(), reservation);
                "granted".to_owned()
            }
            Err(error) => format!("{:?}", error.denial().unwrap().reason()).to_lowercase(),
        },
        ["commit", name] => held[name].commit().to_string(),
        ["release", name] => held[name].release().to_string(),
        ["report", name] => held[name].report_exhausted().to_string(),
        ["drop", name] => {
            drop(held.remove(name).unwrap());
            "unresolved".to_owned()
        }
        _ => panic!("no event is {event}"),
    }
}

#[test]
fn the_worked_figures_of_a_gate_are_what_it_computes() {
    let page = fs::read_to_string(root().join("docs/gate.md")).unwrap();
    let (_, table) =
        page.split_once("| second | event | result | estimate | grantable |\n|---|---|---|---|---|\n").unwrap();
    let clock = Arc::new(TableClock::default());
    let client = Client::builder().api_key("IST.x").account("a").base_url("http://127.0.0.1:1").build().unwrap();
    let gate = client.gate().clock(Arc::clone(&clock) as Arc<dyn GateClock>).build().unwrap();
    let mut held = HashMap::new();
    let mut rows = 0;
    for row in table.lines().take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [second, event, says @ ..] = &cells[..] else { panic!("{row}") };
        clock.0.store(second.parse().unwrap(), Ordering::SeqCst);
        let result = result(&gate, &mut held, event.trim_matches('`'));
        let state = gate.state();
        let figures = [result, state.estimate().unwrap().to_string(), state.grantable().unwrap().to_string()];
        assert_eq!(figures, *says, "{row}");
        rows += 1;
    }
    assert!(rows >= 10, "{rows} rows were found");
}
