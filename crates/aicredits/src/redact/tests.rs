use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};

use super::*;

const KEY: &str = "IST.Zm9vYmFy-canary_7f3a91c0";

fn redacted(secret: &str, text: &str) -> String {
    Redactor::new(secret).redact(text).into_owned()
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

fn usual_percent(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn hexadecimal(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

fn json(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Every form in which a server may send back what it was sent.
fn forms(text: &str) -> Vec<String> {
    vec![
        text.to_owned(),
        text.to_uppercase(),
        text.to_lowercase(),
        json(text),
        json(&json(text)),
        text.chars().map(|character| format!("\\u{:04X}", u32::from(character))).collect(),
        text.bytes().map(|byte| format!("\\x{byte:02x}")).collect(),
        percent(text),
        percent(text).to_uppercase(),
        percent(&percent(text)),
        usual_percent(text),
        usual_percent(&usual_percent(text)),
        usual_percent(text).replace("%20", "+"),
        html(text),
        text.bytes().map(|byte| format!("&#{byte};")).collect(),
        text.bytes().map(|byte| format!("&#x{byte:X};")).collect(),
        html(&json(text)),
        json(&html(&usual_percent(text))),
        hexadecimal(text),
        hexadecimal(text).to_uppercase(),
        BASE64_STANDARD.encode(text),
        BASE64_STANDARD_NO_PAD.encode(text),
        BASE64_URL_SAFE_NO_PAD.encode(text),
        BASE64_STANDARD.encode(format!("u:{text}")),
        BASE64_STANDARD.encode(format!("user:{text}:")),
        usual_percent(&BASE64_STANDARD.encode(format!("x{text}"))),
        usual_percent(&hexadecimal(text)),
    ]
}

/// The shown text with all encodings decoded, so that a test needs no separate search for encodings.
fn readings(shown: &str) -> Vec<Vec<u8>> {
    let mut view = View::of(shown.as_bytes(), 0..shown.len());
    let mut readings = Vec::new();
    loop {
        readings.push(view.bytes().to_ascii_lowercase());
        view.each_decoded(|decoded| readings.push(decoded.bytes().to_ascii_lowercase()));
        match view.unescaped() {
            Some(unescaped) => view = unescaped,
            None => return readings,
        }
    }
}

fn assert_hides(secret: &str, text: &str) {
    let shown = redacted(secret, text);
    let lower = secret.to_ascii_lowercase();
    for reading in readings(&shown) {
        for run in lower.as_bytes().windows(RUN) {
            assert!(!reading.windows(RUN).any(|bytes| bytes == run), "{secret:?}\n{text}\n{shown}");
        }
    }
    assert!(shown.contains("[redacted]"), "{secret:?}\n{text}\n{shown}");
}

#[test]
fn a_secret_is_hidden_in_every_form_whole_and_cut() {
    for secret in [KEY, r#"IST."canary-7f3a91c0"\a/b<&>'"#, "key = a b+c/canary7f3a==", "1234567890123456"] {
        for (begin, end) in [(0, 0), (0, 2), (3, 0), (1, 1), (4, 3)] {
            let part = &secret[begin..secret.len() - end];
            for form in forms(part) {
                for text in [form.clone(), format!("no such key: {form}."), format!("é\"{form}\" {form}")] {
                    assert_hides(secret, &text);
                }
            }
        }
    }
}

/// A fixed generator, so that each run tries the same texts.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

#[test]
fn no_run_of_a_random_secret_stays() {
    let mut random = Random(1);
    for round in 0..80 {
        let length = RUN + random.below(if round % 10 == 0 { 700 } else { 40 });
        let secret: String = (0..length).map(|_| char::from(b'!' + random.below(94) as u8)).collect();
        let begin = random.below(length - RUN + 1);
        let end = begin + RUN + random.below(length - begin - RUN + 1);
        for form in forms(&secret[begin..end]) {
            assert_hides(&secret, &format!("before {form} after"));
            // As a text that was encoded with others around it, and cut anywhere.
            let cut = random.below(4);
            let cut = form.char_indices().nth(cut).map_or(0, |(at, _)| at);
            let shown = redacted(&secret, &form[cut..]);
            for reading in readings(&shown) {
                for run in secret.to_ascii_lowercase().as_bytes().windows(RUN) {
                    assert!(!reading.windows(RUN).any(|bytes| bytes == run), "{secret:?}\n{form}\n{shown}");
                }
            }
        }
    }
}

#[test]
fn text_without_the_secret_stays() {
    for text in [
        "",
        "d7a341c4-196b-46e7-813c-2b0fc1847ec6",
        "1755591144.0791725973104222",
        "no account has this id: 100% sure, \\ & all",
        "SGVsbG8gd29ybGQsIHRoaXMgaXMgYmFzZTY0",
        "48656c6c6f20776f726c642068657861",
        "canary_ and 7f3a91c and IST.Zm9",
        "&#xffffffff; %zz \\uZZZZ %",
        "\\u00e9 é 信用",
    ] {
        assert!(matches!(Redactor::new(KEY).redact(text), Cow::Borrowed(_)), "{text}");
    }
    assert_eq!(redacted(KEY, "a canary_7f3a91c0 b"), "a [redacted] b");
    assert_eq!(redacted(KEY, "é: IST.Zm9v 信 FY-CANARY."), "é: [redacted] 信 [redacted].");
}

#[test]
fn codes_stay_readable() {
    let secret = "IST.PERMISSION_DENIED.MISSING_METASITE_ID.x";
    for code in CODES {
        assert_eq!(redacted(secret, code), code);
        assert_eq!(redacted(secret, &format!("[{code}]: no")), format!("[{code}]: no"));
    }
    // As a part of a longer word it is no code.
    assert_eq!(redacted(secret, "xPERMISSION_DENIEDx"), "x[redacted]x");
}

#[test]
fn the_header_of_a_token_is_no_secret() {
    let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ";
    let shown = "got eyJhbGciOiJIUzI1NiJ9[redacted]";
    assert_eq!(redacted(token, &format!("got {token}")), shown);
    assert_eq!(redacted(&format!("IST.{token}"), &format!("got {token}")), shown);
    // With one segment it is none.
    assert_eq!(redacted("eyJhbGciOiJIUzI1NiJ9", "eyJhbGciOiJIUzI1NiJ9"), "[redacted]");
}

#[test]
fn a_short_secret_is_hidden_whole() {
    assert_eq!(redacted("s3cret", "no S3CRET, nor s3cre"), "no [redacted], nor s3cre");
    assert_eq!(
        redacted("s3cret", &format!("{} {}", percent("s3cret"), hexadecimal("s3cret"))),
        "[redacted] [redacted]"
    );
    assert_eq!(redacted("user abcd", "abcd user"), "[redacted] [redacted]");
}

#[test]
fn a_long_text_is_searched_to_its_end() {
    for at in [STEP - 20, STEP - 1, STEP, 3 * STEP - 5, 200_000] {
        let text = format!("{}{}{}", ".".repeat(at), percent(&percent(KEY)), ".".repeat(100));
        assert_eq!(redacted(KEY, &text), format!("{}[redacted]{}", ".".repeat(at), ".".repeat(100)), "{at}");
    }
}

#[test]
fn bytes_to_be_logged_lose_it_in_place() {
    let mut head = format!("X-Echo: {KEY}\r\nX-Cut: {}\r\n\r\n", &KEY[5..20]).into_bytes();
    Redactor::new(KEY).strike_out(&mut head);
    let stars = |count| "*".repeat(count);
    assert_eq!(
        String::from_utf8(head).unwrap(),
        format!("X-Echo: {}\r\nX-Cut: {}\r\n\r\n", stars(KEY.len()), stars(15))
    );
}
