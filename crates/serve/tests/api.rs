//! The API's document and its access rules speak of the same routes.

use std::collections::BTreeSet;

#[test]
fn every_documented_route_has_an_access_rule_and_every_rule_a_route() {
    let document: serde_json::Value = serve::document();
    let mut documented = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            documented.insert((method.to_uppercase(), path.clone()));
        }
    }
    // What a browser is sent to and fro by, and the document itself.
    let served_beside = ["/signin/start", "/signin/done", "/openapi.json"];
    let ruled: BTreeSet<(String, String)> = serve::route_rules()
        .iter()
        .filter(|(_, path, _)| !served_beside.contains(path))
        .map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    assert_eq!(documented, ruled);
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let document: serde_json::Value = serve::document();
    let mut seen = BTreeSet::new();
    for methods in document["paths"].as_object().unwrap().values() {
        for operation in methods.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap().to_owned();
            assert!(seen.insert(id.clone()), "{id} twice");
        }
    }
}

#[test]
fn every_answer_is_described_and_every_guarded_route_says_how_it_refuses() {
    let document: serde_json::Value = serve::document();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let responses = operation["responses"].as_object().unwrap();
            for (status, response) in responses {
                assert!(response["description"].as_str().is_some_and(|text| !text.is_empty()), "{method} {path} {status}");
            }
            if operation["security"].is_array() {
                let refused = &responses["401"]["content"]["application/json"]["schema"]["$ref"];
                assert_eq!(refused, "#/components/schemas/Refused", "{method} {path}");
            }
        }
    }
    assert!(document["paths"]["/v1/hub"]["get"]["security"].is_array());
    assert!(document["paths"]["/healthz"]["get"]["security"].is_null());
}

#[test]
fn the_guide_shows_the_table_of_access_as_it_is() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/access.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let (before, _) = text.split_once("| route |").expect("the page has the table at its end");
    let now = format!("{before}{}", serve::access_table());
    if std::env::var_os("SHUGU_WRITE_DOCS").is_some() {
        std::fs::write(&page, &now).unwrap();
    }
    assert!(
        text == now,
        "docs/access.md is not what the rules say: SHUGU_WRITE_DOCS=1 cargo test -p serve --test api writes it anew"
    );
}

#[test]
fn who_only_looks_changes_nothing() {
    use serve::Role;
    for (method, path, roles) in serve::route_rules() {
        let auditor = roles.is_some_and(|roles| roles.contains(&Role::Auditor));
        // Ending one's own session is all.
        assert!(!auditor || *method == "GET" || *path == "/v1/signout", "{method} {path}");
        let people = roles.is_some_and(|roles| roles.contains(&Role::Operator));
        // What jobs wrote is their tenants'.
        assert!(auditor || !people || *method != "GET" || *path == "/v1/jobs/{id}/logs", "{method} {path}");
    }
}
