//! An entry of the journal in two blocks of memory, in place of one for each text.
//!
//! The journal's texts are made in the threads of many connections, and freed by others. In 20 small blocks an entry they
//! scatter the heap, which then grows although the journal does not.

use crate::protocol::Entry;

/// An entry, packed.
#[derive(Debug)]
pub(crate) struct Packed {
    /// The entry without headers. Its texts are empty, except those that come with the reply.
    pub(super) entry: Entry,
    /// The texts in their order, then names and values of the headers. Each comes after its length.
    texts: Box<[u8]>,
}

impl Packed {
    pub(super) fn of(mut entry: Entry) -> Self {
        let headers = std::mem::take(&mut entry.headers);
        let of_headers = || headers.iter().flat_map(|(name, value)| [name, value]);
        let length = |text: &String| size_of::<u32>() + text.len();
        let all = texts(&mut entry).map(|text| length(text)).sum::<usize>() + of_headers().map(length).sum::<usize>();
        let mut packed = Vec::with_capacity(all);
        texts(&mut entry).for_each(|text| write(&mut packed, &std::mem::take(text)));
        of_headers().for_each(|text| write(&mut packed, text));
        Self { entry, texts: packed.into_boxed_slice() }
    }

    pub(crate) fn unpack(&self) -> Entry {
        let mut entry = self.entry.clone();
        let mut rest = &*self.texts;
        texts(&mut entry).for_each(|text| *text = read(&mut rest));
        while !rest.is_empty() {
            entry.headers.push((read(&mut rest), read(&mut rest)));
        }
        entry
    }

    /// The bytes that it holds.
    pub(super) fn bytes(&self) -> usize {
        let of_reply = [&self.entry.request_id, &self.entry.fault].map(|text| text.as_ref().map_or(0, String::len));
        size_of::<Self>() + self.texts.len() + of_reply.iter().sum::<usize>()
    }
}

/// The texts that are there when a request is written down.
fn texts(entry: &mut Entry) -> impl Iterator<Item = &mut String> {
    let Entry { date, method, target, version, body, key, account, site, .. } = entry;
    [date, method, target, version, body].into_iter().chain([key, account, site].into_iter().flatten())
}

fn write(packed: &mut Vec<u8>, text: &str) {
    let length = u32::try_from(text.len()).expect("a request is smaller than 4 GiB");
    packed.extend_from_slice(&length.to_ne_bytes());
    packed.extend_from_slice(text.as_bytes());
}

fn read(packed: &mut &[u8]) -> String {
    let (length, rest) = packed.split_first_chunk().expect("a length");
    let (text, rest) = rest.split_at(u32::from_ne_bytes(*length) as usize);
    *packed = rest;
    str::from_utf8(text).expect("it was a text").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_the_same_again() {
        let text = |text: &str| text.to_owned();
        let bare = Entry { n: 7, fault: Some(text("f1")), ..Entry::default() };
        let full = Entry {
            date: text("2026-06-24T00:00:00Z"),
            method: text("POST"),
            target: text("/a?\u{e9}"),
            version: text("1.1"),
            key: Some(text("example")),
            account: Some(String::new()),
            headers: vec![(text("host"), text("h")), (text("x"), String::new())],
            body: text("{\0}"),
            ..bare.clone()
        };
        for entry in [bare, full] {
            let packed = Packed::of(entry.clone());
            assert!(packed.bytes() > size_of::<Packed>() + entry.body.len());
            assert_eq!(packed.unpack(), entry);
        }
    }
}
