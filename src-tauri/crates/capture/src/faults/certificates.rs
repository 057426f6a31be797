use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::NoServerSessionStorage;
use tokio_rustls::TlsAcceptor;

use super::dial::BadCertificate;

/// What a fault receiver may be called.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
/// Whom a certificate is for that is shown by the wrong server.
const ANOTHER: &str = "other.example";

/// Why certificates could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// One could not be made.
    #[error("a certificate could not be made")]
    Make {
        /// Why.
        #[from]
        source: rcgen::Error,
    },
    /// It cannot be shown.
    #[error("a certificate cannot be used")]
    Use {
        /// Why.
        #[from]
        source: rustls::Error,
    },
}

/// An authority of our own and what it signed: a good certificate, and bad ones. Its key is in memory alone, and
/// goes with it.
pub struct Certificates {
    authority_pem: String,
    good: TlsAcceptor,
    expired: TlsAcceptor,
    wrong_name: TlsAcceptor,
    self_signed: TlsAcceptor,
}

impl Certificates {
    /// Makes them.
    pub fn make() -> Result<Self, CertificateError> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, "Hookbench's fault receivers");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let names = || NAMES.map(ToOwned::to_owned).to_vec();
        let signed = |params: CertificateParams| -> Result<TlsAcceptor, CertificateError> {
            let key = KeyPair::generate()?;
            let cert = params.signed_by(&key, &authority)?;
            acceptor(cert.der().clone(), &key)
        };
        let mut old = CertificateParams::new(names())?;
        old.not_before = date_time_ymd(2020, 1, 1);
        old.not_after = date_time_ymd(2021, 1, 1);
        let own_key = KeyPair::generate()?;
        let own = CertificateParams::new(names())?.self_signed(&own_key)?;
        Ok(Self {
            good: signed(CertificateParams::new(names())?)?,
            expired: signed(old)?,
            wrong_name: signed(CertificateParams::new(vec![ANOTHER.to_owned()])?)?,
            self_signed: acceptor(own.der().clone(), &own_key)?,
            authority_pem: authority.pem(),
        })
    }

    /// The authority's certificate, PEM. Whoever trusts it finds the good certificate good.
    pub fn authority_pem(&self) -> &str {
        &self.authority_pem
    }

    /// What makes TLS of connections, with a good certificate or a bad one.
    pub(super) fn acceptor(&self, bad: Option<BadCertificate>) -> &TlsAcceptor {
        match bad {
            None => &self.good,
            Some(BadCertificate::Expired) => &self.expired,
            Some(BadCertificate::WrongName) => &self.wrong_name,
            Some(BadCertificate::SelfSigned) => &self.self_signed,
        }
    }
}

impl std::fmt::Debug for Certificates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Certificates").finish_non_exhaustive()
    }
}

fn acceptor(cert: CertificateDer<'static>, key: &KeyPair) -> Result<TlsAcceptor, CertificateError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![cert], key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // A session that is taken up again would not look at the certificate.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
