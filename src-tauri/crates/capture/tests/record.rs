//! What is stored is what stood on the wire.

use bytes::Bytes;

use crate::support::House;

fn pairs(request: &hookbench_model::CapturedRequest) -> Vec<(&str, &[u8])> {
    request.headers.iter().map(|(name, value)| (name, value.as_bytes())).collect()
}

#[tokio::test]
async fn headers_keep_their_order_case_duplicates_bytes_and_inner_spacing() {
    let house = House::open().await;
    let head = b"POST /in/a HTTP/1.1\r\nhOST: h:1\r\nX-b: 2\r\nX-A:1\r\nx-B:  two  words\t \r\nEmpty:\r\n\
        Raw: \xff\xfe \x80\r\nX-b: 3\r\nContent-Type: text/plain\r\nCONTENT-length: 3\r\n\r\nabc";
    assert_eq!(house.send(head).await.status, 200);
    let (request, body) = house.only().await;
    let expected: [(&str, &[u8]); 9] = [
        ("hOST", b"h:1"),
        ("X-b", b"2"),
        ("X-A", b"1"),
        ("x-B", b"two  words"),
        ("Empty", b""),
        ("Raw", b"\xff\xfe \x80"),
        ("X-b", b"3"),
        ("Content-Type", b"text/plain"),
        ("CONTENT-length", b"3"),
    ];
    assert_eq!(pairs(&request), expected);
    assert_eq!((request.method.as_str(), request.http_version.as_str()), ("POST", "HTTP/1.1"));
    assert_eq!(request.content_type.as_deref(), Some("text/plain"));
    assert_eq!((body, request.body_size), (Bytes::from_static(b"abc"), 3));
    assert!(request.remote_addr.starts_with("127.0.0.1:"));
    assert_eq!(request.received_at, crate::support::NOW);
}

