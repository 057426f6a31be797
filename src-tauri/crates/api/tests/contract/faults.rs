//! Fault receivers, and another endpoint's policy tried out at one: every fault over a real socket, through the real
//! engine.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::bench::{Bench, text};
use crate::happy::until;

/// One try, and no more patience than a second.
fn hasty() -> Value {
    json!({
        "url": "https://example.com/hooks/orders?v=2", "provider": "generic", "timeout_ms": 1000,
        "retry": {"delays_ms": []},
    })
}

/// An endpoint, and a fault receiver at which its policy is tried out.
async fn trial(bench: &Bench, endpoint: &Value, dial: &Value) -> (Value, Value) {
    let endpoint = bench.post("/v1/webhook-endpoints", endpoint).await.expect(201);
    let receiver = json!({"trial_of": endpoint["id"], "dial": dial});
    let receiver = bench.post("/v1/fault-receivers", &receiver).await.expect(201);
    (endpoint, receiver)
}

fn path(receiver: &Value) -> String {
    format!("/v1/fault-receivers/{}", text(&receiver["id"]))
}

/// The receiver, once it has noted so many. Whoever does not like a certificate goes before the receiver knows why.
async fn received(bench: &Bench, receiver: &Value, count: u64) -> Value {
    let mut changes = bench.workbench.changes().subscribe();
    loop {
        let seen = bench.get(&path(receiver)).await.expect(200);
        if seen["received_count"].as_u64() >= Some(count) {
            return seen;
        }
        changes.next().await;
    }
}

/// Sends an event to a trial; its delivery's id.
async fn send(bench: &Bench, receiver: &Value) -> String {
    let event = json!({"type": "a.b", "provider": "generic", "endpoint_ids": [receiver["endpoint_id"]]});
    let sent = bench.post("/v1/events", &event).await.expect(202);
    text(&sent["deliveries"][0]["id"]).to_owned()
}

#[tokio::test]
async fn each_fault_is_named_for_what_it_is() {
    let bench = Bench::open().await;
    let (_, receiver) = trial(&bench, &hasty(), &json!({})).await;
    for (nth, (dial, outcome, code, status)) in (1..).zip([
        (json!({"fault": "reset"}), "connection_reset", "reset_before_answer", None),
        (json!({"fault": "close"}), "connection_reset", "closed_without_answer", None),
        (json!({"fault": "no_answer"}), "timeout", "timeout_first_byte", None),
        (json!({"fault": "drip"}), "timeout", "timeout_first_byte", Some(200)),
        (json!({"fault": "half_headers"}), "connection_reset", "half_headers", None),
        (json!({"fault": "wrong_length", "body": "half"}), "connection_reset", "short_body", Some(200)),
        (json!({"fault": "bad_tls"}), "tls_failure", "tls_expired", None),
        (json!({"fault": "bad_tls", "certificate": "wrong_name"}), "tls_failure", "tls_wrong_name", None),
        (json!({"fault": "bad_tls", "certificate": "self_signed"}), "tls_failure", "tls_self_signed", None),
    ]) {
        let set = bench.patch(&path(&receiver), &json!({"dial": dial})).await.expect(200);
        assert_eq!((&set["turns"], &set["next"]["fault"]), (&json!(0), &dial["fault"]), "{dial}");
        let delivery = send(&bench, &receiver).await;
        let ended = bench.ended(&delivery).await;
        let attempt = &ended["attempts"][0];
        assert_eq!(
            (&attempt["outcome"], &attempt["error_code"]),
            (&json!(outcome), &json!(code)),
            "{dial}: {attempt}"
        );
        let seen = received(&bench, &receiver, nth).await;
        let row = &seen["received"][0];
        assert_eq!(
            (&seen["turns"], &row["fault"], &row["status"]),
            (&json!(1), &dial["fault"], &json!(status))
        );
        if dial["fault"] == "bad_tls" {
            assert_eq!((&row["tls"], &row["method"]), (&json!(true), &Value::Null), "{row}");
            assert!(text(&row["problem"]).contains("TLS handshake failed"), "{row}");
        } else {
            assert_eq!((&row["delivery_id"], &row["attempt"]), (&json!(delivery), &json!(1)), "{row}");
            assert_eq!(
                (&row["method"], &row["path"]),
                (&json!("POST"), &json!("/hooks/orders?v=2")),
                "{row}"
            );
        }
    }
    bench.close().await;
}

