//! Why an exchange failed, told apart by the types in the error's chain and by what went over the connection,
//! never by an error's text.

mod answer;
mod tls;

use std::error::Error;
use std::io;
use std::time::Duration;

use hookbench_model::{EgressDenied, ErrorCode, Outcome};

pub(super) use answer::explain;
pub(super) use tls::{certificate_problem, handshake};

use super::phases::Stage;
use crate::plan::in_words;

/// An exchange that came to no whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What it is called.
    pub outcome: Outcome,
    /// What exactly happened.
    pub code: ErrorCode,
    /// The same as a sentence that names the host.
    pub error: String,
}

impl Failure {
    /// A failure.
    pub fn new(outcome: Outcome, code: ErrorCode, error: impl Into<String>) -> Self {
        Self { outcome, code, error: error.into() }
    }
}

/// The error and everything behind it. An `io::Error` made of another error names that one as its cause,
/// which `source` alone would skip.
pub(super) fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        match inner {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

pub(super) fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    chain(error).find_map(|cause| cause.downcast_ref::<E>())
}

/// Whether this machine, or this process, can open no more files.
fn too_many_files(error: &io::Error) -> bool {
    // ENFILE and EMFILE; Windows says WSAEMFILE.
    let codes: &[i32] = if cfg!(windows) { &[10024] } else { &[23, 24] };
    error.raw_os_error().is_some_and(|code| codes.contains(&code))
}

/// Whether not even a socket to nowhere can be opened.
fn can_open_nothing() -> bool {
    std::net::UdpSocket::bind((std::net::Ipv4Addr::LOCALHOST, 0)).is_err_and(|error| too_many_files(&error))
}

const TOO_MANY_FILES: &str =
    "Nothing was sent: this machine lets Hookbench open no more connections, too many files are open";

/// What this machine lacks is held against no receiver.
fn too_many_files_open() -> Failure {
    Failure::new(Outcome::Blocked, ErrorCode::TooManyOpenFiles, TOO_MANY_FILES)
}

/// The name has no address.
pub(super) fn no_address(host: &str, error: Option<&io::Error>) -> Failure {
    // A resolver that cannot open its files says that there is no such name.
    if error.is_some_and(|error| too_many_files(error) || can_open_nothing()) {
        return too_many_files_open();
    }
    let why = error.map_or(String::new(), |error| format!(" ({error})"));
    let error = format!("No address was found for {host}{why}");
    Failure::new(Outcome::DnsFailure, ErrorCode::DnsNoAddress, error)
}

/// No TCP connection came about.
pub(super) fn no_connection(error: &io::Error, peer: &str) -> Failure {
    use io::ErrorKind as Kind;
    let kind = error.kind();
    let refused = |code, error| Failure::new(Outcome::ConnectionRefused, code, error);
    if too_many_files(error) {
        return too_many_files_open();
    }
    match kind {
        Kind::ConnectionRefused => {
            refused(ErrorCode::Refused, format!("Nothing listens at {peer} (connection refused)"))
        }
        Kind::AddrNotAvailable | Kind::AddrInUse => Failure::new(
            Outcome::Blocked,
            ErrorCode::NoLocalPort,
            format!(
                "Nothing was sent: this machine has no address or port left to connect to {peer} from ({kind})"
            ),
        ),
        Kind::PermissionDenied => refused(
            ErrorCode::NotPermitted,
            format!("This machine does not let Hookbench connect to {peer} ({kind})"),
        ),
        Kind::TimedOut => Failure::new(
            Outcome::Timeout,
            ErrorCode::TimeoutConnect,
            format!("{peer} did not answer the call for a connection ({kind})"),
        ),
        Kind::ConnectionReset | Kind::ConnectionAborted => Failure::new(
            Outcome::ConnectionReset,
            ErrorCode::ResetBeforeAnswer,
            format!("{peer} broke off the connection as it was opened ({kind})"),
        ),
        kind => refused(ErrorCode::Unreachable, format!("There is no way to {peer} ({kind})")),
    }
}

