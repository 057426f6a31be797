//! Messages as large as may be: what is computed over them is computed away from the thread that answers.

use std::pin::Pin;
use std::sync::mpsc;

use axum::body::Body;
use data_encoding::BASE64;
use futures::poll;
use http::{Method, Request};
use serde_json::{Value, json};
use tokio::runtime::Builder;
use tokio::task::{spawn_blocking, yield_now};

use crate::bench::{Answer, Bench, request, text};

/// The largest body there is.
const LARGE: usize = 32 << 20;

fn verify(body_base64: &str) -> Value {
    json!({"scheme": "github", "secret": "s3cret-s3cret", "method": "POST", "url": "", "body_base64": body_base64,
        "headers": [["X-Hub-Signature-256", "sha256=00"]]})
}

fn sign(body_base64: &str) -> Value {
    json!({"scheme": "github", "secret": "s3cret-s3cret", "method": "POST", "url": "", "body_base64": body_base64})
}

/// One thread that answers, and one for blocking work, which waits until it is let go.
fn with_one_held_thread<F: Future<Output = ()>>(test: impl FnOnce(mpsc::Sender<()>) -> F) {
    let runtime = Builder::new_current_thread().max_blocking_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let (let_go, held) = mpsc::channel();
        let thread = spawn_blocking(move || held.recv());
        test(let_go).await;
        thread.await.unwrap().unwrap();
    });
}

/// Calls with everything there is to do, each to be answered only once the thread for blocking work is let go;
/// the health is asked for while they are under way.
fn answers(calls: Vec<Request<Body>>) -> Vec<Answer> {
    let mut answers = Vec::new();
    with_one_held_thread(async |let_go| {
        let bench = Bench::open().await;
        let mut calls: Vec<Pin<Box<_>>> = calls.into_iter().map(|call| Box::pin(bench.call(call))).collect();
        // Whatever they do on this thread they do now: it goes on only when they wait for the other one.
        for _ in 0..20 {
            for call in &mut calls {
                assert!(poll!(call).is_pending(), "answered by the thread that others wait for");
            }
            yield_now().await;
        }
        assert_eq!(bench.get("/v1/health").await.expect(200)["status"], "ok");
        let_go.send(()).unwrap();
        for call in calls {
            answers.push(call.await);
        }
        bench.close().await;
    });
    answers
}

fn post(path: &str, body: &Value) -> Request<Body> {
    request(Method::POST, path, body)
}

#[test]
fn a_large_body_is_read_aside() {
    // It is refused by the reader, so there is nothing else that could have waited.
    let broken = format!("{{\"body_base64\":\"{}", "A".repeat(LARGE));
    let broken = |path: &str| {
        Request::post(path)
            .header("content-type", "application/json")
            .body(Body::from(broken.clone()))
            .unwrap()
    };
    let calls = vec![broken("/v1/signatures/verify"), broken("/v1/signatures/sign"), broken("/v1/events")];
    for answer in answers(calls) {
        assert!(text(&answer.expect(400)["detail"]).contains("not JSON"));
    }
}

#[test]
fn base64_is_decoded_aside() {
    // Short enough to be read at once, so that only decoding is left to wait; it ends in what is no base64.
    let not_base64 = format!("{}!", "A".repeat(1 << 10));
    let calls = vec![
        post("/v1/signatures/verify", &verify(&not_base64)),
        post("/v1/signatures/sign", &sign(&not_base64)),
    ];
    for answer in answers(calls) {
        assert_eq!(answer.expect(422)["errors"][0]["field"], "body_base64");
    }
}

#[test]
fn messages_are_signed_and_judged_aside() {
    let body = BASE64.encode(b"{}");
    let calls =
        vec![post("/v1/signatures/sign", &sign(&body)), post("/v1/signatures/verify", &verify(&body))];
    let answers = answers(calls);
    assert_eq!(text(&answers[0].expect(200)["signed_content_base64"]), body);
    assert_eq!(text(&answers[1].expect(200)["status"]), "invalid");
}

#[tokio::test]
async fn several_of_the_largest_messages_are_judged_while_others_are_answered() {
    let bench = Bench::open().await;
    let body = BASE64.encode(&vec![b'x'; LARGE]);
    let signed = bench.post("/v1/signatures/sign", &sign(&body)).await.expect(200);
    assert_eq!(text(&signed["signed_content_base64"]), body);
    let mut right = verify(&body);
    right["headers"] = signed["headers"].clone();
    let wrong = verify(&body);
    let (right, wrong, health) = tokio::join!(
        bench.post("/v1/signatures/verify", &right),
        bench.post("/v1/signatures/verify", &wrong),
        bench.get("/v1/health"),
    );
    health.expect(200);
    let (right, wrong) = (right.expect(200), wrong.expect(200));
    assert_eq!((text(&right["status"]), text(&wrong["status"])), ("valid", "invalid"));
    for verdict in [right, wrong] {
        // What is signed here is the body, which the caller has.
        assert_eq!(verdict["signed_content_base64"], Value::Null);
        assert_eq!(verdict["signed_content_size"], LARGE);
    }
    bench.close().await;
}
