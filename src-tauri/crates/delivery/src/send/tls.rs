//! TLS as an endpoint wants it: the platform's authorities and the endpoint's own, or none checked at all.

use std::sync::Arc;

use hookbench_model::TlsPolicy;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ClientSessionMemoryCache, ClientSessionStore, Resumption};
use rustls::client::{Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, NamedGroup, RootCertStore, SignatureScheme};

use super::phases;

/// How many sessions are kept for resumption, over all hosts of one TLS policy.
const SESSIONS: usize = 256;

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
    #[error("the certificate authority cannot be used")]
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
    /// Certificate and key do not go together.
    #[error("the client certificate and its key do not fit")]
    ClientPair {
        /// Why.
        source: rustls::Error,
    },
    /// The cryptography that TLS needs is not there.
    #[error("TLS cannot be set up")]
    Protocol {
        /// Why.
        source: rustls::Error,
    },
}

/// The configuration of TLS by which an endpoint is spoken to.
pub(super) fn config(policy: &TlsPolicy) -> Result<ClientConfig, TlsSetupError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|source| TlsSetupError::Protocol { source })?
        .dangerous()
        .with_custom_certificate_verifier(verifier(policy, provider)?);
    let mut config = match &policy.client_cert {
        None => builder.with_no_client_auth(),
        Some(client) => {
            let chain = CertificateDer::pem_slice_iter(client.cert_pem.as_bytes())
                .collect::<Result<Vec<_>, _>>()
                .map_err(|source| TlsSetupError::ClientCertificate { source })?;
            let key = PrivateKeyDer::from_pem_slice(client.key_pem.expose())
                .map_err(|source| TlsSetupError::ClientKey { source })?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|source| TlsSetupError::ClientPair { source })?
        }
    };
    config.resumption = Resumption::store(Arc::new(WatchedSessions(ClientSessionMemoryCache::new(SESSIONS))));
    Ok(config)
}

fn verifier(
    policy: &TlsPolicy,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, TlsSetupError> {
    if !policy.verify {
        return Ok(Arc::new(AnyCertificate(provider)));
    }
    let extra = authorities(policy.ca_pem.as_deref())?;
    let mut roots = RootCertStore::empty();
    for authority in &extra {
        roots.add(authority.clone()).map_err(|source| TlsSetupError::AuthorityRefused { source })?;
    }
    match rustls_platform_verifier::Verifier::new_with_extra_roots(extra, Arc::clone(&provider)) {
        Ok(verifier) => Ok(Arc::new(verifier)),
        // A machine without certificate authorities can still deliver over plain HTTP; over TLS it trusts
        // nobody, and each attempt says so.
        Err(error) => {
            tracing::warn!(error = %error, "no certificate authorities found on this machine");
            Ok(Arc::new(Nobody(provider)))
        }
    }
}

fn authorities(pem: Option<&str>) -> Result<Vec<CertificateDer<'static>>, TlsSetupError> {
    let Some(pem) = pem else { return Ok(Vec::new()) };
    let found = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|source| TlsSetupError::Authority { source })?;
    if found.is_empty() { Err(TlsSetupError::NoAuthority) } else { Ok(found) }
}

/// Takes every certificate: an endpoint whose certificate is not to be checked. The handshake's own
/// signatures still are.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

/// Takes no certificate: no authority is known.
#[derive(Debug)]
struct Nobody(Arc<CryptoProvider>);

macro_rules! check_handshake {
    () => {
        fn verify_tls12_signature(
            &self,
            message: &[u8],
            cert: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            let algorithms = &self.0.signature_verification_algorithms;
            rustls::crypto::verify_tls12_signature(message, cert, signed, algorithms)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            cert: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            let algorithms = &self.0.signature_verification_algorithms;
            rustls::crypto::verify_tls13_signature(message, cert, signed, algorithms)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.0.signature_verification_algorithms.supported_schemes()
        }
    };
}

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    check_handshake!();
}

impl ServerCertVerifier for Nobody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Err(rustls::CertificateError::UnknownIssuer.into())
    }

    check_handshake!();
}

/// The sessions of one TLS policy. A handshake asks here first of all, which marks its beginning.
#[derive(Debug)]
struct WatchedSessions(ClientSessionMemoryCache);

impl ClientSessionStore for WatchedSessions {
    fn set_kx_hint(&self, server: ServerName<'static>, group: NamedGroup) {
        self.0.set_kx_hint(server, group);
    }

    fn kx_hint(&self, server: &ServerName<'_>) -> Option<NamedGroup> {
        phases::handshake_begins();
        self.0.kx_hint(server)
    }

    fn set_tls12_session(&self, server: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.0.set_tls12_session(server, value);
    }

    fn tls12_session(&self, server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        phases::handshake_begins();
        self.0.tls12_session(server)
    }

    fn remove_tls12_session(&self, server: &ServerName<'static>) {
        self.0.remove_tls12_session(server);
    }

    fn insert_tls13_ticket(&self, server: ServerName<'static>, value: Tls13ClientSessionValue) {
        self.0.insert_tls13_ticket(server, value);
    }

    fn take_tls13_ticket(&self, server: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        phases::handshake_begins();
        self.0.take_tls13_ticket(server)
    }
}
