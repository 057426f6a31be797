//! TLS as an endpoint wants it: the platform's authorities and the endpoint's own, or nothing enforced at all.

mod client;
mod verify;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use hookbench_model::TlsPolicy;
use rustls::client::Resumption;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::sign::SingleCertAndKey;
use rustls::{ClientConfig, RootCertStore};

use verify::{Nobody, Watched};
pub(super) use verify::{Seen, watch};

/// How many sessions are kept for resumption, over all hosts of one configuration.
const SESSIONS: usize = 256;

/// How many configurations are kept.
const CONFIGS: usize = 64;

/// Why an endpoint's TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsSetupError {
    /// The extra certificate authorities are not PEM certificates.
    #[error("the certificate authority is not a PEM certificate")]
    Authority {
        /// What is wrong with it.
        source: rustls::pki_types::pem::Error,
    },
    /// There is not one certificate in what was given as certificate authorities.
    #[error("the certificate authority holds no certificate")]
    NoAuthority,
    /// An extra certificate authority cannot be trusted as one.
    #[error("the certificate authority cannot be read as a certificate")]
    AuthorityRefused {
        /// Why.
        source: rustls::Error,
    },
    /// The client certificate is not a chain of PEM certificates.
    #[error("the client certificate is not a PEM certificate")]
    ClientCertificate {
        /// What is wrong with it.
        source: rustls::pki_types::pem::Error,
    },
    /// The client certificate's key is not a PEM private key.
    #[error("the client certificate's key is not a PEM private key")]
    ClientKey {
        /// What is wrong with it; it holds nothing of the key.
        source: rustls::pki_types::pem::Error,
    },
    /// There is not one certificate in what was given as client certificate, or none that can be read.
    #[error("the client certificate cannot be read")]
    ClientCertificateRefused {
        /// Why.
        source: rustls::Error,
    },
    /// The key is of a kind that nothing is signed with here.
    #[error("the client certificate's key cannot be used: RSA, ECDSA and Ed25519 keys can be")]
    ClientKeyRefused {
        /// Why; it holds nothing of the key.
        source: rustls::Error,
    },
    /// Certificate and key do not go together.
    #[error("the client certificate and its key do not fit")]
    ClientPair,
    /// The cryptography that TLS needs is not there.
    #[error("TLS cannot be set up")]
    Protocol {
        /// Why.
        source: rustls::Error,
    },
}

/// Which protocols are offered over a connection (ALPN).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offer {
    /// HTTP/2, or else HTTP/1.1.
    Both,
    /// HTTP/1.1.
    One,
    /// HTTP/2.
    Two,
}

impl Offer {
    fn protocols(self) -> Vec<Vec<u8>> {
        let (one, two) = (b"http/1.1".to_vec(), b"h2".to_vec());
        match self {
            Self::Both => vec![two, one],
            Self::One => vec![one],
            Self::Two => vec![two],
        }
    }
}

/// The configurations of TLS that are in use. Reading the platform's authorities takes a while, so each is made
/// once.
#[derive(Clone, Debug, Default)]
pub(super) struct Configs(Arc<Made>);

#[derive(Debug, Default)]
struct Made {
    /// The one used last last.
    known: Mutex<Vec<(TlsPolicy, Offer, Arc<ClientConfig>)>>,
    /// What trusts the platform's authorities and no others.
    platform: OnceLock<Arc<dyn ServerCertVerifier>>,
}

impl Configs {
    /// The configuration by which an endpoint is spoken to.
    pub(super) async fn get(
        &self,
        policy: &TlsPolicy,
        offer: Offer,
    ) -> Result<Arc<ClientConfig>, TlsSetupError> {
        if let Some(config) = self.0.used(policy, offer) {
            return Ok(config);
        }
        // Others find theirs meanwhile, and go on on this thread.
        let (made, own) = (Arc::clone(&self.0), policy.clone());
        match tokio::task::spawn_blocking(move || made.make_and_keep(&own, offer)).await {
            Ok(config) => config,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // Everything is about to end.
                Err(_) => self.0.make_and_keep(policy, offer),
            },
        }
    }
}

