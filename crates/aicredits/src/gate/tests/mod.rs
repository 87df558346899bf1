//! Each sentence of the gate's rules, with a clock that the test moves.

mod bench;
mod estimate;
