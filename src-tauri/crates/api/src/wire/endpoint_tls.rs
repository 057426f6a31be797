use hookbench_model as model;
use hookbench_workbench::TlsDraft;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::SecretText;

/// How an endpoint's TLS is checked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Tls {
    /// Whether the certificate must be valid for the name.
    verify: bool,
    /// Certificate authorities trusted besides the usual ones, PEM.
    #[schema(required)]
    ca_pem: Option<String>,
    /// What we show of ourselves where the server asks. Its private key is never shown.
    #[schema(required)]
    client_cert: Option<ClientCertificate>,
}

/// A client certificate without its key.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClientCertificate {
    /// The certificate chain, PEM.
    cert_pem: String,
}

/// How an endpoint's TLS is to be checked; it replaces what was there.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TlsInput {
    /// Whether the certificate must be valid for the name; true unless said otherwise.
    verify: Option<bool>,
    /// Certificate authorities trusted besides the usual ones, PEM.
    ca_pem: Option<String>,
    /// What we show of ourselves; without a key the one that is there stays.
    client_cert: Option<ClientCertificateInput>,
}

/// A client certificate.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientCertificateInput {
    /// The certificate chain, PEM.
    cert_pem: String,
    /// Its private key, PEM; can be written and never read.
    #[schema(value_type = Option<String>, format = Password)]
    key_pem: Option<SecretText>,
}

impl From<model::TlsPolicy> for Tls {
    fn from(tls: model::TlsPolicy) -> Self {
        Self {
            verify: tls.verify,
            ca_pem: tls.ca_pem,
            client_cert: tls.client_cert.map(|cert| ClientCertificate { cert_pem: cert.cert_pem }),
        }
    }
}

impl From<TlsInput> for TlsDraft {
    fn from(input: TlsInput) -> Self {
        Self {
            verify: input.verify,
            ca_pem: input.ca_pem,
            client_cert: input.client_cert.map(|cert| (cert.cert_pem, cert.key_pem.map(Into::into))),
        }
    }
}
