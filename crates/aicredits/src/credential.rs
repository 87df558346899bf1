use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use once_cell::race::OnceBox;
use zeroize::Zeroizing;

use crate::redact::Redactor;
use crate::settings::Setting;
use crate::{Error, ErrorKind, pasted, text};

/// The value of `Authorization`: checked, never shown, wiped when dropped.
pub(crate) struct Credential {
    value: Zeroizing<String>,
    /// Made when server text is first shown or kept. Threads that need it at once each make one, because a forked child
    /// would wait for ever for the one that another thread was making.
    redactor: OnceBox<Redactor>,
    /// An API key has no context, so it needs a scope.
    is_api_key: bool,
}

impl Credential {
    pub(crate) fn api_key(value: Zeroizing<String>) -> Result<Self, Error> {
        check(Setting::ApiKey, pasted::Kind::ApiKey, &value)?;
        Ok(Self::new(value, true))
    }

    /// A whole header value. Unlike a key, it may contain blanks, as `Bearer …` does.
    pub(crate) fn raw(value: Zeroizing<String>) -> Result<Self, Error> {
        Self::header(Setting::Authorization, value)
    }

    fn header(setting: Setting, value: Zeroizing<String>) -> Result<Self, Error> {
        check(setting, pasted::Kind::Authorization, &value)?;
        Ok(Self::new(value, false))
    }

    fn new(value: Zeroizing<String>, is_api_key: bool) -> Self {
        Self { value, redactor: OnceBox::new(), is_api_key }
    }

    pub(crate) fn expose(&self) -> &str {
        &self.value
    }

    /// Redacts it in server text: a server may echo it.
    pub(crate) fn redactor(&self) -> &Redactor {
        self.redactor.get_or_init(|| Box::new(Redactor::new(secret_of(&self.value))))
    }

    /// Server text without the credential in it.
    pub(crate) fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.redactor().redact(text)
    }
}

/// The secret part: a whole key, or the text after the first word of a value such as `Bearer …`.
fn secret_of(value: &str) -> &str {
    value.split_once(' ').map_or(value, |(_, rest)| rest)
}

/// Where a call's credential comes from.
#[derive(Clone)]
pub(crate) enum CredentialSource {
    Fixed(Arc<Credential>),
    Provider(Arc<Provider>),
}

/// Returns the value of `Authorization`. Messages show the text of its error.
pub(crate) type Provider = dyn Fn() -> Result<String, Box<dyn std::error::Error + Send + Sync>> + Send + Sync;

impl CredentialSource {
    pub(crate) fn is_api_key(&self) -> bool {
        matches!(self, Self::Fixed(credential) if credential.is_api_key)
    }

    /// Whether user code provides the credential.
    pub(crate) fn is_provider(&self) -> bool {
        matches!(self, Self::Provider(_))
    }

    /// The credential of a call. A provider runs on the caller's thread, with no lock held.
    pub(crate) fn credential(&self) -> Result<Arc<Credential>, Error> {
        self.ask(None)
    }

    /// The message of a provider's failure is redacted: it may contain an earlier value or a new key.
    fn ask(&self, refused: Option<&Credential>) -> Result<Arc<Credential>, Error> {
        match self {
            Self::Fixed(credential) => Ok(Arc::clone(credential)),
            Self::Provider(provider) => {
                let refuse = |reason: String| {
                    Error::new(ErrorKind::Unauthorized, format!("the credential provider failed: {reason}"))
                };
                let value = provider().map_err(|error| {
                    let reason = pasted::without_keys(&error.to_string());
                    let reason = refused.map_or(Cow::Borrowed(&*reason), |refused| refused.redact(&reason));
                    refuse(text::escape_for_display(&reason))
                })?;
                let provided = Credential::header(Setting::CredentialProvider, Zeroizing::new(value));
                provided.map(Arc::new).map_err(|error| refuse(error.marked_message().to_owned()))
            }
        }
    }

