//! The change feed over HTTP.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use futures::StreamExt as _;
use http::Request;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::bench::{Bench, text};

/// A message of the feed.
#[derive(Debug, Default, PartialEq)]
struct Message {
    id: String,
    event: String,
    data: String,
}

struct Feed {
    body: BodyDataStream,
    text: String,
}

impl Feed {
    async fn open(bench: &Bench, last: Option<&str>) -> Self {
        let mut request = Request::get("/v1/changes");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = bench.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status().as_u16(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body().into_data_stream(), text: String::new() }
    }

    async fn next(&mut self) -> Message {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let rest = rest.to_owned();
                let mut message = Message::default();
                for line in block.lines() {
                    match line.split_once(": ").or(line.split_once(':')) {
                        Some(("id", id)) => id.clone_into(&mut message.id),
                        Some(("event", event)) => event.clone_into(&mut message.event),
                        Some(("data", data)) => data.clone_into(&mut message.data),
                        _ => {}
                    }
                }
                self.text = rest;
                return message;
            }
            let chunk = tokio::time::timeout(Duration::from_secs(20), self.body.next()).await;
            let chunk = chunk.expect("the feed says something").expect("the feed goes on").unwrap();
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}

async fn make_inbox(bench: &Bench) -> String {
    text(&bench.post("/v1/inboxes", &json!({})).await.expect(201)["id"]).to_owned()
}

#[tokio::test]
async fn a_reader_is_told_of_each_change_and_resumes_where_it_was_cut_off() {
    let bench = Bench::open().await;
    let mut feed = Feed::open(&bench, None).await;
    let here = feed.next().await;
    assert!(here.data.is_empty() && !here.id.is_empty(), "{here:?}");
    let first = make_inbox(&bench).await;
    let told = feed.next().await;
    let data: Value = serde_json::from_str(&told.data).unwrap();
    assert_eq!(told.event, "inbox");
    assert_eq!((text(&data["type"]), text(&data["action"])), ("inbox", "created"));
    assert_eq!(text(&data["id"]), first);
    drop(feed);

    let (second, third) = (make_inbox(&bench).await, make_inbox(&bench).await);
    let mut again = Feed::open(&bench, Some(&told.id)).await;
    for wanted in [second, third] {
        let message = again.next().await;
        assert!(message.data.contains(&wanted), "{message:?}");
    }
    // Even one that had seen nothing but its place.
    let mut from_start = Feed::open(&bench, Some(&here.id)).await;
    assert_eq!(from_start.next().await, told);
    bench.close().await;
}

#[tokio::test]
async fn a_reader_of_another_run_or_of_nonsense_is_told_to_read_anew() {
    let bench = Bench::open().await;
    make_inbox(&bench).await;
    for last in ["other-1", "nonsense", "", &format!("{}-999999", bench.workbench.boot())] {
        let mut feed = Feed::open(&bench, Some(last)).await;
        assert_eq!(feed.next().await.event, "resync", "{last}");
        let made = make_inbox(&bench).await;
        assert!(feed.next().await.data.contains(&made));
    }
    bench.close().await;
}

#[tokio::test]
async fn a_reader_that_falls_far_behind_is_told_to_read_anew() {
    let bench = Bench::open().await;
    let mut feed = Feed::open(&bench, None).await;
    feed.next().await;
    let url = json!({"url": "http://127.0.0.1:9/x", "provider": "generic", "status": "disabled"});
    let endpoint = bench.post("/v1/webhook-endpoints", &url).await.expect(201);
    let event = json!({"type": "a.b", "provider": "generic", "data": {}, "endpoint_ids": [endpoint["id"]]});
    // Each event tells of itself and of its delivery; the feed keeps 8,192 changes.
    for _ in 0..45 {
        let calls = (0..100).map(|_| bench.post("/v1/events", &event));
        futures::future::join_all(calls).await;
    }
    let missed = loop {
        let message = feed.next().await;
        if message.event == "resync" {
            break message;
        }
    };
    assert!(!missed.id.is_empty());
    bench.close().await;
}

#[tokio::test]
async fn the_feed_ends_once_the_workspace_is_about_to_stop() {
    let bench = Bench::open().await;
    let mut feed = Feed::open(&bench, None).await;
    feed.next().await;
    bench.workbench.announce_stop();
    let ended = tokio::time::timeout(Duration::from_secs(5), feed.body.next()).await;
    assert!(ended.expect("the feed does not keep a server waiting").is_none());
}
