//! What is captured is counted, found and handed on by the program as a whole.

use reqwest::{Client, Method};
use serde_json::json;

use crate::support::{Server, folder, text};

fn client() -> Client {
    Client::builder().no_proxy().build().expect("a client")
}

#[tokio::test]
async fn all_arrivals_of_an_event_are_counted_and_the_index_of_texts_catches_up_with_them() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let inbox = server.inbox("Mine", Some("generic"), None).await;
    let client = client();
    for number in 0..203 {
        let body = json!({"number": number, "word": "größe"}).to_string();
        let sent = client.post(text(&inbox, "url")).header("webhook-id", "msg_again").body(body);
        assert!(sent.send().await.expect("an answer").status().is_success());
    }
    let requests = server.rows("/v1/requests").await;
    assert_eq!(requests.len(), 203);
    for (at, first, last) in [(0, 4, 203), (202, 1, 200)] {
        let retries = server.get(&format!("/v1/requests/{}/retries", text(&requests[at], "id"))).await;
        assert_eq!((&retries["by"], &retries["total"]), (&json!("event"), &json!(203)));
        let arrivals = retries["arrivals"].as_array().expect("a list");
        let number = |at: usize| arrivals[at]["number"].clone();
        assert_eq!((arrivals.len(), number(0), number(199)), (200, json!(first), json!(last)));
    }
    let count = "/v1/requests/count?filter=gr%C3%B6%C3%9Fe";
    // Whatever of it is in the index by now, and once all of it is.
    assert_eq!(server.get(count).await["count"], 203);
    server.until("/v1/health", |health| health["text_backlog"] == 0).await;
    assert_eq!(server.get(count).await["count"], 203);
    assert!(server.stop().await.0.success());
}

#[tokio::test]
async fn what_is_exported_by_its_ids_holds_neither_the_password_nor_what_is_redacted() {
    const PASSWORD: &str = "correct-horse-battery";
    /// As it stands in the header, behind the name `ada`.
    const SHOWN: &str = "YWRhOmNvcnJlY3QtaG9yc2UtYmF0dGVyeQ==";
    const KEY: &str = "k-0123456789-of-somebody";
    let data = folder();
    let server = Server::start(data.path()).await;
    let access = json!({"type": "basic", "username": "ada", "password": PASSWORD});
    let inbox = server.post("/v1/inboxes", &json!({"name": "Guarded", "access": access})).await;
    let client = client();
    for number in 0..3 {
        let body = json!({"word": format!("number-{number}"), "data": {"to": "+15550100"}, "api_key": KEY});
        let sent = client.post(text(&inbox, "url")).basic_auth("ada", Some(PASSWORD)).body(body.to_string());
        assert!(sent.send().await.expect("an answer").status().is_success());
    }
    let refused = client.post(text(&inbox, "url")).basic_auth("ada", Some("other")).send().await;
    assert_eq!(refused.expect("an answer").status().as_u16(), 401);
    let requests = server.rows("/v1/requests").await;
    let ids: Vec<&str> = requests.iter().map(|request| text(request, "id")).collect();
    assert_eq!(ids.len(), 3);
    for format in ["jsonl", "har", "csv", "raw"] {
        let path =
            |rest: &str| format!("/v1/requests/export?format={format}&ids={},{}{rest}", ids[2], ids[0]);
        let exported = async |rest: &str| {
            String::from_utf8(server.raw(&path(rest)).await).expect("no byte of it is anything else")
        };
        let plain = exported("").await;
        assert!(!plain.contains(PASSWORD) && !plain.contains(SHOWN), "{plain}");
        assert!(plain.contains("+15550100") && plain.contains(KEY), "{plain}");
        let at = |word: &str| plain.find(word);
        assert!(at("number-0").is_some() && at("number-0") < at("number-2"), "as they are named: {plain}");
        assert_eq!(at("number-1"), None, "nobody named it: {plain}");

        let redacted = exported("&redact=secrets&redact_path=data.to").await;
        assert!(redacted.contains("number-0") && redacted.contains("number-2"), "{redacted}");
        for gone in [PASSWORD, SHOWN, "+15550100", KEY] {
            assert!(!redacted.contains(gone), "{gone} in {redacted}");
        }
        assert!(exported("&reveal=secrets").await.contains(SHOWN), "{format}");
        assert!(!exported("&reveal=secrets&redact=secrets").await.contains(SHOWN), "{format}");
        let refused = server.send(Method::GET, &path("&method=POST"), None).await;
        assert_eq!((refused.status.as_u16(), &refused.body["errors"][0]["field"]), (422, &json!("ids")));
    }
    for (id, looks) in [(ids[0], 8), (ids[1], 0), (ids[2], 8)] {
        let reveals = server.get(&format!("/v1/requests/{id}/reveals")).await;
        assert_eq!(reveals["data"].as_array().map(Vec::len), Some(looks), "{reveals}");
    }
    assert!(server.stop().await.0.success());
}
