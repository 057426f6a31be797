//! What was captured, in the real window: read, found, compared, sent again.

use serde_json::{Value, json};

use crate::desk::{Desk, System, Window, post};

/// A key that closes, opens and finds; the numbers are longer than JavaScript's.
const ORDER: &str = r#"{"to":"ada","items":[{"id":1},{"id":12345678901234567890}]}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_read_searched_and_shown_to_the_byte() {
    let desk = Desk::set(System::Light);
    let window = desk.open().await;
    let orders = inbox(&window, "orders").await;
    assert_eq!(post(&orders, "/new?from=shop", ORDER), 200);
    window.go("#/inbox").await;
    window.row("/new").await.click().await.unwrap();
    window.find("[role='tree'][aria-label='JSON']").await;
    window.choose("Where to find it", "Path").await;
    window.fill("Find in the body", "items[].id").await;
    window.shows("1/2").await;
    window.press("Next match").await;
    window.shows("2/2").await;
    window.shows("12345678901234567890").await;
    window.press("Raw").await;
    window.find("[role='region'][aria-label='Body as it came']").await;
    window.shows("12345678901234567890}]}").await;
    window.press("Hex").await;
    window.shows("7b 22 74 6f 22").await;
    // What stands on the wire is there to the byte as well.
    window.press("Wire").await;
    window.shows("POST /orders/new?from=shop HTTP/1.1").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_found_by_a_filter_and_compared() {
    let desk = Desk::set(System::Light);
    let window = desk.open().await;
    let orders = inbox(&window, "orders").await;
    for (below, body) in [("/a", r#"{"to":"ada","n":1}"#), ("/b", r#"{"to":"bob","n":2}"#), ("/c", ORDER)] {
        assert_eq!(post(&orders, below, body), 200);
    }
    window.go("#/inbox").await;
    window.row("/c").await;
    window.key("/").await;
    window.fill("Filter", "json:to=ada -path:/c").await;
    window.enter("Filter").await;
    window.until("document.querySelectorAll('[role=row].body').length === 1").await;
    window.row("/a").await;
    let address = window.client.current_url().await.unwrap();
    assert!(address.fragment().is_some_and(|place| place.contains("filter=json")), "{address}");
    // A word that is none is told where it stands.
    window.fill("Filter", "too:bob").await;
    window.enter("Filter").await;
    window.find("search .fault").await;
    window.press("Clear").await;

    window.row("/b").await.click().await.unwrap();
    window.find("article[aria-label='Captured request']").await;
    window.key("=").await;
    window.shows("Choose the other request in the list or above").await;
    window.row("/a").await.click().await.unwrap();
    window.shows("2 differences.").await;
    window.find("table[aria-label='Differences by path']").await;
    window.press("Ignore n").await;
    window.shows("1 difference, 1 ignored.").await;
    window.press("Back").await;
    window.find("article[aria-label='Captured request']").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_sent_again_as_it_came_and_edited() {
    let desk = Desk::set(System::Light);
    let window = desk.open().await;
    let (orders, target) = (inbox(&window, "orders").await, inbox(&window, "target").await);
    assert_eq!(post(&orders, "/new", ORDER), 200);
    window.go("#/inbox").await;
    window.row("/new").await.click().await.unwrap();
    window.find("article[aria-label='Captured request']").await;
    window.key("r").await;
    window.pick("A URL").await;
    window.fill("URL", &target).await;
    window.pick("Exactly as captured").await;
    window.press("Send").await;
    window.press("Open the delivery").await;
    window.shows("Delivered at once: the server answered 200.").await;
    let came = arrived(&window, "target").await;
    let [first] = &came[..] else { panic!("one arrived: {came:?}") };
    assert_eq!((&first["method"], &first["body_size"]), (&json!("POST"), &json!(ORDER.len())));

    window.client.back().await.unwrap();
    window.press("Edit and send").await;
    window.fill("Method", "PUT").await;
    window.fill("Path", "/again").await;
    window.press("Send").await;
    window.press("Open the delivery").await;
    window.shows("Delivered at once: the server answered 200.").await;
    let came = arrived(&window, "target").await;
    assert_eq!((&came[0]["method"], &came[0]["path"]), (&json!("PUT"), &json!("/again")));
    assert_eq!(came[0]["body_size"], ORDER.len(), "what was not edited goes as it came");
    window.close().await;
}

/// Makes an inbox and gives its address.
async fn inbox(window: &Window, slug: &str) -> String {
    let made = window.call("POST", "/v1/inboxes", &json!({ "name": slug, "slug": slug })).await;
    made["url"].as_str().unwrap().to_owned()
}

/// What an inbox has captured, the newest first.
async fn arrived(window: &Window, slug: &str) -> Vec<Value> {
    let path = format!("/v1/requests?filter=inbox:{slug}");
    window.call("GET", &path, &Value::Null).await["data"].as_array().unwrap().clone()
}
