//! Connections that end at every stage of an exchange.

use hookbench_delivery::send::Way;
use hookbench_model::ErrorCode as Code;
use hookbench_model::Outcome::ConnectionReset;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::peer::{Peer, read_request};
use crate::support::{event, request};
use crate::{LIMITS, server, try_at, try_request};

/// Ends the connection as one that is thrown away: the other side is told by a reset.
fn reset(stream: &TcpStream) -> Option<()> {
    stream.set_zero_linger().ok()
}

#[tokio::test]
async fn reset_as_soon_as_it_is_accepted() {
    let address = server(async |stream| reset(&stream)).await;
    let said = format!("The connection to {address} broke off before any answer");
    try_at(address, LIMITS).await.failed(ConnectionReset, Code::ResetBeforeAnswer, &said).await;
}

#[tokio::test]
async fn reset_after_the_request_line() {
    let address = server(async |mut stream| {
        while stream.read_u8().await.ok()? != b'\n' {}
        reset(&stream)
    })
    .await;
    let said = "broke off before any answer (connection reset)";
    try_at(address, LIMITS).await.failed(ConnectionReset, Code::ResetBeforeAnswer, said).await;
}

#[tokio::test]
async fn reset_in_the_middle_of_the_requests_body() {
    let address = server(async |mut stream| {
        let mut some = [0; 4096];
        stream.read_exact(&mut some).await.ok()?;
        reset(&stream)
    })
    .await;
    // More than all the buffers between the two sides hold.
    let large = request(&event("generic", &vec![b'x'; 64 << 20]), &format!("http://{address}/"));
    let tried = try_request(&large, Way::default(), LIMITS).await;
    tried.failed(ConnectionReset, Code::ResetInRequest, "while the request was still going out").await;
}

#[tokio::test]
async fn reset_before_the_answer() {
    let peer = Peer::resetting_after(b"").await;
    let said = "broke off before any answer (connection reset)";
    try_at(peer.address, LIMITS).await.failed(ConnectionReset, Code::ResetBeforeAnswer, said).await;
}

#[tokio::test]
async fn reset_in_the_middle_of_the_answers_head() {
    let peer = Peer::resetting_after(b"HTTP/1.1 200 OK\r\nContent-Le").await;
    let said = "broke off in the middle of the answer's head";
    try_at(peer.address, LIMITS).await.failed(ConnectionReset, Code::ResetInHeaders, said).await;
}

#[tokio::test]
async fn reset_in_the_middle_of_the_answers_body() {
    let peer = Peer::resetting_after(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf").await;
    let said = "broke off in the body of the answer";
    let exchange = try_at(peer.address, LIMITS).await.failed(ConnectionReset, Code::ResetInBody, said).await;
    let response = exchange.response.unwrap();
    assert_eq!((response.status, &response.body[..], response.body_truncated), (200, &b"half"[..], true));
}

#[tokio::test]
async fn closed_without_a_word() {
    let peer = Peer::closing_after(b"").await;
    let said = format!("{} closed the connection before it had answered", peer.address);
    let exchange =
        try_at(peer.address, LIMITS).await.failed(ConnectionReset, Code::ClosedWithoutAnswer, &said).await;
    assert_eq!(exchange.response, None);
    assert_eq!(exchange.remote_addr, Some(peer.address));
    assert!(exchange.connection.is_some_and(|connection| !connection.reused));
}

#[tokio::test]
async fn half_a_head_and_then_nothing() {
    for head in [&b"H"[..], b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"] {
        let peer = Peer::closing_after(head).await;
        let said = "closed the connection in the middle of the answer's head";
        try_at(peer.address, LIMITS).await.failed(ConnectionReset, Code::HalfHeaders, said).await;
    }
}

#[tokio::test]
async fn a_body_shorter_than_announced() {
    for answer in [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"[..],
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhalf",
    ] {
        let peer = Peer::closing_after(answer).await;
        let said = "closed the connection before its answer was complete";
        let exchange =
            try_at(peer.address, LIMITS).await.failed(ConnectionReset, Code::ShortBody, said).await;
        assert_eq!(&exchange.response.unwrap().body[..], b"half");
    }
}

#[tokio::test]
async fn a_kept_connection_that_closes_under_the_next_request_is_told_as_such() {
    // The second request on a connection is read, and never answered.
    let address = server(async |mut stream| {
        read_request(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.ok()?;
        read_request(&mut stream).await?;
        stream.shutdown().await.ok()
    })
    .await;
    let first = try_at(address, LIMITS).await;
    let again = first.sender.send(&crate::small(&format!("http://{address}/")), Way::default(), LIMITS).await;
    let failure = again.failure.unwrap();
    assert_eq!(failure.code, Code::ClosedWithoutAnswer, "{}", failure.error);
    assert!(failure.error.contains("kept open from an earlier attempt"), "{}", failure.error);
    assert!(again.connection.unwrap().reused);
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_meanwhile_is_replaced_unseen() {
    let address = server(async |mut stream| {
        read_request(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.ok()?;
        stream.shutdown().await.ok()
    })
    .await;
    let first = try_at(address, LIMITS).await;
    let mut open = first.sender.open_connections();
    open.wait_for(|open| *open == 0).await.unwrap();
    let again = first.sender.send(&crate::small(&format!("http://{address}/")), Way::default(), LIMITS).await;
    assert_eq!(again.failure, None);
    assert!(!again.connection.unwrap().reused);
}
