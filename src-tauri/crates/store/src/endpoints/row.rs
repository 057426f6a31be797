use hookbench_model::{
    ClientCertificate, Endpoint, EndpointId, EndpointStatus, FailureCount, HeaderPairs, HttpVersion,
    OrderOnFailure, Proxy, RateLimit, Timestamp, TlsPolicy,
};
use sqlx::Sqlite;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use zeroize::Zeroizing;

use crate::columns::{Columns, signed, to_json};
use crate::sealed::{self, place, seal};
use crate::vault::Vault;
use crate::{Result, StoreError, header_bytes};

macro_rules! columns {
    () => {
        "id, name, url, provider, enabled_events, disabled_at, disabled_reason, headers, timeout_ms, retry, \
         rate_per_second, max_in_flight, ordered, tls_verify, ca_pem, cert_pem, sealed, \
         consecutive_failures, failing_since, updated_at, scheme, envelope, draft, tested_at, \
         disable_counts, headers_sealed, success, disable, gone_disables, ttl_ms, breaker, rate_burst, \
         order_on_failure, method, http_version, proxy, trial_of"
    };
}

pub(super) const ALL: &str =
    concat!("SELECT ", columns!(), " FROM endpoints WHERE deleted_at IS NULL ORDER BY id");

pub(super) const BY_ID: &str =
    concat!("SELECT ", columns!(), " FROM endpoints WHERE deleted_at IS NULL AND id = ?");

pub(super) const PAGE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM endpoints WHERE deleted_at IS NULL AND id < ? ORDER BY id DESC LIMIT ?"
);

pub(super) const INSERT: &str = concat!(
    "INSERT INTO endpoints (",
    columns!(),
    ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) RETURNING seq"
);

pub(super) const UPDATE: &str = concat!(
    "UPDATE endpoints SET (",
    columns!(),
    ") = (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,?24,?25,?26,\
     ?27,?28,?29,?30,?31,?32,?33,?34,?35,?36,?37) WHERE id = ?1"
);

const TABLE: &str = "endpoint";
/// The place that an endpoint's headers are sealed for.
const HEADERS: &str = "endpoint headers";
/// The place that an endpoint's proxy is sealed for.
const PROXY: &str = "endpoint proxy";

pub(super) fn read(vault: &Vault, row: &SqliteRow) -> Result<Endpoint> {
    let mut columns = Columns::new(row);
    let id = EndpointId::from_bytes(columns.id()?);
    let (name, url, provider) = (columns.get::<String>()?, columns.parsed()?, columns.parsed()?);
    let enabled_events = columns.json()?;
    let (disabled_at, disabled_reason) = (columns.time_or_none()?, columns.get()?);
    let headers: &[u8] = columns.get()?;
    let mut endpoint = Endpoint {
        enabled_events,
        disabled_at,
        disabled_reason,
        timeout_ms: columns.count_or_none()?,
        retry: columns.json_or_none()?,
        rate_limit: columns.get::<Option<f64>>()?.map(RateLimit::per_second),
        max_in_flight: columns.number_or_none()?,
        ordered: columns.get()?,
        tls: TlsPolicy { verify: columns.get()?, ca_pem: columns.get()?, client_cert: None },
        ..Endpoint::new(id, name, url, provider)
    };
    let cert_pem: Option<String> = columns.get()?;
    let secrets = sealed::open(vault, &place(TABLE, id.as_bytes()), columns.get()?)?;
    endpoint.secrets = secrets.signing;
    endpoint.tls.client_cert =
        cert_pem.zip(secrets.beside).map(|(cert_pem, key_pem)| ClientCertificate { cert_pem, key_pem });
    endpoint.consecutive_failures = columns.number()?;
    endpoint.failing_since = columns.time_or_none()?;
    endpoint.updated_at = columns.time()?;
    endpoint.scheme = columns.get()?;
    endpoint.envelope = columns.get()?;
    endpoint.draft = columns.get()?;
    endpoint.tested_at = columns.time_or_none()?;
    endpoint.disable_counts = columns.get::<Option<&str>>()?.map(counted).transpose()?;
    endpoint.headers = open_headers(vault, id, columns.get()?, headers)?;
    read_rules(vault, &mut columns, &mut endpoint)?;
    if endpoint.disabled_at.is_some() {
        endpoint.status = EndpointStatus::Disabled;
    }
    Ok(endpoint)
}

/// What came with the delivery engine.
fn read_rules(vault: &Vault, columns: &mut Columns<'_>, endpoint: &mut Endpoint) -> Result<()> {
    endpoint.success = columns.json_or_none()?;
    endpoint.disable = columns.json_or_none()?;
    endpoint.gone_disables = columns.get()?;
    endpoint.ttl_ms = columns.count_or_none()?;
    endpoint.breaker = columns.json_or_none()?;
    let burst = columns.number_or_none()?;
    endpoint.rate_limit = endpoint.rate_limit.map(|limit| RateLimit { burst, ..limit });
    endpoint.order_on_failure = OrderOnFailure::from_name(columns.get()?)
        .ok_or_else(|| StoreError::corrupt("an order that is unknown"))?;
    endpoint.method = columns.get()?;
    endpoint.http_version = HttpVersion::from_name(columns.get()?)
        .ok_or_else(|| StoreError::corrupt("an HTTP version that is unknown"))?;
    let sealed: Option<&[u8]> = columns.get()?;
    let place = place(PROXY, endpoint.id.as_bytes());
    endpoint.proxy = sealed.map(|sealed| open_proxy(vault, &place, sealed)).transpose()?;
    endpoint.trial_of = columns.id_or_none()?.map(EndpointId::from_bytes);
    Ok(())
}

