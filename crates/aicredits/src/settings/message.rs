//! Messages that name settings in the user's vocabulary.
//!
//! A message names a setting by its mark ([`Setting`] as text), and an optional part by [`optional`].
//! [`Surface::render`] replaces them by the surface's own words.

use std::fmt;

use super::surface::Surface;
use super::table::Setting;
use crate::error::Error;
use crate::text::{MARKS, is_mark};

/// In a message a setting is its mark, its canonical name and [`END`]. A mark is the setting's number as two digits of
/// base 16, each one a noncharacter.
const FIRST_DIGIT: u32 = *MARKS.start() as u32;
const BASE: u32 = 16;
/// Behind a setting's name.
const END: char = '\u{fded}';
/// Around an optional part.
const OPEN: char = '\u{fdee}';
const CLOSE: char = '\u{fdef}';

const _: () = assert!(FIRST_DIGIT + BASE <= END as u32 && Setting::ALL.len() as u32 <= BASE * BASE);

fn digit(value: u32) -> char {
    char::from_u32(FIRST_DIGIT + value).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn value(digit: char) -> u32 {
    u32::from(digit) - FIRST_DIGIT
}

/// Its mark and its canonical name, for a message that [`Surface::render`] completes.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = *self as u32;
        write!(f, "{}{}{}{END}", digit(number / BASE), digit(number % BASE), self.row().name)
    }
}

/// A part of a message that is left out where the surface lacks a setting that it names. Parts do not nest.
pub(crate) fn optional(part: impl fmt::Display) -> String {
    format!("{OPEN}{part}{CLOSE}")
}

impl Surface {
    /// A message with this surface's words for its marks.
    pub(crate) fn render(self, marked: &str) -> String {
        let mut out = String::with_capacity(marked.len() + 16);
        // Where an optional part begins, until it is over or was left out.
        let mut part = None;
        let mut is_left_out = false;
        let mut characters = marked.chars();
        while let Some(character) = characters.next() {
            match character {
                OPEN => part = Some(out.len()),
                CLOSE => {
                    let begin = part.take().unwrap_or(out.len());
                    if std::mem::take(&mut is_left_out) {
                        out.truncate(begin);
                    }
                }
                END => {}
                first if is_mark(first) => {
                    let second = characters.next().filter(|second| is_mark(*second));
                    characters.by_ref().take_while(|character| *character != END).for_each(drop);
                    let number = second.map(|second| value(first) * BASE + value(second));
                    let setting = number.and_then(|number| Setting::ALL.get(number as usize));
                    let Some(row) = setting.map(|setting| setting.row()) else { continue };
                    match row.name_in(self) {
                        None if part.is_some() => is_left_out = true,
                        name => out.push_str(name.unwrap_or(row.name)),
                    }
                }
                other => out.push(other),
            }
        }
        out
    }
}

impl Setting {
    /// This setting is wrong or missing; `fault` says how, and follows its name.
    pub(crate) fn error(self, fault: impl fmt::Display) -> Error {
        Error::invalid_argument(self, fault).with_setting(self.row().name)
    }
}

impl Error {
    /// Names settings as this surface does. Later additions to the message are the same on every surface.
    pub(crate) fn worded_for(self, surface: Surface) -> Self {
        self.reworded(|marked| surface.render(marked))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_becomes_the_surfaces_own_word() {
        for (place, setting) in Setting::ALL.iter().copied().enumerate() {
            assert_eq!(place, setting as usize, "{setting:?} is not in its place");
            let name = setting.row().name;
            assert_eq!(Surface::Rust.render(&format!("set {setting}!")), format!("set {name}!"));
        }
        assert_eq!(
            Surface::Go.render(&format!("{} é {}", Setting::CaFile, Setting::CallTimeout)),
            "WithCAFile é WithCallTimeout"
        );
    }

    #[test]
    fn an_optional_part_needs_all_of_its_settings() {
        let marked = format!(
            "use https{}; set {}{}.",
            optional(format_args!(", or {}", Setting::AllowInsecureHttp)),
            Setting::CaFile,
            optional(format_args!(", {} or {}", Setting::CaPem, Setting::BaseUrl)),
        );
        for (surface, expected) in [
            (Surface::Python, "use https, or allow_insecure_http; set ca_file, ca_pem or base_url."),
            (Surface::Go, "use https, or WithAllowInsecureHTTP; set WithCAFile, WithCAPEM or WithBaseURL."),
            (Surface::Command, "use https; set --ca-file."),
        ] {
            assert_eq!(surface.render(&marked), expected);
        }
    }
}
