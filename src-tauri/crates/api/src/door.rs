//! Who may come in over TCP: the right host name, our own pages, whoever has the token.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use subtle::ConstantTimeEq as _;

use crate::problem::Problem;

/// How the router is reached.
#[derive(Clone, Debug)]
pub enum Door {
    /// Over TCP: with a token, to a host name of ours, from pages of ours. Serves the UI too.
    Tcp(TcpDoor),
    /// From the same process, which guards itself. Serves the contract only.
    InProcess,
}

/// What a call over TCP must show.
#[derive(Clone)]
pub struct TcpDoor {
    token: String,
    /// What `Host` may say, with the port, in lower case.
    hosts: Vec<String>,
    /// What it may say besides, whoever ends TLS before us.
    named: Vec<String>,
    /// The port of a listener at every address of this machine: any address is right then.
    everywhere: Option<u16>,
    cookie: String,
}

impl std::fmt::Debug for TcpDoor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TcpDoor").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

impl TcpDoor {
    /// A door for a listener at `address`: it may be called by that address and by the names of the loopback; where it
    /// listens at every address of the machine, by any address.
    pub fn new(token: String, address: SocketAddr) -> Self {
        let cookie = format!("hookbench_{}", address.port());
        let everywhere = address.ip().is_unspecified().then_some(address.port());
        let mut door = Self { token, hosts: Vec::new(), named: Vec::new(), everywhere, cookie };
        for name in ["127.0.0.1", "localhost", "[::1]"] {
            door = door.also(name, address.port());
        }
        match address {
            SocketAddr::V4(v4) if !v4.ip().is_unspecified() => {
                door.also(&v4.ip().to_string(), address.port())
            }
            SocketAddr::V6(v6) if !v6.ip().is_unspecified() => {
                door.also(&format!("[{}]", v6.ip()), address.port())
            }
            _ => door,
        }
    }

    /// The same, and it may be called by this host too: a name or an address, with a port where it is not the one that
    /// we listen at or that of HTTP or HTTPS.
    #[must_use]
    pub fn named(mut self, host: &str) -> Self {
        self.named.push(host.to_ascii_lowercase());
        if let Some((_, own)) = self.cookie.rsplit_once('_')
            && !has_port(host)
        {
            self.named.push(format!("{}:{own}", host.to_ascii_lowercase()));
        }
        self
    }

    fn also(mut self, host: &str, port: u16) -> Self {
        let host = host.to_ascii_lowercase();
        self.hosts.push(format!("{host}:{port}"));
        if port == 80 {
            self.hosts.push(host);
        }
        self
    }

    fn knows_host(&self, host: &str) -> bool {
        is_among(&self.hosts, host) || is_among(&self.named, host) || self.is_address(host)
    }

    /// Whether this is an address, at our port, where any is right. A page of another site can make its name mean this
    /// machine, and has a name still.
    fn is_address(&self, host: &str) -> bool {
        let Some(own) = self.everywhere else { return false };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        host.parse::<SocketAddr>().is_ok_and(|address| address.port() == own)
            || (own == 80 && bare.parse::<std::net::IpAddr>().is_ok())
    }

    /// Whether a page of this origin is one of ours, where it calls `host`.
    fn knows_origin(&self, origin: &str, host: &str) -> bool {
        if let Some(page) = origin.strip_prefix("https://") {
            return is_among(&self.named, page);
        }
        let known = |page: &str| {
            is_among(&self.hosts, page) || is_among(&self.named, page) || page.eq_ignore_ascii_case(host)
        };
        origin.strip_prefix("http://").is_some_and(known)
    }

    fn is_token(&self, given: &str) -> bool {
        given.as_bytes().ct_eq(self.token.as_bytes()).into()
    }

    /// The answer to the address that is printed at the start: a session, and on to the UI.
    fn begin_session(&self, given: &str) -> Response {
        if !self.is_token(given) {
            return Problem::unauthorized().into_response();
        }
        // Only what lies under `/v1` gets the cookie: it must not reach an inbox on another port of this host.
        let cookie = format!("{}={}; Path=/v1; HttpOnly; SameSite=Strict", self.cookie, self.token);
        let Ok(cookie) = HeaderValue::from_str(&cookie) else {
            return Problem::unauthorized().into_response();
        };
        let headers = [(header::SET_COOKIE, cookie), (header::LOCATION, HeaderValue::from_static("/"))];
        (StatusCode::SEE_OTHER, headers).into_response()
    }
}

/// Lets through what may come in.
pub(crate) async fn guard(State(door): State<Arc<TcpDoor>>, request: Request, next: Next) -> Response {
    let pass = check_host(&door, &request).and_then(|host| check_origin(&door, host, request.headers()));
    if let Err(problem) = pass {
        return problem.into_response();
    }
    let path = request.uri().path();
    if path == "/metrics" || path == "/v1" || path.starts_with("/v1/") {
        return match check_token(&door, request.headers()) {
            Ok(()) => next.run(request).await,
            Err(problem) => problem.into_response(),
        };
    }
    if path == "/"
        && request.method() == Method::GET
        && let Some(token) = token_in(request.uri().query())
    {
        return door.begin_session(&token);
    }
    next.run(request).await
}

/// A page of another site can make its own name mean this machine; it cannot make the browser lie about it.
fn check_host<'r>(door: &TcpDoor, request: &'r Request) -> Result<&'r str, Problem> {
    let mut named = request.headers().get_all(header::HOST).iter();
    let host = match (request.uri().authority(), named.next()) {
        (Some(authority), _) => Some(authority.as_str()),
        (None, Some(host)) => host.to_str().ok(),
        (None, None) => None,
    };
    if let Some(host) = host.filter(|host| door.knows_host(host))
        && named.next().is_none()
    {
        return Ok(host);
    }
    Err(Problem::forbidden(
        "The `Host` of this call is not an address of Hookbench. Call it by the address that it printed, or start it \
         with `--host` and this one.",
    ))
}

fn check_origin(door: &TcpDoor, host: &str, headers: &HeaderMap) -> Result<(), Problem> {
    let ours = |origin: &HeaderValue| origin.to_str().is_ok_and(|origin| door.knows_origin(origin, host));
    if headers.get_all(header::ORIGIN).iter().all(ours) {
        return Ok(());
    }
    Err(Problem::forbidden("Pages of other origins may not call Hookbench."))
}

fn is_among(hosts: &[String], host: &str) -> bool {
    hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
}

fn has_port(host: &str) -> bool {
    host.rsplit_once(':').is_some_and(|(_, port)| !port.ends_with(']'))
}

fn check_token(door: &TcpDoor, headers: &HeaderMap) -> Result<(), Problem> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let given = value.to_str().ok().and_then(|text| {
            let (scheme, token) = text.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
        });
        return if given.is_some_and(|token| door.is_token(token)) {
            Ok(())
        } else {
            Err(Problem::unauthorized())
        };
    }
    let cookie = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == door.cookie);
    if !cookie.is_some_and(|(_, token)| door.is_token(token)) {
        return Err(Problem::unauthorized());
    }
    // The cookie travels with what any program on this machine serves under the same name; a browser says so.
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    if matches!(site, None | Some(b"same-origin" | b"none")) {
        Ok(())
    } else {
        Err(Problem::forbidden("Pages of other origins may not call Hookbench."))
    }
}

fn token_in(query: Option<&str>) -> Option<String> {
    form_urlencoded::parse(query?.as_bytes())
        .find(|(name, _)| name == "token")
        .map(|(_, token)| token.into_owned())
}
