//! How far a figure went, for any limit that a test asks for later.

use std::sync::Arc;

use super::evidence::Line;

/// Beyond it, a figure is not told from a larger one.
const LARGEST: usize = 65_536;

#[derive(Debug, Default)]
pub(super) struct Reached {
    /// How often each figure was reached, from 1.
    counts: Vec<u64>,
    /// The request that reached it, or a larger one, first.
    first: Vec<Line>,
}

impl Reached {
    /// A request reached a figure, from 1.
    pub(super) fn record(&mut self, figure: u64, n: u64, label: &Arc<str>, status: Option<u16>) {
        let figure = usize::try_from(figure).unwrap_or(LARGEST).clamp(1, LARGEST);
        if figure > self.counts.len() {
            self.counts.resize(figure, 0);
            self.first.resize_with(figure, || Line { n, label: Arc::clone(label), status });
        }
        self.counts[figure - 1] += 1;
    }

    /// Whether it can say if the figure was beyond a limit.
    pub(super) fn knows(&self, limit: u64) -> bool {
        limit < LARGEST as u64 || self.counts.len() < LARGEST
    }

    /// How often the figure was beyond a limit, and the first request with it.
    pub(super) fn beyond(&self, limit: u64) -> Option<(u64, &Line)> {
        let limit = usize::try_from(limit).ok()?;
        let first = self.first.get(limit)?;
        Some((self.counts[limit..].iter().sum(), first))
    }

    /// The reply of a request, for the evidence.
    pub(super) fn answered(&mut self, n: u64, status: Option<u16>) {
        let from = self.first.partition_point(|line| line.n < n);
        for line in self.first[from..].iter_mut().take_while(|line| line.n == n) {
            line.status = status;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_limit_can_be_asked_for() {
        let mut reached = Reached::default();
        for (n, figure) in [(1, 1), (2, 2), (3, 5), (4, 3), (5, 5), (6, 1)] {
            reached.record(figure, n, &"it".into(), None);
        }
        let beyond = |limit| reached.beyond(limit).map(|(count, line)| (count, line.n));
        assert_eq!(
            [0, 1, 2, 3, 4, 5].map(beyond),
            [Some((6, 1)), Some((4, 2)), Some((3, 3)), Some((2, 3)), Some((2, 3)), None]
        );
        reached.answered(3, Some(429));
        assert_eq!(reached.beyond(4).unwrap().1.status, Some(429));
        assert_eq!(reached.beyond(1).unwrap().1.status, None);
    }

    #[test]
    fn a_figure_beyond_the_largest_is_not_known() {
        let mut reached = Reached::default();
        reached.record(65_535, 1, &"it".into(), None);
        assert!(reached.knows(1 << 40));
        reached.record(65_537, 2, &"it".into(), None);
        assert!(reached.knows(65_535) && !reached.knows(65_536));
        assert_eq!(reached.beyond(65_535).unwrap().1.n, 2);
    }
}
