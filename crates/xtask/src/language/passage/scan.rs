//! Comments and string literals of source code.

use super::syntax::{Passage, Syntax};

/// The comments and the string literals, in the order of the file.
pub(super) fn scan(syntax: Syntax, text: &str) -> Vec<Passage> {
    let mut scan = Scan { syntax, rest: text, line: 1, passages: Vec::new(), comment: None };
    while !scan.rest.is_empty() {
        scan.step();
    }
    scan.passages
}

struct Scan<'a> {
    syntax: Syntax,
    rest: &'a str,
    line: usize,
    passages: Vec<Passage>,
    /// The line of the comment that the next line's comment continues, if nothing but white space is between them.
    comment: Option<usize>,
}

impl<'a> Scan<'a> {
    fn step(&mut self) {
        let line_mark = if self.syntax == Syntax::Python { "#" } else { "//" };
        if self.rest.starts_with(line_mark) {
            return self.line_comment();
        }
        if self.syntax != Syntax::Python && self.rest.starts_with("/*") {
            let length = self.rest.find("*/").map_or(self.rest.len(), |end| end + 2);
            return self.block(length, 2, 2);
        }
        if let Some((open, close)) = self.raw_string() {
            let end = self.rest[open..].find(&close).map_or(self.rest.len(), |end| open + end + close.len());
            return self.block(end, open, close.len());
        }
        match self.rest.chars().next() {
            Some('"') => self.quoted('"'),
            Some('\'') if self.syntax == Syntax::Python => self.quoted('\''),
            Some('\'') => {
                let length = self.character();
                self.take(length);
                self.comment = None;
            }
            Some(c) if c.is_whitespace() => _ = self.take(c.len_utf8()),
            // A word at once: the `r` of `for` opens no raw string.
            Some(c) if c.is_alphanumeric() || c == '_' => {
                let length = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len());
                self.take(length);
                self.comment = None;
            }
            Some(c) => {
                self.take(c.len_utf8());
                self.comment = None;
            }
            None => {}
        }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length.min(self.rest.len()));
        self.rest = rest;
        self.line += taken.matches('\n').count();
        taken
    }

    fn line_comment(&mut self) {
        let line = self.line;
        let length = self.rest.find('\n').unwrap_or(self.rest.len());
        let text = self.take(length).trim_start_matches(['/', '!', '#']).to_owned();
        let continues = self.comment.is_some_and(|before| before + 1 == line) && !text.trim().is_empty();
        match self.passages.last_mut() {
            Some(passage) if continues => passage.lines.push((line, text)),
            _ => self.passages.push(Passage { lines: vec![(line, text)], is_name: false }),
        }
        self.comment = Some(line);
    }

    /// A comment or a string of `length` bytes, with marks of so many bytes around it.
    fn block(&mut self, length: usize, open: usize, close: usize) {
        let first = self.line;
        let text = self.take(length);
        let text = text.get(open..text.len().saturating_sub(close)).unwrap_or("");
        let mut passage = Passage::default();
        for (index, line) in text.split('\n').enumerate() {
            let line = line.trim().trim_start_matches('*');
            if line.trim().is_empty() {
                self.passages.push(std::mem::take(&mut passage));
            }
            // The escapes are no words.
            let line = line.replace("\\n", " ").replace("\\t", " ").replace("\\\"", "\"");
            passage.lines.push((first + index, line));
        }
        self.passages.push(passage);
        self.comment = None;
    }

    fn quoted(&mut self, quote: char) {
        let mut escaped = false;
        let end = self.rest[1..].find(|c: char| {
            let ends = c == quote && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        self.block(end.map_or(self.rest.len(), |end| end + 2), 1, 1);
    }

    /// The length of the opening mark, and the closing mark.
    fn raw_string(&self) -> Option<(usize, String)> {
        match self.syntax {
            Syntax::Rust => {
                let rest = self.rest.strip_prefix('b').unwrap_or(self.rest).strip_prefix('r')?;
                let hashes = rest.len() - rest.trim_start_matches('#').len();
                let opens = rest[hashes..].starts_with('"');
                opens.then(|| (self.rest.len() - rest.len() + hashes + 1, format!("\"{}", "#".repeat(hashes))))
            }
            Syntax::Go => self.rest.starts_with('`').then(|| (1, "`".to_owned())),
            Syntax::Python => {
                let mark = ["\"\"\"", "'''"].into_iter().find(|mark| self.rest.starts_with(mark))?;
                Some((3, mark.to_owned()))
            }
            _ => None,
        }
    }

    /// The length of a character literal; 1 for the mark of a lifetime.
    fn character(&self) -> usize {
        let mut chars = self.rest.char_indices().skip(1);
        match chars.next() {
            Some((_, '\\')) => self.rest[2..].find('\'').map_or(1, |end| end.max(1) + 3),
            Some(_) => chars.next().filter(|(_, c)| *c == '\'').map_or(1, |(at, _)| at + 1),
            None => 1,
        }
    }
}
