//! Sending, against peers on raw TCP that do what servers should not.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hookbench_delivery::send::{Exchange, Limits, Sender, Way};
use hookbench_model::{HeaderPairs, Outcome};
use support::peer::Peer;
use support::{event, request};
use tokio::io::AsyncWriteExt;

const LIMITS: Limits = Limits { timeout: Duration::from_secs(5), response_cap: 1024 };
const SHORT: Limits = Limits { timeout: Duration::from_millis(250), ..LIMITS };

async fn send(url: &str, limits: Limits) -> Exchange {
    let request = request(&event("generic", b"{\"a\":1}"), url);
    Sender::new().send(&request, Way::default(), limits).await
}

fn failure(exchange: &Exchange) -> (Outcome, &str) {
    let failure = exchange.failure.as_ref().expect("the exchange should have failed");
    (failure.outcome, failure.error.as_str())
}

#[tokio::test]
async fn the_record_is_what_stood_on_the_wire_byte_for_byte() {
    let peer = Peer::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let mut event = event("politicalcomms", b"{\"text\":\"\xff\x00\"}");
    event.request.headers = HeaderPairs::from_iter([
        ("x-ONE", "1"),
        ("accept-encoding", "gzip"),
        ("X-One", "2"),
        ("x-last", "  z"),
    ]);
    event.request.path = Some("/a/b%2Fc".to_owned());
    event.request.query = Some("q=%20&q=1".to_owned());
    let request = request(&event, &peer.url());
    let exchange = Sender::new().send(&request, Way::default(), LIMITS).await;
    assert_eq!(exchange.failure, None);

    let mut expected = b"POST /hook/a/b%2Fc?q=%20&q=1 HTTP/1.1\r\n".to_vec();
    for (name, value) in request.headers().iter() {
        expected.extend_from_slice(name.as_bytes());
        expected.extend_from_slice(b": ");
        expected.extend_from_slice(value.as_bytes());
        expected.extend_from_slice(b"\r\n");
    }
    expected.extend_from_slice(b"\r\n");
    expected.extend_from_slice(&event.payload);
    let sent = peer.requests().remove(0);
    assert_eq!(String::from_utf8_lossy(&sent), String::from_utf8_lossy(&expected));
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn an_exact_resend_and_requests_without_a_body_are_recorded_as_they_go_out() {
    let peer = Peer::answering(b"HTTP/1.1 204 No Content\r\n\r\n").await;
    for (method, payload, with_accept) in
        [("POST", &b""[..], true), ("GET", b"", false), ("DELETE", b"x", false)]
    {
        let mut event = event("generic", payload);
        method.clone_into(&mut event.request.method);
        event.request.sign = hookbench_model::SignMode::Exact;
        event.request.headers.push("X-Signature", "old");
        if with_accept {
            event.request.headers.push("Accept", "text/plain");
        }
        let request = request(&event, &peer.url());
        let exchange = Sender::new().send(&request, Way::default(), LIMITS).await;
        assert_eq!(exchange.failure, None);
        let sent = String::from_utf8(peer.requests().pop().unwrap()).unwrap();
        let (head, _) = sent.split_once("\r\n\r\n").unwrap();
        let lines: Vec<_> = head.lines().skip(1).map(str::to_owned).collect();
        let recorded: Vec<_> = request
            .headers()
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.as_str().unwrap()))
            .collect();
        assert_eq!(lines, recorded, "{method}");
        assert!(head.starts_with(&format!("{method} /hook HTTP/1.1")));
    }
}

#[tokio::test]
async fn an_answer_is_kept_to_the_byte_and_nothing_in_it_is_decoded() {
    // The head of a gzip stream; nothing here may try to read it as one.
    let peer =
        Peer::answering(b"HTTP/1.1 200 Fine\r\nContent-Encoding: gzip\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00")
            .await;
    let exchange = send(&peer.url(), LIMITS).await;
    let response = exchange.response.unwrap();
    assert_eq!(response.status, 200);
    assert_eq!(response.http_version, "HTTP/1.1");
    assert_eq!(&response.body[..], b"\x1f\x8b\x08\x00");
    assert_eq!((response.body_size, response.body_truncated), (4, false));
    assert_eq!(response.headers.get_all("x-a").count(), 2);
    assert_eq!(exchange.failure, None);
    assert_eq!(exchange.remote_addr, Some(peer.address));
}

/// The headers of what came back, as pairs.
fn answered(exchange: &Exchange) -> Vec<(&str, &str)> {
    let headers = exchange.response.as_ref().expect("an answer").headers.iter();
    headers.map(|(name, value)| (name, value.as_str().unwrap())).collect()
}

#[tokio::test]
async fn headers_of_answers_keep_their_order_their_case_and_their_duplicates() {
    // One connection, that answers otherwise each time, and the last time not to the end.
    let answers = [
        "HTTP/1.1 200 OK\r\nX-B: 1\r\nx-a: 2\r\nCONTENT-length: 2\r\nX-B:  3 \r\n\r\nX:",
        "HTTP/1.1 103 Early\r\nX-B: no\r\n\r\nHTTP/1.1 200 OK\r\nx-b: 1\r\nX-A: 2\r\nx-B: 3\r\n\
         Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-B: trailer\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX-Z: 1\r\nx-a: 2\r\nX-z: 3\r\nContent-Length: 3\r\n\r\nok",
    ];
    let so_far = Arc::new(AtomicUsize::new(0));
    let peer = Peer::new(move |mut stream| {
        let so_far = Arc::clone(&so_far);
        async move {
            let at = so_far.fetch_add(1, Ordering::SeqCst);
            stream.write_all(answers[at].as_bytes()).await.ok()?;
            (at < 2).then_some(stream)
        }
    })
    .await;
    let (sender, request) = (Sender::new(), request(&event("generic", b"{}"), &peer.url()));
    let mut sent = Vec::new();
    for _ in 0..3 {
        sent.push(sender.send(&request, Way::default(), LIMITS).await);
    }
    assert_eq!(answered(&sent[0]), [("X-B", "1"), ("x-a", "2"), ("CONTENT-length", "2"), ("X-B", "3")]);
    let chunked = ("Transfer-Encoding", "chunked");
    assert_eq!(answered(&sent[1]), [("x-b", "1"), ("X-A", "2"), ("x-B", "3"), chunked]);
    assert_eq!(answered(&sent[2]), [("X-Z", "1"), ("x-a", "2"), ("X-z", "3"), ("Content-Length", "3")]);
    assert_eq!(failure(&sent[2]).0, Outcome::ConnectionReset);
    assert_eq!(*peer.connections.lock().unwrap(), 1, "they came over one connection");
}

