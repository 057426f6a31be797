//! Readers of what a call brings; each refuses with a problem document that names the field.

use std::collections::HashMap;
use std::str::FromStr;

use axum::RequestPartsExt as _;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use hookbench_workbench::aside;
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use crate::problem::{FieldError, Problem};
use crate::wire::PageQuery;
use crate::words::field_error;

/// A JSON body, which must be there.
pub(crate) struct Json<T>(pub(crate) T);

/// A JSON body, or the type's default where there is none.
pub(crate) struct OptionalJson<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send + 'static> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (body, is_json) = body(request, state).await?;
        if body.is_empty() {
            return Err(Problem::unreadable("This call needs a body of JSON, and none came."));
        }
        if !is_json {
            return Err(Problem::wrong_content_type());
        }
        read(body).await.map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Default + Send + 'static> FromRequest<S> for OptionalJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match body(request, state).await? {
            (body, _) if body.is_empty() => Ok(Self(T::default())),
            (_, false) => Err(Problem::wrong_content_type()),
            (body, true) => read(body).await.map(Self),
        }
    }
}

async fn body<S: Send + Sync>(request: Request, state: &S) -> Result<(Bytes, bool), Problem> {
    let is_json = is_json(request.headers());
    Ok((Bytes::from_request(request, state).await.map_err(unreadable_body)?, is_json))
}

/// Why a body could not be taken in whole.
#[expect(clippy::needless_pass_by_value, reason = "stands in `map_err`")]
fn unreadable_body(rejection: BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::too_large("The body is larger than this call takes.")
    } else {
        Problem::unreadable("The body broke off before it was whole.")
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Up to so many bytes a body is read where it came in; larger ones would keep others from being answered.
const READ_AT_ONCE: usize = 64 << 10;

async fn read<T: DeserializeOwned + Send + 'static>(body: Bytes) -> Result<T, Problem> {
    if body.len() <= READ_AT_ONCE { parse(&body) } else { aside(body.len(), move || parse(&body)).await? }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    // The form first, so that a broken document is told apart from a wrong field before it.
    let text = std::str::from_utf8(body)
        .map_err(|_| Problem::unreadable("The body is not UTF-8, so it is not JSON."))?;
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
        return Err(Problem::unreadable(format!("The body is not JSON: {error}.")));
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let message = error.inner().to_string();
        // The place in the text helps nobody who is told the field.
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
        let words = (message == NO_WORD).then(|| the_words::<T>(text, error.path())).flatten();
        let message = words.as_deref().unwrap_or(message);
        Problem::invalid(vec![field_error(&error.path().to_string(), "body", message)])
    })
}

/// What is said of a number, say, in the place of one of some words; not which words these are.
const NO_WORD: &str = "expected value";

/// What would be said of a word there that is none of them, which names them; `None` where nothing like that is.
fn the_words<T: DeserializeOwned>(text: &str, path: &Path) -> Option<String> {
    let mut whole: Value = serde_json::from_str(text).ok()?;
    let mut there = &mut whole;
    for segment in path {
        there = match segment {
            Segment::Map { key } => there.get_mut(key.as_str())?,
            Segment::Seq { index } => there.get_mut(*index)?,
            Segment::Enum { .. } | Segment::Unknown => return None,
        };
    }
    let given = match std::mem::replace(there, Value::String(String::new())) {
        Value::Object(_) => "an object".to_owned(),
        Value::Array(_) => "an array".to_owned(),
        plain => plain.to_string(),
    };
    let said = serde_json::from_value::<T>(whole).err()?.to_string();
    said.strip_prefix("unknown variant ``").map(|rest| format!("unknown variant {given}{rest}"))
}

/// The query, every parameter of which must be known.
pub(crate) struct Query<T>(pub(crate) T);

/// The query of a list: what it filters by, and which page.
pub(crate) struct ListQuery<F> {
    pub(crate) filter: F,
    pub(crate) page: PageQuery,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        read_query(pairs(parts)?).map(Self)
    }
}

impl<S: Send + Sync, F: DeserializeOwned> FromRequestParts<S> for ListQuery<F> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let (page, filter) =
            pairs(parts)?.into_iter().partition(|(name, _)| matches!(name.as_str(), "limit" | "cursor"));
        Ok(Self { page: read_query(page)?, filter: read_query(filter)? })
    }
}

/// What a call takes beside a filter.
pub(crate) trait Options {
    /// The names of its parameters, none of which a filter has.
    const NAMES: &[&str];
}

/// A filter, and what a call takes beside it.
pub(crate) struct With<F, O> {
    pub(crate) filter: F,
    pub(crate) options: O,
}

impl<S: Send + Sync, F: DeserializeOwned, O: DeserializeOwned + Options> FromRequestParts<S> for With<F, O> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let (options, filter) =
            pairs(parts)?.into_iter().partition(|(name, _)| O::NAMES.contains(&name.as_str()));
        Ok(Self { options: read_query(options)?, filter: read_query(filter)? })
    }
}

