//! Asks a target for its answer while the sender of a captured request waits.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use hookbench_model::{
    CapturedRequest, DeliveryId, Egress, EgressDenied, HeaderPairs, InFlightEntry, InFlightLedger, RelayHost,
    RelayWay, Settings, Shown, Timestamp,
};
use http::header::HOST;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect;
use tokio::sync::watch;
use url::{Host, Url};

use crate::reply::is_of_connection;

/// What is borne from a target that is asked while a sender waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelayOptions {
    /// How long it may take to begin its answer.
    pub head_time: Duration,
    /// How long its answer may stand still.
    pub idle: Duration,
    /// How long its whole answer may take.
    pub whole_time: Duration,
}

impl Default for RelayOptions {
    fn default() -> Self {
        Self {
            head_time: Duration::from_secs(30),
            idle: Duration::from_secs(30),
            whole_time: Duration::from_mins(10),
        }
    }
}

/// Passes captured requests on to somebody's own handler: method, path, query, headers and body as they came.
#[derive(Debug)]
pub(crate) struct Relay {
    /// Made when it is needed first: it reads the system's certificates.
    client: OnceLock<reqwest::Client>,
    pub(crate) options: RelayOptions,
    settings: watch::Receiver<Settings>,
    ledger: Arc<InFlightLedger>,
}

/// A captured request about to be passed on.
#[derive(Clone, Debug)]
pub(crate) struct RelayedRequest {
    /// As it is kept.
    pub(crate) captured: CapturedRequest,
    /// The body.
    pub(crate) body: Bytes,
    /// The target.
    pub(crate) target: Url,
    /// Which `Host` it is sent.
    pub(crate) host: RelayHost,
}

/// Why a captured request could not be passed on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RelayError {
    /// The client could not be made.
    #[error("no HTTP client could be made")]
    Client(#[source] reqwest::Error),
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
    /// The workspace's rules forbid the target.
    #[error("the settings do not let it go to {target}: {source}")]
    Denied {
        /// Host and port.
        target: String,
        /// By which rule.
        #[source]
        source: EgressDenied,
    },
    /// Nobody answered at the target.
    #[error("there is no connection to {target}")]
    Connect {
        /// Host and port.
        target: String,
        /// What the client said.
        #[source]
        source: reqwest::Error,
    },
    /// It took too long.
    #[error("{target} did not begin to answer within {} s", .after.as_secs_f32())]
    Timeout {
        /// Host and port.
        target: String,
        /// How long was waited.
        after: Duration,
    },
    /// The exchange broke off, or what came back was not HTTP.
    #[error("{target} gave no answer that is HTTP, or broke off")]
    Exchange {
        /// Host and port.
        target: String,
        /// What the client said.
        #[source]
        source: reqwest::Error,
    },
}

impl RelayError {
    /// What the sender is answered in place of the target's answer.
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::Timeout { .. } => StatusCode::GATEWAY_TIMEOUT,
            _ => StatusCode::BAD_GATEWAY,
        }
    }
}

/// Lets names become those addresses only that the workspace's rules permit.
#[derive(Debug)]
struct Permitted(watch::Receiver<Settings>);

impl Resolve for Permitted {
    fn resolve(&self, name: Name) -> Resolving {
        let egress = self.0.borrow().egress.clone();
        Box::pin(async move {
            let host = name.as_str();
            let (mut permitted, mut denied) = (Vec::new(), None);
            for address in tokio::net::lookup_host((host, 0)).await? {
                match egress.check(host, address.ip()) {
                    Ok(()) => permitted.push(address),
                    Err(error) => denied = Some(error),
                }
            }
            match denied {
                Some(error) if permitted.is_empty() => Err(error.into()),
                _ => Ok(Box::new(permitted.into_iter()) as Addrs),
            }
        })
    }
}

impl Relay {
    pub(crate) fn new(
        options: RelayOptions,
        settings: watch::Receiver<Settings>,
        ledger: Arc<InFlightLedger>,
    ) -> Self {
        Self { client: OnceLock::new(), options, settings, ledger }
    }

