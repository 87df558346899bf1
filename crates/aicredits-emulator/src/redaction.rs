//! Finds parts of secrets in what a client sent, and cuts them out. It stores digests of the secrets' parts, and no secret.

mod runs;

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use crate::facts::digest;
use crate::protocol::Key;
use crate::secret::Secret;
use runs::{RUN, Runs, run_digest};

/// A shorter secret than a run is cut out as a whole, if it has so many characters.
const SHORT: usize = 6;
/// The text in place of a secret.
const CUT: &str = "(secret)";

/// The secrets of the ledger's keys, active and revoked.
#[derive(Debug, Default)]
pub(crate) struct Known {
    runs: Runs,
    secrets: HashSet<u64>,
    short: Vec<Secret>,
    learnt: Option<u64>,
    epoch: Option<u64>,
}

impl Known {
    /// Learns the keys, if they may have changed since the last epoch.
    pub(crate) fn learn(&mut self, epoch: u64, keys: &[Key]) {
        if self.epoch == Some(epoch) {
            return;
        }
        let secrets: Vec<u64> = keys.iter().map(|key| digest(&*key.secret)).collect();
        let all = digest(&secrets);
        if self.learnt != Some(all) {
            self.runs = Runs::of(keys.iter().map(|key| key.secret.as_bytes()));
            self.short = keys.iter().map(|key| &key.secret).filter(|key| is_short(key.as_bytes())).cloned().collect();
            self.secrets = secrets.into_iter().collect();
        }
        (self.learnt, self.epoch) = (Some(all), Some(epoch));
    }
}

fn is_short(secret: &[u8]) -> bool {
    (SHORT..RUN).contains(&secret.len())
}

/// Cuts secrets out of the texts of one request: those of the ledger, and the request's own.
pub(crate) struct Redactor<'a> {
    known: &'a Known,
    /// The request's `Authorization`, if it is no known secret.
    own: Option<(Runs, Vec<u8>)>,
    found: bool,
}

impl<'a> Redactor<'a> {
    /// `authorization`: every value of the request's `Authorization`.
    pub(crate) fn new<'b>(known: &'a Known, authorization: impl Iterator<Item = &'b str>) -> Self {
        let unknown: Vec<Vec<u8>> =
            authorization.filter(|value| !known.secrets.contains(&digest(*value))).map(latin1_bytes).collect();
        let own = (!unknown.is_empty()).then(|| {
            let runs = Runs::of(unknown.iter().map(Vec::as_slice));
            (runs, unknown.into_iter().find(|value| is_short(value)).unwrap_or_default())
        });
        Self { known, own, found: false }
    }

    /// Whether a run of a secret was in a text.
    pub(crate) fn found(&self) -> bool {
        self.found
    }

    /// A header's value or a target. Each of its characters is one byte.
    pub(crate) fn latin1(&mut self, text: &str) -> String {
        if text.len() < SHORT {
            return text.to_owned();
        }
        let bytes = if text.is_ascii() { Cow::Borrowed(text.as_bytes()) } else { Cow::Owned(latin1_bytes(text)) };
        match self.cut(&bytes) {
            Cow::Borrowed(_) => text.to_owned(),
            Cow::Owned(bytes) => bytes.into_iter().map(char::from).collect(),
        }
    }

    /// The first `most` bytes of a body. If it is not UTF-8, each of its bytes becomes one character (ISO 8859-1), so that
    /// nothing is lost.
    pub(crate) fn body(&mut self, body: &[u8], most: usize) -> String {
        text(&self.cut(body), most)
    }

    fn cut<'b>(&mut self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        let mut places = Vec::new();
        self.find(bytes, |place| places.push(place));
        if bytes.contains(&b'%') {
            self.find_decoded(percent_decoded(bytes), &mut places);
        }
        if bytes.contains(&b'\\') {
            self.find_decoded(json_unescaped(bytes), &mut places);
        }
        if places.is_empty() {
            return Cow::Borrowed(bytes);
        }
        places.sort_unstable_by_key(|place| place.start);
        let mut cut = Vec::with_capacity(bytes.len());
        let mut end = None;
        for Range { start, end: next } in places {
            if end.is_none_or(|end| start > end) {
                cut.extend_from_slice(&bytes[end.unwrap_or(0)..start]);
                cut.extend_from_slice(CUT.as_bytes());
            }
            end = end.max(Some(next));
        }
        cut.extend_from_slice(&bytes[end.unwrap_or(0)..]);
        Cow::Owned(cut)
    }

    fn find_decoded(&mut self, decoded: Decoded, places: &mut Vec<Range<usize>>) {
        let Decoded { bytes, mut starts, length } = decoded;
        starts.push(length);
        self.find(&bytes, |place| places.push(starts[place.start]..starts[place.end]));
    }

    fn find(&mut self, bytes: &[u8], mut place: impl FnMut(Range<usize>)) {
        // Runs that follow each other, and whether one of them is distinctive.
        let mut runs: Option<(Range<usize>, bool)> = None;
        let mut end = |runs: Option<(Range<usize>, bool)>| {
            if let Some((runs, true)) = runs {
                self.found = true;
                place(runs);
            }
        };
        for (at, run) in bytes.windows(RUN).enumerate() {
            let digest = run_digest(run);
            let own = || self.own.as_ref().and_then(|(own, _)| own.find(digest));
            let Some(is_distinctive) = self.known.runs.find(digest).max(own()) else { continue };
            match &mut runs {
                Some((before, is_leak)) if at <= before.end => {
                    before.end = at + RUN;
                    *is_leak |= is_distinctive;
                }
                _ => end(runs.replace((at..at + RUN, is_distinctive))),
            }
        }
        end(runs);
        let own = self.own.as_ref().map(|(_, short)| short.as_slice());
        for secret in self.known.short.iter().map(|secret| secret.as_bytes()).chain(own) {
            let length = secret.len();
            if length > 0 && length <= bytes.len() {
                let found = bytes.windows(length).enumerate().filter(|(_, part)| *part == secret);
                found.for_each(|(at, _)| place(at..at + length));
            }
        }
    }
}

