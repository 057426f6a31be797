use serde::{Deserialize, Serialize};

use crate::{DeliveryId, ErrorCode, HeaderPairs, RequestId, Timestamp};

/// What made an attempt happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The event, and then the plan.
    Automatic,
    /// A person who pressed retry.
    Manual,
    /// A replay.
    Replay,
    /// An inbox's relay, and then its plan.
    Relay,
}

impl Trigger {
    /// Its name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Manual => "manual",
            Self::Replay => "replay",
            Self::Relay => "relay",
        }
    }

    /// The trigger of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Automatic, Self::Manual, Self::Replay, Self::Relay]
            .into_iter()
            .find(|trigger| trigger.as_str() == name)
    }
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The answer fits the success rule.
    Delivered,
    /// An answer came and does not fit the success rule.
    HttpError,
    /// The answer sends us elsewhere; redirects are not followed.
    Redirect,
    /// The whole exchange took longer than the timeout.
    Timeout,
    /// The host's name has no address.
    DnsFailure,
    /// Nothing listens there (or the way there is closed).
    ConnectionRefused,
    /// The connection broke before the answer was whole.
    ConnectionReset,
    /// No TLS connection came about.
    TlsFailure,
    /// What came back is not HTTP.
    InvalidResponse,
    /// Our own rules forbid the address, or the request could not be built.
    Blocked,
    /// Hookbench stopped while the attempt was under way.
    Interrupted,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Delivered,
        Self::HttpError,
        Self::Redirect,
        Self::Timeout,
        Self::DnsFailure,
        Self::ConnectionRefused,
        Self::ConnectionReset,
        Self::TlsFailure,
        Self::InvalidResponse,
        Self::Blocked,
        Self::Interrupted,
    ];

    /// Its name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::HttpError => "http_error",
            Self::Redirect => "redirect",
            Self::Timeout => "timeout",
            Self::DnsFailure => "dns_failure",
            Self::ConnectionRefused => "connection_refused",
            Self::ConnectionReset => "connection_reset",
            Self::TlsFailure => "tls_failure",
            Self::InvalidResponse => "invalid_response",
            Self::Blocked => "blocked",
            Self::Interrupted => "interrupted",
        }
    }

    /// The outcome of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == name)
    }
}

/// How long each phase of an attempt took, in milliseconds (fractions kept); `None` where the phase
/// did not happen: a reused connection has no DNS, connect and TLS phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AttemptTiming {
    /// Finding the address.
    pub dns_ms: Option<f64>,
    /// Opening the TCP connection.
    pub connect_ms: Option<f64>,
    /// The TLS handshake.
    pub tls_ms: Option<f64>,
    /// From the request's first byte out to the response's head in.
    pub first_byte_ms: Option<f64>,
    /// Reading the response's body.
    pub body_ms: Option<f64>,
}

/// The request of an attempt as it went out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentRequest {
    /// The HTTP method.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// The headers, in the order in which they went out; where one is a secret itself, [`VEIL`](crate::VEIL)
    /// stands for it.
    pub headers: HeaderPairs,
    /// The size of the body, in bytes.
    pub body_size: u64,
    /// The body, where it is not the event's payload: some schemes put the signature into it.
    pub body: Option<bytes::Bytes>,
}

/// The response of an attempt as it came in, up to the cap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentResponse {
    /// The status.
    pub status: u16,
    /// `HTTP/1.1`, `HTTP/2`.
    pub http_version: String,
    /// The headers: over HTTP/1.1 in the order and the case in which they stood on the wire.
    pub headers: HeaderPairs,
    /// The body as received, without any decoding, up to the cap.
    pub body: bytes::Bytes,
    /// How many bytes of body came in before we stopped reading; where not truncated, all of them.
    pub body_size: u64,
    /// Whether more came than is kept.
    pub body_truncated: bool,
}

/// The connection that an attempt was made over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Whether it was open already, from an attempt before.
    pub reused: bool,
    /// The version of HTTP that was spoken over it, `HTTP/1.1` or `HTTP/2.0`; `None` where it did not come so
    /// far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_version: Option<String>,
    /// Our end of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local_addr: Option<String>,
    /// The proxy that it went through, without credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// What was agreed on over TLS; `None` in clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsConnection>,
}

/// What a connection agreed on over TLS, or got to know before the handshake failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsConnection {
    /// `TLSv1.3`, `TLSv1.2`; `None` where the handshake failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The cipher suite, by its registered name; `None` where the handshake failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cipher: Option<String>,
    /// The protocol that was chosen, `h2` or `http/1.1`; `None` where none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alpn: Option<String>,
    /// The server's own certificate; `None` where it could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<PeerCertificate>,
    /// What is wrong with that certificate, as a sentence: why the handshake failed, or what an endpoint whose
    /// TLS is not verified let pass. `None` where it is in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// What a server's certificate says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerCertificate {
    /// Whom it is for, as a distinguished name.
    pub subject: String,
    /// Who issued it, as a distinguished name.
    pub issuer: String,
    /// Its serial number, in hexadecimal.
    pub serial: String,
    /// Since when it holds.
    pub not_before: Timestamp,
    /// Until when it holds.
    pub not_after: Timestamp,
    /// The SHA-256 digest of the whole certificate, in hexadecimal.
    pub sha256: String,
    /// The names and addresses that it is for.
    #[serde(default)]
    pub names: Vec<String>,
}

/// One HTTP request of a delivery, and what came back.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The delivery it belongs to.
    pub delivery_id: DeliveryId,
    /// From 1.
    pub number: u32,
    /// What made it happen.
    pub trigger: Trigger,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took in all, in milliseconds.
    pub duration_ms: u64,
    /// How long each phase took.
    pub timing: AttemptTiming,
    /// The address that was connected to.
    pub remote_addr: Option<String>,
    /// The connection that it was made over; `None` where there was none.
    pub connection: Option<Connection>,
    /// What went out; `None` where nothing did.
    pub request: Option<SentRequest>,
    /// What came back; `None` where nothing did.
    pub response: Option<SentResponse>,
    /// How it ended.
    pub outcome: Outcome,
    /// What exactly went wrong, where no whole answer came; `None` where one did, whatever it says.
    pub error_code: Option<ErrorCode>,
    /// What went wrong, as a sentence that a support person understands.
    pub error: Option<String>,
    /// What our own inbox captured of it, where it went there.
    pub captured_as: Option<RequestId>,
}
