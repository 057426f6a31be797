//! Every sample of every provider goes out, arrives whole, is valid and is joined.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Server, folder, text};

/// Whose signature, or whose time of signing, is written into the body, so that what is sent is not the event's payload.
const SIGNS_IN_ITS_BODY: [&str; 3] = ["adyen", "linear", "mailgun"];

#[tokio::test]
async fn every_sample_of_every_provider_is_delivered_captured_valid_and_joined() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let providers = server.get("/v1/providers").await;
    let providers = providers["data"].as_array().expect("a list");
    let ids: BTreeSet<&str> = providers.iter().map(|provider| text(provider, "id")).collect();
    for wanted in ["politicalcomms", "smsportal", "sent", "contactmanager", "pulsewave", "generic"] {
        assert!(ids.contains(wanted), "{wanted} is missing from {ids:?}");
    }
    let mut sent = 0;
    for provider in &ids {
        sent += whole_provider(&server, provider).await;
    }
    assert!(sent >= 40, "only {sent} samples in all");
    let (status, _) = server.stop().await;
    assert!(status.success());
}

/// Sends every sample of one provider to an inbox of its own; how many.
async fn whole_provider(server: &Server, provider: &str) -> usize {
    let profile = server.get(&format!("/v1/providers/{provider}")).await;
    let endpoint = server
        .post(
            "/v1/webhook-endpoints",
            &json!({"url": "http://127.0.0.1:9/", "provider": provider, "enabled_events": ["*"]}),
        )
        .await;
    let inbox =
        server.inbox(&format!("All of {provider}"), Some(provider), Some(text(&endpoint, "secret"))).await;
    let path = format!("/v1/webhook-endpoints/{}", text(&endpoint, "id"));
    server.patch(&path, &json!({"url": format!("{}/hooks?from=test", text(&inbox, "url"))})).await;
    // A provider may ask for a test that arrives before anything else goes out.
    if server.get(&path).await["draft"] == true {
        server.post(&format!("{path}/test"), &json!({})).await;
        server.until(&path, |now| now["status"] == "enabled").await;
    }
    let events = profile["events"].as_array().expect("events");
    assert!(!events.is_empty(), "{provider} has no events");
    for event in events {
        let name = event["type"].as_str().or(event["name"].as_str()).expect("a type");
        one_sample(server, provider, name, text(&endpoint, "id")).await;
    }
    events.len()
}

async fn one_sample(server: &Server, provider: &str, name: &str, endpoint: &str) {
    let sent = server
        .post("/v1/events", &json!({"type": name, "provider": provider, "endpoint_ids": [endpoint]}))
        .await;
    let delivery = text(&sent["deliveries"][0], "id").to_owned();
    let path = format!("/v1/deliveries/{delivery}");
    let delivery =
        server.until(&path, |now| now["status"] != "pending" && now["status"] != "in_flight").await;
    assert_eq!(delivery["status"], "delivered", "{provider} {name}: {delivery}");
    let attempt = server.get(&format!("{path}/attempts/1")).await;
    let request_id = captured_as(server, &delivery, &attempt).await;
    let captured = server.get(&format!("/v1/requests/{request_id}")).await;
    assert_eq!(captured["verification"]["status"], "valid", "{provider} {name}: {captured}");
    assert_eq!(captured["delivery_id"], delivery["id"], "{provider} {name}");
    assert_eq!(captured["path"], "/hooks", "{provider} {name}");
    assert_eq!(captured["method"], attempt["request"]["method"], "{provider} {name}");
    assert!(text(&captured, "query").starts_with("from=test"), "{provider} {name}");
    let body = server.raw(&format!("/v1/requests/{request_id}/body")).await;
    let as_sent = server.raw(&format!("{path}/attempts/1/request")).await;
    assert!(body == as_sent, "{provider} {name}: the body arrived as another");
    if !SIGNS_IN_ITS_BODY.contains(&provider) {
        let payload = server.raw(&format!("/v1/events/{}/payload", text(&sent, "id"))).await;
        assert!(body == payload, "{provider} {name}: another body than the event's was sent");
    }
    every_header_arrived(&attempt["request"]["headers"], &captured["headers"]);
}

/// The captured request that an attempt became.
async fn captured_as(server: &Server, delivery: &Value, attempt: &Value) -> String {
    if let Some(id) = attempt["captured_request_id"].as_str() {
        return id.to_owned();
    }
    let newest = server.get("/v1/requests?limit=20").await;
    let rows = newest["data"].as_array().expect("data");
    let joined: Vec<&Value> = rows.iter().filter(|row| row["delivery_id"] == delivery["id"]).collect();
    assert_eq!(joined.len(), 1, "captured once: {delivery}");
    text(joined[0], "id").to_owned()
}

fn every_header_arrived(sent: &Value, received: &Value) {
    let received = received.as_array().expect("headers");
    for header in sent.as_array().expect("headers") {
        // The record leaves a token out, and what arrived was judged valid.
        let veiled = header[1].as_str().is_some_and(|value| value.ends_with("(the secret)"));
        let arrived = received.iter().any(|one| if veiled { one[0] == header[0] } else { one == header });
        assert!(arrived, "{header} is not among {received:?}");
    }
}
