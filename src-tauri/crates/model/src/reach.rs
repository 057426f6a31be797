//! From where the inboxes are reached, and who may.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use hookbench_signing::Secret;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::{HeaderPairs, Timestamp};

/// From where the receiver is reached, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reach {
    /// Whether other machines of the network reach it too.
    pub lan: bool,
    /// Whose certificate it shows, if it speaks TLS.
    pub tls: ReceiverTls,
    /// Which addresses may send; this machine always may.
    pub allow: AllowList,
}

/// What the receiver shows over TLS. Requests in clear are taken at the same port whatever it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiverTls {
    /// It speaks none.
    #[default]
    Off,
    /// A certificate that Hookbench made, by an authority of its own.
    Made,
    /// A certificate that somebody gave.
    Own,
}

impl ReceiverTls {
    /// Its name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Made => "made",
            Self::Own => "own",
        }
    }
}

/// A network, or one address: `192.168.0.0/16`, `10.1.2.3`, `fd00::/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AddressRule(IpNet);

/// Why a text is no such rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither an address (10.1.2.3) nor a network (10.0.0.0/8)")]
pub struct AddressRuleError(String);

impl AddressRule {
    /// Whether it means this address. IPv4 that is written as IPv6 is IPv4.
    pub fn fits(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }

    /// What all its addresses begin with where it is one of IPv4, up to the last whole number: `10.1.` of `10.1.0.0/20`.
    pub fn v4_beginning(&self) -> Option<String> {
        let IpNet::V4(network) = self.0 else { return None };
        let mut address = network.addr().to_string();
        let end = match usize::from(network.prefix_len() / 8) {
            0 => 0,
            4 => address.len(),
            whole => address.match_indices('.').nth(whole - 1).map_or(0, |(at, _)| at + 1),
        };
        address.truncate(end);
        Some(address)
    }
}

impl FromStr for AddressRule {
    type Err = AddressRuleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || AddressRuleError(text.chars().take(80).collect());
        let written = text.trim();
        let bare = written.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(written);
        if let Ok(address) = bare.parse::<IpAddr>() {
            return Ok(Self(IpNet::from(address.to_canonical())));
        }
        let network: IpNet = written.parse().map_err(|_| refused())?;
        // Who sends is judged as IPv4 where it is IPv4, so a network must be written likewise.
        match network {
            IpNet::V6(v6) if v6.addr().to_ipv4_mapped().is_some() => {
                let v4 = v6.addr().to_ipv4_mapped().zip(v6.prefix_len().checked_sub(96));
                let (address, length) = v4.ok_or_else(refused)?;
                let network = ipnet::Ipv4Net::new(address, length).map_err(|_| refused())?;
                Ok(Self(IpNet::V4(network.trunc())))
            }
            network => Ok(Self(network.trunc())),
        }
    }
}

impl TryFrom<String> for AddressRule {
    type Error = AddressRuleError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<AddressRule> for String {
    fn from(rule: AddressRule) -> Self {
        rule.to_string()
    }
}

impl fmt::Display for AddressRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One address is written as one.
        if self.0.prefix_len() == self.0.max_prefix_len() { self.0.addr().fmt(f) } else { self.0.fmt(f) }
    }
}

/// Which addresses may send; empty for all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AllowList(pub Vec<AddressRule>);

impl AllowList {
    /// The most rules that one may hold.
    pub const MOST_RULES: usize = 1000;

    /// Whether it lets in everybody.
    pub const fn is_open(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this address is on it, or it lets in everybody.
    pub fn lets_in(&self, address: IpAddr) -> bool {
        self.0.is_empty() || self.0.iter().any(|rule| rule.fits(address))
    }
}

impl Reach {
    /// Whether this address may send to the receiver at all. This machine always may: a mistake in the list must not
    /// lock out who has to mend it. An inbox's own list makes no such exception.
    pub fn lets_in(&self, address: IpAddr) -> bool {
        self.allow.is_open() || address.to_canonical().is_loopback() || self.allow.lets_in(address)
    }
}

/// What a sender has to show to an inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InboxAccess {
    /// A name and a password, by HTTP's own `Authorization: Basic`.
    Basic {
        /// The name.
        username: String,
        /// The password.
        password: Secret,
    },
    /// A token.
    Token {
        /// Where it stands.
        place: TokenPlace,
        /// The token.
        token: Secret,
    },
}

