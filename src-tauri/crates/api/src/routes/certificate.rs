use axum::Json as Answer;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::extract::{Json, NoQuery, OptionalJson};
use crate::problem::Problem;
use crate::raw::Raw;
use crate::wire::{CertificateInput, CertificateRenewal, Certificates};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(get_certificates, put_certificate, delete_certificate))
        .routes(routes!(renew_certificate))
        .routes(routes!(get_authority))
}

/// The certificates that the receiver may show over TLS: the one that Hookbench made, and how to have it trusted, and
/// the one that was given.
#[utoipa::path(get, path = "/v1/capture/certificate", tag = "settings",
    responses((status = 200, description = "Both, where they are there.", body = Certificates)))]
async fn get_certificates(State(api): State<Api>, _: NoQuery) -> Result<Answer<Certificates>, Problem> {
    Ok(Answer(api.workbench.certificates().await?.into()))
}

/// Give a certificate of one's own. It takes the place of one that was given before, at once where that one is shown;
/// the setting `reach.tls` says whether it is. One that has ended is taken, with a warning.
#[utoipa::path(put, path = "/v1/capture/certificate", tag = "settings", request_body = CertificateInput,
    responses((status = 200, description = "The certificates as they are now.", body = Certificates)))]
async fn put_certificate(
    State(api): State<Api>,
    _: NoQuery,
    Json(input): Json<CertificateInput>,
) -> Result<Answer<Certificates>, Problem> {
    let CertificateInput { certificate_pem, key_pem } = input;
    Ok(Answer(api.workbench.give_certificate(certificate_pem, key_pem.into()).await?.into()))
}

/// Forget the certificate that was given. Not while it is shown.
#[utoipa::path(delete, path = "/v1/capture/certificate", tag = "settings",
    responses((status = 200, description = "The certificates as they are now.", body = Certificates)))]
async fn delete_certificate(State(api): State<Api>, _: NoQuery) -> Result<Answer<Certificates>, Problem> {
    Ok(Answer(api.workbench.forget_certificate().await?.into()))
}

/// Make the certificate of Hookbench's own authority, or make it anew for the names and addresses of now. This happens
/// by itself before it ends, and when addresses change.
#[utoipa::path(post, path = "/v1/capture/certificate/renew", tag = "settings",
    request_body = CertificateRenewal,
    responses((status = 200, description = "The certificates as they are now.", body = Certificates)))]
async fn renew_certificate(
    State(api): State<Api>,
    _: NoQuery,
    OptionalJson(input): OptionalJson<CertificateRenewal>,
) -> Result<Answer<Certificates>, Problem> {
    Ok(Answer(api.workbench.renew_certificate(input.authority).await?.into()))
}

/// The certificate of Hookbench's own authority, as the file that has to be trusted.
#[utoipa::path(get, path = "/v1/capture/certificate/ca.pem", tag = "settings",
    responses((status = 200, description = "PEM.", content_type = "application/x-pem-file", body = String)))]
async fn get_authority(State(api): State<Api>, _: NoQuery) -> Result<Raw, Problem> {
    let body = api.workbench.authority_pem().await?.into();
    let content_type = Some("application/x-pem-file".to_owned());
    Ok(Raw { body, content_type, name: "hookbench-ca".to_owned() })
}