#[tokio::test]
async fn a_whole_plan_is_seen_and_the_endpoint_itself_stays_as_it_is() {
    let bench = Bench::open().await;
    let mut endpoint = hasty();
    endpoint["retry"] = json!({"delays_ms": [1000, 2000, 4000], "jitter": 0.0});
    endpoint["headers"] = json!([["X-Own", "1"]]);
    // The rules about where may be sent are about others: our own receivers may always be reached.
    bench.patch("/v1/settings", &json!({"egress": {"deny_private": true}})).await.expect(200);
    let dial = json!({"statuses": [503, 429, 200], "retry_after": {"seconds": 3}});
    let (endpoint, receiver) = trial(&bench, &endpoint, &dial).await;
    assert_eq!(receiver["trial_of"], endpoint["id"]);
    let twin = format!("/v1/webhook-endpoints/{}", text(&receiver["endpoint_id"]));
    let made = bench.get(&twin).await.expect(200);
    assert_eq!((&made["policy"], &made["headers"]), (&endpoint["policy"], &endpoint["headers"]));
    assert_eq!((&made["trial_of"], &made["enabled_events"]), (&endpoint["id"], &json!([])));
    assert_eq!(made["secret_hint"], endpoint["secret_hint"]);

    let delivery = send(&bench, &receiver).await;
    let delivery = format!("/v1/deliveries/{delivery}");
    let first = until(&bench, &delivery, "retrying").await;
    assert_eq!(first["attempts"][0]["response"]["status"], 503);
    // A second by the plan; three by what the receiver said.
    bench.clock.advance(Duration::from_secs(3));
    let mut changes = bench.workbench.changes().subscribe();
    loop {
        let now = bench.get(&delivery).await.expect(200);
        if now["attempts"].as_array().unwrap().len() == 2 && now["status"] == "retrying" {
            break;
        }
        changes.next().await;
    }
    bench.clock.advance(Duration::from_secs(3));
    let ended = until(&bench, &delivery, "delivered").await;
    let statuses: Vec<_> =
        ended["attempts"].as_array().unwrap().iter().map(|one| one["response"]["status"].clone()).collect();
    assert_eq!(statuses, [json!(503), json!(429), json!(200)]);
    let seen = bench.get(&path(&receiver)).await.expect(200);
    let statuses: Vec<_> =
        seen["received"].as_array().unwrap().iter().map(|row| row["status"].clone()).collect();
    assert_eq!(statuses, [json!(200), json!(429), json!(503)], "newest first");

    // The policy is the endpoint's, also when that changes; a test of the trial is one of the profile's events.
    let edit = json!({"timeout_ms": 2000, "breaker": {"failures": 2, "open_ms": 1000, "max_open_ms": 1000}});
    bench.patch(&format!("/v1/webhook-endpoints/{}", text(&endpoint["id"])), &edit).await.expect(200);
    let followed = bench.get(&twin).await.expect(200);
    assert_eq!((&followed["timeout_ms"], &followed["breaker"]), (&edit["timeout_ms"], &edit["breaker"]));
    assert_eq!((&followed["url"], &followed["trial_of"]), (&made["url"], &endpoint["id"]));

    // What nobody names goes to the endpoint alone.
    let everybody =
        bench.post("/v1/events", &json!({"type": "a.b", "provider": "generic"})).await.expect(202);
    let targets = everybody["deliveries"].as_array().unwrap();
    assert_eq!((targets.len(), &targets[0]["endpoint_id"]), (1, &endpoint["id"]));

    bench.patch(&path(&receiver), &json!({"dial": {"statuses": [410]}})).await.expect(200);
    send(&bench, &receiver).await;
    until(&bench, &twin, "disabled").await;
    let of = bench.get(&format!("/v1/webhook-endpoints/{}", text(&endpoint["id"]))).await.expect(200);
    assert_eq!((&of["status"], &of["trial_of"]), (&json!("enabled"), &Value::Null));
    bench.close().await;
}

