use std::io;

use hookbench_model::{ErrorCode, Outcome};
use rustls::{AlertDescription, CertificateError};

use super::{Failure, find};
use crate::send::certificate::{facts, is_self_signed};
use crate::send::tls::Seen;

/// How many of a certificate's names are told in a sentence; it is shown with all of them.
const NAMES: usize = 5;

/// Why a TLS handshake came to nothing.
pub(in crate::send) fn handshake(error: &io::Error, peer: &str, seen: Option<&Seen>) -> Failure {
    if let Some(tls) = find::<rustls::Error>(error) {
        return of_tls(tls, peer, seen);
    }
    let kind = error.kind();
    let error = format!("{peer} broke off the TLS handshake ({kind}); is it an https server?");
    Failure::new(Outcome::TlsFailure, ErrorCode::TlsBrokenOff, error)
}

/// What TLS itself says is wrong.
pub(super) fn of_tls(error: &rustls::Error, peer: &str, seen: Option<&Seen>) -> Failure {
    use rustls::Error as Tls;
    let (code, sentence) = match error {
        Tls::InvalidCertificate(reason) => certificate(reason, peer, seen),
        Tls::InvalidMessage(_) => {
            (ErrorCode::TlsNotSpoken, format!("{peer} does not speak TLS; is it a plain http server?"))
        }
        Tls::NoCertificatesPresented => {
            (ErrorCode::TlsNoCertificate, format!("{peer} showed no certificate"))
        }
        Tls::PeerIncompatible(_) => (
            ErrorCode::TlsIncompatible,
            format!("{peer} and Hookbench have no version or cipher of TLS in common"),
        ),
        Tls::AlertReceived(alert) => alerted(*alert, peer),
        other => (ErrorCode::TlsFailed, format!("No TLS connection with {peer} came about: {other}")),
    };
    Failure::new(Outcome::TlsFailure, code, sentence)
}

/// What is wrong with a server's certificate, where nobody holds that against it.
pub(in crate::send) fn certificate_problem(seen: &Seen, peer: &str) -> Option<String> {
    seen.problem.as_ref().map(|problem| of_tls(problem, peer, Some(seen)).error)
}

fn alerted(alert: AlertDescription, peer: &str) -> (ErrorCode, String) {
    use AlertDescription as Alert;
    match alert {
        Alert::NoApplicationProtocol => (
            ErrorCode::TlsNoProtocol,
            format!("{peer} and Hookbench have no version of HTTP in common (ALPN)"),
        ),
        Alert::ProtocolVersion | Alert::InsufficientSecurity | Alert::HandshakeFailure => (
            ErrorCode::TlsIncompatible,
            format!("{peer} and Hookbench have no version or cipher of TLS in common ({alert:?})"),
        ),
        Alert::CertificateRequired
        | Alert::BadCertificate
        | Alert::UnsupportedCertificate
        | Alert::CertificateRevoked
        | Alert::CertificateExpired
        | Alert::CertificateUnknown
        | Alert::UnknownCA
        | Alert::AccessDenied => (
            ErrorCode::TlsClientCertificate,
            format!("{peer} wants a client certificate, or another than it was shown ({alert:?})"),
        ),
        other => (ErrorCode::TlsRefused, format!("{peer} refused the TLS connection ({other:?})")),
    }
}

/// The names that it is for instead, as far as they are few.
fn wrong_name(seen: Option<&Seen>) -> String {
    let names = seen.and_then(|seen| facts(&seen.certificate)).map_or_else(Vec::new, |facts| facts.names);
    match names.get(NAMES..) {
        _ if names.is_empty() => "is for another name".to_owned(),
        Some(more) if !more.is_empty() => {
            format!("is for {} and {} more", names[..NAMES].join(", "), more.len())
        }
        _ => format!("is for {}", names.join(", ")),
    }
}

fn certificate(reason: &CertificateError, peer: &str, seen: Option<&Seen>) -> (ErrorCode, String) {
    use CertificateError as Reason;
    let self_signed = seen.is_some_and(|seen| is_self_signed(&seen.certificate));
    let (code, words) = match reason {
        Reason::Expired | Reason::ExpiredContext { .. } => (ErrorCode::TlsExpired, "has expired".to_owned()),
        Reason::NotValidYet | Reason::NotValidYetContext { .. } => {
            (ErrorCode::TlsNotYetValid, "is not valid yet".to_owned())
        }
        Reason::NotValidForName | Reason::NotValidForNameContext { .. } => {
            (ErrorCode::TlsWrongName, wrong_name(seen))
        }
        // One that may sign others too is not taken for a server's at all; and one that has the name of an authority
        // that is trusted is taken for signed by it.
        Reason::UnknownIssuer | Reason::BadSignature | Reason::Other(_) if self_signed => {
            (ErrorCode::TlsSelfSigned, "is self-signed, and is not trusted here".to_owned())
        }
        Reason::UnknownIssuer => (
            ErrorCode::TlsUnknownAuthority,
            "comes from an authority that is not trusted here (or an intermediate is missing)".to_owned(),
        ),
        Reason::Revoked => (ErrorCode::TlsRevoked, "was revoked".to_owned()),
        Reason::BadSignature => (ErrorCode::TlsBadCertificate, "has a wrong signature".to_owned()),
        Reason::BadEncoding => (ErrorCode::TlsBadCertificate, "cannot be read".to_owned()),
        other => (ErrorCode::TlsBadCertificate, format!("is not accepted: {other}")),
    };
    (code, format!("The certificate of {peer} {words}"))
}
