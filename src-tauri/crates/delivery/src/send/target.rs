use std::net::IpAddr;

use url::{Host, Url};

/// Where a request goes: scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Target {
    pub(super) https: bool,
    pub(super) host: Host<String>,
    pub(super) port: u16,
}

impl Target {
    /// The target of an http or https URL with a host.
    pub(super) fn of(url: &Url) -> Option<Self> {
        let https = match url.scheme() {
            "http" => false,
            "https" => true,
            _ => return None,
        };
        Some(Self { https, host: url.host()?.to_owned(), port: url.port_or_known_default()? })
    }

    /// The address that stands in the URL itself. However it was written there (`0x7f.1`, `2130706433`), it is
    /// plain by now.
    pub(super) fn literal(&self) -> Option<IpAddr> {
        literal(&self.host)
    }

    /// Whether it is this machine by its very name.
    pub(super) fn is_loopback(&self) -> bool {
        match &self.host {
            Host::Domain(name) => {
                let name = name.trim_end_matches('.');
                name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost")
            }
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => IpAddr::from(*address).to_canonical().is_loopback(),
        }
    }

    /// The host as rules name it: an address without brackets.
    pub(super) fn bare_host(&self) -> String {
        bare(&self.host)
    }

    /// Host and port, as sentences name them.
    pub(super) fn shown(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Scheme, host and port.
    pub(super) fn origin(&self) -> String {
        format!("{}://{}", if self.https { "https" } else { "http" }, self.shown())
    }
}

/// The address that a host is, if it is one.
pub(super) fn literal(host: &Host<String>) -> Option<IpAddr> {
    match host {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(IpAddr::V4(*address)),
        Host::Ipv6(address) => Some(IpAddr::V6(*address)),
    }
}

/// A host as a name or a plain address.
pub(super) fn bare(host: &Host<String>) -> String {
    literal(host).map_or_else(|| host.to_string(), |address| address.to_string())
}
