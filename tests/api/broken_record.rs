//! What is kept of a request that is malformed, too large or not whole comes back over the API, and says whether that is
//! every byte that came.

use serde_json::{Value, json};

use crate::exact_record::send;
use crate::support::{Server, folder, text};

const TOKEN: &str = "hb_token_0123456789";

/// A request to the inbox with these lines and what comes behind its head.
fn post(lines: &str, behind: &str) -> Vec<u8> {
    format!("POST /exact/x?q HTTP/1.1\r\nHost:h\r\n{lines}\r\n{behind}").into_bytes()
}

fn chunked(behind: &str) -> Vec<u8> {
    post("Transfer-Encoding: chunked\r\n", behind)
}

/// Of each, its fault and whether all of it is there.
fn table() -> Vec<(&'static str, bool, Vec<u8>)> {
    let large = "x".repeat(70_000);
    vec![
        ("body_broken_off", true, post("Content-Length: 9\r\n", "abc")),
        ("body_broken_off", true, chunked("3\r\nabc\r\n0002;a=b\r\nd")),
        ("body_broken_off", true, chunked("1\r\na\r\n0\r\nX: y\r\n")),
        ("chunk", true, chunked("1\r\na\r\n2 x\r\nbc")),
        ("trailer", true, chunked("1\r\na\r\n0\r\nno colon\r\n\r\n")),
        ("head_broken_off", true, b"POST /exact/x?q HTTP/1.1\r\nHost:h\r\nX: y".to_vec()),
        ("host_twice", true, post("HOST:  i\r\n", "and more")),
        (
            "length_and_encoding",
            true,
            post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nGET"),
        ),
        ("bare_line_feed", true, b"POST /exact/x?q HTTP/1.1\nHost: h\n\nbehind".to_vec()),
        // More than is kept of it, or than is known to be.
        ("body_too_large", false, post("Content-Length: 20000000\r\n", "abc")),
        ("length_conflict", false, post("Content-Length: 1\r\nContent-Length: 2\r\n", &large)),
        ("head_too_large", false, post(&format!("X: {large}\r\n"), "")),
        // What is a secret of some inbox is left out for good where it may be another request's.
        (
            "host_twice",
            false,
            post("Host: i\r\n", &format!("GET / HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\n")),
        ),
        ("chunk", false, chunked(&format!("1\r\na\r\nz\r\nAuthorization: Bearer {TOKEN}\r\n"))),
    ]
}

async fn newest(server: &Server) -> Value {
    let row = server.get("/v1/requests?limit=1").await["data"][0].clone();
    server.get(&format!("/v1/requests/{}", text(&row, "id"))).await
}

#[tokio::test]
async fn what_is_broken_says_whether_all_of_it_is_there() {
    let data = folder();
    let server = Server::start(data.path()).await;
    server.post("/v1/inboxes", &json!({"name": "Exact", "slug": "exact"})).await;
    let guarded = json!({"name": "Guarded", "slug": "guarded", "scheme": "bearer", "secret": TOKEN});
    server.post("/v1/inboxes", &guarded).await;
    server.patch("/v1/settings", &json!({"capture_max_body": 10_000_000})).await;
    for (code, exact, wire) in table() {
        let shown = String::from_utf8_lossy(&wire[..wire.len().min(200)]).into_owned();
        let answer = send(&server, &wire).await;
        let one = newest(&server).await;
        assert_eq!(one["fault"]["code"], code, "{shown}");
        assert_eq!(one["response"]["status"].to_string(), answer[9..12], "{shown}");
        assert_eq!(one["wire"]["exact"], exact, "{shown}");
        let path = format!("/v1/requests/{}/wire", text(&one, "id"));
        let back = server.raw(&path).await;
        if exact {
            assert!(back == wire, "{shown}\nbecame\n{}", String::from_utf8_lossy(&back));
        }
        let revealed = server.raw(&format!("{path}?reveal=secrets")).await;
        let is_there = revealed.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes());
        assert!(!is_there, "{shown}");
    }
}

/// What is too large for a head is kept as far as a body may be, leaves and comes back.
#[tokio::test]
async fn a_head_of_two_megabytes_comes_back_from_a_file() {
    let data = folder();
    let server = Server::start(data.path()).await;
    server.post("/v1/inboxes", &json!({"name": "Exact", "slug": "exact"})).await;
    let wire = post(&format!("x-Much:{}\r\n", "a1 ".repeat(700_000)), "");
    assert!(send(&server, &wire).await.starts_with("HTTP/1.1 431 "));
    let first = newest(&server).await;
    assert_eq!(first["fault"]["code"], "head_too_large");
    for format in ["jsonl", "har"] {
        let inbox = text(&first, "inbox_id");
        let file = server.raw(&format!("/v1/requests/export?format={format}&inbox_id={inbox}")).await;
        let import = server.request(reqwest::Method::POST, &format!("/v1/imports?inbox_name={format}"));
        let done = import.body(file).send().await.expect("an answer").text().await.expect("a body");
        let done: Value = serde_json::from_str(&done).expect("JSON");
        assert_eq!((&done["count"], &done["left_out"]), (&json!(1), &json!([])), "{format}: {done}");
        let path = format!("/v1/requests?inbox_id={}", text(&done, "inbox_id"));
        let id = text(&server.rows(&path).await[0], "id").to_owned();
        let back = server.get(&format!("/v1/requests/{id}")).await;
        for field in ["method", "path", "query", "http_version", "headers", "body_size", "fault", "response"]
        {
            assert!(back[field] == first[field], "{format}: {field}");
        }
        assert!(server.raw(&format!("/v1/requests/{id}/wire")).await == wire, "{format}");
    }
}
