use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, SignatureScheme};

use crate::send::certificate::facts;

tokio::task_local! {
    static SEEN: Arc<Mutex<Option<Seen>>>;
}

/// What a server showed in its handshake, and what was thought of it.
#[derive(Clone, Debug)]
pub(in crate::send) struct Seen {
    pub(in crate::send) certificate: CertificateDer<'static>,
    pub(in crate::send) problem: Option<rustls::Error>,
}

/// Makes a handshake, and gives what the server showed in it whether it came about or not. A session that was
/// taken up again shows nothing.
pub(in crate::send) async fn watch<F: Future>(handshake: F) -> (F::Output, Option<Seen>) {
    let seen = Arc::new(Mutex::new(None));
    let result = SEEN.scope(Arc::clone(&seen), handshake).await;
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner).take();
    (result, seen)
}

/// Judges certificates, notes the verdict for whoever watches the handshake, and holds to it or not. The
/// handshake's own signatures are always checked.
#[derive(Debug)]
pub(super) struct Watched {
    inner: Arc<dyn ServerCertVerifier>,
    /// Certificates that were given as trusted.
    given: Vec<CertificateDer<'static>>,
    enforced: bool,
}

impl Watched {
    pub(super) fn new(
        inner: Arc<dyn ServerCertVerifier>,
        given: Vec<CertificateDer<'static>>,
        enforced: bool,
    ) -> Self {
        Self { inner, given, enforced }
    }
}

/// Judges a certificate that was given itself: there is no chain to follow, nor does it matter that it is an
/// authority's too, as those are that sign themselves. It holds for its names and its time.
fn judge_given(
    certificate: &CertificateDer<'_>,
    name: &ServerName<'_>,
    now: UnixTime,
) -> Result<ServerCertVerified, rustls::Error> {
    let facts = facts(certificate).ok_or(CertificateError::BadEncoding)?;
    let now_ms = i64::try_from(now.as_secs()).unwrap_or(i64::MAX).saturating_mul(1000);
    if now_ms < facts.not_before.unix_ms() {
        return Err(CertificateError::NotValidYet.into());
    }
    if now_ms > facts.not_after.unix_ms() {
        return Err(CertificateError::Expired.into());
    }
    verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
    Ok(ServerCertVerified::assertion())
}

impl ServerCertVerifier for Watched {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verdict = if self.given.contains(certificate) {
            judge_given(certificate, name, now)
        } else {
            self.inner.verify_server_cert(certificate, intermediates, name, ocsp, now)
        };
        let seen =
            Seen { certificate: certificate.clone().into_owned(), problem: verdict.as_ref().err().cloned() };
        // Nobody may be watching.
        let _ = SEEN.try_with(|slot| {
            slot.lock().unwrap_or_else(PoisonError::into_inner).replace(seen);
        });
        if self.enforced { verdict } else { Ok(ServerCertVerified::assertion()) }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// Takes no certificate: no authority is known.
#[derive(Debug)]
pub(super) struct Nobody(pub(super) Arc<CryptoProvider>);

impl ServerCertVerifier for Nobody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Err(CertificateError::UnknownIssuer.into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
