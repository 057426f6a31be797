//! What of a request is a credential: an endpoint's goes to it alone, and all stay out of the record.

use hookbench_model::{
    Endpoint, EventRequest, HeaderPairs, HeaderValue, is_credential_name, is_veiled, veiled,
};
use http::Method;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, HOST};

use super::target::Target;
use super::wire::is_of_the_connection;
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
    let EventRequest { headers, shown, .. } = &input.event.request;
    let shown = shown.iter().flat_map(|shown| shown.headers.iter());
    let arrived = headers.iter().zip(shown).filter(|(real, shown)| real != shown).map(|(real, _)| real);
    // A user name and a password in the URL become this header.
    told.chain(arrived).map(|(name, _)| name.to_owned()).chain([AUTHORIZATION.as_str().to_owned()]).collect()
}

/// A parameter of the query that holds a secret, and how it is shown.
#[derive(Clone)]
pub(super) struct HiddenParameter {
    /// The parameter as it goes out.
    pub(super) real: String,
    /// The parameter as it is shown.
    pub(super) shown: String,
}

/// The parameters of this query, as it goes out, that hold a secret. The event's stand behind the target's, and may be encoded otherwise
/// here than it has them.
pub(super) fn hidden_parameters(input: &BuildInput<'_>, whole: Option<&str>) -> Vec<HiddenParameter> {
    let EventRequest { query, shown, .. } = &input.event.request;
    let shown = shown.as_ref().and_then(|shown| shown.query.as_deref());
    let (Some(own), Some(shown), Some(whole)) = (query.as_deref(), shown, whole) else {
        return Vec::new();
    };
    let targets = whole.split('&').count().saturating_sub(own.split('&').count());
    let pieces = whole.split('&').skip(targets).zip(own.split('&').zip(shown.split('&')));
    pieces
        .filter(|(_, (own, shown))| own != shown)
        .map(|(real, (_, shown))| HiddenParameter { real: real.to_owned(), shown: shown.to_owned() })
        .collect()
}

/// The headers of an event that goes out exactly as something was recorded, with what the record veils put back:
/// from the URL's user name and password, the endpoint's own headers, or its token. What cannot be put back, or
/// would go to somebody else, is left out; the names of that come with them.
pub(super) fn unveiled(
    input: &BuildInput<'_>,
    target: &Target,
    method: &Method,
    authorization: Option<&str>,
) -> Result<(HeaderPairs, Vec<String>), BuildError> {
    let recorded = &input.event.request.headers;
    if !recorded.iter().any(|(_, value)| is_veiled(value)) {
        return Ok((recorded.clone(), Vec::new()));
    }
    let mut known: Vec<(String, HeaderValue)> = Vec::new();
    known.extend(authorization.map(|text| (AUTHORIZATION.as_str().to_owned(), HeaderValue::from(text))));
    if let Some(endpoint) = input.endpoint.filter(|endpoint| !is_elsewhere(input, endpoint)) {
        if scheme_of(input).sends_secret() {
            let id = &input.event.provider_event_id;
            let signed = signed_by(input, target, method, &[], id)?;
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
    let (mut headers, mut left_out) = (HeaderPairs::new(), Vec::new());
    let stays = |name: &str| {
        let said_anew = [HOST, CONTENT_LENGTH].iter().any(|known| name.eq_ignore_ascii_case(known.as_str()));
        said_anew || !is_of_the_connection(name)
    };
    for (name, value) in recorded.iter().filter(|(name, _)| stays(name)) {
        match if is_veiled(value) { take(name, value) } else { Some(value.clone()) } {
            Some(value) => headers.push(name, value),
            None => left_out.push(name.to_owned()),
        }
    }
    Ok((headers, left_out))
}
