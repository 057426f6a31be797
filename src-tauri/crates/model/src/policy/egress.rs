use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// Where deliveries may go. Nothing is denied unless somebody says so.
///
/// A rule of `deny` that fits denies. Where `allow` holds any rule, only what one of them fits may be reached.
/// `deny_private` denies addresses that are not of the public internet, but for those of a network that
/// `allow` names: a name alone does not open them, since whoever owns the name chooses its addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Egress {
    /// Whether addresses of private networks, of this machine and the like are denied.
    pub deny_private: bool,
    /// What may be reached; empty for everything.
    pub allow: Vec<EgressRule>,
    /// What may not.
    pub deny: Vec<EgressRule>,
}

/// A host, everything below a domain, or a network: `example.com`, `*.example.com`, `10.0.0.0/8`, `::1`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum EgressRule {
    /// This name.
    Host(String),
    /// Every name below this one, and not itself.
    Below(String),
    /// The addresses of this network.
    Network(IpNet),
}

/// Why a text is no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no rule: write a host (example.com), all below it (*.example.com) or a network (10.0.0.0/8)"
)]
pub struct EgressRuleError(String);

/// Why something may not be reached.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EgressDenied {
    /// A rule denies it.
    #[error("the egress rule `{0}` denies it")]
    Denied(EgressRule),
    /// There is a list of what is allowed, and it is not on it.
    #[error("it is not on the list of what may be reached")]
    NotAllowed,
    /// It is no address of the public internet.
    #[error("{0} is an address of a private network, and those are denied")]
    Private(IpAddr),
}

impl Egress {
    /// The most rules that a list may hold.
    pub const MOST_RULES: usize = 1000;

    /// Whether nothing is denied.
    pub fn is_open(&self) -> bool {
        !self.deny_private && self.allow.is_empty() && self.deny.is_empty()
    }

    /// Whether `address`, which the name `host` has, may be reached. It must be the address that is then
    /// used.
    pub fn check(&self, host: &str, address: IpAddr) -> Result<(), EgressDenied> {
        let address = address.to_canonical();
        if let Some(rule) = self.deny.iter().find(|rule| rule.fits(host, address)) {
            return Err(EgressDenied::Denied(rule.clone()));
        }
        let mut fitting = self.allow.iter().filter(|rule| rule.fits(host, address)).peekable();
        if !self.allow.is_empty() && fitting.peek().is_none() {
            return Err(EgressDenied::NotAllowed);
        }
        let named = fitting.any(|rule| matches!(rule, EgressRule::Network(_)));
        if self.deny_private && !named && is_private(address) {
            return Err(EgressDenied::Private(address));
        }
        Ok(())
    }

    /// Whether a rule denies addresses. Then nobody else may choose the address that is used: a name whose address is
    /// not known here cannot be judged.
    pub fn denies_addresses(&self) -> bool {
        self.deny_private || self.deny.iter().any(|rule| matches!(rule, EgressRule::Network(_)))
    }

    /// What can be said of a name whose address somebody else looks up, as a proxy does, where no rule denies addresses:
    /// the rules about names hold. A list of networks that are allowed does not open a name: one that is not itself on
    /// the list may not be reached.
    pub fn check_name(&self, host: &str) -> Result<(), EgressDenied> {
        if let Some(rule) = self.deny.iter().find(|rule| rule.names(host)) {
            return Err(EgressDenied::Denied(rule.clone()));
        }
        if self.allow.is_empty() || self.allow.iter().any(|rule| rule.names(host)) {
            return Ok(());
        }
        Err(EgressDenied::NotAllowed)
    }
}

impl EgressRule {
    /// Whether it means this name.
    fn names(&self, host: &str) -> bool {
        let host = plain(host);
        match self {
            Self::Host(name) => host == *name,
            Self::Below(name) => {
                host.strip_suffix(name.as_str()).is_some_and(|above| above.len() > 1 && above.ends_with('.'))
            }
            Self::Network(_) => false,
        }
    }

    /// Whether it means this host or this address.
    pub fn fits(&self, host: &str, address: IpAddr) -> bool {
        match self {
            Self::Host(_) | Self::Below(_) => self.names(host),
            Self::Network(network) => network.contains(&address.to_canonical()),
        }
    }
}

/// A host's name as rules compare it: lower-case, without the dot that a full name may end in.
fn plain(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

impl FromStr for EgressRule {
    type Err = EgressRuleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || EgressRuleError(text.chars().take(80).collect());
        let written = text.trim();
        let bare = written.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(written);
        if let Ok(address) = bare.parse::<IpAddr>() {
            return Ok(Self::Network(IpNet::from(address.to_canonical())));
        }
        if written.contains('/') {
            let network: IpNet = written.parse().map_err(|_| refused())?;
            return Ok(Self::Network(network.trunc()));
        }
        let (below, name) = match written.strip_prefix("*.") {
            Some(name) => (true, name),
            None => (false, written),
        };
        let name = plain(name);
        let label = |label: &str| {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            !label.is_empty() && label.len() <= 63 && label.bytes().all(fits)
        };
        if name.is_empty() || name.len() > 253 || !name.split('.').all(label) {
            return Err(refused());
        }
        Ok(if below { Self::Below(name) } else { Self::Host(name) })
    }
}

