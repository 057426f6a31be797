use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Names a provider profile: lower-case letters, digits, `-` and `_`, at most 64.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProviderId(String);

/// Why a text cannot name a provider profile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot name a provider: 1 to 64 lower-case letters, digits, `-` and `_` can")]
pub struct ProviderIdError(String);

impl ProviderId {
    const HOOKBENCH: &'static str = "hookbench";

    /// The profile for senders without one of their own: Standard Webhooks.
    pub fn generic() -> Self {
        Self("generic".to_owned())
    }

    /// The profile by which Hookbench itself tells of its [alerts](crate::Alert).
    pub fn hookbench() -> Self {
        Self(Self::HOOKBENCH.to_owned())
    }

    /// Whether it is the one that alerts are told by.
    pub fn tells_alerts(&self) -> bool {
        self.0 == Self::HOOKBENCH
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ProviderId {
    type Err = ProviderIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-' || c == b'_';
        if text.is_empty() || text.len() > 64 || !text.bytes().all(fits) {
            return Err(ProviderIdError(text.chars().take(80).collect()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for ProviderId {
    type Error = ProviderIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ProviderId> for String {
    fn from(id: ProviderId) -> Self {
        id.0
    }
}

impl fmt::Display for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provider_names_are_checked() {
        assert!("pulsewave".parse::<ProviderId>().is_ok());
        for bad in ["", "Pulse", "a b", "é", &"x".repeat(65)] {
            assert!(bad.parse::<ProviderId>().is_err(), "{bad}");
        }
    }
}
