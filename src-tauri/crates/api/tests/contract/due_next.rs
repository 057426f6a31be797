//! What is due next is told, and jumped to, whatever has become of what was due before it.

use std::time::Duration;

use hookbench_model::Timestamp;
use serde_json::{Value, json};

use crate::bench::{Bench, text};
use crate::clock::{at, once_at_rest, refusing, without_anything_due};

const MINUTE: i64 = 60_000;

/// A demo that stands, in which two deliveries have failed once: the next attempt of the one is due in ten minutes, that
/// of the other, the last, in an hour.
struct Two {
    bench: Bench,
    /// The endpoint of the one.
    endpoint: String,
    /// The one.
    sooner: String,
    /// The other.
    later: String,
}

impl Two {
    /// The endpoint of the one is made with `more`, its event too.
    async fn wait(endpoint: Value, event: Value) -> Self {
        let bench = Bench::open_demo().await;
        without_anything_due(&bench).await;
        bench.post("/v1/clock", &json!({"mode": "paused"})).await.expect(200);
        let url = refusing(503).await;
        let usual = |delays: Value| json!({"url": url, "provider": "generic", "retry": {"delays_ms": delays, "jitter": 0}});
        let (later_at, _) = made(&bench, usual(json!([60 * MINUTE])), json!({})).await;
        let (sooner_at, endpoint) =
            made(&bench, with(usual(json!([10 * MINUTE, 10 * MINUTE])), &endpoint), event).await;
        Self {
            endpoint: format!("/v1/webhook-endpoints/{endpoint}"),
            bench,
            sooner: sooner_at,
            later: later_at,
        }
    }

    async fn clock(&self) -> Value {
        once_at_rest(&self.bench).await
    }

    /// When the next attempt of a delivery is due.
    async fn due(&self, delivery: &str) -> Value {
        let seen = self.bench.get(delivery).await.expect(200);
        assert_eq!((&seen["status"], &seen["attempt_count"]), (&json!("retrying"), &json!(1)), "{seen}");
        seen["next_attempt_at"].clone()
    }

    /// Jumps to what is due next, which is then.
    async fn jump_to(&self, due: &Value) {
        let jumped = self.bench.post("/v1/clock", &json!({"advance_to_next": true})).await.expect(200);
        assert_eq!(&jumped["now"], due, "{jumped}");
    }

    /// The other is what is due next, whether it is jumped to at once or looked at first; and after it nothing is.
    async fn only_the_later_is_due(self, looks: bool) {
        let due = self.due(&self.later).await;
        if looks {
            let shown = async {
                while self.clock().await["next_due_at"] != due {
                    tokio::task::yield_now().await;
                }
            };
            let shown = tokio::time::timeout(Duration::from_secs(20), shown).await;
            assert!(shown.is_ok(), "{due} {}", self.clock().await);
        }
        self.jump_to(&due).await;
        let done = self.bench.ended(text(&json!(self.later.trim_start_matches("/v1/deliveries/")))).await;
        assert_eq!((&done["status"], &done["attempt_count"]), (&json!("failed"), &json!(2)), "{done}");
        let refused = self.bench.post("/v1/clock", &json!({"advance_to_next": true})).await.expect(409);
        assert!(text(&refused["detail"]).contains("Nothing is due"), "{refused}");
        assert_eq!(self.clock().await["next_due_at"], Value::Null);
        assert_eq!(Timestamp::parse_rfc3339(text(&due)).unwrap(), self.bench.workbench.now());
        self.bench.close().await;
    }
}

fn with(mut one: Value, more: &Value) -> Value {
    let fields = more.as_object().unwrap().clone();
    one.as_object_mut().unwrap().extend(fields);
    one
}

/// Makes an endpoint and sends it an event; gives the delivery's path, once it has failed, and the endpoint's id.
async fn made(bench: &Bench, endpoint: Value, event: Value) -> (String, String) {
    let endpoint = bench.post("/v1/webhook-endpoints", &endpoint).await.expect(201);
    let id = text(&endpoint["id"]).to_owned();
    (sent(bench, &id, event).await, id)
}

async fn sent(bench: &Bench, endpoint: &str, event: Value) -> String {
    let usual =
        json!({"type": "order.created", "provider": "generic", "payload": {}, "endpoint_ids": [endpoint]});
    let mut changes = bench.workbench.changes().subscribe();
    let made = bench.post("/v1/events", &with(usual, &event)).await.expect(202);
    let path = format!("/v1/deliveries/{}", text(&made["deliveries"][0]["id"]));
    while bench.get(&path).await.expect(200)["attempt_count"] == 0 {
        changes.next().await;
    }
    path
}

#[tokio::test]
async fn once_it_is_cancelled_what_comes_after_it_is_due_next() {
    for looks in [false, true] {
        let two = Two::wait(json!({}), json!({})).await;
        assert_eq!(two.clock().await["next_due_at"], two.due(&two.sooner).await);
        two.bench.post(&format!("{}/cancel", two.sooner), &json!({})).await.expect(200);
        two.only_the_later_is_due(looks).await;
    }
}

#[tokio::test]
async fn once_it_is_skipped_what_comes_after_it_is_due_next() {
    let two = Two::wait(json!({"ordered": true}), json!({})).await;
    two.bench.post(&format!("{}/skip", two.sooner), &json!({})).await.expect(200);
    two.only_the_later_is_due(true).await;
}

#[tokio::test]
async fn once_its_endpoint_is_disabled_by_hand_or_deleted_what_comes_after_it_is_due_next() {
    for (looks, deletes) in [(false, false), (true, false), (false, true), (true, true)] {
        let two = Two::wait(json!({}), json!({})).await;
        if deletes {
            two.bench.delete(&two.endpoint).await.expect(204);
        } else {
            two.bench.patch(&two.endpoint, &json!({"status": "disabled"})).await.expect(200);
        }
        two.only_the_later_is_due(looks).await;
    }
}

