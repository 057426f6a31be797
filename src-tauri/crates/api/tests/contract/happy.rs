//! Each resource does what it is for.

use http::Method;
use serde_json::{Value, json};

use crate::bench::{Bench, text};

#[tokio::test]
async fn an_endpoint_is_made_edited_rotated_revealed_and_deleted() {
    let bench = Bench::open().await;
    let made =
        json!({"url": "http://127.0.0.1:9/hooks", "enabled_events": ["message.bounced", "domain.verified"]});
    let made = bench.post("/v1/webhook-endpoints", &made).await.expect(201);
    // One profile alone has both types.
    assert_eq!(made["provider"], "pulsewave");
    assert_eq!(made["name"], "127.0.0.1:9");
    let secret = text(&made["secret"]).to_owned();
    assert!(secret.starts_with("whsec_"));
    let path = format!("/v1/webhook-endpoints/{}", text(&made["id"]));
    let seen = bench.get(&path).await.expect(200);
    assert!(seen.get("secret").is_none());
    assert!(secret.ends_with(text(&seen["secret_hint"]).trim_start_matches('…')));

    let edit =
        json!({"name": "Mine", "timeout_ms": 5000, "retry": {"delays_ms": [10, 20]}, "status": "disabled"});
    let edited = bench.patch(&path, &edit).await.expect(200);
    assert_eq!((text(&edited["name"]), text(&edited["status"])), ("Mine", "disabled"));
    assert_eq!((&edited["retry"]["delays_ms"], &edited["retry"]["jitter"]), (&json!([10, 20]), &json!(0.0)));
    assert!(edited["disabled_reason"].is_string());
    let edited = bench.patch(&path, &json!({"retry": null, "status": "enabled"})).await.expect(200);
    assert_eq!((&edited["retry"], &edited["timeout_ms"]), (&Value::Null, &json!(5000)));
    assert_eq!((text(&edited["status"]), &edited["disabled_reason"]), ("enabled", &Value::Null));

    let rotated =
        bench.post(&format!("{path}/rotate-secret"), &json!({"overlap_ms": 60_000})).await.expect(200);
    assert_ne!(text(&rotated["secret"]), secret);
    assert_eq!(text(&rotated["old_secret_expires_at"]), "2026-11-21T04:36:00.000Z");
    let revealed = bench.get(&format!("{path}/secret")).await.expect(200);
    assert_eq!(revealed["secret"], rotated["secret"]);

    bench.delete(&path).await.expect(204);
    bench.get(&path).await.expect(404);
    bench.close().await;
}

#[tokio::test]
async fn a_sample_of_each_provider_is_sent_captured_valid_and_joined() {
    let bench = Bench::open().await;
    for provider in ["contactmanager", "generic", "politicalcomms", "pulsewave", "sent", "smsportal"] {
        let (inbox, endpoint) = bench.loop_of(provider).await;
        let test = format!("/v1/webhook-endpoints/{}/test", text(&endpoint["id"]));
        let event = bench.post(&test, &json!({})).await.expect(202);
        let ended = bench.ended(text(&event["deliveries"][0]["id"])).await;
        assert_eq!(ended["status"], "delivered", "{provider}: {ended}");
        assert_eq!((&ended["attempt_count"], &ended["max_attempts"]), (&json!(1), &json!(1)));
        let path = format!("/v1/requests?inbox_id={}", text(&inbox["id"]));
        let captured = bench.get(&path).await.expect(200)["data"][0].clone();
        assert_eq!(captured["verification"]["status"], "valid", "{provider}: {captured}");
        assert_eq!(captured["delivery_id"], ended["id"], "{provider}");
        assert_eq!(captured["provider_event_id"], event["provider_event_id"], "{provider}");
        let one = bench.get(&format!("/v1/requests/{}", text(&captured["id"]))).await.expect(200);
        assert!(one["verification"]["signed_content_base64"].is_string(), "{provider}: {one}");
        assert_eq!(ended["attempts"][0]["captured_request_id"], captured["id"], "{provider}");
    }
    bench.close().await;
}

#[tokio::test]
async fn the_same_seed_draws_the_same_sample() {
    let bench = Bench::open().await;
    let mut bodies = Vec::new();
    for seed in [Some(7), Some(7), Some(8), None, None] {
        let draft = json!({"type": "payment_intent.succeeded", "provider": "stripe", "seed": seed});
        let event = bench.post("/v1/events", &draft).await.expect(202);
        bodies.push(bench.get(&format!("/v1/events/{}/payload", text(&event["id"]))).await.body);
    }
    assert_eq!(bodies[0], bodies[1]);
    assert_ne!(bodies[1], bodies[2]);
    assert_ne!(bodies[3], bodies[4]);
    bench.close().await;
}

