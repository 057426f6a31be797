use axum::Json as Answer;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use hookbench_workbench::aside;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::extract::{Json, NoQuery};
use crate::problem::Problem;
use crate::wire::{SignInput, Signed, Verified, VerifyInput};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(sign)).routes(routes!(verify))
}

/// Sign a message.
#[utoipa::path(post, path = "/v1/signatures/sign", tag = "signatures", request_body = SignInput,
    responses((status = 200, description = "The headers to send.", body = Signed)))]
async fn sign(State(api): State<Api>, _: NoQuery, Json(input): Json<SignInput>) -> Result<Response, Problem> {
    let signed = api.workbench.sign(input.into()).await?;
    // Whoever signs a large message gets all of it back.
    let bytes = signed.signed_content.len();
    Ok(aside(bytes, move || Answer(Signed::from(signed)).into_response()).await?)
}

/// Check a message's signature, and say why it does not match.
#[utoipa::path(post, path = "/v1/signatures/verify", tag = "signatures", request_body = VerifyInput,
    responses((status = 200, description = "The verdict.", body = Verified)))]
async fn verify(
    State(api): State<Api>,
    _: NoQuery,
    Json(input): Json<VerifyInput>,
) -> Result<Answer<Verified>, Problem> {
    Ok(Answer(api.workbench.verify(input.into()).await?.into()))
}
