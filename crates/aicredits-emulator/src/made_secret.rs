//! The secrets that the emulator makes: they are recognised at once, by people and by the scanners of repositories.
//!
//! Their words are common, so a client may send some of them with no leak: `User-Agent: my-emulator-example`. Each secret
//! therefore has a part that nobody writes by accident.

use std::ops::Range;

const PREFIX: &str = "IST.emulator-";
const SUFFIX: &str = "-not-a-secret";
/// The digits of the digest of a name.
const DIGITS: usize = 16;

/// The secret of a key of this name. `number`: 1, or more if the earlier ones are taken.
pub(crate) fn make(name: &str, number: u64) -> String {
    let fits = |character: char| if character.is_ascii_alphanumeric() { character } else { '-' };
    let word: String = name.chars().map(fits).collect();
    let digest = digest(&format!("{number} {name}"));
    format!("{PREFIX}{word}-{digest:0DIGITS$x}{SUFFIX}")
}

/// FNV-1a, because the secret must be the same in each process.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The part of a secret that nobody writes by accident: all of it, unless the emulator made it.
pub(crate) fn distinctive(secret: &[u8]) -> Range<usize> {
    let start = secret.windows(PREFIX.len()).position(|part| part == PREFIX.as_bytes());
    let Some(start) = start.filter(|_| secret.ends_with(SUFFIX.as_bytes())) else { return 0..secret.len() };
    let (start, end) = (start + PREFIX.len(), secret.len() - SUFFIX.len());
    let Some(inner) = secret.get(start..end) else { return 0..secret.len() };
    let is_digit = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    match inner.split_last_chunk::<DIGITS>() {
        Some(([.., b'-'], digits)) if digits.iter().all(is_digit) => end - DIGITS..end,
        _ => start..end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_always_the_same_and_has_a_digest() {
        assert_eq!(make("one", 1), "IST.emulator-one-34ff64fb91523028-not-a-secret");
        let secret = make("sch l\u{fc}ssel", 2);
        assert!(secret.starts_with("IST.emulator-sch-l-ssel-"), "{secret}");
        assert_ne!(make("a b", 1), make("a-b", 1));
        assert_ne!(make("a", 1), make("a", 2));
    }

    #[test]
    fn the_words_that_everyone_uses_are_not_distinctive() {
        let part = |secret: &str| secret[distinctive(secret.as_bytes())].to_owned();
        assert_eq!(part("IST.emulator-example-api-key-not-a-secret"), "example-api-key");
        assert_eq!(part("IST.emulator-second-account-0123456789abcdef-not-a-secret"), "0123456789abcdef");
        assert_eq!(part("Bearer IST.emulator-x-not-a-secret"), "x");
        for whole in ["IST.eyJhbGciOiJSUzI1NiJ9", "IST.emulator-x", "x-not-a-secret", "IST.emulator-not-a-secret", ""] {
            assert_eq!(part(whole), whole);
        }
    }
}
