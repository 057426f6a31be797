//! Exactly what goes out: method, URL, headers as they stand on the wire, and the bytes that are signed.
//!
//! Pure: the time of the attempt comes in as an argument, and nothing is sent.

mod credentials;
mod echoes;
mod error;
mod renewed;
mod signer;
mod target;
mod wire;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hookbench_model::{
    DeliveryTarget, Endpoint, EndpointId, Event, HeaderPairs, HeaderValue, SentRequest, SignMode, Timestamp,
    veiled,
};
use hookbench_providers::{AttemptContext, Profile};
use hookbench_signing::{Message, Scheme, SignError, Signed, sign};
use http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, PROXY_AUTHORIZATION, USER_AGENT,
};
use http::{HeaderMap, Method, Uri, Version};
use http_body_util::Full;
use url::{Position, Url};

use credentials::{
    HiddenParameter, credential_names, endpoints_headers, hidden_parameters, is_elsewhere, unveiled,
};
use echoes::Echoes;
pub use error::BuildError;
pub use signer::{NoSigner, Signer, scheme_of_inbox};
use target::Target;
pub(crate) use wire::WireForm;
pub use wire::is_of_the_connection;
use wire::{Layers, exact, record};

/// What Hookbench calls itself, unless a profile or an endpoint says otherwise.
pub const USER_AGENT_VALUE: &str =
    concat!("Hookbench/", env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR"));

/// What a request is built from.
#[derive(Clone, Copy, Debug)]
pub struct BuildInput<'a> {
    /// The event that is delivered.
    pub event: &'a Event,
    /// Where it goes.
    pub target: &'a DeliveryTarget,
    /// The endpoint whose headers and secrets hold; `None` for a plain URL.
    pub endpoint: Option<&'a Endpoint>,
    /// The profile that it is sent by.
    pub profile: &'a Profile,
    /// The scheme that signs instead of the profile's: the endpoint's, where it has one of its own.
    pub scheme: Option<&'a Scheme>,
    /// What signs on the way to a plain URL; `None` where nothing does.
    pub signer: Option<&'a Signer>,
    /// The attempt's number, from 1.
    pub attempt: u32,
    /// When the attempt is made.
    pub now: Timestamp,
}

/// A request that can be sent: what is shown of it is what goes out on HTTP/1.1.
#[derive(Clone)]
pub struct BuiltRequest {
    method: Method,
    target: Target,
    headers: HeaderMap,
    /// The same in the order and the case in which they were recorded, where they go out exactly so.
    exact: Option<HeaderPairs>,
    body: Bytes,
    /// Whether the body is the event's payload as it is.
    is_payload: bool,
    signed_content: Option<Vec<u8>>,
    /// Names of the headers that hold a secret or a credential as it is.
    veiled: Vec<String>,
    /// What of its query holds a secret.
    hidden: Vec<HiddenParameter>,
    /// Names of the recorded headers that it goes without.
    left_out: Vec<String>,
}

impl std::fmt::Debug for BuiltRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut debug = f.debug_struct("BuiltRequest");
        debug.field("method", &self.method).field("url", &self.shown_url()).field("headers", &self.headers);
        debug.field("body_size", &self.body.len()).finish_non_exhaustive()
    }
}

