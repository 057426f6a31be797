//! Captured requests are found by the filter's language; filters are completed, and kept by name.

use serde_json::{Value, json};

use crate::bench::{Bench, text};
use crate::veiled::{arrives_with, captured};

/// An inbox with two requests that differ in their queries and headers.
async fn filled(bench: &Bench) -> Value {
    let inbox = bench.post("/v1/inboxes", &json!({"slug": "orders", "name": "Orders"})).await.expect(201);
    arrives_with(&inbox, "page=1", &[("x-turn", "first")]).await;
    arrives_with(&inbox, "page=2", &[("x-turn", "second one")]).await;
    captured(bench, &inbox, 2).await;
    inbox
}

/// A text as it stands in a query.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn a_filter_finds_counts_and_repeats() {
    let bench = Bench::open().await;
    let inbox = filled(&bench).await;
    for (filter, wanted) in [
        ("", 2),
        ("  ", 2),
        ("inbox:orders", 2),
        ("query:page=1", 1),
        ("header:x-turn=\"second one\"", 1),
        ("header:x-turn~one -query:page=1", 1),
        ("since:1h status:2xx not_checked", 2),
        ("until:1h", 0),
        ("page=1 or page=2", 2),
    ] {
        let filter_of = encoded(filter);
        let page = bench.get(&format!("/v1/requests?filter={filter_of}")).await.expect(200);
        assert_eq!(page["data"].as_array().unwrap().len(), wanted, "{filter}");
        let both = format!("/v1/requests/count?filter={filter_of}&inbox_id={}", text(&inbox["id"]));
        assert_eq!(bench.get(&both).await.expect(200)["count"], json!(wanted), "{filter}");
    }
    let replay = json!({"request_filter": {"filter": "query:page=2"}, "target_url": "http://127.0.0.1:9/", "dry_run": true});
    assert_eq!(bench.post("/v1/replays", &replay).await.expect(200)["total"], json!(1));
    bench.close().await;
}

#[tokio::test]
async fn a_word_that_is_wrong_is_refused_with_its_place() {
    let bench = Bench::open().await;
    let refused = bench
        .get(&format!("/v1/requests?filter={}", encoded("\u{e9} metod:POST size:big")))
        .await
        .expect(422);
    assert_eq!(
        refused["errors"],
        json!([
            {"field": "filter", "at": {"start": 2, "end": 7},
             "message": "`metod` is no field here; did you mean `method:`?; text with a colon in it goes in quotes"},
            {"field": "filter", "at": {"start": 18, "end": 21},
             "message": "`big` does not fit `size:`, which wants a size such as >10k, <=1m or 1k..2k"},
        ])
    );
    let replay = json!({"request_filter": {"filter": "nope:1"}, "target_url": "http://127.0.0.1:9/"});
    let refused = bench.post("/v1/replays", &replay).await.expect(422);
    assert_eq!(refused["errors"][0]["field"], "request_filter.filter");
    assert_eq!(refused["errors"][0]["at"], json!({"start": 0, "end": 4}));
    let unknown = encoded("\u{1f600} -valid (inbox:nope,orders* or inbox:Nope)");
    for path in ["requests?", "requests/count?", "requests/export?"] {
        let refused = bench.get(&format!("/v1/{path}filter={unknown}")).await.expect(422);
        let at = |at: usize| refused["errors"][at]["at"].clone();
        assert_eq!(
            (at(0), at(1)),
            (json!({"start": 16, "end": 20}), json!({"start": 38, "end": 42})),
            "{path}"
        );
        let message = text(&refused["errors"][0]["message"]);
        assert_eq!(message, "there is no inbox `nope`; `inbox:` wants the word in an inbox's URL");
    }
    let replay = json!({"request_filter": {"filter": "inbox:nope"}, "target_url": "http://127.0.0.1:9/"});
    let refused = bench.post("/v1/replays", &replay).await.expect(422);
    assert_eq!(refused["errors"][0]["field"], "request_filter.filter");
    let kept = json!({"name": "Of an inbox to come", "filter": "inbox:nope"});
    bench.post("/v1/saved-filters", &kept).await.expect(201);
    bench.post("/v1/inboxes", &json!({"slug": "nope", "name": "Nope"})).await.expect(201);
    bench.get("/v1/requests?filter=inbox:nope").await.expect(200);
    let refused = bench.get("/v1/requests?method=G%20T&filter=valid").await.expect(422);
    let told = json!([{"field": "method", "message": "is no HTTP method: no space stands in one"}]);
    assert_eq!(refused["errors"], told);
    let replay = json!({"request_filter": {"method": "G T"}, "target_url": "http://127.0.0.1:9/"});
    let refused = bench.post("/v1/replays", &replay).await.expect(422);
    assert_eq!(refused["errors"][0]["field"], "request_filter.method");
    let long = "x".repeat(2001);
    bench.get(&format!("/v1/requests/count?filter={long}")).await.expect(422);
    bench.close().await;
}