/// An egress rule forbids it.
pub(super) fn denied(denied: &EgressDenied, peer: &str) -> Failure {
    let code = match denied {
        EgressDenied::Denied(_) => ErrorCode::EgressDenied,
        EgressDenied::NotAllowed => ErrorCode::EgressNotAllowed,
        EgressDenied::Private(_) => ErrorCode::EgressPrivate,
    };
    Failure::new(Outcome::Blocked, code, format!("Nothing was sent to {peer}: {denied}"))
}

/// Rules deny addresses, and none was found that they could judge.
pub(super) fn unjudged(peer: &str, error: Option<&io::Error>) -> Failure {
    let why = error.map_or(String::new(), |error| format!(" ({error})"));
    let error = format!(
        "Nothing was sent to {peer}: rules deny addresses, and its address could not be judged, since none was found \
         here{why}; the proxy may not look it up instead. Make the name known to this machine, write the address in the \
         URL, or take the rules about addresses away"
    );
    Failure::new(Outcome::Blocked, ErrorCode::EgressDenied, error)
}

/// The sentence for an exchange that was not whole in time.
pub(super) fn timed_out(limit: Duration, peer: &str, stage: Option<Stage>, proxy: Option<&str>) -> Failure {
    let limit = in_words(limit);
    let through = proxy.map_or(String::new(), |proxy| format!(" through the proxy {proxy}"));
    let (code, error) = match stage {
        None | Some(Stage::Lookup) => {
            (ErrorCode::TimeoutDns, format!("No address was found for {peer} within {limit}"))
        }
        Some(Stage::Connect) => match proxy {
            None => (ErrorCode::TimeoutConnect, format!("No connection to {peer} within {limit}")),
            Some(proxy) => {
                (ErrorCode::TimeoutProxy, format!("No connection to the proxy {proxy} within {limit}"))
            }
        },
        Some(Stage::Tunnel) => (
            ErrorCode::TimeoutProxy,
            format!("The proxy {} gave no connection to {peer} within {limit}", proxy.unwrap_or_default()),
        ),
        Some(Stage::Handshake) => (
            ErrorCode::TimeoutTls,
            format!("The TLS handshake with {peer}{through} was not done within {limit}"),
        ),
        Some(Stage::Request) => {
            (ErrorCode::TimeoutFirstByte, format!("No complete answer from {peer}{through} within {limit}"))
        }
        Some(Stage::Body) => (
            ErrorCode::TimeoutBody,
            format!("No complete answer from {peer}{through} within {limit}: its body did not end"),
        ),
    };
    Failure::new(Outcome::Timeout, code, error)
}

/// The interim answers (1xx) did not end.
pub(super) fn too_many_interim(peer: &str, most: usize) -> Failure {
    let error = format!("{peer} sent more than {most} interim answers (1xx) and no final one");
    Failure::new(Outcome::InvalidResponse, ErrorCode::TooManyInterim, error)
}

/// The server switches protocols (101).
pub(super) fn unasked_upgrade(peer: &str) -> Failure {
    let error = format!("{peer} answered 101 and switched to another protocol, which it was not asked to");
    Failure::new(Outcome::InvalidResponse, ErrorCode::UnaskedUpgrade, error)
}

/// A server that HTTP/2 is to be spoken to does not want it.
pub(super) fn no_http2(peer: &str) -> Failure {
    let error = format!("{peer} does not speak HTTP/2 over TLS (ALPN), and this endpoint asks for it");
    Failure::new(Outcome::TlsFailure, ErrorCode::TlsNoProtocol, error)
}

/// The request cannot be written down as HTTP.
pub(super) fn unbuildable(peer: &str, why: &dyn Error) -> Failure {
    let error = format!("The request to {peer} could not be built: {why}");
    Failure::new(Outcome::Blocked, ErrorCode::Unbuildable, error)
}
