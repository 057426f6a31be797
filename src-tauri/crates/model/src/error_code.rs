use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])+ $code:ident = $name:literal,)+) => {
        /// What exactly an attempt failed by, where its outcome alone does not say it. Names are stable:
        /// programs tell failures apart by them, people read the sentence beside.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorCode {
            $($(#[$doc])+ #[serde(rename = $name)] $code,)+
        }

        impl ErrorCode {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$code),+];

            /// Its name in the contract.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$code => $name,)+
                }
            }
        }
    };
}

codes! {
    // Nothing was sent: `blocked`.
    /// The request cannot be built.
    Unbuildable = "unbuildable",
    /// The endpoint's certificates cannot be used.
    TlsSetup = "tls_setup",
    /// The proxy is of a kind that is not spoken here.
    ProxySetup = "proxy_setup",
    /// The address is of a private network, and those are denied.
    EgressPrivate = "egress_private",
    /// An egress rule denies it.
    EgressDenied = "egress_denied",
    /// It is not on the list of what may be reached.
    EgressNotAllowed = "egress_not_allowed",

    // No connection: `dns_failure`, `connection_refused`.
    /// The host's name has no address.
    DnsNoAddress = "dns_no_address",
    /// Nothing listens there.
    Refused = "refused",
    /// There is no way there.
    Unreachable = "unreachable",
    /// This machine does not permit the connection.
    NotPermitted = "not_permitted",
    /// This machine, or Hookbench on it, has too many files and connections open.
    TooManyOpenFiles = "too_many_open_files",
    /// This machine has no local port left for another connection.
    NoLocalPort = "no_local_port",

    // The way through a proxy.
    /// The proxy's name has no address.
    ProxyNoAddress = "proxy_no_address",
    /// No connection to the proxy itself.
    ProxyUnreachable = "proxy_unreachable",
    /// No TLS connection with the proxy itself.
    ProxyTls = "proxy_tls",
    /// The proxy wants a user and password, or others.
    ProxyAuthRequired = "proxy_auth_required",
    /// The proxy refuses to connect there.
    ProxyRefused = "proxy_refused",
    /// The proxy did not reach the server.
    ProxyNoWay = "proxy_no_way",
    /// What the proxy answers is not what a proxy of its kind says.
    ProxyProtocol = "proxy_protocol",

    // No TLS connection: `tls_failure`.
    /// The certificate has expired.
    TlsExpired = "tls_expired",
    /// The certificate is not valid yet.
    TlsNotYetValid = "tls_not_yet_valid",
    /// The certificate is for another name.
    TlsWrongName = "tls_wrong_name",
    /// The certificate is signed by itself.
    TlsSelfSigned = "tls_self_signed",
    /// The certificate comes from an authority that is not trusted here.
    TlsUnknownAuthority = "tls_unknown_authority",
    /// The certificate was revoked.
    TlsRevoked = "tls_revoked",
    /// The certificate is not accepted for another reason.
    TlsBadCertificate = "tls_bad_certificate",
    /// The server showed no certificate.
    TlsNoCertificate = "tls_no_certificate",
    /// The server does not speak TLS.
    TlsNotSpoken = "tls_not_spoken",
    /// The two sides have no version or cipher in common.
    TlsIncompatible = "tls_incompatible",
    /// The two sides have no protocol in common (ALPN).
    TlsNoProtocol = "tls_no_protocol",
    /// The server wants a client certificate, or another one.
    TlsClientCertificate = "tls_client_certificate",
    /// The server refused the TLS connection.
    TlsRefused = "tls_refused",
    /// The connection ended in the middle of the handshake.
    TlsBrokenOff = "tls_broken_off",
    /// The handshake failed in another way.
    TlsFailed = "tls_failed",

    // The connection ended too early: `connection_reset`.
    /// It ended while the request was still going out.
    ResetInRequest = "reset_in_request",
    /// It was reset after the request and before any answer.
    ResetBeforeAnswer = "reset_before_answer",
    /// It was closed after the request and before any answer.
    ClosedWithoutAnswer = "closed_without_answer",
    /// It was reset in the middle of the answer's head.
    ResetInHeaders = "reset_in_headers",
    /// It was closed in the middle of the answer's head.
    HalfHeaders = "half_headers",
    /// It was reset in the middle of the answer's body.
    ResetInBody = "reset_in_body",
    /// It was closed before the answer's body was as long as announced.
    ShortBody = "short_body",
    /// The server ended the HTTP/2 connection (GOAWAY).
    Http2Goaway = "http2_goaway",
    /// The server ended the HTTP/2 stream (`RST_STREAM`).
    Http2Reset = "http2_reset",

    // What came is not an answer: `invalid_response`.
    /// It is not HTTP.
    NotHttp = "not_http",
    /// Its first line has no status, or an impossible one.
    InvalidStatusLine = "invalid_status_line",
    /// A header in it cannot be read.
    InvalidHeaders = "invalid_headers",
    /// It announces an impossible length, or several.
    InvalidLength = "invalid_length",
    /// Its head is larger than any answer's should be.
    EndlessHeaders = "endless_headers",
    /// The chunks of its body are not framed as HTTP wants it.
    BrokenChunks = "broken_chunks",
    /// Too many interim answers (1xx) came before it.
    TooManyInterim = "too_many_interim",
    /// It switches to another protocol, which nobody asked for.
    UnaskedUpgrade = "unasked_upgrade",
    /// It is HTTP/2 where HTTP/1.1 was spoken.
    Http2Unasked = "http2_unasked",
    /// It breaks the rules of HTTP/2, or is not HTTP/2 at all.
    Http2Protocol = "http2_protocol",

    // It took too long: `timeout`.
    /// Finding the address.
    TimeoutDns = "timeout_dns",
    /// Opening the connection.
    TimeoutConnect = "timeout_connect",
    /// Getting through the proxy.
    TimeoutProxy = "timeout_proxy",
    /// The TLS handshake.
    TimeoutTls = "timeout_tls",
    /// Sending the request and waiting for the answer to begin.
    TimeoutFirstByte = "timeout_first_byte",
    /// Reading the answer's body.
    TimeoutBody = "timeout_body",

    // Hookbench itself ended: `interrupted`.
    /// It stopped while the attempt was under way.
    Stopped = "stopped",
    /// It failed in the middle of the attempt.
    Failed = "failed",
}

/// A name that is no code's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no error code")]
pub struct UnknownErrorCode(String);

impl FromStr for ErrorCode {
    type Err = UnknownErrorCode;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().copied().find(|code| code.as_str() == name);
        found.ok_or_else(|| UnknownErrorCode(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_name_of_its_own_and_reads_back() {
        for code in ErrorCode::ALL {
            assert_eq!(code.as_str().parse(), Ok(*code));
            let json = serde_json::to_value(code).unwrap();
            assert_eq!(json, code.as_str());
        }
        assert!("nothing".parse::<ErrorCode>().is_err());
    }
}
