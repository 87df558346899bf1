//! A vendor whose ledger really spends.

use std::sync::{Arc, Mutex};

use aicredits_emulator::script::{Reply, Request, Script, Server};

/// The vendor: it answers GetBalance from its ledger, and `POST /paid/<cost>` spends from it.
pub(crate) struct Vendor {
    server: Server,
    ledger: Arc<Mutex<Ledger>>,
}

/// The vendor's figures.
#[derive(Clone, Default)]
pub(crate) struct Ledger {
    pub(crate) credits: u64,
    /// It refuses every action, whatever the balance says.
    refuses: bool,
    pub(crate) refusals: usize,
    pub(crate) readings: usize,
}

impl Ledger {
    fn answer(&mut self, request: &Request) -> Reply {
        let Some(cost) = request.target.strip_prefix("/paid/") else {
            self.readings += 1;
            return Reply::json(200, format!(r#"{{"periodicCredits":{{"balance":{}}}}}"#, self.credits));
        };
        let cost: u64 = cost.parse().expect("a cost is a number");
        match self.credits.checked_sub(cost).filter(|_| !self.refuses) {
            Some(left) => {
                self.credits = left;
                Reply::json(200, "{}").close()
            }
            None => {
                self.refusals += 1;
                Reply::json(428, r#"{"details":{"applicationError":{"code":"REQUEST_NOT_ELIGIBLE"}}}"#).close()
            }
        }
    }
}

impl Vendor {
    pub(crate) fn start(credits: u64, refuses: bool) -> Self {
        let ledger = Arc::new(Mutex::new(Ledger { credits, refuses, ..Ledger::default() }));
        let shared = Arc::clone(&ledger);
        let handler = move |request: &Request| shared.lock().unwrap().answer(request);
        Self { server: Server::start(Script::handler(handler)).unwrap(), ledger }
    }

    /// Enough for the documented example: 850 recurring credits and 200 of top-ups.
    pub(crate) fn with_the_examples_credits() -> Self {
        Self::start(1050, false)
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    pub(crate) fn ledger(&self) -> Ledger {
        self.ledger.lock().unwrap().clone()
    }
}