#[tokio::test]
async fn what_may_stand_at_the_caret_is_offered() {
    let bench = Bench::open().await;
    filled(&bench).await;
    let offers = async |filter: &str| {
        let completions =
            bench.get(&format!("/v1/requests/completions?filter={}", encoded(filter))).await.expect(200);
        let texts = completions["data"].as_array().unwrap().iter().map(|one| text(&one["text"]).to_owned());
        (completions["at"].clone(), texts.collect::<Vec<_>>())
    };
    let (at, fields) = offers("").await;
    assert_eq!(at, json!({"start": 0, "end": 0}));
    assert!(
        fields.iter().any(|one| one == "method:") && fields.iter().any(|one| one == "valid"),
        "{fields:?}"
    );
    assert_eq!(offers("a -sta").await, (json!({"start": 3, "end": 6}), vec!["status:".to_owned()]));
    assert_eq!(offers("inbox:").await.1, ["orders"]);
    assert_eq!(offers("header:x-t").await, (json!({"start": 7, "end": 10}), vec!["x-turn".to_owned()]));
    assert_eq!(offers("header:x-turn=").await.1, ["first", "\"second one\""]);
    assert!(offers("is:pin").await.1.contains(&"pinned".to_owned()));
    assert!(offers("status:").await.1.contains(&"5xx".to_owned()));
    assert_eq!(offers("nope:").await.1, [""; 0]);
    let help = bench.get("/v1/requests/completions?filter=met&at=2").await.expect(200);
    assert_eq!(help["data"][0]["goes_on"], json!(true));
    assert_ne!(text(&help["data"][0]["help"]), "");
    bench.close().await;
}

#[tokio::test]
async fn filters_are_kept_by_name() {
    let bench = Bench::open().await;
    let inbox = filled(&bench).await;
    let given = json!({"name": " Broken ", "filter": "status:5xx since:1h"});
    let saved = bench.post("/v1/saved-filters", &given).await.expect(201);
    assert_eq!((text(&saved["name"]), text(&saved["filter"])), ("Broken", "status:5xx since:1h"));
    assert_eq!(saved["inbox_id"], Value::Null);
    let twice = bench.post("/v1/saved-filters", &json!({"name": "Broken", "filter": "x"})).await.expect(409);
    assert_eq!(twice["errors"][0]["field"], "name");
    for (draft, field) in [
        (json!({"name": " ", "filter": "x"}), "name"),
        (json!({"name": "x".repeat(81), "filter": "x"}), "name"),
        (json!({"name": "x", "filter": "stauts:5"}), "filter"),
    ] {
        let refused = bench.post("/v1/saved-filters", &draft).await.expect(422);
        assert_eq!(refused["errors"][0]["field"], field);
    }
    let nowhere = json!({"name": "x", "filter": "x", "inbox_id": "inb_00000000000000000000000000"});
    bench.post("/v1/saved-filters", &nowhere).await.expect(404);
    let here = json!({"name": "Here", "filter": "-valid", "inbox_id": inbox["id"]});
    let here = bench.post("/v1/saved-filters", &here).await.expect(201);
    let path = format!("/v1/saved-filters/{}", text(&here["id"]));
    bench.patch(&path, &json!({"name": "Broken"})).await.expect(409);
    bench.patch(&path, &json!({"filter": "("})).await.expect(422);
    let changed = bench.patch(&path, &json!({"name": "There", "inbox_id": null})).await.expect(200);
    assert_eq!(
        (text(&changed["name"]), &changed["inbox_id"], text(&changed["filter"])),
        ("There", &Value::Null, "-valid")
    );
    let all = bench.get("/v1/saved-filters").await.expect(200);
    assert_eq!(all["data"], json!([changed, saved]), "the newest first");
    assert_eq!(bench.delete(&path).await.status.as_u16(), 204);
    bench.delete(&path).await.expect(404);
    bench.patch(&path, &json!({})).await.expect(404);
    assert_eq!(bench.get("/v1/saved-filters").await.expect(200)["data"], json!([saved]));
    bench.close().await;
}
