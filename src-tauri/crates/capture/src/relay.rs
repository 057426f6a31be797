use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hookbench_model::{CapturedRequest, HeaderPairs};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use reqwest::redirect;
use tokio::time::Instant;
use url::Url;

use crate::reply::is_of_connection;

/// How a relay behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelayOptions {
    /// How long one exchange may take in all.
    pub timeout: Duration,
    /// The most of an answer's body that is kept, in bytes.
    pub response_cap: usize,
}

impl Default for RelayOptions {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(30), response_cap: 1 << 20 }
    }
}

/// Sends captured requests on to somebody's own handler: method, path, query, headers and body as they
/// came. A cheap clone.
#[derive(Clone, Debug)]
pub struct Relay {
    client: reqwest::Client,
    options: RelayOptions,
}

/// A captured request about to be sent on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayedRequest {
    /// The method.
    pub method: String,
    /// The path below the slug; empty, or with its leading slash.
    pub path: String,
    /// The query, without the question mark.
    pub query: Option<String>,
    /// The headers as they were captured; those of the connection are left out on the way.
    pub headers: HeaderPairs,
    /// The body.
    pub body: Bytes,
}

impl RelayedRequest {
    /// What was captured, with its body.
    pub fn of(captured: &CapturedRequest, body: Bytes) -> Self {
        Self {
            method: captured.method.clone(),
            path: captured.path.clone(),
            query: captured.query.clone(),
            headers: captured.headers.clone(),
            body,
        }
    }
}

/// What a handler answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relayed {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderPairs,
    /// The body as received, without any decoding, up to the cap.
    pub body: Bytes,
    /// Whether more of it came than is kept.
    pub body_truncated: bool,
    /// How long the exchange took.
    pub duration: Duration,
}

/// Why a captured request could not be sent on.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The client could not be made.
    #[error("no HTTP client could be made")]
    Client(#[source] reqwest::Error),
    /// The target is not an http or https URL.
    #[error("{target} is not an http or https URL")]
    Target {
        /// What was given.
        target: Url,
    },
    /// The captured path climbs with `..`: it would reach outside of the target.
    #[error("the path {path} climbs with `.` or `..` segments and would not arrive as it was captured")]
    Path {
        /// The path below the slug.
        path: String,
    },
    /// The method or a header cannot be sent as it was captured.
    #[error("the {what} cannot be sent as it was captured")]
    Unsendable {
        /// What of the request.
        what: String,
    },
    /// Nobody answered at the target.
    #[error("no connection to {target}")]
    Connect {
        /// Where it was sent.
        target: Url,
        /// What the client said.
        #[source]
        source: reqwest::Error,
    },
    /// The exchange took too long.
    #[error("{target} did not answer within {} ms", .timeout.as_millis())]
    Timeout {
        /// Where it was sent.
        target: Url,
        /// How long was waited.
        timeout: Duration,
    },
    /// The exchange broke off, or what came back was not HTTP.
    #[error("the exchange with {target} failed")]
    Exchange {
        /// Where it was sent.
        target: Url,
        /// What the client said.
        #[source]
        source: reqwest::Error,
    },
}

impl Relay {
    /// A relay with connections of its own. Redirects are not followed and no proxy is used.
    pub fn new(options: RelayOptions) -> Result<Self, RelayError> {
        let client = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(RelayError::Client)?;
        Ok(Self { client, options })
    }

    /// Sends a captured request to `target`, with the path below the slug and the query added to the
    /// target's own.
    pub async fn forward(&self, request: RelayedRequest, target: &Url) -> Result<Relayed, RelayError> {
        let body = request.body;
        let url = address(target, &request.path, request.query.as_deref())?;
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| RelayError::Unsendable { what: format!("method {}", request.method) })?;
        let mut outgoing = reqwest::Request::new(method, url);
        *outgoing.headers_mut() = headers(&request.headers)?;
        // A request that had no body gets none: `Content-Length: 0` would be a header nobody sent.
        if !body.is_empty() || request.headers.get("content-length").is_some() {
            *outgoing.body_mut() = Some(body.into());
        }
        let began = Instant::now();
        let exchange = self.exchange(outgoing);
        match tokio::time::timeout(self.options.timeout, exchange).await {
            Ok(Ok(relayed)) => Ok(Relayed { duration: began.elapsed(), ..relayed }),
            Ok(Err(source)) if source.is_connect() => {
                Err(RelayError::Connect { target: target.clone(), source })
            }
            Ok(Err(source)) => Err(RelayError::Exchange { target: target.clone(), source }),
            Err(_) => Err(RelayError::Timeout { target: target.clone(), timeout: self.options.timeout }),
        }
    }

    async fn exchange(&self, request: reqwest::Request) -> Result<Relayed, reqwest::Error> {
        let mut response = self.client.execute(request).await?;
        let status = response.status().as_u16();
        let pair = |(name, value): (&HeaderName, &HeaderValue)| {
            (name.as_str().to_owned(), Bytes::copy_from_slice(value.as_bytes()))
        };
        let headers = response.headers().iter().map(pair).collect();
        let mut body = BytesMut::new();
        let mut body_truncated = false;
        while let Some(part) = response.chunk().await? {
            let room = self.options.response_cap - body.len();
            body.extend_from_slice(&part[..part.len().min(room)]);
            if part.len() > room {
                body_truncated = true;
                break;
            }
        }
        Ok(Relayed { status, headers, body: body.freeze(), body_truncated, duration: Duration::ZERO })
    }
}

