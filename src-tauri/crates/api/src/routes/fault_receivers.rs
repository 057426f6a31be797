use axum::Json as Answer;
use axum::extract::State;
use hookbench_model::FaultReceiverId;
use http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::extract::{Id, Json, NoQuery, OptionalJson};
use crate::problem::Problem;
use crate::wire::{FaultReceiver, FaultReceiverEdit, FaultReceiverInput, Page};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_fault_receivers, create_fault_receiver)).routes(routes!(
        get_fault_receiver,
        edit_fault_receiver,
        delete_fault_receiver
    ))
}

/// List fault receivers, newest first. They are in memory, and gone when the program ends.
#[utoipa::path(get, path = "/v1/fault-receivers", tag = "fault-receivers",
    responses((status = 200, description = "All on one page.", body = Page<FaultReceiver>)))]
async fn list_fault_receivers(State(api): State<Api>, _: NoQuery) -> Answer<Page<FaultReceiver>> {
    let all = api.workbench.fault_receivers().await;
    Answer(Page::whole(all.into_iter().map(Into::into).collect()))
}

/// Make a fault receiver: a server on loopback, at a port of its own, that fails as its dial says.
///
/// With `trial_of` an endpoint is made beside it that has the policy and the secrets of that one, points at the
/// receiver, and gets no event but those that name it: `POST /v1/events` with its id in `endpoint_ids` shows how the
/// policy takes the failures. The endpoint that it is of is sent nothing, and stays as it is. There may be 16.
#[utoipa::path(post, path = "/v1/fault-receivers", tag = "fault-receivers", request_body = FaultReceiverInput,
    responses((status = 201, description = "Made.", body = FaultReceiver)))]
async fn create_fault_receiver(
    State(api): State<Api>,
    _: NoQuery,
    OptionalJson(input): OptionalJson<FaultReceiverInput>,
) -> Result<(StatusCode, Answer<FaultReceiver>), Problem> {
    let made = api.workbench.create_fault_receiver(input.try_into()?).await?;
    Ok((StatusCode::CREATED, Answer(made.into())))
}

/// One fault receiver, with the newest requests that it received.
#[utoipa::path(get, path = "/v1/fault-receivers/{id}", tag = "fault-receivers",
    params(("id" = String, Path, description = "`flt_…`")),
    responses((status = 200, description = "The fault receiver.", body = FaultReceiver)))]
async fn get_fault_receiver(
    State(api): State<Api>,
    Id(id): Id<FaultReceiverId>,
    _: NoQuery,
) -> Result<Answer<FaultReceiver>, Problem> {
    Ok(Answer(api.workbench.fault_receiver(id).await?.into()))
}

/// Change a fault receiver. A dial is set as a whole, and holds from the next request on, which has the first turn.
#[utoipa::path(patch, path = "/v1/fault-receivers/{id}", tag = "fault-receivers", request_body = FaultReceiverEdit,
    params(("id" = String, Path, description = "`flt_…`")),
    responses((status = 200, description = "The fault receiver as it is now.", body = FaultReceiver)))]
async fn edit_fault_receiver(
    State(api): State<Api>,
    Id(id): Id<FaultReceiverId>,
    _: NoQuery,
    Json(edit): Json<FaultReceiverEdit>,
) -> Result<Answer<FaultReceiver>, Problem> {
    Ok(Answer(api.workbench.edit_fault_receiver(id, edit.try_into()?).await?.into()))
}

/// Delete a fault receiver. Connections under way are dropped; the endpoint of its trial is deleted with it.
#[utoipa::path(delete, path = "/v1/fault-receivers/{id}", tag = "fault-receivers",
    params(("id" = String, Path, description = "`flt_…`")),
    responses((status = 204, description = "Gone.")))]
async fn delete_fault_receiver(
    State(api): State<Api>,
    Id(id): Id<FaultReceiverId>,
    _: NoQuery,
) -> Result<StatusCode, Problem> {
    api.workbench.delete_fault_receiver(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
