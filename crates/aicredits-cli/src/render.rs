//! A balance as text for a terminal, colours included: a function of the reading, the moment and the width alone.

use aicredits::{Balance, CreditBalance, Credits, FeaturePeriod, Timestamp, UsageRule, shown};
use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::bar::bar;
use crate::reset::Reset;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// More of an unknown period's name is cut.
const MAX_LABEL: usize = 16;
const MIN_BAR: usize = 8;
const MAX_BAR: usize = 40;

const INDENT: usize = 2;
const GAP: usize = 2;
const OF: &str = " of ";

/// The API's page limits a reply to so many sources.
const MAX_SOURCES: usize = 1000;

/// The whole page, each line at most `width` columns wide where its words allow.
pub(crate) fn balance(balance: &Balance, now: Option<Timestamp>, width: usize) -> String {
    let pools = [Line::pool("recurring", balance.periodic_credits()), Line::pool("top-up", balance.top_up_credits())];
    let sources: Vec<Source> = balance.credit_balance_breakdown().map(|source| Source::new(source, now)).collect();
    let lines = || pools.iter().chain(sources.iter().flat_map(|source| &source.lines));
    let layout = Layout::new(width, lines());

    let mut page = String::new();
    if let Some(scope) = balance.scope() {
        for (name, id) in [("account", scope.account_id()), ("site", scope.site_id())] {
            if let Some(id) = id {
                layout.named(&mut page, name, &shown(id), BOLD);
            }
        }
        page.push('\n');
    }
    pools.iter().for_each(|line| layout.line(&mut page, line));
    if !sources.is_empty() {
        page.push('\n');
    }
    for source in &sources {
        match &source.subscription_id {
            Some(id) => layout.named(&mut page, "subscription", id, BOLD),
            None => page += &format!("{BOLD}no subscription{BOLD:#}\n"),
        }
        if source.lines.is_empty() {
            page += "  no rules\n";
        }
        source.lines.iter().for_each(|line| layout.line(&mut page, line));
    }
    if sources.len() >= MAX_SOURCES {
        page += &format!("\nThe reply is at its limit of {MAX_SOURCES} sources: there may be more.\n");
    }
    if let Some(id) = balance.request_id() {
        page.push('\n');
        layout.named(&mut page, "request", &shown(id), DIM);
    }
    page
}

/// A reply as a terminal may have it: the same JSON, with characters that would act on the terminal as escapes.
pub(crate) fn json_for_terminal(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + 1);
    for character in json.chars() {
        // Valid JSON has the other ASCII control characters only between its tokens, as white space.
        let harmless = character.is_ascii() && character != '\u{7f}';
        if harmless || shown(character.encode_utf8(&mut [0; 4])).starts_with(character) {
            out.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                out += &format!("\\u{unit:04x}");
            }
        }
    }
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

struct Source {
    subscription_id: Option<String>,
    lines: Vec<Line>,
}

impl Source {
    fn new(source: CreditBalance<'_>, now: Option<Timestamp>) -> Self {
        Self {
            subscription_id: source.subscription_id().map(shown),
            lines: source.usage_rules().map(|rule| Line::rule(rule, now)).collect(),
        }
    }
}

/// A pool or a rule.
struct Line {
    label: String,
    credits: Option<Counts>,
    reset: Option<Reset>,
}

struct Counts {
    balance: Option<i64>,
    cap: Option<i64>,
}

impl Line {
    fn pool(label: &str, credits: Option<Credits>) -> Self {
        let credits = credits.map(|credits| Counts { balance: credits.balance(), cap: credits.cap() });
        Self { label: label.to_owned(), credits, reset: None }
    }

    fn rule(rule: UsageRule<'_>, now: Option<Timestamp>) -> Self {
        let label = match rule.period() {
            None => "unknown".to_owned(),
            Some(FeaturePeriod::NoPeriod) => "one-time".to_owned(),
            // Display escapes what the server spelt.
            Some(unknown @ FeaturePeriod::Unknown(_)) => cut(&unknown.to_string()),
            Some(known) => known.as_str().to_ascii_lowercase(),
        };
        Self {
            label,
            credits: Some(Counts { balance: rule.balance(), cap: rule.cap() }),
            reset: rule.reset_date().map(|date| Reset::new(date, now)),
        }
    }
}

impl Counts {
    /// A count that the reply lacks is unknown, which is neither 0 nor unlimited.
    fn texts(&self) -> (String, String) {
        let text = |count: Option<i64>| count.map_or_else(|| "unknown".to_owned(), |count| count.to_string());
        (text(self.balance), text(self.cap))
    }
}

/// Which column is how wide, the same on every line of a page.
struct Layout {
    width: usize,
    shape: Shape,
    label: usize,
    bar: usize,
    balance: usize,
    cap: usize,
}

enum Shape {
    OneLine,
    ResetBelow,
    /// Each part on a line of its own.
    Stacked,
}

impl Layout {
    fn new<'a>(width: usize, lines: impl Iterator<Item = &'a Line>) -> Self {
        let (mut label, mut balance, mut cap, mut reset) = (0, 0, 0, 0);
        for line in lines {
            label = label.max(line.label.width());
            if let Some((of_balance, of_cap)) = line.credits.as_ref().map(Counts::texts) {
                balance = balance.max(of_balance.len());
                cap = cap.max(of_cap.len());
            }
            if let Some(text) = &line.reset {
                reset = reset.max(GAP + text.one_line().len());
            }
        }
        let counts_and_label = INDENT + label + GAP + GAP + balance + OF.len() + cap;
        let (shape, room) = if let Some(room @ MIN_BAR..) = width.checked_sub(counts_and_label + reset) {
            (Shape::OneLine, room)
        } else if let Some(room @ MIN_BAR..) = width.checked_sub(counts_and_label) {
            (Shape::ResetBelow, room)
        } else {
            (Shape::Stacked, width)
        };
        Self { width, shape, label, bar: room.min(MAX_BAR), balance, cap }
    }

    fn line(&self, page: &mut String, line: &Line) {
        let Line { label, credits, reset } = line;
        let Some(credits) = credits else {
            *page += &format!("{:INDENT$}{}  none\n", "", self.padded(label));
            return;
        };
        let bar = bar(credits.balance, credits.cap, self.bar);
        let (balance, cap) = credits.texts();
        if let Shape::Stacked = self.shape {
            self.named(page, label, &format!("{balance}{OF}{cap}"), Style::new());
            *page += &format!("{bar}\n");
        } else {
            let label = self.padded(label);
            *page += &format!("{:INDENT$}{label}  {bar}  {balance:>1$}{OF}{cap:>2$}", "", self.balance, self.cap);
            match (&self.shape, reset) {
                (Shape::OneLine, Some(reset)) => *page += &format!("  {}\n", styled(reset, &reset.one_line())),
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

    /// A name and what bears it, on a line each where one is too short. An id is never cut: it is there to be copied.
    fn named(&self, page: &mut String, name: &str, text: &str, style: Style) {
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

fn cut(label: &str) -> String {
    if label.width() <= MAX_LABEL {
        return label.to_owned();
    }
    let mut width = 0;
    let fits = |character: &char| {
        width += character.width().unwrap_or(0);
        width < MAX_LABEL
    };
    label.chars().take_while(fits).chain(['…']).collect()
}
