use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use hookbench_model::TlsPolicy;
use reqwest::redirect;

use super::phases::ConnectorWatch;
use super::resolver::SystemResolver;
use super::tls::{self, TlsSetupError};

/// How many connections to one host are kept open for the next attempt.
const IDLE_PER_HOST: usize = 128;

/// How long such a connection is kept. Node closes its own after 5 s: a longer wait here would send into
/// connections that are just being closed.
const IDLE_FOR: Duration = Duration::from_secs(4);

/// How many TLS policies have a client of their own at most; the oldest makes room.
const POLICIES: usize = 64;

/// Why there is no client for an endpoint.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Its TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsSetupError),
    /// The HTTP client itself cannot be set up.
    #[error("the HTTP client could not be set up")]
    Http(#[from] reqwest::Error),
}

/// One HTTP client for each way of checking TLS: connections are shared only where they were checked alike.
#[derive(Debug, Default)]
pub(super) struct Clients {
    usual: OnceLock<reqwest::Client>,
    special: Mutex<Vec<(TlsPolicy, reqwest::Client)>>,
}

impl Clients {
    pub(super) fn get(&self, policy: &TlsPolicy) -> Result<reqwest::Client, ClientError> {
        if is_usual(policy) {
            if let Some(client) = self.usual.get() {
                return Ok(client.clone());
            }
            let client = build(policy)?;
            return Ok(self.usual.get_or_init(|| client).clone());
        }
        let mut special = self.special.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = special.iter().find(|(known, _)| same(known, policy)) {
            return Ok(client.clone());
        }
        let client = build(policy)?;
        if special.len() >= POLICIES {
            special.remove(0);
        }
        special.push((policy.clone(), client.clone()));
        Ok(client)
    }
}

fn is_usual(policy: &TlsPolicy) -> bool {
    policy.verify && policy.ca_pem.is_none() && policy.client_cert.is_none()
}

fn same(one: &TlsPolicy, other: &TlsPolicy) -> bool {
    let same_client = match (&one.client_cert, &other.client_cert) {
        (None, None) => true,
        (Some(one), Some(other)) => one.cert_pem == other.cert_pem && one.key_pem == other.key_pem,
        _ => false,
    };
    one.verify == other.verify && one.ca_pem == other.ca_pem && same_client
}

/// A client that adds nothing of its own: no redirects, no decoding, no cookies, no retries, no proxy.
fn build(policy: &TlsPolicy) -> Result<reqwest::Client, ClientError> {
    let client = reqwest::Client::builder()
        // One version of HTTP, so that the record of a request is what stood on the wire.
        .http1_only()
        .http1_title_case_headers()
        .redirect(redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .no_proxy()
        .pool_max_idle_per_host(IDLE_PER_HOST)
        .pool_idle_timeout(IDLE_FOR)
        .dns_resolver(SystemResolver)
        .connector_layer(ConnectorWatch)
        .tls_backend_preconfigured(tls::config(policy)?)
        .build()?;
    Ok(client)
}
