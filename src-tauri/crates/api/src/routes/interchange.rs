use axum::Json as Answer;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, StatusCode, header};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::extract::{CopyPath, Query, With};
use crate::problem::Problem;
use crate::wire::{CopyQuery, ExportQuery, ImportQuery, RequestFilter, RequestImport};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(import_requests))
        .routes(routes!(export_requests))
        .routes(routes!(copy_request))
}

/// Read requests from a file into an inbox: HAR, cURL commands, raw HTTP, a Postman collection, JSON Lines.
/// JSON Lines and HAR are read as they come, up to 8 GiB, and written in batches; the others whole, up to 128 MiB. A
/// request is written whole or not at all. What was written stays, also where the file breaks off (`broken`) or the disk
/// is full (507, whose detail says how many were imported). With `dry_run` only say what the file holds. A file may be as
/// large with an `Idempotency-Key` as without; one that broke off on its way here does not use its key up.
#[utoipa::path(post, path = "/v1/imports", tag = "requests", params(ImportQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The file."),
    responses(
        (status = 200, description = "A dry run: what the file holds.", body = RequestImport),
        (status = 201, description = "They are on disk.", body = RequestImport)))]
async fn import_requests(
    State(api): State<Api>,
    Query(query): Query<ImportQuery>,
    content: Body,
) -> Result<Response, Problem> {
    let dry_run = query.dry_run;
    let draft = query.draft();
    let content = content.into_data_stream();
    if dry_run {
        let seen = api.workbench.preview_requests(draft, content).await?;
        return Ok(Answer(RequestImport::of(seen, true)).into_response());
    }
    let seen = api.workbench.import_requests(draft, content).await?;
    Ok((StatusCode::CREATED, Answer(RequestImport::of(seen, false))).into_response())
}

/// Captured requests as a file, newest first: those that a filter matches, streamed, however many they are.
#[utoipa::path(get, path = "/v1/requests/export", tag = "requests", params(RequestFilter, ExportQuery),
    responses((status = 200, description = "The file. Where it breaks off, so does the answer.",
        content_type = "application/octet-stream", body = Vec<u8>)))]
async fn export_requests(
    State(api): State<Api>,
    With { filter, options }: With<RequestFilter, ExportQuery>,
) -> Result<Response, Problem> {
    let filter = filter.read("filter", &api.workbench).await?;
    let export = api.workbench.export_requests(filter, &options.draft())?;
    let disposition = format!("attachment; filename=\"requests.{}\"", export.format.extension());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(export.format.content_type())),
        (header::CONTENT_DISPOSITION, disposition.parse().unwrap_or(HeaderValue::from_static("attachment"))),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    Ok((headers, Body::from_stream(export.pieces)).into_response())
}

/// The code that sends a captured request again: `curl`, `httpie`, `fetch`, `python`, `go`, `rust`, `php`, or `test`
/// (Python), `test-node`, `test-sh`: a script that sends it to a handler, signed afresh where it can be, and checks the
/// answer. One that cannot sign it afresh says so in its first lines.
#[utoipa::path(get, path = "/v1/requests/{id}/as/{tool}", tag = "requests",
    params(("id" = String, Path, description = "`req_…`"),
        ("tool" = String, Path, description = "`curl`, `httpie`, `fetch`, `python`, `go`, `rust`, `php`, `test`, `test-node`, `test-sh`"),
        CopyQuery),
    responses((status = 200, description = "The code.", content_type = "text/plain", body = String)))]
async fn copy_request(
    State(api): State<Api>,
    CopyPath { id, tool }: CopyPath,
    method: Method,
    Query(query): Query<CopyQuery>,
) -> Result<Response, Problem> {
    let code = api.workbench.copy_request(id, &tool, query.draft(&method)).await?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))], code)
        .into_response())
}