fn address(target: &Url, path: &str, query: Option<&str>) -> Result<Url, RelayError> {
    if !matches!(target.scheme(), "http" | "https") {
        return Err(RelayError::Target { target: target.clone() });
    }
    if path.split(['/', '\\']).any(is_dots) {
        return Err(RelayError::Path { path: path.to_owned() });
    }
    let mut url = target.clone();
    if !path.is_empty() {
        url.set_path(&format!("{}{path}", target.path().trim_end_matches('/')));
    }
    match (target.query(), query) {
        (Some(own), Some(added)) if !own.is_empty() => url.set_query(Some(&format!("{own}&{added}"))),
        (_, Some(added)) => url.set_query(Some(added)),
        (_, None) => {}
    }
    url.set_fragment(None);
    Ok(url)
}

/// A segment that URLs resolve away, plain or encoded.
fn is_dots(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    plain == "." || plain == ".."
}

/// The captured headers without those of the connection, the host, and the length (the client writes
/// these for the new target), and without what the `Connection` header names as its own.
fn headers(captured: &HeaderPairs) -> Result<HeaderMap, RelayError> {
    let of_connection: Vec<String> = captured
        .get_all("connection")
        .filter_map(|value| value.as_str())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    let stays = |name: &str| {
        !is_of_connection(name)
            && !name.eq_ignore_ascii_case("host")
            && !name.eq_ignore_ascii_case("expect")
            && !of_connection.iter().any(|named| named.eq_ignore_ascii_case(name))
    };
    let mut headers = HeaderMap::with_capacity(captured.len());
    for (name, value) in captured.iter().filter(|(name, _)| stays(name)) {
        let unsendable = || RelayError::Unsendable { what: format!("header {name}") };
        let known: HeaderName = name.parse().map_err(|_| unsendable())?;
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| unsendable())?;
        headers.append(known, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(target: &str, path: &str, query: Option<&str>) -> String {
        address(&target.parse().unwrap(), path, query).unwrap().to_string()
    }

    #[test]
    fn path_and_query_are_added_to_the_targets_own() {
        assert_eq!(joined("http://h:1/hook", "", None), "http://h:1/hook");
        assert_eq!(joined("http://h:1/hook", "/", None), "http://h:1/hook/");
        assert_eq!(joined("http://h:1/", "/a%2Fb//c", Some("x=%20")), "http://h:1/a%2Fb//c?x=%20");
        assert_eq!(joined("http://h:1/hook/?t=1", "/a", Some("x=2")), "http://h:1/hook/a?t=1&x=2");
        assert_eq!(joined("http://h:1/hook?t=1", "", None), "http://h:1/hook?t=1");
    }

    #[test]
    fn a_path_cannot_climb_out_of_the_target() {
        let target: Url = "http://h:1/hook".parse().unwrap();
        for path in ["/..", "/a/../b", "/%2E%2e/x", "/.", "/a/..\\b"] {
            assert!(matches!(address(&target, path, None), Err(RelayError::Path { .. })), "{path}");
        }
        assert!(address(&target, "/..a/b..", None).is_ok());
        let other = "ftp://h/".parse().unwrap();
        assert!(matches!(address(&other, "", None), Err(RelayError::Target { .. })));
    }

    #[test]
    fn what_belongs_to_the_connection_stays_behind() {
        let captured = HeaderPairs::from_iter([
            ("Host", "inbox"),
            ("X-Sig", "1"),
            ("Connection", "keep-alive, X-Hop"),
            ("x-hop", "gone"),
            ("Transfer-Encoding", "chunked"),
            ("x-sig", "2"),
        ]);
        let headers = headers(&captured).unwrap();
        let kept: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        assert_eq!(kept, [("x-sig", &b"1"[..]), ("x-sig", b"2")]);
    }
}
