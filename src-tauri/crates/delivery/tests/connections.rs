//! Connections: kept, bounded and kept apart; the version of HTTP; what is recorded of them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hookbench_delivery::send::{Exchange, Limits, Sender, Way};
use hookbench_model::{HttpVersion, TlsPolicy};
use http_body_util::BodyExt as _;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use support::authority::{Authority, acceptor, answering};
use support::peer::{OK, Peer};
use support::{event, request};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Barrier;

const LIMITS: Limits = Limits { timeout: Duration::from_secs(20), response_cap: 1024 };

fn delivered(exchange: &Exchange) -> hookbench_model::Connection {
    assert_eq!(exchange.failure, None);
    assert_eq!(exchange.response.as_ref().map(|response| response.status), Some(200));
    exchange.connection.clone().unwrap()
}

/// A server of HTTP/1.1 and HTTP/2 that tells what it was asked.
#[derive(Clone, Default)]
struct Told {
    requests: Arc<Mutex<Vec<(http::Version, http::HeaderMap)>>>,
    connections: Arc<Mutex<usize>>,
    /// Answers wait until so many requests are there.
    together: Option<Arc<Barrier>>,
}

impl Told {
    async fn serve(&self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        *self.connections.lock().unwrap() += 1;
        let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
            let told = self.clone();
            async move {
                let (head, body) = request.into_parts();
                told.requests.lock().unwrap().push((head.version, head.headers));
                body.collect().await?;
                if let Some(together) = &told.together {
                    together.wait().await;
                }
                Ok::<_, hyper::Error>(http::Response::new("ok".to_owned()))
            }
        });
        // How the connection ends is the client's affair.
        let _ =
            auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
    }

    async fn in_clear(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, told) = (listener.local_addr().unwrap(), self.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let told = told.clone();
                tokio::spawn(async move { told.serve(stream).await });
            }
        });
        address
    }

    async fn over_tls(&self, authority: &Authority, protocols: &[&str]) -> SocketAddr {
        let acceptor = acceptor(&authority.issue("localhost", |_| ()), None, protocols);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, told) = (listener.local_addr().unwrap(), self.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (told, acceptor) = (told.clone(), acceptor.clone());
                tokio::spawn(async move { told.serve(acceptor.accept(stream).await.unwrap()).await });
            }
        });
        address
    }
}

#[tokio::test]
async fn over_tls_the_version_is_agreed_on() {
    let authority = Authority::new();
    let tls = TlsPolicy { ca_pem: Some(authority.pem()), ..TlsPolicy::default() };
    for (offered, wanted, spoken, alpn) in [
        (&["h2", "http/1.1"][..], HttpVersion::Auto, "HTTP/2.0", Some("h2")),
        (&["http/1.1"], HttpVersion::Auto, "HTTP/1.1", Some("http/1.1")),
        (&[], HttpVersion::Auto, "HTTP/1.1", None),
        (&["h2", "http/1.1"], HttpVersion::Http1, "HTTP/1.1", Some("http/1.1")),
        (&["h2"], HttpVersion::Http2, "HTTP/2.0", Some("h2")),
    ] {
        let told = Told::default();
        let address = told.over_tls(&authority, offered).await;
        let request = request(&event("generic", b"{}"), &format!("https://localhost:{}/", address.port()));
        let way = Way { tls: &tls, http_version: wanted, ..Way::default() };
        let exchange = Sender::new().send(&request, way, LIMITS).await;
        let connection = delivered(&exchange);
        assert_eq!(connection.http_version.as_deref(), Some(spoken), "{offered:?} {wanted:?}");
        assert_eq!(exchange.response.as_ref().unwrap().http_version, spoken);
        assert_eq!(exchange.over_http2, spoken == "HTTP/2.0");
        assert_eq!(connection.tls.unwrap().alpn.as_deref(), alpn);
        assert_eq!(format!("{:?}", told.requests.lock().unwrap()[0].0), spoken);
    }
}

