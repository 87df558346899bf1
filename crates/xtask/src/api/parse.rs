//! Parses a header in the form in which cbindgen writes it.

use super::layout;
use super::{Alias, Api, Constant, Field, Function, Parameter, Struct};
use crate::tool::Outcome;

/// The end of the macro that marks a function whose result must not be ignored. Each library has one with its prefix.
const NODISCARD: &str = "_NODISCARD";

/// A statement or a preprocessor directive, with the comment before it.
struct Item {
    comment: String,
    /// One blank between words, without comments.
    code: String,
}

impl Api {
    /// Reads a whole header.
    pub(crate) fn parse(header: &str) -> Outcome<Self> {
        let mut api = Self::default();
        for Item { comment, code } in items(header) {
            if code.starts_with('#') {
                api.constants.extend(constant(&code));
                continue;
            }
            match code.strip_prefix("typedef ") {
                None => api.functions.push(function(&code, &comment)?),
                Some(definition) => api.add_type(definition, &comment)?,
            }
        }
        api.name_nouns();
        api.settle_blocking(header)?;
        layout::lay_out(&mut api)?;
        Ok(api)
    }

    fn add_type(&mut self, definition: &str, comment: &str) -> Outcome {
        if definition.contains('{') {
            self.structs.push(structure(definition)?);
        } else if let Some((returns, rest)) = definition.split_once("(*") {
            let callback = format!("{returns}{}", rest.replacen(')', "", 1));
            self.callbacks.push(function(&callback, comment)?);
        } else {
            let Parameter { name, of_type } = parameter(definition);
            match of_type.starts_with("struct ") {
                true => self.handles.push(name),
                false => self.aliases.push(Alias { name, of: of_type }),
            }
        }
        Ok(())
    }

    /// The subject of a function is the longest type that its name begins with, or else the first word of its name.
    fn name_nouns(&mut self) {
        let aliases = self.aliases.iter().map(|alias| &alias.name);
        let types = self.handles.iter().chain(aliases).chain(self.structs.iter().map(|of| &of.name));
        let types: Vec<String> = types.cloned().collect();
        for function in self.functions.iter_mut().chain(&mut self.callbacks) {
            let prefixes =
                types.iter().filter(|name| function.name.strip_prefix(*name).is_some_and(|rest| rest.starts_with('_')));
            let noun = prefixes.max_by_key(|name| name.len()).unwrap_or(&function.name);
            let words = noun.split_once('_').map_or(noun.as_str(), |(_, words)| words);
            let is_type = types.contains(noun);
            function.noun = if is_type { words } else { words.split('_').next().unwrap_or(words) }.to_owned();
        }
    }

    /// The comment of a type may say it for all setters of the type, and then that of a setter need not. Fails where no
    /// comment says it.
    fn settle_blocking(&mut self, header: &str) -> Outcome {
        for function in &mut self.functions {
            let of = format!("typedef struct aicredits_{0} aicredits_{0};", function.noun);
            let comment = header.split_once(&of).and_then(|(before, _)| before.rsplit_once("/**"));
            let setters = comment.is_some_and(|(_, comment)| words(comment).contains("No setter blocks"));
            let is_setter = function.name.contains("_set_") || function.name.ends_with("_from_env");
            if setters && is_setter {
                function.blocks = Some(false);
            }
            if function.blocks.is_none() {
                return Err(format!("the comment of {} does not say whether it blocks", function.name).into());
            }
        }
        Ok(())
    }
}

fn items(header: &str) -> Vec<Item> {
    let (mut items, mut comment, mut rest) = (Vec::new(), String::new(), header.trim_start());
    while !rest.is_empty() {
        let (code, after) = if let Some(text) = rest.strip_prefix("/*") {
            let (text, after) = text.split_once("*/").unwrap_or((text, ""));
            comment = words(text);
            rest = after.trim_start();
            continue;
        } else if rest.starts_with('#') || rest.starts_with("//") {
            rest.split_once('\n').unwrap_or((rest, ""))
        } else if let Some(after) = rest.strip_prefix("extern \"C\" {").or_else(|| rest.strip_prefix('}')) {
            ("", after)
        } else {
            statement(rest)
        };
        let code = words(&without_comments(code));
        if !code.is_empty() {
            items.push(Item { comment: std::mem::take(&mut comment), code });
        }
        rest = after.trim_start();
    }
    items
}

