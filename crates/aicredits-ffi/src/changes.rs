//! The effects of setters on a builder that comes last.

use crate::config::Slot;

type Change<B> = Box<dyn Fn(B) -> B + Send + Sync>;

/// The core's builder of a gate or a fleet needs a client, which comes last: each setter's effect is kept until then.
pub(crate) struct Changes<B>(Vec<(Slot, Change<B>)>);

impl<B> Default for Changes<B> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<B> Changes<B> {
    /// Replaces what an earlier setter of this slot changed.
    pub(crate) fn put(&mut self, slot: Slot, apply: impl Fn(B) -> B + Send + Sync + 'static) {
        self.0.retain(|&(earlier, _)| earlier != slot);
        self.0.push((slot, Box::new(apply)));
    }

    pub(crate) fn apply(&self, builder: B) -> B {
        self.0.iter().fold(builder, |builder, (_, change)| change(builder))
    }
}
