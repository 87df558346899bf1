//! Text of the project, out of a file: comments, string literals, names of functions, prose.

use std::path::Path;

mod scan;
mod syntax;

pub(super) use syntax::{Passage, Syntax};

impl Syntax {
    /// `None` for files that the project did not write, or that are no text.
    pub(super) fn of(path: &str) -> Option<Syntax> {
        let file = Path::new(path);
        let name = file.file_name()?.to_str()?;
        if name == "LICENSE" || name == ".gitignore" {
            return None;
        }
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("rs") => Some(Syntax::Rust),
            Some("c" | "h" | "cpp" | "hpp" | "mjs") => Some(Syntax::C),
            Some("go") => Some(Syntax::Go),
            Some("py" | "pyi") => Some(Syntax::Python),
            Some("json") => Some(Syntax::Vector),
            Some("lock" | "sum" | "png" | "svg" | "typed") => None,
            _ => Some(Syntax::Text),
        }
    }

    pub(super) fn passages(self, text: &str) -> Vec<Passage> {
        match self {
            Syntax::Text => paragraphs(text),
            Syntax::Vector => about(text),
            code => {
                let mut passages = scan::scan(code, text);
                passages.extend(names(code, text));
                passages
            }
        }
    }
}

/// The paragraphs of a text. A list's entry, a row of a table and a heading are paragraphs too.
fn paragraphs(text: &str) -> Vec<Passage> {
    let mut passages = Vec::new();
    let mut current = Passage::default();
    for (number, line) in numbered(text) {
        let starts = line.trim_start().starts_with(['#', '-', '*', '|', '`']);
        if line.trim().is_empty() || starts {
            passages.push(std::mem::take(&mut current));
        }
        current.lines.push((number, line.to_owned()));
    }
    passages.push(current);
    passages
}

fn about(text: &str) -> Vec<Passage> {
    let line = |(number, line): (usize, &str)| {
        let text = line.trim_start().strip_prefix("\"about\": \"")?;
        Some(Passage { lines: vec![(number, text.to_owned())], is_name: false })
    };
    numbered(text).filter_map(line).collect()
}

/// The functions that the file defines.
fn names(syntax: Syntax, text: &str) -> Vec<Passage> {
    let name = |(number, line): (usize, &str)| {
        let name = defined(syntax, line)?;
        Some(Passage { lines: vec![(number, name.to_owned())], is_name: true })
    };
    numbered(text).filter_map(name).collect()
}

fn defined(syntax: Syntax, line: &str) -> Option<&str> {
    let keyword = match syntax {
        Syntax::Rust => "fn ",
        Syntax::Python => "def ",
        Syntax::Go => "func ",
        _ => {
            let rest = line.strip_prefix("static void ").or_else(|| line.strip_prefix("static int "))?;
            return rest.split_once('(').map(|(name, _)| name).filter(|name| !name.contains(' '));
        }
    };
    let at = line.find(keyword)?;
    if line[..at].contains(['"', '/', '#']) {
        return None;
    }
    let rest = &line[at + keyword.len()..];
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    Some(&rest[..end]).filter(|name| !name.is_empty())
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}
