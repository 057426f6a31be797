use axum::Json as Answer;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use hookbench_model::RequestId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::extract::{Id, NoQuery, Query, RelayPath};
use crate::problem::Problem;
use crate::raw::Raw;
use crate::wire::{BodyQuery, Page, RequestRelay};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_relays)).routes(routes!(get_relay_response))
}

/// Where a captured request was passed on to, and what came of it, in the order of the targets. The change feed tells of
/// the request when one of them changes, and of its delivery once it has become one.
#[utoipa::path(get, path = "/v1/requests/{id}/relays", tag = "requests",
    params(("id" = String, Path, description = "`req_…`")),
    responses((status = 200, description = "All on one page; empty where it was passed on to nobody.",
        body = Page<RequestRelay>)))]
async fn list_relays(
    State(api): State<Api>,
    Id(id): Id<RequestId>,
    _: NoQuery,
) -> Result<Answer<Page<RequestRelay>>, Problem> {
    let relays = api.workbench.request_relays(id).await?;
    Ok(Answer(Page::whole(relays.into_iter().map(Into::into).collect())))
}

/// The body that a target answered, to the byte, up to the cap; of a delivery what its newest attempt got. Or what it says
/// once its content codings are undone.
#[utoipa::path(get, path = "/v1/requests/{id}/relays/{n}/response", tag = "requests",
    params(("id" = String, Path, description = "`req_…`"), ("n" = u32, Path, description = "From 1."), BodyQuery),
    responses((status = 200, description = "The bytes, with the content type they came with.",
        content_type = "application/octet-stream", body = Vec<u8>)))]
async fn get_relay_response(
    State(api): State<Api>,
    RelayPath { request, number }: RelayPath,
    Query(query): Query<BodyQuery>,
) -> Result<Response, Problem> {
    let name = format!("{request}-relay-{number}-response");
    if query.decoded.unwrap_or_default() {
        let limit = query.limit.unwrap_or(usize::MAX);
        let (found, content_type) = api.workbench.unpacked_relay_response(request, number, limit).await?;
        return Ok(Raw::unpacked(found, content_type, name));
    }
    let (body, content_type) = api.workbench.relay_response_body(request, number).await?;
    Ok(Raw { body, content_type, name }.into_response())
}
