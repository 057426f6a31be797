//! Why an exchange failed, told apart by the types in the error's chain and never by its text.

use std::error::Error;
use std::io;
use std::time::Duration;

use hookbench_model::Outcome;
use rustls::CertificateError;

use super::phases::Phases;
use super::resolver::LookupError;
use crate::plan::in_words;

/// An exchange that came to no whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What it is called.
    pub outcome: Outcome,
    /// What happened, as a sentence that names the host.
    pub error: String,
}

impl Failure {
    fn new(outcome: Outcome, error: String) -> Self {
        Self { outcome, error }
    }
}

/// The error and everything behind it. An `io::Error` made of another error names that one as its cause,
/// which `source` alone would skip.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        match inner {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    chain(error).find_map(|cause| cause.downcast_ref::<E>())
}

/// What went wrong with `peer` (host and port).
pub(super) fn explain(error: &reqwest::Error, peer: &str, phases: &Phases) -> Failure {
    if error.is_builder() {
        let why = chain(error).last().map(ToString::to_string).unwrap_or_default();
        return Failure::new(Outcome::Blocked, format!("The request to {peer} could not be built: {why}"));
    }
    if let Some(lookup) = find::<LookupError>(error) {
        let why = lookup.source.as_ref().map_or(String::new(), |source| format!(" ({source})"));
        return Failure::new(Outcome::DnsFailure, format!("No address was found for {}{why}", lookup.host));
    }
    if let Some(tls) = find::<rustls::Error>(error) {
        return Failure::new(Outcome::TlsFailure, tls_sentence(tls, peer));
    }
    let kind = chain(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).last().map(io::Error::kind);
    if phases.shaking_hands() {
        let what = kind.map_or(String::new(), |kind| format!(" ({kind})"));
        return Failure::new(
            Outcome::TlsFailure,
            format!("{peer} broke off the TLS handshake{what}; is it an https server?"),
        );
    }
    if let Some(http) = find::<hyper::Error>(error)
        && let Some(failure) = http_failure(http, peer)
    {
        return failure;
    }
    kind.map_or_else(
        || Failure::new(Outcome::ConnectionReset, format!("The exchange with {peer} broke off")),
        |kind| io_failure(kind, peer),
    )
}

/// The sentence for an exchange that was not whole in time.
pub(super) fn timed_out(limit: Duration, peer: &str, phases: &Phases) -> Failure {
    let limit = in_words(limit);
    let error = if phases.shaking_hands() {
        format!("The TLS handshake with {peer} was not done within {limit}")
    } else if phases.connecting() {
        format!("No connection to {peer} within {limit}")
    } else {
        format!("No complete answer from {peer} within {limit}")
    };
    Failure::new(Outcome::Timeout, error)
}

fn http_failure(error: &hyper::Error, peer: &str) -> Option<Failure> {
    if error.is_parse_too_large() {
        let error = format!("The head of the answer from {peer} is larger than any HTTP answer's should be");
        return Some(Failure::new(Outcome::InvalidResponse, error));
    }
    if error.is_parse_status() {
        let error = format!("The answer from {peer} has an impossible status");
        return Some(Failure::new(Outcome::InvalidResponse, error));
    }
    if error.is_parse() {
        return Some(Failure::new(Outcome::InvalidResponse, format!("What {peer} answered is not HTTP")));
    }
    if error.is_incomplete_message() {
        let error = format!("{peer} closed the connection before it had answered");
        return Some(Failure::new(Outcome::ConnectionReset, error));
    }
    None
}

fn io_failure(kind: io::ErrorKind, peer: &str) -> Failure {
    use io::ErrorKind as Kind;
    match kind {
        Kind::ConnectionRefused => Failure::new(
            Outcome::ConnectionRefused,
            format!("Nothing listens at {peer} (connection refused)"),
        ),
        Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::NetworkDown | Kind::AddrNotAvailable => {
            Failure::new(Outcome::ConnectionRefused, format!("There is no way to {peer} ({kind})"))
        }
        Kind::PermissionDenied => Failure::new(
            Outcome::ConnectionRefused,
            format!("This machine does not let Hookbench connect to {peer} ({kind})"),
        ),
        Kind::TimedOut => {
            Failure::new(Outcome::Timeout, format!("The connection to {peer} went silent ({kind})"))
        }
        Kind::UnexpectedEof => Failure::new(
            Outcome::ConnectionReset,
            format!("{peer} closed the connection before its answer was complete"),
        ),
        Kind::InvalidData | Kind::InvalidInput => Failure::new(
            Outcome::InvalidResponse,
            format!("The body of the answer from {peer} is not framed as HTTP wants it"),
        ),
        kind => {
            Failure::new(Outcome::ConnectionReset, format!("The connection to {peer} broke off ({kind})"))
        }
    }
}

fn tls_sentence(error: &rustls::Error, peer: &str) -> String {
    use rustls::Error as Tls;
    match error {
        Tls::InvalidCertificate(reason) => format!("The certificate of {peer} {}", certificate_words(reason)),
        Tls::InvalidMessage(_) => format!("{peer} does not speak TLS; is it a plain http server?"),
        Tls::NoCertificatesPresented => format!("{peer} showed no certificate"),
        Tls::PeerIncompatible(_) => {
            format!("{peer} and Hookbench have no version or cipher of TLS in common")
        }
        Tls::AlertReceived(alert) => format!("{peer} refused the TLS connection ({alert:?})"),
        other => format!("No TLS connection with {peer} came about: {other}"),
    }
}

fn certificate_words(reason: &CertificateError) -> String {
    use CertificateError as Reason;
    match reason {
        Reason::Expired | Reason::ExpiredContext { .. } => "has expired".to_owned(),
        Reason::NotValidYet | Reason::NotValidYetContext { .. } => "is not valid yet".to_owned(),
        Reason::NotValidForName => "is for another name".to_owned(),
        Reason::NotValidForNameContext { presented, .. } => {
            format!("is for another name ({})", presented.join(", "))
        }
        Reason::UnknownIssuer => {
            "comes from an authority that is not trusted here (self-signed, or an intermediate is missing)"
                .to_owned()
        }
        Reason::Revoked => "was revoked".to_owned(),
        Reason::BadSignature => "has a wrong signature".to_owned(),
        Reason::BadEncoding => "cannot be read".to_owned(),
        other => format!("is not accepted: {other}"),
    }
}
