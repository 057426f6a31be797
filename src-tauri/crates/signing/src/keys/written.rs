//! Keys as they are written: PEM, DER, and bare bytes in some spelling.

use data_encoding::BASE64;
use x509_cert::Certificate;
use x509_cert::der::{Decode, Encode};
use zeroize::Zeroizing;

use crate::secret::{Secret, SecretForm};

/// What was found in a secret.
pub(crate) enum Written {
    /// A private key in DER: PKCS #8, PKCS #1 or SEC 1.
    PrivateDer(Zeroizing<Vec<u8>>),
    /// A public key in DER; that of a certificate, if it was one.
    PublicDer(Vec<u8>),
    /// Bytes that the algorithm has to know by their number. `marked_private` where a prefix says so.
    Bytes { bytes: Zeroizing<Vec<u8>>, marked_private: bool },
}

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// Reads a key in the form its scheme wants, or in PEM, which every scheme takes.
pub(crate) fn read(secret: &Secret, form: SecretForm) -> Option<Written> {
    if let Some(text) = secret.expose_text().filter(|text| text.contains(BEGIN)) {
        return pem(text);
    }
    if form == SecretForm::Pem {
        return None;
    }
    let marked_private = form == SecretForm::WhskB64 && secret.expose().starts_with(b"whsk_");
    Some(Written::Bytes { bytes: secret.key(form).ok()?, marked_private })
}

/// Reads the first key or certificate of a PEM text. What stands around it, and the parameters that some
/// tools write before a key, are passed over.
pub(crate) fn pem(text: &str) -> Option<Written> {
    let mut rest = text;
    while let Some((label, body, after)) = block(rest) {
        match label {
            "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY" => {
                return Some(Written::PrivateDer(der(body)?));
            }
            "PUBLIC KEY" | "RSA PUBLIC KEY" => return Some(Written::PublicDer(der(body)?.to_vec())),
            "CERTIFICATE" => return public_of_certificate(&der(body)?).map(Written::PublicDer),
            _ => rest = after,
        }
    }
    None
}

/// The label and the body of the first block, and what follows it.
fn block(text: &str) -> Option<(&str, &str, &str)> {
    let (_, begun) = text.split_once(BEGIN)?;
    let (label, body) = begun.split_once(DASHES)?;
    let (body, ended) = body.split_once(END)?;
    let (same, after) = ended.split_once(DASHES)?;
    (label == same).then_some((label, body, after))
}

fn der(body: &str) -> Option<Zeroizing<Vec<u8>>> {
    let joined: Zeroizing<Vec<u8>> =
        Zeroizing::new(body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect());
    BASE64.decode(&joined).ok().filter(|der| !der.is_empty()).map(Zeroizing::new)
}

fn public_of_certificate(der: &[u8]) -> Option<Vec<u8>> {
    let certificate = Certificate::from_der(der).ok()?;
    certificate.tbs_certificate().subject_public_key_info().to_der().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn private(text: &str) -> Option<Vec<u8>> {
        match pem(text)? {
            Written::PrivateDer(der) => Some(der.to_vec()),
            _ => None,
        }
    }

    #[test]
    fn the_first_key_is_taken_whatever_stands_around_it() {
        let key = "-----BEGIN PRIVATE KEY-----\r\nAAEC\r\n-----END PRIVATE KEY-----\r\n";
        assert_eq!(private(key), Some(vec![0, 1, 2]));
        let parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
        assert_eq!(private(&format!("my key:\n{parameters}{key}")), Some(vec![0, 1, 2]));
    }

    #[test]
    fn torn_blocks_are_none() {
        for text in [
            "",
            "-----BEGIN ",
            "-----BEGIN PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----AAEC-----END PUBLIC KEY-----",
            "-----BEGIN PRIVATE KEY-----AA!C-----END PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY----------END PRIVATE KEY-----",
            "-----BEGIN CERTIFICATE-----AAEC-----END CERTIFICATE-----",
            "-----BEGIN SOMETHING-----AAEC-----END SOMETHING-----",
        ] {
            assert!(pem(text).is_none(), "{text}");
        }
    }
}
