//! The certificate by which an endpoint is to know us.

use hookbench_model::ClientCertificate;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};

use super::TlsSetupError;
use crate::send::certificate::public_key;

/// The certificate with its key, as it is shown to whoever asks for one.
///
/// Certificates of version 1, as they are made without an extension file, are shown too: the library reads none of
/// them, but it is the other side that judges what it is shown.
pub(super) fn certified(
    client: &ClientCertificate,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, TlsSetupError> {
    let chain = CertificateDer::pem_slice_iter(client.cert_pem.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|source| TlsSetupError::ClientCertificate { source })?;
    let key = PrivateKeyDer::from_pem_slice(client.key_pem.expose())
        .map_err(|source| TlsSetupError::ClientKey { source })?;
    let key = provider
        .key_provider
        .load_private_key(key)
        .map_err(|source| TlsSetupError::ClientKeyRefused { source })?;
    let certified = CertifiedKey::new(chain, key);
    match certified.keys_match() {
        Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => Ok(certified),
        Err(Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => Err(TlsSetupError::ClientPair),
        Err(source) => match (certified.cert.first().and_then(public_key), certified.key.public_key()) {
            (Some(certificates), Some(own)) if certificates == own.as_ref() => Ok(certified),
            (Some(_), Some(_)) => Err(TlsSetupError::ClientPair),
            _ => Err(TlsSetupError::ClientCertificateRefused { source }),
        },
    }
}

#[cfg(test)]
mod tests {
    use hookbench_signing::Secret;
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    /// A certificate of version 1, made for these tests by `openssl x509 -req`, and its key.
    const OF_VERSION_1: &str = "-----BEGIN CERTIFICATE-----\n\
MIIBGzCBwQIUTjSGXDwRdZwhQg3g2QJSgZ7l3TowCgYIKoZIzj0EAwIwDTELMAkG\n\
A1UEAwwCY2EwIBcNMjYxMTIxMTgyNTA2WhgPMjEyNjEwMjgxODI1MDZaMBExDzAN\n\
BgNVBAMMBmNsaWVudDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABHJoPKPwEBTq\n\
pACITYh6GPgczp/u1RZuFWo4iZI+AU04ucz+bAsb2zmFKfNCxX4aHVFE7y53zyQf\n\
9PXg5+G5+p8wCgYIKoZIzj0EAwIDSQAwRgIhAOUVKmqxcATYooLRW5QW9Inx/E+4\n\
dGc7+Foi2vAspXMPAiEAnXYAp/kOoLnTnkYXDlSsUGTaZIo45F/34+QAA6ooDZA=\n\
-----END CERTIFICATE-----";
    const ITS_KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgip1iDALBoDU1H4A7\n\
spEXPXPJ1ou+EQ/E3OnuVWcpR8ahRANCAARyaDyj8BAU6qQAiE2Iehj4HM6f7tUW\n\
bhVqOImSPgFNOLnM/mwLG9s5hSnzQsV+Gh1RRO8ud88kH/T14Ofhufqf\n\
-----END PRIVATE KEY-----";

    fn judged(cert_pem: &str, key_pem: &str) -> Result<usize, String> {
        let client = ClientCertificate { cert_pem: cert_pem.to_owned(), key_pem: Secret::from(key_pem) };
        let certified = certified(&client, &rustls::crypto::aws_lc_rs::default_provider());
        certified.map(|certified| certified.cert.len()).map_err(|error| error.to_string())
    }

    #[test]
    fn certificates_of_version_1_are_shown_too_with_their_own_key() {
        let made = KeyPair::generate().unwrap();
        let usual =
            CertificateParams::new(vec!["client".to_owned()]).unwrap().self_signed(&made).unwrap().pem();
        let its_key = made.serialize_pem();
        assert_eq!(judged(OF_VERSION_1, ITS_KEY), Ok(1));
        assert_eq!(judged(&usual, &its_key), Ok(1));
        for (cert, key) in [(OF_VERSION_1, its_key.as_str()), (&usual, ITS_KEY)] {
            assert_eq!(judged(cert, key).unwrap_err(), "the client certificate and its key do not fit");
        }
    }

    #[test]
    fn what_is_no_certificate_is_told_without_the_names_of_types() {
        let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for given in [garbage, ""] {
            assert_eq!(judged(given, ITS_KEY).unwrap_err(), "the client certificate cannot be read");
        }
    }
}
