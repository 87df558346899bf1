//! An argument that is wrong.

/// Which argument is wrong, and why: "`name` is NULL".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArgumentFault {
    /// The parameter's name in the header.
    pub name: &'static str,
    /// A phrase that follows the name.
    pub fault: &'static str,
}

impl ArgumentFault {
    /// The fault of a NULL that is not allowed.
    pub const fn is_null(name: &'static str) -> Self {
        Self { name, fault: "is NULL" }
    }
}

impl std::fmt::Display for ArgumentFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name, self.fault)
    }
}
