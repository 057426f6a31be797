//! Raw resources: exact bytes, served so that they cannot act.

use http::{Method, Request};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::bench::{Answer, Bench, text};

fn harmless(answer: &Answer) {
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(answer.header("content-disposition").starts_with("attachment; filename=\""));
    assert!(answer.header("content-security-policy").starts_with("sandbox;"));
    assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
}

#[tokio::test]
async fn a_payload_comes_back_to_the_byte() {
    let bench = Bench::open().await;
    let bytes: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let event = json!({
        "type": "raw.bytes",
        "provider": "generic",
        "payload_base64": data_encoding::BASE64.encode(&bytes),
        "content_type": "text/html; charset=utf-8",
    });
    let event = bench.post("/v1/events", &event).await.expect(202);
    let id = text(&event["id"]);
    let payload = bench.get(&format!("/v1/events/{id}/payload")).await;
    assert_eq!(payload.status.as_u16(), 200);
    assert_eq!(payload.body, bytes);
    assert_eq!(payload.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(payload.header("content-disposition"), format!("attachment; filename=\"{id}.html\""));
    harmless(&payload);
    bench.close().await;
}

#[tokio::test]
async fn what_went_out_what_came_back_and_what_arrived_are_kept_to_the_byte() {
    let bench = Bench::open().await;
    let (inbox, endpoint) = bench.loop_of("pulsewave").await;
    let answer = json!({"response": {"status": 200, "headers": [["Content-Type", "text/html"]], "body": "<script>1</script>"}});
    bench.patch(&format!("/v1/inboxes/{}", text(&inbox["id"])), &answer).await.expect(200);
    let body = "{\"type\":\"domain.verified\",  \"odd\": [1,\t2]}\n";
    let event = json!({
        "type": "domain.verified",
        "payload_base64": data_encoding::BASE64.encode(body.as_bytes()),
        "endpoint_ids": [endpoint["id"]],
    });
    let event = bench.post("/v1/events", &event).await.expect(202);
    let delivery = text(&event["deliveries"][0]["id"]).to_owned();
    let ended = bench.ended(&delivery).await;
    assert_eq!(ended["status"], "delivered", "{ended}");
    let attempt = format!("/v1/deliveries/{delivery}/attempts/1");
    let sent = bench.get(&format!("{attempt}/request")).await;
    assert_eq!(sent.body, body);
    harmless(&sent);
    let came = bench.get(&format!("{attempt}/response")).await;
    assert_eq!((came.body.as_ref(), came.header("content-type")), (&b"<script>1</script>"[..], "text/html"));
    harmless(&came);
    let request = text(&ended["attempts"][0]["captured_request_id"]).to_owned();
    let arrived = bench.get(&format!("/v1/requests/{request}/body")).await;
    assert_eq!(arrived.body, body);
    harmless(&arrived);
    bench.get(&format!("/v1/deliveries/{delivery}/attempts/2/response")).await.expect(404);
    bench.close().await;
}

#[tokio::test]
async fn a_head_call_says_what_a_get_would() {
    let bench = Bench::open().await;
    let event = bench.post("/v1/events", &json!({"type": "domain.verified"})).await.expect(202);
    let path = format!("/v1/events/{}/payload", text(&event["id"]));
    let head = Request::builder().method(Method::HEAD).uri(path).body(axum::body::Body::empty()).unwrap();
    let answer = bench.call(head).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0));
    harmless(&answer);
    bench.close().await;
}

#[tokio::test]
async fn a_packed_body_is_had_as_it_came_and_decoded_up_to_a_limit() {
    let bench = Bench::open().await;
    let inbox = bench.post("/v1/inboxes", &json!({"name": "Orders"})).await.expect(201);
    // `{"a":1}` in gzip.
    let packed = data_encoding::BASE64.decode(b"H4sIAAAAAAAAA6tWSlSyMqwFAK+sG1YHAAAA").unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let sent = client.post(text(&inbox["url"])).header("content-encoding", "GZIP").body(packed.clone());
    assert_eq!(sent.send().await.unwrap().status(), 200);
    let all = bench.get("/v1/requests").await.expect(200);
    let body = format!("/v1/requests/{}/body", text(&all["data"][0]["id"]));
    assert_eq!(bench.get(&body).await.body, packed);
    for (limit, content, until) in [("", &b"{\"a\":1}"[..], "whole"), ("&limit=3", b"{\"a", "limit")] {
        let decoded = bench.get(&format!("{body}?decoded=true{limit}")).await;
        assert_eq!(decoded.body, content);
        assert_eq!(decoded.header("hookbench-undone"), "gzip");
        assert_eq!(decoded.header("hookbench-undone-until"), until);
        harmless(&decoded);
    }
    assert_eq!(bench.get(&format!("{body}?decoded=perhaps")).await.status.as_u16(), 422);
    bench.close().await;
}

