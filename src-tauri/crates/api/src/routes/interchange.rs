use axum::Json as Answer;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse, Response};
use hookbench_workbench::MAX_IMPORT;
use http::{HeaderValue, Method, StatusCode, header};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::extract::{CopyPath, Query, RawBody, With};
use crate::problem::Problem;
use crate::wire::{CopyQuery, ExportQuery, ImportQuery, RequestFilter, RequestImport};

pub(super) fn routes() -> OpenApiRouter<Api> {
    let imports =
        OpenApiRouter::new().routes(routes!(import_requests)).layer(DefaultBodyLimit::max(MAX_IMPORT + 1));
    OpenApiRouter::new().routes(routes!(export_requests)).routes(routes!(copy_request)).merge(imports)
}

/// Read requests from a file into an inbox: HAR, cURL commands, raw HTTP, a Postman collection, JSON Lines. All that
/// can be read or, where anything fails, nothing; with `dry_run` only say what the file holds.
#[utoipa::path(post, path = "/v1/imports", tag = "requests", params(ImportQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The file."),
    responses(
        (status = 200, description = "A dry run: what the file holds.", body = RequestImport),
        (status = 201, description = "They are on disk.", body = RequestImport)))]
async fn import_requests(
    State(api): State<Api>,
    Query(query): Query<ImportQuery>,
    RawBody(content): RawBody,
) -> Result<Response, Problem> {
    let dry_run = query.dry_run;
    let draft = query.draft(content);
    if dry_run {
        let seen = api.workbench.preview_requests(draft).await?;
        return Ok(Answer(RequestImport::of(seen, true)).into_response());
    }
    let seen = api.workbench.import_requests(draft).await?;
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
    let filter = filter.read("filter", api.workbench.now())?;
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

/// The code that sends a captured request again: `curl`, `httpie`, `fetch`, `python`, `go`, `rust`, `php`, or `test`, a
/// script that sends it to a handler and checks the answer.
#[utoipa::path(get, path = "/v1/requests/{id}/as/{tool}", tag = "requests",
    params(("id" = String, Path, description = "`req_…`"),
        ("tool" = String, Path, description = "`curl`, `httpie`, `fetch`, `python`, `go`, `rust`, `php`, `test`"),
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
