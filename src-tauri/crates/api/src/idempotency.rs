//! Calls that are repeated with the same `Idempotency-Key`: done once, answered the same every time.

mod passing;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{OptionalFromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hookbench_model::Timestamp;
use hookbench_workbench::IdempotencyRecord;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_128;

use self::passing::Passing;
use crate::Api;
use crate::problem::{FieldError, Problem};
use crate::routes::PAYLOAD_BODY_LIMIT;

const KEY: &str = "idempotency-key";
/// Says that an answer is the one given before.
const REPLAYED: &str = "idempotent-replayed";
/// The longest key, in bytes.
const LONGEST_KEY: usize = 255;

/// A call that carries a key, and what tells it from another with the same key.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    given: String,
    scope: String,
    fingerprint: Vec<u8>,
    at: Timestamp,
}

impl Key {
    /// The answer, ready to be kept.
    pub(crate) fn record(&self, status: StatusCode, answer: &impl Serialize) -> IdempotencyRecord {
        self.record_of(status, serde_json::to_vec(answer).unwrap_or_default())
    }

    fn record_of(&self, status: StatusCode, response: Vec<u8>) -> IdempotencyRecord {
        IdempotencyRecord {
            key: self.given.clone(),
            scope: self.scope.clone(),
            fingerprint: self.fingerprint.clone(),
            status: status.as_u16(),
            response,
            holds_secret: false,
            created_at: self.at,
        }
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Key {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

/// An answer that its handler has kept already, together with what it made.
pub(crate) struct Kept(pub(crate) Response);

impl IntoResponse for Kept {
    fn into_response(mut self) -> Response {
        self.0.extensions_mut().insert(AlreadyKept);
        self.0
    }
}

#[derive(Clone, Copy)]
struct AlreadyKept;

/// An answer with a `secret` in it, which is kept encrypted.
pub(crate) struct Secretive<T>(pub(crate) T);

impl<T: IntoResponse> IntoResponse for Secretive<T> {
    fn into_response(self) -> Response {
        let mut response = self.0.into_response();
        response.extensions_mut().insert(HoldsSecret);
        response
    }
}

#[derive(Clone, Copy)]
struct HoldsSecret;

/// The keyed calls under way: a second one with the same key waits for the first.
#[derive(Clone, Debug, Default)]
pub(crate) struct UnderWay(Arc<Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>>);

impl UnderWay {
    fn turn(&self, name: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, turn| Arc::strong_count(turn) > 1);
        Arc::clone(waiting.entry(name.to_owned()).or_default())
    }
}

/// Answers a repeated call from what was kept, and keeps the answers of new ones.
pub(crate) async fn layer(State(api): State<Api>, request: Request, next: Next) -> Result<Response, Problem> {
    let Some(given) = key_of(&request)? else { return Ok(next.run(request).await) };
    let (mut parts, body) = request.into_parts();
    let scope = format!("{} {}", parts.method, parts.uri.path());
    let at = api.workbench.now();
    // In a task of its own: whoever hangs up half-way must not part what was made from its kept answer.
    let done = if is_streamed(parts.uri.path()) {
        let key = Key { given, scope, fingerprint: Vec::new(), at };
        let request = Request::from_parts(parts, body);
        tokio::spawn(async move { once_streamed(api, key, request, next).await })
    } else {
        let body = to_bytes(body, PAYLOAD_BODY_LIMIT).await.map_err(|_| {
            let most = PAYLOAD_BODY_LIMIT >> 20;
            Problem::too_large(format!(
                "The body is larger than the {most} MiB that this call takes, or broke off."
            ))
        })?;
        let fingerprint = fingerprint(parts.uri.query(), xxh3_128(&body));
        let key = Key { given, scope, fingerprint, at };
        parts.extensions.insert(key.clone());
        let request = Request::from_parts(parts, Body::from(body));
        tokio::spawn(async move { once(api, key, request, next).await })
    };
    done.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a call panicked");
        Err(Problem::internal())
    })
}