/// Builds the request of one attempt.
///
/// The headers come in layers, and what a later one names replaces what an earlier one said: Hookbench's own,
/// the profile's, the event's, the endpoint's, the signature's. In [`SignMode::Exact`] there is one layer,
/// the event's as recorded; what the record veils is the endpoint's own header or token, and is put back. What
/// of an endpoint's headers is a credential goes to the endpoint's origin and nowhere else. In [`SignMode::Renewed`]
/// it is the recorded layer too, and what later ones name takes its place there. Without a secret nothing is signed.
/// Some schemes write into the URL or the body: what they make of them is what goes out.
pub fn build(input: &BuildInput<'_>) -> Result<BuiltRequest, BuildError> {
    let BuildInput { event, .. } = input;
    let method = method_of(input)?;
    let (mut target, authorization) = Target::of(input)?;
    let url = &target.url;
    let hidden = hidden_parameters(input, target.query());
    let (mut rewritten, mut left_out) = (None, Vec::new());
    let mut exactly = None;
    let mut layers = Layers::default();
    layers.add([(HOST.as_str(), HeaderValue::from(authority(url)))]);
    let signed = match event.request.sign {
        SignMode::Exact => {
            let headers;
            (headers, left_out) = unveiled(input, &target, &method, authorization.as_deref())?;
            if let Some(host) = headers.get("host").filter(|_| event.request.keeps_host) {
                layers.add([(HOST.as_str(), host.clone())]);
            }
            layers.add(own(&headers));
            exactly = Some(headers);
            None
        }
        SignMode::Fresh => fresh(input, &target, &method, authorization, &mut layers)?,
        SignMode::Renewed => {
            let (headers, signed) = renewed::renewed(input, &target, &method, authorization)?;
            layers.add(own(&headers));
            exactly = Some(headers);
            signed
        }
    };
    let mut veiled = credential_names(input);
    let signed_content = match signed {
        Some(signed) => {
            veiled.retain(|veiled| !signed.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(veiled)));
            if scheme_of(input).sends_secret() {
                veiled.extend(signed.headers.into_iter().map(|(name, _)| name));
            }
            target = signed.url.map_or(Ok(target), |url| Target::signed(&url))?;
            rewritten = signed.body.map(Bytes::from);
            Some(signed.signed_content)
        }
        None => None,
    };
    if exactly.is_none() && !layers.has(ACCEPT.as_str()) {
        layers.add([(ACCEPT.as_str(), HeaderValue::from("*/*"))]);
    }
    let is_payload = rewritten.is_none();
    let body = rewritten.unwrap_or_else(|| event.payload.clone());
    let bodyless = matches!(method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE);
    let said = exactly.as_ref().is_some_and(|headers| headers.get(CONTENT_LENGTH.as_str()).is_some());
    let length = (said || !(body.is_empty() && bodyless)).then_some(body.len());
    if let Some(length) = length {
        layers.add([(CONTENT_LENGTH.as_str(), HeaderValue::from(length.to_string()))]);
    }
    let exact =
        exactly.map(|recorded| exact_headers(&recorded, &target.url, event.request.keeps_host, length));
    let mut headers = layers.into_map()?;
    for (name, value) in &mut headers {
        // Neither `Debug` nor the table that HTTP/2 keeps of headers gets to see it.
        value.set_sensitive(veiled.iter().any(|veiled| name.as_str().eq_ignore_ascii_case(veiled)));
    }
    Ok(BuiltRequest {
        method,
        target,
        headers,
        exact,
        body,
        is_payload,
        signed_content,
        veiled,
        hidden,
        left_out,
    })
}

/// The headers as they go out exactly as recorded, with a host first where none was recorded.
fn exact_headers(recorded: &HeaderPairs, url: &Url, keeps_host: bool, length: Option<usize>) -> HeaderPairs {
    let targets = authority(url);
    let lines = exact(recorded, (!keeps_host).then_some(targets.as_str()), length);
    if lines.get("host").is_some() {
        return lines;
    }
    let mut with_host = HeaderPairs::from_iter([("Host", targets.as_str())]);
    with_host.extend(lines.iter().map(|(name, value)| (name, value.clone())));
    with_host
}

/// The endpoint's own method, where it has one, or else the event's. What goes out exactly as it was recorded
/// keeps its method too.
fn method_of(input: &BuildInput<'_>) -> Result<Method, BuildError> {
    let request = &input.event.request;
    let own = input.endpoint.and_then(|endpoint| endpoint.method.as_ref());
    let method = match request.sign {
        SignMode::Fresh | SignMode::Renewed => own.unwrap_or(&request.method),
        SignMode::Exact => &request.method,
    };
    Method::from_bytes(method.as_bytes()).map_err(|_| BuildError::Method { method: method.clone() })
}

