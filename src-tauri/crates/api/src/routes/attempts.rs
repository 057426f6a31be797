use axum::Json as Answer;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::extract::{AttemptPath, NoQuery};
use crate::problem::Problem;
use crate::raw::Raw;
use crate::wire::Attempt;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(get_attempt))
        .routes(routes!(get_request_body))
        .routes(routes!(get_response_body))
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

/// The body of an attempt's request as it was sent, to the byte.
#[utoipa::path(get, path = "/v1/deliveries/{id}/attempts/{n}/request", tag = "deliveries",
    params(("id" = String, Path, description = "`dlv_…`"), ("n" = u32, Path, description = "From 1.")),
    responses((status = 200, description = "The bytes, with the content type they were sent with.",
        content_type = "application/octet-stream", body = Vec<u8>)))]
async fn get_request_body(
    State(api): State<Api>,
    AttemptPath { delivery, number }: AttemptPath,
    _: NoQuery,
) -> Result<Raw, Problem> {
    let (body, content_type) = api.workbench.attempt_request_body(delivery, number).await?;
    Ok(Raw { body, content_type, name: format!("{delivery}-{number}-request") })
}

/// The body of an attempt's response as it was received, to the byte, up to the cap.
#[utoipa::path(get, path = "/v1/deliveries/{id}/attempts/{n}/response", tag = "deliveries",
    params(("id" = String, Path, description = "`dlv_…`"), ("n" = u32, Path, description = "From 1.")),
    responses((status = 200, description = "The bytes, with the content type they came with.",
        content_type = "application/octet-stream", body = Vec<u8>)))]
async fn get_response_body(
    State(api): State<Api>,
    AttemptPath { delivery, number }: AttemptPath,
    _: NoQuery,
) -> Result<Raw, Problem> {
    let (body, content_type) = api.workbench.attempt_response_body(delivery, number).await?;
    Ok(Raw { body, content_type, name: format!("{delivery}-{number}-response") })
}
