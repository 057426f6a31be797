use axum::Json as Answer;
use axum::extract::State;
use hookbench_model::ShapeId;
use http::StatusCode;
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::extract::{Id, ListQuery, NoQuery};
use crate::problem::Problem;
use crate::wire::{Drift, DriftFilter, Page, PageQuery, Shape};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_shapes))
        .routes(routes!(get_shape, forget_shape))
        .routes(routes!(get_shape_schema))
        .routes(routes!(list_drifts))
}

/// What bodies look like, by provider and event type, those that were seen last first. All on one page.
#[utoipa::path(get, path = "/v1/shapes", tag = "shapes",
    responses((status = 200, description = "The shapes, a thousand at most.", body = Page<Shape>)))]
async fn list_shapes(State(api): State<Api>, _: NoQuery) -> Result<Answer<Page<Shape>>, Problem> {
    Ok(Answer(Page::whole(api.workbench.shapes().await?.into_iter().map(Into::into).collect())))
}

/// One shape, with its places.
#[utoipa::path(get, path = "/v1/shapes/{id}", tag = "shapes",
    params(("id" = String, Path, description = "`shp_…`")),
    responses((status = 200, description = "The shape.", body = Shape)))]
async fn get_shape(
    State(api): State<Api>,
    Id(id): Id<ShapeId>,
    _: NoQuery,
) -> Result<Answer<Shape>, Problem> {
    Ok(Answer(api.workbench.shape(id).await?.into()))
}

/// Forget a shape and the drifts from it. What arrives from now on is learnt anew.
#[utoipa::path(delete, path = "/v1/shapes/{id}", tag = "shapes",
    params(("id" = String, Path, description = "`shp_…`")),
    responses((status = 204, description = "Forgotten.")))]
async fn forget_shape(
    State(api): State<Api>,
    Id(id): Id<ShapeId>,
    _: NoQuery,
) -> Result<StatusCode, Problem> {
    api.workbench.forget_shape(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One shape as JSON Schema, draft 2020-12. Every body that it was learnt from fits.
#[utoipa::path(get, path = "/v1/shapes/{id}/schema.json", tag = "shapes",
    params(("id" = String, Path, description = "`shp_…`")),
    responses((status = 200, description = "The schema.", body = Object)))]
async fn get_shape_schema(
    State(api): State<Api>,
    Id(id): Id<ShapeId>,
    _: NoQuery,
) -> Result<Answer<Value>, Problem> {
    Ok(Answer(api.workbench.shape_schema(id).await?))
}

/// Where captured requests differed from what was known before them, newest first.
#[utoipa::path(get, path = "/v1/drifts", tag = "shapes", params(DriftFilter, PageQuery),
    responses((status = 200, description = "A page.", body = Page<Drift>)))]
async fn list_drifts(
    State(api): State<Api>,
    ListQuery { filter, page }: ListQuery<DriftFilter>,
) -> Result<Answer<Page<Drift>>, Problem> {
    let page = api.workbench.drifts(filter.into(), page.request()?).await?;
    Ok(Answer(Page::of(page, Drift::from)))
}
