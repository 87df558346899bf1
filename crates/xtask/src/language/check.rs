//! The rules, applied to a passage.

use super::passage::Passage;
use super::rules::{AFTER_THAT, CLAUSE, CLAUSE_HINT, CLAUSES, RULES};

/// A place where a word is used that the project does not use.
#[derive(Debug, PartialEq)]
pub(super) struct Hit {
    pub(super) line: usize,
    pub(super) rule: &'static str,
    pub(super) phrase: String,
    pub(super) hint: &'static str,
}

struct Token {
    line: usize,
    /// In lower case. Text between backticks, which is quoted, is one empty word.
    word: String,
    starts_upper: bool,
}

/// The hits of all rules in the passage, in its order.
pub(super) fn check(passage: &Passage) -> Vec<Hit> {
    let tokens = if passage.is_name { words_of_name(passage) } else { tokens(passage) };
    let mut hits = Vec::new();
    for at in 0..tokens.len() {
        let here = &tokens[at..];
        for rule in RULES {
            if let Some(phrase) = rule.phrases.iter().find(|phrase| starts_with(here, phrase)) {
                hits.push(Hit { line: here[0].line, rule: rule.name, phrase: (*phrase).to_owned(), hint: rule.hint });
            }
        }
        let starts_sentence = at == 0 || is_end(&tokens[at - 1].word);
        if starts_sentence && is_clause(here, passage.is_name) {
            let phrase = here[0].word.clone();
            hits.push(Hit { line: here[0].line, rule: CLAUSE, phrase, hint: CLAUSE_HINT });
        }
    }
    hits
}

fn starts_with(tokens: &[Token], phrase: &str) -> bool {
    let mut words = tokens.iter();
    phrase.split(' ').all(|wanted| words.next().is_some_and(|token| token.word == wanted))
}

fn is_end(word: &str) -> bool {
    matches!(word, "." | "!" | "?" | ":" | "|" | "#" | "*" | "-" | ">")
}

/// Whether a clause, and no question, starts here.
fn is_clause(tokens: &[Token], is_name: bool) -> bool {
    let first = &tokens[0];
    if is_name {
        return CLAUSES.contains(&first.word.as_str());
    }
    let starts = match first.word.as_str() {
        "that" => tokens.get(1).is_some_and(|next| AFTER_THAT.contains(&next.word.as_str())),
        word => CLAUSES.contains(&word),
    };
    let end = tokens.iter().map(|token| token.word.as_str()).find(|word| matches!(*word, "." | "!" | "?"));
    first.starts_upper && starts && end != Some("?")
}

fn tokens(passage: &Passage) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut quote: Option<usize> = None;
    // A backtick without a partner quotes nothing.
    let mut runs = backticks(passage);
    for (number, line) in &passage.lines {
        let mut rest = line.as_str();
        while let Some(c) = rest.chars().next() {
            let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '\'' | '’');
            let length = match c {
                '`' => rest.len() - rest.trim_start_matches('`').len(),
                c if is_word(c) => rest.find(|c| !is_word(c) && c != '-').unwrap_or(rest.len()),
                c => c.len_utf8(),
            };
            let (text, after) = rest.split_at(length);
            rest = after;
            if c == '`' {
                *runs.entry(length).or_default() -= 1;
                match quote {
                    Some(open) if open == length => quote = None,
                    None if runs[&length] > 0 => {
                        quote = Some(length);
                        tokens.push(Token { line: *number, word: String::new(), starts_upper: false });
                    }
                    _ => {}
                }
            } else if quote.is_none() && !c.is_whitespace() {
                let word = text.trim_end_matches(['-', '\'']).to_lowercase();
                tokens.push(Token { line: *number, word, starts_upper: c.is_uppercase() });
            }
        }
    }
    tokens
}

/// How many runs of backticks there are of each length.
fn backticks(passage: &Passage) -> std::collections::BTreeMap<usize, i32> {
    let mut runs = std::collections::BTreeMap::new();
    for (_, line) in &passage.lines {
        for run in line.split(|c| c != '`').filter(|run| !run.is_empty()) {
            *runs.entry(run.len()).or_default() += 1;
        }
    }
    runs
}

/// The words of `snake_case` and of `CamelCase`.
fn words_of_name(passage: &Passage) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (line, name) in &passage.lines {
        let mut spaced = String::new();
        let mut before = '_';
        for c in name.trim_start_matches("test_").trim_start_matches("Test").chars() {
            if c.is_uppercase() && before.is_lowercase() {
                spaced.push(' ');
            }
            spaced.push(if c == '_' { ' ' } else { c.to_ascii_lowercase() });
            before = c;
        }
        let word = |word: &str| Token { line: *line, word: word.to_owned(), starts_upper: false };
        tokens.extend(spaced.split_whitespace().map(word));
    }
    tokens
}
