//! Calls that are well formed and yet refused: for all their faults at once, a conflict, their size.

use serde_json::json;

use crate::bench::{Bench, text};

const EP: &str = "/v1/webhook-endpoints";
const URL: &str = "http://127.0.0.1:9/x";

#[tokio::test]
async fn everything_that_is_wrong_with_an_endpoint_is_told_at_once() {
    let bench = Bench::open().await;
    let draft = json!({"url": "ftp://x", "name": "", "timeout_ms": 1, "headers": [["Host", "a"]], "max_in_flight": 0});
    let said = bench.post(EP, &draft).await.expect(422);
    let fields: Vec<_> =
        said["errors"].as_array().unwrap().iter().map(|error| text(&error["field"])).collect();
    assert_eq!(fields, ["url", "name", "headers[0]", "timeout_ms", "max_in_flight"]);
    assert!(text(&said["detail"]).starts_with("5 fields"), "{said}");
    bench.close().await;
}

#[tokio::test]
async fn a_slug_that_is_taken_and_a_state_that_is_wrong_are_conflicts() {
    let bench = Bench::open().await;
    bench.post("/v1/inboxes", &json!({"slug": "mine"})).await.expect(201);
    let taken = bench.post("/v1/inboxes", &json!({"slug": "mine"})).await.expect(409);
    assert_eq!(taken["errors"][0]["field"], "slug", "{taken}");

    let endpoint = bench.post(EP, &json!({"url": URL, "status": "disabled"})).await.expect(201);
    let test = format!("{EP}/{}/test", text(&endpoint["id"]));
    let refused = bench.post(&test, &json!({})).await.expect(409);
    assert!(text(&refused["detail"]).contains("disabled"), "{refused}");
    bench.close().await;
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let bench = Bench::open().await;
    let long = json!({"url": URL, "name": "x".repeat(3 << 20)});
    let said = bench.post(EP, &long).await.expect(413);
    assert_eq!(said["title"], "Payload Too Large");
    let payload = "A".repeat(((32 << 20) + 3) / 3 * 4);
    let event = json!({"type": "x", "provider": "generic", "payload_base64": payload});
    let said = bench.post("/v1/events", &event).await.expect(413);
    assert!(text(&said["detail"]).contains("33554432"), "{said}");
    bench.close().await;
}
