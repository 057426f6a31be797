//! What goes to files, comes from files, and goes to the clipboard: the window does all of it otherwise than a browser.

use serde_json::{Value, json};

use crate::desk::{Desk, System, Window, post};

const ORDER: &str = r#"{"to":"ada"}"#;

/// A filter's requests are written as they come, a test and a body as the page has them; each where the desktop's dialog
/// says.
#[tokio::test(flavor = "multi_thread")]
async fn requests_and_tests_are_saved_where_the_dialog_says() {
    let desk = Desk::with_bus(System::Light);
    let dialog = desk.saving().await;
    let window = desk.open().await;
    for below in ["/one", "/two"] {
        assert_eq!(post(&inbox(&window).await, below, ORDER), 200);
    }
    window.go("#/inbox").await;
    window.row("/two").await;
    window.menu("More to do with this inbox", "Export requests").await;
    window.shows("2 requests, as the list is filtered now").await;
    window.press("Export").await;
    window.lacks("[role='dialog']").await;
    let har: Value = serde_json::from_slice(&dialog.saved("requests.har").await).unwrap();
    assert_eq!(har["log"]["entries"].as_array().map(Vec::len), Some(2));

    window.row("/two").await.click().await.unwrap();
    window.menu("Copy as…", "Save as a test in Python").await;
    let test = String::from_utf8(dialog.saved("webhook_test.py").await).unwrap();
    assert!(test.starts_with("#!/usr/bin/env python3\n"), "{test}");
    window.press("Save the body").await;
    let of = window.call("GET", "/v1/requests?limit=1", &Value::Null).await;
    let name = format!("{}.json", of["data"][0]["id"].as_str().unwrap());
    assert_eq!(dialog.saved(&name).await, ORDER.as_bytes());
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_imported_from_a_file_and_from_what_is_pasted() {
    let desk = Desk::set(System::Light);
    let window = desk.open().await;
    std::fs::create_dir_all(desk.own("")).unwrap();
    let file = desk.own("saved.http");
    let head = "POST /from-a-file HTTP/1.1\r\nHost: shop.example\r\n\r\n";
    std::fs::write(&file, format!("{head}{ORDER}")).unwrap();
    window.go("#/inbox").await;
    window.press("Import requests…").await;
    window.give("input[aria-label='File to import']", &file).await;
    window.shows("Raw HTTP: 1 request").await;
    // Another one, and then the same again.
    window.press("Take another").await;
    window.fill("Or paste it", "curl https://shop.example/pasted -d a=1").await;
    window.shows("POST https://shop.example/pasted").await;
    window.give("input[aria-label='File to import']", &file).await;
    window.shows("Raw HTTP: 1 request").await;
    window.press("Import 1 request").await;
    window.lacks("[role='dialog']").await;
    window.row("/from-a-file").await;

    window.menu("More to do with this inbox", "Import requests").await;
    window.fill("Or paste it", "curl https://shop.example/pasted -d a=1").await;
    window.press("Import 1 request").await;
    window.lacks("[role='dialog']").await;
    window.row("/pasted").await;
    window.close().await;
}

/// Some is at hand when the button is pressed, some is asked for first, and some stands in a dialog that holds the focus.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_copied_is_on_the_clipboard() {
    let desk = Desk::set(System::Light);
    let window = desk.open().await;
    let address = inbox(&window).await;
    assert_eq!(post(&address, "/new", ORDER), 200);
    window.go("#/inbox").await;
    window.row("/new").await.click().await.unwrap();
    window.find("[role='tree'][aria-label='JSON']").await;

    window.press("Copy the body as text").await;
    let body = window.pasted("Find in the body").await;
    assert_eq!(body.replace(char::is_whitespace, ""), ORDER, "what the page has");
    window.press("Copy as cURL").await;
    window.shows("The cURL command is on the clipboard").await;
    let curl = window.pasted("Find in the body").await;
    assert!(curl.starts_with("curl ") && curl.contains("/orders/new"), "what is asked for: {curl}");
    window.menu("Copy as…", "Copy as HTTPie").await;
    window.shows("The code is on the clipboard").await;
    let code = window.pasted("Find in the body").await;
    assert!(code.starts_with("http") && code.contains("/orders/new"), "from a menu: {code}");

    window.go("#/endpoints?new=1&provider=pulsewave").await;
    window.fill("Name", "Copied").await;
    window.fill("URL", &address).await;
    window.press("Create the endpoint").await;
    let secret = window.find("[role='dialog'] code").await.text().await.unwrap();
    window.press("Copy").await;
    window.press("Done").await;
    window.lacks("[role='dialog']").await;
    window.go("#/deliveries").await;
    let copied = window.pasted("Search in ids, URLs, event types, errors and bodies").await;
    assert_eq!(copied, secret, "in a dialog");
    window.close().await;
}

/// The inbox of these tests: made, or the one that is there.
async fn inbox(window: &Window) -> String {
    let listed = window.call("GET", "/v1/inboxes", &Value::Null).await;
    let known = match listed["data"].as_array().and_then(|all| all.first()) {
        Some(known) => known.clone(),
        None => window.call("POST", "/v1/inboxes", &json!({ "name": "Orders", "slug": "orders" })).await,
    };
    known["url"].as_str().unwrap().to_owned()
}
