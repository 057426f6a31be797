//! What stood on the wire comes back over the API to the byte, whatever well-formed request it was.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{PATIENCE, Server, folder, text};

/// How many requests are made up.
const CASES: usize = 250;
const VEIL: &str = "(the secret)";

fn token() -> impl Strategy<Value = String> {
    "[A-Za-z0-9!#$%&'*+.^_`|~-]{1,12}"
}

fn one_of(choices: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(choices)
}

/// A header's line: any name, odd white space, any bytes that a value may hold.
fn header() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![8 => 0x21_u8..0x7f, 1 => Just(b' '), 1 => Just(b'\t'), 1 => 0x80_u8..=0xff];
    let value = prop::collection::vec(byte, 0..24);
    (token(), one_of(&["", " ", "  ", "\t", " \t "]), value, one_of(&["", " ", "\t"])).prop_filter_map(
        "a name that decides about the connection or the body",
        |(name, before, value, after)| {
            const OURS: [&str; 6] =
                ["host", "connection", "expect", "content-length", "transfer-encoding", "upgrade"];
            let is_ours = OURS.iter().any(|known| known.eq_ignore_ascii_case(&name));
            (!is_ours).then(|| {
                [name.as_bytes(), b":", before.as_bytes(), &value, after.as_bytes(), b"\r\n"].concat()
            })
        },
    )
}

fn target() -> impl Strategy<Value = String> {
    let path = "(/[A-Za-z0-9%.~{}|;=+@:ü-]{0,6}){0,4}";
    (
        one_of(&["", "", "", "http://other.test:81", "HTTPS://h"]),
        path,
        prop::option::of("[A-Za-z0-9%&=+/?.#-]{0,12}"),
    )
        .prop_map(|(origin, path, query)| {
            let query = query.map(|query| format!("?{query}")).unwrap_or_default();
            format!("{origin}/exact{path}{query}")
        })
}

/// A body and how it is framed: the lines of the head, and the bytes behind it.
fn framed() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let body = prop::collection::vec(any::<u8>(), 0..300);
    let length =
        (body.clone(), one_of(&["Content-Length: ", "content-length:", "CONTENT-LENGTH:  "]), 0_usize..3);
    let length = length.prop_map(|(body, name, zeros)| {
        (format!("{name}{}{}\r\n", "0".repeat(zeros), body.len()).into_bytes(), body)
    });
    let extension =
        one_of(&["", "", "", ";a", ";a=\"b c\" ", " "]).prop_map(|text| if text == " " { "" } else { text });
    let chunk = (prop::collection::vec(any::<u8>(), 1..40), 0_usize..3, any::<bool>(), extension);
    let chunked = (
        prop::collection::vec(chunk, 0..8),
        prop::collection::vec(header(), 0..3),
        one_of(&["0", "00", "0;end"]),
        one_of(&["Transfer-Encoding: chunked\r\n", "transfer-encoding:CHUNKED\r\n"]),
    );
    let chunked = chunked.prop_map(|(chunks, trailers, last, line)| {
        let mut wire = Vec::new();
        for (data, zeros, capital, extension) in chunks {
            let digits = if capital { format!("{:X}", data.len()) } else { format!("{:x}", data.len()) };
            wire.extend(format!("{}{digits}{extension}\r\n", "0".repeat(zeros)).into_bytes());
            wire.extend(data);
            wire.extend(b"\r\n");
        }
        wire.extend(format!("{last}\r\n").into_bytes());
        wire.extend(trailers.concat());
        wire.extend(b"\r\n");
        (line.as_bytes().to_vec(), wire)
    });
    prop_oneof![1 => Just((Vec::new(), Vec::new())), 2 => length, 2 => chunked]
}

pub(crate) fn request() -> impl Strategy<Value = Vec<u8>> {
    let empty_lines = one_of(&["", "", "", "\r\n", "\r\n\r\n"]);
    let host = one_of(&["Host: h\r\n", "host:h:81\r\n", "HOST:\th \r\n"]);
    (empty_lines, token(), target(), host, prop::collection::vec(header(), 0..10), framed()).prop_filter_map(
        "a method of its own meaning",
        |(empty, method, target, host, headers, (framing, body))| {
            let is_own = ["CONNECT", "HEAD"].contains(&method.as_str());
            let line = format!("{empty}{method} {target} HTTP/1.1\r\n{host}");
            (!is_own).then(|| [line.as_bytes(), &headers.concat(), &framing, b"\r\n", &body].concat())
        },
    )
}

/// A connection to the receiver.
async fn connect(server: &Server) -> TcpStream {
    let address = server.capture.strip_prefix("http://").expect("a URL");
    TcpStream::connect(address).await.expect("the receiver listens")
}

