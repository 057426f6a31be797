use hookbench_model as model;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{given, wire_enum};

wire_enum! {
    /// How the interface is drawn.
    Theme {
        /// As the system says.
        System,
        /// Dark on light.
        Light,
        /// Light on dark.
        Dark,
    }
}

/// A workspace's settings.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// How the interface is drawn.
    theme: Theme,
    /// Whether the window notifies when a delivery finally fails.
    notify_on_failure: bool,
    /// Whether closing the window keeps Hookbench in the tray.
    close_to_tray: bool,
    /// How many attempts may be under way at once, over all endpoints.
    #[schema(minimum = 1, maximum = 1024)]
    max_in_flight: u32,
    /// The largest body an inbox takes, in bytes.
    capture_max_body: u64,
    /// The most of a response's body that an attempt keeps, in bytes.
    response_cap: u64,
    /// After how long ended deliveries and their events are removed; null for never.
    #[schema(required)]
    delivery_max_age_ms: Option<u64>,
}

impl From<model::Settings> for Settings {
    fn from(settings: model::Settings) -> Self {
        Self {
            theme: settings.theme.into(),
            notify_on_failure: settings.notify_on_failure,
            close_to_tray: settings.close_to_tray,
            max_in_flight: settings.max_in_flight,
            capture_max_body: settings.capture_max_body,
            response_cap: settings.response_cap,
            delivery_max_age_ms: settings.delivery_max_age_ms,
        }
    }
}

impl From<Settings> for model::Settings {
    fn from(settings: Settings) -> Self {
        Self {
            theme: settings.theme.into(),
            notify_on_failure: settings.notify_on_failure,
            close_to_tray: settings.close_to_tray,
            max_in_flight: settings.max_in_flight,
            capture_max_body: settings.capture_max_body,
            response_cap: settings.response_cap,
            delivery_max_age_ms: settings.delivery_max_age_ms,
        }
    }
}

/// Changes to the settings: what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsEdit {
    /// How the interface is drawn.
    theme: Option<Theme>,
    /// Whether the window notifies when a delivery finally fails.
    notify_on_failure: Option<bool>,
    /// Whether closing the window keeps Hookbench in the tray.
    close_to_tray: Option<bool>,
    /// How many attempts may be under way at once, over all endpoints.
    #[schema(minimum = 1, maximum = 1024)]
    max_in_flight: Option<u32>,
    /// The largest body an inbox takes, in bytes.
    capture_max_body: Option<u64>,
    /// The most of a response's body that an attempt keeps, in bytes.
    response_cap: Option<u64>,
    /// After how long ended deliveries and their events are removed; null for never.
    #[serde(default, deserialize_with = "given")]
    delivery_max_age_ms: Option<Option<u64>>,
}

impl SettingsEdit {
    /// The settings with these changes.
    pub(crate) fn apply(self, settings: &mut model::Settings) {
        let model::Settings {
            theme,
            notify_on_failure,
            close_to_tray,
            max_in_flight,
            capture_max_body,
            response_cap,
            delivery_max_age_ms,
        } = settings;
        set(theme, self.theme.map(Into::into));
        set(notify_on_failure, self.notify_on_failure);
        set(close_to_tray, self.close_to_tray);
        set(max_in_flight, self.max_in_flight);
        set(capture_max_body, self.capture_max_body);
        set(response_cap, self.response_cap);
        set(delivery_max_age_ms, self.delivery_max_age_ms);
    }
}

fn set<T>(field: &mut T, given: Option<T>) {
    if let Some(value) = given {
        *field = value;
    }
}
