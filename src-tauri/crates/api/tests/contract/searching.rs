//! Deliveries are searched.

use serde_json::{Value, json};

use crate::bench::{Bench, text};

#[tokio::test]
async fn deliveries_are_found_by_what_was_said_and_how_they_ended() {
    let bench = Bench::open().await;
    let inbox = json!({"name": "Refuses", "response": {"status": 418, "body": "no: caf\u{e9} is closed"}});
    let inbox = bench.post("/v1/inboxes", &inbox).await.expect(201);
    let endpoint = json!({"url": inbox["url"], "provider": "generic", "retry": {"delays_ms": []}});
    let endpoint = bench.post("/v1/webhook-endpoints", &endpoint).await.expect(201);
    let nowhere = json!({"url": "http://127.0.0.1:9/", "provider": "generic", "retry": {"delays_ms": []}});
    let nowhere = bench.post("/v1/webhook-endpoints", &nowhere).await.expect(201);
    let sent = json!({"type": "message.sent", "data": {"needle": "in a haystack"},
        "endpoint_ids": [endpoint["id"], nowhere["id"]]});
    let sent = bench.post("/v1/events", &sent).await.expect(202);
    let id = |at: usize| text(&sent["deliveries"][at]["id"]).to_owned();
    let (answered, refused) = (id(0), id(1));
    let seen = bench.ended(&refused).await;
    let code = text(&seen["attempts"][0]["error_code"]);
    assert_eq!(code, "refused");
    bench.ended(&answered).await;

    let both = [refused.as_str(), answered.as_str()];
    for (query, wanted, place) in [
        ("q=in%20a%20haystack".to_owned(), &both[..], Some("payload")),
        ("q=caf%C3%A9%20is".to_owned(), &both[1..], Some("response_body")),
        (format!("q={answered}/1"), &both[1..], Some("id")),
        ("q=CAF%C3%89".to_owned(), &[], None),
        ("response_status=4xx".to_owned(), &both[1..], None),
        ("response_status=200,418".to_owned(), &both[1..], None),
        ("response_status=5xx".to_owned(), &[], None),
        ("error_code=refused".to_owned(), &both[..1], None),
        ("ended_because=exhausted".to_owned(), &both[..], None),
        ("ended_because=exhausted&q=haystack&outcome=http_error".to_owned(), &both[1..], Some("payload")),
        ("ended_because=expired".to_owned(), &[], None),
    ] {
        let page = bench.get(&format!("/v1/deliveries?{query}")).await.expect(200);
        let rows = page["data"].as_array().unwrap();
        let mut given: Vec<&str> = rows.iter().map(|row| text(&row["id"])).collect();
        let mut wanted = wanted.to_vec();
        given.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(given, wanted, "{query}");
        let place = place.map_or(Value::Null, |place| json!([place]));
        assert!(rows.iter().all(|row| row["found_in"] == place), "{query}: {page}");
        let count = bench.get(&format!("/v1/deliveries/count?{query}")).await.expect(200);
        assert_eq!(count["count"], json!(wanted.len()), "{query}");
    }
    assert_eq!(bench.get(&format!("/v1/deliveries/{answered}")).await.expect(200)["found_in"], Value::Null);

    // The same filter says what is repeated.
    let replay = json!({"filter": {"response_status": "4xx", "q": "is closed"}, "dry_run": true});
    assert_eq!(bench.post("/v1/replays", &replay).await.expect(200)["total"], json!(1));

    // Once it has arrived its newest attempt is another one; what the first was is still found.
    let inbox = format!("/v1/inboxes/{}", text(&inbox["id"]));
    bench.patch(&inbox, &json!({"response": {"status": 200}})).await.expect(200);
    bench.post(&format!("/v1/deliveries/{answered}/retry"), &json!({})).await.expect(202);
    assert_eq!(bench.ended(&answered).await["status"], "delivered");
    for (query, wanted) in [
        ("response_status=418", 0),
        ("response_status=418&attempts=newest", 0),
        ("response_status=418&attempts=any", 1),
        ("response_status=418&attempts=any&outcome=http_error", 1),
        ("response_status=418&attempts=any&outcome=delivered", 0),
        ("outcome=delivered&attempts=any", 1),
    ] {
        let count = bench.get(&format!("/v1/deliveries/count?{query}")).await.expect(200);
        assert_eq!(count["count"], json!(wanted), "{query}");
    }
    bench.close().await;
}

#[tokio::test]
async fn what_cannot_be_searched_for_is_refused_with_its_field() {
    let bench = Bench::open().await;
    let long = "x".repeat(513);
    for (query, field, words) in [
        (format!("q={long}"), "q", "512"),
        ("response_status=ok".to_owned(), "response_status", "5xx"),
        ("response_status=".to_owned(), "response_status", "no status"),
        (format!("response_status={}", ["200"; 33].join(",")), "response_status", "32"),
        ("error_code=lost".to_owned(), "error_code", "no error code"),
        ("ended_because=lost".to_owned(), "ended_because", "exhausted"),
        ("outcome=timeout&attempts=all".to_owned(), "attempts", "newest"),
    ] {
        for path in ["/v1/deliveries", "/v1/deliveries/count"] {
            let problem = bench.get(&format!("{path}?{query}")).await.expect(422);
            assert_eq!(problem["errors"][0]["field"], field, "{problem}");
            assert!(text(&problem["errors"][0]["message"]).contains(words), "{problem}");
        }
    }
    let whole = "%C3%A9".repeat(512);
    bench.get(&format!("/v1/deliveries?q={whole}")).await.expect(200);
    let problem = bench.get(&format!("/v1/requests?q={long}")).await.expect(422);
    assert_eq!(problem["errors"][0]["field"], "q");
    let replay = json!({"filter": {"q": long}, "dry_run": true});
    let problem = bench.post("/v1/replays", &replay).await.expect(422);
    assert_eq!(problem["errors"][0]["field"], "filter.q");
    bench.close().await;
}