/// Writes bytes on a connection of their own, ends it, and reads until the other side does.
pub(crate) async fn send(server: &Server, bytes: &[u8]) -> String {
    let mut stream = connect(server).await;
    stream.write_all(bytes).await.expect("it is written");
    stream.shutdown().await.expect("it ends");
    let mut answer = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    read.expect("an answer in time").expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

async fn newest(server: &Server) -> Value {
    server.get("/v1/requests?limit=1").await["data"][0].clone()
}

#[tokio::test]
async fn any_well_formed_request_comes_back_byte_for_byte() {
    let data = folder();
    let server = Server::start(data.path()).await;
    server.post("/v1/inboxes", &serde_json::json!({"name": "Exact", "slug": "exact"})).await;
    let mut runner = TestRunner::deterministic();
    let strategy = request();
    for case in 0..CASES {
        let wire = strategy.new_tree(&mut runner).expect("a request").current();
        let shown = String::from_utf8_lossy(&wire).into_owned();
        let answer = send(&server, &wire).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{case}: {shown}\n{answer}");
        let newest = newest(&server).await;
        let id = text(&newest, "id");
        let back = server.raw(&format!("/v1/requests/{id}/wire")).await;
        assert!(back == wire, "{case}: {shown}\nbecame\n{}", String::from_utf8_lossy(&back));
        let one = server.get(&format!("/v1/requests/{id}")).await;
        assert!(one["wire"]["exact"] == true && one["fault"].is_null(), "{case}: {one}");
        let head = server.raw(&format!("/v1/requests/{id}/head")).await;
        assert!(wire.starts_with(&head) && head.ends_with(b"\r\n\r\n"), "{case}");
        assert_eq!(one["wire"]["head_size"], head.len(), "{case}");
    }
}

#[tokio::test]
async fn what_is_told_of_the_wire_is_what_came() {
    let data = folder();
    let server = Server::start(data.path()).await;
    server.post("/v1/inboxes", &serde_json::json!({"name": "Exact", "slug": "exact"})).await;
    let wire = "POST /exact HTTP/1.1\r\nHost:h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0003;x\r\ncde\r\n0\r\nX-T: v\r\n\r\n";
    send(&server, wire.as_bytes()).await;
    let row = newest(&server).await;
    assert!(row.get("wire").is_none(), "not in lists: {row}");
    let one = server.get(&format!("/v1/requests/{}", text(&row, "id"))).await;
    let seen = &one["wire"];
    assert_eq!(seen["framing"], "chunked");
    assert_eq!((&seen["chunks"], &seen["chunk_count"]), (&serde_json::json!([2, 3]), &2.into()));
    assert_eq!(seen["trailers"], serde_json::json!([["X-T", "v"]]));
    assert_eq!(seen["connection"], serde_json::json!({"number": 1, "request_on_it": 1, "reused": false}));
    assert!(seen["timing"]["head_us"].is_u64() && seen["timing"]["first_byte_at"].is_string());
    let notes = seen["notes"].as_array().expect("notes");
    assert_eq!(notes.len(), 4, "{notes:?}");
    assert!(notes[3].as_str().is_some_and(|note| note.contains("trailers")), "{notes:?}");
}

#[tokio::test]
async fn a_secret_in_a_head_is_shown_where_that_is_asked_for_and_then_it_is_logged() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let secret = "hb_token_0123456789";
    let inbox =
        serde_json::json!({"name": "Guarded", "slug": "guarded", "scheme": "bearer", "secret": secret});
    server.post("/v1/inboxes", &inbox).await;
    let wire = format!(
        "POST /guarded HTTP/1.1\r\nHost:h\r\nAuthorization:  Bearer {secret}\r\nContent-Length: 2\r\n\r\nok"
    );
    send(&server, wire.as_bytes()).await;
    let path = format!("/v1/requests/{}", text(&newest(&server).await, "id"));
    for raw in ["head", "wire"] {
        let shown = server.raw(&format!("{path}/{raw}")).await;
        let shown = String::from_utf8(shown).expect("text");
        assert!(wire.replace(secret, VEIL).starts_with(&shown), "{shown}");
    }
    assert_eq!(server.get(&format!("{path}/reveals")).await["data"], serde_json::json!([]));
    let revealed = server.raw(&format!("{path}/wire?reveal=secrets")).await;
    assert_eq!(String::from_utf8(revealed).expect("text"), wire);
    let looks = server.get(&format!("{path}/reveals")).await;
    assert_eq!(looks["data"].as_array().expect("looks").len(), 1);
}

#[tokio::test]
async fn what_was_answered_is_there_to_the_byte_after_a_kill_and_strays_are_gone() {
    let data = folder();
    let server = Server::start(data.path()).await;
    server.post("/v1/inboxes", &serde_json::json!({"name": "Exact", "slug": "exact"})).await;
    let whole = b"\r\nPOST /exact HTTP/1.1\r\nHost:h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: y\r\n\r\n";
    let broken = b"POST /exact HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc";
    let mut answers = Vec::new();
    for wire in [&whole[..], broken, b"GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n"] {
        answers.push(send(&server, wire).await[9..12].to_owned());
    }
    assert_eq!(answers, ["200", "400", "404"]);
    let strays = server.get("/v1/strays").await;
    assert_eq!(strays["data"][0]["first_line"], "GET /nowhere HTTP/1.1");
    let raw = server.raw(&format!("/v1/strays/{}/raw", strays["data"][0]["number"])).await;
    assert_eq!(raw, b"GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n");
    server.kill().await;
    let server = Server::start(data.path()).await;
    let rows = server.rows("/v1/requests").await;
    assert_eq!(rows.len(), 2);
    for (row, wire) in rows.iter().zip([&broken[..], whole]) {
        let back = server.raw(&format!("/v1/requests/{}/wire", text(row, "id"))).await;
        assert!(back == wire, "{}", String::from_utf8_lossy(&back));
    }
    assert_eq!(rows[0]["fault"]["code"], "body_broken_off");
    assert!(rows[1]["fault"].is_null());
    assert_eq!(server.get("/v1/strays").await["data"], serde_json::json!([]));
}