#[tokio::test]
async fn a_preview_is_what_then_goes_out_and_sends_nothing() {
    let bench = Bench::open().await;
    let draft = json!({"type": "domain.verified", "data": {"domain": "example.org"}});
    let nobody = bench.post("/v1/events/preview", &draft).await.expect(200);
    assert!(nobody["requests"][0]["endpoint_id"].is_null() && nobody["requests"][0]["problem"].is_string());
    let (_, endpoint) = bench.loop_of("pulsewave").await;
    let preview = bench.post("/v1/events/preview", &draft).await.expect(200)["requests"][0].clone();
    assert_eq!(preview["endpoint_id"], endpoint["id"]);
    assert_eq!((text(&preview["method"]), &preview["url"]), ("POST", &endpoint["url"]));
    assert_eq!(preview["signed_content_base64"], preview["body_base64"]);
    assert!(bench.get("/v1/events").await.expect(200)["data"].as_array().unwrap().is_empty());

    let event = bench.post("/v1/events", &draft).await.expect(202);
    let ended = bench.ended(text(&event["deliveries"][0]["id"])).await;
    let names = |headers: &Value| -> Vec<String> {
        headers.as_array().unwrap().iter().map(|pair| text(&pair[0]).to_owned()).collect()
    };
    assert_eq!(names(&ended["attempts"][0]["request"]["headers"]), names(&preview["headers"]));
    bench.close().await;
}

#[tokio::test]
async fn a_failing_delivery_is_planned_retried_by_hand_and_cancelled() {
    let bench = Bench::open().await;
    let (inbox, endpoint) = bench.loop_of("pulsewave").await;
    let inbox = format!("/v1/inboxes/{}", text(&inbox["id"]));
    bench.patch(&inbox, &json!({"response": {"status": 503}})).await.expect(200);
    let retry = json!({"retry": {"delays_ms": [60_000, 120_000]}});
    bench.patch(&format!("/v1/webhook-endpoints/{}", text(&endpoint["id"])), &retry).await.expect(200);
    let event = json!({"type": "domain.verified"});
    let event = bench.post("/v1/events", &event).await.expect(202);
    let path = format!("/v1/deliveries/{}", text(&event["deliveries"][0]["id"]));
    let seen = until(&bench, &path, "retrying").await;
    assert_eq!(seen["last_attempt"]["outcome"], "http_error");
    assert_eq!(seen["last_attempt"]["response_status"], 503);
    assert_eq!(seen["planned_attempts"].as_array().unwrap().len(), 2, "{seen}");

    bench.patch(&inbox, &json!({"response": {"status": 200}})).await.expect(200);
    let due = bench.post(&format!("{path}/retry"), &Value::Null).await;
    assert_eq!(due.status.as_u16(), 422, "null is no body: {}", due.json());
    bench.post(&format!("{path}/retry"), &json!({})).await.expect(202);
    let seen = until(&bench, &path, "delivered").await;
    assert_eq!(seen["attempts"][1]["trigger"], "manual");
    let late = bench.post(&format!("{path}/cancel"), &json!({})).await.expect(409);
    assert!(text(&late["detail"]).contains("arrived already"), "{late}");

    bench.patch(&inbox, &json!({"response": {"status": 503}})).await.expect(200);
    let event = bench.post("/v1/events", &json!({"type": "domain.verified"})).await.expect(202);
    let path = format!("/v1/deliveries/{}", text(&event["deliveries"][0]["id"]));
    until(&bench, &path, "retrying").await;
    let cancelled = bench.post(&format!("{path}/cancel"), &json!({})).await.expect(200);
    assert_eq!(cancelled["status"], "cancelled");
    bench.close().await;
}

pub(crate) async fn until(bench: &Bench, path: &str, status: &str) -> Value {
    let mut changes = bench.workbench.changes().subscribe();
    loop {
        let seen = bench.get(path).await.expect(200);
        if seen["status"] == status {
            return seen;
        }
        changes.next().await;
    }
}

