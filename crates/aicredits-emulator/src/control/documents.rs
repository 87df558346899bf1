//! The descriptions of the protocol. `cargo xtask generate` writes them from the types.

/// The description of the protocol over HTTP, in OpenAPI 3.1: what `GET /_emulator/openapi.json` returns.
pub const OPENAPI: &str = include_str!("../../openapi.json");

/// The JSON Schema (2020-12) of a scenario file.
pub const SCENARIO_SCHEMA: &str = include_str!("../../scenario.schema.json");
