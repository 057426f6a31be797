//! A secret that arrives in a query, and in a header that is not named like one: sent on in every way, received as it
//! is, and shown and kept in clear nowhere.

use http::Method;
use serde_json::{Value, json};

use crate::bench::{Bench, request, text};
use crate::veiled::{arrives_with, captured, header, nowhere_on_disk, revealed};

const TOKEN: &str = "tk-that-came-in-a-query";

/// An inbox that knows the token, so that what it captures is veiled too.
async fn guarded(bench: &Bench, slug: &str) -> Value {
    let inbox = json!({"slug": slug, "scheme": "bearer", "secret": TOKEN});
    bench.post("/v1/inboxes", &inbox).await.expect(201)
}

/// Two inboxes that know the token, a request that one of them received with it, and an endpoint to the other.
struct House {
    bench: Bench,
    receiver: Value,
    endpoint: String,
    request: String,
    /// How many the receiver has got.
    received: usize,
}

impl House {
    async fn open() -> Self {
        let bench = Bench::open().await;
        let inbox = guarded(&bench, "guarded").await;
        let receiver = guarded(&bench, "receiver").await;
        let endpoint = json!({"url": format!("{}?k=1", text(&receiver["url"])), "provider": "generic"});
        let endpoint = bench.post("/v1/webhook-endpoints", &endpoint).await.expect(201);
        let query = format!("a=1&access_token={TOKEN}&b=2");
        arrives_with(&inbox, &query, &[("x-copy", TOKEN), ("x-team", "blue")]).await;
        let request = captured(&bench, &inbox, 1).await["data"][0]["id"].clone();
        let (endpoint, request) = (text(&endpoint["id"]).to_owned(), text(&request).to_owned());
        Self { bench, receiver, endpoint, request, received: 0 }
    }

    /// Waits for what was sent to arrive: with this query and the token in the header.
    async fn arrives(&mut self, query: &str, how: &str) {
        self.received += 1;
        let page = captured(&self.bench, &self.receiver, self.received).await;
        assert!(!page.to_string().contains(TOKEN), "{how}: {page}");
        let whole = revealed(&self.bench, &page["data"][0]).await;
        assert_eq!(whole["query"], query, "{how}");
        assert!(whole["headers"].to_string().contains(&format!("\"{TOKEN}\"")), "{how}: {whole}");
    }

    /// Sends the request on like this; gives the delivery, as it ended.
    async fn sends_on(&mut self, how: Value, query: &str) -> Value {
        let path = format!("/v1/requests/{}/send", self.request);
        let sent = self.bench.post(&path, &how).await.expect(202);
        let ended = self.bench.ended(text(&sent["deliveries"][0]["id"])).await;
        assert!(!ended.to_string().contains(TOKEN), "{ended}");
        self.arrives(query, &how.to_string()).await;
        ended
    }

    /// Replays like this.
    async fn replays(&mut self, how: Value, query: &str) {
        let replay = self.bench.post("/v1/replays", &how).await.expect(202);
        assert!(!replay.to_string().contains(TOKEN), "{replay}");
        self.arrives(query, &how.to_string()).await;
    }

    async fn shows_it_nowhere(self) {
        let bench = self.bench;
        let deliveries = bench.get("/v1/deliveries").await.expect(200);
        for delivery in deliveries["data"].as_array().unwrap() {
            let ended = bench.ended(text(&delivery["id"])).await;
            let attempt = format!("/v1/deliveries/{}/attempts/1", text(&delivery["id"]));
            let event = format!("/v1/events/{}", text(&delivery["event_id"]));
            for shown in [ended, bench.get(&attempt).await.expect(200), bench.get(&event).await.expect(200)] {
                assert!(!shown.to_string().contains(TOKEN), "{shown}");
            }
        }
        for list in ["deliveries", "events", "replays", "requests", "webhook-endpoints", "inboxes", "stats"] {
            let page = bench.get(&format!("/v1/{list}")).await.expect(200);
            assert!(!page.to_string().contains(TOKEN), "{page}");
        }
        nowhere_on_disk(bench, TOKEN).await;
    }
}