    /// Redirects are not followed, no proxy is used, and connections are not kept: each is judged by the rules that hold
    /// when it is opened.
    fn client(&self) -> Result<&reqwest::Client, RelayError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let made = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .http1_title_case_headers()
            .pool_max_idle_per_host(0)
            .dns_resolver(Arc::new(Permitted(self.settings.clone())))
            .build()
            .map_err(RelayError::Client)?;
        Ok(self.client.get_or_init(|| made))
    }

    /// Asks the target, with the path below the slug and the query added to its own; gives the answer once its head is
    /// here.
    pub(crate) async fn ask(&self, request: RelayedRequest) -> Result<reqwest::Response, RelayError> {
        let RelayedRequest { captured, body, target, host } = request;
        let url = address(&target, &captured.path, captured.query.as_deref())?;
        let shown = authority(&url);
        self.permit(&url).map_err(|source| RelayError::Denied { target: shown.clone(), source })?;
        let method = Method::from_bytes(captured.method.as_bytes())
            .map_err(|_| RelayError::Unsendable { what: format!("method {}", captured.method) })?;
        let headers = headers(&captured, &target, host)?;
        let _entry = Entry::enter(&self.ledger, &captured, &url, &headers, &body);
        let mut outgoing = reqwest::Request::new(method, url);
        *outgoing.headers_mut() = headers;
        // A request that had no body gets none: `Content-Length: 0` would be a header nobody sent.
        if !body.is_empty() || captured.headers.get("content-length").is_some() {
            *outgoing.body_mut() = Some(body.into());
        }
        let after = self.options.head_time;
        match tokio::time::timeout(after, self.client()?.execute(outgoing)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(source)) => Err(failed(source, shown)),
            Err(_) => Err(RelayError::Timeout { target: shown, after }),
        }
    }

    /// Whether the workspace's rules let it go there, as far as the URL tells; of a name its addresses are judged when
    /// they are found. Our own receiver may always be reached.
    fn permit(&self, url: &Url) -> Result<(), EgressDenied> {
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else { return Ok(()) };
        let settings = self.settings.borrow();
        let egress: &Egress = &settings.egress;
        match literal(&host) {
            Some(_) if self.ledger.is_ours(&host.to_string(), port) => Ok(()),
            Some(address) => egress.check(&address.to_string(), address),
            None => egress.check_name(&host.to_string()),
        }
    }
}

fn failed(source: reqwest::Error, target: String) -> RelayError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&source);
    while let Some(error) = cause {
        if let Some(denied) = error.downcast_ref::<EgressDenied>() {
            return RelayError::Denied { target, source: denied.clone() };
        }
        cause = error.source();
    }
    if source.is_connect() {
        RelayError::Connect { target, source }
    } else {
        RelayError::Exchange { target, source }
    }
}

/// The address that a host is, if it is one.
fn literal(host: &Host<&str>) -> Option<IpAddr> {
    match host {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(IpAddr::V4(*address)),
        Host::Ipv6(address) => Some(IpAddr::V6(*address)),
    }
}

/// Host and port, as sentences name them.
fn authority(url: &Url) -> String {
    let port = url.port_or_known_default().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}{port}", url.host_str().unwrap_or_default())
}

/// What is under way to a receiver of our own, so that it is not passed on from there again.
struct Entry<'l> {
    ledger: &'l InFlightLedger,
    method: String,
    target: String,
    body: Bytes,
    id: DeliveryId,
}

impl<'l> Entry<'l> {
    fn enter(
        ledger: &'l InFlightLedger,
        captured: &CapturedRequest,
        url: &Url,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Option<Self> {
        if !ledger.is_ours(url.host_str()?, url.port_or_known_default()?) {
            return None;
        }
        let target =
            url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let others = headers.iter().filter(|(name, _)| **name != HOST);
        let pairs: HeaderPairs = others
            .map(|(name, value)| (name.as_str().to_owned(), Bytes::copy_from_slice(value.as_bytes())))
            .collect();
        let shown = captured.carried(&pairs, url.query());
        let shown =
            shown.unwrap_or_else(|| Shown { headers: pairs.clone(), query: url.query().map(str::to_owned) });
        // No delivery has this id: nothing else is told by it than that it is this one.
        let id = DeliveryId::new(Timestamp::EPOCH);
        let entry =
            InFlightEntry { delivery: id, attempt: 0, headers: pairs, shown, relay: Some(RelayWay::Inline) };
        ledger.sent(&captured.method, &target, body, entry);
        Some(Self { ledger, method: captured.method.clone(), target, body: body.clone(), id })
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.ledger.ended(&self.method, &self.target, &self.body, self.id, 0);
    }
}

fn address(target: &Url, path: &str, query: Option<&str>) -> Result<Url, RelayError> {
    if hookbench_model::climbs(path) {
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

/// The captured headers without those of the connection, the host where the target's own is sent, and the length,
/// which the client writes; and without what the `Connection` header names as its own.
fn headers(captured: &CapturedRequest, target: &Url, host: RelayHost) -> Result<HeaderMap, RelayError> {
    let kept = hookbench_model::relayed_headers(captured, target);
    let stays = |name: &str| {
        !is_of_connection(name) && (host == RelayHost::Sender || !name.eq_ignore_ascii_case("host"))
    };
    let mut headers = HeaderMap::with_capacity(kept.len());
    for (name, value) in kept.iter().filter(|(name, _)| stays(name)) {
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
    }
}