impl Made {
    /// One that is there, which is the one used last then.
    fn used(&self, policy: &TlsPolicy, offer: Offer) -> Option<Arc<ClientConfig>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |(of, offered, _): &(TlsPolicy, Offer, _)| *offered == offer && same_tls(of, policy);
        let at = known.iter().rposition(same)?;
        known[at..].rotate_left(1);
        known.last().map(|(_, _, config)| Arc::clone(config))
    }

    /// The one that has not been used for longest makes room.
    fn make_and_keep(&self, policy: &TlsPolicy, offer: Offer) -> Result<Arc<ClientConfig>, TlsSetupError> {
        let config = Arc::new(self.make(policy, offer)?);
        if let Some(faster) = self.used(policy, offer) {
            return Ok(faster);
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= CONFIGS {
            known.remove(0);
        }
        known.push((policy.clone(), offer, Arc::clone(&config)));
        Ok(config)
    }

    fn make(&self, policy: &TlsPolicy, offer: Offer) -> Result<ClientConfig, TlsSetupError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let given = policy.ca_pem.as_deref().map(authorities).transpose()?.unwrap_or_default();
        let verifier = Watched::new(self.verifier(&given, &provider)?, given, policy.verify);
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|source| TlsSetupError::Protocol { source })?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let mut config = match &policy.client_cert {
            None => builder.with_no_client_auth(),
            Some(client) => {
                let certified = client::certified(client, builder.crypto_provider())?;
                builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(certified)))
            }
        };
        config.alpn_protocols = offer.protocols();
        // A session that is taken up again shows its certificate to nobody. Where nothing is enforced, what is
        // wrong with it is to be told each time.
        config.resumption =
            if policy.verify { Resumption::in_memory_sessions(SESSIONS) } else { Resumption::disabled() };
        Ok(config)
    }

    fn verifier(
        &self,
        given: &[CertificateDer<'static>],
        provider: &Arc<CryptoProvider>,
    ) -> Result<Arc<dyn ServerCertVerifier>, TlsSetupError> {
        if given.is_empty() {
            return Ok(Arc::clone(self.platform.get_or_init(|| platform(Vec::new(), provider))));
        }
        trustable(given)?;
        Ok(platform(given.to_vec(), provider))
    }
}

fn platform(
    extra: Vec<CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Arc<dyn ServerCertVerifier> {
    match rustls_platform_verifier::Verifier::new_with_extra_roots(extra, Arc::clone(provider)) {
        Ok(verifier) => Arc::new(verifier),
        // A machine without certificate authorities can still deliver over plain HTTP; over TLS it trusts
        // nobody, and each attempt says so.
        Err(error) => {
            tracing::warn!(error = %error, "no certificate authorities found on this machine");
            Arc::new(Nobody(Arc::clone(provider)))
        }
    }
}

/// Whether TLS can be spoken by that policy, and why not. It reads no authorities of the platform.
pub fn check_tls(policy: &TlsPolicy) -> Result<(), TlsSetupError> {
    if let Some(pem) = &policy.ca_pem {
        trustable(&authorities(pem)?)?;
    }
    match &policy.client_cert {
        Some(client) => client::certified(client, &rustls::crypto::aws_lc_rs::default_provider()).map(drop),
        None => Ok(()),
    }
}

fn trustable(given: &[CertificateDer<'static>]) -> Result<(), TlsSetupError> {
    let mut roots = RootCertStore::empty();
    given.iter().try_for_each(|authority| {
        roots.add(authority.clone()).map_err(|source| TlsSetupError::AuthorityRefused { source })
    })
}

fn authorities(pem: &str) -> Result<Vec<CertificateDer<'static>>, TlsSetupError> {
    let found = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|source| TlsSetupError::Authority { source })?;
    if found.is_empty() { Err(TlsSetupError::NoAuthority) } else { Ok(found) }
}

/// Whether two policies say the same.
pub(super) fn same_tls(one: &TlsPolicy, other: &TlsPolicy) -> bool {
    let same_client = match (&one.client_cert, &other.client_cert) {
        (None, None) => true,
        (Some(one), Some(other)) => one.cert_pem == other.cert_pem && one.key_pem == other.key_pem,
        _ => false,
    };
    one.verify == other.verify && one.ca_pem == other.ca_pem && same_client
}
