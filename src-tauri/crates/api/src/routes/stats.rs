use axum::Json as Answer;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::extract::Query;
use crate::problem::Problem;
use crate::wire::{Stats, StatsQuery};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(get_stats))
}

/// What happened in a stretch of time, and what is under way now.
#[utoipa::path(get, path = "/v1/stats", tag = "stats", params(StatsQuery),
    responses((status = 200, description = "The counts.", body = Stats)))]
async fn get_stats(
    State(api): State<Api>,
    Query(query): Query<StatsQuery>,
) -> Result<Answer<Stats>, Problem> {
    let since = query.since.map(|time| time.0);
    let until = query.until.map(|time| time.0);
    Ok(Answer(api.workbench.stats(since, until, query.bucket_ms).await?.into()))
}
