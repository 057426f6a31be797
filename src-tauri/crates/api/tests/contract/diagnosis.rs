//! Why a signature does not match, as of when, which secret it was, and who could have sent it.

use data_encoding::BASE64;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::bench::{Bench, START, text};

const BODY: &str = r#"{"id":"evt_1","n":1}"#;

fn codes(verdict: &Value) -> Vec<&str> {
    verdict["causes"].as_array().unwrap().iter().map(|cause| text(&cause["code"])).collect()
}

/// The headers that a sender of the scheme makes for a body.
async fn signed(bench: &Bench, scheme: &str, secret: &str, body: &str) -> Value {
    let message = json!({"scheme": scheme, "secret": secret, "method": "POST", "url": "https://a.example/",
        "body_base64": BASE64.encode(body.as_bytes())});
    bench.post("/v1/signatures/sign", &message).await.expect(200)["headers"].clone()
}

/// Sends a request to an inbox over a connection of its own, and gives it as it was captured.
async fn captured(bench: &Bench, inbox: &Value, headers: &Value, body: &str) -> Value {
    let url = text(&inbox["url"]).strip_prefix("http://").unwrap();
    let (host, path) = url.split_once('/').unwrap();
    let lines = headers.as_array().unwrap().iter();
    let lines = lines.map(|pair| format!("{}: {}\r\n", text(&pair[0]), text(&pair[1])));
    let lines = lines.collect::<Vec<_>>().concat();
    let request = format!(
        "POST /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n{lines}\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    let list = format!("/v1/requests?inbox_id={}", text(&inbox["id"]));
    bench.get(&list).await.expect(200)["data"][0].clone()
}

#[tokio::test]
async fn a_signature_that_fails_by_hand_is_explained() {
    let bench = Bench::open().await;
    let headers = signed(&bench, "github", "s3cret-s3cret", BODY).await;
    let check = |secret: &str, body: &str| {
        json!({"scheme": "github", "secret": secret, "method": "POST", "url": "", "headers": headers,
            "body_base64": BASE64.encode(body.as_bytes())})
    };
    let right = bench.post("/v1/signatures/verify", &check("s3cret-s3cret", BODY)).await.expect(200);
    assert_eq!((text(&right["status"]), codes(&right)), ("valid", vec![]));
    assert_eq!(right["matched_secret"], json!({"position": 0}));
    assert_eq!((&right["at_receipt"], &right["tried"]), (&Value::Null, &json!(0)));
    assert_eq!(text(&right["as_of"]), START.to_string());

    let padded = format!("{BODY}\n");
    let wrong = bench.post("/v1/signatures/verify", &check("s3cret-s3cret", &padded)).await.expect(200);
    assert_eq!((text(&wrong["status"]), codes(&wrong)), ("invalid", vec!["body_newline_added"]));
    let cause = &wrong["causes"][0];
    assert_eq!(text(&cause["topic"]), "body");
    assert_eq!(text(&cause["explanation"]), "The body ends with a newline that the sender did not sign.");
    assert!(text(&cause["fix"]).starts_with("Verify over the bytes"), "{cause}");
    assert_eq!((&wrong["matched_secret"], &wrong["exhausted"]), (&Value::Null, &json!(false)));

    let both = bench.post("/v1/signatures/verify", &check("s3cret-s3cret\n", &padded)).await.expect(200);
    assert_eq!(codes(&both), ["secret_whitespace", "body_newline_added"]);
    let hopeless = bench.post("/v1/signatures/verify", &check("another", BODY)).await.expect(200);
    assert_eq!(codes(&hopeless), ["unexplained"]);
    assert!(hopeless["tried"].as_u64().unwrap() > 100, "{hopeless}");
    bench.close().await;
}

#[tokio::test]
async fn a_captured_request_is_checked_as_of_its_arrival_and_as_of_another_time() {
    let bench = Bench::open().await;
    let inbox = json!({"slug": "late", "provider": "stripe", "secret": "whsec_of_the_inbox"});
    let inbox = bench.post("/v1/inboxes", &inbox).await.expect(201);
    let headers = signed(&bench, "stripe", "whsec_of_the_inbox", BODY).await;
    let captured = captured(&bench, &inbox, &headers, BODY).await;
    let path = format!("/v1/requests/{}/verify", text(&captured["id"]));

    bench.clock.advance(std::time::Duration::from_hours(2));
    let then = bench.post(&path, &json!({})).await.expect(200);
    assert_eq!((text(&then["status"]), &then["at_receipt"]), ("valid", &Value::Null), "{then}");
    assert_eq!(then["as_of"], captured["received_at"]);
    let later = START.unix_ms() / 1000 + 7200;
    let now = bench.post(&path, &json!({"at": later})).await.expect(200);
    assert_eq!((text(&now["status"]), codes(&now)), ("invalid", vec!["time_stale"]));
    assert_eq!(text(&now["at_receipt"]["status"]), "valid");
    assert_eq!(now["matched_secret"], json!({"position": 0}));
    bench.close().await;
}

#[tokio::test]
async fn another_endpoints_secret_is_named_by_its_endpoint_and_an_old_one_as_such() {
    let bench = Bench::open().await;
    let endpoint = json!({"url": "http://127.0.0.1:9/x", "name": "Orders", "provider": "stripe",
        "secret": "whsec_of_the_orders"});
    let endpoint = bench.post("/v1/webhook-endpoints", &endpoint).await.expect(201);
    let inbox = json!({"slug": "mixed-up", "provider": "stripe", "secret": "whsec_of_the_inbox"});
    let inbox = bench.post("/v1/inboxes", &inbox).await.expect(201);
    let headers = signed(&bench, "stripe", "whsec_of_the_orders", BODY).await;
    let captured = captured(&bench, &inbox, &headers, BODY).await;
    assert_eq!(text(&captured["verification"]["status"]), "invalid");
    let path = format!("/v1/requests/{}/verify", text(&captured["id"]));
    let verdict = bench.post(&path, &json!({})).await.expect(200);
    assert_eq!(codes(&verdict), ["secret_other_endpoint"]);
    let said = text(&verdict["causes"][0]["explanation"]);
    assert!(said.contains("the endpoint Orders") && !said.contains("whsec_of"), "{said}");

    let rotate = format!("/v1/webhook-endpoints/{}/rotate-secret", text(&endpoint["id"]));
    bench.post(&rotate, &json!({})).await.expect(200);
    let verdict = bench.post(&path, &json!({})).await.expect(200);
    assert_eq!(codes(&verdict), ["secret_rotated"], "{verdict}");

    let secrets = format!("/v1/webhook-endpoints/{}/secrets", text(&endpoint["id"]));
    let known = bench.get(&secrets).await.expect(200);
    assert_eq!(known["data"].as_array().unwrap().len(), 1, "what holds no more is not listed: {known}");
    bench.close().await;
}

#[tokio::test]
async fn a_request_in_a_plain_inbox_is_recognised() {
    let bench = Bench::open().await;
    let inbox = bench.post("/v1/inboxes", &json!({"slug": "anything"})).await.expect(201);
    let mut headers = signed(&bench, "github", "some-secret", BODY).await;
    headers.as_array_mut().unwrap().push(json!(["X-GitHub-Event", "push"]));
    let from_github = captured(&bench, &inbox, &headers, BODY).await;
    let found =
        bench.get(&format!("/v1/requests/{}/recognition", text(&from_github["id"]))).await.expect(200);
    let best = &found["data"][0];
    assert_eq!((text(&best["scheme"]), text(&best["scheme_name"])), ("github", "GitHub"), "{found}");
    assert_eq!(best["providers"], json!(["github"]));
    let evidence = best["evidence"].to_string();
    assert!(evidence.contains("X-Hub-Signature-256") && evidence.contains("X-GitHub-Event"), "{evidence}");

    let plain = captured(&bench, &inbox, &json!([["Content-Type", "text/plain"]]), "hello").await;
    let found = bench.get(&format!("/v1/requests/{}/recognition", text(&plain["id"]))).await.expect(200);
    assert_eq!(found["data"], json!([]));
    bench.get("/v1/requests/req_00000000000000000000000000/recognition").await.expect(404);
    bench.close().await;
}

#[tokio::test]
async fn in_a_demo_whose_time_was_moved_a_sender_by_the_machines_time_has_nothing_to_mend() {
    let bench = Bench::open_demo().await;
    bench.post("/v1/clock", &json!({"mode": "paused"})).await.expect(200);
    let inbox = json!({"slug": "real-sender", "provider": "stripe", "secret": "whsec_of_the_inbox"});
    let inbox = bench.post("/v1/inboxes", &inbox).await.expect(201);
    // Signed before time is moved: as by somebody outside, who goes by the machine's.
    let headers = signed(&bench, "stripe", "whsec_of_the_inbox", BODY).await;
    bench.post("/v1/clock", &json!({"advance_ms": 86_400_000})).await.expect(200);
    for (body, rest) in [(BODY.to_owned(), &[][..]), (format!("{BODY}\n"), &["body_newline_added"])] {
        let captured = captured(&bench, &inbox, &headers, &body).await;
        let path = format!("/v1/requests/{}/verify", text(&captured["id"]));
        let verdict = bench.post(&path, &json!({})).await.expect(200);
        let mut named = codes(&verdict);
        named.retain(|code| *code != "time_stale");
        assert_eq!(named, rest, "{verdict}");
        let causes = verdict["causes"].as_array().unwrap();
        let time = causes.iter().find(|cause| cause["code"] == "time_stale").unwrap();
        let said = text(&time["explanation"]);
        assert!(said.contains("demo's time is 1 day ahead of the machine's"), "{said}");
        assert!(text(&time["fix"]).contains("nothing to mend"), "{time}");
        // What is late by the machine's time too is told as late.
        let late = bench.post(&path, &json!({"at": START.unix_ms() / 1000 + 2 * 86_400})).await.expect(200);
        let late = late["causes"].to_string();
        assert!(late.contains("time_stale") && !late.contains("machine"), "{late}");
    }
    bench.close().await;
}