#[tokio::test]
async fn connections_are_reused_and_their_phases_stay_empty() {
    let peer = Peer::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let sender = Sender::new();
    let url = format!("http://localhost:{}/", peer.address.port());
    let request = request(&event("generic", b"{}"), &url);
    let first = sender.send(&request, Way::default(), LIMITS).await;
    let second = sender.send(&request, Way::default(), LIMITS).await;
    assert_eq!(*peer.connections.lock().unwrap(), 1);
    assert!(first.timing.dns_ms.is_some() && first.timing.connect_ms.is_some(), "{:?}", first.timing);
    assert_eq!(first.timing.tls_ms, None);
    assert!(first.timing.first_byte_ms.is_some() && first.timing.body_ms.is_some());
    let timing = second.timing;
    assert_eq!((timing.dns_ms, timing.connect_ms, timing.tls_ms), (None, None, None));
    assert!(timing.first_byte_ms.is_some() && timing.body_ms.is_some());
    assert_eq!(second.remote_addr, Some(peer.address));
}

#[tokio::test]
async fn statuses_before_the_answer_are_passed_over() {
    let peer = Peer::answering(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    )
    .await;
    let exchange = send(&peer.url(), LIMITS).await;
    assert_eq!(exchange.response.unwrap().status, 204);
    assert_eq!(exchange.failure, None);
}

#[tokio::test]
async fn a_body_is_cut_at_the_cap() {
    let endless = Peer::new(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok()?;
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
        None
    })
    .await;
    let exchange = send(&endless.url(), LIMITS).await;
    assert_eq!(exchange.failure, None);
    let response = exchange.response.unwrap();
    assert_eq!(response.body.len(), LIMITS.response_cap);
    assert!(response.body_truncated && response.body_size > 1024);

    let fitting = Peer::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfour").await;
    let exact = send(&fitting.url(), Limits { response_cap: 4, ..LIMITS }).await.response.unwrap();
    assert_eq!((&exact.body[..], exact.body_truncated), (&b"four"[..], false));
    let less = send(&fitting.url(), Limits { response_cap: 3, ..LIMITS }).await.response.unwrap();
    assert_eq!((&less.body[..], less.body_truncated), (&b"fou"[..], true));
    let none = send(&fitting.url(), Limits { response_cap: 0, ..LIMITS }).await.response.unwrap();
    assert_eq!((&none.body[..], none.body_truncated), (&b""[..], true));
}

#[tokio::test]
async fn a_connection_that_breaks_is_told_with_what_came_before() {
    let head = &b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"[..];
    for (peer, response) in [
        (Peer::closing_after(b"").await, None),
        (Peer::resetting_after(b"").await, None),
        (Peer::closing_after(b"HTTP/1.1 200 OK\r\nContent-Le").await, None),
        (Peer::closing_after(head).await, Some("half")),
        (
            Peer::closing_after(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n").await,
            Some("half"),
        ),
    ] {
        let exchange = send(&peer.url(), LIMITS).await;
        let (outcome, error) = failure(&exchange);
        assert_eq!(outcome, Outcome::ConnectionReset, "{error}");
        assert!(error.contains(&peer.address.to_string()), "{error}");
        let got = exchange.response.as_ref().map(|response| std::str::from_utf8(&response.body).unwrap());
        assert_eq!(got, response);
        assert!(exchange.response.is_none_or(|response| response.body_truncated));
        assert_eq!(exchange.remote_addr, Some(peer.address));
    }
}

#[tokio::test]
async fn the_timeout_covers_everything_up_to_the_last_byte() {
    let silent = Peer::new(|stream| async move {
        std::future::pending::<()>().await;
        Some(stream)
    })
    .await;
    let exchange = send(&silent.url(), SHORT).await;
    let (outcome, error) = failure(&exchange);
    assert_eq!(outcome, Outcome::Timeout);
    assert_eq!(error, format!("No complete answer from {} within 250 ms", silent.address));
    assert_eq!(exchange.response, None);
    assert!(exchange.duration >= SHORT.timeout);

    // One byte at a time, each well within any limit between two of them.
    let dripping = Peer::new(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n").await.ok()?;
        let mut tick = tokio::time::interval(Duration::from_millis(10));
        while stream.write_all(b"x").await.is_ok() {
            tick.tick().await;
        }
        None
    })
    .await;
    let exchange = send(&dripping.url(), SHORT).await;
    assert_eq!(failure(&exchange).0, Outcome::Timeout);
    let response = exchange.response.unwrap();
    assert_eq!(response.status, 200);
    assert!(!response.body.is_empty() && response.body_truncated);
    assert!(exchange.timing.body_ms.is_some());
}
