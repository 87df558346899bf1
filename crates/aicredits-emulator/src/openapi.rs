//! The descriptions of the protocol, made from its types: OpenAPI 3.1, and the JSON Schema of a scenario file.

mod components;
mod examples;
mod paid_action;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::control::{ACTIONS, Action, with_actions};
use crate::protocol::*;
use components::Components;

/// The JSON Schema of a scenario file.
pub fn scenario_schema() -> Value {
    let mut schema = components::generator("/$defs").into_root_schema_for::<State>();
    schema.insert("title".to_owned(), "A scenario of the emulator".into());
    schema.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
    schema.to_value()
}

/// The description of the protocol over HTTP.
pub fn openapi() -> Value {
    let mut components = Components::new();
    let mut types = BTreeMap::new();
    macro_rules! types {
        ($(#[doc = $about:literal] $name:ident($request:ty) -> $reply:ty $(, $changes:ident)? $(; $get:ident)?;)*) => {
            $(types.insert(stringify!($name), (components.request::<$request>(), components.reply::<$reply>()));)*
        };
    }
    with_actions! { types }
    let query = components.properties::<JournalQuery>();
    let error = components.reply::<ErrorBody>();

    let mut paths = Map::new();
    let mut examples: BTreeMap<_, _> = examples::all().into_iter().map(|example| (example.action, example)).collect();
    for action in ACTIONS {
        let example = examples.remove(action.name).unwrap_or_else(|| panic!("{} has no example", action.name));
        let (request, reply) = types.remove(action.name).expect("each action has its types");
        let mut post = operation(action, action.name, &reply, &example.reply);
        post["requestBody"] = json!({"content": {"application/json": {"schema": request, "example": example.request}}});
        let mut path = json!({"post": post});
        if action.is_get {
            let mut get = operation(action, &format!("get_{}", action.name), &reply, &example.reply);
            if action.name == "journal" {
                get["parameters"] = parameters(&query);
            }
            path["get"] = get;
        }
        paths.insert(format!("/_emulator/{}", action.name), path);
    }
    paths.insert(
        "/_emulator/openapi.json".to_owned(),
        json!({"get": {
            "operationId": "get_openapi",
            "summary": "Returns this description.",
            "responses": responses("an OpenAPI description", &description(), None, false),
        }}),
    );
    paths.insert(crate::service::PAID_ACTION_PATH.to_owned(), paid_action::path());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "The control protocol of the aicredits emulator",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
            "description": "Each action is a POST of one JSON object; {} may be left out. Every error has the same form. Any other method is a 405 with Allow. Where the emulator listens on an address that is not loopback, none of this exists without a control token.",
        },
        "security": [{}, {"control_token": []}],
        "paths": paths,
        "components": {
            "schemas": components.into_schemas(),
            "responses": {
                "error": {
                    "description": "An error.",
                    "content": {"application/json": {
                        "schema": error,
                        "example": {"error": {"code": "unknown_account", "message": "there is no account 7f3a", "pointer": "/account"}},
                    }},
                },
            },
            "securitySchemes": {
                "control_token": {"type": "http", "scheme": "bearer"},
                "api_key": {"type": "apiKey", "in": "header", "name": "Authorization"},
            },
        },
    })
}

/// The schema of this description itself, as far as its first members.
fn description() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["openapi", "info", "security", "paths", "components"],
        "properties": {"openapi": {"const": "3.1.0"}, "info": {}, "security": {}, "paths": {}, "components": {}},
    })
}

fn operation(action: &Action, id: &str, reply: &Value, example: &Value) -> Value {
    json!({
        "operationId": id,
        "summary": action.about,
        "responses": responses("the reply", reply, Some(example), action.changes),
    })
}

/// Every status that a path has.
fn responses(description: &str, reply: &Value, example: Option<&Value>, changes: bool) -> Value {
    let mut ok = json!({"description": description, "content": {"application/json": {"schema": reply}}});
    if let Some(example) = example {
        ok["content"]["application/json"]["example"] = example.clone();
    }
    let mut responses = json!({"200": ok});
    let of_changes: &[&str] = if changes { &["404", "409"] } else { &[] };
    for status in ["400", "401", "405", "413", "415", "421"].iter().chain(of_changes) {
        responses[status] = json!({"$ref": "#/components/responses/error"});
    }
    responses
}

/// The members of a request as the parameters of a query. A parameter cannot be null.
fn parameters(properties: &Value) -> Value {
    let properties = properties.as_object().expect("a request is an object");
    let parameter = |(name, schema): (&String, &Value)| {
        let mut schema = schema.clone();
        let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
        json!({"name": name, "in": "query", "description": description, "schema": without_null(schema)})
    };
    properties.iter().map(parameter).collect()
}

fn without_null(mut schema: Value) -> Value {
    if let Some(types) = schema["type"].as_array() {
        schema["type"] = types[0].clone();
    }
    match schema["anyOf"].as_array() {
        Some(choices) => choices[0].clone(),
        None => schema,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::LONGEST_ADVANCE_MS;

    #[test]
    fn an_example_of_each_request_is_accepted_and_the_descriptions_are_stable() {
        assert_eq!(openapi(), openapi());
        assert_eq!(scenario_schema(), scenario_schema());
    }

    /// No object of a request, a reply or a scenario may have a member that its schema does not name.
    #[test]
    fn every_object_is_closed() {
        let closed = |document: &Value| {
            let mut count = 0;
            walk(document, "", &mut |schema, place| {
                let types = &schema["type"];
                let is_object = |one: &Value| one == "object";
                if is_object(types) || types.as_array().is_some_and(|types| types.iter().any(is_object)) {
                    assert_eq!(schema["additionalProperties"], false, "{place}");
                    count += 1;
                }
            });
            count
        };
        assert!(closed(&openapi()) > 50);
        assert!(closed(&scenario_schema()) > 10);
    }

    /// A count has the bounds that the handlers check, and no default is a value that only the code knows.
    #[test]
    fn bounds_and_defaults_are_those_of_the_handlers() {
        let description = openapi();
        let schemas = &description["components"]["schemas"];
        for rule in [&schemas["Rule"], &schema_of_rules(&scenario_schema())] {
            assert_eq!(rule["properties"]["cap"]["minimum"], 0);
            let day = &rule["properties"]["anchor_day"];
            assert_eq!((&day["minimum"], &day["maximum"]), (&json!(1), &json!(31)));
            assert!(rule["properties"]["reset_date"].get("default").is_none(), "{rule}");
        }
        assert_eq!(schemas["Adjust"]["properties"]["cap"]["minimum"], 0);
        assert_eq!(schemas["ClockChange"]["properties"]["advance_ms"]["maximum"], LONGEST_ADVANCE_MS);
        assert_eq!(schemas["ClockOutput"]["properties"]["service_ms"]["maximum"], i64::MAX);
    }

    fn schema_of_rules(scenario: &Value) -> Value {
        scenario["$defs"]["Rule"].clone()
    }

    /// Calls `look` with each part of a description, except with examples.
    fn walk(part: &Value, place: &str, look: &mut impl FnMut(&Value, &str)) {
        look(part, place);
        match part {
            Value::Array(elements) => elements.iter().for_each(|element| walk(element, place, look)),
            Value::Object(members) => {
                for (name, member) in members.iter().filter(|(name, _)| *name != "example") {
                    walk(member, &format!("{place}/{name}"), look);
                }
            }
            _ => {}
        }
    }
}
