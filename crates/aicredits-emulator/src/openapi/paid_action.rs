//! The paid action, which is a route of the API and no control action: see the service.

use serde_json::{Value, json};

/// Its path.
pub(super) fn path() -> Value {
    let refused = json!({"description": "Refused, in a form of Wix."});
    let mut responses = json!({
        "200": {
            "description": "Charged, or charged before with the same idempotency key.",
            "content": {"application/json": {
                "schema": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["transaction", "charged", "repeated"],
                    "properties": {
                        "transaction": {"type": "string"},
                        "charged": {"type": "integer", "minimum": 0},
                        "repeated": {"type": "boolean"},
                    },
                },
                "example": {"transaction": "t1", "charged": 5, "repeated": false},
            }},
        },
    });
    for status in ["400", "401", "403", "404", "409", "428", "429"] {
        responses[status] = refused.clone();
    }
    // The server refuses it before it knows the path.
    responses["413"] = json!({"$ref": "#/components/responses/error"});
    let header = |name: &str, description: &str| json!({"name": name, "in": "header", "description": description, "schema": {"type": "string"}});
    json!({"post": {
        "operationId": "paid_action",
        "summary": "Spends credits as a program's paid action does. It is subject to faults and limits, and in the journal.",
        "security": [{"api_key": []}],
        "parameters": [
            header("wix-account-id", "The account that spends."),
            header("wix-site-id", "The site that spends."),
        ],
        "requestBody": {"required": true, "content": {"application/json": {
            "schema": {
                "type": "object",
                "additionalProperties": false,
                "required": ["cost"],
                "properties": {
                    "cost": {"type": "integer", "minimum": 0, "maximum": i64::MAX},
                    "idempotency_key": {"type": "string"},
                },
            },
            "example": {"cost": 5, "idempotency_key": "k1"},
        }}},
        "responses": responses,
    }})
}