#[tokio::test]
async fn path_and_query_are_not_touched() {
    let house = House::open().await;
    let long = format!("/in?{}", "q=1&".repeat(12_000));
    for (target, path, query) in [
        ("/in", "", None),
        ("/in/", "/", None),
        ("/in?", "", Some("")),
        ("/in//a///b/", "//a///b/", None),
        ("/in/a%2Fb%2f%00", "/a%2Fb%2f%00", None),
        ("/in/../other/.", "/../other/.", None),
        ("/in/{a}|\"b\"<>^`\\", "/{a}|\"b\"<>^`\\", None),
        ("/in/grün?ü", "/grün", Some("ü")),
        ("/in/a?b?c=/d&&=#x", "/a", Some("b?c=/d&&=#x")),
        (&long, "", Some(&long[4..])),
        ("http://h:1/in/a?b", "/a", Some("b")),
        ("HTTPS://h/in", "", None),
    ] {
        let answer = house.send(format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n")).await;
        assert_eq!(answer.status, 200, "{target}");
        let (request, _) = house.captured().await.pop().unwrap();
        assert_eq!((request.path.as_str(), request.query.as_deref()), (path, query), "{target}");
    }
}

#[tokio::test]
async fn any_method_is_taken_as_it_was_written() {
    let house = House::open().await;
    let methods = [
        "GET",
        "PUT",
        "PATCH",
        "DELETE",
        "OPTIONS",
        "TRACE",
        "post",
        "PURGE",
        "M-SEARCH",
        "PRI",
        "X!#$%&'*+.^_`|~",
    ];
    for method in methods {
        let answer =
            house.send(format!("{method} /in HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx")).await;
        assert_eq!(answer.status, 200, "{method}");
    }
    let stored = house.captured().await;
    assert_eq!(stored.iter().map(|(request, _)| request.method.as_str()).collect::<Vec<_>>(), methods);
}

#[tokio::test]
async fn pipelined_and_kept_alive_requests_are_told_apart() {
    let house = House::open().await;
    let mut wire = house.connect().await;
    wire.write(
        "POST /in/1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nA: 1\r\n\r\nGET /\
         \r\nPUT /in/2 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\na: 2\r\n\r\n3\r\nabc\r\n0\r\n\r\n\
         GET /in/3 HTTP/1.1\r\nHost: h\r\nA: 3\r\n\r\nHEAD /in/4 HTTP/1.1\r\nHost: h\r\n\r\n",
    )
    .await;
    for head in [false, false, false, true] {
        assert_eq!(wire.answer_to(head).await.status, 200);
    }
    wire.write("POST /in/5 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}").await;
    assert_eq!(wire.answer().await.status, 200);
    assert!(wire.is_closed().await);
    let stored = house.captured().await;
    let seen: Vec<_> = stored
        .iter()
        .map(|(request, body)| (request.method.as_str(), request.path.as_str(), body.as_ref()))
        .collect();
    let expected: [(&str, &str, &[u8]); 5] = [
        ("POST", "/1", b"GET /"),
        ("PUT", "/2", b"abc"),
        ("GET", "/3", b""),
        ("HEAD", "/4", b""),
        ("POST", "/5", b"{}"),
    ];
    assert_eq!(seen, expected);
    assert_eq!(stored[1].0.headers.get_str("a"), Some("2"));
}

#[tokio::test]
async fn a_request_that_dribbles_in_is_whole() {
    let house = House::open().await;
    let mut wire = house.connect().await;
    let bytes = b"POST /in HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2;x=\"y\"\r\nbc\r\n0\r\nT: v\r\n\r\n";
    for byte in bytes {
        wire.write([*byte]).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(wire.answer().await.status, 200);
    assert_eq!(house.only().await.1, "abc");
}

#[tokio::test]
async fn chunks_with_extensions_and_trailers_are_one_body() {
    let house = House::open().await;
    let answer = house
        .send(
            "POST /in HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\nTrailer: X-T\r\n\r\n\
            003;a;b=\"c\"\r\nabc\r\nA\r\n0123456789\r\n0;z\r\nX-T: 1\r\nX-t:\r\n\r\n",
        )
        .await;
    assert_eq!(answer.status, 200);
    let (request, body) = house.only().await;
    assert_eq!((body.as_ref(), request.body_size), (&b"abc0123456789"[..], 13));
    assert_eq!(request.headers.get_str("trailer"), Some("X-T"));
}

#[tokio::test]
async fn large_and_empty_bodies_are_kept_to_the_byte() {
    let house = House::open().await;
    let large: Vec<u8> = (0..3_000_001_u32).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[2]).collect();
    let mut wire = house.connect().await;
    wire.write(format!("POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", large.len())).await;
    wire.write(&large).await;
    assert_eq!(wire.answer().await.status, 200);
    wire.write("POST /in HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    for part in large.chunks(70_001) {
        wire.write(format!("{:x}\r\n", part.len())).await;
        wire.write(part).await;
        wire.write("\r\n").await;
    }
    wire.write("0\r\n\r\n").await;
    assert_eq!(wire.answer().await.status, 200);
    wire.write("POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!(wire.answer().await.status, 200);
    let stored = house.captured().await;
    assert!(stored[0].1 == large && stored[1].1 == large, "bodies differ");
    assert!(stored[2].1.is_empty());
}

#[tokio::test]
async fn http_1_0_is_answered_and_closed_unless_it_asks_to_stay() {
    let house = House::open().await;
    let mut wire = house.connect().await;
    wire.write("POST /in HTTP/1.0\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\na").await;
    let answer = wire.answer().await;
    assert_eq!((answer.status, answer.version), (200, 0));
    wire.write("POST /in HTTP/1.0\r\nContent-Length: 1\r\n\r\nb").await;
    assert_eq!(wire.answer().await.status, 200);
    assert!(wire.is_closed().await);
    let stored = house.captured().await;
    assert_eq!(stored.len(), 2);
    assert_eq!(stored[1].0.http_version, "HTTP/1.0");
}

#[tokio::test]
async fn a_sender_that_closes_its_side_still_gets_its_answer() {
    let house = House::open().await;
    let mut wire = house.connect().await;
    wire.write("POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok").await;
    tokio::io::AsyncWriteExt::shutdown(&mut wire.stream).await.unwrap();
    assert_eq!(wire.answer().await.status, 200);
    assert_eq!(house.only().await.1, "ok");
}

#[tokio::test]
async fn who_expects_100_continue_is_told_to() {
    let house = House::open().await;
    let mut wire = house.connect().await;
    wire.write("POST /in HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n").await;
    assert_eq!(wire.answer().await.status, 100);
    wire.write("body").await;
    assert_eq!(wire.answer().await.status, 200);
    let (request, body) = house.only().await;
    assert_eq!((body.as_ref(), request.headers.get_str("expect")), (&b"body"[..], Some("100-continue")));
    // An inbox that does not exist asks for no body.
    let head = "POST /none HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n";
    assert_eq!(house.send(head).await.status, 404);
}

#[tokio::test]
async fn http_2_without_tls_is_captured_too() {
    let house = House::open().await;
    let client = reqwest::Client::builder().http2_prior_knowledge().no_proxy().build().unwrap();
    let url = format!("http://{}/in/a%2Fb?q=1", house.address());
    let sent = client.post(&url).header("x-one", "1").header("x-one", "2").body("two").send();
    assert_eq!(sent.await.unwrap().status().as_u16(), 200);
    let (request, body) = house.only().await;
    assert_eq!(request.http_version, "HTTP/2.0");
    assert_eq!((request.path.as_str(), request.query.as_deref()), ("/a%2Fb", Some("q=1")));
    assert_eq!(request.headers.get_all("x-one").count(), 2);
    assert_eq!(body, "two");
    assert_eq!(request.url().as_deref(), Some(url.as_str()));
}

#[tokio::test]
async fn the_url_that_a_request_was_addressed_to_is_kept() {
    let house = House::open().await;
    for (target, host, url) in [
        ("/in/a%2Fb?q=1", "Host: hooks.test:81\r\n", "http://hooks.test:81/in/a%2Fb?q=1"),
        ("/in", "Host: hooks.test\r\n", "http://hooks.test/in"),
        ("https://Other.test/in/?", "Host: hooks.test\r\n", "https://Other.test/in/?"),
        ("/in/x", "", ""),
    ] {
        house.send(format!("POST {target} HTTP/1.0\r\n{host}Content-Length: 0\r\n\r\n")).await;
        let newest = house.captured().await.pop().unwrap().0;
        assert_eq!(newest.url().as_deref(), Some(url), "{target}");
    }
}
