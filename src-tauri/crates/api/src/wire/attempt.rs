use hookbench_model as model;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Headers, Time, wire_enum};

wire_enum! {
    /// What made an attempt happen.
    Trigger {
        /// The event, and then the plan.
        Automatic,
        /// A person who pressed retry.
        Manual,
        /// A replay.
        Replay,
        /// An inbox's relay, and then its plan.
        Relay,
    }
}

wire_enum! {
    /// How an attempt ended.
    Outcome {
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
        /// Nothing listens there.
        ConnectionRefused,
        /// The connection broke before the answer was whole.
        ConnectionReset,
        /// No TLS connection came about.
        TlsFailure,
        /// What came back is not HTTP.
        InvalidResponse,
        /// Hookbench's own rules forbid the address, or the request could not be built.
        Blocked,
        /// Hookbench stopped while the attempt was under way.
        Interrupted,
    }
}

/// How long each phase took, in whole milliseconds (`_ms`) and in microseconds (`_us`), since on one machine
/// most phases take less than one; null where the phase did not happen.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Timing {
    /// Finding the address, in milliseconds.
    #[schema(required)]
    dns_ms: Option<u64>,
    /// Opening the TCP connection, in milliseconds.
    #[schema(required)]
    connect_ms: Option<u64>,
    /// The TLS handshake, in milliseconds.
    #[schema(required)]
    tls_ms: Option<u64>,
    /// From the request's first byte out to the response's head in, in milliseconds.
    #[schema(required)]
    first_byte_ms: Option<u64>,
    /// Reading the response's body, in milliseconds.
    #[schema(required)]
    body_ms: Option<u64>,
    /// Finding the address, in microseconds.
    #[schema(required)]
    dns_us: Option<u64>,
    /// Opening the TCP connection, in microseconds.
    #[schema(required)]
    connect_us: Option<u64>,
    /// The TLS handshake, in microseconds.
    #[schema(required)]
    tls_us: Option<u64>,
    /// From the request's first byte out to the response's head in, in microseconds.
    #[schema(required)]
    first_byte_us: Option<u64>,
    /// Reading the response's body, in microseconds.
    #[schema(required)]
    body_us: Option<u64>,
}

/// The request of an attempt as it went out; its body is a raw resource of its own.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SentRequest {
    /// The HTTP method.
    method: String,
    /// The whole URL; `(the secret)` stands in place of a secret that came in the query of a captured request.
    url: String,
    /// In the order in which they went out.
    headers: Headers,
    /// In bytes.
    body_size: u64,
}

/// The response of an attempt as it came in; its body is a raw resource of its own.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReceivedResponse {
    /// The HTTP status.
    status: u16,
    /// `HTTP/1.1`, `HTTP/2`.
    http_version: String,
    /// In the order in which they came in.
    headers: Headers,
    /// How many bytes of body came in before we stopped reading.
    body_size: u64,
    /// Whether more came than is kept.
    body_truncated: bool,
}

/// The connection that an attempt was made over.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Connection {
    /// Whether it was open already, from an attempt before.
    reused: bool,
    /// The version of HTTP that the request went out in: `HTTP/1.1`, `HTTP/2.0`.
    #[schema(required)]
    http_version: Option<String>,
    /// Our end of it.
    #[schema(required)]
    local_addr: Option<String>,
    /// The proxy that it went through, without credentials; null where it went straight there.
    #[schema(required)]
    proxy: Option<String>,
    /// What was agreed on over TLS, or shown in a handshake that failed; null in clear.
    #[schema(required)]
    tls: Option<TlsConnection>,
}

/// What a connection agreed on over TLS.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TlsConnection {
    /// `TLSv1.3`, `TLSv1.2`; null where the handshake failed.
    #[schema(required)]
    version: Option<String>,
    /// The cipher suite, by its registered name; null where the handshake failed.
    #[schema(required)]
    cipher: Option<String>,
    /// The protocol that was chosen: `h2`, `http/1.1`.
    #[schema(required)]
    alpn: Option<String>,
    /// The server's own certificate.
    #[schema(required)]
    peer: Option<PeerCertificate>,
    /// What is wrong with that certificate, as a sentence, even where the endpoint's TLS is not verified; null
    /// where it is in order.
    #[schema(required)]
    problem: Option<String>,
}

/// What a server's certificate says.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PeerCertificate {
    /// Whom it is for, as a distinguished name.
    subject: String,
    /// Who issued it, as a distinguished name.
    issuer: String,
    /// Its serial number, in hexadecimal.
    serial: String,
    /// Since when it holds.
    not_before: Time,
    /// Until when it holds.
    not_after: Time,
    /// The SHA-256 digest of the whole certificate, in hexadecimal.
    sha256: String,
    /// The names and addresses that it is for.
    names: Vec<String>,
}

impl From<model::Connection> for Connection {
    fn from(connection: model::Connection) -> Self {
        let model::Connection { reused, http_version, local_addr, proxy, tls } = connection;
        Self { reused, http_version, local_addr, proxy, tls: tls.map(Into::into) }
    }
}

