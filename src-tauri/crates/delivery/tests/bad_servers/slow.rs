//! Servers that take for ever. Each of them would send a byte now and then, well within any limit between two.

use hookbench_delivery::send::Way;
use hookbench_model::ErrorCode as Code;
use hookbench_model::Outcome::{InvalidResponse, Timeout};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::peer::read_request;
use crate::support::{event, request};
use crate::{LIMITS, SHORT, server, try_at, try_request};

#[tokio::test]
async fn an_answer_that_does_not_begin() {
    let address = server(async |mut stream| {
        read_request(&mut stream).await?;
        std::future::pending().await
    })
    .await;
    let said = format!("No complete answer from {address} within 300 ms");
    let exchange = try_at(address, SHORT).await.failed(Timeout, Code::TimeoutFirstByte, &said).await;
    assert_eq!(exchange.response, None);
    assert!(exchange.duration >= SHORT.timeout && exchange.timing.first_byte_ms.is_some());
}

#[tokio::test]
async fn a_head_by_the_byte() {
    let address = server(async |mut stream| {
        read_request(&mut stream).await?;
        stream.write_all(b"H").await.ok()?;
        std::future::pending().await
    })
    .await;
    try_at(address, SHORT).await.failed(Timeout, Code::TimeoutFirstByte, "No complete answer").await;
}

#[tokio::test]
async fn a_body_by_the_byte() {
    let address = server(async |mut stream| {
        read_request(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx").await.ok()?;
        std::future::pending().await
    })
    .await;
    let exchange =
        try_at(address, SHORT).await.failed(Timeout, Code::TimeoutBody, "its body did not end").await;
    let response = exchange.response.unwrap();
    assert_eq!((&response.body[..], response.body_truncated), (&b"x"[..], true));
    assert!(exchange.timing.body_ms.is_some());
}

#[tokio::test]
async fn chunks_of_nothing_but_extensions() {
    let address = server(async |mut stream| {
        read_request(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;").await.ok()?;
        while stream.write_all(&[b'x'; 1024]).await.is_ok() {}
        None
    })
    .await;
    // The HTTP library has a bound of its own for these; nobody waits for the limit.
    try_at(address, LIMITS).await.failed(InvalidResponse, Code::BrokenChunks, "is not framed").await;
}

#[tokio::test]
async fn a_request_that_nobody_reads() {
    let address = server(async |mut stream| {
        stream.read_u8().await.ok()?;
        std::future::pending().await
    })
    .await;
    let large = request(&event("generic", &vec![b'x'; 64 << 20]), &format!("http://{address}/"));
    let tried = try_request(&large, Way::default(), SHORT).await;
    tried.failed(Timeout, Code::TimeoutFirstByte, "No complete answer").await;
}
