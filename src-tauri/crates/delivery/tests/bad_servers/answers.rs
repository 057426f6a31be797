//! Answers that are none, or that do not end.

use std::io::Write as _;

use hookbench_delivery::send::{Limits, Way};
use hookbench_model::ErrorCode as Code;
use hookbench_model::Outcome::InvalidResponse;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::peer::{Peer, read_request};
use crate::support::{event, request};
use crate::{LIMITS, server, small, try_at, try_request};

async fn refused(answer: &'static [u8], code: Code, said: &str) {
    let peer = Peer::answering(answer).await;
    let shown = String::from_utf8_lossy(&answer[..answer.len().min(60)]).into_owned();
    let tried = try_at(peer.address, LIMITS).await;
    let failure = tried.exchange.failure.clone().unwrap_or_else(|| panic!("{shown}: it should have failed"));
    assert_eq!(failure.code, code, "{shown}: {}", failure.error);
    assert!(failure.error.contains(&peer.address.to_string()), "{}", failure.error);
    tried.failed(InvalidResponse, code, said).await;
}

#[tokio::test]
async fn what_is_not_http_is_shown_by_how_it_begins() {
    for (answer, said) in [
        (&b"SSH-2.0-OpenSSH_9.2\r\n\r\n"[..], "begins with \"SSH-2.0-OpenSSH_9.2\""),
        (b"<html>HTTP/0.9 had no head</html>\r\n\r\n", "begins with \"<html>HTTP/0.9 had no head</html>\""),
        (b"\x15\x03\x01\x00\x02\x02\x0a\r\n\r\n", "begins with \"\\x15\\x03\\x01"),
        (b"\xff\xfe\x00 rubbish\r\n\r\n", "is not HTTP"),
        (b"HTTP/2 200 OK\r\n\r\n", "is not HTTP"),
    ] {
        refused(answer, Code::NotHttp, said).await;
    }
}

#[tokio::test]
async fn impossible_status_lines() {
    for answer in [
        &b"HTTP/1.1 abc OK\r\n\r\n"[..],
        b"HTTP/1.1 99 Low\r\n\r\n",
        b"HTTP/1.1 000 None\r\n\r\n",
        b"HTTP/1.1 2000 Many\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.9 200 OK\r\n\r\n",
    ] {
        refused(answer, Code::InvalidStatusLine, "impossible status in its first line: \"HTTP/1.").await;
    }
}

#[tokio::test]
async fn headers_and_lengths_that_cannot_be() {
    refused(b"HTTP/1.1 200 OK\r\nBad Header: x\r\n\r\n", Code::InvalidHeaders, "A header in the answer")
        .await;
    for lengths in ["-5", "five", "5\r\nContent-Length: 6", "+5", "99999999999999999999999"] {
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {lengths}\r\n\r\nhello").into_bytes().leak();
        refused(answer, Code::InvalidLength, "announces an impossible length").await;
    }
}

#[tokio::test]
async fn chunks_that_are_none() {
    for chunks in ["zz\r\nhello\r\n", "5;\r\nhelloXX", "-1\r\n", "fffffffffffffffff\r\n"] {
        let answer =
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}").into_bytes().leak();
        refused(answer, Code::BrokenChunks, "is not framed as HTTP wants it").await;
    }
}

