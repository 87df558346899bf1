//! The description of the C API that `cargo xtask generate` makes from the header: cases made from it include functions
//! that are added later.

use std::fs;

use serde::Deserialize;

/// `include/aicredits.api.json`.
#[derive(Debug, Deserialize)]
pub struct Api {
    /// Every function.
    pub functions: Vec<Function>,
    /// Every struct with known fields.
    pub structs: Vec<Struct>,
    /// Every macro with an integer value, except those of the version.
    pub constants: Vec<Constant>,
    /// Every type of a pointer to a function.
    pub callbacks: Vec<Callback>,
}

/// A declared function.
#[derive(Debug, Deserialize)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its subject: `balance` for `aicredits_balance_free`.
    pub noun: String,
    /// The type of its result.
    pub returns: String,
    /// Whether the compiler warns when the result is ignored.
    pub nodiscard: bool,
    /// Whether it may block.
    pub blocks: bool,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
}

/// A parameter of a function.
#[derive(Debug, Deserialize, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its type, with a single blank between its words and before its asterisks.
    #[serde(rename = "type")]
    pub of_type: String,
    /// Whether it is a pointer through which the function only reads.
    #[serde(rename = "const")]
    pub is_const: bool,
}

/// A struct with known fields.
#[derive(Debug, Deserialize)]
pub struct Struct {
    /// Its name.
    pub name: String,
    /// In bytes.
    pub size: i64,
    /// In bytes.
    pub alignment: i64,
    /// Its fields.
    pub fields: Vec<Field>,
}

/// A field of a struct.
#[derive(Debug, Deserialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// In bytes.
    pub offset: i64,
}

/// A macro with an integer value.
#[derive(Debug, Deserialize)]
pub struct Constant {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: i64,
}

/// A type of a pointer to a function.
#[derive(Debug, Deserialize)]
pub struct Callback {
    /// Its name.
    pub name: String,
}

impl Api {
    /// Reads the committed file of the client's library, which CI compares with the header.
    pub fn read() -> Self {
        Self::read_of(crate::CLIENT)
    }

    /// The same of this library.
    pub fn read_of(library: &str) -> Self {
        let file = crate::root().join(format!("include/{library}.api.json"));
        let text = fs::read_to_string(file).expect("it is committed");
        serde_json::from_str(&text).expect("it is a description of the API")
    }

    /// Whether NULL can be passed for a parameter.
    pub fn is_pointer(&self, parameter: &Parameter) -> bool {
        let is_callback = self.callbacks.iter().any(|callback| callback.name == parameter.of_type);
        parameter.of_type.ends_with('*') || is_callback
    }
}
