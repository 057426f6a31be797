//! A receiver that fails and recovers; a support person's day; the folder that is already open.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Server, folder, hookbench, text};

/// An endpoint that points at an inbox of our own.
async fn pair(server: &Server, delays_ms: &[u64]) -> (Value, Value) {
    let inbox = server.inbox("Handler", None, None).await;
    let endpoint = server
        .post(
            "/v1/webhook-endpoints",
            &json!({
                "url": text(&inbox, "url"), "provider": "pulsewave", "enabled_events": ["message.*"],
                "retry": {"delays_ms": delays_ms, "jitter": 0.0},
            }),
        )
        .await;
    (inbox, endpoint)
}

async fn answer(server: &Server, inbox: &Value, status: u16) {
    let path = format!("/v1/inboxes/{}", text(inbox, "id"));
    let response =
        json!({"status": status, "headers": [["Retry-Hint", "no"]], "body": "busy", "delay_ms": 0});
    server.patch(&path, &json!({"response": response})).await;
}

async fn send(server: &Server) -> String {
    let sent = server.post("/v1/events", &json!({"type": "message.sent", "provider": "pulsewave"})).await;
    format!("/v1/deliveries/{}", text(&sent["deliveries"][0], "id"))
}

#[tokio::test]
async fn a_receiver_that_is_down_gets_it_by_the_plan_and_the_log_says_how() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let (inbox, _) = pair(&server, &[50, 50, 86_400_000]).await;
    answer(&server, &inbox, 503).await;
    let path = send(&server).await;
    let waiting = server.until(&path, |now| now["attempt_count"] == 3).await;
    assert_eq!(waiting["status"], "retrying");
    assert_eq!(waiting["last_attempt"]["outcome"], "http_error");
    assert_eq!(waiting["last_attempt"]["response_status"], 503);
    assert!(text(&waiting["last_attempt"], "error").contains("503"), "{waiting}");
    assert_eq!(waiting["planned_attempts"].as_array().map(Vec::len), Some(1));
    assert_eq!(server.raw(&format!("{path}/attempts/2/response")).await, b"busy");

    answer(&server, &inbox, 200).await;
    server.post(&format!("{path}/retry"), &json!({})).await;
    let done = server.until(&path, |now| now["status"] == "delivered").await;
    assert_eq!(done["attempts"][3]["trigger"], "manual");
    assert_eq!(done["next_attempt_at"], Value::Null);
    let again = server.send(Method::POST, &format!("{path}/cancel"), Some(&json!({}))).await;
    assert_eq!(again.status, 409, "{}", again.body);
}

#[tokio::test]
async fn all_that_failed_is_resent_at_once_after_a_dry_run_that_counts_it() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let (inbox, _) = pair(&server, &[]).await;
    answer(&server, &inbox, 500).await;
    let mut failed = Vec::new();
    for _ in 0..30 {
        failed.push(send(&server).await);
    }
    for path in &failed {
        server.until(path, |now| now["status"] == "failed").await;
    }
    answer(&server, &inbox, 204).await;
    let filter = json!({"status": "failed", "endpoint_id": server.get(&failed[0]).await["endpoint_id"]});
    let plan = server.post("/v1/replays", &json!({"filter": filter, "dry_run": true})).await;
    assert_eq!(plan["total"], 30, "{plan}");
    assert_eq!(server.rows("/v1/deliveries").await.len(), 30, "a dry run sends nothing");

    let body = json!({"filter": filter, "reason": "the handler is mended"});
    let replay = server.post("/v1/replays", &body).await;
    let path = format!("/v1/replays/{}", text(&replay, "id"));
    let done = server.until(&path, |now| now["status"] == "completed").await;
    assert_eq!(done["reason"], "the handler is mended");
    assert_eq!(done["progress"]["delivered"], 30, "{done}");
    let delivered = server.rows("/v1/deliveries?status=delivered").await;
    assert_eq!(delivered.len(), 30);
    assert!(delivered.iter().all(|row| row["last_attempt"]["outcome"] == "delivered"));
}

#[tokio::test]
async fn what_a_disabled_endpoint_misses_waits_for_it() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let (_, endpoint) = pair(&server, &[]).await;
    let path = format!("/v1/webhook-endpoints/{}", text(&endpoint, "id"));
    server.patch(&path, &json!({"status": "disabled"})).await;
    let body = json!({"type": "message.sent", "provider": "pulsewave", "endpoint_ids": [endpoint["id"]]});
    let sent = server.post("/v1/events", &body).await;
    let delivery = format!("/v1/deliveries/{}", text(&sent["deliveries"][0], "id"));
    assert_eq!(server.get(&delivery).await["status"], "paused");
    server.patch(&path, &json!({"status": "enabled"})).await;
    server.until(&delivery, |now| now["status"] == "delivered").await;
}

#[tokio::test]
async fn a_workspace_outlives_its_server_and_is_opened_by_one_at_a_time() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let (_, endpoint) = pair(&server, &[]).await;
    let path = send(&server).await;
    server.until(&path, |now| now["status"] == "delivered").await;

    let second = hookbench(data.path())
        .args(["serve", "--json", "--api", "127.0.0.1:0", "--capture", "127.0.0.1:0"])
        .output()
        .await
        .expect("it runs");
    assert_eq!(second.status.code(), Some(1));
    let words = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(words.contains("is open in another Hookbench (process "), "{words}");
    assert!(words.contains(&data.path().display().to_string()), "{words}");

    let (status, log) = server.stop().await;
    assert!(status.success(), "{log}");
    let server = Server::start(data.path()).await;
    assert_eq!(server.get(&path).await["status"], "delivered");
    let kept = server.get(&format!("/v1/webhook-endpoints/{}", text(&endpoint, "id"))).await;
    assert_eq!(kept["secret_hint"], endpoint["secret_hint"]);
    assert_eq!(kept.get("secret"), None);
}
