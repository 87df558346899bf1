//! A text with its escapes undone, and where each byte of it came from.

use std::ops::Range;

use zeroize::Zeroizing;

/// Decoded bytes, each with the range of the text that encodes it. Wiped when dropped.
pub(super) struct View {
    bytes: Zeroizing<Vec<u8>>,
    sources: Vec<Range<usize>>,
}

impl View {
    pub(super) fn of(text: &[u8], range: Range<usize>) -> Self {
        Self { bytes: Zeroizing::new(text[range.clone()].to_vec()), sources: range.map(|at| at..at + 1).collect() }
    }

    fn with_room_for(count: usize) -> Self {
        // All the room at once: growing would leave a copy behind.
        Self { bytes: Zeroizing::new(Vec::with_capacity(count)), sources: Vec::with_capacity(count) }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The range of the text that encodes these bytes.
    pub(super) fn source(&self, range: Range<usize>) -> Range<usize> {
        self.sources[range.start].start..self.sources[range.end - 1].end
    }

    fn push(&mut self, byte: u8, source: Range<usize>) {
        self.bytes.push(byte);
        self.sources.push(source);
    }

    /// One level of escapes undone: percent-encoding, JSON's and HTML's. `None` where there is none.
    pub(super) fn unescaped(&self) -> Option<Self> {
        let mut unescaped = Self::with_room_for(self.bytes.len());
        let mut at = 0;
        while at < self.bytes.len() {
            let (length, byte) = escape(&self.bytes[at..]).unwrap_or((1, self.bytes[at]));
            unescaped.push(byte, self.source(at..at + length));
            at += length;
        }
        (unescaped.bytes.len() < self.bytes.len()).then_some(unescaped)
    }

    /// Decodes its words as hexadecimal and as base64. A word may be a part of the encoded text, so each position where a
    /// byte can begin is tried.
    pub(super) fn each_decoded(&self, mut found: impl FnMut(&Self)) {
        for word in self.words(|byte| byte.is_ascii_hexdigit()) {
            (0..2).for_each(|shift| found(&self.hexadecimal(word.start + shift..word.end)));
        }
        for word in self.words(|byte| sextet(byte).is_some()) {
            (0..4).for_each(|shift| found(&self.base64(word.start + shift..word.end)));
        }
    }

    /// Runs of such bytes that are long enough to be of interest.
    fn words(&self, is_part: impl Fn(u8) -> bool) -> impl Iterator<Item = Range<usize>> {
        let mut begin = 0;
        self.bytes.split(move |byte| !is_part(*byte)).filter_map(move |word| {
            let range = begin..begin + word.len();
            begin = range.end + 1;
            (word.len() >= 6).then_some(range)
        })
    }

    fn hexadecimal(&self, word: Range<usize>) -> Self {
        let mut decoded = Self::with_room_for(word.len() / 2);
        for at in word.clone().step_by(2).filter(|at| at + 1 < word.end) {
            if let Some(byte) = hex(&self.bytes[at..at + 2]) {
                decoded.push(byte as u8, self.source(at..at + 2));
            }
        }
        decoded
    }

    fn base64(&self, word: Range<usize>) -> Self {
        let mut decoded = Self::with_room_for(word.len());
        let sextets = self.bytes[word.clone()].iter().map(|byte| u32::from(sextet(*byte).unwrap_or_default()));
        let mut bits = 0;
        for (index, sextet) in sextets.enumerate() {
            bits = bits << 6 | sextet;
            let at = word.start + index;
            // Of four sextets each but the first completes a byte, which began in the one before.
            if index % 4 > 0 {
                decoded.push((bits >> (6 - 2 * (index % 4))) as u8, self.source(at - 1..at + 1));
            }
        }
        decoded
    }
}

/// Whether there is a word of so many digits of base64, which hexadecimal ones are too.
pub(super) fn has_word(text: &[u8], length: usize) -> bool {
    text.split(|byte| sextet(*byte).is_none()).any(|word| word.len() >= length)
}

/// The length of the escape at the start of the text, and the byte that it encodes.
fn escape(text: &[u8]) -> Option<(usize, u8)> {
    match text {
        [b'%', rest @ ..] => Some((3, ascii(hex(rest.get(..2)?)?))),
        [b'\\', b'u', rest @ ..] => Some((6, ascii(hex(rest.get(..4)?)?))),
        [b'\\', b'x', rest @ ..] => Some((4, ascii(hex(rest.get(..2)?)?))),
        [b'\\', short @ (b'"' | b'\\' | b'/' | b'\''), ..] => Some((2, *short)),
        [b'\\', b'b' | b'f' | b'n' | b'r' | b't', ..] => Some((2, b'\n')),
        [b'&', rest @ ..] => {
            let end = rest.iter().take(10).position(|byte| *byte == b';')?;
            Some((end + 2, entity(&rest[..end])?))
        }
        _ => None,
    }
}

fn entity(name: &[u8]) -> Option<u8> {
    let number = |digits: &[u8], radix| u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok().map(ascii);
    match name {
        [b'#', b'x' | b'X', digits @ ..] => number(digits, 16),
        [b'#', digits @ ..] => number(digits, 10),
        b"amp" => Some(b'&'),
        b"lt" => Some(b'<'),
        b"gt" => Some(b'>'),
        b"quot" => Some(b'"'),
        b"apos" => Some(b'\''),
        b"nbsp" => Some(b' '),
        _ => None,
    }
}

/// A secret is ASCII: of all else it is enough that it is something else.
fn ascii(code: u32) -> u8 {
    u8::try_from(code).ok().filter(u8::is_ascii).unwrap_or(u8::MAX)
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| Some(number << 4 | char::from(*digit).to_digit(16)?))
}

/// The value of a digit of base64, in either alphabet.
fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}