async fn once(api: Api, key: Key, request: Request, next: Next) -> Result<Response, Problem> {
    let turn = api.repeated.turn(&format!("{} {}", key.given, key.scope));
    let _turn = turn.lock().await;
    if let Some(kept) = api.workbench.kept_answer(&key.given, &key.scope).await? {
        return replayed(&key, kept);
    }
    let response = next.run(request).await;
    if !response.status().is_success() || response.extensions().get::<AlreadyKept>().is_some() {
        return Ok(response);
    }
    kept(&api, &key, response).await
}

/// The same of a call whose body is read as it comes: what tells it from another is known once it has passed. One whose
/// body broke off has no answer that could be kept.
async fn once_streamed(api: Api, mut key: Key, request: Request, next: Next) -> Result<Response, Problem> {
    let turn = api.repeated.turn(&format!("{} {}", key.given, key.scope));
    let _turn = turn.lock().await;
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().map(ToOwned::to_owned);
    let passing = Passing::of(body);
    if let Some(kept) = api.workbench.kept_answer(&key.given, &key.scope).await? {
        let broke_off = || Problem::too_large("The body broke off.".to_owned());
        key.fingerprint = fingerprint(query.as_deref(), passing.whole().await.ok_or_else(broke_off)?);
        return replayed(&key, kept);
    }
    let response = next.run(Request::from_parts(parts, passing.body())).await;
    if !response.status().is_success() {
        return Ok(response);
    }
    let Some(print) = passing.whole().await else { return Ok(response) };
    key.fingerprint = fingerprint(query.as_deref(), print);
    kept(&api, &key, response).await
}

/// Keeps an answer, and gives it.
async fn kept(api: &Api, key: &Key, response: Response) -> Result<Response, Problem> {
    let holds_secret = response.extensions().get::<HoldsSecret>().is_some();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| Problem::internal())?;
    let record = IdempotencyRecord { holds_secret, ..key.record_of(parts.status, body.to_vec()) };
    api.workbench.keep_answer(record).await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn key_of(request: &Request) -> Result<Option<String>, Problem> {
    if request.method() != Method::POST || makes_nothing(request.uri().path()) {
        return Ok(None);
    }
    let Some(value) = only(request.headers())? else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    if text.is_empty() || text.len() > LONGEST_KEY || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(bad_key("must be 1 to 255 printable ASCII characters without spaces"));
    }
    Ok(Some(text.to_owned()))
}

/// Calls that ask and change nothing: each is answered anew, and what they were asked is not kept.
fn makes_nothing(path: &str) -> bool {
    const ASK: [&str; 6] = [
        "/v1/signatures/sign",
        "/v1/signatures/verify",
        "/v1/events/preview",
        "/v1/providers/preview",
        "/v1/schemes/snippet",
        "/v1/schedules",
    ];
    ASK.contains(&path) || (path.starts_with("/v1/requests/") && path.ends_with("/verify"))
}

/// Calls that take more than is held in memory.
fn is_streamed(path: &str) -> bool {
    path == "/v1/imports"
}

fn only(headers: &HeaderMap) -> Result<Option<&HeaderValue>, Problem> {
    let mut values = headers.get_all(KEY).iter();
    let first = values.next();
    if values.next().is_some() { Err(bad_key("is given more than once")) } else { Ok(first) }
}

fn bad_key(message: &str) -> Problem {
    Problem::invalid(vec![FieldError::new("Idempotency-Key", message)])
}

fn fingerprint(query: Option<&str>, body: u128) -> Vec<u8> {
    let mut print = body.to_be_bytes().to_vec();
    print.extend_from_slice(&xxh3_128(query.unwrap_or_default().as_bytes()).to_be_bytes());
    print
}

fn replayed(key: &Key, kept: IdempotencyRecord) -> Result<Response, Problem> {
    if kept.fingerprint != key.fingerprint {
        return Err(Problem::conflict(
            "idempotency-key-reused",
            "This `Idempotency-Key` was used before with another body: use a new key for another call.",
        ));
    }
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    let mut response = (status, kept.response).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}
