use std::net::IpAddr;

use hookbench_model::{PeerCertificate, Timestamp};
use rustls::crypto::aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256;
use rustls::pki_types::CertificateDer;
use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{NameConstraints, SubjectAltName};
use x509_cert::time::Time;

/// The most names that are taken from a certificate; some list thousands.
const NAMES: usize = 100;

/// What a certificate says; `None` where it cannot be read.
pub fn facts(der: &CertificateDer<'_>) -> Option<PeerCertificate> {
    let certificate = CertificateInner::<Raw>::from_der(der).ok()?;
    let content = certificate.tbs_certificate();
    let validity = content.validity();
    let names = content.get_extension::<SubjectAltName>().ok().flatten();
    Some(PeerCertificate {
        subject: content.subject().to_string(),
        issuer: content.issuer().to_string(),
        serial: hex(content.serial_number().as_bytes()),
        not_before: moment(validity.not_before),
        not_after: moment(validity.not_after),
        sha256: hex(&sha256(der)),
        names: names
            .map(|(_, names)| names.0.iter().filter_map(name).take(NAMES).collect())
            .unwrap_or_default(),
    })
}

/// The DNS names and the single addresses that a certificate's authority is bound to; none where it is bound to nothing
/// of the kind, or it cannot be read.
pub fn permitted(der: &CertificateDer<'_>) -> (Vec<String>, Vec<IpAddr>) {
    let certificate = CertificateInner::<Raw>::from_der(der).ok();
    let bounds = certificate.as_ref().and_then(|certificate| {
        certificate.tbs_certificate().get_extension::<NameConstraints>().ok().flatten()
    });
    let subtrees = bounds.and_then(|(_, bounds)| bounds.permitted_subtrees).unwrap_or_default();
    let (mut names, mut addresses) = (Vec::new(), Vec::new());
    for subtree in subtrees {
        match subtree.base {
            GeneralName::DnsName(name) => names.push(name.as_str().to_owned()),
            GeneralName::IpAddress(network) => addresses.extend(single(network.as_bytes())),
            _ => {}
        }
    }
    (names, addresses)
}

/// The address of a network, with its mask behind it, that has no other.
fn single(network: &[u8]) -> Option<IpAddr> {
    let (address, mask) = network.split_at_checked(network.len() / 2)?;
    if mask.iter().any(|byte| *byte != 0xff) {
        return None;
    }
    let four = <[u8; 4]>::try_from(address).map(IpAddr::from);
    four.or_else(|_| <[u8; 16]>::try_from(address).map(IpAddr::from)).ok()
}

/// The public key that it is for, as it stands in it with its algorithm; `None` where it cannot be read.
pub(super) fn public_key(der: &CertificateDer<'_>) -> Option<Vec<u8>> {
    let certificate = CertificateInner::<Raw>::from_der(der).ok()?;
    certificate.tbs_certificate().subject_public_key_info().to_der().ok()
}

/// Whether it names itself as its issuer.
pub(super) fn is_self_signed(der: &CertificateDer<'_>) -> bool {
    CertificateInner::<Raw>::from_der(der).is_ok_and(|certificate| {
        certificate.tbs_certificate().subject() == certificate.tbs_certificate().issuer()
    })
}

fn name(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(name.as_str().to_owned()),
        GeneralName::IpAddress(bytes) => match bytes.as_bytes() {
            bytes if bytes.len() == 4 => {
                <[u8; 4]>::try_from(bytes).ok().map(|four| IpAddr::from(four).to_string())
            }
            bytes => <[u8; 16]>::try_from(bytes).ok().map(|sixteen| IpAddr::from(sixteen).to_string()),
        },
        _ => None,
    }
}

fn moment(time: Time) -> Timestamp {
    Timestamp::from_unix_ms(i64::try_from(time.to_unix_duration().as_millis()).unwrap_or(i64::MAX))
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    // The digest that this suite is named after.
    TLS13_AES_128_GCM_SHA256
        .tls13()
        .map_or_else(Vec::new, |suite| suite.common.hash_provider.hash(bytes).as_ref().to_vec())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing into a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
