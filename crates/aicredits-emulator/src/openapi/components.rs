//! The schemas of requests and replies.

use std::collections::BTreeSet;

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value};

const PATH: &str = "/components/schemas";

/// A generator of what is read.
pub(super) fn generator(definitions: &'static str) -> SchemaGenerator {
    settings(definitions).for_deserialize().into_generator()
}

fn settings(definitions: &'static str) -> SchemaSettings {
    SchemaSettings::draft2020_12()
        .with(|settings| {
            settings.definitions_path = definitions.into();
            settings.meta_schema = None;
        })
        .with_transform(RecursiveTransform(bounded))
        .with_transform(RecursiveTransform(closed))
}

/// An object has no members except those that its schema names, in requests and in replies.
fn closed(schema: &mut Schema) {
    if schema.get("type").is_some_and(|one| one == "object") {
        schema.ensure_object().entry("additionalProperties").or_insert(false.into());
    }
}

/// Gives an integer the bounds of its type, which is otherwise only a word in `format`.
fn bounded(schema: &mut Schema) {
    let (least, most) = match schema.get("format").and_then(Value::as_str) {
        Some("int8") => (i8::MIN.into(), i8::MAX as u64),
        Some("int64") => (i64::MIN, i64::MAX as u64),
        Some("uint16") => (0, u16::MAX.into()),
        Some("uint32") => (0, u32::MAX.into()),
        Some("uint64" | "uint") => (0, u64::MAX),
        _ => return,
    };
    schema.remove("format");
    let members = schema.ensure_object();
    members.entry("minimum").or_insert(least.into());
    members.entry("maximum").or_insert(most.into());
}

/// The schemas of both directions. A reply has all of its members, and a request may leave some out, so one type may have two
/// schemas: then the reply's is called `…Output`.
pub(super) struct Components {
    read: SchemaGenerator,
    written: SchemaGenerator,
}

impl Components {
    pub(super) fn new() -> Self {
        Self { read: generator(PATH), written: settings(PATH_WRITTEN).for_serialize().into_generator() }
    }

    pub(super) fn request<T: JsonSchema>(&mut self) -> Value {
        self.read.subschema_for::<T>().to_value()
    }

    pub(super) fn reply<T: JsonSchema>(&mut self) -> Value {
        renamed(self.written.subschema_for::<T>().to_value())
    }

    /// The schemas of a request's members.
    pub(super) fn properties<T: JsonSchema>(&mut self) -> Value {
        let schema = self.read.clone().into_root_schema_for::<T>().to_value();
        schema["properties"].clone()
    }

    pub(super) fn into_schemas(mut self) -> Map<String, Value> {
        let mut schemas = self.read.take_definitions(true);
        let names: BTreeSet<String> = schemas.keys().cloned().collect();
        for (name, schema) in self.written.take_definitions(true) {
            let name = format!("{name}Output");
            assert!(!names.contains(&name), "two schemas are called {name}");
            schemas.insert(name, renamed(schema));
        }
        schemas
    }
}

/// Where the replies' schemas are while they are made.
const PATH_WRITTEN: &str = "/components/replies";

/// Points references to the names that the replies' schemas get.
fn renamed(schema: Value) -> Value {
    match schema {
        Value::String(text) => match text.strip_prefix("#").and_then(|path| path.strip_prefix(PATH_WRITTEN)) {
            Some(name) => Value::String(format!("#{PATH}{name}Output")),
            None => Value::String(text),
        },
        Value::Array(elements) => elements.into_iter().map(renamed).collect(),
        Value::Object(members) => members.into_iter().map(|(name, member)| (name, renamed(member))).collect(),
        other => other,
    }
}
