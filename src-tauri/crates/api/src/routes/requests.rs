use axum::Json as Answer;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use hookbench_model::RequestId;
use hookbench_workbench::ShownRequest;
use http::{Method, StatusCode};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::extract::{Id, Json, ListQuery, NoQuery, OptionalJson, Query};
use crate::problem::Problem;
use crate::raw::Raw;
use crate::wire::{
    BodyQuery, CapturedRequest, Completions, CompletionsQuery, Count, EventAccepted, Page, PageQuery,
    Recognition, RequestEdit, RequestFilter, Retries, Reveal, RevealQuery, SendOn, Verified, VerifyAgain,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_requests))
        .routes(routes!(count_requests))
        .routes(routes!(complete_filter))
        .routes(routes!(get_request, edit_request, delete_request))
        .routes(routes!(list_request_reveals))
        .routes(routes!(get_body))
        .routes(routes!(get_head))
        .routes(routes!(get_wire))
        .routes(routes!(send_request))
        .routes(routes!(verify_request))
        .routes(routes!(get_recognition))
        .routes(routes!(get_retries))
}

/// List captured requests, newest first.
#[utoipa::path(get, path = "/v1/requests", tag = "requests", params(RequestFilter, PageQuery),
    responses((status = 200, description = "A page.", body = Page<CapturedRequest>)))]
async fn list_requests(
    State(api): State<Api>,
    ListQuery { filter, page }: ListQuery<RequestFilter>,
) -> Result<Answer<Page<CapturedRequest>>, Problem> {
    let filter = filter.read("filter", &api.workbench).await?;
    let page = api.workbench.requests(filter, page.request()?).await?;
    let ids: Vec<_> = page.rows.iter().map(|request| request.id).collect();
    let mut kinds = api.workbench.drift_kinds(&ids).await?;
    let mut imported = api.workbench.imported(&ids).await?;
    Ok(Answer(Page::of(page, |request| {
        let kinds = kinds.remove(&request.id).unwrap_or_default();
        let imported = imported.remove(&request.id);
        CapturedRequest::row(request).with_drift_kinds(kinds).with_imported(imported)
    })))
}

/// How many captured requests a filter matches.
#[utoipa::path(get, path = "/v1/requests/count", tag = "requests", params(RequestFilter),
    responses((status = 200, description = "The number.", body = Count)))]
async fn count_requests(
    State(api): State<Api>,
    Query(filter): Query<RequestFilter>,
) -> Result<Answer<Count>, Problem> {
    let filter = filter.read("filter", &api.workbench).await?;
    Ok(Answer(Count { count: api.workbench.count_requests(filter).await? }))
}

/// What may stand in a filter where somebody types: fields, and values of the newest requests.
#[utoipa::path(get, path = "/v1/requests/completions", tag = "requests", params(CompletionsQuery),
    responses((status = 200, description = "The offers; none where nothing is known.", body = Completions)))]
async fn complete_filter(
    State(api): State<Api>,
    Query(query): Query<CompletionsQuery>,
) -> Result<Answer<Completions>, Problem> {
    let CompletionsQuery { filter, at, inbox_id } = query;
    Ok(Answer(api.workbench.completions(&filter, at.unwrap_or(usize::MAX), inbox_id).await?.into()))
}

/// One captured request. A secret that arrived in its headers or its query is shown where that is asked for.
#[utoipa::path(get, path = "/v1/requests/{id}", tag = "requests",
    params(("id" = String, Path, description = "`req_…`"), RevealQuery),
    responses((status = 200, description = "The captured request.", body = CapturedRequest)))]
async fn get_request(
    State(api): State<Api>,
    Id(id): Id<RequestId>,
    method: Method,
    Query(query): Query<RevealQuery>,
) -> Result<Answer<CapturedRequest>, Problem> {
    let reveal = query.reveal_to(&method).is_some();
    let (shown, wire) = api.workbench.request_with_wire(id, reveal).await?;
    let drift = api.workbench.drift_of_request(id).await?;
    let imported = api.workbench.imported(&[id]).await?.remove(&id);
    Ok(Answer(CapturedRequest::from(shown).with_wire(wire).with_drift(drift).with_imported(imported)))
}

/// The head of a captured request as it stood on the wire, to the byte, its closing empty line included. Where that was
/// not kept, or there is no such text, as over HTTP/2, it is written of what is known (`wire.head_exact` says so). A
/// secret in it is shown where that is asked for.
#[utoipa::path(get, path = "/v1/requests/{id}/head", tag = "requests",
    params(("id" = String, Path, description = "`req_…`"), RevealQuery),
    responses((status = 200, description = "The bytes.",
        content_type = "application/octet-stream", body = Vec<u8>)))]
async fn get_head(
    State(api): State<Api>,
    Id(id): Id<RequestId>,
    method: Method,
    Query(query): Query<RevealQuery>,
) -> Result<Raw, Problem> {
    let body = api.workbench.request_head(id, query.reveal_to(&method).is_some()).await?;
    Ok(Raw { body, content_type: None, name: format!("{id}-head") })
}

/// A captured request as it stood on the wire, to the byte: its head, its body with the lines of its chunks, its
/// trailers (`wire.exact` says where that is not all of it). A secret in head or trailers is shown where that is asked
/// for.
#[utoipa::path(get, path = "/v1/requests/{id}/wire", tag = "requests",
    params(("id" = String, Path, description = "`req_…`"), RevealQuery),
    responses((status = 200, description = "The bytes.",
        content_type = "application/octet-stream", body = Vec<u8>)))]
