use axum::Json as Answer;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::extract::Query;
use crate::problem::Problem;
use crate::wire::{Forecast, ForecastQuery};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(get_forecast))
}

/// What goes out when, should nothing fail; and until when overdue deliveries are made up for.
#[utoipa::path(get, path = "/v1/forecast", tag = "deliveries", params(ForecastQuery),
    responses((status = 200, description = "The forecast.", body = Forecast)))]
async fn get_forecast(
    State(api): State<Api>,
    Query(query): Query<ForecastQuery>,
) -> Result<Answer<Forecast>, Problem> {
    Ok(Answer(api.workbench.forecast(query.span_ms, query.buckets).await?.into()))
}
