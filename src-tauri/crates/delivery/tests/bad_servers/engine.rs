//! The engine among bad servers: each attempt is recorded by its name, and the good endpoint has its due.

use hookbench_model::{DeliveryStatus, Egress, ErrorCode as Code, HttpVersion, Outcome, RetryPolicy};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::server;
use crate::support::peer::{Peer, read_request};
use crate::support::workspace::Workspace;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

#[tokio::test]
async fn bad_servers_are_told_apart_in_the_log_and_hold_nobody_up() {
    let workspace = Workspace::new().await;
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let closing = Peer::closing_after(b"").await;
    let resetting = Peer::resetting_after(b"HTTP/1.1 200 OK\r\nContent-Le").await;
    let garbage = Peer::answering(b"SSH-2.0-x\r\n\r\n").await;
    let short = Peer::closing_after(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf").await;
    let silent = server(async |mut stream| {
        read_request(&mut stream).await?;
        std::future::pending().await
    })
    .await;
    let flooding = server(async |mut stream| {
        read_request(&mut stream).await?;
        while stream.write_all(b"HTTP/1.1 102 Processing\r\n\r\n").await.is_ok() {}
        None
    })
    .await;
    let mut bad = Vec::new();
    for (url, outcome, code) in [
        (format!("http://{free}/"), Outcome::ConnectionRefused, Code::Refused),
        (closing.url(), Outcome::ConnectionReset, Code::ClosedWithoutAnswer),
        (resetting.url(), Outcome::ConnectionReset, Code::ResetInHeaders),
        (garbage.url(), Outcome::InvalidResponse, Code::NotHttp),
        (short.url(), Outcome::ConnectionReset, Code::ShortBody),
        (format!("http://{silent}/"), Outcome::Timeout, Code::TimeoutFirstByte),
        (format!("http://{flooding}/"), Outcome::InvalidResponse, Code::TooManyInterim),
        ("http://nobody.invalid/".to_owned(), Outcome::DnsFailure, Code::DnsNoAddress),
        (format!("https://{free}/"), Outcome::ConnectionRefused, Code::Refused),
    ] {
        let endpoint = workspace
            .endpoint("generic", &url, |endpoint| {
                endpoint.timeout_ms = Some(if code == Code::TimeoutFirstByte { 300 } else { 60_000 });
                endpoint.retry = Some(RetryPolicy { delays_ms: Vec::new(), ..RetryPolicy::default() });
            })
            .await;
        bad.push((workspace.accept(endpoint, "{}").await, outcome, code));
    }
    let good = Peer::answering(OK).await;
    let endpoint = workspace.endpoint("generic", &good.url(), |_| ()).await;
    let delivery = workspace.accept(endpoint, "{}").await;
    let engine = workspace.engine();
    workspace.until_status(delivery, DeliveryStatus::Delivered).await;
    for (delivery, outcome, code) in bad {
        workspace.until_status(delivery, DeliveryStatus::Failed).await;
        let attempt = workspace.attempts(delivery).await.remove(0);
        let said = attempt.error.unwrap();
        assert_eq!((attempt.outcome, attempt.error_code), (outcome, Some(code)), "{said}");
        assert!(said.len() > 20, "{said}");
    }
    let attempt = workspace.attempts(delivery).await.remove(0);
    assert_eq!(attempt.error_code, None);
    let connection = attempt.connection.unwrap();
    assert_eq!((connection.reused, connection.http_version.as_deref()), (false, Some("HTTP/1.1")));
    assert!(connection.local_addr.is_some());
    engine.stop(std::time::Duration::from_secs(30)).await;
}

#[tokio::test]
async fn an_endpoints_own_way_and_the_workspaces_rules_are_followed() {
    let workspace = Workspace::new().await;
    let peer = Peer::answering(OK).await;
    let engine = workspace.engine();
    workspace.settings.send_modify(|settings| {
        settings.egress = Egress { deny_private: true, ..Egress::default() };
    });
    let endpoint = workspace
        .endpoint("generic", &peer.url(), |endpoint| {
            endpoint.retry = Some(RetryPolicy { delays_ms: Vec::new(), ..RetryPolicy::default() });
        })
        .await;
    let delivery = workspace.accept(endpoint, "{}").await;
    workspace.until_status(delivery, DeliveryStatus::Failed).await;
    let attempt = workspace.attempts(delivery).await.remove(0);
    assert_eq!((attempt.outcome, attempt.error_code), (Outcome::Blocked, Some(Code::EgressPrivate)));
    assert!(attempt.request.is_none() && attempt.connection.is_none());
    assert_eq!(peer.requests().len(), 0);

    // Our own receiver may always be reached.
    workspace.ledger.listen_at(vec![peer.address]);
    let delivery = workspace.accept(endpoint, "{}").await;
    workspace.until_status(delivery, DeliveryStatus::Delivered).await;
    assert_eq!(peer.requests().len(), 1);

    // An endpoint's own method and version.
    workspace.settings.send_modify(|settings| settings.egress = Egress::default());
    let endpoint = workspace
        .endpoint("generic", &format!("http://{}/other", peer.address), |endpoint| {
            endpoint.method = Some("PUT".to_owned());
            endpoint.http_version = HttpVersion::Http2;
            endpoint.retry = Some(RetryPolicy { delays_ms: Vec::new(), ..RetryPolicy::default() });
        })
        .await;
    let delivery = workspace.accept(endpoint, "{}").await;
    workspace.until_status(delivery, DeliveryStatus::Failed).await;
    let attempt = workspace.attempts(delivery).await.remove(0);
    assert_eq!(attempt.error_code, Some(Code::Http2Protocol), "{:?}", attempt.error);
    let sent = attempt.request.unwrap();
    assert_eq!(sent.method, "PUT");
    assert!(sent.headers.iter().all(|(name, _)| name == name.to_ascii_lowercase() && name != "host"));
    assert_eq!(attempt.connection.unwrap().http_version.as_deref(), Some("HTTP/2.0"));
    engine.stop(std::time::Duration::from_secs(30)).await;
}
