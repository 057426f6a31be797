//! From the first byte of a connection to the first of HTTP.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use hookbench_model::TlsFacts;
use rustls::{AlertDescription, PeerIncompatible, ProtocolVersion, ServerConnection};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsAcceptor;

use super::hello::{self, HANDSHAKE};
use super::{Identity, Transport};
use crate::strays::Astray;

/// How much of a beginning is looked at to say what was offered, and kept where it is none, in bytes.
const LOOKED_AT: usize = 4 << 10;

/// What is needed to open a connection at which TLS may be spoken.
pub(crate) struct Handshake {
    pub(crate) identity: Arc<Identity>,
    /// How long it may take, from the connection on.
    pub(crate) most: Duration,
}

/// What came of it.
pub(crate) enum Opened {
    /// HTTP may begin, in clear or with what was agreed on.
    Open(Transport, Option<Arc<TlsFacts>>),
    /// The sender said nothing, or left.
    Nothing,
    /// The handshake failed.
    Failed(Failure),
}

/// A handshake that failed.
pub(crate) struct Failure {
    message: String,
    /// What came, where it was no TLS after its first byte.
    raw: Vec<u8>,
}

impl Failure {
    /// As what reached no inbox.
    pub(crate) fn astray<'a>(
        &'a self,
        raw: &'a [&'a [u8]],
        at: hookbench_model::Timestamp,
        remote: Arc<str>,
    ) -> Astray<'a> {
        let size = self.raw.len() as u64;
        Astray {
            code: "tls_failed",
            message: self.message.clone(),
            status: None,
            inbox: None,
            raw,
            size,
            at,
            remote,
        }
    }

    /// What came, where it was no TLS.
    pub(crate) fn raw(&self) -> &[u8] {
        &self.raw
    }
}

impl Handshake {
    /// Waits for the first byte, which tells TLS from HTTP, and makes the handshake where it is TLS. Whoever sends too
    /// slowly is left once the time is over, however often a byte comes.
    pub(crate) async fn open(self, tcp: TcpStream) -> Opened {
        let until = Instant::now() + self.most;
        let mut first = [0];
        match timeout_at(until, tcp.peek(&mut first)).await {
            Ok(Ok(1)) if first[0] == HANDSHAKE => {}
            // What has not come in time is waited for no longer than a head would be.
            Ok(Ok(1)) => return Opened::Open(Transport::Plain(tcp), None),
            _ => return Opened::Nothing,
        }
        let began = beginning(&tcp).await;
        let mut accept = TlsAcceptor::from(Arc::clone(&self.identity.config)).accept(tcp);
        match timeout_at(until, &mut accept).await {
            Ok(Ok(stream)) => {
                let facts = facts(stream.get_ref().1);
                Opened::Open(Transport::Tls(Box::new(stream)), Some(Arc::new(facts)))
            }
            Ok(Err(error)) => Opened::Failed(Failure::of(&error, began)),
            Err(_) => Opened::Failed(Failure::late(self.most, &began)),
        }
    }
}

/// What has come so far, left where it is.
async fn beginning(tcp: &TcpStream) -> Vec<u8> {
    let mut bytes = vec![0; LOOKED_AT];
    let came = tcp.peek(&mut bytes).await.unwrap_or(0);
    bytes.truncate(came);
    bytes
}

fn facts(session: &ServerConnection) -> TlsFacts {
    TlsFacts {
        version: session.protocol_version().map(version_name).unwrap_or_default(),
        cipher_suite: session.negotiated_cipher_suite().map_or_else(String::new, |suite| {
            // The library names those of TLS 1.3 otherwise than the registry does.
            format!("{:?}", suite.suite()).replacen("TLS13_", "TLS_", 1)
        }),
        server_name: session.server_name().map(ToOwned::to_owned),
        alpn: session.alpn_protocol().map(|protocol| String::from_utf8_lossy(protocol).into_owned()),
    }
}

