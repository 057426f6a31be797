//! Metrics are off until somebody switches them on.

use serde_json::json;

use crate::bench::{Bench, text};

#[tokio::test]
async fn metrics_are_given_while_the_setting_is_on() {
    let bench = Bench::open().await;
    let off = bench.get("/metrics").await;
    assert!(text(&off.expect(404)["detail"]).contains("metrics"));
    assert_eq!(bench.get("/v1/settings").await.expect(200)["metrics"], json!(false));

    let (_, endpoint) = bench.loop_of("generic").await;
    let sent = json!({"type": "message.sent", "endpoint_ids": [endpoint["id"]]});
    let sent = bench.post("/v1/events", &sent).await.expect(202);
    bench.ended(text(&sent["deliveries"][0]["id"])).await;
    bench.patch("/v1/settings", &json!({"metrics": true})).await.expect(200);
    let on = bench.get("/metrics").await;
    assert_eq!((on.status.as_u16(), on.header("content-type")), (200, "text/plain; version=0.0.4"));
    let said = String::from_utf8(on.body.to_vec()).unwrap();
    for line in [
        "hookbench_deliveries_accepted_total 1",
        "hookbench_deliveries_ended_total{because=\"delivered\"} 1",
        "hookbench_deliveries_ended_total{because=\"expired\"} 0",
        "hookbench_attempts_total{outcome=\"delivered\"} 1",
        "hookbench_attempt_duration_seconds_count 1",
        "hookbench_captured_requests_total{verification=\"valid\"} 1",
        "hookbench_deliveries{status=\"pending\"} 0",
        "hookbench_endpoints{status=\"enabled\"} 1",
    ] {
        assert!(said.lines().any(|there| there == line), "{line} in {said}");
    }
    // Nothing of what goes through it is in it.
    for word in [text(&endpoint["id"]), "message.sent", "generic", "127.0.0.1"] {
        assert!(!said.contains(word), "{word} in {said}");
    }
    bench.patch("/v1/settings", &json!({"metrics": false})).await.expect(200);
    bench.get("/metrics").await.expect(404);
    bench.close().await;
}
