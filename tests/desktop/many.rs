//! Several at once, in the real window: captured requests that are sent on, and deliveries that are found by what became
//! of them.

use serde_json::{Value, json};

use crate::desk::{Desk, System, Window, post};

#[tokio::test(flavor = "multi_thread")]
async fn those_chosen_are_repeated_the_oldest_first() {
    let desk = Desk::set(System::Light);
    let window = desk.open().await;
    let (orders, target) = (inbox(&window, "orders", 200).await, inbox(&window, "target", 200).await);
    for below in ["/one", "/two", "/three"] {
        assert_eq!(post(&orders, below, "{}"), 200);
    }
    window.go("#/inbox").await;
    window.check("/one").await;
    window.check("/three").await;
    window.shows("2 chosen").await;
    window.press("Repeat").await;
    window.pick("A URL").await;
    window.fill("URL", &target).await;
    window.press("Repeat 2 captured requests").await;
    window.shows("Replay of 2 deliveries done: 2 delivered").await;
    let came = window.call("GET", "/v1/requests?filter=inbox:target", &Value::Null).await;
    assert_eq!(came["data"].as_array().map(Vec::len), Some(2));
    window.close().await;
}

/// A target that is set up in its dialog gets what comes, and the request says what became of it there.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_captured_is_relayed() {
    let desk = Desk::set(System::Light);
    let window = desk.open().await;
    let (orders, target) = (inbox(&window, "orders", 200).await, inbox(&window, "target", 204).await);
    let listed = window.call("GET", "/v1/inboxes", &Value::Null).await;
    let of = listed["data"].as_array().unwrap().iter().find(|one| one["slug"] == "orders").unwrap();
    window.go(&format!("#/inbox?inbox={}", of["id"].as_str().unwrap())).await;
    window.press("Relay").await;
    window.press("Add a target").await;
    window.fill("URL", &target).await;
    window.fill("Name", "My handler").await;
    window.choose("Who answers the sender", "The target “My handler”").await;
    window.press("Save the relay").await;
    window.lacks("[role='dialog']").await;
    assert_eq!(post(&orders, "/new", "{}"), 204, "the target answers");
    window.row("/new").await.click().await.unwrap();
    window.shows("Answered 204").await;
    window.shows("while the sender waited").await;
    window.close().await;
}

/// Its newest attempt was delivered, so it is found by an older one only where any attempt is asked.
#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_found_by_any_of_its_attempts() {
    let desk = Desk::set(System::Light);
    let window = desk.open().await;
    let orders = inbox(&window, "orders", 503).await;
    let endpoint = json!({
        "name": "Order handler", "url": orders, "provider": "generic", "enabled_events": ["*"],
        "retry": { "delays_ms": [], "jitter": 0 },
    });
    window.call("POST", "/v1/webhook-endpoints", &endpoint).await;
    let event = json!({ "type": "order.paid", "provider": "generic", "payload": {} });
    window.call("POST", "/v1/events", &event).await;
    window.go("#/deliveries").await;
    window.row("order.paid").await.click().await.unwrap();
    window.shows("Failed after 1 attempt: the server answered 503. Next: none.").await;
    let inboxes = window.call("GET", "/v1/inboxes", &Value::Null).await;
    let mended = format!("/v1/inboxes/{}", inboxes["data"][0]["id"].as_str().unwrap());
    window.call("PATCH", &mended, &json!({ "response": { "status": 200 } })).await;
    window.press("Retry now").await;
    window.shows("Delivered after 2 attempts: the server answered 200.").await;

    window.go("#/deliveries").await;
    window.choose("Result", "Answered 5xx").await;
    window.shows("No delivery matches").await;
    window.choose("Of which attempt", "Any attempt").await;
    window.row("order.paid").await;
    window.close().await;
}

/// Makes an inbox that answers with this status, and gives its address.
async fn inbox(window: &Window, slug: &str, status: u16) -> String {
    let draft = json!({ "name": slug, "slug": slug, "response": { "status": status } });
    window.call("POST", "/v1/inboxes", &draft).await["url"].as_str().unwrap().to_owned()
}
