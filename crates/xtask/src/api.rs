//! A description of the C API that programs can read, made from the generated header.
//!
//! The header is parsed here and nowhere else. Tests and bindings read `include/aicredits.api.json`.

mod json;
mod layout;
mod parse;

/// The declarations of one header, each list in the header's order.
#[derive(Debug, Default)]
pub(crate) struct Api {
    /// Opaque structs.
    pub(crate) handles: Vec<String>,
    /// Other names of integer types.
    pub(crate) aliases: Vec<Alias>,
    /// Types of pointers to functions.
    pub(crate) callbacks: Vec<Function>,
    pub(crate) structs: Vec<Struct>,
    /// Macros with an integer value, except those of the version.
    pub(crate) constants: Vec<Constant>,
    pub(crate) functions: Vec<Function>,
}

#[derive(Debug)]
pub(crate) struct Alias {
    pub(crate) name: String,
    /// The integer type.
    pub(crate) of: String,
}

/// A declared function, or the type of a callback.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// Its subject: `balance` for `aicredits_balance_free`.
    pub(crate) noun: String,
    pub(crate) returns: String,
    /// Whether the compiler warns when the result is ignored.
    pub(crate) nodiscard: bool,
    /// Whether its comment says that it may block. A callback's comment does not say.
    pub(crate) blocks: Option<bool>,
    pub(crate) parameters: Vec<Parameter>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    /// One blank between words and before the asterisks: `const char *const *`.
    pub(crate) of_type: String,
}

#[derive(Debug)]
pub(crate) struct Struct {
    pub(crate) name: String,
    pub(crate) size: usize,
    pub(crate) alignment: usize,
    pub(crate) fields: Vec<Field>,
}

#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) of_type: String,
    /// The length of an array; 1 otherwise.
    pub(crate) count: usize,
    /// In bytes, where pointers have 64 bits.
    pub(crate) offset: usize,
}

#[derive(Debug)]
pub(crate) struct Constant {
    pub(crate) name: String,
    pub(crate) value: i64,
}

impl Parameter {
    /// Whether it is a pointer through which the function only reads.
    fn is_const(&self) -> bool {
        self.of_type.strip_suffix('*').map(str::trim_end).is_some_and(|pointee| {
            pointee.ends_with("const") || (pointee.starts_with("const ") && !pointee.contains('*'))
        })
    }
}