#[tokio::test]
async fn http2_in_clear_is_spoken_at_once_and_recorded_as_it_went_out() {
    let told = Told::default();
    let address = told.in_clear().await;
    let mut event = event("generic", b"{\"a\":1}");
    event.request.headers.push("X-Own", "1");
    event.request.headers.push("X-Own", "2");
    let request = request(&event, &format!("http://{address}/hook"));
    let way = Way { http_version: HttpVersion::Http2, ..Way::default() };
    let exchange = Sender::new().send(&request, way, LIMITS).await;
    delivered(&exchange);
    let (version, headers) = told.requests.lock().unwrap()[0].clone();
    assert_eq!(version, http::Version::HTTP_2);
    let arrived: Vec<_> = headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap().to_owned()))
        .collect();
    let recorded: Vec<_> = request
        .to_sent_over_http2()
        .headers
        .iter()
        .map(|(name, value)| (name.to_owned(), value.as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(recorded, arrived);
    assert!(recorded.iter().all(|(name, _)| name != "host" && *name == name.to_ascii_lowercase()));
}

#[tokio::test]
async fn many_exchanges_share_one_connection_of_http2() {
    let told = Told { together: Some(Arc::new(Barrier::new(16))), ..Told::default() };
    let address = told.in_clear().await;
    let sender = Arc::new(Sender::new());
    let url = format!("http://{address}/");
    let sent = (0..16).map(|_| {
        let (sender, request) = (Arc::clone(&sender), request(&event("generic", b"{}"), &url));
        tokio::spawn(async move {
            let way = Way { http_version: HttpVersion::Http2, ..Way::default() };
            sender.send(&request, way, LIMITS).await
        })
    });
    let mut reused = 0;
    for exchange in futures::future::join_all(sent).await {
        let exchange = exchange.unwrap();
        let connection = delivered(&exchange);
        reused += usize::from(connection.reused);
        assert_eq!(connection.reused, exchange.timing.connect_ms.is_none());
    }
    assert_eq!((reused, *told.connections.lock().unwrap()), (15, 1));
}

#[tokio::test]
async fn a_connection_is_recorded_with_its_ends_and_its_certificate() {
    let authority = Authority::new();
    let identity = authority.issue("localhost", |params| {
        params.distinguished_name.push(rcgen::DnType::CommonName, "Localhost of the tests");
        params.subject_alt_names.push(rcgen::SanType::IpAddress("127.0.0.1".parse().unwrap()));
        params.not_before = rcgen::date_time_ymd(2020, 1, 2);
        params.not_after = rcgen::date_time_ymd(2099, 3, 4);
        params.serial_number = Some(rcgen::SerialNumber::from_slice(&[0x0a, 0xbc]));
    });
    let address = answering(acceptor(&identity, None, &["http/1.1"])).await;
    let tls = TlsPolicy { ca_pem: Some(authority.pem()), ..TlsPolicy::default() };
    let way = Way { tls: &tls, ..Way::default() };
    let sender = Sender::new();
    let request = request(&event("generic", b"{}"), &format!("https://localhost:{}/", address.port()));
    let first = sender.send(&request, way, LIMITS).await;
    let connection = delivered(&first);
    assert!(!connection.reused);
    assert!(connection.local_addr.as_deref().unwrap().starts_with("127.0.0.1:"));
    assert_eq!(first.remote_addr, Some(address));
    let agreed = connection.tls.clone().unwrap();
    assert_eq!(agreed.version.as_deref(), Some("TLSv1.3"));
    assert!(agreed.cipher.as_deref().unwrap().starts_with("TLS_"), "{:?}", agreed.cipher);
    assert_eq!(agreed.problem, None);
    let peer = agreed.peer.unwrap();
    assert_eq!(peer.subject, "CN=Localhost of the tests");
    assert_eq!(peer.issuer, "CN=Authority of the tests");
    assert_eq!(peer.serial, "0abc");
    assert_eq!(peer.not_before.to_rfc3339(), "2020-01-02T00:00:00.000Z");
    assert_eq!(peer.not_after.to_rfc3339(), "2099-03-04T00:00:00.000Z");
    assert_eq!(peer.names, ["localhost", "127.0.0.1"]);
    assert_eq!(peer.sha256, digest(&identity.cert));
    let timing = first.timing;
    assert!(timing.dns_ms.is_some() && timing.connect_ms.is_some() && timing.tls_ms.is_some(), "{timing:?}");

    let second = sender.send(&request, way, LIMITS).await;
    let again = delivered(&second);
    assert!(again.reused);
    assert_eq!(again.tls, connection.tls);
    let timing = second.timing;
    assert_eq!((timing.dns_ms, timing.connect_ms, timing.tls_ms), (None, None, None));
    assert!(timing.first_byte_ms.is_some() && timing.body_ms.is_some());
}

/// The SHA-256 of a PEM certificate, by another hand than the one under test.
fn digest(pem: &str) -> String {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    use std::fmt::Write as _;
    use std::io::Write as _;
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    let mut sum = std::process::Command::new("sha256sum")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    sum.stdin.take().unwrap().write_all(&der).unwrap();
    let said = sum.wait_with_output().unwrap().stdout;
    let mut text = String::new();
    write!(text, "{}", String::from_utf8_lossy(&said)).unwrap();
    text.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test]
async fn a_session_that_is_taken_up_again_still_tells_its_certificate() {
    let authority = Authority::new();
    let closing = acceptor(&authority.issue("localhost", |_| ()), None, &[]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = closing.accept(stream).await.unwrap();
            support::peer::read_request(&mut stream).await.unwrap();
            let answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
            tokio::io::AsyncWriteExt::write_all(&mut stream, answer).await.unwrap();
            tokio::io::AsyncWriteExt::shutdown(&mut stream).await.unwrap();
        }
    });
    let tls = TlsPolicy { ca_pem: Some(authority.pem()), ..TlsPolicy::default() };
    let way = Way { tls: &tls, ..Way::default() };
    let sender = Sender::new();
    let request = request(&event("generic", b"{}"), &format!("https://localhost:{}/", address.port()));
    let first = delivered(&sender.send(&request, way, LIMITS).await);
    let second = delivered(&sender.send(&request, way, LIMITS).await);
    assert!(!first.reused && !second.reused, "the server closes, so each has a connection of its own");
    assert!(first.tls.as_ref().unwrap().peer.is_some());
    assert_eq!(first.tls, second.tls);
}

