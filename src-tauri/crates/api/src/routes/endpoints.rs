use axum::Json as Answer;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use hookbench_model::EndpointId;
use http::{Method, StatusCode};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::NoFilter;
use crate::Api;
use crate::extract::{Id, Json, ListQuery, NoQuery, OptionalJson, Query};
use crate::idempotency::Secretive;
use crate::problem::Problem;
use crate::wire::{
    EditedEndpoint, Endpoint, EndpointEdit, EndpointHealth, EndpointInput, EndpointWithSecret, EventAccepted,
    Page, PageQuery, RevealQuery, Revealed, RevealedSecret, RotateSecret, SendTest,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_endpoints, create_endpoint))
        .routes(routes!(get_endpoint, edit_endpoint, delete_endpoint))
        .routes(routes!(get_endpoint_health))
        .routes(routes!(rotate_secret))
        .routes(routes!(test_endpoint))
        .routes(routes!(reveal_secret))
}

/// List endpoints, newest first.
#[utoipa::path(get, path = "/v1/webhook-endpoints", tag = "endpoints", params(PageQuery),
    responses((status = 200, description = "A page.", body = Page<Endpoint>)))]
async fn list_endpoints(
    State(api): State<Api>,
    ListQuery { page, .. }: ListQuery<NoFilter>,
) -> Result<Answer<Page<Endpoint>>, Problem> {
    let page = api.workbench.endpoints(page.request()?).await?;
    Ok(Answer(Page::of(page, |endpoint| api.workbench.seen(endpoint).into())))
}

/// Make an endpoint. The answer holds its secret; afterwards only the reveal does.
#[utoipa::path(post, path = "/v1/webhook-endpoints", tag = "endpoints", request_body = EndpointInput,
    responses((status = 201, description = "Made.", body = EndpointWithSecret)))]
async fn create_endpoint(
    State(api): State<Api>,
    _: NoQuery,
    Json(input): Json<EndpointInput>,
) -> Result<Response, Problem> {
    let endpoint = api.workbench.create_endpoint(input.into()).await?;
    Ok(Secretive((StatusCode::CREATED, Answer(EndpointWithSecret::from(api.workbench.seen(endpoint)))))
        .into_response())
}

/// One endpoint. The credentials among its own headers are shown where that is asked for.
#[utoipa::path(get, path = "/v1/webhook-endpoints/{id}", tag = "endpoints",
    params(("id" = String, Path, description = "`ep_…`"), RevealQuery),
    responses((status = 200, description = "The endpoint.", body = Endpoint)))]
async fn get_endpoint(
    State(api): State<Api>,
    Id(id): Id<EndpointId>,
    method: Method,
    Query(query): Query<RevealQuery>,
) -> Result<Answer<Endpoint>, Problem> {
    Ok(Answer(match query.reveal_to(&method) {
        Some(Revealed::Secrets) => {
            Endpoint::revealed(api.workbench.seen(api.workbench.revealed_endpoint(id).await?))
        }
        None => api.workbench.seen(api.workbench.endpoint(id).await?).into(),
    }))
}

/// Change an endpoint. What is left out stays; null takes away.
#[utoipa::path(patch, path = "/v1/webhook-endpoints/{id}", tag = "endpoints", request_body = EndpointEdit,
    params(("id" = String, Path, description = "`ep_…`")),
    responses((status = 200, description = "The endpoint as it is now.", body = EditedEndpoint)))]
async fn edit_endpoint(
    State(api): State<Api>,
    Id(id): Id<EndpointId>,
    _: NoQuery,
    Json(edit): Json<EndpointEdit>,
) -> Result<Answer<EditedEndpoint>, Problem> {
    let edited = api.workbench.edit_endpoint(id, edit.into()).await?;
    Ok(Answer(EditedEndpoint::new(api.workbench.seen(edited.endpoint), edited.resumed)))
}

/// How an endpoint does: its failures, its breaker, what waits for it, and how near it is to being disabled.
#[utoipa::path(get, path = "/v1/webhook-endpoints/{id}/health", tag = "endpoints",
    params(("id" = String, Path, description = "`ep_…`")),
    responses((status = 200, description = "Its health.", body = EndpointHealth)))]
async fn get_endpoint_health(
    State(api): State<Api>,
    Id(id): Id<EndpointId>,
    _: NoQuery,
) -> Result<Answer<EndpointHealth>, Problem> {
    Ok(Answer(api.workbench.endpoint_health(id).await?.into()))
}

/// Delete an endpoint. Its waiting deliveries are cancelled; what was sent stays in the log.
#[utoipa::path(delete, path = "/v1/webhook-endpoints/{id}", tag = "endpoints",
    params(("id" = String, Path, description = "`ep_…`")),
    responses((status = 204, description = "Gone.")))]
async fn delete_endpoint(
    State(api): State<Api>,
    Id(id): Id<EndpointId>,
    _: NoQuery,
) -> Result<StatusCode, Problem> {
    api.workbench.delete_endpoint(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Replace an endpoint's secret; the old one signs beside the new one for `overlap_ms`.
#[utoipa::path(post, path = "/v1/webhook-endpoints/{id}/rotate-secret", tag = "endpoints",
    request_body = RotateSecret, params(("id" = String, Path, description = "`ep_…`")),
    responses((status = 200, description = "The endpoint with its new secret.", body = EndpointWithSecret)))]
async fn rotate_secret(
    State(api): State<Api>,
    Id(id): Id<EndpointId>,
    _: NoQuery,
    OptionalJson(input): OptionalJson<RotateSecret>,
) -> Result<Response, Problem> {
    let endpoint =
        api.workbench.rotate_secret(id, input.overlap_ms, input.secret.map(Into::into), input.scheme).await?;
    Ok(Secretive((StatusCode::OK, Answer(EndpointWithSecret::from(api.workbench.seen(endpoint)))))
        .into_response())
}

/// Send an endpoint a sample of its profile.
#[utoipa::path(post, path = "/v1/webhook-endpoints/{id}/test", tag = "endpoints", request_body = SendTest,
    params(("id" = String, Path, description = "`ep_…`")),
    responses((status = 202, description = "On disk, and about to be sent.", body = EventAccepted)))]
async fn test_endpoint(
    State(api): State<Api>,
    Id(id): Id<EndpointId>,
    _: NoQuery,
    OptionalJson(input): OptionalJson<SendTest>,
) -> Result<(StatusCode, Answer<EventAccepted>), Problem> {
    let accepted = api.workbench.test_endpoint(id, input.r#type).await?;
    Ok((StatusCode::ACCEPTED, Answer((&accepted).into())))
}

/// Reveal an endpoint's secret. The reveal is logged.
#[utoipa::path(get, path = "/v1/webhook-endpoints/{id}/secret", tag = "endpoints",
    params(("id" = String, Path, description = "`ep_…`")),
    responses((status = 200, description = "The secret.", body = RevealedSecret)))]
async fn reveal_secret(
    State(api): State<Api>,
    Id(id): Id<EndpointId>,
    method: Method,
    _: NoQuery,
) -> Result<Answer<RevealedSecret>, Problem> {
    if method == Method::HEAD {
        // Its answer has no body, so nobody sees the secret.
        api.workbench.endpoint(id).await?;
        return Ok(Answer(RevealedSecret { secret: None }));
    }
    let secret = api.workbench.reveal_secret(id).await?;
    Ok(Answer(RevealedSecret { secret: secret.map(Into::into) }))
}
