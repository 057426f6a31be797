//! What a notification says, and where a click on it leads.

use std::collections::BTreeMap;

use super::Alert;

/// What is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    EndpointFailing,
    DeliveryExhausted,
    EndpointDisabled,
    EndpointRecovered,
}

/// What is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notification {
    pub(crate) title: String,
    pub(crate) body: String,
    /// The place in the interface that a click leads to.
    pub(crate) address: String,
}

/// What stands behind an alert, as far as it could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// The event's type.
    pub(crate) event: Option<String>,
    /// The endpoint's name, or the URL.
    pub(crate) endpoint: Option<String>,
    /// The last attempt's error, or why the endpoint was disabled, as a sentence.
    pub(crate) why: Option<String>,
}

impl Kind {
    /// The kind of that name in the contract.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "endpoint.failing" => Self::EndpointFailing,
            "delivery.exhausted" => Self::DeliveryExhausted,
            "endpoint.disabled" => Self::EndpointDisabled,
            "endpoint.recovered" => Self::EndpointRecovered,
            _ => return None,
        })
    }

    fn one(self, facts: &Facts) -> String {
        let endpoint = facts.endpoint.as_deref().unwrap_or("An endpoint");
        match self {
            Self::EndpointFailing => format!("{endpoint} has begun to fail"),
            Self::DeliveryExhausted => format!("Delivery failed: {}", to(facts)),
            Self::EndpointDisabled => format!("{endpoint} was disabled"),
            Self::EndpointRecovered => format!("{endpoint} works again"),
        }
    }

    fn counted(self, count: usize) -> String {
        match (self, count) {
            (Self::EndpointFailing, 1) => "1 endpoint has begun to fail".to_owned(),
            (Self::EndpointFailing, _) => format!("{count} endpoints have begun to fail"),
            (Self::DeliveryExhausted, 1) => "1 delivery failed".to_owned(),
            (Self::DeliveryExhausted, _) => format!("{count} deliveries failed"),
            (Self::EndpointDisabled, 1) => "1 endpoint was disabled".to_owned(),
            (Self::EndpointDisabled, _) => format!("{count} endpoints were disabled"),
            (Self::EndpointRecovered, 1) => "1 endpoint works again".to_owned(),
            (Self::EndpointRecovered, _) => format!("{count} endpoints work again"),
        }
    }
}

fn to(facts: &Facts) -> String {
    let event = facts.event.as_deref().unwrap_or("an event");
    format!("{event} to {}", facts.endpoint.as_deref().unwrap_or("its endpoint"))
}

/// Alerts that are shown together: however many there are, only the newest is kept.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    counts: BTreeMap<Kind, usize>,
    newest: Option<Alert>,
}

impl Gathered {
    pub(super) fn add(&mut self, alert: Alert) {
        *self.counts.entry(alert.kind).or_default() += 1;
        self.newest = Some(alert);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.newest.is_none()
    }

    pub(super) fn newest(&self) -> Option<&Alert> {
        self.newest.as_ref()
    }

    /// What is said of them; the facts are those of the newest.
    pub(super) fn worded(&self, facts: &Facts) -> Notification {
        let kinds: Vec<(Kind, usize)> = self.counts.iter().map(|(kind, count)| (*kind, *count)).collect();
        let why = facts.why.clone();
        match (kinds.as_slice(), &self.newest) {
            ([(kind, 1)], Some(newest)) => Notification {
                title: kind.one(facts),
                body: why.unwrap_or_else(|| match kind {
                    Kind::EndpointRecovered => {
                        format!("{} was delivered.", facts.event.as_deref().unwrap_or("An event"))
                    }
                    _ => "No attempt succeeded.".to_owned(),
                }),
                address: newest.address(),
            },
            ([(Kind::DeliveryExhausted, count)], Some(_)) => Notification {
                title: Kind::DeliveryExhausted.counted(*count),
                body: format!(
                    "Most recently {}: {}",
                    to(facts),
                    why.as_deref().unwrap_or("No attempt succeeded.")
                ),
                address: "#/deliveries?status=failed".to_owned(),
            },
            (several, newest) => Notification {
                title: several
                    .iter()
                    .map(|(kind, count)| kind.counted(*count))
                    .collect::<Vec<_>>()
                    .join(", "),
                body: newest
                    .as_ref()
                    .map(|newest| format!("Most recently: {}", newest.kind.one(facts)))
                    .unwrap_or_default(),
                address: "#/endpoints".to_owned(),
            },
        }
    }
}

impl Alert {
    fn address(&self) -> String {
        match (&self.endpoint, self.kind) {
            (Some(endpoint), Kind::EndpointFailing | Kind::EndpointDisabled | Kind::EndpointRecovered) => {
                format!("#/endpoints/{endpoint}")
            }
            _ => format!("#/deliveries/{}", self.delivery),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gathered(kinds: &[Kind]) -> Gathered {
        let mut gathered = Gathered::default();
        for kind in kinds {
            gathered.add(Alert { kind: *kind, delivery: "dlv_1".into(), endpoint: Some("ep_1".into()) });
        }
        gathered
    }

    #[test]
    fn an_endpoint_is_named_with_the_reason_and_a_click_leads_to_it() {
        let facts = Facts {
            event: Some("order.paid".into()),
            endpoint: Some("Shop".into()),
            why: Some("The receiver answered 410 Gone".into()),
        };
        let disabled = gathered(&[Kind::EndpointDisabled]).worded(&facts);
        assert_eq!(
            (disabled.title.as_str(), disabled.address.as_str()),
            ("Shop was disabled", "#/endpoints/ep_1")
        );
        assert_eq!(disabled.body, "The receiver answered 410 Gone");
        let well = gathered(&[Kind::EndpointRecovered]).worded(&Facts { why: None, ..facts });
        assert_eq!(
            (well.title.as_str(), well.body.as_str()),
            ("Shop works again", "order.paid was delivered.")
        );
    }

    #[test]
    fn several_kinds_are_counted_each_for_itself() {
        let kinds = [Kind::DeliveryExhausted, Kind::DeliveryExhausted, Kind::EndpointDisabled];
        let several = gathered(&kinds).worded(&Facts { endpoint: Some("Shop".into()), ..Facts::default() });
        assert_eq!(several.title, "2 deliveries failed, 1 endpoint was disabled");
        assert_eq!(several.body, "Most recently: Shop was disabled");
        assert_eq!(several.address, "#/endpoints");
    }
}
