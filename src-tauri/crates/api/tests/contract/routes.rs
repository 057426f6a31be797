//! The OpenAPI document and the router are one.

use http::{Method, Request};
use serde_json::{Value, json};

use crate::bench::{Bench, text};

/// Every path of the document with every method that HTTP has: what is written is served, what is not written
/// is refused.
#[tokio::test]
async fn the_document_lists_what_the_router_serves_and_nothing_else() {
    let bench = Bench::open().await;
    let document = bench.get("/v1/openapi.json").await.expect(200);
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() >= 38, "{}", paths.len());
    for (path, item) in paths {
        // The feed never ends, so it is not called here.
        let address = path.replace("{id}", "nonsense").replace("{n}", "1").replace(['{', '}'], "");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            if path == "/v1/changes" && method == "GET" {
                continue;
            }
            let written = item.get(method.to_lowercase()).is_some();
            let request = Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap());
            let request = request.uri(&address).body(axum::body::Body::empty()).unwrap();
            let status = bench.call(request).await.status.as_u16();
            assert_eq!(status != 405, written, "{method} {path}: {status}");
        }
    }
    bench.close().await;
}

/// What the contract promises: its resources are all there.
#[test]
fn every_resource_of_the_contract_is_in_the_document() {
    let document: Value = serde_json::from_str(&hookbench_api::openapi_json()).unwrap();
    let has = |method: &str, path: &str| document["paths"][path].get(method).is_some();
    for (methods, path) in [
        ("get post", "/v1/providers"),
        ("post", "/v1/providers/preview"),
        ("get delete", "/v1/providers/{id}"),
        ("get post", "/v1/schemes"),
        ("get put delete", "/v1/schemes/{id}"),
        ("get post", "/v1/webhook-endpoints"),
        ("get patch delete", "/v1/webhook-endpoints/{id}"),
        ("post", "/v1/webhook-endpoints/{id}/rotate-secret"),
        ("post", "/v1/webhook-endpoints/{id}/test"),
        ("get", "/v1/webhook-endpoints/{id}/secret"),
        ("get", "/v1/webhook-endpoints/{id}/health"),
        ("post", "/v1/schedules"),
        ("get post", "/v1/saved-filters"),
        ("patch delete", "/v1/saved-filters/{id}"),
        ("get", "/v1/requests/completions"),
        ("get post", "/v1/events"),
        ("get", "/v1/events/{id}"),
        ("get", "/v1/events/{id}/payload"),
        ("post", "/v1/events/preview"),
        ("get", "/v1/deliveries"),
        ("get", "/v1/deliveries/{id}"),
        ("post", "/v1/deliveries/{id}/retry"),
        ("post", "/v1/deliveries/{id}/cancel"),
        ("post", "/v1/deliveries/{id}/skip"),
        ("get", "/v1/forecast"),
        ("get post", "/v1/fault-receivers"),
        ("get patch delete", "/v1/fault-receivers/{id}"),
        ("get", "/v1/deliveries/{id}/attempts/{n}"),
        ("get", "/v1/deliveries/{id}/attempts/{n}/request"),
        ("get", "/v1/deliveries/{id}/attempts/{n}/response"),
        ("get post", "/v1/replays"),
        ("get", "/v1/replays/{id}"),
        ("post", "/v1/replays/{id}/pause"),
        ("post", "/v1/replays/{id}/resume"),
        ("post", "/v1/replays/{id}/cancel"),
        ("get post", "/v1/inboxes"),
        ("get patch delete", "/v1/inboxes/{id}"),
        ("get", "/v1/requests"),
        ("get patch delete", "/v1/requests/{id}"),
        ("get", "/v1/requests/{id}/body"),
        ("get", "/v1/requests/{id}/head"),
        ("get", "/v1/requests/{id}/wire"),
        ("get delete", "/v1/strays"),
        ("get", "/v1/strays/{number}/raw"),
        ("get", "/v1/requests/{id}/reveals"),
        ("post", "/v1/requests/{id}/send"),
        ("post", "/v1/requests/{id}/verify"),
        ("get", "/v1/requests/{id}/recognition"),
        ("post", "/v1/signatures/sign"),
        ("post", "/v1/signatures/verify"),
        ("get", "/v1/shapes"),
        ("get delete", "/v1/shapes/{id}"),
        ("get", "/v1/shapes/{id}/schema.json"),
        ("get", "/v1/drifts"),
        ("get put delete", "/v1/capture/certificate"),
        ("post", "/v1/capture/certificate/renew"),
        ("get", "/v1/capture/certificate/ca.pem"),
        ("get", "/v1/stats"),
        ("get post", "/v1/clock"),
        ("get", "/v1/changes"),
        ("get", "/v1/health"),
        ("get", "/v1/openapi.json"),
    ] {
        for method in methods.split(' ') {
            assert!(has(method, path), "{method} {path}");
        }
    }
}

#[test]
fn every_operation_has_a_name_of_its_own_and_says_how_it_refuses() {
    let document: Value = serde_json::from_str(&hookbench_api::openapi_json()).unwrap();
    let mut names = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            names.push(text(&operation["operationId"]).to_owned());
            let refusal = &operation["responses"]["default"]["content"]["application/problem+json"]["schema"];
            assert_eq!(*refusal, json!({"$ref": "#/components/schemas/Problem"}), "{method} {path}");
        }
    }
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}