#[tokio::test]
async fn what_an_attempt_sent_and_got_is_had_as_it_was_and_decoded() {
    let bench = Bench::open().await;
    let inbox = bench.post("/v1/inboxes", &json!({"name": "Orders"})).await.expect(201);
    // `{"a":1}` in gzip.
    let packed = data_encoding::BASE64.decode(b"H4sIAAAAAAAAA6tWSlSyMqwFAK+sG1YHAAAA").unwrap();
    let answer =
        json!({"response": {"status": 200, "headers": [["Content-Type", "application/json"]], "body": "{}"}});
    bench.patch(&format!("/v1/inboxes/{}", text(&inbox["id"])), &answer).await.expect(200);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let sent = client.post(text(&inbox["url"])).header("content-encoding", "gzip").body(packed.clone());
    assert_eq!(sent.send().await.unwrap().status(), 200);
    let all = bench.get("/v1/requests").await.expect(200);
    let send = format!("/v1/requests/{}/send", text(&all["data"][0]["id"]));
    let event = bench.post(&send, &json!({"url": inbox["url"], "resign": "exact"})).await.expect(202);
    let delivery = text(&event["deliveries"][0]["id"]).to_owned();
    assert_eq!(bench.ended(&delivery).await["status"], "delivered");
    let attempt = format!("/v1/deliveries/{delivery}/attempts/1");
    assert_eq!(bench.get(&format!("{attempt}/request")).await.body, packed);
    for (limit, content, until) in [("", &b"{\"a\":1}"[..], "whole"), ("&limit=3", b"{\"a", "limit")] {
        let decoded = bench.get(&format!("{attempt}/request?decoded=true{limit}")).await;
        assert_eq!(decoded.body, content);
        assert_eq!(decoded.header("hookbench-undone"), "gzip");
        assert_eq!(decoded.header("hookbench-undone-until"), until);
        harmless(&decoded);
    }
    let plain = bench.get(&format!("{attempt}/response?decoded=true")).await;
    assert_eq!((plain.body.as_ref(), plain.header("hookbench-undone")), (&b"{}"[..], ""));
    assert_eq!(bench.get(&format!("{attempt}/response?decoded=perhaps")).await.status.as_u16(), 422);
    bench.get(&format!("/v1/deliveries/{delivery}/attempts/2/request?decoded=true")).await.expect(404);
    bench.close().await;
}

/// A handler that answers each request, on a connection of its own, with this body in gzip.
async fn packing(packed: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut read = Vec::new();
            while !read.ends_with(b"end") {
                stream.read_buf(&mut read).await.unwrap();
            }
            let length = packed.len();
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
            );
            stream.write_all(&[head.as_bytes(), &packed].concat()).await.unwrap();
        }
    });
    url
}