async fn get_wire(
    State(api): State<Api>,
    Id(id): Id<RequestId>,
    method: Method,
    Query(query): Query<RevealQuery>,
) -> Result<Raw, Problem> {
    let body = api.workbench.request_on_wire(id, query.reveal_to(&method).is_some()).await?;
    Ok(Raw { body, content_type: None, name: format!("{id}-wire") })
}

/// When the secrets in a captured request were revealed, newest first, the newest 100.
#[utoipa::path(get, path = "/v1/requests/{id}/reveals", tag = "requests",
    params(("id" = String, Path, description = "`req_…`")),
    responses((status = 200, description = "All on one page.", body = Page<Reveal>)))]
async fn list_request_reveals(
    State(api): State<Api>,
    Id(id): Id<RequestId>,
    _: NoQuery,
) -> Result<Answer<Page<Reveal>>, Problem> {
    let looks = api.workbench.request_reveals(id).await?;
    Ok(Answer(Page::whole(looks.into_iter().map(Into::into).collect())))
}

/// Change what a person says about a captured request.
#[utoipa::path(patch, path = "/v1/requests/{id}", tag = "requests", request_body = RequestEdit,
    params(("id" = String, Path, description = "`req_…`")),
    responses((status = 200, description = "The captured request as it is now.", body = CapturedRequest)))]
async fn edit_request(
    State(api): State<Api>,
    Id(id): Id<RequestId>,
    _: NoQuery,
    Json(edit): Json<RequestEdit>,
) -> Result<Answer<CapturedRequest>, Problem> {
    let edited = ShownRequest::from(api.workbench.edit_request(id, edit.into()).await?);
    Ok(Answer(CapturedRequest::from(edited).with_drift(api.workbench.drift_of_request(id).await?)))
}

/// Delete a captured request.
#[utoipa::path(delete, path = "/v1/requests/{id}", tag = "requests",
    params(("id" = String, Path, description = "`req_…`")),
    responses((status = 204, description = "Gone.")))]
async fn delete_request(
    State(api): State<Api>,
    Id(id): Id<RequestId>,
    _: NoQuery,
) -> Result<StatusCode, Problem> {
    api.workbench.delete_request(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The body of a captured request as it arrived, to the byte; or what it says once its content codings are undone.
#[utoipa::path(get, path = "/v1/requests/{id}/body", tag = "requests",
    params(("id" = String, Path, description = "`req_…`"), BodyQuery),
    responses((status = 200, description = "The bytes, with the content type they came with.",
        content_type = "application/octet-stream", body = Vec<u8>)))]
async fn get_body(
    State(api): State<Api>,
    Id(id): Id<RequestId>,
    Query(query): Query<BodyQuery>,
) -> Result<Response, Problem> {
    let name = id.to_string();
    if query.decoded.unwrap_or_default() {
        let (found, content_type) =
            api.workbench.unpacked_body(id, query.limit.unwrap_or(usize::MAX)).await?;
        return Ok(Raw::unpacked(found, content_type, name));
    }
    let (body, content_type) = api.workbench.request_body(id).await?;
    Ok(Raw { body, content_type, name }.into_response())
}

/// Send a captured request on, edited or not.
///
/// One that has a `fault` goes out as far as it came, as if it were whole.
#[utoipa::path(post, path = "/v1/requests/{id}/send", tag = "requests", request_body = SendOn,
    params(("id" = String, Path, description = "`req_…`")),
    responses((status = 202, description = "On disk, and about to be sent.", body = EventAccepted)))]
async fn send_request(
    State(api): State<Api>,
    Id(id): Id<RequestId>,
    _: NoQuery,
    Json(input): Json<SendOn>,
) -> Result<(StatusCode, Answer<EventAccepted>), Problem> {
    let accepted = api.workbench.send_on(id, input.into()).await?;
    Ok((StatusCode::ACCEPTED, Answer((&accepted).into())))
}

/// Check a captured request's signature again, with another scheme or secret, and say why it does not match.
/// Without either, by what its inbox has; as of its arrival unless a time is given. Changes nothing.
#[utoipa::path(post, path = "/v1/requests/{id}/verify", tag = "requests", request_body = VerifyAgain,
    params(("id" = String, Path, description = "`req_…`")),
    responses((status = 200, description = "The verdict.", body = Verified)))]
async fn verify_request(
    State(api): State<Api>,
    Id(id): Id<RequestId>,
    _: NoQuery,
    OptionalJson(input): OptionalJson<VerifyAgain>,
) -> Result<Answer<Verified>, Problem> {
    let (scheme, secret, at) = input.parts();
    Ok(Answer(api.workbench.verify_again(id, scheme, secret, at).await?.into()))
}

/// By which schemes a captured request may have been signed, and what says so, the likeliest first.
#[utoipa::path(get, path = "/v1/requests/{id}/recognition", tag = "requests",
    params(("id" = String, Path, description = "`req_…`")),
    responses((status = 200, description = "All on one page; empty where nothing is recognised.",
        body = Page<Recognition>)))]
async fn get_recognition(
    State(api): State<Api>,
    Id(id): Id<RequestId>,
    _: NoQuery,
) -> Result<Answer<Page<Recognition>>, Problem> {
    let found = api.workbench.recognise(id).await?;
    Ok(Answer(Page::whole(found.into_iter().map(Into::into).collect())))
}

/// How the sender of a captured request tried again, beside when its inbox's provider says that it does.
#[utoipa::path(get, path = "/v1/requests/{id}/retries", tag = "requests",
    params(("id" = String, Path, description = "`req_…`")),
    responses((status = 200, description = "Each time that it came.", body = Retries)))]
async fn get_retries(
    State(api): State<Api>,
    Id(id): Id<RequestId>,
    _: NoQuery,
) -> Result<Answer<Retries>, Problem> {
    Ok(Answer(api.workbench.retries(id).await?.into()))
}
