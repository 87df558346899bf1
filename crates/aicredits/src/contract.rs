//! What every language has: the settings of a client and of a call, and the fields of an error, each in one table.
//! The tests hold the C header, the options of Go and the arguments of Python and the command against the tables.
//!
//! A message names a setting by its mark ([`Setting`] as text), and an optional part by [`optional`].
//! [`Surface::render`] puts the surface's own words there.

use std::fmt;

use crate::Error;
use crate::text::{MARKS, is_mark};

/// A row of the contract.
pub struct Row {
    /// Its name in Rust, C, C++ and Python, cased as the language expects. The other columns name it elsewhere.
    pub name: &'static str,
    /// The variable that an explicit `from_env` reads; empty where there is none.
    pub variable: &'static str,
    /// The option of the Go package.
    pub go: &'static str,
    /// The option of the command; empty where it has none.
    pub command: &'static str,
}

/// Whose vocabulary a message uses: the user's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Surface {
    /// The crate.
    #[default]
    Rust,
    /// The C header.
    C,
    /// The C++ header.
    Cpp,
    /// The Python package.
    Python,
    /// The Go package.
    Go,
    /// The command `aicredits`.
    Command,
}

impl Row {
    const fn new(name: &'static str) -> Self {
        Self { name, variable: "", go: "", command: "" }
    }

    const fn variable(self, variable: &'static str) -> Self {
        Self { variable, ..self }
    }

    const fn go(self, go: &'static str) -> Self {
        Self { go, ..self }
    }

    const fn command(self, command: &'static str) -> Self {
        Self { command, ..self }
    }

    /// Its name on this surface; `None` where the surface lacks it.
    pub const fn name_in(&self, surface: Surface) -> Option<&'static str> {
        let name = match surface {
            Surface::Rust | Surface::C | Surface::Cpp | Surface::Python => self.name,
            Surface::Go => self.go,
            Surface::Command => self.command,
        };
        if name.is_empty() { None } else { Some(name) }
    }
}

/// The settings of a client, in the order in which faults are reported.
pub const SETTINGS: &[Row] = &[
    Setting::ApiKey.row(),
    Setting::Authorization.row(),
    Setting::CredentialProvider.row(),
    Setting::Account.row(),
    Setting::Site.row(),
    Setting::Scope.row(),
    Setting::BaseUrl.row(),
    Setting::AllowInsecureHttp.row(),
    Setting::Timeout.row(),
    Setting::MaxReplyBytes.row(),
    Setting::MaxRetries.row(),
    Setting::MaxConcurrency.row(),
    Setting::CaFile.row(),
    Setting::CaPem.row(),
    Setting::Proxy.row(),
    Setting::ProxyFromEnv.row(),
    Setting::Name.row(),
];

/// The settings of a call, which replace those of its client.
pub const CALL_SETTINGS: &[Row] =
    &[Setting::CallAccount.row(), Setting::CallSite.row(), Setting::Scope.row(), Setting::CallTimeout.row()];

/// The fields of an error.
pub const ERROR_FIELDS: &[Row] = &[
    Row::new("kind"),
    Row::new("message"),
    Row::new("http_status"),
    Row::new("code"),
    Row::new("description"),
    Row::new("field_violations"),
    Row::new("scope"),
    Row::new("request_id"),
    Row::new("retry_after"),
    Row::new("attempts"),
];

/// A setting that works; errors name it through here alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    ApiKey,
    Authorization,
    CredentialProvider,
    Account,
    Site,
    Scope,
    BaseUrl,
    AllowInsecureHttp,
    Timeout,
    MaxReplyBytes,
    MaxRetries,
    MaxConcurrency,
    CaFile,
    CaPem,
    Proxy,
    ProxyFromEnv,
    Name,
    /// Those of a call.
    CallAccount,
    CallSite,
    CallTimeout,
    /// Has other settings read from variables, and is none itself.
    FromEnv,
}