#[tokio::test]
async fn a_token_in_a_query_is_sent_on_and_stands_nowhere_in_clear() {
    let mut house = House::open().await;
    let (url, endpoint) = (house.receiver["url"].clone(), house.endpoint.clone());
    let as_it_came = format!("a=1&access_token={TOKEN}&b=2");
    let exact = house.sends_on(json!({"url": url, "resign": "exact"}), &as_it_came).await;
    let shown = format!("{}?a=1&access_token=(the secret)&b=2", text(&url));
    assert_eq!(exact["attempts"][0]["request"]["url"], shown);

    let behind = format!("k=1&{as_it_came}");
    let fresh = house.sends_on(json!({"endpoint_id": endpoint}), &behind).await;
    for resign in ["fresh", "exact"] {
        house.replays(json!({"ids": [exact["id"]], "resign": resign, "reason": "again"}), &as_it_came).await;
        house.replays(json!({"ids": [fresh["id"]], "resign": resign, "reason": "again"}), &behind).await;
        let captured =
            json!({"ids": [house.request], "endpoint_id": endpoint, "resign": resign, "reason": "x"});
        house.replays(captured, &behind).await;
    }
    let path = format!("/v1/deliveries/{}/retry", text(&exact["id"]));
    house.bench.post(&path, &json!({})).await.expect(202);
    house.arrives(&as_it_came, "a retry").await;
    house.shows_it_nowhere().await;
}

#[tokio::test]
async fn a_token_in_a_query_that_was_edited_stands_nowhere_in_clear_either() {
    let mut house = House::open().await;
    let url = house.receiver["url"].clone();
    let headers = json!([["X-Copy", "(the secret)"], ["X-More", "1"]]);
    let edited = json!({"url": url, "query": "c=3&access_token=(the secret)", "headers": headers});
    let sent = house.sends_on(edited, &format!("c=3&access_token={TOKEN}")).await;
    let event = house.bench.get(&format!("/v1/events/{}", text(&sent["event_id"]))).await.expect(200);
    assert_eq!(
        (&event["query"], &event["path"], &event["resign"]),
        (&json!("c=3&access_token=(the secret)"), &Value::Null, &json!("exact"))
    );
    assert_eq!(event["headers"], json!([["X-Copy", "(the secret)"], ["X-More", "1"]]));
    let again = json!({"ids": [sent["id"]], "resign": "exact", "reason": "again"});
    house.replays(again, &format!("c=3&access_token={TOKEN}")).await;
    // Edited as it was revealed, and moved to another place.
    let headers = json!([["X-Elsewhere", TOKEN]]);
    let revealed = json!({"url": url, "query": format!("t={TOKEN}&{TOKEN}"), "headers": headers});
    let sent = house.sends_on(revealed.clone(), &format!("t={TOKEN}&{TOKEN}")).await;
    let again = json!({"ids": [sent["id"]], "resign": "exact", "reason": "again"});
    house.replays(again, &format!("t={TOKEN}&{TOKEN}")).await;

    let path = format!("/v1/requests/{}/send", house.request);
    let mut once = request(Method::POST, &path, &revealed);
    once.headers_mut().insert("idempotency-key", "once".parse().unwrap());
    house.bench.call(once).await.expect(202);
    house.arrives(&format!("t={TOKEN}&{TOKEN}"), "with a key").await;
    house.shows_it_nowhere().await;
}

#[tokio::test]
async fn an_exact_replay_says_which_secrets_it_has_to_go_without() {
    let bench = Bench::open().await;
    let inbox = bench.post("/v1/inboxes", &json!({"slug": "in"})).await.expect(201);
    let endpoint = json!({"url": inbox["url"], "provider": "generic", "scheme": "bearer", "secret": TOKEN,
        "headers": [["X-Api-Key", "key-of-the-receiver"], ["X-Team", "blue"]]});
    let endpoint = bench.post("/v1/webhook-endpoints", &endpoint).await.expect(201);
    let draft = json!({"type": "user.created", "provider": "generic", "endpoint_ids": [endpoint["id"]]});
    let event = bench.post("/v1/events", &draft).await.expect(202);
    let first = bench.ended(text(&event["deliveries"][0]["id"])).await;
    assert_eq!(first["left_out_headers"], json!([]));
    let how = |dry_run: bool| json!({"ids": [first["id"]], "resign": "exact", "reason": "again", "dry_run": dry_run});
    assert_eq!(
        bench.post("/v1/replays", &how(true)).await.expect(200)["notes"],
        json!([]),
        "all of it is there"
    );

    let edit = json!({"scheme": null, "secret": "whsec_AAECAwQFBgc=", "headers": [["X-Team", "blue"]]});
    bench.patch(&format!("/v1/webhook-endpoints/{}", text(&endpoint["id"])), &edit).await.expect(200);
    let plan = bench.post("/v1/replays", &how(true)).await.expect(200);
    let said = text(&plan["notes"][0]);
    assert!(said.starts_with("It goes out without ") && said.contains("X-Api-Key"), "{said}");
    assert!(said.contains("Authorization"), "{said}");

    bench.post("/v1/replays", &how(false)).await.expect(202);
    captured(&bench, &inbox, 2).await;
    let newest = bench.get("/v1/deliveries").await.expect(200)["data"][0].clone();
    let again = bench.ended(text(&newest["id"])).await;
    let left_out: Vec<_> = again["left_out_headers"].as_array().unwrap().iter().map(text).collect();
    assert!(left_out.contains(&"X-Api-Key") && left_out.contains(&"Authorization"), "{left_out:?}");
    assert_eq!(left_out.len(), 2);
    bench.close().await;
}

