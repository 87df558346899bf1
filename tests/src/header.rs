//! What the header declares, as data: what is tested for every function is tested for those that come later, too.

use std::fs;

/// The functions, structs and constants of a C header.
#[derive(Debug, Default)]
pub struct Header {
    /// Every function, in its order.
    pub functions: Vec<Function>,
    /// Every struct whose fields are told.
    pub structs: Vec<Struct>,
    /// Every macro that stands for a number, the version's apart.
    pub constants: Vec<String>,
    /// Every type of a pointer to a function.
    pub callbacks: Vec<String>,
}

/// A function that is declared.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The type that it returns.
    pub returns: String,
    /// What it is given.
    pub parameters: Vec<Parameter>,
}

/// A parameter of a function.
#[derive(Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its type, with a single blank between its words and before its asterisks.
    pub of_type: String,
}

/// A struct, with its fields.
#[derive(Debug, PartialEq, Eq)]
pub struct Struct {
    /// Its name.
    pub name: String,
    /// The names of its fields, in their order.
    pub fields: Vec<String>,
}

impl Header {
    /// `aicredits.h` as it stands in `target/dist`.
    pub fn of_the_library() -> Self {
        Self::parse(&fs::read_to_string(crate::dist().join("include/aicredits.h")).expect("the header is built"))
    }

    /// Reads a header as cbindgen writes it.
    pub fn parse(text: &str) -> Self {
        let (directives, code): (Vec<_>, Vec<_>) =
            without_comments(text).lines().map(str::to_owned).partition(|line| line.starts_with('#'));
        let mut header =
            Self { constants: directives.iter().filter_map(|line| constant(line)).collect(), ..Self::default() };
        for statement in statements(&code.join("\n").replace("AICREDITS_NODISCARD", "")) {
            match statement.strip_prefix("typedef ") {
                None => header.functions.extend(function(&statement)),
                Some(definition) if definition.contains('{') => header.structs.push(structure(definition)),
                Some(definition) => header.callbacks.extend(callback(definition)),
            }
        }
        header
    }

    /// Whether NULL can be passed for a parameter.
    pub fn is_pointer(&self, parameter: &Parameter) -> bool {
        parameter.of_type.ends_with('*') || self.callbacks.contains(&parameter.of_type)
    }
}

fn without_comments(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("/*") {
        code += before;
        rest = comment.split_once("*/").expect("a comment ends").1;
    }
    code += rest;
    code.lines().map(|line| line.split("//").next().unwrap_or_default().to_owned() + "\n").collect()
}

fn constant(directive: &str) -> Option<String> {
    let (name, value) = directive.strip_prefix("#define ")?.split_once(' ')?;
    let is_version = name.starts_with("AICREDITS_VERSION");
    (!is_version && value.trim().parse::<i64>().is_ok()).then(|| name.to_owned())
}

/// What a semicolon ends, outside of braces; blanks within are single ones.
fn statements(code: &str) -> Vec<String> {
    let code = code.replace("extern \"C\" {", "");
    let mut statements = vec![String::new()];
    let mut depth = 0;
    for character in code.chars() {
        match character {
            // C++'s brace around everything has lost its other half above.
            '}' if depth == 0 => continue,
            ';' if depth == 0 => {
                statements.push(String::new());
                continue;
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        statements.last_mut().expect("it begins with one").push(character);
    }
    let words = |statement: &String| statement.split_whitespace().collect::<Vec<_>>().join(" ");
    statements.iter().map(words).filter(|statement| !statement.is_empty()).collect()
}

fn function(statement: &str) -> Option<Function> {
    let (before, parameters) = statement.strip_suffix(')')?.split_once('(')?;
    let Parameter { name, of_type: returns } = parameter(before);
    let parameters = parameters.split(',').map(str::trim).filter(|text| *text != "void").map(parameter).collect();
    Some(Function { name, returns, parameters })
}

/// A type and, last, the name that has it.
fn parameter(text: &str) -> Parameter {
    let start = text.rfind([' ', '*']).map_or(0, |at| at + 1);
    Parameter { name: text[start..].to_owned(), of_type: text[..start].trim().to_owned() }
}

fn structure(definition: &str) -> Struct {
    let (_, rest) = definition.split_once('{').expect("it has fields");
    let (fields, name) = rest.rsplit_once('}').expect("they end");
    let field = |text: &str| parameter(text.split('[').next().unwrap_or_default().trim()).name;
    let fields = fields.split(';').map(str::trim).filter(|text| !text.is_empty()).map(field).collect();
    Struct { name: name.trim().to_owned(), fields }
}

fn callback(definition: &str) -> Option<String> {
    let (_, rest) = definition.split_once("(*")?;
    Some(rest.split_once(')')?.0.to_owned())
}