/// Splits after the first semicolon outside of braces and comments.
fn statement(text: &str) -> (&str, &str) {
    let (mut depth, mut at) = (0, 0);
    while let Some(character) = text[at..].chars().next() {
        match character {
            '/' if text[at..].starts_with("/*") => {
                at = text[at..].find("*/").map_or(text.len(), |end| at + end + 2);
                continue;
            }
            ';' if depth == 0 => return (&text[..at], &text[at + 1..]),
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        at += character.len_utf8();
    }
    (text, "")
}

fn without_comments(code: &str) -> String {
    let (mut kept, mut rest) = (String::new(), code);
    while let Some((before, comment)) = rest.split_once("/*") {
        kept += before;
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    kept += rest;
    kept.lines().map(|line| line.split("//").next().unwrap_or_default().to_owned() + "\n").collect()
}

/// The text with one blank between words, without the margin of a comment.
fn words(text: &str) -> String {
    text.split_whitespace().filter(|&word| word != "*").collect::<Vec<_>>().join(" ")
}

fn constant(directive: &str) -> Option<Constant> {
    let (name, value) = directive.strip_prefix("#define ")?.split_once(' ')?;
    let value = value.parse().ok().filter(|_| !name.starts_with("AICREDITS_VERSION"))?;
    Some(Constant { name: name.to_owned(), value })
}

fn function(code: &str, comment: &str) -> Outcome<Function> {
    let unmarked = code.split_once(' ').filter(|(mark, _)| mark.ends_with(NODISCARD)).map(|(_, code)| code);
    let (nodiscard, code) = (unmarked.is_some(), unmarked.unwrap_or(code));
    let parts = code.strip_suffix(')').and_then(|code| code.split_once('('));
    let (before, parameters) = parts.ok_or_else(|| format!("`{code}` is no declaration of a function"))?;
    let Parameter { name, of_type: returns } = parameter(before);
    let parameters = parameters.split(',').map(str::trim).filter(|text| *text != "void").map(parameter).collect();
    Ok(Function { name, noun: String::new(), returns, nodiscard, blocks: blocks(comment), parameters })
}

/// The sentence of a comment about blocking.
fn blocks(comment: &str) -> Option<bool> {
    let comment = comment.to_lowercase();
    match comment.contains("not block") || comment.contains("never blocks") {
        true => Some(false),
        false => comment.contains("blocks").then_some(true),
    }
}

/// A type and, last, the name that has it.
fn parameter(text: &str) -> Parameter {
    let text = text.trim();
    let start = text.rfind([' ', '*']).map_or(0, |at| at + 1);
    Parameter { name: text[start..].to_owned(), of_type: text[..start].trim().to_owned() }
}

fn structure(definition: &str) -> Outcome<Struct> {
    let parts = definition.split_once('{').and_then(|(_, rest)| rest.rsplit_once('}'));
    let (fields, name) = parts.ok_or_else(|| format!("`{definition}` is no struct with fields"))?;
    let field = |text: &str| -> Outcome<Field> {
        let (declared, count) = match text.strip_suffix(']').and_then(|text| text.split_once('[')) {
            Some((declared, count)) => (declared, count.parse()?),
            None => (text, 1),
        };
        let Parameter { name, of_type } = parameter(declared);
        Ok(Field { name, of_type, count, offset: 0 })
    };
    let fields = fields.split(';').map(str::trim).filter(|text| !text.is_empty()).map(field);
    Ok(Struct { name: name.trim().to_owned(), size: 0, alignment: 0, fields: fields.collect::<Outcome<_>>()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "/* of(it); */
#define AICREDITS_VERSION_MAJOR 0
#define AICREDITS_HAS_CAP 2
#define AICREDITS_CHECK(x) aicredits_in_macro(x)
#define AICREDITS_NODISCARD __attribute__((warn_unused_result))
#ifdef __cplusplus
extern \"C\" {
#endif // __cplusplus
/** A call. No setter blocks. */
typedef struct aicredits_call aicredits_call;
/** A status. Blocks nothing. */
typedef int32_t aicredits_status;
/** Takes a record. */
typedef void (*aicredits_sink)(void *user, size_t length);
/** of(it) */
typedef struct aicredits_pair {
  /** A; b. */
  uint32_t present;
  const char *first;
  uint64_t reserved[2]; /* a; b */
} aicredits_pair;
/** Any thread; does not
 * block. */
const char *aicredits_version(void); // aicredits_aside()
/** The timeout. */
void aicredits_call_set_timeout_ms(aicredits_call *call, uint64_t timeout_ms);
/** Calls aicredits_in_comment(x). Blocks until the reply is there. */
AICREDITS_NODISCARD
aicredits_status aicredits_go(const aicredits_call *call, char *const *names,
                              aicredits_call **made, aicredits_sink sink);
#ifdef __cplusplus
}  // extern \"C\"
#endif
";

    #[test]
    fn each_kind_of_declaration_is_read() {
        let api = Api::parse(HEADER).unwrap();
        let constants: Vec<_> = api.constants.iter().map(|it| (it.name.as_str(), it.value)).collect();
        assert_eq!(constants, [("AICREDITS_HAS_CAP", 2)]);
        assert_eq!(api.handles, ["aicredits_call"]);
        assert_eq!((api.aliases[0].name.as_str(), api.aliases[0].of.as_str()), ("aicredits_status", "int32_t"));
        assert_eq!(api.callbacks[0].name, "aicredits_sink");
        assert_eq!(api.callbacks[0].parameters.len(), 2);
        let of = &api.structs[0];
        let fields: Vec<_> = of.fields.iter().map(|it| (it.name.as_str(), it.offset, it.count)).collect();
        assert_eq!((of.name.as_str(), of.size, of.alignment), ("aicredits_pair", 32, 8));
        assert_eq!(fields, [("present", 0, 1), ("first", 8, 1), ("reserved", 16, 2)]);
    }

    #[test]
    fn functions_are_read_from_declarations_alone() {
        let api = Api::parse(HEADER).unwrap();
        let names: Vec<_> = api.functions.iter().map(|it| (it.name.as_str(), it.noun.as_str())).collect();
        assert_eq!(
            names,
            [("aicredits_version", "version"), ("aicredits_call_set_timeout_ms", "call"), ("aicredits_go", "go")]
        );
        let [version, setter, go] = &api.functions[..] else { unreachable!() };
        assert_eq!((version.returns.as_str(), version.nodiscard, version.blocks), ("const char *", false, Some(false)));
        assert_eq!(setter.blocks, Some(false));
        assert_eq!((go.returns.as_str(), go.nodiscard, go.blocks), ("aicredits_status", true, Some(true)));
        let parameter = |of_type: &str, name: &str| Parameter { name: name.into(), of_type: of_type.into() };
        assert_eq!(
            go.parameters,
            [
                parameter("const aicredits_call *", "call"),
                parameter("char *const *", "names"),
                parameter("aicredits_call **", "made"),
                parameter("aicredits_sink", "sink"),
            ]
        );
        let constness: Vec<_> = go.parameters.iter().map(Parameter::is_const).collect();
        assert_eq!(constness, [true, true, false, false]);
    }

    #[test]
    fn a_comment_that_is_silent_about_blocking_is_an_error() {
        let header = HEADER.replace("No setter blocks.", "");
        let error = Api::parse(&header).unwrap_err().to_string();
        assert_eq!(error, "the comment of aicredits_call_set_timeout_ms does not say whether it blocks");
        let header = HEADER.replace("Blocks until the reply", "Waits until the reply");
        let error = Api::parse(&header).unwrap_err().to_string();
        assert_eq!(error, "the comment of aicredits_go does not say whether it blocks");
    }

    #[test]
    fn a_type_of_unknown_size_is_an_error() {
        let error = Api::parse(&HEADER.replace("uint64_t reserved", "time_t reserved")).unwrap_err().to_string();
        assert_eq!(error, "aicredits_pair.reserved: the size of `time_t` is not known");
    }
}