fn fresh(
    input: &BuildInput<'_>,
    target: &Target,
    method: &Method,
    authorization: Option<String>,
    layers: &mut Layers,
) -> Result<Option<Signed>, BuildError> {
    let BuildInput { event, endpoint, profile, now, .. } = *input;
    let context = context(input, now, input.attempt);
    layers.add([(USER_AGENT.as_str(), HeaderValue::from(USER_AGENT_VALUE))]);
    layers.add([(ACCEPT.as_str(), HeaderValue::from("*/*"))]);
    if !event.content_type.is_empty() {
        layers.add([(CONTENT_TYPE.as_str(), HeaderValue::from(event.content_type.as_str()))]);
    }
    if let Some(authorization) = authorization {
        layers.add([(AUTHORIZATION.as_str(), HeaderValue::from(authorization))]);
    }
    let profiles = profile.attempt_headers(&context);
    layers.add(profiles.iter().map(|(name, value)| (name.as_str(), HeaderValue::from(value.as_str()))));
    layers.add(own(&event.request.headers));
    if let Some(endpoint) = endpoint {
        layers.add(own(&endpoints_headers(input, endpoint)));
    }
    let signed = signed_by(input, target, method, &layers.pairs(), &signature_id(input, &context))?;
    let made = signed.iter().flat_map(|signed| &signed.headers);
    layers.add(made.map(|(name, value)| (name.as_str(), HeaderValue::from(value.as_str()))));
    Ok(signed)
}

/// What the headers of an attempt are made of.
fn context<'a>(input: &BuildInput<'a>, at: Timestamp, attempt: u32) -> AttemptContext<'a> {
    let BuildInput { event, endpoint, .. } = *input;
    AttemptContext {
        event_type: &event.event_type,
        provider_event_id: &event.provider_event_id,
        // A plain URL has no endpoint's id to show; the event's serves where a template wants one.
        endpoint: endpoint
            .map_or_else(|| EndpointId::from_bytes(*event.id.as_bytes()), |endpoint| endpoint.id),
        at,
        attempt,
    }
}

/// The id that is signed. Another scheme than the profile's may sign one where the profile's signs none.
fn signature_id(input: &BuildInput<'_>, context: &AttemptContext<'_>) -> String {
    input.profile.signature_id(context).unwrap_or_else(|| input.event.provider_event_id.clone())
}

/// The signature of the endpoint, or of the signer on the way to a plain URL; `None` where there is no secret that may
/// go there.
fn signed_by(
    input: &BuildInput<'_>,
    target: &Target,
    method: &Method,
    others: &[(&str, &[u8])],
    id: &str,
) -> Result<Option<Signed>, SignError> {
    let scheme = scheme_of(input);
    let secrets = match (input.endpoint, input.signer) {
        (Some(endpoint), _) if scheme.sends_secret() && is_elsewhere(input, endpoint) => Vec::new(),
        (Some(endpoint), _) => endpoint.secrets_at(input.now),
        (None, Some(signer)) => signer.secrets(),
        (None, None) => Vec::new(),
    };
    if secrets.is_empty() {
        return Ok(None);
    }
    let message = Message {
        method: method.as_str(),
        url: &target.whole(),
        headers: others,
        body: &input.event.payload,
        timestamp: input.now.unix_ms(),
        id,
    };
    sign(scheme, &secrets, &message).map(Some)
}

/// The scheme that signs: the endpoint's own, or the signer's, or else the profile's.
fn scheme_of<'a>(input: &BuildInput<'a>) -> &'a Scheme {
    let signers = input.signer.filter(|_| input.endpoint.is_none()).map(Signer::scheme);
    input.scheme.or(signers).unwrap_or_else(|| input.profile.scheme())
}

/// A layer without what belongs to a connection.
fn own(headers: &HeaderPairs) -> impl Iterator<Item = (&str, HeaderValue)> {
    headers.iter().filter(|(name, _)| !is_of_the_connection(name)).map(|(name, value)| (name, value.clone()))
}

/// What a URL's user name and password become: the header that browsers make of them.
fn basic(url: &Url) -> Option<String> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let plain = |text: &str| percent_encoding::percent_decode_str(text).collect::<Vec<u8>>();
    let mut pair = plain(url.username());
    pair.push(b':');
    pair.extend(plain(url.password().unwrap_or_default()));
    Some(format!("Basic {}", STANDARD.encode(pair)))
}

/// Host, and the port where it is not the scheme's own.
fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

impl BuiltRequest {
    /// The HTTP method.
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// The URL, without user name, password and fragment.
    pub fn url(&self) -> &Url {
        &self.target.url
    }

