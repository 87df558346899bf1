//! Commits, by time.

use super::clock::Nanos;

/// The most buckets. They bound the memory and the work of a gate that commits often.
pub(super) const MOST_BUCKETS: usize = 64;

/// Commits that lie next to each other in time. They count as made at the time of the last one, so that a sum of later
/// commits never lacks one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bucket {
    first: Nanos,
    pub(super) until: Nanos,
    /// The number of the last commit in it.
    last: u64,
    pub(super) amount: i128,
}

/// A place in the sequence of commits: the start of a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark(u64);

/// The commits of the last `window`, oldest first. Their times never decrease.
#[derive(Clone, Debug)]
pub(super) struct Commits {
    buckets: Vec<Bucket>,
    /// How many commits there were.
    count: u64,
    /// No bucket has commits on both sides of it.
    mark: Mark,
    window: Nanos,
    /// Commits up to this time have been dropped.
    dropped: Option<Nanos>,
}

impl Commits {
    pub(super) fn new(window: Nanos) -> Self {
        Self { buckets: Vec::new(), count: 0, mark: Mark(0), window, dropped: None }
    }

    pub(super) fn add(&mut self, now: Nanos, amount: u64) {
        self.count += 1;
        let amount = i128::from(amount);
        if let Some(bucket) = self.buckets.last_mut()
            && bucket.until == now
            && bucket.last > self.mark.0
        {
            bucket.amount += amount;
            bucket.last = self.count;
            return;
        }
        if self.buckets.len() == MOST_BUCKETS {
            self.compact(now);
        }
        self.buckets.push(Bucket { first: now, until: now, last: self.count, amount });
    }

    /// A reading starts: the next commit is after it.
    pub(super) fn mark(&mut self) -> Mark {
        self.mark = Mark(self.count);
        self.mark
    }

    /// The sum of the commits after a reading started.
    pub(super) fn after(&self, mark: Mark) -> i128 {
        self.buckets.iter().rev().take_while(|bucket| bucket.last > mark.0).map(|bucket| bucket.amount).sum()
    }

    /// The sum of the commits after `time`. `None` if some of them have been dropped.
    pub(super) fn since(&self, time: Option<Nanos>) -> Option<i128> {
        let Some(time) = time else {
            return self.dropped.is_none().then(|| self.buckets.iter().map(|bucket| bucket.amount).sum());
        };
        if self.dropped.is_some_and(|dropped| dropped > time) {
            return None;
        }
        Some(self.buckets.iter().rev().take_while(|bucket| bucket.until > time).map(|bucket| bucket.amount).sum())
    }

    /// Whether the commits of a bucket are all before a reading started.
    pub(super) fn is_before(bucket: &Bucket, mark: Mark) -> bool {
        bucket.last <= mark.0
    }

    pub(super) fn buckets(&self) -> &[Bucket] {
        &self.buckets
    }

    /// Drops the commits that no reading can lack, and merges others until there is room.
    fn compact(&mut self, now: Nanos) {
        let old = now.saturating_sub(self.window);
        let count = self.buckets.iter().take_while(|bucket| bucket.until < old).count();
        if let Some(last) = self.buckets.drain(..count).next_back() {
            self.dropped = Some(last.until);
        }
        // Two neighbors together are wider than this, so at most 49 stay, and one more for the mark.
        let width = self.window / 24;
        let mark = self.mark.0;
        let mut kept = 0;
        for index in 1..self.buckets.len() {
            let next = self.buckets[index];
            let bucket = &mut self.buckets[kept];
            let is_split = bucket.last <= mark && next.last > mark;
            if next.until - bucket.first <= width && !is_split {
                (bucket.until, bucket.last) = (next.until, next.last);
                bucket.amount += next.amount;
            } else {
                kept += 1;
                self.buckets[kept] = next;
            }
        }
        self.buckets.truncate(kept + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Nanos = 1_000_000_000;

    #[test]
    fn a_reading_splits_the_commits_of_one_instant() {
        let mut commits = Commits::new(60 * SECOND);
        commits.add(5, 1);
        let mark = commits.mark();
        commits.add(5, 2);
        commits.add(5, 4);
        assert_eq!(commits.after(mark), 6);
        assert_eq!(commits.buckets().len(), 2);
        assert_eq!(commits.since(Some(5)), Some(0), "a commit at an instant is not after it");
        assert_eq!(commits.since(Some(4)), Some(7));
        assert_eq!(commits.since(None), Some(7));
    }

    #[test]
    fn any_number_of_commits_has_64_buckets_and_never_counts_too_little() {
        let window = 65 * SECOND;
        let mut commits = Commits::new(window);
        let mut all: Vec<(Nanos, u64)> = Vec::new();
        let mut now = 1_000 * SECOND;
        let mut mark = None;
        for step in 0..20_000_u64 {
            // Bursts, pauses and long silences.
            now += [1, 10, 7 * SECOND / 10, SECOND / 100, 3][step as usize % 5];
            if step % 4_000 == 3_999 {
                now += 200 * SECOND;
            }
            commits.add(now, step % 7);
            all.push((now, step % 7));
            if step % 501 == 0 {
                mark = Some((commits.mark(), all.len()));
            }
            assert!(commits.buckets().len() <= MOST_BUCKETS);
            if step % 97 == 0 {
                let exact = |from: Nanos| -> i128 {
                    all.iter().rev().take_while(|(at, _)| *at > from).map(|(_, amount)| i128::from(*amount)).sum()
                };
                for age in [0, SECOND, 20 * SECOND, 60 * SECOND] {
                    let from = now - age;
                    let counted = commits.since(Some(from)).unwrap();
                    assert!(counted >= exact(from), "{step} {age}");
                    // At most the width of a bucket too much.
                    assert!(counted <= exact(from.saturating_sub(window / 24)), "{step} {age}");
                }
                if let Some((mark, length)) = mark {
                    let after: i128 = all[length..].iter().map(|(_, amount)| i128::from(*amount)).sum();
                    let is_whole = all[length..].first().is_none_or(|(at, _)| now - at < window);
                    assert!(!is_whole || commits.after(mark) == after, "exact after the start of a reading");
                }
            }
        }
    }

    #[test]
    fn a_sum_that_lacks_dropped_commits_is_unknown() {
        let mut commits = Commits::new(SECOND);
        for step in 0..100 {
            commits.add(step * SECOND, 1);
        }
        assert_eq!(commits.since(Some(3 * SECOND)), None);
        assert_eq!(commits.since(None), None);
        assert_eq!(commits.since(Some(98 * SECOND)), Some(1));
    }
}
