//! Few files may be open: callers are refused by name or wait, nothing is lost, the API answers, and it goes on by itself.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::peer::{Peer, capture, captured, event, inbox, send};
use crate::support::{PATIENCE, Server, binary, clean, folder, text};

/// How many files the server may have open: what it always has takes about half of them.
const FILES: usize = 64;
/// More than it can take at a time.
const CALLERS: usize = 200;
const EVENTS: usize = 60;

#[tokio::test]
async fn few_files_lose_nothing_and_leave_the_api_answering() {
    let data = folder();
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -n {FILES}; exec \"$0\" \"$@\""), binary()]);
    clean(&mut command);
    command.arg("--data").arg(data.path());
    let server = Server::run(command, &[]).await;
    let peer = Peer::start().await;
    peer.endpoint(&server).await;
    inbox(&server).await;

    // Callers that say nothing take all the places that there are for them, and wait for more.
    let mut idle = Vec::new();
    for _ in 0..CALLERS {
        idle.push(
            TcpStream::connect(server.capture.trim_start_matches("http://")).await.expect("a connection"),
        );
    }
    let health = patiently(&server, Method::GET, "/v1/health", None).await;
    assert_eq!(health["status"], "ok");
    // As many receivers as events hold a connection each, for as long as they do not answer.
    peer.shut();
    let mut deliveries = Vec::new();
    for number in 0..EVENTS {
        let sent = event(&format!("event-{number}"), 0);
        let sent = patiently(&server, Method::POST, "/v1/events", Some(&sent)).await;
        deliveries.push(format!("/v1/deliveries/{}", text(&sent["deliveries"][0], "id")));
    }
    let blocked = "/v1/deliveries?outcome=blocked&limit=1";
    let found =
        until(&server, blocked, |page| page["data"].as_array().is_some_and(|rows| !rows.is_empty())).await;
    let path = format!("/v1/deliveries/{}", text(&found["data"][0], "id"));
    let delivery = patiently(&server, Method::GET, &path, None).await;
    let mut attempts = delivery["attempts"].as_array().expect("attempts").iter();
    let named = attempts.find(|attempt| attempt["outcome"] == "blocked").expect("one of them was");
    assert_eq!(named["error_code"], "too_many_open_files", "{delivery}");
    assert!(text(named, "error").contains("too many files are open"), "{delivery}");

    peer.open();
    drop(idle);
    for delivery in &deliveries {
        let ended =
            until(&server, delivery, |now| now["status"] == "delivered" || now["status"] == "failed").await;
        assert!(ended["status"] == "delivered" || is_by_files(&ended), "{ended}");
    }
    assert_eq!(capture(&server, "after", 10).await.0, 200);
    let after = send(&server, "after").await;
    server.until(&after, |now| now["status"] == "delivered").await;
    assert_eq!(captured(&server).await, ["after"]);
    let endpoint = &server.rows("/v1/webhook-endpoints").await[0];
    assert_eq!(endpoint["status"], "enabled", "what we lacked is not held against the receiver");
    let (status, log) = server.stop().await;
    assert!(status.success(), "{log}");
}

/// Calls until the answer is another than that no file is left; any other refusal fails.
async fn patiently(server: &Server, method: Method, path: &str, body: Option<&Value>) -> Value {
    let began = Instant::now();
    loop {
        let answer = server.send(method.clone(), path, body).await;
        if answer.status.is_success() {
            return answer.body;
        }
        assert_eq!(answer.body["type"], "too-many-open-files", "{path}: {} {}", answer.status, answer.body);
        assert_eq!(answer.status, 503);
        assert!(began.elapsed() < PATIENCE, "{path}: no file was ever left");
    }
}

/// Asks patiently, again and again until it is as wanted.
async fn until(server: &Server, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let answer = patiently(server, Method::GET, path, None).await;
        if wanted(&answer) {
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "{path} never came to be as wanted; it is {answer}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn is_by_files(delivery: &Value) -> bool {
    let attempts = delivery["attempts"].as_array().expect("attempts");
    attempts.iter().all(|attempt| attempt["error_code"] == "too_many_open_files")
}
