use axum::Json as Answer;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::NoFilter;
use crate::Api;
use crate::extract::{Id, ListQuery, NoQuery};
use crate::problem::Problem;
use crate::wire::{Page, PageQuery, Provider};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_providers)).routes(routes!(get_provider))
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
    let profiles = api.workbench.library().profiles();
    let rest = profiles.iter().filter(|profile| profile.id().as_str() > after.as_str());
    let mut data: Vec<Provider> = rest.take(page.limit as usize + 1).map(|profile| profile.as_ref().into()).collect();
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
    let profile = api.workbench.library().profile(&id);
    let profile = profile.ok_or_else(|| Problem::not_found(format!("There is no provider {id}.")))?;
    Ok(Answer(profile.as_ref().into()))
}
