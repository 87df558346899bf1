//! What is read from a file, and by which rules.

/// A run of text that belongs together: a comment over several lines, a string, a paragraph.
#[derive(Debug, Default, PartialEq)]
pub(in crate::language) struct Passage {
    /// Line numbers, from 1, with the text on them.
    pub(in crate::language) lines: Vec<(usize, String)>,
    /// The name of a function, whose words are separated by `_` or capitals.
    pub(in crate::language) is_name: bool,
}

/// How a file is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::language) enum Syntax {
    C,
    Go,
    Rust,
    Python,
    /// Every line is text.
    Text,
    /// A vector, of which the line `about` is text.
    Vector,
}
