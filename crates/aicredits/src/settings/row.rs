//! One row of the table of settings.

use super::kind::Kind;
use super::surface::Surface;

/// One setting.
#[derive(Debug)]
pub struct Row {
    /// Its name in Rust, C, C++ and Python, cased as the language expects. Programs read it from an error. The other
    /// columns hold the names elsewhere.
    pub name: &'static str,
    /// The variable that an explicit `from_env` reads; empty if there is none.
    pub variable: &'static str,
    /// The option of the Go package.
    pub go: &'static str,
    /// The option of the command; empty if it has none.
    pub command: &'static str,
    /// The value that it takes.
    pub kind: Kind,
    /// The name of the first setting of those that replace each other, such as `ca_file` for `ca_pem`.
    pub replaces: &'static str,
    /// Its description, as a noun phrase: "the total time of a call". Code is between backticks, and another setting between
    /// braces.
    pub summary: &'static str,
    /// More sentences for a reference manual. Empty if there are none.
    pub details: &'static str,
}

impl Row {
    pub(super) const NONE: Self = Self {
        name: "",
        variable: "",
        go: "",
        command: "",
        kind: Kind::Special,
        replaces: "",
        summary: "",
        details: "",
    };

    /// Its name on this surface; `None` if the surface lacks it.
    pub const fn name_in(&self, surface: Surface) -> Option<&'static str> {
        let name = match surface {
            Surface::Rust | Surface::C | Surface::Cpp | Surface::Python => self.name,
            Surface::Go => self.go,
            Surface::Command => self.command,
        };
        if name.is_empty() { None } else { Some(name) }
    }
}