/// Where a request has its token.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenPlace {
    /// In this header, alone or after `Bearer`.
    Header(String),
    /// In this parameter of the query.
    Query(String),
}

impl InboxAccess {
    /// The longest name, header or parameter, in characters.
    pub const LONGEST_NAME: usize = 200;

    /// What is secret of it: the password or the token.
    pub const fn secret(&self) -> &Secret {
        match self {
            Self::Basic { password, .. } => password,
            Self::Token { token, .. } => token,
        }
    }

    /// The header that brings it; `None` where the query does.
    pub fn header(&self) -> Option<&str> {
        match self {
            Self::Basic { .. } => Some("authorization"),
            Self::Token { place: TokenPlace::Header(name), .. } => Some(name),
            Self::Token { place: TokenPlace::Query(_), .. } => None,
        }
    }

    /// The header or the parameter of the query that brings it.
    pub fn place(&self) -> &str {
        match self {
            Self::Basic { .. } => "authorization",
            Self::Token { place: TokenPlace::Header(name) | TokenPlace::Query(name), .. } => name,
        }
    }

    /// What stands on the wire: name and password with a colon between, as `Basic` encodes them, or the token.
    pub fn on_wire(&self) -> Secret {
        match self {
            Self::Basic { username, password } => {
                Secret::new([username.as_bytes(), b":", password.expose()].concat())
            }
            Self::Token { token, .. } => token.clone(),
        }
    }

    /// Whether a request shows it. What is compared is compared in constant time.
    pub fn is_shown_by(&self, headers: &HeaderPairs, query: Option<&str>) -> bool {
        let wanted = self.on_wire();
        match self {
            Self::Basic { .. } => headers.get_all("authorization").any(|value| {
                let encoded = value.as_str().and_then(|text| after_word(text, "basic"));
                let shown = encoded.and_then(|text| data_encoding::BASE64.decode(text.as_bytes()).ok());
                shown.is_some_and(|shown| Secret::new(shown) == wanted)
            }),
            Self::Token { place: TokenPlace::Header(name), .. } => headers.get_all(name).any(|value| {
                let bearer = value.as_str().and_then(|text| after_word(text, "bearer"));
                Secret::new(value.as_bytes()) == wanted
                    || bearer.is_some_and(|token| Secret::from(token) == wanted)
            }),
            Self::Token { place: TokenPlace::Query(name), .. } => {
                let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
                pairs.filter(|(given, _)| given == name).any(|(_, value)| Secret::from(&*value) == wanted)
            }
        }
    }
}

/// What follows a word and white space.
fn after_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let (first, rest) = text.trim().split_once(' ')?;
    first.eq_ignore_ascii_case(word).then(|| rest.trim())
}

/// What was agreed on over TLS for a connection that a captured request came on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsFacts {
    /// `TLSv1.3`, `TLSv1.2`.
    pub version: String,
    /// The cipher suite, by its registered name.
    pub cipher_suite: String,
    /// The name that the sender asked for; `None` where it asked for none, as for an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_name: Option<String>,
    /// The protocol that was chosen, `h2` or `http/1.1`; `None` where the sender offered none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alpn: Option<String>,
}

/// A certificate with its private key, as they are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptCertificate {
    /// The certificate and those that lead to its authority, PEM.
    pub certificate_pem: String,
    /// The private key, PEM.
    pub key_pem: Secret,
    /// When it was given or made.
    pub kept_at: Timestamp,
}

/// Which of the receiver's certificates one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CertificateRole {
    /// The authority that signs what Hookbench makes.
    Authority,
    /// What it signed for the receiver.
    Made,
    /// What somebody gave.
    Own,
}

