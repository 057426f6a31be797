use axum::Json as Answer;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use hookbench_model::EventId;
use http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::extract::{Id, Json, ListQuery, NoQuery};
use crate::idempotency::{Kept, Key};
use crate::problem::Problem;
use crate::raw::Raw;
use crate::wire::{Event, EventAccepted, EventFilter, EventInput, Page, PageQuery, Preview};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_events, create_event))
        .routes(routes!(preview_event))
        .routes(routes!(get_event))
        .routes(routes!(get_payload))
}

/// List events, newest first.
#[utoipa::path(get, path = "/v1/events", tag = "events", params(EventFilter, PageQuery),
    responses((status = 200, description = "A page.", body = Page<Event>)))]
async fn list_events(
    State(api): State<Api>,
    ListQuery { filter, page }: ListQuery<EventFilter>,
) -> Result<Answer<Page<Event>>, Problem> {
    let page = api.workbench.events(filter.into(), page.request()?).await?;
    Ok(Answer(Page::of(page, Into::into)))
}

/// Make an event and its deliveries. Answered once all of it is on disk.
#[utoipa::path(post, path = "/v1/events", tag = "events", request_body = EventInput,
    responses((status = 202, description = "On disk, and about to be sent.", body = EventAccepted)))]
async fn create_event(
    State(api): State<Api>,
    _: NoQuery,
    key: Option<Key>,
    Json(input): Json<EventInput>,
) -> Result<Response, Problem> {
    // The answer is kept under its key in the event's own transaction, so that a crash cannot come between.
    let kept = key.is_some();
    let record =
        |accepted: &_| key.map(|key| key.record(StatusCode::ACCEPTED, &EventAccepted::from(accepted)));
    let accepted = api.workbench.send_event(input.into(), record).await?;
    let answer = (StatusCode::ACCEPTED, Answer(EventAccepted::from(&accepted))).into_response();
    Ok(if kept { Kept(answer).into_response() } else { answer })
}

/// What would be sent to each endpoint. Sends nothing.
#[utoipa::path(post, path = "/v1/events/preview", tag = "events", request_body = EventInput,
    responses((status = 200, description = "What each endpoint would get.", body = Preview)))]
async fn preview_event(
    State(api): State<Api>,
    _: NoQuery,
    Json(input): Json<EventInput>,
) -> Result<Answer<Preview>, Problem> {
    Ok(Answer(api.workbench.preview_event(input.into()).await?.into()))
}

/// One event.
#[utoipa::path(get, path = "/v1/events/{id}", tag = "events",
    params(("id" = String, Path, description = "`evt_…`")),
    responses((status = 200, description = "The event.", body = Event)))]
async fn get_event(
    State(api): State<Api>,
    Id(id): Id<EventId>,
    _: NoQuery,
) -> Result<Answer<Event>, Problem> {
    Ok(Answer(api.workbench.event(id).await?.into()))
}

/// An event's payload, to the byte.
#[utoipa::path(get, path = "/v1/events/{id}/payload", tag = "events",
    params(("id" = String, Path, description = "`evt_…`")),
    responses((status = 200, description = "The bytes, with the content type they are sent with.",
        content_type = "application/octet-stream", body = Vec<u8>)))]
async fn get_payload(State(api): State<Api>, Id(id): Id<EventId>, _: NoQuery) -> Result<Raw, Problem> {
    let event = api.workbench.event_with_payload(id).await?;
    Ok(Raw { body: event.payload, content_type: Some(event.content_type), name: id.to_string() })
}
