use axum::Json as Answer;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::extract::{AttemptCopyPath, AttemptPath, NoQuery, Query};
use crate::problem::Problem;
use crate::raw::Raw;
use crate::wire::{Attempt, BodyQuery};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(get_attempt))
        .routes(routes!(get_request_body))
        .routes(routes!(get_response_body))
        .routes(routes!(copy_attempt))
}

/// One attempt.
#[utoipa::path(get, path = "/v1/deliveries/{id}/attempts/{n}", tag = "deliveries",
    params(("id" = String, Path, description = "`dlv_…`"), ("n" = u32, Path, description = "From 1.")),
    responses((status = 200, description = "The attempt.", body = Attempt)))]
async fn get_attempt(
    State(api): State<Api>,
    AttemptPath { delivery, number }: AttemptPath,
    _: NoQuery,
) -> Result<Answer<Attempt>, Problem> {
    Ok(Answer(api.workbench.attempt(delivery, number).await?.into()))
}

/// The body of an attempt's request as it was sent, to the byte; or what it says once its content codings are undone.
#[utoipa::path(get, path = "/v1/deliveries/{id}/attempts/{n}/request", tag = "deliveries",
    params(("id" = String, Path, description = "`dlv_…`"), ("n" = u32, Path, description = "From 1."), BodyQuery),
    responses((status = 200, description = "The bytes, with the content type they were sent with.",
        content_type = "application/octet-stream", body = Vec<u8>)))]
async fn get_request_body(
    State(api): State<Api>,
    AttemptPath { delivery, number }: AttemptPath,
    Query(query): Query<BodyQuery>,
) -> Result<Response, Problem> {
    let name = format!("{delivery}-{number}-request");
    if query.decoded.unwrap_or_default() {
        let limit = query.limit.unwrap_or(usize::MAX);
        let (found, content_type) = api.workbench.unpacked_attempt_request(delivery, number, limit).await?;
        return Ok(Raw::unpacked(found, content_type, name));
    }
    let (body, content_type) = api.workbench.attempt_request_body(delivery, number).await?;
    Ok(Raw { body, content_type, name }.into_response())
}

/// The body of an attempt's response as it was received, to the byte, up to the cap; or what it says once its content
/// codings are undone.
#[utoipa::path(get, path = "/v1/deliveries/{id}/attempts/{n}/response", tag = "deliveries",
    params(("id" = String, Path, description = "`dlv_…`"), ("n" = u32, Path, description = "From 1."), BodyQuery),
    responses((status = 200, description = "The bytes, with the content type they came with.",
        content_type = "application/octet-stream", body = Vec<u8>)))]
async fn get_response_body(
    State(api): State<Api>,
    AttemptPath { delivery, number }: AttemptPath,
    Query(query): Query<BodyQuery>,
) -> Result<Response, Problem> {
    let name = format!("{delivery}-{number}-response");
    if query.decoded.unwrap_or_default() {
        let limit = query.limit.unwrap_or(usize::MAX);
        let (found, content_type) = api.workbench.unpacked_attempt_response(delivery, number, limit).await?;
        return Ok(Raw::unpacked(found, content_type, name));
    }
    let (body, content_type) = api.workbench.attempt_response_body(delivery, number).await?;
    Ok(Raw { body, content_type, name }.into_response())
}

/// The code that sends again what an attempt sent, to where it was sent: `curl`, `httpie`, `fetch`, `python`, `go`,
/// `rust`, `php`, or `test`, `test-node`, `test-sh`: a script that sends it to a handler and checks the answer. A secret
/// that is left out of the record is left out of it.
#[utoipa::path(get, path = "/v1/deliveries/{id}/attempts/{n}/as/{tool}", tag = "deliveries",
    params(("id" = String, Path, description = "`dlv_…`"), ("n" = u32, Path, description = "From 1."),
        ("tool" = String, Path, description = "`curl`, `httpie`, `fetch`, `python`, `go`, `rust`, `php`, `test`, `test-node`, `test-sh`")),
    responses((status = 200, description = "The code.", content_type = "text/plain", body = String)))]
async fn copy_attempt(
    State(api): State<Api>,
    AttemptCopyPath { attempt: AttemptPath { delivery, number }, tool }: AttemptCopyPath,
    _: NoQuery,
) -> Result<Response, Problem> {
    let code = api.workbench.copy_attempt(delivery, number, &tool).await?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))], code)
        .into_response())
}
