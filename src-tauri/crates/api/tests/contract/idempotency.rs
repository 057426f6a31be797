//! Calls repeated with the same key.

use axum::body::Body;
use http::{Method, Request};
use serde_json::{Value, json};

use crate::bench::{Answer, Bench, request, text};

async fn keyed(bench: &Bench, path: &str, key: &str, body: &Value) -> Answer {
    let mut request: Request<Body> = request(Method::POST, path, body);
    request.headers_mut().insert("idempotency-key", key.parse().unwrap());
    bench.call(request).await
}

async fn count(bench: &Bench, path: &str) -> usize {
    bench.get(path).await.expect(200)["data"].as_array().unwrap().len()
}

#[tokio::test]
async fn the_same_key_and_body_give_the_first_answer_and_make_nothing_new() {
    let bench = Bench::open().await;
    let url = "http://127.0.0.1:9/x";
    for (path, body, status) in [
        ("/v1/inboxes", json!({"name": "Mine"}), 201),
        ("/v1/webhook-endpoints", json!({"url": url, "provider": "pulsewave"}), 201),
        ("/v1/events", json!({"type": "domain.verified"}), 202),
    ] {
        let first = keyed(&bench, path, "key-1", &body).await;
        let made = first.expect(status);
        assert_eq!(first.header("idempotent-replayed"), "");
        let again = keyed(&bench, path, "key-1", &body).await;
        assert_eq!(again.expect(status), made, "{path}");
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(again.header("content-type"), "application/json");
        assert_eq!(count(&bench, path).await, 1, "{path}");
        // Another key, or none, makes another.
        keyed(&bench, path, "key-2", &body).await.expect(status);
        bench.post(path, &body).await.expect(status);
        assert_eq!(count(&bench, path).await, 3, "{path}");
    }
    bench.close().await;
}

#[tokio::test]
async fn the_same_key_with_another_body_is_a_conflict() {
    let bench = Bench::open().await;
    keyed(&bench, "/v1/inboxes", "key", &json!({"name": "One"})).await.expect(201);
    let said = keyed(&bench, "/v1/inboxes", "key", &json!({"name": "Two"})).await.expect(409);
    assert_eq!(text(&said["type"]), "idempotency-key-reused");
    keyed(&bench, "/v1/inboxes", "white space", &json!({})).await.expect(422);
    bench.close().await;
}

#[tokio::test]
async fn a_refused_call_does_not_use_up_its_key() {
    let bench = Bench::open().await;
    keyed(&bench, "/v1/inboxes", "key", &json!({"slug": "Not One"})).await.expect(422);
    keyed(&bench, "/v1/inboxes", "key", &json!({"slug": "one"})).await.expect(201);
    bench.close().await;
}

#[tokio::test]
async fn twenty_at_once_make_one() {
    let bench = Bench::open().await;
    let body = json!({"type": "domain.verified"});
    let calls = (0..20).map(|_| keyed(&bench, "/v1/events", "key", &body));
    let answers = futures::future::join_all(calls).await;
    let first = answers[0].expect(202);
    assert!(answers.iter().all(|answer| answer.expect(202) == first));
    assert_eq!(answers.iter().filter(|answer| answer.header("idempotent-replayed").is_empty()).count(), 1);
    assert_eq!(count(&bench, "/v1/events").await, 1);
    bench.close().await;
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day() {
    let bench = Bench::open().await;
    let body = json!({"name": "Mine"});
    let first = keyed(&bench, "/v1/inboxes", "key", &body).await.expect(201);
    bench.clock.advance(std::time::Duration::from_hours(25));
    let second = keyed(&bench, "/v1/inboxes", "key", &body).await.expect(201);
    assert_ne!(first["id"], second["id"]);
    bench.close().await;
}

/// Ends the bench, and says whether any file of its folder holds the text.
async fn is_in_the_files(bench: Bench, text: &str) -> bool {
    let folder = bench.workbench.data_dir().to_owned();
    bench.workbench.shutdown().await;
    let mut files = std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()));
    files.any(|bytes| {
        bytes.is_ok_and(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
    })
}

#[tokio::test]
async fn a_secret_is_given_again_as_it_was_and_never_kept_in_the_clear() {
    let bench = Bench::open().await;
    let body = json!({"url": "http://127.0.0.1:9/x", "provider": "pulsewave"});
    let made = keyed(&bench, "/v1/webhook-endpoints", "key", &body).await.expect(201);
    let endpoint = format!("/v1/webhook-endpoints/{}", text(&made["id"]));
    let rotated = bench.post(&format!("{endpoint}/rotate-secret"), &json!({})).await.expect(200);
    assert_ne!(rotated["secret"], made["secret"]);
    let again = keyed(&bench, "/v1/webhook-endpoints", "key", &body).await.expect(201);
    assert_eq!(again, made, "another secret that was made since is none of this answer");

    let inbox = bench.post("/v1/inboxes", &json!({"provider": "github"})).await.expect(201);
    let path = format!("/v1/inboxes/{}/rotate-secret", text(&inbox["id"]));
    let rotated = keyed(&bench, &path, "key", &json!({})).await.expect(200);
    assert!(rotated["secret"].is_string(), "{rotated}");
    assert_eq!(keyed(&bench, &path, "key", &json!({})).await.expect(200), rotated);
    assert!(!is_in_the_files(bench, text(&made["secret"])).await);
}

#[tokio::test]
async fn what_makes_nothing_is_answered_anew_and_not_kept() {
    let bench = Bench::open().await;
    let path = "/v1/signatures/sign";
    let body = json!({"scheme": "bearer", "secret": "s3cr3t-of-a-signer", "url": "http://h/", "method": "POST",
        "body_base64": ""});
    for _ in 0..2 {
        let answer = keyed(&bench, path, "key", &body).await;
        answer.expect(200);
        assert_eq!(answer.header("idempotent-replayed"), "");
    }
    assert_eq!(bench.workbench.kept_answer("key", &format!("POST {path}")).await.unwrap(), None);
    assert!(!is_in_the_files(bench, "s3cr3t-of-a-signer").await);
}
