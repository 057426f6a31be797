use serde::{Deserialize, Serialize};

/// Something that goes wrong, or right again, at an endpoint, and that somebody is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Alert {
    /// An endpoint that worked has begun to fail.
    #[serde(rename = "endpoint.failing")]
    EndpointFailing,
    /// A delivery has failed for good.
    #[serde(rename = "delivery.exhausted")]
    DeliveryExhausted,
    /// An endpoint has been disabled by its rule, or by an answer of 410.
    #[serde(rename = "endpoint.disabled")]
    EndpointDisabled,
    /// An endpoint that failed works again.
    #[serde(rename = "endpoint.recovered")]
    EndpointRecovered,
}

impl Alert {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::EndpointFailing, Self::DeliveryExhausted, Self::EndpointDisabled, Self::EndpointRecovered];

    /// For how long, in milliseconds, an endpoint that was told to fail is not told to fail anew, and after one
    /// delivery that failed for good the others of its endpoint are counted into the next alert: five minutes.
    pub const QUIET_MS: u64 = 5 * 60 * 1000;

    /// Its name in the contract, which is the type of its event too.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EndpointFailing => "endpoint.failing",
            Self::DeliveryExhausted => "delivery.exhausted",
            Self::EndpointDisabled => "endpoint.disabled",
            Self::EndpointRecovered => "endpoint.recovered",
        }
    }

    /// The alert of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alert| alert.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alert_has_one_name_everywhere() {
        for alert in Alert::ALL {
            assert_eq!(serde_json::to_value(alert).unwrap(), alert.as_str());
            assert_eq!(Alert::from_name(alert.as_str()), Some(alert));
        }
        assert_eq!(Alert::from_name("endpoint.enabled"), None);
    }
}
