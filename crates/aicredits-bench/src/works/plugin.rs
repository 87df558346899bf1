//! The pytest plugin: its cost in a run that does not use it, and that of its fixtures.

use super::bench::Bench;
use crate::figures::Figures;
use crate::stats::median;

pub(crate) const UNUSED: &str = "plugin, unused";
/// The work of pytest itself for each package with a plugin.
pub(crate) const EMPTY: &str = "an empty plugin, unused";
pub(crate) const FIXTURE: &str = "fixtures of a test";

const A_ROUND: usize = 4;

pub(crate) fn plugin(bench: &Bench) -> Result<Vec<Figures>, String> {
    let mut figures = Figures::new("pytest-plugin", "the pytest plugin, timed within a run of pytest", "ms");
    for contender in bench.contenders.iter().filter(|contender| contender.does("pytest-plugin")) {
        let times = contender.start(&[]).and_then(|mut running| {
            // The first run compiles the modules.
            running.ask(1)?;
            let rounds: Result<Vec<_>, _> = (0..bench.rounds).map(|_| running.ask(A_ROUND)).collect();
            running.finish()?;
            Ok(rounds?.concat())
        });
        let slowest = times.iter().flatten().max().map_or(0.0, |time| *time as f64 / 1e6);
        let middle = times.map(|times| median(times) as f64 / 1e6);
        figures.add(
            &contender.name,
            middle,
            format!("the median of {}; the slowest: {slowest:.2} ms", A_ROUND * bench.rounds),
        );
    }
    Ok(vec![figures])
}
