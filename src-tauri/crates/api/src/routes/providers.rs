use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::NoFilter;
use crate::Api;
use crate::extract::{Id, Json, ListQuery, NoQuery};
use crate::problem::Problem;
use crate::wire::{ImportPreview, ImportPreviewInput, Page, PageQuery, Provider, ProviderImport};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_providers, import_provider))
        .routes(routes!(preview_import))
        .routes(routes!(get_provider, remove_provider))
}

/// The provider profiles, sorted by id. There are few, so all stand on one page.
#[utoipa::path(get, path = "/v1/providers", tag = "providers", params(PageQuery),
    responses((status = 200, description = "The profiles.", body = Page<Provider>)))]
async fn list_providers(
    State(api): State<Api>,
    ListQuery { page, .. }: ListQuery<NoFilter>,
) -> Result<Answer<Page<Provider>>, Problem> {
    let page = page.request::<String>()?;
    let after = page.before.unwrap_or_default();
    let library = api.workbench.library();
    let profiles = library.profiles();
    let rest = profiles.iter().filter(|profile| profile.id().as_str() > after.as_str());
    let mut data: Vec<Provider> = rest
        .take(page.limit as usize + 1)
        .map(|profile| Provider::listed(profile, library.is_own_profile(profile.id())))
        .collect();
    let more = data.len() > page.limit as usize;
    data.truncate(page.limit as usize);
    let next_cursor = if more { data.last().map(|provider| provider.id.clone()) } else { None };
    Ok(Answer(Page { data, next_cursor }))
}

/// One provider profile.
#[utoipa::path(get, path = "/v1/providers/{id}", tag = "providers",
    params(("id" = String, Path, description = "Its id, such as `pulsewave`.")),
    responses((status = 200, description = "The profile.", body = Provider)))]
async fn get_provider(
    State(api): State<Api>,
    Id(id): Id<hookbench_model::ProviderId>,
    _: NoQuery,
) -> Result<Answer<Provider>, Problem> {
    let library = api.workbench.library();
    let profile =
        library.profile(&id).ok_or_else(|| Problem::not_found(format!("There is no provider {id}.")))?;
    Ok(Answer(Provider::whole(&profile, library.is_own_profile(&id))))
}

/// Import an event catalogue as a provider: the `webhooks` of an OpenAPI 3.1 document, or JSON Schema files of one
/// event each. It can be used from the moment of the answer.
#[utoipa::path(post, path = "/v1/providers", tag = "providers", request_body = ProviderImport,
    responses((status = 201, description = "Imported.", body = Provider)))]
async fn import_provider(
    State(api): State<Api>,
    _: NoQuery,
    Json(input): Json<ProviderImport>,
) -> Result<(StatusCode, Answer<Provider>), Problem> {
    let profile = api.workbench.import_provider(input.into()).await?;
    Ok((StatusCode::CREATED, Answer(Provider::whole(&profile, true))))
}

/// What documents would bring, were they imported. Keeps nothing.
#[utoipa::path(post, path = "/v1/providers/preview", tag = "providers", request_body = ImportPreviewInput,
    responses((status = 200, description = "Their title and events.", body = ImportPreview)))]
async fn preview_import(
    State(api): State<Api>,
    _: NoQuery,
    Json(input): Json<ImportPreviewInput>,
) -> Result<Answer<ImportPreview>, Problem> {
    Ok(Answer(api.workbench.preview_import(input.documents()).await?.into()))
}

/// Remove a provider that was imported and that nothing uses.
#[utoipa::path(delete, path = "/v1/providers/{id}", tag = "providers",
    params(("id" = String, Path, description = "Its id.")),
    responses((status = 204, description = "Gone.")))]
async fn remove_provider(
    State(api): State<Api>,
    Id(id): Id<hookbench_model::ProviderId>,
    _: NoQuery,
) -> Result<StatusCode, Problem> {
    api.workbench.remove_provider(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}
