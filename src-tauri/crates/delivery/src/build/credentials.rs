//! What of a request's headers is a credential: it goes to its endpoint alone, and stays out of the record.

use hookbench_model::{Endpoint, HeaderPairs, HeaderValue, is_credential_name, is_veiled, veiled};
use http::Method;
use http::header::AUTHORIZATION;
use url::Url;

use super::{BuildError, BuildInput, scheme_of, signed_by};

/// Whether the request goes to somebody who is not the endpoint.
pub(super) fn is_elsewhere(input: &BuildInput<'_>, endpoint: &Endpoint) -> bool {
    input.target.url().is_some_and(|url| url.origin() != endpoint.url.origin())
}

/// The headers that an endpoint adds: elsewhere without its credentials.
pub(super) fn endpoints_headers(input: &BuildInput<'_>, endpoint: &Endpoint) -> HeaderPairs {
    let elsewhere = is_elsewhere(input, endpoint);
    let added = endpoint.headers.iter().filter(|(name, _)| !(elsewhere && is_credential_name(name)));
    added.map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

/// The names of the headers that hold a credential, by what the event, the endpoint and the URL give.
pub(super) fn credential_names(input: &BuildInput<'_>) -> Vec<String> {
    let of_endpoint = input.endpoint.into_iter().flat_map(|endpoint| endpoint.headers.iter());
    let given = input.event.request.headers.iter().chain(of_endpoint);
    let told = given.filter(|(name, value)| is_credential_name(name) || is_veiled(value));
    // A user name and a password in the URL become this header.
    told.map(|(name, _)| name.to_owned()).chain([AUTHORIZATION.as_str().to_owned()]).collect()
}

/// The headers of an event that goes out exactly as something was recorded, with what the record veils put back:
/// from the URL's user name and password, the endpoint's own headers, or its token. What cannot be put back, or
/// would go to somebody else, is left out.
pub(super) fn unveiled(
    input: &BuildInput<'_>,
    url: &Url,
    method: &Method,
    authorization: Option<&str>,
) -> Result<HeaderPairs, BuildError> {
    let recorded = &input.event.request.headers;
    if !recorded.iter().any(|(_, value)| is_veiled(value)) {
        return Ok(recorded.clone());
    }
    let mut known: Vec<(String, HeaderValue)> = Vec::new();
    known.extend(authorization.map(|text| (AUTHORIZATION.as_str().to_owned(), HeaderValue::from(text))));
    if let Some(endpoint) = input.endpoint.filter(|endpoint| !is_elsewhere(input, endpoint)) {
        if scheme_of(input).sends_secret() {
            let id = &input.event.provider_event_id;
            let signed = signed_by(input, endpoint, url, method, &[], id)?;
            let made = signed.into_iter().flat_map(|signed| signed.headers);
            known.extend(made.map(|(name, value)| (name, HeaderValue::from(value))));
        }
        known.extend(endpoint.headers.iter().map(|(name, value)| (name.to_owned(), value.clone())));
    }
    // Each is put back once: two of one name stand in the order in which they stood.
    let mut take = |name: &str, shown: &HeaderValue| {
        let fits = |(known, value): &(String, HeaderValue)| {
            known.eq_ignore_ascii_case(name) && veiled(name, value) == *shown
        };
        known.iter().position(fits).map(|at| known.remove(at).1)
    };
    Ok(recorded
        .iter()
        .filter_map(|(name, value)| {
            let value = if is_veiled(value) { take(name, value)? } else { value.clone() };
            Some((name.to_owned(), value))
        })
        .collect())
}
