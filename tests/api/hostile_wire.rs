//! A corpus of hostile shapes on the wire: each is answered as it should be, kept or among the strays, and holds up
//! nothing.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{PATIENCE, Server, folder, text};

/// What is to become of it.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// So many whole requests are captured.
    Whole(usize),
    /// It is captured with this fault.
    Broken(&'static str),
    /// It is among the strays, with this code.
    Stray(&'static str),
    /// It is not worth a word.
    Nothing,
}

use Fate::{Broken, Nothing, Stray, Whole};

struct Shape {
    name: &'static str,
    wire: Vec<u8>,
    /// The first status that is answered; none where the connection just ends.
    status: Option<u16>,
    fate: Fate,
}

fn shape(name: &'static str, wire: impl Into<Vec<u8>>, status: u16, fate: Fate) -> Shape {
    Shape { name, wire: wire.into(), status: (status > 0).then_some(status), fate }
}

/// A request to the inbox with these lines, and what comes behind its head.
fn post(lines: &str, body: &str) -> String {
    format!("POST /in HTTP/1.1\r\nHost: h\r\n{lines}\r\n{body}")
}

/// A request with other bytes in its first line.
fn line(line: &str) -> String {
    format!("{line}\r\nHost: h\r\n\r\n")
}

fn chunked(body: &str) -> String {
    post("Transfer-Encoding: chunked\r\n", body)
}

const HIDDEN: &str = "GET /in/hidden HTTP/1.1\r\nHost: h\r\n\r\n";

fn smuggling() -> Vec<Shape> {
    let both = "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n";
    let both_turned = "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n";
    vec![
        shape("CL.TE", post(both, "0\r\n\r\nG"), 400, Broken("length_and_encoding")),
        shape(
            "TE.CL",
            post(both_turned, &format!("5c\r\n{HIDDEN}\r\n0\r\n\r\n")),
            400,
            Broken("length_and_encoding"),
        ),
        shape("CL.0 with a request behind it", post("Content-Length: 0\r\n", HIDDEN), 200, Whole(2)),
        shape(
            "two lengths that differ",
            post("Content-Length: 0\r\nContent-Length: 38\r\n", HIDDEN),
            400,
            Broken("length_conflict"),
        ),
        shape(
            "two lengths that agree",
            post("Content-Length: 2\r\ncontent-length: 2\r\n", "ok"),
            200,
            Whole(1),
        ),
        shape("a list of lengths", post("Content-Length: 2, 2\r\n", "ok"), 400, Broken("length_malformed")),
        shape("a length with a plus", post("Content-Length: +2\r\n", "ok"), 400, Broken("length_malformed")),
        shape("a length with a minus", post("Content-Length: -2\r\n", "ok"), 400, Broken("length_malformed")),
        shape("a length in hex", post("Content-Length: 0x2\r\n", "ok"), 400, Broken("length_malformed")),
        shape(
            "a length with a space in it",
            post("Content-Length: 1 2\r\n", "ok"),
            400,
            Broken("length_malformed"),
        ),
        shape(
            "a length beyond 64 bits",
            post("Content-Length: 18446744073709551617\r\n", ""),
            413,
            Broken("body_too_large"),
        ),
        shape(
            "TE twice",
            post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
            400,
            Broken("encoding_malformed"),
        ),
        shape(
            "TE identity behind chunked",
            post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"),
            400,
            Broken("encoding_malformed"),
        ),
        shape(
            "TE xchunked",
            post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
            400,
            Broken("encoding_malformed"),
        ),
        shape(
            "TE with a space before the colon",
            post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
            400,
            Broken("header_name"),
        ),
        shape(
            "TE with a tab before its value",
            post("Transfer-Encoding:\tchunked\r\n", "0\r\n\r\n"),
            200,
            Whole(1),
        ),
        shape(
            "TE folded",
            post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"),
            400,
            Broken("header_name"),
        ),
        shape(
            "TE behind a bare CR",
            post("X: y\rTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
            400,
            Broken("header_value"),
        ),
        shape(
            "TE behind a bare LF",
            post("X: y\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
            400,
            Broken("bare_line_feed"),
        ),
        shape(
            "TE with a vertical tab",
            post("Transfer-Encoding:\u{b}chunked\r\n", "0\r\n\r\n"),
            400,
            Broken("header_value"),
        ),
        shape(
            "TE in quotes",
            post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"),
            400,
            Broken("encoding_malformed"),
        ),
        shape("TE empty", post("Transfer-Encoding:\r\n", "0\r\n\r\n"), 400, Broken("encoding_malformed")),
        shape(
            "TE gzip, chunked",
            post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
            501,
            Broken("encoding_unknown"),
        ),
        shape(
            "TE in 1.0",
            "POST /in HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
            Broken("encoding_too_early"),
        ),
        shape(
            "a name like TE",
            post("Transfer_Encoding: chunked\r\nContent-Length: 2\r\n", "ok"),
            200,
            Whole(1),
        ),
    ]
}

fn chunks() -> Vec<Shape> {
    vec![
        shape("a size with 0x", chunked("0x2\r\nok\r\n0\r\n\r\n"), 400, Broken("chunk")),
        shape("a size with a sign", chunked("+2\r\nok\r\n0\r\n\r\n"), 400, Broken("chunk")),
        shape("a size with a space", chunked("2 \r\nok\r\n0\r\n\r\n"), 400, Broken("chunk")),
        shape("no size", chunked("\r\nok\r\n0\r\n\r\n"), 400, Broken("chunk")),
        shape("a size of 17 digits", chunked("00000000000000002\r\nok\r\n"), 400, Broken("chunk")),
        shape("the largest size", chunked("ffffffffffffffff\r\nok"), 400, Broken("body_broken_off")),
        shape("a chunk longer than its size", chunked("1\r\nok\r\n0\r\n\r\n"), 400, Broken("chunk")),
        shape("a bare LF behind a size", chunked("2\nok\r\n0\r\n\r\n"), 400, Broken("chunk")),
        shape("a bare LF behind a chunk", chunked("2\r\nok\n0\r\n\r\n"), 400, Broken("chunk")),
        shape("a bare CR behind a size", chunked("2\rok\r\n0\r\n\r\n"), 400, Broken("chunk")),
        shape(
            "a huge extension",
            chunked(&format!("2;{}\r\nok\r\n0\r\n\r\n", "x".repeat(9_000))),
            400,
            Broken("chunk"),
        ),
        shape(
            "an extension within bounds",
            chunked(&format!("2;{}\r\nok\r\n0\r\n\r\n", "x".repeat(7_000))),
            200,
            Whole(1),
        ),
        shape("a NUL in an extension", chunked("2;a\0\r\nok\r\n0\r\n\r\n"), 400, Broken("chunk")),
        shape(
            "one byte a chunk, 5,000 times",
            chunked(&format!("{}0\r\n\r\n", "1\r\na\r\n".repeat(5_000))),
            200,
            Whole(1),
        ),
        shape(
            "a header in the trailers that decides",
            chunked("2\r\nok\r\n0\r\nContent-Length: 99\r\nTransfer-Encoding: x\r\n\r\n"),
            200,
            Whole(1),
        ),
        shape("a folded trailer", chunked("0\r\nA: b\r\n c\r\n\r\n"), 400, Broken("trailer")),
        shape(
            "65 trailers",
            chunked(&format!("0\r\n{}\r\n", "A: b\r\n".repeat(65))),
            431,
            Broken("trailers_too_large"),
        ),
        shape(
            "a trailer that hides a request",
            chunked(&format!("0\r\nX: y\n\r\n{HIDDEN}")),
            400,
            Broken("trailer"),
        ),
        shape("no end", chunked("2\r\nok\r\n"), 400, Broken("body_broken_off")),
    ]
}

fn heads() -> Vec<Shape> {
    vec![
        shape("a NUL in a value", post("A: b\0c\r\n", ""), 400, Broken("header_value")),
        shape("a NUL in a name", post("A\0: b\r\n", ""), 400, Broken("header_name")),
        shape("an escape in a value", post("A: \u{1b}[31m\r\n", ""), 400, Broken("header_value")),
        shape("bare LFs alone", "POST /in HTTP/1.1\nHost: h\n\n", 400, Broken("bare_line_feed")),
        shape("no colon", post("nonsense\r\n", ""), 400, Broken("header_name")),
        shape("an empty name", post(": x\r\n", ""), 400, Broken("header_name")),
        shape("a folded line", post("A: b\r\n\tc\r\n", ""), 400, Broken("header_name")),
        shape("10,000 headers", post(&"a: b\r\n".repeat(10_000), ""), 431, Broken("too_many_headers")),
        shape("300 headers", post(&"a: b\r\n".repeat(300), ""), 431, Broken("too_many_headers")),
        shape(
            "a header of 1 MiB",
            post(&format!("A: {}\r\n", "b".repeat(1 << 20)), ""),
            431,
            Broken("head_too_large"),
        ),
        shape("no Host", "POST /in HTTP/1.1\r\nA: b\r\n\r\n", 400, Broken("host_missing")),
        shape("two Hosts", post("Host: other\r\n", ""), 400, Broken("host_twice")),
        shape("a Host with a path", "GET /in HTTP/1.1\r\nHost: h/x\r\n\r\n", 400, Broken("host_malformed")),
        shape("a Host with a user", "GET /in HTTP/1.1\r\nHost: u@h\r\n\r\n", 400, Broken("host_malformed")),
        shape(
            "bytes that are not UTF-8",
            [b"GET /in HTTP/1.1\r\nHost: h\r\nA: ".as_slice(), b"\xff\xfe\r\n\r\n"].concat(),
            200,
            Whole(1),
        ),
        shape(
            "an override of direction",
            post("A: \u{202e}txt.exe\r\nContent-Length: 0\r\n", ""),
            200,
            Whole(1),
        ),
        shape("a script in every field", post("X-<script>: x\r\n", ""), 400, Broken("header_name")),
        shape(
            "a script in a value",
            post("A: <script>alert(1)</script>\r\nContent-Length: 0\r\n", ""),
            200,
            Whole(1),
        ),
    ]
}

fn first_lines() -> Vec<Shape> {
    vec![
        shape("a whole URL", line("GET http://elsewhere.test/in HTTP/1.1"), 200, Whole(1)),
        shape("another scheme", line("GET ftp://h/in HTTP/1.1"), 400, Stray("target")),
        shape("OPTIONS *", line("OPTIONS * HTTP/1.1"), 404, Stray("nobody")),
        shape("CONNECT", line("CONNECT h:443 HTTP/1.1"), 501, Stray("connect")),
        shape("HTTP/0.9", "GET /in\r\n", 400, Broken("request_line")),
        shape("HTTP/0.9 by name", line("GET /in HTTP/0.9"), 505, Broken("version")),
        shape("HTTP/3.0", line("GET /in HTTP/3.0"), 505, Broken("version")),
        shape("HTTP/1.10", line("GET /in HTTP/1.10"), 400, Broken("request_line")),
        shape("a small http", line("GET /in http/1.1"), 400, Broken("request_line")),
        shape("two spaces", line("GET  /in HTTP/1.1"), 400, Stray("request_line")),
        shape("a tab for a space", line("GET\t/in HTTP/1.1"), 400, Stray("request_line")),
        shape("a space in the target", line("GET /in/a b HTTP/1.1"), 400, Broken("request_line")),
        shape(
            "a control character in the target",
            line("GET /in/\u{1} HTTP/1.1"),
            400,
            Broken("request_line"),
        ),
        shape("a NUL in the target", line("GET /in/\0 HTTP/1.1"), 400, Broken("request_line")),
        shape("a path of dots", line("GET /in/../../etc/passwd HTTP/1.1"), 200, Whole(1)),
        shape("a slug that is encoded", line("GET /%69n HTTP/1.1"), 404, Stray("no_inbox")),
        shape(
            "a target of 70 KB",
            format!("GET /in?{} HTTP/1.1\r\n", "q".repeat(70_000)),
            431,
            Broken("head_too_large"),
        ),
        shape("a method of 70 KB", "G".repeat(70_000), 431, Stray("head_too_large")),
        shape("an unknown inbox", line("POST /nowhere HTTP/1.1"), 404, Stray("no_inbox")),
    ]
}

fn others() -> Vec<Shape> {
    vec![
        shape("a TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, Stray("not_http")),
        shape("zeros", [0; 64], 400, Stray("not_http")),
        shape("SSH", b"SSH-2.0-OpenSSH_9.2\r\n", 400, Stray("request_line")),
        shape("JSON", b"{\"a\":1}\r\n\r\n", 400, Stray("not_http")),
        shape(
            "a preface of HTTP/2 that breaks off",
            b"PRI * HTTP/2.0\r\n\r\nSM",
            400,
            Stray("head_broken_off"),
        ),
        shape("a flood of empty lines", "\r\n".repeat(500), 400, Stray("empty_lines")),
        shape("a few empty lines and no more", "\r\n\r\n", 0, Nothing),
        shape("nothing", "", 0, Nothing),
        shape(
            "three at once",
            format!("{HIDDEN}{}{HIDDEN}", post("Content-Length: 2\r\n", "ok")),
            200,
            Whole(3),
        ),
        shape(
            "Expect, and the body with it",
            post("Expect: 100-continue\r\nContent-Length: 2\r\n", "ok"),
            200,
            Whole(1),
        ),
        shape(
            "Expect of another kind",
            post("Expect: the-unexpected\r\nContent-Length: 2\r\n", "ok"),
            200,
            Whole(1),
        ),
        shape(
            "an early answer to a body that never comes",
            "POST /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: 99\r\n\r\n",
            404,
            Stray("no_inbox"),
        ),
        shape(
            "Upgrade to a WebSocket",
            post("Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n", ""),
            200,
            Whole(1),
        ),
        shape(
            "Upgrade to h2c",
            post(
                "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nContent-Length: 0\r\n",
                "",
            ),
            200,
            Whole(1),
        ),
        shape(
            "TRACE with a body",
            "TRACE /in HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok",
            200,
            Whole(1),
        ),
        shape("half a head", "POST /in HTTP/1.1\r\nHost: h\r\nX", 400, Broken("head_broken_off")),
        shape("half a body", post("Content-Length: 9\r\n", "abc"), 400, Broken("body_broken_off")),
    ]
}

/// Writes it all, says that no more comes, and reads until the other side ends.
async fn send(server: &Server, wire: &[u8]) -> Vec<u8> {
    let address = server.capture.strip_prefix("http://").expect("a URL");
    let mut stream = TcpStream::connect(address).await.expect("the receiver listens");
    let (mut from, mut to) = stream.split();
    let write = async {
        // It may be refused, and closed, before all of it is written.
        let _ = to.write_all(wire).await;
        let _ = to.shutdown().await;
    };
    let mut answer = Vec::new();
    let both = async { tokio::join!(write, from.read_to_end(&mut answer)) };
    let _ = tokio::time::timeout(PATIENCE, both).await.expect("nothing hangs").1;
    answer
}

fn status(answer: &[u8]) -> Option<u16> {
    let mut answers = answer.split(|byte| *byte == b' ').skip(1);
    let status = answers.next().and_then(|status| std::str::from_utf8(status).ok()?.parse().ok());
    // Whoever asked to go on was told to.
    if status == Some(100) {
        answer.windows(13).any(|part| part == b"HTTP/1.1 200 ").then_some(200)
    } else {
        status
    }
}

async fn seen(server: &Server, shape: &Shape) {
    let Shape { name, wire, .. } = shape;
    let rows = server.rows("/v1/requests").await;
    let strays = server.get("/v1/strays").await;
    let strays = strays["data"].as_array().expect("a list");
    let (captured, astray) = match shape.fate {
        Whole(count) => (count, 0),
        Broken(_) => (1, 0),
        Stray(_) => (0, 1),
        Nothing => (0, 0),
    };
    assert_eq!((rows.len(), strays.len()), (captured, astray), "{name}: {rows:?} {strays:?}");
    let mut whole = Vec::new();
    for row in rows.iter().rev() {
        let path = format!("/v1/requests/{}", text(row, "id"));
        let back = server.raw(&format!("{path}/wire")).await;
        match shape.fate {
            Broken(code) => {
                assert_eq!(row["fault"]["code"], code, "{name}: {row}");
                assert_eq!(row["verification"]["status"], "not_checked", "{name}");
                assert_eq!(
                    Some(&row["response"]["status"]),
                    shape.status.map(Value::from).as_ref(),
                    "{name}"
                );
                let common = back.iter().zip(wire).take_while(|(one, other)| one == other).count();
                assert!(common > 0 && common == back.len(), "{name}: {}", String::from_utf8_lossy(&back));
            }
            _ => assert!(row["fault"].is_null(), "{name}: {row}"),
        }
        whole.extend(back);
        server.send(reqwest::Method::DELETE, &path, None).await;
    }
    if let Whole(_) = shape.fate {
        assert!(whole == *wire, "{name}: {}", String::from_utf8_lossy(&whole));
    }
    for stray in strays {
        let Stray(code) = shape.fate else { panic!("{name}: {stray}") };
        assert_eq!(stray["code"], code, "{name}");
        let raw = server.raw(&format!("/v1/strays/{}/raw", stray["number"])).await;
        assert!(!raw.is_empty() && wire.starts_with(&raw), "{name}: {}", String::from_utf8_lossy(&raw));
    }
    server.send(reqwest::Method::DELETE, "/v1/strays", None).await;
}

#[tokio::test]
async fn each_hostile_shape_meets_its_fate_and_nothing_hangs_or_is_lost() {
    let data = folder();
    let server = Server::start(data.path()).await;
    server.post("/v1/inboxes", &json!({"name": "In", "slug": "in"})).await;
    let all: Vec<Shape> =
        [smuggling(), chunks(), heads(), first_lines(), others()].into_iter().flatten().collect();
    assert!(all.len() >= 90, "{}", all.len());
    for shape in &all {
        let answer = send(&server, &shape.wire).await;
        assert_eq!(status(&answer), shape.status, "{}: {}", shape.name, String::from_utf8_lossy(&answer));
        seen(&server, shape).await;
    }
    // It goes on as if nothing had been.
    assert_eq!(status(&send(&server, post("Content-Length: 2\r\n", "ok").as_bytes()).await), Some(200));
    let (ended, log) = server.stop().await;
    assert!(ended.success() && !log.contains("panicked"), "{log}");
}
