use std::fmt;

use zeroize::Zeroizing;

use crate::Error;
use crate::contract::Setting;

/// Longest credential that is accepted. Wix's API keys have well under 1 KiB.
const MAX_CREDENTIAL_BYTES: usize = 4096;

/// What goes into `Authorization`: checked, never shown, wiped when dropped.
#[derive(Clone)]
pub(crate) struct Credential {
    value: Zeroizing<String>,
    /// An API key has no context of its own, so it needs a scope.
    is_api_key: bool,
}

impl Credential {
    pub(crate) fn api_key(value: Zeroizing<String>) -> Result<Self, Error> {
        check(Setting::ApiKey, &value, |byte| byte.is_ascii_graphic())?;
        Ok(Self { value, is_api_key: true })
    }

    /// A value of the caller's own making. Unlike a key it may hold blanks within, as `Bearer …` does.
    pub(crate) fn raw(value: Zeroizing<String>) -> Result<Self, Error> {
        check(Setting::Authorization, &value, |byte| byte.is_ascii_graphic() || byte == b' ')?;
        if value.starts_with(' ') || value.ends_with(' ') {
            return Err(Setting::Authorization.error("begins or ends with a blank"));
        }
        Ok(Self { value, is_api_key: false })
    }

    pub(crate) fn is_api_key(&self) -> bool {
        self.is_api_key
    }

    pub(crate) fn expose(&self) -> &str {
        &self.value
    }

    /// What must not be shown: the whole of a key; of a value such as `Bearer …`, each word but the first.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        let words = self.value.split(' ').filter(|word| !word.is_empty());
        words.skip(usize::from(self.value.contains(' ')))
    }

    /// Server text without the credential in it: a server that echoes what it was sent must not make us show it.
    pub(crate) fn redact(&self, text: String) -> String {
        self.secrets().fold(
            text,
            |text, secret| {
                if text.contains(secret) { text.replace(secret, "[redacted]") } else { text }
            },
        )
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// The fault is told by place and never by content.
fn check(setting: Setting, value: &str, allowed: impl Fn(u8) -> bool) -> Result<(), Error> {
    if value.is_empty() {
        return Err(setting.error("is empty"));
    }
    if value.len() > MAX_CREDENTIAL_BYTES {
        return Err(setting.error(format!("is longer than {MAX_CREDENTIAL_BYTES} bytes")));
    }
    match value.bytes().position(|byte| !allowed(byte)) {
        None => Ok(()),
        Some(at) if at + 1 == value.len() && value.ends_with('\n') => {
            Err(setting.error("ends with a line break: was it read from a file with its last line break?"))
        }
        Some(at) => {
            Err(setting.error(format!("has a character at byte {at} that it cannot have (only visible ASCII)")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(value: &str) -> Result<Credential, Error> {
        Credential::api_key(Zeroizing::new(value.to_owned()))
    }

    #[test]
    fn keys_that_would_break_a_header_are_refused_without_being_shown() {
        for value in [
            "",
            " IST.canary",
            "IST.canary ",
            "IST.can ary",
            "IST.canary\n",
            "IST.\tcanary",
            "IST.canaryü",
            "IST.canary\r\nX: y",
        ] {
            let error = key(value).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(shown.contains("api_key") && !shown.contains("canary"), "{shown}");
        }
        assert!(key(&"x".repeat(4097)).unwrap_err().to_string().contains("4096"));
        assert!(key(&"x".repeat(4096)).is_ok());
        assert_eq!(format!("{:?}", key("IST.canary").unwrap()), "[redacted]");
    }

    #[test]
    fn a_raw_value_may_hold_blanks_within() {
        let raw = |value: &str| Credential::raw(Zeroizing::new(value.to_owned()));
        assert_eq!(raw("Bearer canary").unwrap().expose(), "Bearer canary");
        for value in ["", " Bearer x", "Bearer ", "Bearer\tx", "Bearer x\n"] {
            assert!(raw(value).unwrap_err().to_string().contains("authorization"), "{value:?}");
        }
    }

    #[test]
    fn an_echoed_key_is_taken_out() {
        let text = "no such key: IST.canary (IST.canary)".to_owned();
        assert_eq!(key("IST.canary").unwrap().redact(text), "no such key: [redacted] ([redacted])");

        let raw = Credential::raw(Zeroizing::new("Signed id=canary  sum=yranac".to_owned())).unwrap();
        let text = "no Signed id=canary, nor sum=yranac".to_owned();
        assert_eq!(raw.redact(text), "no Signed [redacted], nor [redacted]");
    }
}
