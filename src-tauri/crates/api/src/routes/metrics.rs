use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::exposition;
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(get_metrics))
}

/// Counts and times for monitoring, in Prometheus' text format. Off unless the settings' `metrics` is on. Counters
/// begin at zero whenever Hookbench starts.
#[utoipa::path(get, path = "/metrics", tag = "metrics",
    responses((status = 200, description = "The metrics.", body = String, content_type = "text/plain; version=0.0.4"),
        (status = 404, description = "They are switched off.", body = Problem,
            content_type = "application/problem+json")))]
async fn get_metrics(State(api): State<Api>) -> Result<Response, Problem> {
    let Some(metrics) = api.workbench.metrics().await? else {
        return Err(Problem::not_found("The metrics are off: the setting `metrics` switches them on."));
    };
    let text = exposition::text(&metrics).map_err(|error| {
        tracing::error!(%error, "the metrics could not be written");
        Problem::internal()
    })?;
    Ok(([(header::CONTENT_TYPE, exposition::CONTENT_TYPE)], text).into_response())
}
