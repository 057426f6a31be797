//! What this machine is called on its network.

use std::net::IpAddr;

/// The machine's name and its addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Machine {
    /// Its name, small letters.
    pub(crate) host: String,
    /// Its addresses by which others reach it, IPv4 first, in their order.
    pub(crate) addresses: Vec<IpAddr>,
}

impl Machine {
    /// As it is called now. Where the system does not tell its addresses there are none.
    pub(crate) fn now() -> Self {
        let host = gethostname::gethostname().to_string_lossy().to_ascii_lowercase();
        let found = if_addrs::get_if_addrs().unwrap_or_else(|error| {
            tracing::warn!(%error, "the addresses of this machine cannot be told");
            Vec::new()
        });
        let mut addresses: Vec<IpAddr> =
            found.iter().map(if_addrs::Interface::ip).filter(|address| is_reached_by(*address)).collect();
        addresses.sort_unstable();
        addresses.dedup();
        Self { host, addresses }
    }
}

/// An address of one link alone needs the name of the link beside it, which no URL has.
fn is_reached_by(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !v4.is_loopback() && !v4.is_unspecified() && !v4.is_link_local(),
        IpAddr::V6(v6) => !v6.is_loopback() && !v6.is_unspecified() && !v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_and_link_local_are_no_addresses_for_others() {
        for (address, is) in [
            ("127.0.0.1", false),
            ("::1", false),
            ("169.254.1.1", false),
            ("fe80::1", false),
            ("192.168.1.2", true),
            ("fd00::2", true),
        ] {
            assert_eq!(is_reached_by(address.parse().unwrap()), is, "{address}");
        }
        assert!(Machine::now().addresses.iter().all(|address| !address.is_loopback()));
    }
}