/// One exchange over a socket of our own, to its end.
async fn exchange(receiver: &Value, request: &[u8]) -> String {
    let address = text(&receiver["url"]).trim_start_matches("http://").trim_end_matches('/').to_owned();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn anybody_may_be_answered_by_one_and_its_dial_holds_from_the_next_request_on() {
    let bench = Bench::open().await;
    let dial = json!({
        "statuses": [500, 201], "repeat": true, "headers": [["X-Mood", "bad"]], "body": "hm",
        "retry_after": {"seconds": 90, "form": "date"},
    });
    let receiver =
        bench.post("/v1/fault-receivers", &json!({"name": "Mine", "dial": dial})).await.expect(201);
    assert_eq!((&receiver["name"], &receiver["endpoint_id"]), (&json!("Mine"), &Value::Null));
    let request = b"PUT /x?y HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
    let first = exchange(&receiver, request).await;
    assert!(first.starts_with("HTTP/1.1 500 ") && first.ends_with("\r\n\r\nhm"), "{first}");
    assert!(first.contains("\r\nX-Mood: bad\r\n"), "{first}");
    assert!(first.contains("\r\nRetry-After: Sat, 21 Nov 2026 04:36:30 GMT\r\n"), "{first}");
    assert!(exchange(&receiver, request).await.starts_with("HTTP/1.1 201 "));
    assert!(exchange(&receiver, request).await.starts_with("HTTP/1.1 500 "), "they begin anew");
    let odd = exchange(&receiver, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    assert!(odd.starts_with("HTTP/1.1 505 "), "{odd}");

    let dial = json!({"fault": "close", "fail_first": 1, "statuses": [204]});
    let set = bench.patch(&path(&receiver), &json!({"dial": dial, "name": "Yours"})).await.expect(200);
    assert_eq!(
        (&set["dial"]["headers"], &set["dial"]["body"]),
        (&json!([]), &json!("")),
        "it is set as a whole"
    );
    assert_eq!(exchange(&receiver, request).await, "");
    assert!(exchange(&receiver, request).await.starts_with("HTTP/1.1 204 "));
    let seen = bench.get(&path(&receiver)).await.expect(200);
    assert_eq!(
        (&seen["name"], &seen["received_count"], &seen["turns"]),
        (&json!("Yours"), &json!(6), &json!(2))
    );
    let refused = &seen["received"][2];
    assert_eq!((&refused["method"], &refused["status"]), (&Value::Null, &Value::Null), "{refused}");
    assert!(text(&refused["problem"]).contains("another version"), "{refused}");
    assert_eq!(
        (&seen["received"][0]["body_size"], &seen["received"][0]["delivery_id"]),
        (&json!(5), &Value::Null)
    );
    bench.close().await;
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_its_field() {
    let bench = Bench::open().await;
    let receiver = bench.post("/v1/fault-receivers", &json!({})).await.expect(201);
    for (dial, field) in [
        (json!({"statuses": []}), "dial.statuses"),
        (json!({"statuses": vec![200; 101]}), "dial.statuses"),
        (json!({"statuses": [200, 199]}), "dial.statuses[1]"),
        (json!({"delay_ms": 120_001}), "dial.delay_ms"),
        (json!({"headers": [["Content-Length", "5"]]}), "dial.headers[0]"),
        (json!({"retry_after": {"seconds": 604_801}}), "dial.retry_after.seconds"),
        (json!({"body": "x".repeat(65537)}), "dial.body"),
        (json!({"body": {"base64": "?"}}), "dial.body.base64"),
        (json!({"fail_first": 1}), "dial.fail_first"),
        (json!({"drip_bytes_per_s": 0}), "dial.drip_bytes_per_s"),
        (json!({"drip_bytes_per_s": 1001}), "dial.drip_bytes_per_s"),
        (json!({"fault": "explode"}), "dial.fault"),
        (json!({"speed": 1}), "dial.speed"),
    ] {
        for refused in [
            bench.patch(&path(&receiver), &json!({"dial": dial})).await,
            bench.post("/v1/fault-receivers", &json!({"dial": dial})).await,
        ] {
            assert_eq!(refused.expect(422)["errors"][0]["field"], json!(field), "{dial}");
        }
    }
    let nobody = "ep_00000000000000000000000000";
    for (id, said) in [(nobody, "there is no endpoint"), ("nonsense", "not an endpoint id")] {
        let refused = bench.post("/v1/fault-receivers", &json!({"trial_of": id})).await.expect(422);
        assert!(text(&refused["errors"][0]["message"]).contains(said), "{refused}");
    }
    for method in [Method::GET, Method::DELETE] {
        let path = "/v1/fault-receivers/flt_00000000000000000000000000";
        bench.send(method, path, &json!({})).await.expect(404);
    }
    bench.close().await;
}

#[tokio::test]
async fn a_trial_of_an_endpoint_that_waits_for_its_first_test_is_sent_what_its_provider_sends() {
    let bench = Bench::open().await;
    let draft =
        json!({"url": "https://example.com/", "provider": "smsportal", "enabled_events": ["v2.reply"]});
    let (endpoint, receiver) = trial(&bench, &draft, &json!({})).await;
    assert_eq!(endpoint["draft"], json!(true));
    let twin = format!("/v1/webhook-endpoints/{}", text(&receiver["endpoint_id"]));
    let made = bench.get(&twin).await.expect(200);
    assert_eq!((&made["draft"], &made["status"]), (&json!(false), &json!("enabled")));
    let sent = bench.post(&format!("{twin}/test"), &json!({})).await.expect(202);
    let ended = bench.ended(text(&sent["deliveries"][0]["id"])).await;
    assert_eq!(ended["attempts"][0]["response"]["status"], json!(200), "{ended}");
    let of = bench.get(&format!("/v1/webhook-endpoints/{}", text(&endpoint["id"]))).await.expect(200);
    assert_eq!((&of["draft"], &of["tested_at"]), (&json!(true), &Value::Null));
    bench.close().await;
}

#[tokio::test]
async fn the_failures_of_a_trial_are_wanted_so_nobody_is_told_and_nothing_counts_them() {
    let bench = Bench::open().await;
    let pager = json!({"url": "http://127.0.0.1:1/pager", "provider": "hookbench"});
    bench.post("/v1/webhook-endpoints", &pager).await.expect(201);
    // What is counted is so by the minute, up to the one that runs.
    let (endpoint, receiver) = trial(&bench, &hasty(), &json!({"statuses": [503]})).await;
    let ended = bench.ended(&send(&bench, &receiver).await).await;
    assert_eq!(ended["ended_because"], "exhausted");
    let alerts = bench.get("/v1/events?provider=hookbench").await.expect(200);
    assert_eq!(alerts["data"], json!([]));
    bench.clock.advance(Duration::from_mins(1));
    let stats = bench.get("/v1/stats").await.expect(200);
    assert_eq!((&stats["endpoints"], &stats["failed"]), (&json!([]), &json!(0)), "{stats}");

    // The endpoint itself fails like any other.
    let event = json!({"type": "a.b", "provider": "generic", "endpoint_ids": [endpoint["id"]]});
    let sent = bench.post("/v1/events", &event).await.expect(202);
    bench.ended(text(&sent["deliveries"][0]["id"])).await;
    let alerts = bench.get("/v1/events?provider=hookbench").await.expect(200);
    assert!(!alerts["data"].as_array().unwrap().is_empty());
    bench.clock.advance(Duration::from_mins(1));
    let stats = bench.get("/v1/stats").await.expect(200);
    assert_eq!(stats["failed"], 1, "{stats}");
    bench.close().await;
}

#[tokio::test]
async fn there_are_only_so_many_and_one_trial_of_an_endpoint() {
    let bench = Bench::open().await;
    let (endpoint, receiver) = trial(&bench, &hasty(), &json!({})).await;
    let again = bench.post("/v1/fault-receivers", &json!({"trial_of": endpoint["id"]})).await.expect(409);
    assert!(text(&again["detail"]).contains(text(&receiver["id"])), "{again}");
    let of_a_trial = json!({"trial_of": receiver["endpoint_id"]});
    let of_a_trial = bench.post("/v1/fault-receivers", &of_a_trial).await.expect(422);
    assert!(text(&of_a_trial["errors"][0]["message"]).contains("is a trial itself"), "{of_a_trial}");
    for _ in 1..16 {
        bench.post("/v1/fault-receivers", &json!({})).await.expect(201);
    }
    bench.post("/v1/fault-receivers", &json!({})).await.expect(409);
    let all = bench.get("/v1/fault-receivers").await.expect(200);
    assert_eq!(all["data"].as_array().unwrap().len(), 16);
    assert_eq!(all["data"][15]["id"], receiver["id"], "newest first");

    // It goes with either of its endpoints, or takes the trial's with it.
    bench.delete(&format!("/v1/webhook-endpoints/{}", text(&endpoint["id"]))).await.expect(204);
    bench.get(&path(&receiver)).await.expect(404);
    bench.get(&format!("/v1/webhook-endpoints/{}", text(&receiver["endpoint_id"]))).await.expect(404);
    let (endpoint, receiver) = trial(&bench, &hasty(), &json!({})).await;
    bench.delete(&format!("/v1/webhook-endpoints/{}", text(&receiver["endpoint_id"]))).await.expect(204);
    bench.get(&path(&receiver)).await.expect(404);
    let receiver = bench.post("/v1/fault-receivers", &json!({"trial_of": endpoint["id"]})).await.expect(201);
    let address = text(&receiver["url"]).trim_start_matches("http://").trim_end_matches('/').to_owned();
    let mut open = tokio::net::TcpStream::connect(address).await.unwrap();
    bench.delete(&path(&receiver)).await.expect(204);
    bench.get(&format!("/v1/webhook-endpoints/{}", text(&receiver["endpoint_id"]))).await.expect(404);
    bench.get(&format!("/v1/webhook-endpoints/{}", text(&endpoint["id"]))).await.expect(200);
    let mut said = Vec::new();
    let _ = open.read_to_end(&mut said).await;
    assert!(said.is_empty(), "whoever was connected is let go");
    bench.close().await;
}
