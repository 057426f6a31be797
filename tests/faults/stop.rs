//! Told to stop: what is under way has its time to end, what has not ended then is recorded, and the next start goes on.

use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::peer::{Peer, capture, captured, inbox, one_under_way, send};
use crate::support::{Server, folder, text};

fn outcomes(delivery: &Value) -> Vec<&str> {
    delivery["attempts"].as_array().expect("attempts").iter().map(|one| text(one, "outcome")).collect()
}

/// Waits until it takes no calls any more.
async fn takes_no_calls(server: &Server) {
    while TcpStream::connect(server.api.trim_start_matches("http://")).await.is_ok() {}
}

#[tokio::test]
async fn a_stop_waits_for_what_ends_in_time() {
    let data = folder();
    let (server, peer, under_way) = one_under_way(data.path()).await;
    server.signal("-TERM").await;
    // It no longer takes calls, and still waits for its peer.
    takes_no_calls(&server).await;
    peer.open();
    let (status, log) = server.ended().await;
    assert_eq!(status.code(), Some(0), "{log}");
    let server = Server::start(data.path()).await;
    let done = server.get(&under_way).await;
    assert_eq!(outcomes(&done), ["delivered"], "{done}");
    assert_eq!(peer.arrivals(), ["under-way"]);
}

#[tokio::test]
async fn a_stop_cuts_off_peers_that_never_answer_and_says_so() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let peer = Peer::start().await;
    peer.endpoint(&server).await;
    inbox(&server).await;
    assert_eq!(capture(&server, "kept", 10).await.0, 200);
    peer.shut();
    let mut deliveries = Vec::new();
    for number in 0..3 {
        deliveries.push(send(&server, &format!("under-way-{number}")).await);
    }
    peer.has(3).await;
    // A sender that never comes to its end.
    let mut slow =
        TcpStream::connect(server.capture.trim_start_matches("http://")).await.expect("it listens");
    slow.write_all(b"POST /in/slow HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
        .await
        .expect("sent");

    let began = Instant::now();
    server.signal("-TERM").await;
    let (status, log) = server.ended().await;
    assert_eq!(status.code(), Some(0), "{log}");
    // The grace of what is under way, and that of the last records; each is five seconds.
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
    let mut answer = Vec::new();
    // Whatever it is told, it is not told that it was stored.
    let _ = slow.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));

    peer.open();
    let server = Server::start(data.path()).await;
    for delivery in &deliveries {
        let done = server.until(delivery, |now| now["status"] == "delivered").await;
        assert_eq!(outcomes(&done), ["interrupted", "delivered"], "{done}");
        assert_eq!(done["attempts"][0]["error_code"], "stopped", "{done}");
        assert!(text(&done["attempts"][0], "error").contains("whether it arrived is not known"), "{done}");
    }
    assert_eq!(captured(&server).await, ["kept"]);
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once_and_loses_nothing() {
    let data = folder();
    let (server, peer, under_way) = one_under_way(data.path()).await;
    inbox(&server).await;
    assert_eq!(capture(&server, "kept", 10).await.0, 200);
    let began = Instant::now();
    server.signal("-TERM").await;
    takes_no_calls(&server).await;
    server.signal("-TERM").await;
    let (status, log) = server.ended().await;
    assert_eq!(status.code(), Some(1), "{log}");
    assert!(log.contains("told to stop a second time"), "{log}");
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());

    peer.open();
    let server = Server::start(data.path()).await;
    let done = server.until(&under_way, |now| now["status"] == "delivered").await;
    assert_eq!(outcomes(&done), ["interrupted", "delivered"], "{done}");
    assert_eq!(captured(&server).await, ["kept"]);
}
