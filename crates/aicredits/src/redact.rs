//! Redacts the credential in server text, whole or in part, plain or encoded.
//!
//! The rule: a text loses each run of 8 or more characters that it shares with the secret, ignoring ASCII case. A run is
//! found as it is, JSON-escaped, percent-encoded, HTML-escaped (up to three of these in one another), in base64 and in
//! hexadecimal.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use zeroize::Zeroizing;

use self::view::View;

mod view;

/// A shared run of this length is hidden.
const RUN: usize = 8;
/// The digits that a run takes in base64, the shorter one of the two encodings.
const SHORTEST_ENCODED: usize = 11;
/// A part of a secret that is shorter is hidden only with the parts around it: any text may have it.
const SHORTEST_PART: usize = 4;
/// Where a secret has parts that are known by themselves.
const SEPARATORS: [char; 5] = [' ', ',', ';', '"', '\\'];
/// Escapes within escapes: percent-encoded twice, and then JSON.
const MOST_ESCAPES: usize = 3;
/// A long text is searched in steps of this size, which bounds the memory of a search.
const STEP: usize = 32 << 10;
/// No run is longer when it is encoded: each step repeats so much of what is around it.
const OVERLAP: usize = 512;
/// Bits of the filter, as a power of two: of a key of 700 bytes it lets 1 in 50 foreign texts of 4 bytes pass.
const FILTER_BITS: u32 = 15;

/// Wix's own codes (`WIRE.md`), which stay readable even where a secret contains one.
const CODES: [&str; 13] = [
    "ABORTED",
    "ACCOUNT_TOKEN_REQUIRED",
    "ALREADY_EXISTS",
    "FAILED_PRECONDITION",
    "INTERNAL_ERROR",
    "INVALID_ARGUMENT",
    "MISSING_METASITE_ID",
    "NOT_FOUND",
    "PERMISSION_DENIED",
    "REQUEST_NOT_ELIGIBLE",
    "RESOURCE_EXHAUSTED",
    "SITE_TOKEN_REQUIRED",
    "UNAUTHENTICATED",
];

/// The parts of a secret that are searched in server text. Wiped when dropped.
#[derive(Clone)]
pub(crate) struct Redactor {
    /// Each run of [`RUN`] bytes, folded and sorted.
    runs: Zeroizing<Vec<u64>>,
    /// Hashes of each run of 4 bytes: most texts have none of them, and need no more than this.
    filter: Zeroizing<Vec<u64>>,
    /// Parts shorter than [`RUN`], in lower case.
    short: Vec<Zeroizing<Vec<u8>>>,
}

impl Redactor {
    /// `secret` is ASCII.
    pub(crate) fn new(secret: &str) -> Self {
        let mut runs = Zeroizing::new(Vec::with_capacity(secret.len()));
        let mut filter = Zeroizing::new(vec![0; 1 << (FILTER_BITS - 6)]);
        for part in without_jwt_header(secret) {
            let folded = folded(part);
            runs.extend(
                folded.windows(RUN).map(|run| run.iter().fold(0, |packed, byte| packed << 8 | u64::from(*byte))),
            );
            if folded.len() >= RUN {
                for four in folded.windows(4) {
                    let (word, bit) = filter_place(four);
                    filter[word] |= bit;
                }
            }
        }
        runs.sort_unstable();
        let parts = secret.split(SEPARATORS).filter(|part| (SHORTEST_PART..RUN).contains(&part.len()));
        let whole = Some(secret).filter(|whole| (1..RUN).contains(&whole.len()));
        let short = parts.chain(whole).map(folded).collect();
        Self { runs, filter, short }
    }

    /// The text without the secret in it.
    pub(crate) fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if !self.may_be_in(text.as_bytes()) {
            return Cow::Borrowed(text);
        }
        let mut is_secret = self.find(text.as_bytes(), &self.short);
        exempt_codes(text.as_bytes(), &mut is_secret);
        exempt_blanks(text.as_bytes(), &mut is_secret);
        if !is_secret.contains(&true) {
            return Cow::Borrowed(text);
        }
        let mut shown = String::with_capacity(text.len());
        // Only ASCII is ever marked, so a mark begins and ends between two characters.
        for (at, character) in text.char_indices() {
            if !is_secret[at] {
                shown.push(character);
            } else if at == 0 || !is_secret[at - 1] {
                shown.push_str("[redacted]");
            }
        }
        Cow::Owned(shown)
    }

    /// Overwrites the secret in bytes that others will log. Parts shorter than a run are left, because they can occur in any
    /// text.
    pub(crate) fn strike_out(&self, bytes: &mut [u8]) {
        let is_secret = self.find(bytes, &[]);
        bytes.iter_mut().zip(is_secret).filter(|(_, is_secret)| *is_secret).for_each(|(byte, _)| *byte = b'*');
    }

    /// A quick no for the texts of a usual balance: its ids are checked in each call.
    fn may_be_in(&self, text: &[u8]) -> bool {
        if !self.short.is_empty() {
            return true;
        }
        if text.len() < RUN || self.runs.is_empty() {
            return false;
        }
        // A run of 8 bytes has four bytes in it that begin at a multiple of 4.
        text.chunks_exact(4).any(|four| self.may_have(four)) || may_be_encoded(text)
    }

    fn may_have(&self, four: &[u8]) -> bool {
        let (word, bit) = filter_place(four);
        self.filter[word] & bit != 0
    }

    /// Which bytes of the text belong to the secret.
    fn find(&self, text: &[u8], short: &[Zeroizing<Vec<u8>>]) -> Vec<bool> {
        let mut is_secret = vec![false; text.len()];
        for begin in (0..text.len()).step_by(STEP) {
            let (begin, end) = (begin.saturating_sub(OVERLAP), text.len().min(begin + STEP));
            let mut view = View::of(text, begin..end);
            for _ in 0..=MOST_ESCAPES {
                self.mark(&view, short, &mut is_secret);
                // In a base64 or hexadecimal text a secret of fewer characters would be found by chance.
                let long = short.iter().filter(|part| part.len() >= SHORTEST_PART);
                view.each_decoded(|decoded| {
                    self.mark_runs(decoded, &mut is_secret);
                    long.clone().for_each(|part| mark_part(decoded, part, &mut is_secret));
                });
                match view.unescaped() {
                    Some(unescaped) => view = unescaped,
                    None => break,
                }
            }
        }
        is_secret
    }

    fn mark(&self, view: &View, short: &[Zeroizing<Vec<u8>>], is_secret: &mut [bool]) {
        self.mark_runs(view, is_secret);
        short.iter().for_each(|part| mark_part(view, part, is_secret));
    }

    fn mark_runs(&self, view: &View, is_secret: &mut [bool]) {
        let mut packed = 0;
        for (end, byte) in view.bytes().iter().enumerate() {
            packed = packed << 8 | u64::from(fold(*byte));
            if end + 1 >= RUN && self.is_run(packed) {
                is_secret[view.source(end + 1 - RUN..end + 1)].fill(true);
            }
        }
    }

    fn is_run(&self, packed: u64) -> bool {
        self.may_have(&packed.to_be_bytes()[4..]) && self.runs.binary_search(&packed).is_ok()
    }
}

