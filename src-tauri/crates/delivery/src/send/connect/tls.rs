use std::net::IpAddr;
use std::sync::Arc;

use hookbench_model::{ErrorCode, Outcome, TlsConnection, TlsPolicy};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, ProtocolVersion};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::Host;

use super::super::certificate;
use super::super::failure::{self, Failure};
use super::super::phases::{Phases, Stage};
use super::super::proxy::Via;
use super::super::target::{Target, bare, literal};
use super::super::tls::{Seen, TlsSetupError, watch};

/// The handshake with the target. What the server showed is noted whether it comes about or not. Gives the
/// stream, and whether HTTP/2 was agreed on.
pub(super) async fn shake_hands<S>(
    io: S,
    config: Arc<ClientConfig>,
    target: &Target,
    phases: &Phases,
) -> Result<(TlsStream<S>, bool), Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let peer = target.shown();
    let name = server_name(&target.host, &peer)?;
    phases.enter(Stage::Handshake);
    let (result, seen) = watch(TlsConnector::from(config).connect(name, io)).await;
    let session = result.as_ref().ok().map(|stream| stream.get_ref().1);
    let tls = agreed(session, seen.as_ref(), &peer);
    phases.learn(|facts| facts.tls = Some(tls));
    let stream = result.map_err(|error| failure::handshake(&error, &peer, seen.as_ref()))?;
    let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    Ok((stream, http2))
}

/// The handshake with a proxy that is spoken to over TLS.
pub(super) async fn to_proxy(
    stream: TcpStream,
    config: Arc<ClientConfig>,
    via: &Via,
) -> Result<TlsStream<TcpStream>, Failure> {
    let name = server_name(&via.host, &via.shown)?;
    let (result, seen) = watch(TlsConnector::from(config).connect(name, stream)).await;
    result.map_err(|error| {
        let failure = failure::handshake(&error, &format!("the proxy {}", via.shown), seen.as_ref());
        Failure { code: ErrorCode::ProxyTls, ..failure }
    })
}

/// How the certificate of a proxy is checked: always, and by the endpoint's own authorities too. A client
/// certificate is the endpoint's affair.
pub(super) fn of_proxy(endpoint: &TlsPolicy) -> TlsPolicy {
    TlsPolicy { verify: true, ca_pem: endpoint.ca_pem.clone(), client_cert: None }
}

/// The endpoint's TLS cannot be set up.
pub(super) fn unusable(error: &TlsSetupError) -> Failure {
    // What the libraries say beneath it are the names of their types.
    Failure::new(Outcome::Blocked, ErrorCode::TlsSetup, format!("Nothing was sent: {error}"))
}

fn server_name(host: &Host<String>, peer: &str) -> Result<ServerName<'static>, Failure> {
    match literal(host) {
        Some(IpAddr::V4(address)) => Ok(IpAddr::V4(address).into()),
        Some(address) => Ok(address.into()),
        None => ServerName::try_from(bare(host).trim_end_matches('.').to_owned()).map_err(|_| {
            let error =
                format!("Nothing was sent: no certificate can be for {peer}, its name is not one of DNS");
            Failure::new(Outcome::Blocked, ErrorCode::TlsSetup, error)
        }),
    }
}

fn agreed(session: Option<&ClientConnection>, seen: Option<&Seen>, peer: &str) -> TlsConnection {
    // A session that was taken up again remembers the certificate.
    let remembered = session.and_then(|session| session.peer_certificates()?.first());
    let certificate = seen.map(|seen| &seen.certificate).or(remembered);
    TlsConnection {
        version: session.and_then(|session| session.protocol_version()).map(version_name),
        cipher: session.and_then(|session| session.negotiated_cipher_suite()).map(|suite| {
            // The library names those of TLS 1.3 otherwise than the registry does.
            format!("{:?}", suite.suite()).replacen("TLS13_", "TLS_", 1)
        }),
        alpn: session
            .and_then(|session| session.alpn_protocol())
            .map(|protocol| String::from_utf8_lossy(protocol).into_owned()),
        peer: certificate.and_then(certificate::facts),
        problem: seen.and_then(|seen| failure::certificate_problem(seen, peer)),
    }
}

fn version_name(version: ProtocolVersion) -> String {
    match version {
        ProtocolVersion::TLSv1_2 => "TLSv1.2".to_owned(),
        ProtocolVersion::TLSv1_3 => "TLSv1.3".to_owned(),
        other => format!("{other:?}"),
    }
}
