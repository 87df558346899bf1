//! A vector's expectation, the outcome in a language, and the difference between them.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use aicredits_emulator::script::Request;
use serde::Deserialize;

/// The most differences that are shown for one vector.
const SHOWN: usize = 12;

/// Written by hand from the API's page and the tables; no command rewrites it.
#[derive(Clone)]
pub(crate) struct Expectation {
    pub(crate) lines: Vec<Line>,
    /// Whether only the answers to questions are compared, and not the balance before them.
    pub(crate) is_of_decisions_alone: bool,
    pub(crate) message_contains: Vec<String>,
    pub(crate) message_lacks: Vec<String>,
    /// The balance's text, line by line, if the vector is about that.
    pub(crate) shown: Vec<String>,
    /// The requests to the server, in order; empty if it must not get one.
    pub(crate) requests: Vec<ExpectedRequest>,
}

/// A canonical line, or repeated lines with `{n}` for their number.
#[derive(Deserialize, Clone)]
#[serde(untagged)]
pub(crate) enum Line {
    Once(String),
    Repeated(RepeatedLines),
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct RepeatedLines {
    repeat: Vec<String>,
    times: usize,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExpectedRequest {
    pub(crate) method: String,
    pub(crate) path: String,
    /// All headers, by name in lower case. A value that ends with `*` is a prefix.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl ExpectedRequest {
    /// Whether the vector asks for an account and a site in one request.
    pub(crate) fn has_both_scopes(&self) -> bool {
        ["wix-account-id", "wix-site-id"].iter().all(|name| self.headers.get(*name).is_some_and(|id| !id.is_empty()))
    }
}

/// The result of one vector in one runner.
pub(crate) struct Outcome {
    pub(crate) lines: Vec<String>,
    pub(crate) message: Option<String>,
    pub(crate) shown: Option<String>,
    pub(crate) requests: Vec<Request>,
    /// Faults that do not depend on the vector's expectation.
    pub(crate) faults: Vec<String>,
}

impl Expectation {
    /// Every expected line, with repetitions.
    fn lines(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.lines.iter().flat_map(|line| {
            let (lines, times) = line.written();
            (0..times).flat_map(move |n| lines.iter().map(move |line| numbered(line, n)))
        })
    }

    /// The lines of the file: a repeated line is here once.
    pub(crate) fn written(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().flat_map(|line| line.written().0).map(String::as_str)
    }

    /// Whether `outcome` equals the expectation. `resolve` inserts this run's addresses and the language's names.
    pub(crate) fn holds(&self, outcome: &Outcome, resolve: impl Fn(&str) -> String) -> bool {
        // The lines come last, because there may be thousands.
        outcome.faults.is_empty()
            && self.message_differences(outcome.message.as_deref(), &resolve).is_empty()
            && self.shown_differences(outcome.shown.as_deref()).is_none()
            && self.request_differences(&outcome.requests, resolve).is_empty()
            && self.lines().eq(outcome.lines.iter().map(String::as_str))
    }

    /// The differences between `outcome` and the expectation.
    pub(crate) fn differences(&self, outcome: &Outcome, resolve: impl Fn(&str) -> String) -> Vec<String> {
        let mut differences = outcome.faults.clone();
        differences.extend(self.line_differences(&outcome.lines));
        differences.extend(self.message_differences(outcome.message.as_deref(), &resolve));
        differences.extend(self.shown_differences(outcome.shown.as_deref()));
        differences.extend(self.request_differences(&outcome.requests, resolve));
        differences
    }

    fn line_differences(&self, printed: &[String]) -> Vec<String> {
        let expected: Vec<_> = self.lines().collect();
        if expected.iter().eq(printed) {
            return Vec::new();
        }
        let mut count: HashMap<&str, i64> = HashMap::new();
        expected.iter().for_each(|line| *count.entry(line).or_default() += 1);
        printed.iter().for_each(|line| *count.entry(line).or_default() -= 1);
        let missing = expected.iter().filter(|line| count[line.as_ref()] > 0).map(|line| format!("- {line}"));
        let surplus = printed.iter().filter(|line| count[line.as_str()] < 0).map(|line| format!("+ {line}"));
        let mut differences: Vec<_> = missing.take(SHOWN).chain(surplus.take(SHOWN)).collect();
        if differences.is_empty() {
            differences.push("the lines are the right ones in the wrong order".to_owned());
        }
        differences
    }

    fn message_differences(&self, message: Option<&str>, resolve: impl Fn(&str) -> String) -> Vec<String> {
        let has = |fragment: &&String| message.is_some_and(|message| message.contains(&resolve(fragment)));
        let shown = message.unwrap_or("(there is none)");
        let absent = self.message_contains.iter().filter(|fragment| !has(fragment));
        let absent = absent.map(|fragment| format!("the message has no `{fragment}`: {shown}"));
        let present =
            self.message_lacks.iter().filter(has).map(|fragment| format!("the message has `{fragment}`: {shown}"));
        absent.chain(present).collect()
    }

    fn shown_differences(&self, shown: Option<&str>) -> Option<String> {
        let expected = self.shown.join("\\x0a");
        let is_other = !self.shown.is_empty() && shown != Some(&expected);
        is_other.then(|| format!("it is shown as `{}`, not `{expected}`", shown.unwrap_or_default()))
    }

    fn request_differences(&self, requests: &[Request], resolve: impl Fn(&str) -> String) -> Vec<String> {
        if requests.len() != self.requests.len() {
            return vec![format!("the server was sent {} requests, not {}", requests.len(), self.requests.len())];
        }
        let pairs = self.requests.iter().zip(requests);
        pairs.flat_map(|(expected, request)| expected.differences(request, &resolve)).collect()
    }

    /// Every expected text. A comparison must notice a change in each. An empty text has no character to change.
    pub(crate) fn texts(&mut self) -> Vec<&mut String> {
        let mut texts = Vec::new();
        for line in &mut self.lines {
            match line {
                Line::Once(line) => texts.push(line),
                Line::Repeated(repeated) => texts.extend(&mut repeated.repeat),
            }
        }
        texts.extend(&mut self.message_contains);
        texts.extend(&mut self.shown);
        for ExpectedRequest { method, path, headers, body } in &mut self.requests {
            texts.extend([method, path, body]);
            texts.extend(headers.values_mut());
        }
        texts.retain(|text| !text.is_empty());
        texts
    }
}

impl Line {
    /// The lines in the file, and how often they are repeated.
    fn written(&self) -> (&[String], usize) {
        match self {
            Self::Once(line) => (std::slice::from_ref(line), 1),
            Self::Repeated(RepeatedLines { repeat, times }) => (repeat, *times),
        }
    }
}

fn numbered(line: &str, n: usize) -> Cow<'_, str> {
    if line.contains("{n}") { line.replace("{n}", &n.to_string()).into() } else { line.into() }
}

impl ExpectedRequest {
    fn differences(&self, request: &Request, resolve: &impl Fn(&str) -> String) -> Vec<String> {
        let mut differences = Vec::new();
        let mut compare = |what: &str, expected: &str, sent: &str| {
            let same = match expected.strip_suffix('*') {
                Some(beginning) => sent.starts_with(beginning),
                None => sent == expected,
            };
            if !same {
                differences.push(format!("the request's {what} is `{sent}`, not `{expected}`"));
            }
        };
        compare("method", &self.method, &request.method);
        compare("path", &self.path, &request.target);
        compare("body", &self.body, &String::from_utf8_lossy(&request.body));

        let mut sent: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (name, value) in &request.headers {
            sent.entry(name.to_ascii_lowercase()).or_default().push(value);
        }
        for (name, value) in &self.headers {
            match sent.remove(name).as_deref() {
                Some([once]) => compare(name, &resolve(value), once),
                Some(_) => compare(name, "sent once", "sent twice"),
                None => compare(name, value, "not there"),
            }
        }
        for name in sent.keys() {
            compare("surplus header", "not there", name);
        }
        differences
    }
}
