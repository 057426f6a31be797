//! Endpoints of a provider that lets none go live before its test has passed.

use hookbench_workbench::Feed;
use http::Method;
use serde_json::{Value, json};

use crate::bench::{Bench, text};

/// An inbox, and a draft that points at it.
async fn draft(bench: &Bench) -> (Value, Value) {
    bench.loop_of("smsportal").await
}

fn path(endpoint: &Value) -> String {
    format!("/v1/webhook-endpoints/{}", text(&endpoint["id"]))
}

async fn test(bench: &Bench, endpoint: &Value) -> Value {
    let sent = bench.send(Method::POST, &format!("{}/test", path(endpoint)), &json!({})).await.expect(202);
    bench.ended(text(&sent["deliveries"][0]["id"])).await
}

#[track_caller]
fn state(endpoint: &Value) -> (&str, bool) {
    (endpoint["status"].as_str().unwrap(), endpoint["draft"].as_bool().unwrap())
}

#[tokio::test]
async fn a_draft_gets_nothing_but_its_test_and_goes_live_by_it() {
    let bench = Bench::open().await;
    let (_, endpoint) = draft(&bench).await;
    assert_eq!(state(&endpoint), ("disabled", true));
    assert_eq!((&endpoint["requires_test"], &endpoint["tested_at"]), (&json!(true), &Value::Null));
    assert!(text(&endpoint["disabled_reason"]).contains("draft"), "{endpoint}");

    // Enabling it by hand is refused, and says what to do.
    let refused = bench.patch(&path(&endpoint), &json!({"status": "enabled"})).await.expect(409);
    assert!(text(&refused["detail"]).contains("test"), "{refused}");

    // What is sent to it waits.
    let event = json!({"type": "v2.reply", "provider": "smsportal", "endpoint_ids": [endpoint["id"]]});
    let sent = bench.post("/v1/events", &event).await.expect(202);
    let waiting = text(&sent["deliveries"][0]["id"]).to_owned();
    assert_eq!(sent["deliveries"][0]["status"], "paused");
    let retried = bench.post(&format!("/v1/deliveries/{waiting}/retry"), &json!({})).await.expect(409);
    assert!(text(&retried["detail"]).contains("draft"), "{retried}");
    // And nobody subscribes by it.
    let event = json!({"type": "v2.reply", "provider": "smsportal"});
    assert_eq!(bench.post("/v1/events", &event).await.expect(202)["deliveries"], json!([]));

    let tested = test(&bench, &endpoint).await;
    assert_eq!((&tested["status"], &tested["max_attempts"]), (&json!("delivered"), &json!(1)));
    let live = bench.get(&path(&endpoint)).await.expect(200);
    assert_eq!(state(&live), ("enabled", false));
    assert_eq!((&live["disabled_reason"], &live["disabled_at"]), (&Value::Null, &Value::Null));
    assert!(live["tested_at"].is_string());
    assert_eq!(bench.ended(&waiting).await["status"], "delivered", "what waited has gone out");

    // Disabled and enabled by hand, it stays tested.
    bench.patch(&path(&endpoint), &json!({"status": "disabled"})).await.expect(200);
    let enabled = bench.patch(&path(&endpoint), &json!({"status": "enabled"})).await.expect(200);
    assert_eq!(state(&enabled), ("enabled", false));

    // Another URL makes it a draft again.
    let moved = json!({"url": format!("{}?b=1", text(&endpoint["url"]))});
    let moved = bench.patch(&path(&endpoint), &moved).await.expect(200);
    assert_eq!((state(&moved), &moved["tested_at"]), (("disabled", true), &Value::Null));
    assert_eq!(test(&bench, &endpoint).await["status"], "delivered");
    assert_eq!(state(&bench.get(&path(&endpoint)).await.expect(200)), ("enabled", false));
    let renamed = bench.patch(&path(&endpoint), &json!({"name": "Other"})).await.expect(200);
    assert_eq!(state(&renamed), ("enabled", false), "another name does not");
    bench.close().await;
}

#[tokio::test]
async fn a_test_that_fails_leaves_a_draft_and_says_why() {
    let bench = Bench::open().await;
    let (inbox, endpoint) = draft(&bench).await;
    let inbox = format!("/v1/inboxes/{}", text(&inbox["id"]));
    bench.patch(&inbox, &json!({"response": {"status": 302}})).await.expect(200);
    let failed = test(&bench, &endpoint).await;
    assert_eq!((&failed["status"], &failed["attempt_count"]), (&json!("failed"), &json!(1)), "{failed}");
    let still = bench.get(&path(&endpoint)).await.expect(200);
    assert_eq!(state(&still), ("disabled", true));
    assert!(text(&still["disabled_reason"]).contains("302"), "{still}");
    assert_eq!(still["consecutive_failures"], 0, "a test is not held against it");

    bench.patch(&inbox, &json!({"response": {"status": 204}})).await.expect(200);
    assert_eq!(test(&bench, &endpoint).await["status"], "delivered");
    assert_eq!(state(&bench.get(&path(&endpoint)).await.expect(200)), ("enabled", false));
    bench.close().await;
}

#[tokio::test]
async fn a_test_of_the_url_before_makes_nothing_live() {
    let bench = Bench::open().await;
    let (inbox, endpoint) = draft(&bench).await;
    let inbox = format!("/v1/inboxes/{}", text(&inbox["id"]));
    // The answer waits for the clock, and the test for the answer.
    bench.patch(&inbox, &json!({"response": {"delay_ms": 5000}})).await.expect(200);
    let mut changes = bench.workbench.changes().subscribe();
    let sent = bench.post(&format!("{}/test", path(&endpoint)), &json!({})).await.expect(202);
    while bench.get("/v1/requests").await.expect(200)["data"].as_array().unwrap().is_empty() {
        assert!(!matches!(changes.next().await, Feed::Closed));
    }
    let moved = json!({"url": format!("{}/elsewhere", text(&endpoint["url"]))});
    bench.patch(&path(&endpoint), &moved).await.expect(200);
    bench.clock.advance(std::time::Duration::from_secs(6));
    assert_eq!(bench.ended(text(&sent["deliveries"][0]["id"])).await["status"], "delivered");
    let still = bench.get(&path(&endpoint)).await.expect(200);
    assert_eq!((state(&still), &still["tested_at"]), (("disabled", true), &Value::Null));
    bench.close().await;
}

#[tokio::test]
async fn endpoints_of_other_providers_are_live_at_once_and_become_drafts_with_such_a_provider() {
    let bench = Bench::open().await;
    let input = json!({"url": "http://127.0.0.1:9/x", "provider": "pulsewave"});
    let endpoint = bench.post("/v1/webhook-endpoints", &input).await.expect(201);
    assert_eq!((state(&endpoint), &endpoint["requires_test"]), (("enabled", false), &json!(false)));
    let changed = json!({"provider": "smsportal", "secret": "0011"});
    let changed = bench.patch(&path(&endpoint), &changed).await.expect(200);
    assert_eq!((state(&changed), &changed["requires_test"]), (("disabled", true), &json!(true)));
    let back = bench.patch(&path(&endpoint), &json!({"provider": "pulsewave"})).await.expect(200);
    assert_eq!(state(&back), ("disabled", false), "nobody has enabled it yet");
    let live = bench.patch(&path(&endpoint), &json!({"status": "enabled"})).await.expect(200);
    assert_eq!(state(&live), ("enabled", false));
    bench.close().await;
}
