use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::extract::{Id, Json, NoQuery};
use crate::problem::Problem;
use crate::wire::{Page, Scheme, SchemeGiven};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_schemes, add_scheme)).routes(routes!(
        get_scheme,
        replace_scheme,
        remove_scheme
    ))
}

/// The signature schemes: those that Hookbench comes with, then those that were added. All on one page.
#[utoipa::path(get, path = "/v1/schemes", tag = "signatures",
    responses((status = 200, description = "The schemes.", body = Page<Scheme>)))]
async fn list_schemes(State(api): State<Api>, _: NoQuery) -> Result<Answer<Page<Scheme>>, Problem> {
    Ok(Answer(Page::whole(api.workbench.schemes().await?.into_iter().map(Into::into).collect())))
}

/// Add a scheme. It can be used from the moment of the answer.
#[utoipa::path(post, path = "/v1/schemes", tag = "signatures", request_body = SchemeGiven,
    responses((status = 201, description = "Added.", body = Scheme)))]
async fn add_scheme(
    State(api): State<Api>,
    _: NoQuery,
    Json(form): Json<SchemeGiven>,
) -> Result<(StatusCode, Answer<Scheme>), Problem> {
    let scheme = api.workbench.add_scheme(form.into()).await?;
    Ok((StatusCode::CREATED, Answer(scheme.into())))
}

/// One scheme.
#[utoipa::path(get, path = "/v1/schemes/{id}", tag = "signatures",
    params(("id" = String, Path, description = "Its id, such as `stripe`.")),
    responses((status = 200, description = "The scheme.", body = Scheme)))]
async fn get_scheme(
    State(api): State<Api>,
    Id(id): Id<String>,
    _: NoQuery,
) -> Result<Answer<Scheme>, Problem> {
    Ok(Answer(api.workbench.scheme(&id).await?.into()))
}

/// Put another form in the place of a scheme that was added. Whatever uses it goes by the new one at once.
#[utoipa::path(put, path = "/v1/schemes/{id}", tag = "signatures", request_body = SchemeGiven,
    params(("id" = String, Path, description = "Its id, which stays.")),
    responses((status = 200, description = "The scheme as it is now.", body = Scheme)))]
async fn replace_scheme(
    State(api): State<Api>,
    Id(id): Id<String>,
    _: NoQuery,
    Json(form): Json<SchemeGiven>,
) -> Result<Answer<Scheme>, Problem> {
    Ok(Answer(api.workbench.replace_scheme(&id, form.into()).await?.into()))
}

/// Remove a scheme that was added and that nothing uses.
#[utoipa::path(delete, path = "/v1/schemes/{id}", tag = "signatures",
    params(("id" = String, Path, description = "Its id.")),
    responses((status = 204, description = "Gone.")))]
async fn remove_scheme(
    State(api): State<Api>,
    Id(id): Id<String>,
    _: NoQuery,
) -> Result<StatusCode, Problem> {
    api.workbench.remove_scheme(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}
