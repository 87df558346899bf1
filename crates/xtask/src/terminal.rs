//! A terminal's text as a picture.

use std::fmt::Write;

const COLUMN: f64 = 8.4;
const LINE: usize = 19;
const MARGIN: usize = 16;
/// The height of the bar above the text.
const BAR: usize = 28;

/// How a part of a line looks: the state that escape sequences change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Style {
    bold: bool,
    dim: bool,
    colour: Option<&'static str>,
}

impl Style {
    /// One parameter of "select graphic rendition". Others than those that the command uses change nothing.
    fn select(&mut self, parameter: &str) {
        match parameter {
            "" | "0" => *self = Style::default(),
            "1" => self.bold = true,
            "2" => self.dim = true,
            "31" | "91" => self.colour = Some("#f47067"),
            "32" | "92" => self.colour = Some("#57ab5a"),
            "33" | "93" => self.colour = Some("#c69026"),
            "36" | "96" => self.colour = Some("#39c5cf"),
            _ => {}
        }
    }

    fn attributes(&self) -> String {
        let mut attributes = String::new();
        if self.bold {
            attributes += r#" font-weight="bold""#;
        }
        if let Some(colour) = self.colour.or(self.dim.then_some("#768390")) {
            attributes += &format!(r#" fill="{colour}""#);
        }
        attributes
    }
}

/// The parts of a text line, each with one style. The style goes on in the next line.
fn parts(line: &str, style: &mut Style) -> Vec<(Style, String)> {
    let mut parts: Vec<(Style, String)> = Vec::new();
    let mut rest = line;
    while let Some((text, sequence)) = rest.split_once("\x1b[") {
        parts.push((style.clone(), text.to_owned()));
        let (parameters, after) = sequence.split_once('m').unwrap_or((sequence, ""));
        parameters.split(';').for_each(|parameter| style.select(parameter));
        rest = after;
    }
    parts.push((style.clone(), rest.to_owned()));
    parts.retain(|(_, text)| !text.is_empty());
    parts
}

/// A picture of a terminal in which a command has printed this text.
pub(crate) fn svg(command: &str, output: &str) -> String {
    let text = format!("\x1b[32m$\x1b[0m \x1b[1m{command}\x1b[0m\n{output}");
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let (mut style, mut body, mut columns) = (Style::default(), String::new(), 0);
    for (number, line) in lines.iter().enumerate() {
        let (mut column, y) = (0, BAR + MARGIN + LINE * number);
        for (style, text) in parts(line, &mut style) {
            let width = text.chars().count();
            let (x, length) = (MARGIN as f64 + COLUMN * column as f64, COLUMN * width as f64);
            let attributes = style.attributes();
            writeln!(
                body,
                r#"<text x="{x:.1}" y="{y}" textLength="{length:.1}" xml:space="preserve"{attributes}>{}</text>"#,
                escaped(&text)
            )
            .expect("a string takes any text");
            column += width;
        }
        columns = columns.max(column);
    }
    let width = (COLUMN * columns as f64) as usize + 2 * MARGIN;
    let height = BAR + LINE * lines.len() + MARGIN;
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">
<title>{title}</title>
<rect width="{width}" height="{height}" rx="8" fill="#22272e"/>
<circle cx="18" cy="15" r="5" fill="#f47067"/><circle cx="36" cy="15" r="5" fill="#c69026"/><circle cx="54" cy="15" r="5" fill="#57ab5a"/>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" fill="#d1d7e0">
{body}</g>
</svg>
"##,
        title = escaped(command)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_split_where_its_style_changes() {
        let mut style = Style::default();
        let green = Style { colour: Some("#57ab5a"), ..Style::default() };
        let dim = Style { dim: true, ..Style::default() };
        let plain = Style::default();
        assert_eq!(
            parts("a \x1b[32m==\x1b[0m\x1b[2m-\x1b[0m b", &mut style),
            [(plain.clone(), "a ".into()), (green, "==".into()), (dim, "-".into()), (plain, " b".into())]
        );
    }

    #[test]
    fn a_style_goes_on_in_the_next_line_until_it_is_reset() {
        let mut style = Style::default();
        parts("\x1b[1;31mred", &mut style);
        assert_eq!(style, Style { bold: true, dim: false, colour: Some("#f47067") });
        assert_eq!(parts("still\x1b[m", &mut style).len(), 1);
        assert_eq!(style, Style::default());
    }

    #[test]
    fn text_is_escaped_and_counted_in_columns() {
        let picture = svg("c <x>", "━─&");
        assert!(picture.contains(r#"textLength="25.2" xml:space="preserve">━─&amp;</text>"#), "{picture}");
        assert!(picture.contains("<title>c &lt;x&gt;</title>"), "{picture}");
    }
}