    /// The credential for one more attempt after a 401: a provider may have a newer value than the refused one.
    pub(crate) fn newer_than(&self, refused: &Credential) -> Result<Option<Arc<Credential>>, Error> {
        match self {
            Self::Fixed(_) => Ok(None),
            Self::Provider(_) => Ok(Some(self.ask(Some(refused))?).filter(|newer| newer.value != refused.value)),
        }
    }
}

impl fmt::Debug for CredentialSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fixed(_) => "[redacted]",
            Self::Provider(_) => "[provider]",
        })
    }
}

fn check(setting: Setting, kind: pasted::Kind, value: &str) -> Result<(), Error> {
    pasted::fault(kind, value, setting.kind().max_bytes()).map_or(Ok(()), |fault| Err(setting.error(fault)))
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
            let error = key(value).err().unwrap();
            let shown = format!("{error} {error:?}");
            assert!(shown.contains("api_key") && !shown.contains("canary"), "{shown}");
        }
        assert!(key(&"x".repeat(4097)).err().unwrap().to_string().contains("4096"));
        assert!(key(&"x".repeat(4096)).is_ok());
        let source = CredentialSource::Fixed(Arc::new(key("IST.canary").unwrap()));
        assert_eq!(format!("{source:?}"), "[redacted]");
    }

    #[test]
    fn a_raw_value_may_hold_blanks_within() {
        let raw = |value: &str| Credential::raw(Zeroizing::new(value.to_owned()));
        assert_eq!(raw("Bearer canary").unwrap().expose(), "Bearer canary");
        for value in ["", " Bearer x", "Bearer ", "Bearer\tx", "Bearer x\n"] {
            assert!(raw(value).err().unwrap().to_string().contains("authorization"), "{value:?}");
        }
    }

    #[test]
    fn an_echoed_key_is_taken_out() {
        let text = "no such key: IST.canary (IST.canary)";
        assert_eq!(key("IST.canary").unwrap().redact(text), "no such key: [redacted] ([redacted])");

        let raw = Credential::raw(Zeroizing::new("Signed id=canary  sum=yranac".to_owned())).unwrap();
        let text = "no Signed id=canary, nor sum=yranac";
        assert_eq!(raw.redact(text), "no Signed [redacted], nor [redacted]");
    }

    #[test]
    fn no_part_of_an_echoed_credential_stays() {
        let many = format!("x{}", " e".repeat(2000));
        for (value, text, shown) in [
            ("Bearer x", "x Bearer x", "[redacted] Bearer [redacted]"),
            ("Bearer ec", "rejected", "rej[redacted]ted"),
            ("Signature key = c2VjcmV0=", "<Signature key = c2VjcmV0=>", "<Signature [redacted]>"),
            ("Signature key = c2VjcmV0=", "no key = here, c2VjcmV0=", "no key = here, [redacted]"),
            ("MAC v1 SECRETv1CANARY", "MAC SECRETv1CANARY v1", "MAC [redacted] v1"),
            // One within another, and one that ends within another.
            ("T abcd xxabcdxx", "xxabcdxx abcd", "[redacted] [redacted]"),
            ("T abcd cdef", "abcdef", "[redacted]"),
            // As JSON has it within a text, as HTML has it, and in parts.
            (r#"S id="canary-id",sig="YRANAC==""#, r#"S id=\"canary-id\",sig=\"YRANAC==\""#, "S [redacted]"),
            (r#"S id="canary-id",sig="YRANAC==""#, "S id=&quot;canary-id&quot;", "S [redacted]"),
            (r#"S id="canary-id",sig="YRANAC==""#, r#"bad YRANAC=="#, "bad [redacted]"),
            (r#"S a"\b"#, r#"a\"\\b a"\b"#, "[redacted] [redacted]"),
            (many.as_str(), "eee e e", "eee e e"),
        ] {
            let raw = Credential::raw(Zeroizing::new(value.to_owned())).unwrap();
            assert_eq!(raw.redact(text), shown, "{value}");
            assert_eq!(raw.redact(&format!("ü{text}ü")), format!("ü{shown}ü"), "{value}");
        }
    }
}
