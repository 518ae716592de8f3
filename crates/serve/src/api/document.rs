//! What every route has in common, added to the description of the API: who may ask, how the hub says no.

use serde_json::{Map, Value, json};

use super::Rule;

fn described(status: &str) -> &'static str {
    match status {
        "200" => "As asked.",
        "201" => "Made, and durable.",
        "204" => "Done; there is nothing to tell.",
        "400" => "Wrong input; `field` names it.",
        "401" => "No token, or one that is not good.",
        "402" => "The budget does not cover it.",
        "403" => "A token of this role may not do it.",
        "404" => "There is no such thing, or none that the asker may see.",
        "409" => "Too late, or in the way of something else.",
        "422" => "Refused, with the numbers.",
        "413" => "The body is larger than the route takes.",
        "429" => "Too much at once; `Retry-After` says when to ask again.",
        "503" => "The hub is stopping.",
        _ => "Something else.",
    }
}

/// Completes the description of the routes under these rules.
pub(super) fn complete(mut document: Value, rules: &[Rule]) -> Value {
    let refused = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Refused" } } });
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object_mut().into_iter().flatten() {
            let rule = rules.iter().find(|(verb, of, _)| verb.eq_ignore_ascii_case(method) && *of == path.as_str());
            let guarded = rule.is_some_and(|(.., roles)| roles.is_some());
            if guarded {
                operation["security"] = json!([{ "token": [] }]);
            }
            let sends = operation.get("requestBody").is_some();
            let Some(responses) = operation["responses"].as_object_mut() else { continue };
            let common = match (guarded, method.as_str()) {
                (false, _) => &["503"][..],
                // A request of a name may be another's, or a repeat whose first answer is not kept.
                (true, "post") => &["400", "401", "403", "409", "422", "429", "503"],
                (true, _) => &["400", "401", "403", "429", "503"],
            };
            for status in common.iter().chain(sends.then_some(&"413")) {
                responses.entry(*status).or_insert_with(|| Value::Object(Map::new()));
            }
            for (status, response) in responses {
                let Some(response) = response.as_object_mut() else { continue };
                response.entry("description").or_insert_with(|| described(status).into());
                if status.as_str() >= "400" {
                    response.entry("content").or_insert_with(|| refused.clone());
                }
            }
        }
    }
    document["components"]["securitySchemes"] = json!({ "token": { "type": "http", "scheme": "bearer" } });
    document["components"]["schemas"]["Refused"] = json!({
        "type": "object",
        "description": "How the hub says no.",
        "required": ["error"],
        "properties": { "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": { "type": "string", "description": "For programs." },
                "message": { "type": "string", "description": "For people." },
                "field": { "type": "string", "description": "What of the input is wrong." },
            },
            "additionalProperties": true,
        } },
    });
    document
}