impl Setting {
    /// By its mark.
    const ALL: [Self; 21] = [
        Self::ApiKey,
        Self::Authorization,
        Self::CredentialProvider,
        Self::Account,
        Self::Site,
        Self::Scope,
        Self::BaseUrl,
        Self::AllowInsecureHttp,
        Self::Timeout,
        Self::MaxReplyBytes,
        Self::MaxRetries,
        Self::MaxConcurrency,
        Self::CaFile,
        Self::CaPem,
        Self::Proxy,
        Self::ProxyFromEnv,
        Self::Name,
        Self::CallAccount,
        Self::CallSite,
        Self::CallTimeout,
        Self::FromEnv,
    ];

    /// Of the account and of the site, as a client has them, and as a call has them.
    pub(crate) const IDS: [Self; 2] = [Self::Account, Self::Site];
    pub(crate) const CALL_IDS: [Self; 2] = [Self::CallAccount, Self::CallSite];

    const fn row(self) -> Row {
        let row = Row::new;
        match self {
            // A user of the command sets one of two, which the message cannot tell apart.
            Self::ApiKey => row("api_key").variable("WIX_API_KEY").go("WithAPIKey").command("the API key"),
            Self::Authorization => row("authorization").go("WithAuthorization"),
            Self::CredentialProvider => row("credential_provider").go("WithCredentialProvider"),
            Self::Account => row("account_id").variable("WIX_ACCOUNT_ID").go("WithAccount").command("--account"),
            Self::Site => row("site_id").variable("WIX_SITE_ID").go("WithSite").command("--site"),
            Self::Scope => row("scope").go("scope").command("scope"),
            Self::BaseUrl => row("base_url").variable("AICREDITS_BASE_URL").go("WithBaseURL").command("--base-url"),
            Self::AllowInsecureHttp => row("allow_insecure_http").go("WithAllowInsecureHTTP"),
            Self::Timeout => row("timeout").go("WithTimeout").command("--timeout"),
            Self::MaxReplyBytes => row("max_reply_bytes").go("WithMaxReplyBytes"),
            Self::MaxRetries => row("max_retries").go("WithMaxRetries").command("--max-retries"),
            Self::MaxConcurrency => row("max_concurrency").go("WithMaxConcurrency"),
            Self::CaFile => row("ca_file").go("WithCAFile").command("--ca-file"),
            Self::CaPem => row("ca_pem").go("WithCAPEM"),
            Self::Proxy => row("proxy").go("WithProxy").command("--proxy"),
            // The command always reads it, so it has no option; the variable follows.
            Self::ProxyFromEnv => row("proxy_from_env").go("WithProxyFromEnv").command("the proxy"),
            Self::Name => row("name").go("WithName"),
            Self::CallAccount => row("account_id").go("ForAccount").command("--account"),
            Self::CallSite => row("site_id").go("ForSite").command("--site"),
            Self::CallTimeout => row("timeout").go("WithCallTimeout").command("--timeout"),
            Self::FromEnv => row("from_env").go("FromEnv"),
        }
    }

    /// The environment variable; empty where the setting has none.
    pub(crate) const fn variable(self) -> &'static str {
        self.row().variable
    }

    pub(crate) fn error(self, fault: impl fmt::Display) -> Error {
        Error::invalid_argument(self, fault)
    }
}

/// A setting's mark, its canonical name and [`END`] stand for the setting in a message.
const FIRST_MARK: u32 = *MARKS.start() as u32;
/// Behind a setting's name.
const END: char = '\u{fded}';
/// Around an optional part.
const OPEN: char = '\u{fdee}';
const CLOSE: char = '\u{fdef}';

const _: () = assert!(FIRST_MARK + (Setting::ALL.len() as u32) <= END as u32);

/// Its mark and its canonical name, for a message that [`Surface::render`] completes.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.row().name;
        match char::from_u32(FIRST_MARK + *self as u32) {
            Some(mark) => write!(f, "{mark}{name}{END}"),
            None => f.write_str(name),
        }
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
                mark if is_mark(mark) => {
                    characters.by_ref().take_while(|character| *character != END).for_each(drop);
                    let setting = Setting::ALL.get((u32::from(mark) - FIRST_MARK) as usize);
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

impl Error {
    /// Names settings as this surface does. What is added to the message later is the same on every surface.
    pub(crate) fn worded_for(self, surface: Surface) -> Self {
        self.reworded(|marked| surface.render(marked))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_becomes_the_surfaces_own_word() {
        for (place, setting) in Setting::ALL.into_iter().enumerate() {
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
