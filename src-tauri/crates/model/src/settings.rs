use serde::{Deserialize, Serialize};

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
    /// Whether the window notifies when a delivery finally fails.
    pub notify_on_failure: bool,
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
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            notify_on_failure: true,
            close_to_tray: false,
            max_in_flight: 64,
            capture_max_body: 32 << 20,
            response_cap: 256 << 10,
            delivery_max_age_ms: None,
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
        self.delivery_max_age_ms.map_or(Ok(()), |age| within("delivery_max_age_ms", age, 60_000, 3650 * day))
    }
}