impl Drop for Redactor<'_> {
    fn drop(&mut self) {
        if let Some((_, short)) = &mut self.own {
            zeroize::Zeroize::zeroize(short);
        }
    }
}

/// Bytes that were decoded, and where each of them began.
struct Decoded {
    bytes: Vec<u8>,
    starts: Vec<usize>,
    /// Of the text before.
    length: usize,
}

fn decoded(text: &[u8], mut one: impl FnMut(&[u8]) -> Option<(char, usize)>) -> Decoded {
    let mut decoded = Decoded { bytes: Vec::new(), starts: Vec::new(), length: text.len() };
    let mut at = 0;
    while at < text.len() {
        let taken = match one(&text[at..]) {
            Some((character @ '\0'..='\u{ff}', taken)) => {
                decoded.bytes.push(character as u8);
                taken
            }
            // No secret that a header can carry has such a character.
            Some((_, taken)) => {
                decoded.bytes.push(0);
                taken
            }
            None => {
                decoded.bytes.push(text[at]);
                1
            }
        };
        decoded.starts.push(at);
        at += taken;
    }
    decoded
}

fn percent_decoded(text: &[u8]) -> Decoded {
    decoded(text, |rest| match rest {
        [b'%', digits @ ..] => Some((char::from(u8::try_from(hex(digits.get(..2)?)?).ok()?), 3)),
        _ => None,
    })
}

fn json_unescaped(text: &[u8]) -> Decoded {
    decoded(text, |rest| match rest {
        [b'\\', b'u', digits @ ..] => Some((char::from_u32(hex(digits.get(..4)?)?)?, 6)),
        [b'\\', b'n', ..] => Some(('\n', 2)),
        [b'\\', b't', ..] => Some(('\t', 2)),
        [b'\\', b'r', ..] => Some(('\r', 2)),
        [b'\\', escaped @ (b'"' | b'\\' | b'/'), ..] => Some((char::from(*escaped), 2)),
        _ => None,
    })
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| Some(number * 16 + char::from(*digit).to_digit(16)?))
}

fn latin1_bytes(text: &str) -> Vec<u8> {
    text.chars().map(|character| u8::try_from(character).unwrap_or(b'?')).collect()
}

