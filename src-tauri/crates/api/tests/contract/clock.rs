//! The workspace's time: real, or in a demo made by hand.

use hookbench_model::Timestamp;
use http::Method;
use serde_json::{Value, json};

use crate::bench::{Bench, START, text};

pub(crate) fn at(value: &Value) -> Timestamp {
    Timestamp::parse_rfc3339(text(value)).unwrap()
}

/// How many milliseconds later the second is.
fn between(from: &Value, to: &Value) -> i64 {
    at(to).ms_since(at(from))
}

#[tokio::test]
async fn outside_a_demo_time_is_told_and_not_changed() {
    let bench = Bench::open().await;
    let clock = bench.get("/v1/clock").await.expect(200);
    assert_eq!(text(&clock["mode"]), "real");
    assert_eq!(text(&clock["now"]), START.to_rfc3339());
    assert_eq!((&clock["speed"], &clock["paused"]), (&json!(1), &json!(false)));
    assert_eq!((&clock["can_change"], &clock["jumping_to"]), (&json!(false), &Value::Null));
    assert_eq!(clock["noticed"], Value::Null);
    let refused = bench.post("/v1/clock", &json!({"mode": "paused"})).await.expect(409);
    assert_eq!(text(&refused["type"]), "wrong-state");
    assert!(text(&refused["detail"]).contains("demo"), "{refused}");
    bench.close().await;
}

#[tokio::test]
async fn what_is_asked_of_a_demos_time_is_checked_and_each_field_named() {
    let bench = Bench::open_demo().await;
    for (edit, field) in [
        (json!({"speed": 0}), "speed"),
        (json!({"speed": 3601}), "speed"),
        (json!({"advance_ms": 0}), "advance_ms"),
        (json!({"advance_ms": 31_622_400_001_u64}), "advance_ms"),
        (json!({"advance_ms": 5, "advance_to_next": true}), "advance_to_next"),
    ] {
        let refused = bench.post("/v1/clock", &edit).await.expect(422);
        assert_eq!(text(&refused["errors"][0]["field"]), field, "{refused}");
    }
    let unreadable = bench.send(Method::POST, "/v1/clock", &json!({"mode": "asleep"})).await.status;
    assert!(unreadable.is_client_error(), "{unreadable}");
    bench.close().await;
}

#[tokio::test]
async fn a_demos_time_stands_goes_on_and_jumps_and_readers_are_told() {
    let bench = Bench::open_demo().await;
    let paused = bench.post("/v1/clock", &json!({"mode": "paused", "speed": 60})).await.expect(200);
    assert_eq!(text(&paused["mode"]), "virtual");
    assert_eq!((&paused["paused"], &paused["rate"]), (&json!(true), &json!(0)));
    assert_eq!((&paused["speed"], &paused["can_change"]), (&json!(60), &json!(true)));

    let told_before = bench.workbench.changes().last_sequence();
    let moved = bench.post("/v1/clock", &json!({"advance_ms": 3_600_000})).await.expect(200);
    assert_eq!(between(&paused["now"], &moved["now"]), 3_600_000);
    assert_eq!(moved["jumping_to"], Value::Null);
    let told = bench.workbench.changes().since(told_before).unwrap();
    assert!(told.iter().any(|change| change.noun.as_str() == "clock"), "{told:?}");
    assert_eq!(bench.get("/v1/health").await.expect(200)["now"], moved["now"], "and it stands still");

    let running = bench.post("/v1/clock", &json!({"mode": "running", "speed": 3600})).await.expect(200);
    assert_eq!((&running["paused"], &running["speed"]), (&json!(false), &json!(3600)));
    assert!(between(&moved["now"], &running["now"]) >= 0);
    bench.close().await;
}

/// Attempts of a delivery, from the first planned one to the last: each at its own time, however far the jump.
#[tokio::test]
async fn a_jump_makes_every_attempt_on_its_way_at_its_own_time() {
    let bench = Bench::open_demo().await;
    bench.post("/v1/clock", &json!({"mode": "paused"})).await.expect(200);
    let (inbox, endpoint) = bench.loop_of("pulsewave").await;
    let inbox = format!("/v1/inboxes/{}", text(&inbox["id"]));
    bench.patch(&inbox, &json!({"response": {"status": 503}})).await.expect(200);
    let delays = [60_000, 600_000, 3_600_000];
    let retry = json!({"retry": {"delays_ms": delays, "jitter": 0.0}});
    bench.patch(&format!("/v1/webhook-endpoints/{}", text(&endpoint["id"])), &retry).await.expect(200);
    let event = json!({"type": "message.sent", "provider": "pulsewave", "endpoint_ids": [endpoint["id"]]});
    let sent = bench.post("/v1/events", &event).await.expect(202);
    let id = text(&sent["deliveries"][0]["id"]).to_owned();

    bench.post("/v1/clock", &json!({"advance_ms": 86_400_000})).await.expect(200);
    let seen = bench.get(&format!("/v1/deliveries/{id}")).await.expect(200);
    assert_eq!(seen["status"], "failed", "{seen}");
    let attempts = seen["attempts"].as_array().unwrap();
    let waits: Vec<i64> =
        attempts.windows(2).map(|pair| between(&pair[0]["started_at"], &pair[1]["started_at"])).collect();
    assert_eq!(waits, delays, "{seen}");

    // The signatures were made and verified by the demo's time.
    let requests = bench.get(&format!("/v1/requests?inbox_id={}", &inbox["/v1/inboxes/".len()..])).await;
    let requests = requests.expect(200);
    let verified = requests["data"].as_array().unwrap();
    assert_eq!(verified.len(), 4);
    assert!(verified.iter().all(|request| request["verification"]["status"] == "valid"), "{requests}");
    bench.close().await;
}

