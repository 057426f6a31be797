use axum::Json as Answer;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use hookbench_model::ReplayId;
use http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::NoFilter;
use crate::Api;
use crate::extract::{Id, Json, ListQuery, NoQuery, OptionalJson};
use crate::problem::Problem;
use crate::wire::{Nothing, Page, PageQuery, Replay, ReplayInput, ReplayPreview};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_replays, create_replay))
        .routes(routes!(get_replay))
        .routes(routes!(pause_replay))
        .routes(routes!(resume_replay))
        .routes(routes!(cancel_replay))
}

/// List replays, newest first.
#[utoipa::path(get, path = "/v1/replays", tag = "replays", params(PageQuery),
    responses((status = 200, description = "A page.", body = Page<Replay>)))]
async fn list_replays(
    State(api): State<Api>,
    ListQuery { page, .. }: ListQuery<NoFilter>,
) -> Result<Answer<Page<Replay>>, Problem> {
    let page = api.workbench.replays(page.request()?).await?;
    Ok(Answer(Page::of(page, Into::into)))
}

/// Resend deliveries or captured requests, one or many; with `dry_run` only say what would go where.
#[utoipa::path(post, path = "/v1/replays", tag = "replays", request_body = ReplayInput,
    responses(
        (status = 200, description = "A dry run: what would go where.", body = ReplayPreview),
        (status = 202, description = "On disk, and under way.", body = Replay)))]
async fn create_replay(
    State(api): State<Api>,
    _: NoQuery,
    Json(input): Json<ReplayInput>,
) -> Result<Response, Problem> {
    let dry_run = input.dry_run;
    let draft = input.draft(&api.workbench).await?;
    if dry_run {
        let plan = api.workbench.preview_replay(draft).await?;
        return Ok(Answer(ReplayPreview::from(plan)).into_response());
    }
    let replay = api.workbench.create_replay(draft).await?;
    Ok((StatusCode::ACCEPTED, Answer(Replay::from(replay))).into_response())
}

/// One replay, and how far it is.
#[utoipa::path(get, path = "/v1/replays/{id}", tag = "replays",
    params(("id" = String, Path, description = "`rpl_…`")),
    responses((status = 200, description = "The replay.", body = Replay)))]
async fn get_replay(
    State(api): State<Api>,
    Id(id): Id<ReplayId>,
    _: NoQuery,
) -> Result<Answer<Replay>, Problem> {
    Ok(Answer(api.workbench.replay(id).await?.into()))
}

/// Hold a replay.
#[utoipa::path(post, path = "/v1/replays/{id}/pause", tag = "replays",
    params(("id" = String, Path, description = "`rpl_…`")),
    responses((status = 200, description = "The replay as it is now.", body = Replay)))]
async fn pause_replay(
    State(api): State<Api>,
    Id(id): Id<ReplayId>,
    _: NoQuery,
    _: OptionalJson<Nothing>,
) -> Result<Answer<Replay>, Problem> {
    Ok(Answer(api.workbench.pause_replay(id).await?.into()))
}

/// Let a held replay go on.
#[utoipa::path(post, path = "/v1/replays/{id}/resume", tag = "replays",
    params(("id" = String, Path, description = "`rpl_…`")),
    responses((status = 200, description = "The replay as it is now.", body = Replay)))]
async fn resume_replay(
    State(api): State<Api>,
    Id(id): Id<ReplayId>,
    _: NoQuery,
    _: OptionalJson<Nothing>,
) -> Result<Answer<Replay>, Problem> {
    Ok(Answer(api.workbench.resume_replay(id).await?.into()))
}

/// Stop a replay for good. The deliveries it has made go on.
#[utoipa::path(post, path = "/v1/replays/{id}/cancel", tag = "replays",
    params(("id" = String, Path, description = "`rpl_…`")),
    responses((status = 200, description = "The replay as it is now.", body = Replay)))]
async fn cancel_replay(
    State(api): State<Api>,
    Id(id): Id<ReplayId>,
    _: NoQuery,
    _: OptionalJson<Nothing>,
) -> Result<Answer<Replay>, Problem> {
    Ok(Answer(api.workbench.cancel_replay(id).await?.into()))
}
