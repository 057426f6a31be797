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
pub(super) async fn connect(io: Box<dyn Io>, via: &Via, target: &Target) -> Result<Box<dyn Io>, Failure> {
    let broken = |error: hyper::Error| no_proxy(&error, via);
    let (mut send, connection) =
        http1::Builder::new().title_case_headers(true).handshake(TokioIo::new(io)).await.map_err(broken)?;
    tokio::spawn(async move {
        // What ends it is told to whoever uses the tunnel.
        let _ = connection.with_upgrades().await;
    });
    let authority = target.shown();
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
        return Err(refused(status, via, &authority));
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
pub(super) async fn socks(
    stream: TcpStream,
    via: &Via,
    target: &Target,
    address: Option<IpAddr>,
) -> Result<Box<dyn Io>, Failure> {
    let there = match address {
        Some(address) => TargetAddr::Ip(SocketAddr::new(address, target.port)),
        None => TargetAddr::Domain(Cow::Owned(bare(&target.host)), target.port),
    };
    let tunnel = match &via.login {
        Some(Login::Pair(user, password)) => {
            Socks5Stream::connect_with_password_and_socket(stream, there, user, password).await
        }
        Some(Login::Basic(_)) | None => Socks5Stream::connect_with_socket(stream, there).await,
    };
    let tunnel = tunnel.map_err(|error| no_socks(&error, via, &target.shown()))?;
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
