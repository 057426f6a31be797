use axum::Json as Answer;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use hookbench_model::{EndpointId, InboxId};
use http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::extract::{Id, Json, Named, NoQuery, OptionalJson};
use crate::idempotency::Secretive;
use crate::problem::Problem;
use crate::wire::{InboxWithSecret, Page, Reveal, RotateInboxSecret, SecretInfo, SecretInput};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_endpoint_secrets, add_endpoint_secret))
        .routes(routes!(remove_endpoint_secret))
        .routes(routes!(list_reveals))
        .routes(routes!(list_inbox_secrets, add_inbox_secret))
        .routes(routes!(remove_inbox_secret))
        .routes(routes!(rotate_inbox_secret))
}

/// The secrets of an endpoint that hold, the one that signs first first; without the secrets themselves.
#[utoipa::path(get, path = "/v1/webhook-endpoints/{id}/secrets", tag = "endpoints",
    params(("id" = String, Path, description = "`ep_…`")),
    responses((status = 200, description = "All on one page.", body = Page<SecretInfo>)))]
async fn list_endpoint_secrets(
    State(api): State<Api>,
    Id(id): Id<EndpointId>,
    _: NoQuery,
) -> Result<Answer<Page<SecretInfo>>, Problem> {
    let secrets = api.workbench.endpoint_secrets(id).await?;
    Ok(Answer(Page::whole(secrets.into_iter().map(Into::into).collect())))
}

/// Add a secret to an endpoint: it signs beside the others where the scheme has a form for several.
#[utoipa::path(post, path = "/v1/webhook-endpoints/{id}/secrets", tag = "endpoints",
    request_body = SecretInput, params(("id" = String, Path, description = "`ep_…`")),
    responses((status = 201, description = "The secrets that hold now.", body = Page<SecretInfo>)))]
async fn add_endpoint_secret(
    State(api): State<Api>,
    Id(id): Id<EndpointId>,
    _: NoQuery,
    Json(input): Json<SecretInput>,
) -> Result<(StatusCode, Answer<Page<SecretInfo>>), Problem> {
    let secrets = api.workbench.add_endpoint_secret(id, input.into()).await?;
    Ok((StatusCode::CREATED, Answer(Page::whole(secrets.into_iter().map(Into::into).collect()))))
}

/// End one of an endpoint's secrets at once. The only one cannot be ended.
#[utoipa::path(delete, path = "/v1/webhook-endpoints/{id}/secrets/{name}", tag = "endpoints",
    params(("id" = String, Path, description = "`ep_…`"), ("name" = String, Path, description = "The secret's id")),
    responses((status = 204, description = "It holds no more.")))]
async fn remove_endpoint_secret(
    State(api): State<Api>,
    Id(id): Id<EndpointId>,
    Named(name): Named,
    _: NoQuery,
) -> Result<StatusCode, Problem> {
    api.workbench.remove_endpoint_secret(id, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// When an endpoint's secret, or the credentials among its headers, were revealed: newest first, the newest 100 of
/// each.
#[utoipa::path(get, path = "/v1/webhook-endpoints/{id}/reveals", tag = "endpoints",
    params(("id" = String, Path, description = "`ep_…`")),
    responses((status = 200, description = "All on one page.", body = Page<Reveal>)))]
async fn list_reveals(
    State(api): State<Api>,
    Id(id): Id<EndpointId>,
    _: NoQuery,
) -> Result<Answer<Page<Reveal>>, Problem> {
    let looks = api.workbench.reveals(id).await?;
    Ok(Answer(Page::whole(looks.into_iter().map(Into::into).collect())))
}

/// The secrets by which an inbox verifies, newest first; without the secrets themselves.
#[utoipa::path(get, path = "/v1/inboxes/{id}/secrets", tag = "inboxes",
    params(("id" = String, Path, description = "`inb_…`")),
    responses((status = 200, description = "All on one page.", body = Page<SecretInfo>)))]
async fn list_inbox_secrets(
    State(api): State<Api>,
    Id(id): Id<InboxId>,
    _: NoQuery,
) -> Result<Answer<Page<SecretInfo>>, Problem> {
    let secrets = api.workbench.inbox_secrets(id).await?;
    Ok(Answer(Page::whole(secrets.into_iter().map(Into::into).collect())))
}

/// Add a secret by which an inbox verifies beside the others.
#[utoipa::path(post, path = "/v1/inboxes/{id}/secrets", tag = "inboxes",
    request_body = SecretInput, params(("id" = String, Path, description = "`inb_…`")),
    responses((status = 201, description = "The secrets that hold now.", body = Page<SecretInfo>)))]
async fn add_inbox_secret(
    State(api): State<Api>,
    Id(id): Id<InboxId>,
    _: NoQuery,
    Json(input): Json<SecretInput>,
) -> Result<(StatusCode, Answer<Page<SecretInfo>>), Problem> {
    let secrets = api.workbench.add_inbox_secret(id, input.into()).await?;
    Ok((StatusCode::CREATED, Answer(Page::whole(secrets.into_iter().map(Into::into).collect()))))
}

/// End one of an inbox's secrets at once.
#[utoipa::path(delete, path = "/v1/inboxes/{id}/secrets/{name}", tag = "inboxes",
    params(("id" = String, Path, description = "`inb_…`"), ("name" = String, Path, description = "The secret's id")),
    responses((status = 204, description = "It verifies no more.")))]
async fn remove_inbox_secret(
    State(api): State<Api>,
    Id(id): Id<InboxId>,
    Named(name): Named,
    _: NoQuery,
) -> Result<StatusCode, Problem> {
    api.workbench.remove_inbox_secret(id, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Replace an inbox's secret; the old one verifies beside the new one for `overlap_ms`.
#[utoipa::path(post, path = "/v1/inboxes/{id}/rotate-secret", tag = "inboxes",
    request_body = RotateInboxSecret, params(("id" = String, Path, description = "`inb_…`")),
    responses((status = 200, description = "The inbox with its new secret, which is not shown again.",
        body = InboxWithSecret)))]
async fn rotate_inbox_secret(
    State(api): State<Api>,
    Id(id): Id<InboxId>,
    _: NoQuery,
    OptionalJson(input): OptionalJson<RotateInboxSecret>,
) -> Result<Response, Problem> {
    let secret = input.secret.map(Into::into);
    let rotated = api.workbench.rotate_inbox_secret(id, input.overlap_ms, secret).await?;
    Ok(Secretive((StatusCode::OK, Answer(InboxWithSecret::from(rotated)))).into_response())
}
