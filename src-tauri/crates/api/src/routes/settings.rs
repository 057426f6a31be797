use axum::Json as Answer;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::extract::{Json, NoQuery};
use crate::problem::Problem;
use crate::wire::{Settings, SettingsEdit};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(get_settings, put_settings, edit_settings))
}

/// The settings.
#[utoipa::path(get, path = "/v1/settings", tag = "settings",
    responses((status = 200, description = "The settings.", body = Settings)))]
async fn get_settings(State(api): State<Api>, _: NoQuery) -> Answer<Settings> {
    Answer(api.workbench.settings().into())
}

/// Replace the settings.
#[utoipa::path(put, path = "/v1/settings", tag = "settings", request_body = Settings,
    responses((status = 200, description = "The settings as they are now.", body = Settings)))]
async fn put_settings(
    State(api): State<Api>,
    _: NoQuery,
    Json(settings): Json<Settings>,
) -> Result<Answer<Settings>, Problem> {
    let proxy = settings.proxy.clone();
    let settings = settings.into();
    Ok(Answer(api.workbench.edit_settings(Some(proxy), |now| *now = settings).await?.into()))
}

/// Change the settings. What is left out stays.
#[utoipa::path(patch, path = "/v1/settings", tag = "settings", request_body = SettingsEdit,
    responses((status = 200, description = "The settings as they are now.", body = Settings)))]
async fn edit_settings(
    State(api): State<Api>,
    _: NoQuery,
    Json(mut edit): Json<SettingsEdit>,
) -> Result<Answer<Settings>, Problem> {
    let proxy = edit.proxy.take();
    Ok(Answer(api.workbench.edit_settings(proxy, |now| edit.apply(now)).await?.into()))
}