#[tokio::test]
async fn a_captured_request_is_noted_verified_again_sent_on_and_deleted() {
    let bench = Bench::open().await;
    let (inbox, endpoint) = bench.loop_of("contactmanager").await;
    let test = format!("/v1/webhook-endpoints/{}/test", text(&endpoint["id"]));
    let event = bench.post(&test, &json!({})).await.expect(202);
    bench.ended(text(&event["deliveries"][0]["id"])).await;
    let list = format!("/v1/requests?inbox_id={}", text(&inbox["id"]));
    let captured = bench.get(&list).await.expect(200)["data"][0].clone();
    let path = format!("/v1/requests/{}", text(&captured["id"]));

    let noted = json!({"note": "look here", "tags": ["odd", "odd"], "pinned": true});
    let noted = bench.patch(&path, &noted).await.expect(200);
    assert_eq!(
        (text(&noted["note"]), &noted["tags"], &noted["pinned"]),
        ("look here", &json!(["odd"]), &json!(true))
    );
    let cleared = bench.patch(&path, &json!({"note": null})).await.expect(200);
    assert_eq!((text(&cleared["note"]), &cleared["pinned"]), ("", &json!(true)));
    let coloured = bench.patch(&path, &json!({"colour": "purple"})).await.expect(200);
    assert_eq!((text(&coloured["colour"]), &coloured["pinned"]), ("purple", &json!(true)));
    assert_eq!(bench.get(&list).await.expect(200)["data"][0]["colour"], "purple");
    let plain = bench.patch(&path, &json!({"colour": null})).await.expect(200);
    assert_eq!(plain["colour"], json!(null));

    let again = bench.post(&format!("{path}/verify"), &json!({})).await.expect(200);
    assert_eq!(again["status"], "valid", "{again}");
    let wrong = bench.post(&format!("{path}/verify"), &json!({"secret": "another-secret"})).await.expect(200);
    assert_eq!((text(&wrong["status"]), text(&wrong["reason"])), ("invalid", "signature_mismatch"));
    let other = bench.post(&format!("{path}/verify"), &json!({"scheme": "github"})).await.expect(200);
    assert_eq!(other["status"], "unsigned");

    // To a plain URL as it came: the old signature arrives with it and still holds.
    let plain = bench.post("/v1/inboxes", &json!({"slug": "plain"})).await.expect(201);
    let sent =
        bench.post(&format!("{path}/send"), &json!({"url": plain["url"], "path": "/on"})).await.expect(202);
    let ended = bench.ended(text(&sent["deliveries"][0]["id"])).await;
    assert_eq!(ended["status"], "delivered", "{ended}");
    assert_eq!(ended["repeats_request_id"], captured["id"]);
    let arrived = bench.get(&format!("/v1/requests?inbox_id={}", text(&plain["id"]))).await.expect(200);
    let arrived = &arrived["data"][0];
    assert_eq!(text(&arrived["path"]), "/on");
    assert_eq!(header(arrived, "x-webhook-signature"), header(&captured, "x-webhook-signature"));

    // To an endpoint, edited: signed anew.
    bench.clock.advance(std::time::Duration::from_hours(1));
    let edits = json!({"endpoint_id": endpoint["id"], "body_base64": data_encoding::BASE64.encode(b"{\"edited\":true}")});
    let sent = bench.post(&format!("{path}/send"), &edits).await.expect(202);
    bench.ended(text(&sent["deliveries"][0]["id"])).await;
    let newest = bench.get(&list).await.expect(200)["data"][0].clone();
    assert_eq!(newest["verification"]["status"], "valid", "{newest}");
    assert_ne!(header(&newest, "x-webhook-signature"), header(&captured, "x-webhook-signature"));

    bench.delete(&path).await.expect(204);
    bench.get(&path).await.expect(404);
    let deleted = bench.delete(&format!("/v1/inboxes/{}", text(&inbox["id"]))).await.expect(200);
    assert_eq!(deleted["deleted_requests"], 1);
    bench.close().await;
}

fn header(request: &Value, name: &str) -> String {
    let pairs = request["headers"].as_array().unwrap();
    let found = pairs.iter().find(|pair| text(&pair[0]).eq_ignore_ascii_case(name));
    found.map(|pair| text(&pair[1]).to_owned()).unwrap_or_default()
}

#[tokio::test]
async fn signing_and_verifying_by_hand_agree() {
    let bench = Bench::open().await;
    let body = data_encoding::BASE64.encode(b"\xff\x00 not text");
    let message = json!({"scheme": "stripe", "secret": "s3cret", "method": "POST", "url": "https://a.example/x",
        "headers": [["X-Mine", "1"]], "body_base64": body, "timestamp": 1_795_235_700});
    let signed = bench.post("/v1/signatures/sign", &message).await.expect(200);
    let mut check = message.clone();
    check["headers"] = signed["headers"].clone();
    check.as_object_mut().unwrap().remove("timestamp");
    let verified = bench.post("/v1/signatures/verify", &check).await.expect(200);
    assert_eq!(verified["status"], "valid", "{verified}");
    assert_eq!(verified["signed_content_base64"], signed["signed_content_base64"]);
    check["at"] = json!(1_795_235_700 + 301);
    let stale = bench.post("/v1/signatures/verify", &check).await.expect(200);
    assert_eq!(text(&stale["reason"]), "time_stale");
    bench.close().await;
}

#[tokio::test]
async fn settings_stats_and_health_answer() {
    let bench = Bench::open().await;
    let settings = bench.get("/v1/settings").await.expect(200);
    let edited = bench
        .patch("/v1/settings", &json!({"theme": "dark", "delivery_max_age_ms": 86_400_000}))
        .await
        .expect(200);
    assert_eq!((text(&edited["theme"]), &edited["max_in_flight"]), ("dark", &settings["max_in_flight"]));
    let back = bench.send(Method::PUT, "/v1/settings", &settings).await.expect(200);
    assert_eq!(back, settings);
    let stats = bench.get("/v1/stats").await.expect(200);
    assert_eq!(stats["engine"]["due"], 0);
    assert!(!stats["buckets"].as_array().unwrap().is_empty());
    let health = bench.get("/v1/health").await.expect(200);
    assert_eq!((text(&health["status"]), &health["demo"]), ("ok", &json!(false)));
    bench.close().await;
}
