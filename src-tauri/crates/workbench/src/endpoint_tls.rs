//! How an endpoint's TLS is to be checked, and the certificates for it.

use hookbench_delivery::send::{TlsSetupError, check_tls};
use hookbench_model::{ClientCertificate, TlsPolicy};
use hookbench_signing::Secret;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::Faults;

/// The fields that are told of.
const CA: &str = "tls.ca_pem";
const CLIENT_CERT: &str = "tls.client_cert.cert_pem";
const CLIENT_KEY: &str = "tls.client_cert.key_pem";

/// What somebody says of an endpoint's TLS; it replaces what was there.
#[derive(Clone, Default)]
pub struct TlsDraft {
    /// Whether the certificate must be valid for the name.
    pub verify: Option<bool>,
    /// Certificate authorities trusted besides the usual ones, PEM.
    pub ca_pem: Option<String>,
    /// Our certificate chain and its private key, PEM; without a key the one that is there stays.
    pub client_cert: Option<(String, Option<Secret>)>,
}

impl std::fmt::Debug for TlsDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TlsDraft").field("verify", &self.verify).finish_non_exhaustive()
    }
}

impl TlsDraft {
    pub(crate) fn check(self, faults: &mut Faults, kept: Option<&ClientCertificate>) -> TlsPolicy {
        let mut trial = Faults::default();
        if let Some(pem) = &self.ca_pem {
            certificates(&mut trial, CA, pem);
        }
        let client_cert = self.client_cert.and_then(|(cert_pem, key_pem)| {
            certificates(&mut trial, CLIENT_CERT, &cert_pem);
            if let Some(key) = &key_pem {
                let fits = PrivateKeyDer::from_pem_slice(key.expose()).is_ok();
                trial.unless(fits, CLIENT_KEY, || "holds no private key in PEM".to_owned());
            }
            let key_pem = key_pem.or_else(|| kept.map(|cert| cert.key_pem.clone()));
            trial.unless(key_pem.is_some(), CLIENT_KEY, || "is missing".to_owned());
            Some(ClientCertificate { cert_pem, key_pem: key_pem? })
        });
        let policy = TlsPolicy { verify: self.verify.unwrap_or(true), ca_pem: self.ca_pem, client_cert };
        if trial.is_empty()
            && let Err(error) = check_tls(&policy)
        {
            let (field, message) = unusable(&error);
            trial.add(field, message);
        }
        faults.join(trial);
        policy
    }
}

fn certificates(faults: &mut Faults, field: &str, pem: &str) {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    faults.unless(read.is_ok_and(|found| !found.is_empty()), field, || {
        "holds no certificate in PEM".to_owned()
    });
}

/// What of it TLS cannot be spoken by, and why not.
fn unusable(error: &TlsSetupError) -> (&'static str, String) {
    let unreadable = || "holds something that cannot be read as a certificate".to_owned();
    match error {
        TlsSetupError::Authority { .. }
        | TlsSetupError::NoAuthority
        | TlsSetupError::AuthorityRefused { .. } => (CA, unreadable()),
        TlsSetupError::ClientCertificate { .. } | TlsSetupError::ClientCertificateRefused { .. } => {
            (CLIENT_CERT, unreadable())
        }
        TlsSetupError::ClientKey { .. } | TlsSetupError::ClientKeyRefused { .. } => {
            let message = "is of a kind that cannot be used: RSA, ECDSA and Ed25519 keys can be";
            (CLIENT_KEY, message.to_owned())
        }
        TlsSetupError::ClientPair => (CLIENT_KEY, "is not the key of that certificate".to_owned()),
        TlsSetupError::Protocol { .. } => ("tls", error.to_string()),
    }
}
