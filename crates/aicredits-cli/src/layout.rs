//! The places of a line's parts in a terminal of a given width.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use crate::bar::{bar, percent};
use crate::line::Line;
use crate::reset::Reset;

const MIN_BAR: usize = 6;
const MAX_BAR: usize = 40;

const INDENT: usize = 2;
const GAP: usize = 2;
const OF: &str = " of ";

const DIM: Style = Style::new().dimmed();

/// The widths of the columns, the same on every line of a page.
pub(crate) struct Layout {
    width: usize,
    shape: Shape,
    label: usize,
    bar: usize,
    /// With the space before it; 0 if no line has a percentage.
    percent: usize,
    balance: usize,
    cap: usize,
}

enum Shape {
    OneLine,
    ResetBelow,
    /// Each part on a separate line.
    Stacked,
}

impl Layout {
    pub(crate) fn new<'a>(width: usize, lines: impl Iterator<Item = &'a Line>) -> Self {
        let (mut label, mut share, mut balance, mut cap, mut reset) = (0, 0, 0, 0, 0);
        for line in lines {
            label = label.max(line.label.width());
            if let Some(credits) = &line.credits {
                let (of_balance, of_cap) = credits.texts();
                balance = balance.max(of_balance.len());
                cap = cap.max(of_cap.len());
                share = share.max(percent(credits.balance, credits.cap).map_or(0, |text| 1 + text.len()));
            }
            if let Some(text) = &line.reset {
                reset = reset.max(GAP + text.one_line().len());
            }
        }
        let counts_and_label = INDENT + label + GAP + share + GAP + balance + OF.len() + cap;
        let (shape, room) = if let Some(room @ MIN_BAR..) = width.checked_sub(counts_and_label + reset) {
            (Shape::OneLine, room)
        } else if let Some(room @ MIN_BAR..) = width.checked_sub(counts_and_label) {
            (Shape::ResetBelow, room)
        } else {
            (Shape::Stacked, width.saturating_sub(share))
        };
        Self { width, shape, label, bar: room.min(MAX_BAR), percent: share, balance, cap }
    }

    pub(crate) fn line(&self, page: &mut String, line: &Line) {
        let Line { label, credits, reset } = line;
        let Some(credits) = credits else {
            *page += &format!("{:INDENT$}{}  none\n", "", self.padded(label));
            return;
        };
        let bar = bar(credits.balance, credits.cap, self.bar);
        let share = percent(credits.balance, credits.cap).unwrap_or_default();
        let (balance, cap) = credits.texts();
        if let Shape::Stacked = self.shape {
            self.named(page, label, &format!("{balance}{OF}{cap}"), Style::new());
            *page += &match share.is_empty() {
                true => format!("{bar}\n"),
                false => format!("{bar}{share:>0$}\n", self.percent),
            };
        } else {
            let label = self.padded(label);
            let (share_width, balance_width) = (self.percent, GAP + self.balance);
            *page += &format!("{:INDENT$}{label}  {bar}{share:>share_width$}{balance:>balance_width$}{OF}{cap}", "");
            match (&self.shape, reset) {
                (Shape::OneLine, Some(reset)) => {
                    let gap = GAP + self.cap - cap.len();
                    *page += &format!("{:gap$}{}\n", "", styled(reset, &reset.one_line()));
                }
                _ => page.push('\n'),
            }
        }
        match (&self.shape, reset) {
            (Shape::ResetBelow, Some(reset)) => self.reset(page, reset, INDENT + self.label + GAP),
            (Shape::Stacked, Some(reset)) => self.reset(page, reset, 0),
            _ => {}
        }
    }

    fn reset(&self, page: &mut String, reset: &Reset, column: usize) {
        let one_line = reset.one_line();
        if column + one_line.len() <= self.width {
            *page += &format!("{:column$}{}\n", "", styled(reset, &one_line));
        } else {
            for part in [&reset.lead, &reset.date] {
                *page += &format!("{:column$}{}\n", "", styled(reset, part));
            }
        }
    }

    /// A label and its value, on two lines if one is too short. An id is never cut, because users copy it.
    pub(crate) fn named(&self, page: &mut String, name: &str, text: &str, style: Style) {
        let glue = if name.width() + 1 + text.width() <= self.width { ' ' } else { '\n' };
        *page += &format!("{style}{name}{glue}{text}{style:#}\n");
    }

    fn padded(&self, label: &str) -> String {
        format!("{label}{:1$}", "", self.label - label.width())
    }
}

fn styled(reset: &Reset, text: &str) -> String {
    let style = if reset.is_due { AnsiColor::Yellow.on_default() } else { DIM };
    format!("{style}{text}{style:#}")
}
