use axum::Json as Answer;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::extract::{Json, NoQuery};
use crate::problem::Problem;
use crate::wire::{Schedule, ScheduleInput};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(draw_schedule))
}

/// Draw a plan: when a delivery would be attempted, if every attempt failed at once. Nothing is sent or kept.
#[utoipa::path(post, path = "/v1/schedules", tag = "endpoints", request_body = ScheduleInput,
    responses((status = 200, description = "The schedule.", body = Schedule)))]
async fn draw_schedule(
    State(api): State<Api>,
    _: NoQuery,
    Json(input): Json<ScheduleInput>,
) -> Result<Answer<Schedule>, Problem> {
    Ok(Answer(api.workbench.schedule(input.into())?.into()))
}
