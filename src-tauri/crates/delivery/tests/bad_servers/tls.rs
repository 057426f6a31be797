//! Certificates and handshakes that are not in order.

use std::net::SocketAddr;

use hookbench_delivery::send::Way;
use hookbench_model::Outcome::{self, InvalidResponse, TlsFailure};
use hookbench_model::{ErrorCode as Code, HttpVersion, TlsPolicy};
use rcgen::{CertificateParams, IsCa, KeyPair, date_time_ymd};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::authority::{Authority, Identity, acceptor, answering, serve};
use crate::support::peer::read_request;
use crate::{LIMITS, SHORT, Tried, server, small, try_at, try_request};

async fn try_tls(address: SocketAddr, tls: &TlsPolicy) -> Tried {
    let request = small(&format!("https://localhost:{}/", address.port()));
    try_request(&request, Way { tls, ..Way::default() }, LIMITS).await
}

fn trusting(authority: &Authority) -> TlsPolicy {
    TlsPolicy { ca_pem: Some(authority.pem()), ..TlsPolicy::default() }
}

/// It is refused so; the record names the certificate, and unverified it goes through with the same complaint.
async fn bad_certificate(identity: &Identity, tls: &TlsPolicy, code: Code, said: &str) {
    let address = serve(identity, None).await;
    let exchange = try_tls(address, tls).await.failed(TlsFailure, code, said).await;
    let refused = exchange.connection.unwrap().tls.unwrap();
    assert_eq!((refused.version, refused.cipher), (None, None));
    let shown = refused.peer.unwrap();
    assert_eq!(shown.sha256.len(), 64);
    assert!(refused.problem.as_ref().unwrap().contains(said));

    let unverified = TlsPolicy { verify: false, ..tls.clone() };
    let exchange = try_tls(address, &unverified).await.answered(200);
    let passed = exchange.connection.unwrap().tls.unwrap();
    assert_eq!(passed.peer, Some(shown));
    assert_eq!(passed.problem, refused.problem);
    assert_eq!(passed.version.as_deref(), Some("TLSv1.3"));
}

#[tokio::test]
async fn a_certificate_that_has_expired() {
    let authority = Authority::new();
    let expired = authority.issue("localhost", |params| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    });
    bad_certificate(&expired, &trusting(&authority), Code::TlsExpired, "has expired").await;
}

#[tokio::test]
async fn a_certificate_that_is_not_valid_yet() {
    let authority = Authority::new();
    let early = authority.issue("localhost", |params| params.not_before = date_time_ymd(2090, 1, 1));
    bad_certificate(&early, &trusting(&authority), Code::TlsNotYetValid, "is not valid yet").await;
}

#[tokio::test]
async fn a_certificate_for_another_name() {
    let authority = Authority::new();
    let other = authority.issue("other.example", |_| ());
    let said = "is for other.example";
    bad_certificate(&other, &trusting(&authority), Code::TlsWrongName, said).await;
}

#[tokio::test]
async fn a_certificate_that_signed_itself() {
    for is_ca in [false, true] {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        if is_ca {
            params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        }
        let cert = params.self_signed(&key).unwrap();
        let identity = Identity { cert: cert.pem(), key: key.serialize_pem() };
        bad_certificate(&identity, &TlsPolicy::default(), Code::TlsSelfSigned, "is self-signed").await;
    }
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority() {
    let identity = Authority::new().issue("localhost", |_| ());
    let said = "comes from an authority that is not trusted here";
    bad_certificate(&identity, &trusting(&Authority::named("Another")), Code::TlsUnknownAuthority, said)
        .await;
}

#[tokio::test]
async fn tls_to_a_server_in_clear() {
    let plain = server(async |mut stream| {
        stream.read_u8().await.ok()?;
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await.ok()
    })
    .await;
    let tried = try_tls(plain, &TlsPolicy::default()).await;
    tried.failed(TlsFailure, Code::TlsNotSpoken, "does not speak TLS").await;
}

#[tokio::test]
async fn in_clear_to_a_server_of_tls() {
    let authority = Authority::new();
    let address = serve(&authority.issue("localhost", |_| ()), None).await;
    // What it answers is an alert of TLS, and it closes.
    let tried = try_at(address, LIMITS).await;
    tried.failed(InvalidResponse, Code::NotHttp, "is not HTTP").await;
}

#[tokio::test]
async fn a_server_that_wants_a_client_certificate() {
    let authority = Authority::new();
    let address = serve(&authority.issue("localhost", |_| ()), Some(&authority)).await;
    let tried = try_tls(address, &trusting(&authority)).await;
    tried.failed(TlsFailure, Code::TlsClientCertificate, "wants a client certificate").await;
}

#[tokio::test]
async fn no_version_of_http_in_common() {
    let authority = Authority::new();
    let identity = authority.issue("localhost", |_| ());
    let tls = trusting(&authority);
    let way = Way { tls: &tls, http_version: HttpVersion::Http2, ..Way::default() };
    // One refuses in the handshake, one lets it pass and names no protocol.
    for protocols in [&["http/1.1"][..], &[]] {
        let address = answering(acceptor(&identity, None, protocols)).await;
        let request = small(&format!("https://localhost:{}/", address.port()));
        let tried = try_request(&request, way, LIMITS).await;
        tried.failed(TlsFailure, Code::TlsNoProtocol, "(ALPN)").await;
    }
}

#[tokio::test]
async fn handshakes_that_come_to_nothing() {
    let closing = server(async |mut stream| {
        stream.read_u8().await.ok()?;
        stream.set_zero_linger().ok()
    })
    .await;
    let tried = try_tls(closing, &TlsPolicy::default()).await;
    tried.failed(TlsFailure, Code::TlsBrokenOff, "broke off the TLS handshake").await;

    let silent = server(async |_stream| std::future::pending().await).await;
    let request = small(&format!("https://{silent}/"));
    let tried = try_request(&request, Way::default(), SHORT).await;
    let said = format!("The TLS handshake with {silent} was not done within 300 ms");
    tried.failed(Outcome::Timeout, Code::TimeoutTls, &said).await;
}

#[tokio::test]
async fn an_end_without_a_goodbye_is_an_end() {
    let authority = Authority::new();
    let acceptor = acceptor(&authority.issue("localhost", |_| ()), None, &[]);
    let address = server(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let mut stream = acceptor.accept(stream).await.ok()?;
            read_request(&mut stream).await?;
            // The TCP connection ends in order; TLS does not say that it does.
            stream.get_mut().0.shutdown().await.ok()
        }
    })
    .await;
    let tried = try_tls(address, &trusting(&authority)).await;
    tried.failed(Outcome::ConnectionReset, Code::ClosedWithoutAnswer, "before it had answered").await;
}
