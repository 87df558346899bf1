//! Puts what cbindgen writes into the order of a manual.
//!
//! cbindgen writes all constants, then all types, then all functions. A reader wants a noun at a time: its type, its
//! constants, its functions. That is the order of the C layer's modules, so it is taken from there: first the handles,
//! which functions anywhere may name, then each module in the order of `lib.rs`, under the first line of its docs.

use std::fs;
use std::path::Path;

use crate::tool::Outcome;

/// A documented declaration.
struct Declaration {
    name: String,
    text: String,
}

impl Declaration {
    /// Whether it declares a struct and does not define it. Its comment may have braces.
    fn is_handle(&self) -> bool {
        let code = self.text.split_once("*/\n").map_or("", |(_, code)| code);
        code.starts_with("typedef struct") && !code.contains('{')
    }
}

/// A file of the C layer.
struct Module {
    title: String,
    source: String,
}

/// `header` as cbindgen wrote it from the crate at `layer`, in order.
pub(super) fn arrange(header: &str, layer: &Path) -> Outcome<String> {
    let modules = modules(layer)?;
    let (mut prologue, mut handles, mut epilogue) = (String::new(), String::new(), String::new());
    let mut placed = Vec::new();
    for block in header.split("\n\n").map(|block| block.trim_matches('\n')).filter(|block| !block.is_empty()) {
        let Some(declaration) = declaration(block) else {
            // The opening page is before the first declaration; the end of the header is behind the last one.
            let side = if placed.is_empty() && handles.is_empty() { &mut prologue } else { &mut epilogue };
            *side += &format!("{block}\n\n");
            continue;
        };
        if declaration.is_handle() {
            handles += &format!("{}\n\n", declaration.text);
            continue;
        }
        let place = modules.iter().enumerate().find_map(|(at, module)| Some((at, module.place_of(&declaration.name)?)));
        match place {
            Some(place) => placed.push((place, declaration.text)),
            None => return Err(format!("no module of the C layer declares {}", declaration.name).into()),
        }
    }
    placed.sort();

    // Functions are C's in C++ too; types and constants do not mind.
    let (opening, closing) = linkage(&epilogue)?;
    let mut arranged = format!("{prologue}{opening}\n\n/* Handles. */\n\n{handles}");
    for (at, module) in modules.iter().enumerate() {
        let mut texts = placed.iter().filter(|((module, _), _)| *module == at).map(|(_, text)| text).peekable();
        if texts.peek().is_some() {
            arranged += &format!("/* {} */\n\n", module.title);
        }
        texts.for_each(|text| arranged += &format!("{text}\n\n"));
    }
    Ok(on_one_line(&format!("{arranged}{closing}")))
}

/// Comments of one line, written on one.
fn on_one_line(header: &str) -> String {
    let lines: Vec<_> = header.lines().collect();
    let mut rest = &lines[..];
    let mut text = String::new();
    while let [line, others @ ..] = rest {
        rest = others;
        match others {
            [only, end, others @ ..] if line.trim() == "/**" && end.trim() == "*/" => {
                rest = others;
                text += &format!("{line} {} */\n", only.trim().trim_start_matches("* "));
            }
            _ => text += &format!("{line}\n"),
        }
    }
    text
}

fn modules(layer: &Path) -> Outcome<Vec<Module>> {
    let front = fs::read_to_string(layer.join("src/lib.rs"))?;
    let names = front.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
    let module = |name: &str| {
        let source = fs::read_to_string(layer.join(format!("src/{name}.rs")))?;
        let title = source.lines().next().and_then(|line| line.strip_prefix("//! ")).unwrap_or(name).to_owned();
        Ok(Module { title, source })
    };
    names.map(module).collect()
}

impl Module {
    fn place_of(&self, name: &str) -> Option<usize> {
        let forms = [format!("pub const {name}:"), format!("pub type {name} "), format!("pub struct {name} ")];
        let function = [format!("fn {name}("), format!("fn {name}<")];
        forms.iter().chain(&function).find_map(|form| self.source.find(form.as_str()))
    }
}

