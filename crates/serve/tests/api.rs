//! The API's document and its access rules speak of the same routes.

use std::collections::BTreeSet;

#[test]
fn every_documented_route_has_an_access_rule_and_every_rule_a_route() {
    let document: serde_json::Value = serde_json::to_value(serve::document()).unwrap();
    let mut documented = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            documented.insert((method.to_uppercase(), path.clone()));
        }
    }
    let served_beside = ["/", "/style.css", "/hub.js", "/favicon.ico", "/openapi.json"];
    let ruled: BTreeSet<(String, String)> = serve::route_rules()
        .into_iter()
        .filter(|(_, path)| !served_beside.contains(path))
        .map(|(method, path)| (method.to_owned(), path.to_owned()))
        .collect();
    assert_eq!(documented, ruled);
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let document: serde_json::Value = serde_json::to_value(serve::document()).unwrap();
    let mut seen = BTreeSet::new();
    for methods in document["paths"].as_object().unwrap().values() {
        for operation in methods.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap().to_owned();
            assert!(seen.insert(id.clone()), "{id} twice");
        }
    }
}
