//! The server's log: one JSON object a line where that is wanted, and never a secret in it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Server, folder, hookbench, text};

#[tokio::test]
async fn the_log_is_json_line_by_line_and_holds_no_secret_at_its_finest() {
    let data = folder();
    let mut command = hookbench(data.path());
    command.env("HOOKBENCH_LOG", "trace");
    let server = Server::run(command, &["--log-format", "json"]).await;
    let inbox = server.inbox("Mine", Some("generic"), Some("whsec_aW5ib3gtc2VjcmV0LTEyMzQ1Ng==")).await;
    let endpoint = json!({
        "url": inbox["url"], "provider": "generic",
        "headers": [["Authorization", "Bearer credential-of-the-endpoint"]],
    });
    let endpoint = server.post("/v1/webhook-endpoints", &endpoint).await;
    let payload = json!({"note": "words-of-the-payload"});
    let event = json!({"type": "message.sent", "data": payload, "endpoint_ids": [endpoint["id"]]});
    let sent = server.post("/v1/events", &event).await;
    let path = format!("/v1/deliveries/{}", text(&sent["deliveries"][0], "id"));
    server.until(&path, |delivery| delivery["status"] == "delivered").await;
    server.send(Method::GET, "/v1/deliveries?q=words-of-the-search", None).await;
    let secrets = [
        server.token.clone(),
        text(&endpoint, "secret").to_owned(),
        "whsec_aW5ib3gtc2VjcmV0LTEyMzQ1Ng==".to_owned(),
        "credential-of-the-endpoint".to_owned(),
        "words-of-the-payload".to_owned(),
    ];
    let (status, log) = server.stop().await;
    assert!(status.success(), "{log}");
    let said = |message: &str| {
        let entries = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut entries = entries.collect::<Vec<_>>();
        entries.retain(|entry| entry["message"] == message);
        entries.pop().unwrap_or_else(|| panic!("{message} in {log}"))
    };
    assert_eq!(said("serving")["level"], "INFO");
    let attempt = said("an attempt was recorded");
    assert_eq!((&attempt["outcome"], &attempt["response_status"]), (&json!("delivered"), &json!(200)));
    assert_eq!((&attempt["endpoint"], &attempt["attempt"]), (&endpoint["id"], &json!(1)));
    assert_eq!(said("a request was captured")["verification"], "invalid");
    said("stopped");
    for line in log.lines() {
        let entry: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        for field in ["timestamp", "level", "target", "message"] {
            assert!(entry[field].is_string(), "{field} in {line}");
        }
        chrono::DateTime::parse_from_rfc3339(text(&entry, "timestamp")).expect("a time");
    }
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret} in {log}");
    }
}

#[tokio::test]
async fn a_certificate_that_is_refused_is_no_error_of_the_program() {
    let data = folder();
    let server = Server::run(hookbench(data.path()), &[]).await;
    let receiver = server.post("/v1/fault-receivers", &json!({})).await;
    let endpoint = json!({"url": receiver["tls_url"], "provider": "generic"});
    let endpoint = server.post("/v1/webhook-endpoints", &endpoint).await;
    let event = json!({"type": "message.sent", "endpoint_ids": [endpoint["id"]]});
    let sent = server.post("/v1/events", &event).await;
    let path = format!("/v1/deliveries/{}", text(&sent["deliveries"][0], "id"));
    let refused = server.until(&path, |delivery| delivery["status"] == "retrying").await;
    assert_eq!(refused["last_attempt"]["outcome"], "tls_failure", "{refused}");
    let (status, log) = server.stop().await;
    assert!(status.success(), "{log}");
    assert!(!log.contains("ERROR") && !log.contains("platform_verifier"), "{log}");
}
