//! The surfaces of the library: its languages and the command.

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
