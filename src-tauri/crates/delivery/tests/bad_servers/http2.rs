//! Servers of HTTP/2, in clear with prior knowledge.

use std::net::SocketAddr;

use h2::Reason;
use hookbench_delivery::send::Way;
use hookbench_model::Outcome::{ConnectionReset, InvalidResponse, Timeout};
use hookbench_model::{ErrorCode as Code, HttpVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::peer::Peer;
use crate::{LIMITS, SHORT, Tried, server, small, try_request};

fn way() -> Way<'static> {
    Way { http_version: HttpVersion::Http2, ..Way::default() }
}

async fn try_http2(address: SocketAddr, limits: hookbench_delivery::send::Limits) -> Tried {
    try_request(&small(&format!("http://{address}/hook")), way(), limits).await
}

#[tokio::test]
async fn a_connection_that_is_told_to_go_away() {
    let address = server(async |mut stream| {
        stream.read_u8().await.ok()?;
        // SETTINGS, then GOAWAY: nothing was taken, because of ENHANCE_YOUR_CALM.
        stream.write_all(b"\0\0\0\x04\0\0\0\0\0\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\x0b").await.ok()?;
        let mut some = [0; 4096];
        while stream.read(&mut some).await.is_ok_and(|count| count > 0) {}
        None
    })
    .await;
    let tried = try_http2(address, LIMITS).await;
    tried
        .failed(ConnectionReset, Code::Http2Goaway, "ended the HTTP/2 connection before it had answered")
        .await;
}

#[tokio::test]
async fn a_connection_that_closes_under_a_stream() {
    let address = server(async |stream| {
        let mut connection = h2::server::handshake(stream).await.ok()?;
        let _request = connection.accept().await?.ok()?;
        connection.abrupt_shutdown(Reason::NO_ERROR);
        std::future::poll_fn(|context| connection.poll_closed(context)).await.ok()?;
        // Thrown away with something unread in it, it would be reset, which is another end.
        std::future::pending().await
    })
    .await;
    let tried = try_http2(address, LIMITS).await;
    tried
        .failed(ConnectionReset, Code::ClosedWithoutAnswer, "closed the connection before it had answered")
        .await;
}

#[tokio::test]
async fn a_stream_that_is_reset() {
    let address = server(async |stream| {
        let mut connection = h2::server::handshake(stream).await.ok()?;
        let (_request, mut respond) = connection.accept().await?.ok()?;
        respond.send_reset(Reason::INTERNAL_ERROR);
        while connection.accept().await.is_some() {}
        None
    })
    .await;
    let tried = try_http2(address, LIMITS).await;
    tried.failed(ConnectionReset, Code::Http2Reset, "broke off this one request").await;
}

#[tokio::test]
async fn a_stream_that_is_reset_in_its_body() {
    let address = server(async |stream| {
        let mut connection = h2::server::handshake(stream).await.ok()?;
        let (_request, mut respond) = connection.accept().await?.ok()?;
        let mut body = respond.send_response(http::Response::new(()), false).ok()?;
        body.send_data("half".into(), false).ok()?;
        // What was written goes out while the connection is driven.
        let driven = tokio::time::timeout(SHORT.timeout, connection.accept()).await;
        assert!(driven.is_err());
        body.send_reset(Reason::INTERNAL_ERROR);
        while connection.accept().await.is_some() {}
        None
    })
    .await;
    let tried = try_http2(address, LIMITS).await;
    let exchange = tried.failed(ConnectionReset, Code::Http2Reset, "broke off this one request").await;
    let response = exchange.response.unwrap();
    assert_eq!((&response.body[..], response.body_truncated), (&b"half"[..], true));
    assert_eq!(response.http_version, "HTTP/2.0");
}

#[tokio::test]
async fn settings_without_end() {
    let address = server(async |mut stream| {
        let (mut from, mut to) = stream.split();
        let read = async {
            let mut some = [0; 4096];
            while from.read(&mut some).await.is_ok_and(|count| count > 0) {}
        };
        // Empty SETTINGS frames; each wants to be acknowledged.
        let flood = async { while to.write_all(b"\0\0\0\x04\0\0\0\0\0").await.is_ok() {} };
        tokio::join!(read, flood);
        None
    })
    .await;
    try_http2(address, SHORT).await.failed(Timeout, Code::TimeoutFirstByte, "No complete answer").await;
}

#[tokio::test]
async fn a_server_of_http1() {
    let peer = Peer::answering(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
    let said = "is not HTTP/2 at all";
    try_http2(peer.address, LIMITS).await.failed(InvalidResponse, Code::Http2Protocol, said).await;
}

#[tokio::test]
async fn frames_that_break_the_rules() {
    for (bytes, what) in [
        (&b"\0\0\0\x04\0\0\0\0\x01"[..], "SETTINGS on a stream"),
        (b"\0\0\0\x04\0\0\0\0\0\xff\xff\xff\x01\0\0\0\0\x01", "a frame larger than agreed"),
        (b"\0\0\0\x04\0\0\0\0\0\0\0\x04\x01\x04\0\0\0\x01\xff\xff\xff\xff", "headers that are none"),
    ] {
        let address = server(async |mut stream| {
            stream.read_u8().await.ok()?;
            stream.write_all(bytes).await.ok()?;
            let mut some = [0; 4096];
            while stream.read(&mut some).await.is_ok_and(|count| count > 0) {}
            None
        })
        .await;
        let tried = try_http2(address, LIMITS).await;
        let failure = tried.exchange.failure.clone().unwrap();
        assert_eq!(failure.code, Code::Http2Protocol, "{what}: {}", failure.error);
        tried.failed(InvalidResponse, Code::Http2Protocol, "breaks the rules of HTTP/2").await;
    }
}
