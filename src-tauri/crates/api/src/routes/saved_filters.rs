use axum::Json as Answer;
use axum::extract::State;
use hookbench_model::SavedFilterId;
use http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::extract::{Id, Json, NoQuery};
use crate::problem::Problem;
use crate::wire::{Page, SavedFilter, SavedFilterEdit, SavedFilterInput};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_saved_filters, save_filter))
        .routes(routes!(edit_saved_filter, delete_saved_filter))
}

/// The filters for captured requests that have names, newest first.
#[utoipa::path(get, path = "/v1/saved-filters", tag = "requests",
    responses((status = 200, description = "All on one page.", body = Page<SavedFilter>)))]
async fn list_saved_filters(
    State(api): State<Api>,
    _: NoQuery,
) -> Result<Answer<Page<SavedFilter>>, Problem> {
    let filters = api.workbench.saved_filters().await?;
    Ok(Answer(Page::whole(filters.into_iter().map(Into::into).collect())))
}

/// Give a filter a name.
#[utoipa::path(post, path = "/v1/saved-filters", tag = "requests", request_body = SavedFilterInput,
    responses((status = 201, description = "The saved filter.", body = SavedFilter)))]
async fn save_filter(
    State(api): State<Api>,
    _: NoQuery,
    Json(input): Json<SavedFilterInput>,
) -> Result<(StatusCode, Answer<SavedFilter>), Problem> {
    let draft = input.draft(api.workbench.now())?;
    Ok((StatusCode::CREATED, Answer(api.workbench.save_filter(draft).await?.into())))
}

/// Change a saved filter.
#[utoipa::path(patch, path = "/v1/saved-filters/{id}", tag = "requests", request_body = SavedFilterEdit,
    params(("id" = String, Path, description = "`svf_…`")),
    responses((status = 200, description = "The saved filter as it is now.", body = SavedFilter)))]
async fn edit_saved_filter(
    State(api): State<Api>,
    Id(id): Id<SavedFilterId>,
    _: NoQuery,
    Json(edit): Json<SavedFilterEdit>,
) -> Result<Answer<SavedFilter>, Problem> {
    let edit = edit.edit(api.workbench.now())?;
    Ok(Answer(api.workbench.edit_saved_filter(id, edit).await?.into()))
}

/// Delete a saved filter.
#[utoipa::path(delete, path = "/v1/saved-filters/{id}", tag = "requests",
    params(("id" = String, Path, description = "`svf_…`")),
    responses((status = 204, description = "Gone.")))]
async fn delete_saved_filter(
    State(api): State<Api>,
    Id(id): Id<SavedFilterId>,
    _: NoQuery,
) -> Result<StatusCode, Problem> {
    api.workbench.delete_saved_filter(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
