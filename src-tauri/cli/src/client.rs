//! The one way in which commands speak to a workspace: the `/v1` contract, over TCP to the running
//! one, or in-process to one that the command opens itself.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use hookbench_workbench::{KeySource, OpenOptions, Options, Workbench};
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::error::{CliError, FaultPlace};
use crate::file_body::FileBody;
use crate::place::Place;

/// What stands in a query value as it is.
const QUERY_VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// An open way to a workspace.
pub(crate) struct Client {
    door: Door,
}

enum Door {
    /// A workspace that another process runs.
    Running(Place),
    /// A workspace that this command has opened.
    Own { router: Router, workbench: Workbench },
}

impl Client {
    /// The running workspace of this data folder, or else the folder itself, capturing at `capture`.
    pub(crate) async fn open(
        data_dir: PathBuf,
        capture: SocketAddr,
        keys: KeySource,
    ) -> Result<Self, CliError> {
        if let Some(place) = Place::find(&data_dir).await {
            return Ok(Self { door: Door::Running(place) });
        }
        let store = OpenOptions { key: keys, ..OpenOptions::default() };
        let options = Options { data_dir: Some(data_dir.clone()), capture, store, ..Options::default() };
        let opened = Workbench::open(options).await;
        let workbench = opened.map_err(|source| CliError::open(data_dir, source))?;
        let router = hookbench_api::router(workbench.clone(), hookbench_api::Door::InProcess);
        Ok(Self { door: Door::Own { router, workbench } })
    }

    /// The workspace's engine where this command runs it itself.
    pub(crate) fn own(&self) -> Option<&Workbench> {
        match &self.door {
            Door::Running(_) => None,
            Door::Own { workbench, .. } => Some(workbench),
        }
    }

    /// Ends what this command has opened; a workspace of another process runs on.
    pub(crate) async fn close(self) {
        if let Door::Own { workbench, .. } = self.door {
            workbench.shutdown().await;
        }
    }