impl From<model::TlsConnection> for TlsConnection {
    fn from(tls: model::TlsConnection) -> Self {
        let model::TlsConnection { version, cipher, alpn, peer, problem } = tls;
        Self { version, cipher, alpn, peer: peer.map(Into::into), problem }
    }
}

impl From<model::PeerCertificate> for PeerCertificate {
    fn from(peer: model::PeerCertificate) -> Self {
        Self {
            subject: peer.subject,
            issuer: peer.issuer,
            serial: peer.serial,
            not_before: peer.not_before.into(),
            not_after: peer.not_after.into(),
            sha256: peer.sha256,
            names: peer.names,
        }
    }
}

/// One HTTP request of a delivery, and what came back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Attempt {
    /// From 1.
    number: u32,
    /// What made it happen.
    trigger: Trigger,
    /// When it began.
    started_at: Time,
    /// How long it took in all.
    duration_ms: u64,
    /// How long each phase took.
    timing: Timing,
    /// The address that was connected to.
    #[schema(required)]
    remote_addr: Option<String>,
    /// The connection that it was made over; null where there was none.
    #[schema(required)]
    connection: Option<Connection>,
    /// What went out; null where nothing did.
    #[schema(required)]
    request: Option<SentRequest>,
    /// What came back; null where nothing did.
    #[schema(required)]
    response: Option<ReceivedResponse>,
    /// How it ended.
    outcome: Outcome,
    /// What exactly went wrong, where no whole answer came, by a stable name: `tls_expired`,
    /// `reset_in_headers`, `timeout_body`, `egress_private`; null where an answer came.
    #[schema(required, value_type = Option<String>)]
    error_code: Option<&'static str>,
    /// What went wrong, as a sentence.
    #[schema(required)]
    error: Option<String>,
    /// What an inbox of ours captured of it, where it went there.
    #[schema(required)]
    captured_request_id: Option<String>,
}

impl From<model::Attempt> for Attempt {
    fn from(attempt: model::Attempt) -> Self {
        Self {
            number: attempt.number,
            trigger: attempt.trigger.into(),
            started_at: attempt.started_at.into(),
            duration_ms: attempt.duration_ms,
            timing: attempt.timing.into(),
            remote_addr: attempt.remote_addr,
            connection: attempt.connection.map(Into::into),
            request: attempt.request.map(Into::into),
            response: attempt.response.map(Into::into),
            outcome: attempt.outcome.into(),
            error_code: attempt.error_code.map(model::ErrorCode::as_str),
            error: attempt.error,
            captured_request_id: attempt.captured_as.map(|id| id.to_string()),
        }
    }
}

impl From<model::AttemptTiming> for Timing {
    fn from(timing: model::AttemptTiming) -> Self {
        let model::AttemptTiming { dns_ms, connect_ms, tls_ms, first_byte_ms, body_ms } = timing;
        Self {
            dns_ms: dns_ms.map(whole),
            connect_ms: connect_ms.map(whole),
            tls_ms: tls_ms.map(whole),
            first_byte_ms: first_byte_ms.map(whole),
            body_ms: body_ms.map(whole),
            dns_us: dns_ms.map(|ms| whole(ms * 1000.0)),
            connect_us: connect_ms.map(|ms| whole(ms * 1000.0)),
            tls_us: tls_ms.map(|ms| whole(ms * 1000.0)),
            first_byte_us: first_byte_ms.map(|ms| whole(ms * 1000.0)),
            body_us: body_ms.map(|ms| whole(ms * 1000.0)),
        }
    }
}

/// The nearest whole number; a time is never negative, and none is as long as 2^53 microseconds.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded, and bounded below")]
fn whole(time: f64) -> u64 {
    time.round().max(0.0) as u64
}

impl From<model::SentRequest> for SentRequest {
    fn from(sent: model::SentRequest) -> Self {
        Self { method: sent.method, url: sent.url, headers: sent.headers.into(), body_size: sent.body_size }
    }
}

impl From<model::SentResponse> for ReceivedResponse {
    fn from(response: model::SentResponse) -> Self {
        Self {
            status: response.status,
            http_version: response.http_version,
            headers: response.headers.into(),
            body_size: response.body_size,
            body_truncated: response.body_truncated,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_are_whole_milliseconds_and_microseconds() {
        let model = model::AttemptTiming {
            connect_ms: Some(0.612),
            first_byte_ms: Some(5.4),
            ..model::AttemptTiming::default()
        };
        let wire = serde_json::to_value(Timing::from(model)).unwrap();
        assert_eq!((&wire["connect_ms"], &wire["connect_us"]), (&1.into(), &612.into()));
        assert_eq!((&wire["first_byte_ms"], &wire["first_byte_us"]), (&5.into(), &5400.into()));
        assert!(wire["tls_ms"].is_null() && wire["tls_us"].is_null());
    }
}
