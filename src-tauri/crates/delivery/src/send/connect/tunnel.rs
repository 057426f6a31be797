//! Through a proxy to the target: CONNECT for those that speak HTTP, and SOCKS 5.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use hookbench_model::{ErrorCode, Outcome};
use http::header::{HOST, PROXY_AUTHORIZATION};
use http::{Method, StatusCode};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_socks::tcp::Socks5Stream;
use tokio_socks::{Error as SocksError, TargetAddr};

use super::super::failure::{self, Failure, find};
use super::super::line::Io;
use super::super::proxy::{Login, Via};
use super::super::target::{Target, bare};

/// What a proxy is asked for.
pub(super) struct There<'a> {
    pub(super) target: &'a Target,
    /// The target's address, where it is not left to the proxy to find it.
    address: Option<IpAddr>,
    /// Whether that is for the egress rules' sake alone.
    instead: bool,
}

impl<'a> There<'a> {
    pub(super) fn by_name(target: &'a Target) -> Self {
        Self { target, address: None, instead: false }
    }

    pub(super) fn at(target: &'a Target, address: IpAddr, instead: bool) -> Self {
        Self { target, address: Some(address), instead }
    }

    fn socket(&self) -> Option<SocketAddr> {
        self.address.map(|address| SocketAddr::new(address, self.target.port))
    }

    /// As CONNECT says it.
    fn authority(&self) -> String {
        self.socket().map_or_else(|| self.target.shown(), |socket| socket.to_string())
    }

    /// As sentences name it.
    fn shown(&self) -> String {
        match self.address.filter(|_| self.target.literal().is_none()) {
            Some(address) => format!("{} at {address}", self.target.shown()),
            None => self.target.shown(),
        }
    }

    /// A proxy that takes names may not take addresses: then it is said why it was given one.
    fn explained(&self, mut failure: Failure) -> Failure {
        if self.instead && matches!(failure.code, ErrorCode::ProxyRefused | ErrorCode::ProxyNoWay) {
            failure.error +=
                "; it was asked for a tunnel to the address and not for the name, since rules deny addresses";
        }
        failure
    }
}

/// The proxy itself cannot be connected to.
pub(super) fn unreachable(error: &std::io::Error, via: &Via) -> Failure {
    let failure = failure::no_connection(error, &format!("{}:{}", via.host, via.port));
    if failure.code == ErrorCode::TooManyOpenFiles {
        return failure;
    }
    let error = format!("The proxy {} cannot be reached: {}", via.shown, failure.error);
    Failure::new(failure.outcome, ErrorCode::ProxyUnreachable, error)
}

/// A tunnel through a proxy that speaks HTTP.
pub(super) async fn connect(io: Box<dyn Io>, via: &Via, there: &There<'_>) -> Result<Box<dyn Io>, Failure> {
    let broken = |error: hyper::Error| no_proxy(&error, via);
    let (mut send, connection) =
        http1::Builder::new().title_case_headers(true).handshake(TokioIo::new(io)).await.map_err(broken)?;
    tokio::spawn(async move {
        // What ends it is told to whoever uses the tunnel.
        let _ = connection.with_upgrades().await;
    });
    let authority = there.authority();
    let mut request = http::Request::builder()
        .method(Method::CONNECT)
        .uri(authority.as_str())
        .header(HOST, authority.as_str());
    if let Some(authorization) = via.authorization() {
        request = request.header(PROXY_AUTHORIZATION, authorization);
    }
    let request =
        request.body(Empty::<Bytes>::new()).map_err(|error| failure::unbuildable(&authority, &error))?;
    let response = send.send_request(request).await.map_err(broken)?;
    let status = response.status();
    if !status.is_success() {
        return Err(there.explained(refused(status, via, &there.shown())));
    }
    let tunnel = hyper::upgrade::on(response).await.map_err(broken)?;
    Ok(Box::new(TokioIo::new(tunnel)))
}

