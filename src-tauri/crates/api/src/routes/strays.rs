use axum::Json as Answer;
use axum::extract::{Path, State};
use http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::extract::NoQuery;
use crate::problem::Problem;
use crate::raw::Raw;
use crate::wire::{Page, Stray};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_strays, clear_strays)).routes(routes!(get_stray_raw))
}

/// The newest requests that reached no inbox: with a path that is no inbox's, or no HTTP at all. Those that begin with
/// the same line are one entry. They are in memory, the newest 200, and gone when the program ends: none of them was
/// answered with success.
#[utoipa::path(get, path = "/v1/strays", tag = "requests",
    responses((status = 200, description = "All on one page.", body = Page<Stray>)))]
async fn list_strays(State(api): State<Api>, _: NoQuery) -> Answer<Page<Stray>> {
    let all = api.workbench.strays().await;
    Answer(Page::whole(all.into_iter().map(Into::into).collect()))
}

/// Forget the requests that reached no inbox.
#[utoipa::path(delete, path = "/v1/strays", tag = "requests",
    responses((status = 204, description = "Forgotten.")))]
async fn clear_strays(State(api): State<Api>, _: NoQuery) -> StatusCode {
    api.workbench.clear_strays().await;
    StatusCode::NO_CONTENT
}

/// The beginning of a request that reached no inbox, as it stood on the wire. What in it is a secret of an inbox, or is
/// named like a credential, is left out.
#[utoipa::path(get, path = "/v1/strays/{number}/raw", tag = "requests",
    params(("number" = u64, Path, description = "Its number in the list.")),
    responses((status = 200, description = "The bytes, 4 KiB at most.",
        content_type = "application/octet-stream", body = Vec<u8>)))]
async fn get_stray_raw(
    State(api): State<Api>,
    Path(number): Path<String>,
    _: NoQuery,
) -> Result<Raw, Problem> {
    let stray = api.workbench.stray(&number).await?;
    Ok(Raw { body: stray.raw, content_type: None, name: format!("stray-{}", stray.number) })
}