#[tokio::test]
async fn a_jump_to_what_is_due_next_goes_there_and_no_further() {
    let bench = Bench::open_demo().await;
    let paused = bench.post("/v1/clock", &json!({"mode": "paused"})).await.expect(200);
    let jumped = bench.post("/v1/clock", &json!({"advance_to_next": true})).await.expect(200);
    // The demo's day ends with retries that wait.
    assert!(between(&paused["now"], &jumped["now"]) > 0, "{jumped}");
    let next = once_at_rest(&bench).await;
    let again = bench.post("/v1/clock", &json!({"advance_to_next": true})).await.expect(200);
    assert_eq!(again["now"], next["next_due_at"], "{next} {again}");
    bench.close().await;
}

/// How time goes, once nothing happens: while the engine is at work, if only to look, what is due next is due now.
pub(crate) async fn once_at_rest(bench: &Bench) -> Value {
    loop {
        let clock = bench.get("/v1/clock").await.expect(200);
        if clock["next_due_at"] != clock["now"] {
            return clock;
        }
        tokio::task::yield_now().await;
    }
}

/// The demo's own endpoints go first: what they wait for would be due.
pub(crate) async fn without_anything_due(bench: &Bench) {
    for _ in 0..60 {
        if bench.get("/v1/clock").await.expect(200)["next_due_at"].is_null() {
            return;
        }
        bench.post("/v1/clock", &json!({"advance_ms": 31_622_400_000_u64})).await.expect(200);
    }
    panic!("there is always something due");
}

#[tokio::test]
async fn a_jump_that_is_refused_changes_nothing_besides() {
    let bench = Bench::open_demo().await;
    without_anything_due(&bench).await;
    let before = bench.get("/v1/clock").await.expect(200);
    assert_eq!((&before["paused"], &before["speed"]), (&json!(false), &json!(1)), "{before}");
    let edit = json!({"mode": "paused", "speed": 60, "advance_to_next": true});
    let refused = bench.post("/v1/clock", &edit).await.expect(409);
    assert!(text(&refused["detail"]).contains("Nothing is due"), "{refused}");
    let after = bench.get("/v1/clock").await.expect(200);
    for field in ["paused", "speed", "rate", "jumping_to"] {
        assert_eq!(after[field], before[field], "{field}: {after}");
    }
    bench.close().await;
}

/// A receiver outside, which refuses whatever comes with this status.
pub(crate) async fn refusing(status: u16) -> String {
    let app =
        axum::Router::new().fallback(move || async move { http::StatusCode::from_u16(status).unwrap() });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}/")
}

/// Sends an endpoint of this provider one event, and gives the delivery once its attempts have failed.
async fn failed(bench: &Bench, provider: &str, url: &str) -> Value {
    let endpoint = json!({"url": url, "provider": provider, "retry": {"delays_ms": [], "jitter": 0}});
    let endpoint = bench.post("/v1/webhook-endpoints", &endpoint).await.expect(201);
    let mut changes = bench.workbench.changes().subscribe();
    let tested = format!("/v1/webhook-endpoints/{}/test", text(&endpoint["id"]));
    let sent = bench.post(&tested, &json!({})).await.expect(202);
    let path = format!("/v1/deliveries/{}", text(&sent["deliveries"][0]["id"]));
    loop {
        let seen = bench.get(&path).await.expect(200);
        if seen["status"] == "failed" {
            return seen;
        }
        changes.next().await;
    }
}

#[tokio::test]
async fn what_a_receiver_outside_refused_by_its_own_clock_carries_a_hint_of_the_moved_one() {
    let bench = Bench::open_demo().await;
    let (refuses, lacks) = (refusing(400).await, refusing(404).await);
    let in_time = failed(&bench, "stripe", &refuses).await;
    assert_eq!(in_time["hint"], Value::Null, "{in_time}");

    bench.post("/v1/clock", &json!({"mode": "paused", "advance_ms": 86_400_000})).await.expect(200);
    let ahead = failed(&bench, "stripe", &refuses).await;
    assert!(text(&ahead["hint"]).contains("1 day ahead of the machine's"), "{ahead}");
    // What was signed before, what signs no time, and what is refused for something else.
    let before = bench.get(&format!("/v1/deliveries/{}", text(&in_time["id"]))).await.expect(200);
    let untimed = failed(&bench, "github", &refuses).await;
    let missing = failed(&bench, "stripe", &lacks).await;
    for other in [&before, &untimed, &missing] {
        assert_eq!(other["hint"], Value::Null, "{other}");
    }
    // An inbox of the demo goes by the same clock.
    let inbox = json!({"provider": "stripe", "response": {"status": 400}});
    let inbox = bench.post("/v1/inboxes", &inbox).await.expect(201);
    assert_eq!(failed(&bench, "stripe", text(&inbox["url"])).await["hint"], Value::Null);
    bench.close().await;
}
