//! What is not HTTP, or could be read in two ways, is refused with a sentence, and kept as a request with a fault where
//! its inbox can be told, else among the strays.

use hookbench_capture::Limits;

use crate::support::House;

/// Everything of a request but the part that is wrong.
fn post(headers: &str, body: &str) -> String {
    format!("POST /in HTTP/1.1\r\nHost: h\r\n{headers}\r\n{body}")
}

fn table() -> Vec<(&'static str, Vec<u8>, u16, &'static str)> {
    let text = |name, bytes: String, status, sentence| (name, bytes.into_bytes(), status, sentence);
    let raw = |name, bytes: &[u8], status, sentence| (name, bytes.to_vec(), status, sentence);
    let chunked = |body: &str| post("Transfer-Encoding: chunked\r\n", body);
    vec![
        // What is no HTTP at all.
        raw("TLS ClientHello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "looks like TLS"),
        raw("zeros", &[0; 64], 400, "is not HTTP"),
        raw("JSON", b"{\"a\":1}\r\n\r\n", 400, "is not HTTP"),
        raw("SSH", b"SSH-2.0-OpenSSH_9.2\r\n", 400, "request line"),
        raw("an h2 preface with garbage", b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", 505, "another version"),
        // Request lines.
        raw("no version", b"GET /in\r\n\r\n", 400, "request line"),
        raw("method only", b"GET\r\n\r\n", 400, "request line"),
        raw("two spaces", b"GET  /in HTTP/1.1\r\nHost: h\r\n\r\n", 400, "request line"),
        raw("space in the target", b"GET /in/a b HTTP/1.1\r\nHost: h\r\n\r\n", 400, "request line"),
        raw("tab for space", b"GET\t/in HTTP/1.1\r\nHost: h\r\n\r\n", 400, "request line"),
        raw("a leading space", b" GET /in HTTP/1.1\r\nHost: h\r\n\r\n", 400, "is not HTTP"),
        raw("a method that is no token", b"GE(T) /in HTTP/1.1\r\nHost: h\r\n\r\n", 400, "request line"),
        raw("lower-case version", b"GET /in http/1.1\r\nHost: h\r\n\r\n", 400, "request line"),
        raw("version 1.10", b"GET /in HTTP/1.10\r\nHost: h\r\n\r\n", 400, "request line"),
        raw("version 3", b"GET /in HTTP/3.0\r\nHost: h\r\n\r\n", 505, "another version"),
        raw("version 0.9 by name", b"GET /in HTTP/0.9\r\nHost: h\r\n\r\n", 505, "another version"),
        raw("a relative target", b"GET in HTTP/1.1\r\nHost: h\r\n\r\n", 400, "target"),
        raw("another scheme", b"GET ftp://h/in HTTP/1.1\r\nHost: h\r\n\r\n", 400, "target"),
        raw("a target that is not UTF-8", b"GET /in/\xff\xfe HTTP/1.1\r\nHost: h\r\n\r\n", 400, "not UTF-8"),
        raw(
            "a control character in the target",
            b"GET /in/\x01 HTTP/1.1\r\nHost: h\r\n\r\n",
            400,
            "request line",
        ),
        raw("CONNECT", b"CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", 501, "proxy"),
        raw("a flood of empty lines", &b"\r\n".repeat(500), 400, "empty lines"),
        // Lines and headers.
        raw("bare LF everywhere", b"GET /in HTTP/1.1\nHost: h\n\n", 400, "bare line feed"),
        raw("bare LF in one place", b"GET /in HTTP/1.1\r\nA: b\nHost: h\r\n\r\n", 400, "bare line feed"),
        raw("bare LF at the end", b"GET /in HTTP/1.1\r\nHost: h\r\n\n", 400, "bare line feed"),
        raw(
            "bare CR in a value",
            b"GET /in HTTP/1.1\r\nHost: h\r\nA: b\rC: d\r\n\r\n",
            400,
            "control characters",
        ),
        raw("NUL in a value", b"GET /in HTTP/1.1\r\nHost: h\r\nA: b\0c\r\n\r\n", 400, "control characters"),
        raw("NUL in a name", b"GET /in HTTP/1.1\r\nHost: h\r\nA\0: b\r\n\r\n", 400, "header's name"),
        raw("DEL in a value", b"GET /in HTTP/1.1\r\nHost: h\r\nA: \x7f\r\n\r\n", 400, "control characters"),
        text("space before the colon", post("Content-Length : 3\r\n", "abc"), 400, "header's name"),
        text("no colon", post("Nonsense\r\n", ""), 400, "header's name"),
        text("an empty name", post(": x\r\n", ""), 400, "header's name"),
        text("a folded value", post("A: b\r\n c\r\n", ""), 400, "header"),
        raw("a folded first header", b"GET /in HTTP/1.1\r\n Host: h\r\n\r\n", 400, "header's name"),
        raw(
            "a name that is not ASCII",
            b"GET /in HTTP/1.1\r\nHost: h\r\n\xc3\xa4: b\r\n\r\n",
            400,
            "header's name",
        ),
        raw("no Host", b"GET /in HTTP/1.1\r\nA: b\r\n\r\n", 400, "needs a Host"),
        text("two Hosts", post("host: other\r\n", ""), 400, "more than once"),
        raw("a Host with a path", b"GET /in HTTP/1.1\r\nHost: h/in\r\n\r\n", 400, "not a host"),
        raw("a Host with a user", b"GET /in HTTP/1.1\r\nHost: u@h\r\n\r\n", 400, "not a host"),
        // Framing: everything that two readers could end in different places.
        text(
            "length and encoding",
            post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
            400,
            "both",
        ),
        text(
            "encoding and length",
            post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"),
            400,
            "both",
        ),
        text(
            "two lengths",
            post("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"),
            400,
            "different values",
        ),
        text("a list of lengths", post("Content-Length: 3, 3\r\n", "abc"), 400, "plain number"),
        text("a negative length", post("Content-Length: -3\r\n", "abc"), 400, "plain number"),
        text("a signed length", post("Content-Length: +3\r\n", "abc"), 400, "plain number"),
        text("a length in hex", post("Content-Length: 0x3\r\n", "abc"), 400, "plain number"),
        text("an empty length", post("Content-Length:\r\n", ""), 400, "plain number"),
        text("a length beyond 64 bits", post("Content-Length: 99999999999999999999\r\n", ""), 413, "larger"),
        text("a length of 2^63", post("Content-Length: 9223372036854775808\r\n", ""), 413, "larger"),
        text("an unknown encoding", post("Transfer-Encoding: gzip, chunked\r\n", ""), 501, "knows"),
        text(
            "chunked not last",
            post("Transfer-Encoding: chunked, identity\r\n", ""),
            400,
            "single `chunked`",
        ),
        text(
            "chunked twice",
            post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", ""),
            400,
            "single",
        ),
        text("nearly chunked", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 400, "single `chunked`"),
        text(
            "quoted chunked",
            post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"),
            400,
            "single `chunked`",
        ),
        raw(
            "encoding in 1.0",
            b"POST /in HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
            "HTTP/1.0",
        ),
        // Chunks.
        text("a size that is no number", chunked("xyz\r\nabc\r\n0\r\n\r\n"), 400, "chunk"),
        text("a negative size", chunked("-3\r\nabc\r\n0\r\n\r\n"), 400, "chunk"),
        text("a size with 0x", chunked("0x3\r\nabc\r\n0\r\n\r\n"), 400, "chunk"),
        text("a size of 17 digits", chunked("00000000000000003\r\nabc\r\n"), 400, "chunk"),
        text("no size", chunked("\r\nabc\r\n"), 400, "chunk"),
        text("a chunk longer than its size", chunked("3\r\nabcdef\r\n0\r\n\r\n"), 400, "chunk"),
        text("bare LF after the size", chunked("3\nabc\r\n0\r\n\r\n"), 400, "chunk"),
        text("bare LF after the chunk", chunked("3\r\nabc\n0\r\n\r\n"), 400, "chunk"),
        text("bare LF in an extension", chunked("3;a\nb\r\nabc\r\n0\r\n\r\n"), 400, "chunk"),
        text("an endless extension", chunked(&format!("3;{}", "a".repeat(20_000))), 400, "chunk"),
        text("a good chunk, then a bad one", chunked("3\r\nabc\r\nZ\r\n"), 400, "chunk"),
        text("a huge chunk", chunked("ffffffffffffffff\r\nabc"), 400, "broke off"),
        text("a broken trailer", chunked("0\r\nA b\r\n\r\n"), 400, "trailers"),
        text("endless trailers", chunked(&format!("0\r\n{}", "A: b\r\n".repeat(3000))), 431, "trailers"),
        // Sizes.
        text("a giant header", post(&format!("A: {}\r\n", "b".repeat(70_000)), ""), 431, "larger than"),
        text("a giant target", format!("GET /in?{} HTTP/1.1\r\n", "q".repeat(70_000)), 431, "larger than"),
        text("a giant method", "G".repeat(70_000), 431, "larger than"),
        text("too many headers", post(&"a: b\r\n".repeat(300), ""), 431, "more than"),
        // What breaks off.
        text("a body that breaks off", post("Content-Length: 10\r\n", "abc"), 400, "broke off"),
        text("chunks that break off", chunked("3\r\nab"), 400, "broke off"),
    ]
}

#[tokio::test]
async fn each_is_refused_with_its_status_and_sentence_and_is_never_taken_for_a_whole_one() {
    let house = House::open().await;
    let table = table();
    assert!(table.len() >= 60);
    for (name, bytes, status, sentence) in table {
        let mut wire = house.connect().await;
        wire.write(&bytes).await;
        // Whoever has more to say may say it; these have not.
        let _ = tokio::io::AsyncWriteExt::shutdown(&mut wire.stream).await;
        let answer =
            wire.try_answer(false).await.unwrap_or_else(|| panic!("{name}: closed without an answer"));
        assert_eq!(answer.status, status, "{name}: {}", answer.body);
        assert!(answer.body.contains(sentence), "{name}: {}", answer.body);
        assert!(wire.is_closed().await, "{name}: the connection goes on");
        let kept = house.newest().await.map(|(request, _)| request);
        let strays = house.receiver.strays();
        let is_stray = strays.first().is_some_and(|stray| bytes.starts_with(&stray.raw));
        let is_kept =
            kept.as_ref().is_some_and(|kept| kept.fault.is_some() && kept.response_status == status);
        assert!(is_kept || (is_stray && kept.is_none()), "{name}: {kept:?}, {strays:?}");
        if let Some(kept) = kept {
            house.store.requests().delete(kept.id).await.unwrap();
        }
        house.receiver.clear_strays();
    }
    assert_eq!(house.send(post("Content-Length: 2\r\n", "ok")).await.status, 200);
    assert_eq!(house.only().await.1, "ok");
}

#[tokio::test]
async fn what_is_smuggled_behind_a_refused_request_is_never_read() {
    let house = House::open().await;
    let hidden = "POST /in/smuggled HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n";
    for (headers, body) in [
        ("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"),
        ("Content-Length: 0\r\nContent-Length: 44\r\n", ""),
        ("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\n", "0\r\nX: y\n\r\n\r\n"),
    ] {
        let mut wire = house.connect().await;
        wire.write(post(headers, &format!("{body}{hidden}"))).await;
        assert_eq!(wire.answer().await.status, 400, "{headers}");
        assert!(wire.is_closed().await, "{headers}");
    }
    let kept = house.captured().await;
    assert_eq!(kept.len(), 5, "each once, with what came behind it as part of it");
    assert!(kept.iter().all(|(request, _)| request.fault.is_some() && request.path.is_empty()));
}

#[tokio::test]
async fn a_good_request_before_a_malformed_one_is_kept() {
    let house = House::open().await;
    let mut wire = house.connect().await;
    wire.write(format!("{}{}", post("Content-Length: 2\r\n", "ok"), "NONSENSE\r\n\r\n")).await;
    assert_eq!(wire.answer().await.status, 200);
    assert_eq!(wire.answer().await.status, 400);
    assert!(wire.is_closed().await);
    assert_eq!(house.only().await.1, "ok");
    assert_eq!(house.receiver.strays()[0].raw, "NONSENSE\r\n\r\n");
}

#[tokio::test]
async fn a_few_empty_lines_and_equal_lengths_are_forgiven() {
    let house = House::open().await;
    let bytes = format!("\r\n\r\n{}", post("Content-Length: 2\r\ncontent-length: 2\r\n", "ok"));
    assert_eq!(house.send(bytes).await.status, 200);
    assert_eq!(house.only().await.0.headers.get_all("content-length").count(), 2);
}

#[tokio::test]
async fn no_prefix_of_a_request_is_stored_as_one() {
    let house = House::with(Limits::default(), None).await;
    let whole = post("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\nT: v\r\n\r\n");
    for end in 0..whole.len() {
        let mut wire = house.connect().await;
        wire.write(&whole[..end]).await;
        tokio::io::AsyncWriteExt::shutdown(&mut wire.stream).await.unwrap();
        if let Some(answer) = wire.try_answer(false).await {
            assert_eq!(answer.status, 400, "the first {end} bytes");
        }
    }
    let kept = house.captured().await;
    assert!(kept.len() > whole.len() / 2 && kept.iter().all(|(request, _)| request.fault.is_some()));
}
