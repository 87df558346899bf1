//! The progress bar: one line of the terminal, which is overwritten.

use std::time::{Duration, Instant};

use aicredits::FleetProgress;

use crate::bar;
use crate::output::{error_columns, note};
use crate::reset::span;

/// The line changes no more often.
const EVERY: Duration = Duration::from_millis(100);
const WIDEST: usize = 40;
const NARROWEST: usize = 6;

pub(super) struct Bar {
    shown_at: Option<Instant>,
    /// The columns of the line that is there.
    columns: usize,
}

impl Bar {
    pub(super) fn new() -> Self {
        Self { shown_at: None, columns: 0 }
    }

    /// Shows how far a fleet is, on a terminal alone.
    pub(super) fn show(&mut self, progress: impl FnOnce() -> FleetProgress) {
        if self.shown_at.is_some_and(|shown| shown.elapsed() < EVERY) {
            return;
        }
        let Some(columns) = error_columns() else { return };
        self.shown_at = Some(Instant::now());
        // The last column would begin a new line on some terminals.
        self.columns = columns.saturating_sub(1);
        note(&format!("\r{}", line(&progress(), self.columns)));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if self.columns > 0 {
            note(&format!("\r{:1$}\r", "", self.columns));
        }
    }
}

/// As wide as `columns`, so that it overwrites the line before.
fn line(progress: &FleetProgress, columns: usize) -> String {
    let FleetProgress { total, done, failed, recent_attempts, .. } = *progress;
    let mut text = format!(" {done}/{total}");
    if failed > 0 {
        text += &format!("  {failed} failed");
    }
    match (progress.paused_for, progress.time_left) {
        (Some(pause), _) => text += &format!("  paused for {}", span(pause.as_secs() as i64)),
        (None, left) => {
            text += &format!("  {recent_attempts} in the last minute");
            if let Some(left) = left {
                text += &format!("  {} left", span(left.as_secs() as i64));
            }
        }
    }
    let room = columns.saturating_sub(text.len()).min(WIDEST);
    let bar = match room {
        NARROWEST.. => bar::share(done, total, room),
        _ => String::new(),
    };
    let shown: String = format!("{bar}{text}").chars().take(columns).collect();
    format!("{shown}{:1$}", "", columns - shown.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_as_wide_as_the_terminal_and_names_what_matters() {
        let mut progress = FleetProgress::default();
        (progress.total, progress.done, progress.failed, progress.recent_attempts) = (300, 150, 2, 178);
        assert_eq!(
            line(&progress, 79).trim_end(),
            "━━━━━━━━━━━━━━━━━━╾────────────────── 150/300  2 failed  178 in the last minute"
        );
        progress.time_left = Some(Duration::from_secs(150));
        assert!(line(&progress, 79).ends_with(" 150/300  2 failed  178 in the last minute  3 minutes left"));
        progress.paused_for = Some(Duration::from_secs(43));
        assert!(line(&progress, 60).contains(" 150/300  2 failed  paused for 43 seconds"));
        for columns in 0..120 {
            assert_eq!(line(&progress, columns).chars().count(), columns);
        }
    }
}
