use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use hookbench_model::Timestamp;
use hookbench_signing::Secret;
use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, NameConstraints, SanType, date_time_ymd,
};

/// How long an authority holds, in days: ten years, since people trust it by hand.
const AUTHORITY_DAYS: u64 = 3650;
/// How long what it signs holds, in days: what systems take at the most.
const CERTIFICATE_DAYS: u64 = 397;
/// How long before its making it holds, for senders whose clocks are behind.
const BACK: Duration = Duration::from_hours(24);

/// An authority that signs the receiver's certificate.
#[derive(Debug)]
pub struct MadeAuthority {
    /// Its certificate, PEM.
    pub certificate_pem: String,
    /// Its private key, PEM.
    pub key_pem: Secret,
}

/// What it signed.
#[derive(Debug)]
pub struct MadeCertificate {
    /// The certificate, PEM.
    pub certificate_pem: String,
    /// Its private key, PEM.
    pub key_pem: Secret,
}

/// What an authority may sign for beside what every one of them may: `localhost`, `*.local` and the networks nearby.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permitted {
    /// DNS names, each with all below it.
    pub names: Vec<String>,
    /// Addresses.
    pub addresses: Vec<IpAddr>,
}

impl Permitted {
    /// Whether it may sign for that name. One name too many and senders refuse the whole certificate.
    pub fn has_name(&self, name: &str) -> bool {
        ["localhost", "local"].into_iter().chain(self.names.iter().map(String::as_str)).any(|permitted| {
            let (name, permitted) = (name.to_ascii_lowercase(), permitted.to_ascii_lowercase());
            name.strip_suffix(&permitted).is_some_and(|below| below.is_empty() || below.ends_with('.'))
        })
    }

    fn has_address(&self, address: IpAddr) -> bool {
        is_near(address) || self.addresses.contains(&address)
    }
}

/// Why a certificate could not be made.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// The libraries could not.
    #[error("a certificate could not be made")]
    Make {
        /// Why.
        #[from]
        source: rcgen::Error,
    },
    /// The authority's key is no text.
    #[error("the authority's key cannot be read")]
    Key,
}

/// Makes an authority. Who trusts it trusts it for this machine and for private networks only: it is for `localhost`,
/// `*.local` and this host's name, for private, shared and local addresses, and for those in `addresses`. So whoever
/// got hold of its key could pass for none of the public sites.
pub fn make_authority(host: &str, addresses: &[IpAddr], now: Timestamp) -> Result<MadeAuthority, MakeError> {
    let key = KeyPair::generate()?;
    let mut params = authority_params(&key)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: permitted(host, addresses),
        excluded_subtrees: Vec::new(),
    });
    hold(&mut params, now, AUTHORITY_DAYS);
    let certificate = params.self_signed(&key)?;
    Ok(MadeAuthority { certificate_pem: certificate.pem(), key_pem: Secret::new(key.serialize_pem()) })
}

/// Makes a certificate for `localhost`, the loopback addresses, this host's name and these addresses, as far as the
/// authority may sign for them.
pub fn make_certificate(
    authority_key: &Secret,
    permitted: &Permitted,
    host: &str,
    addresses: &[IpAddr],
    now: Timestamp,
) -> Result<MadeCertificate, MakeError> {
    let authority_key = KeyPair::from_pem(authority_key.expose_text().ok_or(MakeError::Key)?)?;
    let authority = authority_params(&authority_key)?;
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, format!("Hookbench's receiver on {host}"));
    params.subject_alt_names = alternatives(host, permitted, addresses);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    hold(&mut params, now, CERTIFICATE_DAYS);
    let certificate = params.signed_by(&key, &Issuer::new(authority, authority_key))?;
    Ok(MadeCertificate { certificate_pem: certificate.pem(), key_pem: Secret::new(key.serialize_pem()) })
}

/// Whether an authority may sign for that address whatever was said when it was made.
fn is_near(address: IpAddr) -> bool {
    near().iter().any(|(network, prefix)| match (network, address.to_canonical()) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            u32::from(*network) >> (32 - u32::from(*prefix))
                == u32::from(address) >> (32 - u32::from(*prefix))
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let past = 128 - u32::from(*prefix);
            u128::from(*network).checked_shr(past) == u128::from(address).checked_shr(past)
        }
        _ => false,
    })
}