#[tokio::test]
async fn connection_close_is_honoured() {
    let peer = Peer::answering(b"HTTP/1.1 200 OK\r\nConnection: close\r\ncontent-length: 2\r\n\r\nok").await;
    let sender = Sender::new();
    let request = request(&event("generic", b"{}"), &peer.url());
    for _ in 0..2 {
        assert!(!delivered(&sender.send(&request, Way::default(), LIMITS).await).reused);
        sender.open_connections().wait_for(|open| *open == 0).await.unwrap();
    }
    assert_eq!(*peer.connections.lock().unwrap(), 2);
}

#[tokio::test]
async fn what_differs_in_any_rule_does_not_share_a_connection() {
    let peer = Peer::answering(OK).await;
    let sender = Sender::new();
    let request = request(&event("generic", b"{}"), &peer.url());
    let unverified = TlsPolicy { verify: false, ..TlsPolicy::default() };
    let egress = hookbench_model::Egress { deny: vec!["10.0.0.0/8".parse().unwrap()], ..Default::default() };
    let proxy = hookbench_model::Proxy::parse("http://proxy.invalid:1", None).unwrap();
    let ways = [
        Way::default(),
        Way { tls: &unverified, ..Way::default() },
        Way { egress: &egress, ..Way::default() },
        Way { proxy: &proxy, ..Way::default() },
        Way { http_version: HttpVersion::Http1, ..Way::default() },
    ];
    for way in ways {
        assert!(!delivered(&sender.send(&request, way, LIMITS).await).reused);
    }
    for way in ways {
        assert!(delivered(&sender.send(&request, way, LIMITS).await).reused);
    }
    assert_eq!(*peer.connections.lock().unwrap(), ways.len());
}

#[tokio::test]
async fn connections_kept_for_one_host_are_bounded() {
    let barrier = Arc::new(Barrier::new(200));
    let told = Told { together: Some(barrier), ..Told::default() };
    let address = told.in_clear().await;
    let sender = Arc::new(Sender::new());
    let url = format!("http://{address}/");
    let sent = (0..200).map(|_| {
        let (sender, request) = (Arc::clone(&sender), request(&event("generic", b"{}"), &url));
        tokio::spawn(async move { sender.send(&request, Way::default(), LIMITS).await })
    });
    for exchange in futures::future::join_all(sent).await {
        delivered(&exchange.unwrap());
    }
    assert_eq!(*told.connections.lock().unwrap(), 200);
    sender.open_connections().wait_for(|open| *open <= 128).await.unwrap();
}
