use axum::Json as Answer;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::extract::NoQuery;
use crate::wire::{Health, HealthTrouble};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(get_health)).routes(routes!(get_openapi))
}

/// That Hookbench lives, and where.
#[utoipa::path(get, path = "/v1/health", tag = "health",
    responses((status = 200, description = "It lives.", body = Health)))]
async fn get_health(State(api): State<Api>, _: NoQuery) -> Answer<Health> {
    let workbench = &api.workbench;
    let trouble = match workbench.trouble() {
        Some(trouble) => Some(HealthTrouble::new(trouble, workbench.unrecorded().await)),
        None => None,
    };
    Answer(Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
        capture_origin: workbench.capture_origin(),
        reach: workbench.reached().into(),
        data_dir: workbench.data_dir().display().to_string(),
        demo: workbench.is_demo(),
        boot: workbench.boot().to_owned(),
        now: workbench.now().into(),
        text_backlog: workbench.text_backlog().await.ok().flatten(),
        trouble,
    })
}

/// This contract as an OpenAPI document.
#[utoipa::path(get, path = "/v1/openapi.json", tag = "health",
    responses((status = 200, description = "The document.", body = serde_json::Value)))]
async fn get_openapi(_: NoQuery) -> Answer<utoipa::openapi::OpenApi> {
    Answer(crate::openapi())
}