/// Networks that are nobody's on the public internet: of this machine, private, shared (as Tailscale's), link-local.
fn near() -> [(IpAddr, u8); 9] {
    let v4 = |a, b, c, d| IpAddr::V4(Ipv4Addr::new(a, b, c, d));
    let v6 = |first| IpAddr::V6(Ipv6Addr::new(first, 0, 0, 0, 0, 0, 0, 0));
    [
        (v4(127, 0, 0, 0), 8),
        (v4(10, 0, 0, 0), 8),
        (v4(172, 16, 0, 0), 12),
        (v4(192, 168, 0, 0), 16),
        (v4(169, 254, 0, 0), 16),
        (v4(100, 64, 0, 0), 10),
        (IpAddr::V6(Ipv6Addr::LOCALHOST), 128),
        (v6(0xfc00), 7),
        (v6(0xfe80), 10),
    ]
}

fn permitted(host: &str, addresses: &[IpAddr]) -> Vec<GeneralSubtree> {
    let names = ["localhost".to_owned(), "local".to_owned()];
    let names = names.into_iter().chain(dns_name(host).map(|_| host.to_owned()));
    let further = addresses.iter().filter(|address| !is_near(**address));
    let further = further.map(|address| (*address, if address.is_ipv4() { 32 } else { 128 }));
    let networks = near().into_iter().chain(further);
    names
        .map(GeneralSubtree::DnsName)
        .chain(networks.map(|(address, prefix)| {
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, prefix))
        }))
        .collect()
}

/// The names and addresses that [`make_certificate`] makes a certificate for.
pub fn names_for(host: &str, permitted: &Permitted, addresses: &[IpAddr]) -> Vec<String> {
    let names = alternatives(host, permitted, addresses).into_iter().filter_map(|name| match name {
        SanType::DnsName(name) => Some(name.to_string()),
        SanType::IpAddress(address) => Some(address.to_string()),
        _ => None,
    });
    names.collect()
}

fn alternatives(host: &str, permitted: &Permitted, addresses: &[IpAddr]) -> Vec<SanType> {
    let here = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let others = addresses.iter().filter(|address| permitted.has_address(**address));
    let mut hosts = vec!["localhost".to_owned(), host.to_owned()];
    // What machines nearby call it.
    if !host.contains('.') {
        hosts.push(format!("{host}.local"));
    }
    let hosts = hosts.iter().filter(|host| permitted.has_name(host)).filter_map(|host| dns_name(host));
    let addresses = here.into_iter().chain(others.copied()).map(SanType::IpAddress);
    let mut names: Vec<SanType> = hosts.chain(addresses).collect();
    names.dedup();
    names
}

fn dns_name(name: &str) -> Option<SanType> {
    let label = |label: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty() && label.len() <= 63 && label.bytes().all(fits)
    };
    if name.len() > 253 || !name.split('.').all(label) {
        return None;
    }
    Ia5String::try_from(name.to_ascii_lowercase()).ok().map(SanType::DnsName)
}

/// What identifies an authority to those that it signs: made of its key alone, so that it need not be read back.
fn authority_params(key: &KeyPair) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    let id = params.key_identifier(key);
    let short = id.iter().take(3).fold(0_u32, |short, byte| short << 8 | u32::from(*byte));
    params.distinguished_name.push(DnType::OrganizationName, "Hookbench");
    params.distinguished_name.push(DnType::CommonName, format!("Hookbench authority {short:06x}"));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

fn hold(params: &mut CertificateParams, now: Timestamp, days: u64) {
    let now = Duration::from_millis(u64::try_from(now.unix_ms()).unwrap_or(0));
    let from = now.saturating_sub(BACK).as_secs();
    let begin = date_time_ymd(1970, 1, 1);
    params.not_before = begin + Duration::from_secs(from);
    params.not_after = begin + Duration::from_secs(from + days * 24 * 3600);
}