impl CertificateRole {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Authority, Self::Made, Self::Own];

    /// Its name, as it is kept.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authority => "authority",
            Self::Made => "made",
            Self::Own => "own",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(rules: &[&str]) -> AllowList {
        AllowList(rules.iter().map(|rule| rule.parse().unwrap()).collect())
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn networks_and_addresses_are_read_and_written_alike() {
        for (written, read) in [
            ("10.1.2.3", "10.1.2.3"),
            ("10.1.2.3/8", "10.0.0.0/8"),
            (" 192.168.0.0/16 ", "192.168.0.0/16"),
            ("::ffff:10.0.0.1", "10.0.0.1"),
            ("::ffff:10.9.0.1/104", "10.0.0.0/8"),
            ("[fd00::1]", "fd00::1"),
            ("fd00::/8", "fd00::/8"),
            ("0.0.0.0/0", "0.0.0.0/0"),
        ] {
            assert_eq!(written.parse::<AddressRule>().unwrap().to_string(), read, "{written}");
        }
        for bad in ["", "10.0.0", "10.0.0.0/33", "example.com", "*", "10.0.0.1-10.0.0.9", "::ffff:0:0/95"] {
            assert!(bad.parse::<AddressRule>().is_err(), "{bad}");
        }
    }

    #[test]
    fn what_the_addresses_of_a_network_begin_with_is_told_up_to_its_last_whole_number() {
        for (network, beginning) in [
            ("10.1.2.3", Some("10.1.2.3")),
            ("10.1.2.0/31", Some("10.1.2.")),
            ("10.1.0.0/20", Some("10.1.")),
            ("10.0.0.0/8", Some("10.")),
            ("8.0.0.0/7", Some("")),
            ("::ffff:10.9.0.1/104", Some("10.")),
            ("fd00::/8", None),
        ] {
            let rule: AddressRule = network.parse().unwrap();
            assert_eq!(rule.v4_beginning().as_deref(), beginning, "{network}");
        }
    }

    #[test]
    fn who_may_send_is_judged_by_its_ipv4_address_however_it_comes() {
        let home = list(&["192.168.0.0/16", "fd00::/8"]);
        for (who, may) in [
            ("192.168.3.4", true),
            ("::ffff:192.168.3.4", true),
            ("fd12::1", true),
            ("10.0.0.1", false),
            ("::ffff:10.0.0.1", false),
            ("2001:db8::1", false),
            ("127.0.0.1", false),
        ] {
            assert_eq!(home.lets_in(address(who)), may, "{who}");
        }
        let reach = Reach { allow: home, ..Reach::default() };
        for here in ["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"] {
            assert!(reach.lets_in(address(here)), "{here}");
        }
        assert!(!reach.lets_in(address("10.0.0.1")));
        assert!(Reach::default().lets_in(address("203.0.113.9")));
    }

    fn headers(lines: &[(&str, &str)]) -> HeaderPairs {
        lines.iter().copied().collect()
    }

    #[test]
    fn a_password_is_shown_as_http_has_it() {
        let access = InboxAccess::Basic { username: "ann".to_owned(), password: Secret::from("p:w ä") };
        let encoded = data_encoding::BASE64.encode("ann:p:w ä".as_bytes());
        for (line, may) in [
            (format!("Basic {encoded}"), true),
            (format!("basic   {encoded}"), true),
            (format!("Bearer {encoded}"), false),
            (encoded.clone(), false),
            (format!("Basic {}", data_encoding::BASE64.encode(b"ann:other")), false),
            (format!("Basic {}", data_encoding::BASE64.encode("ANN:p:w ä".as_bytes())), false),
            ("Basic %%%".to_owned(), false),
            ("Basic".to_owned(), false),
        ] {
            assert_eq!(access.is_shown_by(&headers(&[("AUTHORIZATION", &line)]), None), may, "{line}");
        }
        assert!(!access.is_shown_by(&headers(&[]), None));
    }

    #[test]
    fn a_token_is_shown_in_its_place_only() {
        let in_header = InboxAccess::Token {
            place: TokenPlace::Header("X-Token".to_owned()),
            token: Secret::from("t0k"),
        };
        let in_query =
            InboxAccess::Token { place: TokenPlace::Query("token".to_owned()), token: Secret::from("t0 k") };
        assert!(in_header.is_shown_by(&headers(&[("x-token", "t0k")]), None));
        assert!(in_header.is_shown_by(&headers(&[("x-token", "Bearer t0k")]), None));
        assert!(in_header.is_shown_by(&headers(&[("x-token", "no"), ("x-token", "t0k")]), None));
        assert!(!in_header.is_shown_by(&headers(&[("x-token", "t0k2")]), Some("x-token=t0k")));
        assert!(in_query.is_shown_by(&headers(&[]), Some("a=1&token=t0+k")));
        assert!(in_query.is_shown_by(&headers(&[]), Some("token=t0%20k")));
        assert!(!in_query.is_shown_by(&headers(&[("token", "t0 k")]), Some("Token=t0+k")));
        assert!(!in_query.is_shown_by(&headers(&[]), None));
    }
}