fn mark_part(view: &View, part: &[u8], is_secret: &mut [bool]) {
    for (begin, bytes) in view.bytes().windows(part.len()).enumerate() {
        if bytes.iter().zip(part).all(|(byte, part)| fold(*byte) == *part) {
            is_secret[view.source(begin..begin + part.len())].fill(true);
        }
    }
}

/// A code is a word by itself: as a part of a longer one it may be the secret's.
fn exempt_codes(text: &[u8], is_secret: &mut [bool]) {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let mut begin = 0;
    for word in text.split(|byte| !is_word(byte)) {
        let end = begin + word.len();
        if CODES.iter().any(|code| code.as_bytes() == word) {
            is_secret[begin..end].fill(false);
        }
        begin = end + 1;
    }
}

/// A blank around a secret is none of it.
fn exempt_blanks(text: &[u8], is_secret: &mut [bool]) {
    for at in 0..text.len() {
        if text[at] == b' ' && at.checked_sub(1).is_none_or(|before| !is_secret[before]) {
            is_secret[at] = false;
        }
    }
    for at in (0..text.len()).rev() {
        if text[at] == b' ' && is_secret.get(at + 1).is_none_or(|after| !after) {
            is_secret[at] = false;
        }
    }
}

/// The first segment of a JSON Web Token names an algorithm, and is the same in many tokens.
fn without_jwt_header(secret: &str) -> impl Iterator<Item = &str> {
    let begin = if secret.starts_with("eyJ") { Some(0) } else { secret.find(".eyJ").map(|point| point + 1) };
    let header = begin.and_then(|begin| {
        let end = begin + secret[begin..].find('.')?;
        // A token has two segments more.
        secret[end + 1..].contains('.').then_some(begin..end)
    });
    let (before, after) = match header {
        Some(header) => (&secret[..header.start], &secret[header.end..]),
        None => (secret, ""),
    };
    [before, after].into_iter()
}

/// Whether a text has an escape in it, or a word that can be a run in base64 or hexadecimal and is no id.
fn may_be_encoded(text: &[u8]) -> bool {
    // Forms write a blank as `+`, which the filter does not know.
    let is_escape = |byte: &u8| matches!(byte, b'%' | b'\\' | b'&' | b'+');
    !is_plain_id(text) && (text.iter().any(is_escape) || view::has_word(text, SHORTEST_ENCODED))
}

/// An id as Wix has them: digits, letters of a hexadecimal number in one case, hyphens and points, and no characters in
/// hexadecimal. Base64 of ASCII needs letters of both cases, but for texts such as `kxxkxx` that no key consists of.
fn is_plain_id(text: &[u8]) -> bool {
    let consists_of = |letters: RangeInclusive<u8>| {
        let is_part = |byte: &u8| byte.is_ascii_digit() | letters.contains(byte) | matches!(byte, b'-' | b'.');
        text.iter().fold(true, |all, byte| all & is_part(byte))
    };
    let is_text = |digits: &[u8]| digits.iter().step_by(2).all(|digit| (b'2'..=b'7').contains(digit));
    let is_hexadecimal = |word: &[u8]| word.windows(2 * RUN).any(is_text);
    (consists_of(b'a'..=b'f') || consists_of(b'A'..=b'F'))
        && !text.split(|byte| matches!(byte, b'-' | b'.')).any(is_hexadecimal)
}

/// Case is ignored; forms write a blank as `+`.
fn fold(byte: u8) -> u8 {
    match byte {
        b'+' => b' ',
        other => other.to_ascii_lowercase(),
    }
}

fn folded(text: &str) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(text.bytes().map(fold).collect())
}

/// Of four bytes, ignoring case and more: the filter may only say too often that it has them.
fn filter_place(four: &[u8]) -> (usize, u64) {
    let packed = four.iter().fold(0, |packed, byte| packed << 8 | u32::from(*byte | 0x20));
    let hash = packed.wrapping_mul(0x9e37_79b1) >> (32 - FILTER_BITS);
    (hash as usize >> 6, 1 << (hash & 63))
}

#[cfg(test)]
mod tests;