/// The rest is not copied: it may be much, and a block of another size for each request would scatter the heap.
fn text(bytes: &[u8], most: usize) -> String {
    match str::from_utf8(bytes) {
        Ok(text) => {
            let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
            text[..end.unwrap_or(0)].to_owned()
        }
        Err(_) => {
            // A character of ISO 8859-1 has at most 2 bytes.
            let length = |byte: &u8| if byte.is_ascii() { 1 } else { 2 };
            let fitting = bytes.iter().scan(0, |sum, byte| {
                *sum += length(byte);
                (*sum <= most).then_some(char::from(*byte))
            });
            fitting.collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_secret;

    const SECRET: &str = "IST.0123456789/abc\"def";

    fn known(secrets: &[&str]) -> Known {
        let mut known = Known::default();
        let keys: Vec<Key> =
            secrets.iter().map(|secret| Key { secret: Secret::from(*secret), ..Key::default() }).collect();
        known.learn(0, &keys);
        known
    }

    fn cut(known: &Known, text: &str) -> (String, bool) {
        let mut redactor = Redactor::new(known, std::iter::empty());
        let text = redactor.latin1(text);
        (text, redactor.found())
    }

    #[test]
    fn a_run_of_12_characters_is_a_leak_and_11_are_not() {
        let known = known(&["another-secret-of-the-ledger", SECRET]);
        assert_eq!(cut(&known, "/x?key=IST.01234567&y"), ("/x?key=(secret)&y".into(), true));
        assert_eq!(cut(&known, "/x?key=IST.0123456&y"), ("/x?key=IST.0123456&y".into(), false));
        assert_eq!(cut(&known, &format!("<{SECRET}>{SECRET}")), ("<(secret)>(secret)".into(), true));
        assert_eq!(cut(&known, "23456789/abc"), ("(secret)".into(), true));
        assert_eq!(cut(&known, "23456789/abd"), ("23456789/abd".into(), false));
    }

    #[test]
    fn the_common_words_of_a_made_secret_are_no_leak() {
        let made = made_secret::make("second-account", 1);
        let known = known(&[&made, "IST.emulator-example-api-key-not-a-secret", "IST.emulator-x-not-a-secret"]);
        for honest in [
            "my-emulator-example/1.0",
            "job-not-a-secret-1",
            "second-account",
            "IST.emulator-second-account-",
            "emulator-second-account-not-a-secret",
            "example-api",
        ] {
            assert_eq!(cut(&known, honest), (honest.into(), false));
        }
        let digest = made_secret::distinctive(made.as_bytes());
        assert_eq!(cut(&known, &made[digest]), ("(secret)".into(), true));
        assert_eq!(cut(&known, &format!("<{made}>")), ("<(secret)>".into(), true), "all of it is cut out");
        assert_eq!(cut(&known, "my example-api-key"), ("my (secret)".into(), true));
        assert_eq!(cut(&known, "IST.emulator-example-api-key"), ("(secret)".into(), true));
        assert_eq!(
            cut(&known, "IST.emulator-x-not"),
            ("(secret)".into(), true),
            "a short name needs what is around it"
        );
    }

    #[test]
    fn escaped_forms_are_seen() {
        let known = known(&[SECRET]);
        assert_eq!(cut(&known, "/?k=%49ST.0123456789%2Fabc%22def&z=%20"), ("/?k=(secret)&z=%20".into(), true));
        assert_eq!(cut(&known, r#"{"k":"\u0049ST.0123456789\/abc\"def"}"#), (r#"{"k":"(secret)"}"#.into(), true));
        assert_eq!(cut(&known, "%zz%4"), ("%zz%4".into(), false));
    }

    #[test]
    fn the_own_authorization_counts_too() {
        let known = known(&[SECRET]);
        let mut redactor = Redactor::new(&known, ["Bearer unknown-token", "short-one"].into_iter());
        assert_eq!(redactor.latin1("a=unknown-token b=short-one"), "a=(secret) b=(secret)");
        assert!(redactor.found());
        let mut redactor = Redactor::new(&known, std::iter::once("short-one"));
        assert_eq!(redactor.latin1("b=short-one"), "b=(secret)");
        assert!(!redactor.found(), "it is no run");
        assert_eq!(redactor.latin1("unknown-token"), "unknown-token");
    }

    #[test]
    fn bodies_keep_every_byte() {
        let known = known(&[SECRET]);
        let mut redactor = Redactor::new(&known, std::iter::empty());
        assert_eq!(redactor.body("h\u{e9}".as_bytes(), 3), "h\u{e9}");
        assert_eq!(redactor.body(b"h\xe9\x00", 4), "h\u{e9}\0");
        assert_eq!(redactor.body(format!("\u{e9}{SECRET}").as_bytes(), 100), "\u{e9}(secret)");
    }

    #[test]
    fn a_body_is_cut_after_a_whole_character_and_searched_to_its_end() {
        let known = known(&[SECRET]);
        let mut redactor = Redactor::new(&known, std::iter::empty());
        assert_eq!(redactor.body("h\u{e9}".as_bytes(), 2), "h");
        assert_eq!(redactor.body(b"h\xe9\x00", 2), "h");
        assert_eq!(redactor.body(b"h\xe9\x00", 3), "h\u{e9}");
        assert!(!redactor.found());
        assert_eq!(redactor.body(format!("ab{SECRET}").as_bytes(), 2), "ab");
        assert!(redactor.found());
    }

    #[test]
    fn keys_are_learnt_again_in_a_new_epoch_alone() {
        let mut known = known(&[SECRET]);
        let later = [Key { secret: Secret::from("a-later-secret-key"), ..Key::default() }];
        known.learn(0, &later);
        assert!(!cut(&known, "a-later-secret-key").1);
        known.learn(1, &later);
        assert!(cut(&known, "a-later-secret-key").1);
        assert!(!cut(&known, SECRET).1);
    }
}