type Pairs = Vec<(String, String)>;

fn pairs(parts: &Parts) -> Result<Pairs, Problem> {
    let pairs: Pairs = serde_urlencoded::from_str(parts.uri.query().unwrap_or_default())
        .map_err(|error| Problem::unreadable(format!("The query cannot be read: {error}.")))?;
    let mut seen = HashMap::new();
    for (name, value) in &pairs {
        if seen.insert(name, value).is_some() {
            return Err(Problem::invalid(vec![FieldError::new(name, "is given more than once")]));
        }
    }
    Ok(pairs)
}

fn read_query<T: DeserializeOwned>(pairs: Pairs) -> Result<T, Problem> {
    let text = serde_urlencoded::to_string(pairs)
        .map_err(|error| Problem::unreadable(format!("The query cannot be read: {error}.")))?;
    let reader = serde_urlencoded::Deserializer::new(form_urlencoded::parse(text.as_bytes()));
    serde_path_to_error::deserialize(reader).map_err(|error| {
        Problem::invalid(vec![field_error(&error.path().to_string(), "query", &error.inner().to_string())])
    })
}

/// A call without a query; any parameter is refused, so that a filter misspelt or misplaced is not ignored.
pub(crate) struct NoQuery;

impl<S: Send + Sync> FromRequestParts<S> for NoQuery {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match pairs(parts)?.first() {
            None => Ok(Self),
            Some((name, _)) => Err(Problem::invalid(vec![FieldError::new(
                name,
                "is not known: this call takes no parameters",
            )])),
        }
    }
}

/// The `{id}` of the path. What is no id names nothing, so it is not found.
pub(crate) struct Id<T>(pub(crate) T);

impl<S, T> FromRequestParts<S> for Id<T>
where
    S: Send + Sync,
    T: FromStr,
    T::Err: std::fmt::Display,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parameter(parts, "id").await.map(Self)
    }
}

/// The `{name}` of the path, whatever it is.
pub(crate) struct Named(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        segment(parts, "name").await.map(Self)
    }
}

/// The `{id}` and the `{n}` of an attempt's path.
pub(crate) struct AttemptPath {
    pub(crate) delivery: hookbench_model::DeliveryId,
    pub(crate) number: u32,
}

impl<S: Send + Sync> FromRequestParts<S> for AttemptPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let delivery = parameter(parts, "id").await?;
        let number = segment(parts, "n").await?;
        let number = number.parse().map_err(|_| {
            Problem::not_found(format!("There is nothing here: `{number}` is not the number of an attempt."))
        })?;
        Ok(Self { delivery, number })
    }
}

/// The `{id}` and the `{n}` of a relay's path.
pub(crate) struct RelayPath {
    pub(crate) request: hookbench_model::RequestId,
    pub(crate) number: u32,
}

impl<S: Send + Sync> FromRequestParts<S> for RelayPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let request = parameter(parts, "id").await?;
        let number = segment(parts, "n").await?;
        let number = number.parse().map_err(|_| {
            Problem::not_found(format!("There is nothing here: `{number}` is not the number of a relay."))
        })?;
        Ok(Self { request, number })
    }
}

/// The `{id}`, the `{n}` and the `{tool}` of the path of an attempt's copy.
pub(crate) struct AttemptCopyPath {
    pub(crate) attempt: AttemptPath,
    pub(crate) tool: String,
}

impl<S: Send + Sync> FromRequestParts<S> for AttemptCopyPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let attempt = AttemptPath::from_request_parts(parts, state).await?;
        Ok(Self { attempt, tool: segment(parts, "tool").await? })
    }
}

/// The `{id}` and the `{language}` of a receiver's path.
pub(crate) struct SnippetPath {
    pub(crate) scheme: String,
    pub(crate) language: String,
}

impl<S: Send + Sync> FromRequestParts<S> for SnippetPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self { scheme: segment(parts, "id").await?, language: segment(parts, "language").await? })
    }
}

/// The `{id}` and the `{tool}` of a copy's path.
pub(crate) struct CopyPath {
    pub(crate) id: hookbench_model::RequestId,
    pub(crate) tool: String,
}

impl<S: Send + Sync> FromRequestParts<S> for CopyPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self { id: parameter(parts, "id").await?, tool: segment(parts, "tool").await? })
    }
}

async fn parameter<T>(parts: &mut Parts, wanted: &str) -> Result<T, Problem>
where
    T: FromStr,
    T::Err: std::fmt::Display,
{
    let text = segment(parts, wanted).await?;
    text.parse().map_err(|error| Problem::not_found(format!("There is nothing here: {error}.")))
}

async fn segment(parts: &mut Parts, wanted: &str) -> Result<String, Problem> {
    let parameters = parts
        .extract::<RawPathParams>()
        .await
        .map_err(|_| Problem::unreadable("The address is not UTF-8 once its percent signs are decoded."))?;
    Ok(parameters.iter().find(|(name, _)| *name == wanted).map_or("", |(_, value)| value).to_owned())
}
