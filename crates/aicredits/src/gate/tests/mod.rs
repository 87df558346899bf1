//! Each sentence of the gate's rules, with a clock that the test moves.

mod bench;
mod denials;
mod ends;
mod estimate;
mod exhausted;
mod handles;
mod outages;
mod readings;
mod unavailable;
