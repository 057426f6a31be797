use serde::{Deserialize, Serialize};

use crate::{Alert, AllowList, Egress, Proxy, Reach};

/// How the interface is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// A workspace's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// How the interface is drawn.
    pub theme: Theme,
    /// Whether closing the window keeps Hookbench in the tray.
    pub close_to_tray: bool,
    /// How many attempts may be under way at once, over all endpoints: 1 to 1024.
    pub max_in_flight: u32,
    /// The largest body an inbox takes, in bytes.
    pub capture_max_body: u64,
    /// The most of a response's body that an attempt keeps, in bytes.
    pub response_cap: u64,
    /// After how long ended deliveries and their events are removed, in milliseconds; `None` for never.
    pub delivery_max_age_ms: Option<u64>,
    /// How large the log may grow before the oldest ended deliveries are removed, in bytes; `None` for no
    /// such bound.
    pub log_max_bytes: Option<u64>,
    /// The proxy that endpoints without a choice of their own are reached through. It may hold a password,
    /// so it has no written form of its own: the store keeps it encrypted.
    #[serde(skip)]
    pub proxy: Proxy,
    /// Where deliveries may go.
    pub egress: Egress,
    /// From where the inboxes are reached, and how.
    pub reach: Reach,
    /// Whether counts and times are given to monitoring.
    pub metrics: bool,
    /// What a person is told of: by the desktop where the window is open, by the page in a browser.
    pub notify_on: Vec<Alert>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            close_to_tray: false,
            max_in_flight: 64,
            capture_max_body: 32 << 20,
            response_cap: 256 << 10,
            delivery_max_age_ms: None,
            log_max_bytes: None,
            proxy: Proxy::None,
            egress: Egress::default(),
            reach: Reach::default(),
            metrics: false,
            notify_on: vec![Alert::DeliveryExhausted, Alert::EndpointDisabled],
        }
    }
}

/// Why settings are refused: the field, and what it may be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} must lie between {least} and {most}, not {given}")]
pub struct SettingsError {
    /// The field's name.
    pub field: &'static str,
    /// The least it may be.
    pub least: u64,
    /// The most it may be.
    pub most: u64,
    /// What was given.
    pub given: u64,
}

impl Settings {
    /// Checks the bounds.
    pub fn validate(&self) -> Result<(), SettingsError> {
        let day = 24 * 3600 * 1000;
        let within = |field, given: u64, least, most| {
            if (least..=most).contains(&given) {
                Ok(())
            } else {
                Err(SettingsError { field, least, most, given })
            }
        };
        within("max_in_flight", self.max_in_flight.into(), 1, 1024)?;
        within("capture_max_body", self.capture_max_body, 1 << 10, 256 << 20)?;
        within("response_cap", self.response_cap, 0, 16 << 20)?;
        if let Some(age) = self.delivery_max_age_ms {
            within("delivery_max_age_ms", age, 60_000, 3650 * day)?;
        }
        if let Some(size) = self.log_max_bytes {
            within("log_max_bytes", size, 1 << 20, 1 << 50)?;
        }
        let most = Egress::MOST_RULES as u64;
        within("egress.allow", self.egress.allow.len() as u64, 0, most)?;
        within("egress.deny", self.egress.deny.len() as u64, 0, most)?;
        within("reach.allow", self.reach.allow.0.len() as u64, 0, AllowList::MOST_RULES as u64)
    }
}
