//! Lists in pages.

use std::collections::HashSet;

use serde_json::json;

use crate::bench::{Bench, text};

#[tokio::test]
async fn pages_hold_everything_once_newest_first() {
    let bench = Bench::open().await;
    for number in 0..7 {
        bench.post("/v1/inboxes", &json!({"name": format!("Inbox {number}")})).await.expect(201);
        bench.clock.advance(std::time::Duration::from_millis(1));
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = bench.get(&format!("/v1/inboxes?limit=3{cursor}")).await.expect(200);
        let rows = page["data"].as_array().unwrap();
        assert!(rows.len() <= 3);
        seen.extend(rows.iter().map(|row| text(&row["name"]).to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let wanted: Vec<_> = (0..7).rev().map(|number| format!("Inbox {number}")).collect();
    assert_eq!(seen, wanted);
    bench.close().await;
}

#[tokio::test]
async fn filters_and_counts_agree() {
    let bench = Bench::open().await;
    let endpoint = json!({"url": "http://127.0.0.1:9/x", "provider": "pulsewave", "status": "disabled"});
    let endpoint = bench.post("/v1/webhook-endpoints", &endpoint).await.expect(201);
    for event_type in ["message.sent", "message.opened", "domain.verified"] {
        let event = json!({"type": event_type, "provider": "pulsewave", "endpoint_ids": [endpoint["id"]]});
        let event = bench.post("/v1/events", &event).await.expect(202);
        assert_eq!(event["deliveries"][0]["status"], "paused");
    }
    for (filter, wanted) in [
        ("", 3),
        ("event_type=message.*", 2),
        ("event_type=domain.verified", 1),
        ("status=paused", 3),
        ("status=failed,paused", 3),
        ("status=failed", 0),
        ("provider=sent", 0),
        ("outcome=timeout", 0),
        ("since=2020-01-01T00:00:00Z", 3),
        ("until=2020-01-01T00:00:00Z", 0),
    ] {
        let rows = bench.get(&format!("/v1/deliveries?{filter}")).await.expect(200);
        assert_eq!(rows["data"].as_array().unwrap().len(), wanted, "{filter}");
        let count = bench.get(&format!("/v1/deliveries/count?{filter}")).await.expect(200);
        assert_eq!(count["count"], wanted, "{filter}");
    }
    bench.close().await;
}

#[tokio::test]
async fn providers_and_schemes_are_listed() {
    let bench = Bench::open().await;
    let page = bench.get("/v1/providers?limit=4").await.expect(200);
    let rest = bench.get(&format!("/v1/providers?cursor={}", text(&page["next_cursor"]))).await.expect(200);
    let all: HashSet<_> = [&page, &rest]
        .iter()
        .flat_map(|page| page["data"].as_array().unwrap())
        .map(|provider| text(&provider["id"]).to_owned())
        .collect();
    for id in ["contactmanager", "generic", "politicalcomms", "pulsewave", "sent", "smsportal"] {
        assert!(all.contains(id), "{id}");
        let one = bench.get(&format!("/v1/providers/{id}")).await.expect(200);
        assert!(!one["events"].as_array().unwrap().is_empty() || one["accepts_any_type"] == true, "{id}");
    }
    let schemes = bench.get("/v1/schemes").await.expect(200);
    assert!(schemes["data"].as_array().unwrap().iter().any(|scheme| scheme["id"] == "github"));
    bench.close().await;
}