impl TryFrom<String> for EgressRule {
    type Error = EgressRuleError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<EgressRule> for String {
    fn from(rule: EgressRule) -> Self {
        rule.to_string()
    }
}

impl fmt::Display for EgressRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(name) => f.write_str(name),
            Self::Below(name) => write!(f, "*.{name}"),
            Self::Network(network) => network.fmt(f),
        }
    }
}

/// Whether an address is none of the public internet: of this machine, of a private or local network, shared,
/// reserved, for documentation, multicast or broadcast.
pub fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => is_private_v6(address),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let shared = first == 100 && (64..128).contains(&second);
    let assigned = first == 192 && second == 0 && third == 0;
    let benchmarks = first == 198 && (18..20).contains(&second);
    first == 0
        || first >= 240
        || shared
        || assigned
        || benchmarks
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // What carries an IPv4 address in it (NAT64, 6to4, and the old compatible form) is judged by that one.
    let carried = match segments {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0, 0, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            Some(Ipv4Addr::new(a, b, c, d))
        }
        _ => None,
    };
    address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        || segments[0] & 0xffc0 == 0xfec0
        || (segments[0] == 0x2001 && segments[1] == 0xdb8)
        || (segments[0] == 0x100 && segments[1..4] == [0, 0, 0])
        || carried.is_some_and(is_private_v4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(texts: &[&str]) -> Vec<EgressRule> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn rules_read_back_and_what_is_none_is_refused() {
        for (text, written) in [
            ("Example.com.", "example.com"),
            ("*.example.com", "*.example.com"),
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("127.0.0.1", "127.0.0.1/32"),
            ("[::1]", "::1/128"),
            ("fd00::/8", "fd00::/8"),
        ] {
            assert_eq!(text.parse::<EgressRule>().unwrap().to_string(), written);
        }
        for bad in ["", "*", "*.", "a b", "http://x", "10.0.0.0/33", "a..b", "ex*mple.com", "x:80"] {
            assert!(bad.parse::<EgressRule>().is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_not_public_is_private_however_it_is_written() {
        for text in [
            "127.0.0.1",
            "10.0.0.1",
            "172.31.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
        ] {
            assert!(is_private(ip(text)), "{text}");
        }
        for text in
            ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1", "::ffff:1.1.1.1", "64:ff9b::101:101"]
        {
            assert!(!is_private(ip(text)), "{text}");
        }
    }

    #[test]
    fn denials_come_first_then_what_is_allowed_then_what_is_private() {
        let open = Egress::default();
        assert!(open.is_open() && open.check("any", ip("127.0.0.1")).is_ok());
        let private = Egress { deny_private: true, ..Egress::default() };
        assert_eq!(private.check("x", ip("10.0.0.1")), Err(EgressDenied::Private(ip("10.0.0.1"))));
        assert!(private.check("x", ip("::ffff:10.0.0.1")).is_err());
        let listed = Egress {
            deny_private: true,
            allow: rules(&["*.example.com", "192.168.0.0/16"]),
            deny: rules(&["192.168.9.9"]),
        };
        assert!(listed.check("a.example.com", ip("1.1.1.1")).is_ok());
        assert!(listed.check("a.EXAMPLE.com.", ip("1.1.1.1")).is_ok());
        let moved = listed.check("a.example.com", ip("10.0.0.1"));
        assert_eq!(
            moved,
            Err(EgressDenied::Private(ip("10.0.0.1"))),
            "a name does not open private networks"
        );
        assert_eq!(listed.check("example.com", ip("1.1.1.1")), Err(EgressDenied::NotAllowed));
        assert_eq!(listed.check("badexample.com", ip("1.1.1.1")), Err(EgressDenied::NotAllowed));
        assert!(listed.check("x", ip("192.168.1.1")).is_ok());
        assert!(matches!(listed.check("x", ip("192.168.9.9")), Err(EgressDenied::Denied(_))));
    }

    #[test]
    fn of_a_name_alone_its_rules_hold() {
        let private = Egress { deny_private: true, ..Egress::default() };
        assert!(private.check_name("intranet").is_ok(), "only its address could tell");
        assert!(private.denies_addresses());
        let denied = Egress { deny: rules(&["*.example.com", "10.0.0.0/8"]), ..Egress::default() };
        assert!(denied.denies_addresses());
        assert!(denied.check_name("a.example.com").is_err());
        assert!(denied.check_name("example.com").is_ok());
        let listed = Egress { allow: rules(&["example.com", "10.0.0.0/8"]), ..Egress::default() };
        assert!(!listed.denies_addresses(), "it allows them");
        let named = Egress { deny: rules(&["example.com", "*.example.com"]), ..Egress::default() };
        assert!(!named.denies_addresses() && !Egress::default().denies_addresses());
        assert!(listed.check_name("Example.com.").is_ok());
        assert_eq!(listed.check_name("other.example"), Err(EgressDenied::NotAllowed));
    }
}
