//! A handler written from the provider's documentation, in another language and with another
//! library, accepts what Hookbench sends, and refuses it under another secret.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::support::{PATIENCE, Server, folder, root, text};

struct NodeReceiver {
    _child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    url: String,
}

impl NodeReceiver {
    async fn start(provider: &str, secret: &str) -> Self {
        let mut child = Command::new("node")
            .arg(root().join("tests/api/receiver.mjs"))
            .args([provider, secret])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node starts");
        let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
        let port = lines.next_line().await.expect("stdout").expect("a port");
        Self { _child: child, lines, url: format!("http://127.0.0.1:{port}/webhooks") }
    }

    async fn verdict(&mut self) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await.expect("a verdict in time");
        serde_json::from_str(&line.expect("stdout").expect("a line")).expect("JSON")
    }
}

async fn accepted_from(provider: &str) {
    let data = folder();
    let server = Server::start(data.path()).await;
    let body = json!({"url": "http://127.0.0.1:9/", "provider": provider, "enabled_events": ["*"]});
    let endpoint = server.post("/v1/webhook-endpoints", &body).await;
    let mut receiver = NodeReceiver::start(provider, text(&endpoint, "secret")).await;
    let path = format!("/v1/webhook-endpoints/{}", text(&endpoint, "id"));
    server.patch(&path, &json!({"url": receiver.url})).await;
    let profile = server.get(&format!("/v1/providers/{provider}")).await;
    for event in profile["events"].as_array().expect("events") {
        let name = event["type"].as_str().or(event["name"].as_str()).expect("a type");
        let sent = server.post("/v1/events", &json!({"type": name, "provider": provider})).await;
        let verdict = receiver.verdict().await;
        assert_eq!(verdict["ok"], true, "{name}: {verdict}");
        assert_eq!(verdict["type"], name);
        assert_eq!(verdict["id"], sent["provider_event_id"]);
        let delivery = format!("/v1/deliveries/{}", text(&sent["deliveries"][0], "id"));
        server.until(&delivery, |now| now["status"] == "delivered").await;
    }

    let mut stranger = NodeReceiver::start(provider, "another secret").await;
    server.patch(&path, &json!({"url": stranger.url, "retry": {"delays_ms": [], "jitter": 0.0}})).await;
    let name =
        profile["events"][0]["type"].as_str().or(profile["events"][0]["name"].as_str()).expect("a type");
    let sent = server.post("/v1/events", &json!({"type": name, "provider": provider})).await;
    assert_eq!(stranger.verdict().await["ok"], false);
    let delivery = format!("/v1/deliveries/{}", text(&sent["deliveries"][0], "id"));
    let failed = server.until(&delivery, |now| now["status"] == "failed").await;
    assert_eq!(failed["last_attempt"]["response_status"], 401);
}

#[tokio::test]
async fn a_node_handler_accepts_what_pulsewave_would_send() {
    accepted_from("pulsewave").await;
}

#[tokio::test]
async fn a_node_handler_accepts_what_politicalcomms_would_send() {
    accepted_from("politicalcomms").await;
}
