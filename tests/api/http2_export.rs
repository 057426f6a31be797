//! What came over HTTP/2 leaves in files as each of them says it, and without its secrets where that is asked for.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{PATIENCE, Server, folder, text};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short frame").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Fields as they are, none of them packed.
fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let text = |text: &str| {
        let length = u8::try_from(text.len()).expect("a short text");
        [&[length][..], text.as_bytes()].concat()
    };
    fields.iter().flat_map(|(name, value)| [vec![0], text(name), text(value)].concat()).collect()
}

/// Sends a request over HTTP/2 in clear, and waits until it is answered.
async fn send(server: &Server, fields: &[(&str, &str)], body: &[u8]) {
    let address = server.capture.strip_prefix("http://").expect("a URL");
    let mut stream = TcpStream::connect(address).await.expect("the receiver listens");
    let frames = [
        frame(SETTINGS, 0, 0, &[]),
        frame(HEADERS, END_HEADERS, 1, &block(fields)),
        frame(DATA, END_STREAM, 1, body),
    ];
    stream.write_all(&[PREFACE, &frames.concat()].concat()).await.expect("it is written");
    let answered = async {
        loop {
            let mut head = [0; 9];
            stream.read_exact(&mut head).await.expect("a frame");
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut payload = vec![0; usize::try_from(length).expect("a short frame")];
            stream.read_exact(&mut payload).await.expect("all of it");
            if head[3] == HEADERS {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, answered).await.expect("an answer in time");
}

async fn exported(server: &Server, query: &str) -> String {
    String::from_utf8(server.raw(&format!("/v1/requests/export?{query}")).await).expect("text")
}

#[tokio::test]
async fn what_came_over_http2_is_written_as_each_format_says_it() {
    let data = folder();
    let server = Server::start(data.path()).await;
    server.post("/v1/inboxes", &json!({"name": "Two", "slug": "two"})).await;
    let path = "/two/a?b=1&token=s3cr3t&c=%20";
    let fields = [
        (":method", "POST"),
        (":path", path),
        (":scheme", "http"),
        (":authority", "h.test:81"),
        ("x-b", "1"),
        ("x-b", "2"),
    ];
    send(&server, &fields, b"ok").await;

    let raw = exported(&server, "format=raw").await;
    let (line, request) = raw.split_once("\r\n").expect("a line before it");
    let head = "POST /two/a?b=1&token=s3cr3t&c=%20 HTTP/2.0\r\nhost: h.test:81\r\nx-b: 1\r\nx-b: 2\r\n\r\n";
    assert!(line.ends_with(&format!("head={} body=2", head.len())), "{line}");
    assert_eq!(request, format!("{head}ok\r\n"));

    let shown = "/two/a?b=1&token=[redacted]&c=%20";
    let raw = exported(&server, "format=raw&redact=secrets").await;
    assert!(raw.contains(&format!("\r\nPOST {shown} HTTP/2.0\r\nhost: h.test:81\r\n")), "{raw}");
    for format in ["jsonl", "har", "csv", "raw"] {
        let whole = exported(&server, &format!("format={format}")).await;
        assert!(whole.contains("s3cr3t"), "{format}: {whole}");
        let redacted = exported(&server, &format!("format={format}&redact=secrets")).await;
        assert!(!redacted.contains("s3cr3t") && redacted.contains("[redacted]"), "{format}: {redacted}");
    }

    // Lines of JSON keep the fields as they are, and give them back.
    let lines = exported(&server, "format=jsonl&redact=secrets").await;
    let import = server.request(reqwest::Method::POST, "/v1/imports?inbox_name=Back").body(lines);
    let done = import.send().await.expect("an answer").text().await.expect("a body");
    let done: Value = serde_json::from_str(&done).expect("JSON");
    let back = server.rows(&format!("/v1/requests?inbox_id={}", text(&done, "inbox_id"))).await;
    let mut wanted = fields.map(|(name, value)| json!([name, value]));
    wanted[1][1] = json!(shown);
    assert_eq!(back[0]["headers"], json!(wanted));
    assert_eq!(
        (&back[0]["http_version"], &back[0]["query"]),
        (&json!("HTTP/2.0"), &json!("b=1&token=[redacted]&c=%20"))
    );
}