#[tokio::test]
async fn what_a_relay_target_answered_is_had_as_it_came_and_decoded() {
    let bench = Bench::open().await;
    let inbox = bench.post("/v1/inboxes", &json!({"name": "Orders"})).await.expect(201);
    // `{"a":1}` in gzip.
    let packed = data_encoding::BASE64.decode(b"H4sIAAAAAAAAA6tWSlSyMqwFAK+sG1YHAAAA").unwrap();
    let url = packing(packed.clone()).await;
    let relay = json!({"relay": {"reply": "chosen", "targets": [
        {"name": "chosen", "url": url}, {"name": "behind", "url": url}
    ]}});
    bench.patch(&format!("/v1/inboxes/{}", text(&inbox["id"])), &relay).await.expect(200);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let sent = client.post(text(&inbox["url"])).body("to the end").send().await.unwrap();
    assert_eq!(sent.bytes().await.unwrap(), packed);
    let all = bench.get("/v1/requests").await.expect(200);
    let relays = format!("/v1/requests/{}/relays", text(&all["data"][0]["id"]));
    let mut changes = bench.workbench.changes().subscribe();
    let delivery = loop {
        let both = bench.get(&relays).await.expect(200);
        if let Some(id) = both["data"][1]["delivery_id"].as_str() {
            break id.to_owned();
        }
        changes.next().await;
    };
    assert_eq!(bench.ended(&delivery).await["status"], "delivered");
    for number in [1, 2] {
        let answer = format!("{relays}/{number}/response");
        assert_eq!(bench.get(&answer).await.body, packed);
        for (limit, content, until) in [("", &b"{\"a\":1}"[..], "whole"), ("&limit=3", b"{\"a", "limit")] {
            let decoded = bench.get(&format!("{answer}?decoded=true{limit}")).await;
            assert_eq!(decoded.body, content);
            assert_eq!(decoded.header("hookbench-undone"), "gzip");
            assert_eq!(decoded.header("hookbench-undone-until"), until);
            harmless(&decoded);
        }
    }
    assert_eq!(bench.get(&format!("{relays}/1/response?decoded=perhaps")).await.status.as_u16(), 422);
    bench.get(&format!("{relays}/3/response?decoded=true")).await.expect(404);
    bench.close().await;
}

/// An inbox that answers with this status.
async fn answering(bench: &Bench, slug: &str, status: u16) -> String {
    let inbox = json!({"slug": slug, "response": {"status": status}});
    text(&bench.post("/v1/inboxes", &inbox).await.expect(201)["url"]).to_owned()
}

#[tokio::test]
async fn a_relay_says_how_its_delivery_ended_when_that_has_been_removed() {
    let bench = Bench::open().await;
    let (good, bad) = (answering(&bench, "good", 200).await, answering(&bench, "bad", 500).await);
    let relay = json!({"slug": "in", "relay": {"targets": [{"url": good}, {"url": bad}, {"url": bad}]}});
    let inbox = bench.post("/v1/inboxes", &relay).await.expect(201);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    assert_eq!(client.post(text(&inbox["url"])).body("x").send().await.unwrap().status(), 200);
    let path = format!("/v1/requests?inbox_id={}", text(&inbox["id"]));
    let request = text(&bench.get(&path).await.expect(200)["data"][0]["id"]).to_owned();
    let relays = format!("/v1/requests/{request}/relays");
    let stand = |answer: &serde_json::Value| -> Vec<String> {
        let all = answer["data"].as_array().unwrap().iter();
        all.map(|relay| text(&relay["status"]).to_owned()).collect()
    };
    let mut changes = bench.workbench.changes().subscribe();
    let mut cancelled = false;
    let ended = loop {
        let seen = bench.get(&relays).await.expect(200);
        if let (false, Some(id)) = (cancelled, seen["data"][2]["delivery_id"].as_str()) {
            // Not while its attempt is under way.
            cancelled =
                bench.post(&format!("/v1/deliveries/{id}/cancel"), &json!({})).await.status.is_success();
        }
        match &stand(&seen).iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["delivered", "failed", "cancelled"] => break seen,
            // The next attempt of its plan.
            ["delivered", "retrying", "cancelled"] => {
                bench.clock.advance(std::time::Duration::from_hours(24));
            }
            _ => {}
        }
        changes.next().await;
    };
    let day = json!({"delivery_max_age_ms": 86_400_000});
    bench.patch("/v1/settings", &day).await.expect(200);
    bench.clock.advance(std::time::Duration::from_hours(72));
    for number in 0..3 {
        let path = format!("/v1/deliveries/{}", text(&ended["data"][number]["delivery_id"]));
        while bench.get(&path).await.status.as_u16() != 404 {
            changes.next().await;
        }
    }
    let seen = bench.get(&relays).await.expect(200);
    assert_eq!(stand(&seen), ["delivered", "failed", "cancelled"], "{seen}");
    for relay in seen["data"].as_array().unwrap() {
        assert!(text(&relay["error"]).contains("has been removed from the log since"), "{relay}");
    }
    bench.close().await;
}