#[tokio::test]
async fn heads_that_do_not_end() {
    let said = "larger than 256 KiB, or has more than 1000 headers";
    let many = server(async |mut stream| {
        read_request(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\n").await.ok()?;
        while stream.write_all(b"X-Filler: 0123456789012345678901234567890123456789\r\n").await.is_ok() {}
        None
    })
    .await;
    try_at(many, LIMITS).await.failed(InvalidResponse, Code::EndlessHeaders, said).await;
    let one = server(async |mut stream| {
        read_request(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nX-Giant: ").await.ok()?;
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
        None
    })
    .await;
    try_at(one, LIMITS).await.failed(InvalidResponse, Code::EndlessHeaders, said).await;
    let several = b"X: 1\r\n".repeat(1001);
    let several = [&b"HTTP/1.1 200 OK\r\n"[..], &several, b"\r\n"].concat().leak();
    refused(several, Code::EndlessHeaders, said).await;
}

#[tokio::test]
async fn interim_answers_that_do_not_end() {
    let address = server(async |mut stream| {
        read_request(&mut stream).await?;
        while stream.write_all(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n").await.is_ok() {}
        None
    })
    .await;
    let said = "more than 64 interim answers (1xx)";
    try_at(address, LIMITS).await.failed(InvalidResponse, Code::TooManyInterim, said).await;
}

#[tokio::test]
async fn a_few_interim_answers_are_passed_over() {
    let few = b"HTTP/1.1 100 Continue\r\n\r\n".repeat(20);
    let few = [&few[..], b"HTTP/1.1 204 No Content\r\n\r\n"].concat().leak();
    let peer = Peer::answering(few).await;
    try_at(peer.address, LIMITS).await.answered(204);
}

#[tokio::test]
async fn another_protocol_that_nobody_asked_for() {
    let answer = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
    let peer = Peer::answering(answer).await;
    let said = "switched to another protocol";
    let exchange =
        try_at(peer.address, LIMITS).await.failed(InvalidResponse, Code::UnaskedUpgrade, said).await;
    assert_eq!(exchange.response.unwrap().status, 101);
}

#[tokio::test]
async fn http2_where_http1_was_spoken() {
    // An empty SETTINGS frame.
    refused(b"\0\0\0\x04\0\0\0\0\0", Code::Http2Unasked, "have the endpoint speak http2").await;
}

#[tokio::test]
async fn redirects_are_answers() {
    for status in [301, 302, 303, 307, 308] {
        let answer = format!(
            "HTTP/1.1 {status} Elsewhere\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
        );
        let peer = Peer::answering(answer.into_bytes().leak()).await;
        try_at(peer.address, LIMITS).await.answered(status);
        assert_eq!(peer.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_bomb_is_kept_as_it_came() {
    // A hundred megabytes of nothing, in a tenth of one.
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..100 {
        gzip.write_all(&vec![0; 1 << 20]).unwrap();
    }
    let bomb = gzip.finish().unwrap();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", bomb.len());
    let peer = Peer::answering([head.as_bytes(), &bomb].concat().leak()).await;
    let large = Limits { response_cap: 1 << 20, ..LIMITS };
    let exchange = try_at(peer.address, large).await.answered(200);
    let response = exchange.response.unwrap();
    assert_eq!((&response.body[..], response.body_truncated), (&bomb[..], false));
    let exchange = try_at(peer.address, LIMITS).await.answered(200);
    assert_eq!(&exchange.response.unwrap().body[..], &bomb[..1024]);
}

#[tokio::test]
async fn a_body_without_end_is_cut_and_its_connection_closed() {
    let address = server(async |mut stream| {
        read_request(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok()?;
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
        None
    })
    .await;
    let tried = try_at(address, LIMITS).await;
    assert_eq!(tried.exchange.failure, None);
    let exchange = tried.leaves_nothing().await;
    let response = exchange.response.unwrap();
    assert_eq!((response.body.len(), response.body_truncated), (1024, true));
}

#[tokio::test]
async fn what_comes_after_the_announced_length_is_nobodys_answer() {
    let answer =
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 Smuggled\r\nContent-Length: 0\r\n\r\n";
    let peer = Peer::answering(answer).await;
    let first = try_at(peer.address, LIMITS).await;
    assert_eq!(&first.exchange.response.as_ref().unwrap().body[..], b"ok");
    for _ in 0..5 {
        let next = first.sender.send(&small(&peer.url()), Way::default(), LIMITS).await;
        assert_eq!(next.failure, None);
        assert_eq!(next.response.unwrap().status, 200, "what was left over is not taken for the next answer");
    }
}

#[tokio::test]
async fn trailers_do_no_harm() {
    let answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n\
        2\r\nok\r\n0\r\nX-Sum: 1\r\nContent-Length: 99\r\n\r\n";
    let peer = Peer::answering(answer).await;
    let exchange = try_at(peer.address, LIMITS).await.answered(200);
    let response = exchange.response.unwrap();
    assert_eq!((&response.body[..], response.body_truncated), (&b"ok"[..], false));
    assert_eq!(response.headers.get("x-sum"), None);
}

#[tokio::test]
async fn an_answer_before_the_request_is_whole() {
    // It has seen enough, and reads no further.
    let address = server(async |mut stream| {
        stream.read_u8().await.ok()?;
        stream.write_all(b"HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\n\r\nlarge").await.ok()?;
        std::future::pending().await
    })
    .await;
    let large = request(&event("generic", &vec![b'x'; 64 << 20]), &format!("http://{address}/"));
    let tried = try_request(&large, Way::default(), LIMITS).await;
    assert_eq!(tried.exchange.failure, None);
    let exchange = tried.leaves_nothing().await;
    let response = exchange.response.unwrap();
    assert_eq!((response.status, &response.body[..]), (413, &b"large"[..]));
}
