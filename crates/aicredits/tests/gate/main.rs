//! Credit gates, judged from outside: against a ledger that really spends, by a replay that shares no code with the core.
//!
//! A failure prints its seed. `GATE_SEED=7 cargo test -p aicredits --test gate -- NAME` replays it, and `GATE_SEEDS=100000`
//! makes a long run.

mod exhausted;
mod failures;
mod grants;
mod model;
mod other_gates;
mod program;
mod random;
mod replay;
mod site;
mod tally;
mod threads;
mod vendor;
mod world;
