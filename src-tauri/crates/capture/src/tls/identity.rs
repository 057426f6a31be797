use std::sync::Arc;

use hookbench_signing::Secret;
use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// What is spoken inside of TLS, the first that a sender knows too.
const ALPN: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// What the receiver shows of itself over TLS: a certificate and the proof that it is its own.
pub struct Identity {
    pub(super) config: Arc<ServerConfig>,
}

/// Why a certificate and a key cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// There is no certificate in the text, or one that cannot be read.
    #[error("holds no certificate in PEM")]
    NoCertificate,
    /// The first certificate cannot be read as one.
    #[error("holds something that cannot be read as a certificate")]
    Unreadable,
    /// There is no key in the text.
    #[error("holds no private key in PEM")]
    NoKey,
    /// The key is encrypted.
    #[error("is encrypted with a password: give it without one (`openssl pkey -in key.pem -out plain.pem`)")]
    EncryptedKey,
    /// The key is of a kind that TLS is not spoken with.
    #[error("is of a kind that cannot be used: RSA, ECDSA and Ed25519 keys can be")]
    KeyKind,
    /// The key is another certificate's.
    #[error("is not the key of that certificate")]
    Mismatch,
    /// They cannot be used for something else.
    #[error("cannot be used")]
    Unusable {
        /// Why.
        #[source]
        source: rustls::Error,
    },
}

impl IdentityError {
    /// Whether the key is to blame, not the certificate.
    pub const fn is_of_key(&self) -> bool {
        matches!(self, Self::NoKey | Self::EncryptedKey | Self::KeyKind | Self::Mismatch)
    }
}

impl Identity {
    /// Of a chain of certificates, its own first, and its private key, both PEM. Neither its dates nor its names are
    /// looked at: what a sender makes of them is the sender's.
    pub fn new(certificate_pem: &str, key_pem: &Secret) -> Result<Self, IdentityError> {
        let chain: Result<Vec<CertificateDer<'static>>, pem::Error> =
            CertificateDer::pem_slice_iter(certificate_pem.as_bytes()).collect();
        let chain = chain.map_err(|_| IdentityError::NoCertificate)?;
        if chain.is_empty() {
            return Err(IdentityError::NoCertificate);
        }
        let key = PrivateKeyDer::from_pem_slice(key_pem.expose()).map_err(|_| {
            let text = key_pem.expose_text().unwrap_or_default();
            if text.contains("ENCRYPTED") { IdentityError::EncryptedKey } else { IdentityError::NoKey }
        })?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        if provider.key_provider.load_private_key(key.clone_key()).is_err() {
            return Err(IdentityError::KeyKind);
        }
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|source| IdentityError::Unusable { source })?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|source| match source {
                rustls::Error::InconsistentKeys(_) => IdentityError::Mismatch,
                rustls::Error::InvalidCertificate(_) => IdentityError::Unreadable,
                source => IdentityError::Unusable { source },
            })?;
        config.alpn_protocols = ALPN.map(<[u8]>::to_vec).to_vec();
        Ok(Self { config: Arc::new(config) })
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}
