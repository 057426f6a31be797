//! Sending over TLS, to servers with certificates made for each test.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::net::SocketAddr;
use std::time::Duration;

use hookbench_delivery::send::{Exchange, Limits, Sender, Way};
use hookbench_model::{ClientCertificate, Outcome, TlsPolicy};
use hookbench_signing::Secret;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, date_time_ymd};
use support::authority::{Authority, Identity, serve};
use support::peer::Peer;
use support::{event, request};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

const LIMITS: Limits = Limits { timeout: Duration::from_secs(5), response_cap: 1024 };

async fn send(address: SocketAddr, policy: &TlsPolicy) -> Exchange {
    let url = format!("https://localhost:{}/", address.port());
    Sender::new().send(&request(&event("generic", b"{}"), &url), way(policy), LIMITS).await
}

fn way(tls: &TlsPolicy) -> Way<'_> {
    Way { tls, ..Way::default() }
}

fn trusting(authority: &Authority) -> TlsPolicy {
    TlsPolicy { ca_pem: Some(authority.pem()), ..TlsPolicy::default() }
}

fn unchecked() -> TlsPolicy {
    TlsPolicy { verify: false, ..TlsPolicy::default() }
}

fn refused(exchange: &Exchange) -> &str {
    let failure = exchange.failure.as_ref().expect("the exchange should have failed");
    assert_eq!(failure.outcome, Outcome::TlsFailure, "{}", failure.error);
    assert_eq!(exchange.response, None);
    &failure.error
}

fn arrived(exchange: &Exchange) {
    assert_eq!(exchange.failure, None);
    assert_eq!(exchange.response.as_ref().map(|response| response.status), Some(200));
}

#[tokio::test]
async fn an_authority_of_the_endpoints_own_is_trusted_by_that_endpoint_alone() {
    let authority = Authority::new();
    let server = serve(&authority.issue("localhost", |_| ()), None).await;
    let exchange = send(server, &trusting(&authority)).await;
    arrived(&exchange);
    let timing = exchange.timing;
    assert!(timing.connect_ms.is_some() && timing.tls_ms.is_some_and(|ms| ms > 0.0), "{timing:?}");
    assert!(exchange.remote_addr.is_some());

    let error = send(server, &TlsPolicy::default()).await;
    assert!(refused(&error).contains("authority that is not trusted"), "{}", refused(&error));
    let error = send(server, &trusting(&Authority::named("Another"))).await;
    assert!(refused(&error).contains("authority that is not trusted"), "{}", refused(&error));
    arrived(&send(server, &unchecked()).await);
}

#[tokio::test]
async fn one_sender_keeps_connections_of_different_trust_apart() {
    let authority = Authority::new();
    let server = serve(&authority.issue("localhost", |_| ()), None).await;
    let sender = Sender::new();
    let url = format!("https://localhost:{}/", server.port());
    let request = request(&event("generic", b"{}"), &url);
    // The open, unchecked connection must not serve an endpoint that checks.
    arrived(&sender.send(&request, way(&unchecked()), LIMITS).await);
    refused(&sender.send(&request, Way::default(), LIMITS).await);
    let again = sender.send(&request, way(&unchecked()), LIMITS).await;
    arrived(&again);
    assert_eq!(again.timing.tls_ms, None, "the open connection is used again");
}

#[tokio::test]
async fn a_wrong_certificate_is_told_in_words() {
    let authority = Authority::new();
    let policy = trusting(&authority);
    let expired = authority.issue("localhost", |params| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    });
    let early = authority.issue("localhost", |params| params.not_before = date_time_ymd(2090, 1, 1));
    let other = authority.issue("other.example", |_| ());
    for (identity, said) in
        [(expired, "has expired"), (early, "is not valid yet"), (other, "is for other.example")]
    {
        let server = serve(&identity, None).await;
        let exchange = send(server, &policy).await;
        let error = refused(&exchange);
        assert!(error.contains(said), "{error}");
        assert!(error.starts_with(&format!("The certificate of localhost:{}", server.port())), "{error}");
        arrived(&send(server, &unchecked()).await);
    }
}