/// Binds the columns to [`INSERT`] or [`UPDATE`].
pub(super) fn bind<'q>(
    statement: &'static str,
    vault: &Vault,
    endpoint: &Endpoint,
) -> Result<Query<'q, Sqlite, SqliteArguments>> {
    let client_cert = endpoint.tls.client_cert.as_ref();
    let proxy_place = place(PROXY, endpoint.id.as_bytes());
    let place = place(TABLE, endpoint.id.as_bytes());
    let sealed = seal(vault, &place, &endpoint.secrets, client_cert.map(|cert| &cert.key_pem))?;
    let disabled_at = match endpoint.status {
        EndpointStatus::Enabled => None,
        EndpointStatus::Disabled => Some(endpoint.disabled_at.unwrap_or(endpoint.updated_at)),
    };
    Ok(sqlx::query(statement)
        .bind(endpoint.id.as_bytes().to_vec())
        .bind(endpoint.name.clone())
        .bind(endpoint.url.as_str().to_owned())
        .bind(endpoint.provider.as_str().to_owned())
        .bind(to_json(&endpoint.enabled_events)?)
        .bind(disabled_at.map(Timestamp::unix_ms))
        .bind(endpoint.disabled_reason.clone())
        .bind(seal_headers(vault, endpoint.id, &endpoint.headers)?)
        .bind(endpoint.timeout_ms.map(signed))
        .bind(endpoint.retry.as_ref().map(to_json).transpose()?)
        .bind(endpoint.rate_limit.map(|limit| limit.per_second))
        .bind(endpoint.max_in_flight.map(i64::from))
        .bind(endpoint.ordered)
        .bind(endpoint.tls.verify)
        .bind(endpoint.tls.ca_pem.clone())
        .bind(client_cert.map(|cert| cert.cert_pem.clone()))
        .bind(sealed)
        .bind(i64::from(endpoint.consecutive_failures))
        .bind(endpoint.failing_since.map(Timestamp::unix_ms))
        .bind(endpoint.updated_at.unix_ms())
        .bind(endpoint.scheme.clone())
        .bind(endpoint.envelope.clone())
        .bind(endpoint.draft)
        .bind(endpoint.tested_at.map(Timestamp::unix_ms))
        .bind(endpoint.disable_counts.map(FailureCount::as_str))
        .bind(true)
        .bind(endpoint.success.as_ref().map(to_json).transpose()?)
        .bind(endpoint.disable.as_ref().map(to_json).transpose()?)
        .bind(endpoint.gone_disables)
        .bind(endpoint.ttl_ms.map(signed))
        .bind(endpoint.breaker.as_ref().map(to_json).transpose()?)
        .bind(endpoint.rate_limit.and_then(|limit| limit.burst).map(i64::from))
        .bind(endpoint.order_on_failure.as_str())
        .bind(endpoint.method.clone())
        .bind(endpoint.http_version.as_str())
        .bind(endpoint.proxy.as_ref().map(|proxy| seal_proxy(vault, &proxy_place, proxy)).transpose()?)
        .bind(endpoint.trial_of.map(|id| id.as_bytes().to_vec())))
}

/// A proxy as it is kept: a password may stand in it.
pub(crate) fn seal_proxy(vault: &Vault, place: &[u8], proxy: &Proxy) -> Result<Vec<u8>> {
    vault.seal(place, &Zeroizing::new(proxy.exposed().as_bytes().to_vec()))
}

pub(crate) fn open_proxy(vault: &Vault, place: &[u8], sealed: &[u8]) -> Result<Proxy> {
    let opened = vault.open(place, sealed)?;
    let text = std::str::from_utf8(&opened).map_err(|_| StoreError::corrupt("a proxy that is no text"))?;
    // The error names no part of the text, which may be a password.
    Proxy::parse(text, None).map_err(|_| StoreError::corrupt("a proxy that cannot be read"))
}

/// An endpoint's headers as they are kept: one may hold a token.
pub(super) fn seal_headers(vault: &Vault, id: EndpointId, headers: &HeaderPairs) -> Result<Vec<u8>> {
    vault.seal(&place(HEADERS, id.as_bytes()), &Zeroizing::new(header_bytes::encode(headers)))
}

fn open_headers(vault: &Vault, id: EndpointId, sealed: bool, kept: &[u8]) -> Result<HeaderPairs> {
    if sealed {
        header_bytes::decode(&vault.open(&place(HEADERS, id.as_bytes()), kept)?)
    } else {
        header_bytes::decode(kept)
    }
}

fn counted(name: &str) -> Result<FailureCount> {
    FailureCount::from_name(name).ok_or_else(|| StoreError::corrupt("failures counted by something unknown"))
}

/// What is sealed for an endpoint whose secrets are wiped.
pub(super) fn sealed_nothing(vault: &Vault, id: EndpointId) -> Result<Vec<u8>> {
    seal(vault, &place(TABLE, id.as_bytes()), &[], None)
}
