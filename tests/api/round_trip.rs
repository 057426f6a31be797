//! What is captured goes into a file and comes back from it, with all that is known of it: how it stood on the wire too.

use std::collections::BTreeMap;

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use reqwest::Method;
use serde_json::{Value, json};

use crate::exact_record::{request, send};
use crate::support::{Server, folder, text};

/// How many requests are made up.
const CASES: usize = 60;

/// What is no request, is not whole, or names no host.
const ODD: [&str; 7] = [
    "GET /exact/h10?a=1 HTTP/1.0\r\nX: 1\r\n\r\n",
    "POST /exact/twice HTTP/1.1\r\nHost: h\r\nHost: i\r\nContent-Length: 2\r\n\r\nhi",
    "POST /exact/both HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST /exact/short HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc",
    "POST /exact/cut HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x=1\r\nabc\r\n05\r\nde",
    "POST /exact/name HTTP/1.1\r\nHost: h\r\nno colon\r\nX Y: 1\r\n\r\n",
    "GE\u{1}T /exact/method HTTP/1.1\r\nhost:h\r\n folded\r\n\r\n",
];

async fn import(server: &Server, query: &str, file: Vec<u8>) -> Value {
    let path = format!("/v1/imports{query}");
    let answer = server.request(Method::POST, &path).body(file).send().await.expect("an answer");
    let status = answer.status();
    let body = answer.text().await.expect("a body");
    assert!(status.is_success(), "{body}");
    serde_json::from_str(&body).expect("JSON")
}

async fn export(server: &Server, inbox: &str, format: &str) -> Vec<u8> {
    server.raw(&format!("/v1/requests/export?inbox_id={inbox}&format={format}")).await
}

/// What was written of each request but for its id and its inbox, which are others; in an order of its own, since what
/// came in one millisecond stands in no order.
fn told(file: &[u8], format: &str) -> Vec<String> {
    let without = |mut one: Value, place: &str| {
        let own = one.pointer_mut(place).and_then(Value::as_object_mut).expect("what is ours");
        own.remove("id");
        own.remove("inbox");
        one.to_string()
    };
    let mut told: Vec<String> = if format == "har" {
        let file: Value = serde_json::from_slice(file).expect("HAR");
        let entries = file["log"]["entries"].as_array().expect("entries").clone();
        entries.into_iter().map(|entry| without(entry, "/_hookbench")).collect()
    } else {
        let lines = file.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| without(serde_json::from_slice(line).expect("a line"), "")).collect()
    };
    told.sort();
    told
}

/// The bytes of each request of an inbox, and what is told of how it came; under what tells it apart.
async fn wires(server: &Server, inbox: &str) -> BTreeMap<String, (Vec<u8>, Value)> {
    let mut wires = BTreeMap::new();
    for row in server.rows(&format!("/v1/requests?inbox_id={inbox}")).await {
        let id = text(&row, "id");
        let wire = server.raw(&format!("/v1/requests/{id}/wire")).await;
        let seen = server.get(&format!("/v1/requests/{id}")).await["wire"].clone();
        let connection = seen["connection"]["number"].to_string();
        assert!(wires.insert(connection, (wire, seen)).is_none(), "each came on a connection of its own");
    }
    wires
}

