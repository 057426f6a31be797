use axum::Json as Answer;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::extract::{Id, Json, NoQuery, SnippetPath};
use crate::problem::Problem;
use crate::wire::{Page, Snippet, SnippetInput, SnippetLanguage};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_snippet_languages))
        .routes(routes!(get_snippet))
        .routes(routes!(write_snippet))
}

/// The languages in which there is a receiver that verifies a scheme's signatures. All on one page.
#[utoipa::path(get, path = "/v1/schemes/{id}/snippets", tag = "signatures",
    params(("id" = String, Path, description = "The scheme's id, such as `stripe`.")),
    responses((status = 200, description = "The languages.", body = Page<SnippetLanguage>)))]
async fn list_snippet_languages(
    State(api): State<Api>,
    Id(id): Id<String>,
    _: NoQuery,
) -> Result<Answer<Page<SnippetLanguage>>, Problem> {
    let languages = api.workbench.snippet_languages(&id)?;
    Ok(Answer(Page::whole(languages.iter().copied().map(Into::into).collect())))
}

/// A receiver that verifies a scheme's signatures, ready to be copied.
#[utoipa::path(get, path = "/v1/schemes/{id}/snippets/{language}", tag = "signatures",
    params(
        ("id" = String, Path, description = "The scheme's id, such as `stripe`."),
        ("language" = String, Path, description = "The language, such as `node`."),
    ),
    responses((status = 200, description = "The receiver.", body = Snippet)))]
async fn get_snippet(
    State(api): State<Api>,
    SnippetPath { scheme, language }: SnippetPath,
    _: NoQuery,
) -> Result<Answer<Snippet>, Problem> {
    Ok(Answer(api.workbench.snippet(&scheme, &language)?.into()))
}

/// The same for a scheme that need not be saved.
#[utoipa::path(post, path = "/v1/schemes/snippet", tag = "signatures", request_body = SnippetInput,
    responses((status = 200, description = "The receiver.", body = Snippet)))]
async fn write_snippet(
    State(api): State<Api>,
    _: NoQuery,
    Json(input): Json<SnippetInput>,
) -> Result<Answer<Snippet>, Problem> {
    Ok(Answer(api.workbench.snippet_of(input.scheme.into(), &input.language)?.into()))
}
