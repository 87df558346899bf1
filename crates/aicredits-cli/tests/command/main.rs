//! The built command, run as a separate process against real servers.

mod balance;
mod balances;
mod check;
mod documents;
mod emulator;
mod emulator_exec;
mod errors;
mod exit_statuses;
mod fail_under;
mod formats;
mod output;
mod process;
mod scripts;
mod settings;
mod terminal;
#[path = "../../../aicredits/tests/common/tls.rs"]
mod tls;
