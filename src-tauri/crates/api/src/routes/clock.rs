use axum::Json as Answer;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::extract::{Json, NoQuery};
use crate::problem::Problem;
use crate::wire::{Clock, ClockEdit};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(get_clock, change_clock))
}

/// How time goes in the workspace, and what was noticed of the machine's time.
#[utoipa::path(get, path = "/v1/clock", tag = "clock",
    responses((status = 200, description = "How time goes.", body = Clock)))]
async fn get_clock(State(api): State<Api>, _: NoQuery) -> Answer<Clock> {
    Answer(api.workbench.time().await.into())
}

/// Change how time goes in a demo: pause it, hasten it, or jump.
///
/// A jump goes from one due time to the next and waits for the requests at each, which go at real speed. One that
/// takes longer than a few seconds is answered before its end: `jumping_to` says where it leads. Outside a demo, and
/// where nothing is due that could be jumped to, the answer is 409.
#[utoipa::path(post, path = "/v1/clock", tag = "clock", request_body = ClockEdit,
    responses((status = 200, description = "How time goes now.", body = Clock)))]
async fn change_clock(
    State(api): State<Api>,
    _: NoQuery,
    Json(edit): Json<ClockEdit>,
) -> Result<Answer<Clock>, Problem> {
    Ok(Answer(api.workbench.set_time(edit.into()).await?.into()))
}