#[tokio::test]
async fn once_its_endpoint_is_disabled_by_its_rule_what_comes_after_it_is_due_next() {
    let rule = json!({"disable": {"kind": "consecutive_failures", "count": 2, "counting": "attempts"}});
    let two = Two::wait(rule, json!({})).await;
    sent(&two.bench, two.endpoint.trim_start_matches("/v1/webhook-endpoints/"), json!({})).await;
    assert_eq!(two.bench.get(&two.endpoint).await.expect(200)["status"], "disabled");
    two.only_the_later_is_due(true).await;
}

#[tokio::test]
async fn what_expires_is_due_then_and_what_comes_after_it_next() {
    let two = Two::wait(json!({}), json!({"ttl_ms": 15 * MINUTE})).await;
    let (from, due) = (two.bench.workbench.now(), two.due(&two.sooner).await);
    two.jump_to(&due).await;
    // The third attempt would come after it has expired, so the second was the last: nothing is left to expire.
    let ended = two.bench.get(&two.sooner).await.expect(200);
    assert_eq!((&ended["status"], &ended["attempt_count"]), (&json!("failed"), &json!(2)), "{ended}");
    assert_eq!(at(&due).ms_since(from) / MINUTE, 10);
    two.only_the_later_is_due(true).await;
}

#[tokio::test]
async fn what_is_paused_expires_in_its_time_and_what_was_delivered_does_not() {
    let two = Two::wait(json!({}), json!({"ttl_ms": 15 * MINUTE})).await;
    two.bench.patch(&two.endpoint, &json!({"status": "disabled"})).await.expect(200);
    let expires = text(&two.bench.get(&two.sooner).await.expect(200)["expires_at"]).to_owned();
    two.jump_to(&json!(expires)).await;
    assert_eq!(two.bench.get(&two.sooner).await.expect(200)["ended_because"], "expired");
    two.only_the_later_is_due(true).await;

    let two = Two::wait(json!({}), json!({"ttl_ms": 30 * MINUTE})).await;
    let well = two.bench.workbench.capture_origin();
    let well = format!("{}/well", well.trim_end_matches('/'));
    two.bench.post("/v1/inboxes", &json!({"slug": "well"})).await.expect(201);
    two.bench.patch(&two.endpoint, &json!({"url": well})).await.expect(200);
    let due = two.due(&two.sooner).await;
    two.jump_to(&due).await;
    let delivered = two.bench.ended(two.sooner.trim_start_matches("/v1/deliveries/")).await;
    assert_eq!(delivered["status"], "delivered", "{delivered}");
    two.only_the_later_is_due(true).await;
}

/// Waits until that is what is due next, the engine being at rest; null for nothing.
async fn until_next_due(bench: &Bench, is_it: impl Fn(&Value) -> bool) -> Value {
    let shown = async {
        loop {
            let clock = once_at_rest(bench).await;
            if is_it(&clock["next_due_at"]) {
                return clock["next_due_at"].clone();
            }
            tokio::task::yield_now().await;
        }
    };
    let shown = tokio::time::timeout(Duration::from_secs(20), shown).await;
    assert!(shown.is_ok(), "{}", once_at_rest(bench).await);
    shown.unwrap()
}

#[tokio::test]
async fn an_alert_that_waits_is_due_only_while_somebody_wants_to_be_told() {
    let bench = Bench::open_demo().await;
    without_anything_due(&bench).await;
    bench.post("/v1/clock", &json!({"mode": "paused"})).await.expect(200);
    let taker = json!({"url": refusing(200).await, "provider": "hookbench"});
    let taker = bench.post("/v1/webhook-endpoints", &taker).await.expect(201);
    let path = format!("/v1/webhook-endpoints/{}", text(&taker["id"]));
    let told = format!("/v1/deliveries?endpoint_id={}", text(&taker["id"]));
    let once =
        json!({"url": refusing(503).await, "provider": "generic", "retry": {"delays_ms": [], "jitter": 0}});

    // The first delivery that fails for good is told of at once, the second in five minutes.
    let (_, endpoint) = made(&bench, once, json!({})).await;
    sent(&bench, &endpoint, json!({})).await;
    let waits = until_next_due(&bench, |due| !due.is_null()).await;
    for (edit, back) in [
        (json!({"enabled_events": ["endpoint.failing"]}), json!({"enabled_events": ["*"]})),
        (json!({"status": "disabled"}), json!({"status": "enabled"})),
    ] {
        bench.patch(&path, &edit).await.expect(200);
        until_next_due(&bench, Value::is_null).await;
        bench.post("/v1/clock", &json!({"advance_to_next": true})).await.expect(409);
        bench.patch(&path, &back).await.expect(200);
        until_next_due(&bench, |due| *due == waits).await;
    }
    let before = bench.get(&told).await.expect(200)["data"].as_array().unwrap().len();
    let jumped = bench.post("/v1/clock", &json!({"advance_to_next": true})).await.expect(200);
    assert_eq!(jumped["now"], waits, "{jumped}");
    let after = bench.get(&told).await.expect(200)["data"].as_array().unwrap().len();
    assert_eq!(after, before + 1, "the alert is told");

    // With whoever was to be told it goes what waited.
    sent(&bench, &endpoint, json!({})).await;
    until_next_due(&bench, |due| !due.is_null()).await;
    bench.delete(&path).await.expect(204);
    until_next_due(&bench, Value::is_null).await;
    bench.close().await;
}