/// A block that begins with a comment and declares something of ours.
fn declaration(block: &str) -> Option<Declaration> {
    let (comment, code) = block.strip_prefix("/**")?.split_once("*/\n")?;
    let name = match code.strip_prefix("#define ") {
        // Definitions of the opening page stay there.
        Some(define) => define.split(' ').next().filter(|_| comment.starts_with('\n'))?,
        None => name_of(code)?,
    };
    let code = match code.strip_prefix("typedef struct {") {
        Some(body) => format!("typedef struct {name} {{{body}"),
        None => code.to_owned(),
    };
    Some(Declaration { name: name.to_owned(), text: format!("/**{comment}*/\n{code}") })
}

/// The name that a typedef gives, or that of a function.
fn name_of(code: &str) -> Option<&str> {
    let end = match (code.strip_prefix("typedef "), code.split_once("(*")) {
        (Some(_), Some((before, function))) => before.len() + 2 + function.find(')')?,
        (Some(_), None) => code.rfind(';')?,
        (None, _) => code.find('(')?,
    };
    let start = code[..end].rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |before| before + 1);
    code[start..end].starts_with("aicredits_").then(|| &code[start..end])
}

/// The lines that open and close `extern "C"`.
fn linkage(blocks: &str) -> Outcome<(&str, &str)> {
    let opening = "#ifdef __cplusplus\nextern \"C\" {\n#endif // __cplusplus";
    let closing = blocks.trim_start().strip_prefix(opening).ok_or("cbindgen wrote extern \"C\" another way")?;
    Ok((opening, closing.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_every_form() {
        let name = |block: &str| declaration(block).map(|declaration| declaration.name);
        assert_eq!(name("/**\n * A.\n */\n#define AICREDITS_X 1").as_deref(), Some("AICREDITS_X"));
        assert_eq!(name("/** Of the opening page. */\n#define AICREDITS_VERSION 1"), None);
        assert_eq!(name("/**\n * A.\n */\ntypedef int32_t aicredits_status;").as_deref(), Some("aicredits_status"));
        let pointer = "/**\n * A.\n */\ntypedef void (*aicredits_destructor)(void *user);";
        assert_eq!(name(pointer).as_deref(), Some("aicredits_destructor"));
        let function = "/**\n * A.\n */\nAICREDITS_NODISCARD\naicredits_status aicredits_client_new(const aicredits_config *config,\n  int x);";
        assert_eq!(name(function).as_deref(), Some("aicredits_client_new"));
        assert_eq!(name("#ifdef __cplusplus\n}"), None);
    }

    #[test]
    fn a_handle_is_one_whatever_its_comment_has() {
        let is_handle = |block: &str| declaration(block).unwrap().is_handle();
        assert!(is_handle("/**\n * As {}.\n */\ntypedef struct aicredits_call aicredits_call;"));
        assert!(!is_handle("/**\n * A.\n */\ntypedef struct {\n  int x;\n} aicredits_pool;"));
        assert!(!is_handle("/**\n * A.\n */\ntypedef int32_t aicredits_status;"));
    }

    #[test]
    fn a_comment_of_one_line_takes_one() {
        let header = "  /**\n   * Zero.\n   */\n  int x;\n/**\n * A\n * B\n */\n";
        assert_eq!(on_one_line(header), "  /** Zero. */\n  int x;\n/**\n * A\n * B\n */\n");
    }

    #[test]
    fn a_struct_keeps_its_name_as_a_tag() {
        let block = "/**\n * A.\n */\ntypedef struct {\n  int x;\n} aicredits_pool;";
        let text = declaration(block).unwrap().text;
        assert_eq!(text, "/**\n * A.\n */\ntypedef struct aicredits_pool {\n  int x;\n} aicredits_pool;");
    }
}