/// The proxy answered a request to it with this status.
pub(in crate::send) fn refused(status: StatusCode, via: &Via, authority: &str) -> Failure {
    let proxy = &via.shown;
    let (code, error) = match status {
        StatusCode::PROXY_AUTHENTICATION_REQUIRED if via.login.is_some() => (
            ErrorCode::ProxyAuthRequired,
            format!("The proxy {proxy} does not accept the user and password it was given ({status})"),
        ),
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            (ErrorCode::ProxyAuthRequired, format!("The proxy {proxy} wants a user and password ({status})"))
        }
        status if status.is_server_error() => (
            ErrorCode::ProxyNoWay,
            format!("The proxy {proxy} did not reach {authority} (it answered {status})"),
        ),
        _ => (
            ErrorCode::ProxyRefused,
            format!("The proxy {proxy} refuses to connect to {authority} (it answered {status})"),
        ),
    };
    Failure::new(Outcome::ConnectionRefused, code, error)
}

fn no_proxy(error: &hyper::Error, via: &Via) -> Failure {
    let proxy = &via.shown;
    if error.is_parse() || error.is_parse_too_large() {
        let error = format!("What the proxy {proxy} answered is not HTTP; is it a proxy of another kind?");
        return Failure::new(Outcome::InvalidResponse, ErrorCode::ProxyProtocol, error);
    }
    let why = find::<std::io::Error>(error).map_or(String::new(), |error| format!(" ({})", error.kind()));
    let error = format!("The proxy {proxy} broke off before it gave a connection{why}");
    Failure::new(Outcome::ConnectionReset, ErrorCode::ProxyProtocol, error)
}

/// A tunnel through a SOCKS proxy: to the address where we have found it, else to the name.
pub(super) async fn socks(stream: TcpStream, via: &Via, there: &There<'_>) -> Result<Box<dyn Io>, Failure> {
    let asked = match there.socket() {
        Some(socket) => TargetAddr::Ip(socket),
        None => TargetAddr::Domain(Cow::Owned(bare(&there.target.host)), there.target.port),
    };
    let tunnel = match &via.login {
        Some(Login::Pair(user, password)) => {
            Socks5Stream::connect_with_password_and_socket(stream, asked, user, password).await
        }
        Some(Login::Basic(_)) | None => Socks5Stream::connect_with_socket(stream, asked).await,
    };
    let tunnel = tunnel.map_err(|error| there.explained(no_socks(&error, via, &there.shown())))?;
    Ok(Box::new(tunnel.into_inner()))
}

fn no_socks(error: &SocksError, via: &Via, authority: &str) -> Failure {
    let proxy = &via.shown;
    let refused = |code, error| Failure::new(Outcome::ConnectionRefused, code, error);
    match error {
        SocksError::NoAcceptableAuthMethods | SocksError::AuthorizationRequired => refused(
            ErrorCode::ProxyAuthRequired,
            format!("The proxy {proxy} wants a user and password, or another way of giving them"),
        ),
        SocksError::PasswordAuthFailure(_) | SocksError::InvalidAuthValues(_) => refused(
            ErrorCode::ProxyAuthRequired,
            format!("The proxy {proxy} does not accept the user and password it was given"),
        ),
        SocksError::ConnectionNotAllowedByRuleset => refused(
            ErrorCode::ProxyRefused,
            format!("The proxy {proxy} refuses to connect to {authority} (its rules do not allow it)"),
        ),
        SocksError::GeneralSocksServerFailure
        | SocksError::NetworkUnreachable
        | SocksError::HostUnreachable
        | SocksError::ConnectionRefused
        | SocksError::TtlExpired => {
            refused(ErrorCode::ProxyNoWay, format!("The proxy {proxy} did not reach {authority} ({error})"))
        }
        SocksError::Io(io) => Failure::new(
            Outcome::ConnectionReset,
            ErrorCode::ProxyProtocol,
            format!("The proxy {proxy} broke off before it gave a connection ({})", io.kind()),
        ),
        other => Failure::new(
            Outcome::InvalidResponse,
            ErrorCode::ProxyProtocol,
            format!(
                "What the proxy {proxy} answered is not SOCKS 5 ({other}); is it a proxy of another kind?"
            ),
        ),
    }
}
