//! An endpoint's health, a queue that is held, what is due when, and how paused deliveries go on.

use serde_json::{Value, json};

use crate::bench::{Bench, text};
use crate::happy::until;

#[tokio::test]
async fn a_held_queue_is_seen_and_goes_on_when_what_holds_it_is_skipped() {
    let bench = Bench::open().await;
    let (inbox, endpoint) = bench.loop_of("generic").await;
    let inbox = format!("/v1/inboxes/{}", text(&inbox["id"]));
    bench.patch(&inbox, &json!({"response": {"status": 503}})).await.expect(200);
    let path = format!("/v1/webhook-endpoints/{}", text(&endpoint["id"]));
    let rules = json!({
        "ordered": true, "order_on_failure": "block", "retry": {"delays_ms": []},
        "breaker": {"failures": 5, "open_ms": 30000, "max_open_ms": 60000},
        "rate_limit": {"per_second": 100.0, "burst": 10},
        "disable": {"kind": "consecutive_failures", "count": 10, "counting": "attempts"},
    });
    let edited = bench.patch(&path, &rules).await.expect(200);
    assert_eq!(edited["resumed"], Value::Null);
    let send = async || {
        let event = json!({"type": "a.b", "data": {}});
        let event = bench.post("/v1/events", &event).await.expect(202);
        text(&event["deliveries"][0]["id"]).to_owned()
    };
    let first = send().await;
    let delivery = |id: &str| format!("/v1/deliveries/{id}");
    let failed = until(&bench, &delivery(&first), "failed").await;
    assert_eq!(failed["ended_because"], "exhausted");
    let second = send().await;

    let health = bench.get(&format!("{path}/health")).await.expect(200);
    assert_eq!((&health["held_by"], &health["waiting"]), (&json!(first), &json!(1)), "{health}");
    assert_eq!((&health["consecutive_failures"], &health["in_flight"]), (&json!(1), &json!(0)), "{health}");
    assert_eq!((&health["breaker"]["state"], &health["breaker"]["failures"]), (&json!("closed"), &json!(1)));
    assert_eq!(health["rate"]["per_second"], json!(100.0));
    assert_eq!(health["last_failure"]["delivery_id"], json!(first));
    assert_eq!(health["last_failure"]["outcome"], "http_error");
    assert_eq!(health["disable"]["progress"], json!(0.1));
    assert!(
        text(&health["disable"]["sentence"]).contains("after 10 attempts failed in a row; 1 have by now")
    );
    let forecast = bench.get("/v1/forecast?span_ms=60000&buckets=6").await.expect(200);
    assert_eq!((&forecast["waiting"], &forecast["overdue"]), (&json!(1), &json!(0)), "{forecast}");
    let kept_back = json!({"by_breaker": 0, "by_order": 1});
    assert_eq!(forecast["kept_back"], kept_back);
    assert_eq!(health["kept_back"], kept_back);
    let engine = &bench.get("/v1/stats").await.expect(200)["engine"];
    assert_eq!(
        (&engine["due"], &engine["overdue"], &engine["kept_back"]),
        (&json!(1), &json!(0), &kept_back)
    );
    bench.patch("/v1/settings", &json!({"metrics": true})).await.expect(200);
    let metrics = String::from_utf8(bench.get("/metrics").await.body.to_vec()).unwrap();
    for line in ["hookbench_deliveries_overdue 0", "hookbench_deliveries_kept_back{by=\"order\"} 1"] {
        assert!(metrics.lines().any(|there| there == line), "{line} in {metrics}");
    }
    assert_eq!((forecast["buckets"].as_array().unwrap().len(), &forecast["spread_until"]), (6, &Value::Null));
    let refused = bench.get("/v1/forecast?buckets=0").await.expect(422);
    assert_eq!(refused["errors"][0]["field"], "buckets");

    let refused = bench.post(&format!("{}/retry", delivery(&second)), &json!({})).await.expect(409);
    assert!(text(&refused["detail"]).contains("retry or skip that one first"), "{refused}");
    bench.patch(&inbox, &json!({"response": {"status": 200}})).await.expect(200);
    let skipped = bench.post(&format!("{}/skip", delivery(&first)), &json!({})).await.expect(200);
    assert_eq!((&skipped["status"], &skipped["ended_because"]), (&json!("failed"), &json!("skipped")));
    until(&bench, &delivery(&second), "delivered").await;
    for (id, reason) in [(&first, "holds no queue"), (&second, "arrived already")] {
        let refused = bench.post(&format!("{}/skip", delivery(id)), &json!({})).await.expect(409);
        assert!(text(&refused["detail"]).contains(reason), "{refused}");
    }
    let health = bench.get(&format!("{path}/health")).await.expect(200);
    assert_eq!((&health["held_by"], &health["consecutive_failures"]), (&Value::Null, &json!(0)), "{health}");
    bench.close().await;
}

#[tokio::test]
async fn an_endpoint_that_is_enabled_says_over_how_long_its_deliveries_go_on() {
    let bench = Bench::open().await;
    let (_, endpoint) = bench.loop_of("generic").await;
    let path = format!("/v1/webhook-endpoints/{}", text(&endpoint["id"]));
    bench.patch(&path, &json!({"status": "disabled"})).await.expect(200);
    let event = json!({"type": "a.b", "data": {}, "endpoint_ids": [endpoint["id"]]});
    for _ in 0..3 {
        bench.post("/v1/events", &event).await.expect(202);
    }
    let refused = json!({"status": "enabled", "resume": {"spread_ms": 604_800_001_u64}});
    let refused = bench.patch(&path, &refused).await.expect(422);
    assert_eq!(refused["errors"][0]["field"], "resume.spread_ms");
    let enable = json!({"status": "enabled", "resume": {"spread_ms": 60_000}});
    let enabled = bench.patch(&path, &enable).await.expect(200);
    assert_eq!((&enabled["status"], &enabled["resumed"]["deliveries"]), (&json!("enabled"), &json!(3)));
    let now = bench.get("/v1/forecast").await.expect(200);
    let until = text(&enabled["resumed"]["until"]);
    assert!(until > text(&now["now"]), "{until} is a minute after {now}");
    bench.close().await;
}