#[tokio::test]
async fn a_self_signed_certificate_is_not_trusted_until_it_is_given() {
    let key = KeyPair::generate().unwrap();
    let cert = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let identity = Identity { cert: cert.pem(), key: key.serialize_pem() };
    let server = serve(&identity, None).await;
    let exchange = send(server, &TlsPolicy::default()).await;
    assert!(refused(&exchange).contains("self-signed"), "{}", refused(&exchange));
    arrived(&send(server, &TlsPolicy { ca_pem: Some(identity.cert), ..TlsPolicy::default() }).await);
}

/// As `openssl req -x509` makes them: an authority that is also the server.
#[tokio::test]
async fn an_authority_s_own_certificate_is_taken_for_a_server_s_where_it_was_given() {
    let make = |name: &str, change: fn(&mut CertificateParams)| {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        change(&mut params);
        Identity { cert: params.self_signed(&key).unwrap().pem(), key: key.serialize_pem() }
    };
    let given = |pem: String| TlsPolicy { ca_pem: Some(pem), ..TlsPolicy::default() };
    let (one, renewed) = (make("localhost", |_| ()), make("localhost", |_| ()));
    let server = serve(&one, None).await;
    for unknown in [TlsPolicy::default(), given(renewed.cert.clone())] {
        let exchange = send(server, &unknown).await;
        assert!(refused(&exchange).contains("is self-signed, and is not trusted"), "{}", refused(&exchange));
    }
    arrived(&send(server, &given(one.cert.clone())).await);
    arrived(&send(server, &given(renewed.cert + &one.cert)).await);
    let old = make("localhost", |params| params.not_after = date_time_ymd(2021, 1, 1));
    for (identity, said) in [(make("other.example", |_| ()), "is for other.example"), (old, "has expired")] {
        let exchange = send(serve(&identity, None).await, &given(identity.cert)).await;
        assert!(refused(&exchange).contains(said), "{}", refused(&exchange));
    }
}

#[tokio::test]
async fn a_client_certificate_is_shown_where_it_is_asked_for() {
    let authority = Authority::new();
    let server = serve(&authority.issue("localhost", |_| ()), Some(&authority)).await;
    let client = authority.issue("client", |_| ());
    let without = send(server, &trusting(&authority)).await;
    assert!(without.failure.is_some());
    let shown = ClientCertificate { cert_pem: client.cert, key_pem: Secret::from(client.key.as_str()) };
    arrived(&send(server, &TlsPolicy { client_cert: Some(shown), ..trusting(&authority) }).await);
}

#[tokio::test]
async fn a_policy_that_cannot_be_used_blocks_the_attempt_with_the_reason() {
    let broken = ClientCertificate { cert_pem: "x".to_owned(), key_pem: Secret::from("y") };
    for (policy, said) in [
        (TlsPolicy { ca_pem: Some("no certificate".to_owned()), ..TlsPolicy::default() }, "authority"),
        (TlsPolicy { client_cert: Some(broken), ..TlsPolicy::default() }, "client certificate"),
    ] {
        let failure = send("127.0.0.1:9".parse().unwrap(), &policy).await.failure.unwrap();
        assert_eq!(failure.outcome, Outcome::Blocked);
        assert!(failure.error.contains(said), "{}", failure.error);
    }
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_a_tls_failure() {
    let plain = Peer::closing_after(b"").await;
    // It waits for a request's end, which a TLS greeting does not have.
    let talkative = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = talkative.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = talkative.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let exchange = send(address, &TlsPolicy::default()).await;
    assert!(refused(&exchange).contains("does not speak TLS"), "{}", refused(&exchange));

    let closing = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = closing.local_addr().unwrap();
    tokio::spawn(async move { while closing.accept().await.is_ok() {} });
    let exchange = send(address, &TlsPolicy::default()).await;
    assert!(refused(&exchange).contains("TLS handshake"), "{}", refused(&exchange));

    let url = format!("https://{}/", plain.address);
    let request_to = |url: &str| request(&event("generic", b"{}"), url);
    let sender = Sender::new();
    // What the system trusts is read with the first handshake, and is not to count here.
    let before = format!("https://{address}/");
    sender.send(&request_to(&before), Way::default(), LIMITS).await;
    let short = Limits { timeout: Duration::from_secs(1), ..LIMITS };
    let exchange = sender.send(&request_to(&url), Way::default(), short).await;
    let failure = exchange.failure.unwrap();
    assert_eq!(failure.outcome, Outcome::Timeout);
    assert_eq!(
        failure.error,
        format!("The TLS handshake with {} was not done within 1 second", plain.address)
    );
}