    /// The URL to be shown and recorded: a secret that came in a captured request's query stays out of it.
    pub fn shown_url(&self) -> String {
        self.target.shown(&self.hidden)
    }

    /// The headers as they stand on the wire, in their order.
    pub fn headers(&self) -> HeaderPairs {
        self.exact.clone().unwrap_or_else(|| record(&self.headers))
    }

    /// The head as it goes out on HTTP/1.1, its empty line included, where it goes out exactly as it was recorded.
    pub(crate) fn exact_head(&self) -> Option<Vec<u8>> {
        let lines = self.exact.as_ref()?;
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.path_and_query()).into_bytes();
        for (name, value) in lines.iter() {
            head.extend_from_slice(name.as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        Some(head)
    }

    /// The headers to be shown and recorded: a secret that is sent as it is stays out of them, and so does what
    /// the endpoint's or the event's own headers say where their name tells a credential, or where it came as one.
    pub fn shown_headers(&self) -> HeaderPairs {
        let veil = |name: &str, value: &HeaderValue| {
            let hidden = self.veiled.iter().any(|hidden| hidden.eq_ignore_ascii_case(name));
            if hidden { veiled(name, value) } else { value.clone() }
        };
        self.headers().iter().map(|(name, value)| (name.to_owned(), veil(name, value))).collect()
    }

    /// The headers of the answer to be shown and recorded: what is hidden of the request and stands there again, as in
    /// the `Location` of a redirect, is hidden there too.
    pub fn shown_answer(&self, answer: HeaderPairs) -> HeaderPairs {
        match Echoes::of(&self.headers, &self.hidden) {
            Some(echoes) => echoes.hidden_in(&answer),
            None => answer,
        }
    }

    /// The recorded headers that an exact repeat goes without, by their names as they are recorded: what stood there
    /// was a secret of the endpoint that is not there any more, or that must not go to where this goes.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// The exact bytes of the body.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The bytes that were signed, with `{secret}` in place of a secret among them; `None` where nothing
    /// was signed.
    pub fn signed_content(&self) -> Option<&[u8]> {
        self.signed_content.as_deref()
    }

    /// Path and query as they stand in the request line.
    pub fn path_and_query(&self) -> &str {
        self.target.path_and_query()
    }

    /// The record of it, where it went out as HTTP/2: names in small letters, and the host not among them.
    pub fn to_sent_over_http2(&self) -> SentRequest {
        let headers = self.shown_headers();
        let sent = headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case(HOST.as_str()));
        let headers = sent.map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect();
        SentRequest { headers, ..self.to_sent() }
    }

    /// The record of it, as it goes out on HTTP/1.1.
    pub fn to_sent(&self) -> SentRequest {
        SentRequest {
            method: self.method().to_owned(),
            url: self.shown_url(),
            headers: self.shown_headers(),
            body_size: self.body.len() as u64,
            body: (!self.is_payload).then(|| self.body.clone()),
        }
    }

    /// The request as it goes out in this form.
    pub(crate) fn to_http(&self, form: WireForm<'_>) -> Result<http::Request<Full<Bytes>>, http::Error> {
        let mut request = http::Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = match form {
            // Where the letters matter, the whole head is written in place of the library's.
            WireForm::Http1 => Uri::try_from(&self.target.url[Position::BeforePath..])?,
            WireForm::Forwarded(_) | WireForm::Http2 => {
                Uri::try_from(self.target.whole()).or_else(|_| Uri::try_from(self.target.url.as_str()))?
            }
        };
        *request.headers_mut() = self.headers.clone();
        match form {
            WireForm::Http1 | WireForm::Forwarded(None) => {}
            WireForm::Forwarded(Some(authorization)) => {
                request.headers_mut().insert(PROXY_AUTHORIZATION, authorization.clone());
            }
            WireForm::Http2 => {
                // The pseudo-header `:authority` takes its place. Taken out of the map it would change the order
                // of the others.
                let others = self.headers.iter().filter(|(name, _)| **name != HOST);
                let others = others.map(|(name, value)| (name.clone(), value.clone()));
                let mut headers = HeaderMap::with_capacity(self.headers.len());
                headers.extend(others);
                *request.headers_mut() = headers;
                *request.version_mut() = Version::HTTP_2;
            }
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests;