#[tokio::test]
async fn a_veil_that_stands_for_nothing_is_not_sent_on() {
    let house = House::open().await;
    let path = format!("/v1/requests/{}/send", house.request);
    let headers = json!([["X-Copy", "(the secret)"], ["X-Other", "(the secret)"]]);
    let edited = json!({"url": house.receiver["url"], "headers": headers});
    let refused = house.bench.post(&path, &edited).await.expect(422);
    assert_eq!(refused["errors"][0]["field"], "headers[1]", "{refused}");
    house.bench.close().await;
}

/// Answers each request with a redirect to where it came to, once only by a slash; counts none.
async fn redirecting() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/in", listener.local_addr().unwrap());
    let app = axum::Router::new().fallback(|request: axum::extract::Request| async move {
        let query = request.uri().query().unwrap_or_default().to_owned();
        let location = format!("https://receiver.example/in/?{query}");
        let next = format!("/login?next={}", query.replace('=', "%3D").replace('&', "%26"));
        let echo = request.headers()["x-copy"].to_str().unwrap().to_owned();
        (http::StatusCode::TEMPORARY_REDIRECT, [("location", location), ("refresh", next), ("x-echo", echo)])
    });
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

#[tokio::test]
async fn a_redirect_that_repeats_the_query_does_not_tell_the_token() {
    let house = House::open().await;
    let path = format!("/v1/requests/{}/send", house.request);
    let how = json!({"url": redirecting().await, "resign": "exact"});
    let sent = house.bench.post(&path, &how).await.expect(202);
    let ended = house.bench.ended(text(&sent["deliveries"][0]["id"])).await;
    let answer = &ended["attempts"][0]["response"];
    assert_eq!(answer["status"], 307, "{ended}");
    let shown = "https://receiver.example/in/?a=1&access_token=(the secret)&b=2";
    assert_eq!(header(&answer["headers"], "location"), Some(shown));
    assert_eq!(
        header(&answer["headers"], "refresh"),
        Some("/login?next=a%3D1%26access_token%3D(the secret)%26b%3D2")
    );
    assert_eq!(header(&answer["headers"], "x-echo"), Some("(the secret)"));
    let found = house.bench.get(&format!("/v1/deliveries?q={TOKEN}")).await.expect(200);
    assert_eq!(found["data"], json!([]), "nor does the search find it");
    house.shows_it_nowhere().await;
}

#[tokio::test]
async fn what_is_sent_on_to_an_inbox_that_does_not_know_the_token_is_veiled_there_too() {
    let mut house = House::open().await;
    let catch = house.bench.post("/v1/inboxes", &json!({"slug": "catch"})).await.expect(201);
    house.receiver = catch.clone();
    let as_it_came = format!("a=1&access_token={TOKEN}&b=2");
    let sent = house.sends_on(json!({"url": catch["url"], "resign": "exact"}), &as_it_came).await;
    let path = format!("/v1/deliveries/{}/retry", text(&sent["id"]));
    house.bench.post(&path, &json!({})).await.expect(202);
    house.arrives(&as_it_came, "a retry").await;
    // An endpoint's own key, too.
    let headers = json!([["X-Api-Key", TOKEN], ["X-Team", "red"]]);
    let endpoint = json!({"url": catch["url"], "provider": "generic", "headers": headers});
    let endpoint = house.bench.post("/v1/webhook-endpoints", &endpoint).await.expect(201);
    let path = format!("/v1/webhook-endpoints/{}/test", text(&endpoint["id"]));
    house.bench.post(&path, &json!({})).await.expect(202);
    let page = captured(&house.bench, &catch, 3).await;
    let arrived = &page["data"][0];
    assert_eq!(header(&arrived["headers"], "x-api-key"), Some("(the secret)"));
    assert_eq!(header(&arrived["headers"], "x-team"), Some("red"));
    assert_eq!(arrived["veiled"], true);
    let whole = revealed(&house.bench, arrived).await;
    assert_eq!(header(&whole["headers"], "x-api-key"), Some(TOKEN));
    let found = house.bench.get(&format!("/v1/requests?q={TOKEN}")).await.expect(200);
    assert_eq!(found["data"], json!([]), "nor does the search find it");
    house.shows_it_nowhere().await;
}
