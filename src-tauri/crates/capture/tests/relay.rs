//! Sending on what was captured.

use std::time::Duration;

use bytes::Bytes;
use hookbench_capture::{Relay, RelayError, RelayOptions, RelayedRequest};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::support::House;

/// Takes one request, gives the bytes of it, and answers with bytes.
async fn handler(answer: &'static [u8], wanted: usize) -> (url::Url, tokio::task::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook?t=1", listener.local_addr().unwrap()).parse().unwrap();
    let taken = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = Vec::new();
        let body = |bytes: &[u8]| {
            bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| bytes.len() - at - 4)
        };
        while body(&bytes).is_none_or(|length| length < wanted) {
            assert!(stream.read_buf(&mut bytes).await.unwrap() > 0, "the request is whole");
        }
        stream.write_all(answer).await.unwrap();
        bytes
    });
    (url, taken)
}

async fn captured(house: &House, body: &[u8]) -> (hookbench_model::CapturedRequest, Bytes) {
    let head = format!(
        "PATCH /in/a%2Fb?q=%20x HTTP/1.1\r\nHost: inbox\r\nX-Sig: aa\r\nx-sig: bb\r\n\
         Connection: keep-alive\r\nContent-Type: application/octet-stream\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut wire = house.connect().await;
    wire.write(head).await;
    wire.write(body).await;
    assert_eq!(wire.answer().await.status, 200);
    house.only().await
}

#[tokio::test]
async fn a_captured_request_arrives_as_it_was() {
    let house = House::open().await;
    let sent: Vec<u8> = (0..=255).collect();
    let (request, body) = captured(&house, &sent).await;
    let answer =
        b"HTTP/1.1 202 Accepted\r\nX-Got: it\r\nLocation: /elsewhere\r\nContent-Length: 6\r\n\r\nthanks";
    let (url, taken) = handler(answer, sent.len()).await;
    let options = RelayOptions { response_cap: 4, ..RelayOptions::default() };
    let relayed =
        Relay::new(options).unwrap().forward(RelayedRequest::of(&request, body), &url).await.unwrap();
    assert_eq!((relayed.status, relayed.headers.get_str("x-got")), (202, Some("it")));
    assert_eq!((relayed.body.as_ref(), relayed.body_truncated), (&b"than"[..], true));

    let bytes = taken.await.unwrap();
    let at = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    assert_eq!(bytes[at + 4..], sent);
    let head = String::from_utf8(bytes[..at].to_vec()).unwrap().to_ascii_lowercase();
    assert!(head.starts_with("patch /hook/a%2fb?t=1&q=%20x http/1.1\r\n"), "{head}");
    assert!(head.contains("x-sig: aa\r\nx-sig: bb\r\n"), "{head}");
    assert!(head.contains(&format!("host: 127.0.0.1:{}", url.port().unwrap())), "{head}");
    assert!(!head.contains("inbox") && !head.contains("connection:") && !head.contains("chunked"), "{head}");
}

#[tokio::test]
async fn what_goes_wrong_is_told_apart() {
    let house = House::open().await;
    let (request, body) = captured(&house, b"x").await;
    let relay =
        Relay::new(RelayOptions { timeout: Duration::from_millis(100), ..RelayOptions::default() }).unwrap();

    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}/", closed.local_addr().unwrap()).parse().unwrap();
    drop(closed);
    let error = relay.forward(RelayedRequest::of(&request, body.clone()), &nobody).await.unwrap_err();
    assert!(matches!(error, RelayError::Connect { .. }), "{error:?}");

    let (url, _taken) = handler(b"nonsense\r\n\r\n", 1).await;
    let error = relay.forward(RelayedRequest::of(&request, body.clone()), &url).await.unwrap_err();
    assert!(matches!(error, RelayError::Exchange { .. }), "{error:?}");

    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap()).parse().unwrap();
    let error = relay.forward(RelayedRequest::of(&request, body), &url).await.unwrap_err();
    assert!(matches!(error, RelayError::Timeout { .. }), "{error:?}");
}