    /// The time by the workspace's clock.
    pub(crate) async fn now(&self) -> Option<chrono::DateTime<chrono::Utc>> {
        let health = self.get("/v1/health").await.ok()?;
        let now = chrono::DateTime::parse_from_rfc3339(health.get("now")?.as_str()?).ok()?;
        Some(now.with_timezone(&chrono::Utc))
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value, CliError> {
        self.json(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value, CliError> {
        self.json(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Result<Value, CliError> {
        self.json(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Result<Value, CliError> {
        self.json(Method::PATCH, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Result<Value, CliError> {
        self.json(Method::DELETE, path, None).await
    }

    /// The bytes of a raw resource.
    pub(crate) async fn raw(&self, path: &str) -> Result<Bytes, CliError> {
        let response = self.call(Method::GET, path, None).await?;
        let (status, bytes) = whole(response).await?;
        if status.is_success() { Ok(bytes) } else { Err(refusal(status, &bytes)) }
    }

    /// A response whose body goes on: the change feed.
    pub(crate) async fn stream(&self, path: &str) -> Result<Body, CliError> {
        let response = self.call(Method::GET, path, None).await?;
        if response.status().is_success() {
            return Ok(response.into_body());
        }
        let (status, bytes) = whole(response).await?;
        Err(refusal(status, &bytes))
    }

    /// Every row of a list that comes on one page.
    pub(crate) async fn whole(&self, path: &str) -> Result<Vec<Value>, CliError> {
        match self.get(path).await?.get_mut("data").map(Value::take) {
            Some(Value::Array(rows)) => Ok(rows),
            _ => Err(CliError::Unexpected(format!("a list without `data` from {path}"))),
        }
    }

    /// Every row of a list up to `limit`, newest first, over as many pages as it takes.
    pub(crate) async fn rows(&self, path: &str, query: &Query, limit: usize) -> Result<Vec<Value>, CliError> {
        let mut rows = Vec::new();
        let mut cursor = None::<String>;
        loop {
            let left = limit - rows.len();
            let mut page_query = query.clone();
            page_query.push("limit", Some(left.min(500).to_string()));
            page_query.push("cursor", cursor.take());
            let mut page = self.get(&page_query.on(path)).await?;
            let Some(Value::Array(data)) = page.get_mut("data").map(Value::take) else {
                return Err(CliError::Unexpected(format!("a list without `data` from {path}")));
            };
            rows.extend(data);
            cursor = page.get("next_cursor").and_then(Value::as_str).map(str::to_owned);
            if rows.len() >= limit || cursor.is_none() {
                rows.truncate(limit);
                return Ok(rows);
            }
        }
    }

    /// Sends a file as it is read; the answer is JSON.
    pub(crate) async fn post_file(&self, path: &str, file: FileBody) -> Result<Value, CliError> {
        let request = Request::builder().method(Method::POST).uri(path);
        let request = request.header(header::CONTENT_TYPE, "application/octet-stream");
        answered(path, self.send(request, Body::new(file)).await?).await
    }

    async fn json(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, CliError> {
        answered(path, self.call(method, path, body).await?).await
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Response<Body>, CliError> {
        let mut request = Request::builder().method(method).uri(path);
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |value| Body::from(value.to_string()));
        self.send(request, body).await
    }

    async fn send(&self, request: http::request::Builder, body: Body) -> Result<Response<Body>, CliError> {
        let request = build(request, body)?;
        match &self.door {
            Door::Own { router, .. } => match router.clone().oneshot(request).await {
                Ok(response) => Ok(response),
                Err(never) => match never {},
            },
            Door::Running(place) => place.call(request).await,
        }
    }
}

/// The JSON of an answer, or why it was refused.
async fn answered(path: &str, response: Response<Body>) -> Result<Value, CliError> {
    let (status, bytes) = whole(response).await?;
    if !status.is_success() {
        return Err(refusal(status, &bytes));
    }
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&bytes).map_err(|error| CliError::Unexpected(format!("{path}: {error}")))
}

fn build(request: http::request::Builder, body: Body) -> Result<Request<Body>, CliError> {
    request.body(body).map_err(|error| CliError::Usage(format!("this cannot be asked for: {error}")))
}

async fn whole(response: Response<Body>) -> Result<(StatusCode, Bytes), CliError> {
    let status = response.status();
    let body = response.into_body().collect().await.map_err(CliError::Router)?;
    Ok((status, body.to_bytes()))
}

/// The problem document's words, with the message for each field where they do not say it themselves.
fn refusal(status: StatusCode, body: &[u8]) -> CliError {
    let problem: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |key: &str| problem.get(key).and_then(Value::as_str);
    let mut detail = text("detail")
        .or(text("title"))
        .map_or_else(|| format!("the workspace answered {status}"), str::to_owned);
    for error in problem.get("errors").and_then(Value::as_array).into_iter().flatten() {
        let part = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default();
        if !detail.contains(part("message")) {
            detail.extend(["\n  ", part("field"), ": ", part("message")]);
        }
    }
    CliError::Refused { status: status.as_u16(), detail: in_commands(&detail), places: places(&problem) }
}

/// Where in which field something is wrong.
fn places(problem: &Value) -> Vec<FaultPlace> {
    let errors = problem.get("errors").and_then(Value::as_array).into_iter().flatten();
    let place = |error: &Value| {
        let end = |key: &str| error.get("at")?.get(key)?.as_u64().and_then(|at| usize::try_from(at).ok());
        Some(FaultPlace {
            field: error.get("field")?.as_str()?.to_owned(),
            start: end("start")?,
            end: end("end")?,
        })
    };
    errors.filter_map(place).collect()
}

/// The resources that a refusal points to, as the commands that show them.
fn in_commands(detail: &str) -> String {
    detail.replace("GET /v1/schemes lists", "`hookbench schemes list` lists")
}

/// A query string in the making.
#[derive(Clone, Default)]
pub(crate) struct Query(Vec<(&'static str, String)>);

impl Query {
    pub(crate) fn push(&mut self, name: &'static str, value: Option<impl Into<String>>) {
        if let Some(value) = value {
            self.0.push((name, value.into()));
        }
    }

    pub(crate) fn on(&self, path: &str) -> String {
        let mut text = path.to_owned();
        for (index, (name, value)) in self.0.iter().enumerate() {
            text.push(if index == 0 { '?' } else { '&' });
            text.push_str(name);
            text.push('=');
            text.extend(utf8_percent_encode(value, QUERY_VALUE));
        }
        text
    }
}

/// A path segment that came from outside.
pub(crate) fn segment(text: &str) -> String {
    utf8_percent_encode(text, QUERY_VALUE).to_string()
}

/// A file's bytes; `-` is standard input.
pub(crate) fn read_input(path: &Path) -> Result<Vec<u8>, CliError> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes)?;
        return Ok(bytes);
    }
    std::fs::read(path).map_err(|source| CliError::File { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_quoted_and_leaves_out_what_was_not_given() {
        let mut query = Query::default();
        query.push("q", Some("a b&c=é"));
        query.push("status", None::<String>);
        query.push("limit", Some("5"));
        assert_eq!(query.on("/v1/deliveries"), "/v1/deliveries?q=a%20b%26c%3D%C3%A9&limit=5");
        assert_eq!(segment("../x"), "..%2Fx");
    }

    #[test]
    fn a_refusal_names_each_field() {
        let body = br#"{"title":"Invalid","detail":"2 fields are wrong","errors":[{"field":"url","message":"must be http"}]}"#;
        let error = refusal(StatusCode::UNPROCESSABLE_ENTITY, body);
        assert_eq!(error.to_string(), "2 fields are wrong\n  url: must be http");
        assert_eq!(error.exit_code(), 2);
    }

    #[test]
    fn a_refusal_points_to_commands() {
        let body = br#"{"detail":"scheme: `nope` is no scheme: GET /v1/schemes lists them."}"#;
        let said = refusal(StatusCode::UNPROCESSABLE_ENTITY, body).to_string();
        assert_eq!(said, "scheme: `nope` is no scheme: `hookbench schemes list` lists them.");
    }

    #[test]
    fn a_refusal_says_nothing_twice() {
        let body = br#"{"detail":"url: must be http.","errors":[{"field":"url","message":"must be http"}]}"#;
        assert_eq!(refusal(StatusCode::UNPROCESSABLE_ENTITY, body).to_string(), "url: must be http.");
    }
}