#[tokio::test]
async fn requests_go_into_a_file_and_come_back_with_all_that_is_known() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let inbox = server.post("/v1/inboxes", &json!({"name": "Exact", "slug": "exact"})).await;
    let inbox = text(&inbox, "id").to_owned();
    let mut runner = TestRunner::deterministic();
    for _ in 0..CASES {
        send(&server, &request().new_tree(&mut runner).expect("a request").current()).await;
    }
    for odd in ODD {
        send(&server, odd.as_bytes()).await;
    }
    let rows = server.rows(&format!("/v1/requests?inbox_id={inbox}")).await;
    assert_eq!(rows.len(), CASES + ODD.len());
    assert_eq!(rows.iter().filter(|row| !row["fault"].is_null()).count(), ODD.len() - 1);
    let marks = json!({"colour": "red", "note": "asked Ada\n🎈", "tags": ["later"], "pinned": true});
    server.patch(&format!("/v1/requests/{}", text(&rows[3], "id")), &marks).await;

    let before = wires(&server, &inbox).await;
    for format in ["jsonl", "har"] {
        let file = export(&server, &inbox, format).await;
        let done = import(&server, &format!("?inbox_name={format}"), file.clone()).await;
        assert_eq!((&done["count"], &done["left_out_count"]), (&json!(rows.len()), &json!(0)), "{done}");
        let again = text(&done, "inbox_id");
        for (before, after) in
            told(&file, format).iter().zip(told(&export(&server, again, format).await, format))
        {
            assert_eq!(*before, after, "{format}");
        }
        for (number, (wire, seen)) in wires(&server, again).await {
            let (wire_before, seen_before) = &before[&number];
            assert_eq!(String::from_utf8_lossy(&wire), String::from_utf8_lossy(wire_before), "{format}");
            assert!(wire == *wire_before && seen == *seen_before, "{format}: {seen}\nwas\n{seen_before}");
        }
    }
    let stats = server.stop().await;
    assert!(stats.0.success(), "{}", stats.1);
}

/// A file with a secret of the inbox in a head that says otherwise.
#[tokio::test]
async fn a_secret_in_the_head_of_a_file_is_veiled_like_any_other() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let secret = "hb_token_0123456789";
    let inbox = json!({"name": "Guarded", "slug": "guarded", "scheme": "bearer", "secret": secret});
    let inbox = server.post("/v1/inboxes", &inbox).await;
    let inbox = text(&inbox, "id").to_owned();
    let line = |head: &str, headers: Value, fault: Value| {
        let line = json!({
            "method": "POST", "addressed": "http://h/guarded", "path": "", "http_version": "HTTP/1.1",
            "headers": headers, "fault": fault,
            "wire": {"arrival": {"connection": 1, "request_on_it": 1, "head_us": 1, "body_us": 1}, "head": head,
                "trailers": format!("X-T: {secret}\r\n")},
        });
        line.to_string()
    };
    let own = json!([["Host", "h"], ["Authorization", format!("Bearer {secret}")]]);
    let fault = json!({"code": "header_name", "message": "A header's name is no token.", "at": 3});
    let lines = [
        line(
            &format!("POST /guarded HTTP/1.1\r\nHost:h\r\nAuthorization:  Bearer {secret}\r\n\r\n"),
            own.clone(),
            Value::Null,
        ),
        line(
            &format!("POST /guarded HTTP/1.1\r\nHost: h\r\nX: {secret}\r\n\r\n"),
            json!([["Host", "h"]]),
            Value::Null,
        ),
        line(
            &format!("POST /guarded HTTP/1.1\r\nHost: h\r\n{secret}\r\n\r\n"),
            json!([["Host", "h"]]),
            fault,
        ),
    ];
    let done = import(&server, &format!("?inbox_id={inbox}"), lines.join("\n").into_bytes()).await;
    assert_eq!(done["count"], 3, "{done}");
    for row in server.rows(&format!("/v1/requests?inbox_id={inbox}")).await {
        let one = server.raw(&format!("/v1/requests/{}", text(&row, "id"))).await;
        let wire = server.raw(&format!("/v1/requests/{}/wire", text(&row, "id"))).await;
        for seen in [&one, &wire] {
            assert!(!String::from_utf8_lossy(seen).contains(secret), "{}", String::from_utf8_lossy(seen));
        }
    }
    for format in ["jsonl", "har", "raw", "csv"] {
        let file = export(&server, &inbox, format).await;
        assert!(!String::from_utf8_lossy(&file).contains(secret), "{format}");
    }
    let revealed = server.raw(&format!("/v1/requests/export?inbox_id={inbox}&reveal=secrets")).await;
    assert_eq!(
        String::from_utf8_lossy(&revealed).matches(secret).count(),
        2 + 3,
        "one in headers and head, and the trailers"
    );
    assert!(server.stop().await.0.success());
}