fn version_name(version: ProtocolVersion) -> String {
    match version {
        ProtocolVersion::TLSv1_2 => "TLSv1.2".to_owned(),
        ProtocolVersion::TLSv1_3 => "TLSv1.3".to_owned(),
        other => format!("{other:?}"),
    }
}

impl Failure {
    fn of(error: &io::Error, began: Vec<u8>) -> Self {
        let offer = hello::read(&began);
        let cause = error.get_ref().and_then(|source| source.downcast_ref::<rustls::Error>());
        let why = match cause {
            Some(rustls::Error::AlertReceived(alert)) => by_sender(*alert),
            Some(rustls::Error::PeerIncompatible(what)) => nothing_in_common(what),
            Some(rustls::Error::NoApplicationProtocol) => {
                "The sender speaks neither HTTP/1.1 nor HTTP/2 inside of TLS".to_owned()
            }
            Some(rustls::Error::InvalidMessage(_) | rustls::Error::InappropriateMessage { .. }) => {
                "What came begins like TLS and is none".to_owned()
            }
            Some(other) => format!("The TLS handshake failed: {other}"),
            None if error.kind() == io::ErrorKind::UnexpectedEof => {
                "The sender closed the connection in the middle of the TLS handshake, as some do that do not trust \
                 the certificate"
                    .to_owned()
            }
            None => "The connection broke off in the middle of the TLS handshake".to_owned(),
        };
        // A hello holds chance and keys, which nobody reads.
        let raw = if offer.is_none() { began } else { Vec::new() };
        Self { message: with_offer(&why, offer.as_ref()), raw }
    }

    fn late(most: Duration, began: &[u8]) -> Self {
        let why = format!("The TLS handshake was not done within {} ms", most.as_millis());
        Self { message: with_offer(&why, hello::read(began).as_ref()), raw: Vec::new() }
    }
}

fn with_offer(why: &str, offer: Option<&hello::Offer>) -> String {
    match offer {
        Some(offer) => format!("{why}. The sender offered {}.", offer.in_words()),
        None => format!("{why}."),
    }
}

fn by_sender(alert: AlertDescription) -> String {
    let name = alert_name(alert);
    match alert {
        AlertDescription::UnknownCA => {
            format!("The sender does not trust the certificate's authority (alert {name})")
        }
        AlertDescription::BadCertificate | AlertDescription::CertificateUnknown => {
            format!("The sender refused the certificate (alert {name})")
        }
        AlertDescription::CertificateExpired => {
            format!("The sender refused the certificate because of its dates (alert {name})")
        }
        AlertDescription::ProtocolVersion | AlertDescription::HandshakeFailure => {
            format!("The sender found no version or cipher of TLS in common (alert {name})")
        }
        _ => format!("The sender ended the TLS handshake (alert {name})"),
    }
}

/// As the standard writes it: `unknown_ca`.
fn alert_name(alert: AlertDescription) -> String {
    let mut name = String::new();
    let mut after_small = false;
    for c in format!("{alert:?}").chars() {
        if c.is_ascii_uppercase() && after_small {
            name.push('_');
        }
        after_small = c.is_ascii_lowercase();
        name.push(c.to_ascii_lowercase());
    }
    name
}

fn nothing_in_common(what: &PeerIncompatible) -> String {
    match what {
        PeerIncompatible::NoCipherSuitesInCommon | PeerIncompatible::NoKxGroupsInCommon => {
            "The sender and Hookbench have no cipher of TLS in common".to_owned()
        }
        PeerIncompatible::SignatureAlgorithmsExtensionRequired
        | PeerIncompatible::SupportedVersionsExtensionRequired
        | PeerIncompatible::Tls12NotOffered
        | PeerIncompatible::Tls12NotOfferedOrEnabled
        | PeerIncompatible::ServerDoesNotSupportTls12Or13 => {
            "The sender offered no version of TLS that is spoken here, which are 1.2 and 1.3".to_owned()
        }
        _ => "The sender offered nothing that Hookbench speaks of TLS".to_owned(),
    }
}
