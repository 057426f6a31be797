use hookbench_model as model;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Reach, ReachEdit, given, stated, wire_enum};

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

/// Something that somebody is told of; the name is the type of its event too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) enum Alert {
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

impl From<model::Alert> for Alert {
    fn from(alert: model::Alert) -> Self {
        match alert {
            model::Alert::EndpointFailing => Self::EndpointFailing,
            model::Alert::DeliveryExhausted => Self::DeliveryExhausted,
            model::Alert::EndpointDisabled => Self::EndpointDisabled,
            model::Alert::EndpointRecovered => Self::EndpointRecovered,
        }
    }
}

impl From<Alert> for model::Alert {
    fn from(alert: Alert) -> Self {
        match alert {
            Alert::EndpointFailing => Self::EndpointFailing,
            Alert::DeliveryExhausted => Self::DeliveryExhausted,
            Alert::EndpointDisabled => Self::EndpointDisabled,
            Alert::EndpointRecovered => Self::EndpointRecovered,
        }
    }
}

/// Where deliveries may go. Nothing is denied unless somebody says so.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Egress {
    /// Whether addresses of private networks, of this machine and the like are denied; those of a network that
    /// `allow` names are not. Hookbench's own inboxes are always reached.
    #[serde(default)]
    deny_private: bool,
    /// What may be reached, everything else may not; empty for everything. Hosts (`example.com`), all below one
    /// (`*.example.com`), networks (`10.0.0.0/8`).
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 1000)]
    allow: Vec<model::EgressRule>,
    /// What may not be reached.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 1000)]
    deny: Vec<model::EgressRule>,
}

/// A workspace's settings.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// How the interface is drawn.
    theme: Theme,
    /// Whether `delivery.exhausted` is among `notify_on`: the older name of that choice. Where both are given
    /// `notify_on` holds.
    notify_on_failure: bool,
    /// What a person is told of: Hookbench's window by a notification of the desktop, a page in a browser by a
    /// message of its own. Left out, it is the usual choice but for what `notify_on_failure` says.
    #[serde(default)]
    #[schema(required, value_type = Vec<Alert>, max_items = 4)]
    notify_on: Option<Vec<Alert>>,
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
    /// How large the log may grow in the file, in bytes, before the oldest ended deliveries are removed with
    /// their events; captured requests do not count. At least 1 MiB; null for no such bound.
    #[serde(default)]
    #[schema(required)]
    log_max_bytes: Option<u64>,
    /// The proxy that endpoints without a choice of their own are reached through: `none`, `system` or a URL,
    /// with `***` for a user and password. Targets on this machine are reached straight.
    #[serde(default = "straight")]
    #[schema(required)]
    pub(crate) proxy: String,
    /// Where deliveries may go.
    #[serde(default)]
    #[schema(required)]
    egress: Egress,
    /// From where inboxes are reached, and how.
    #[serde(default)]
    #[schema(required)]
    reach: Reach,
    /// Whether `/metrics` is answered, for monitoring.
    #[serde(default)]
    #[schema(required)]
    metrics: bool,
}

impl From<model::Settings> for Settings {
    fn from(settings: model::Settings) -> Self {
        Self {
            theme: settings.theme.into(),
            notify_on_failure: settings.notify_on.contains(&model::Alert::DeliveryExhausted),
            notify_on: Some(settings.notify_on.into_iter().map(Into::into).collect()),
            close_to_tray: settings.close_to_tray,
            max_in_flight: settings.max_in_flight,
            capture_max_body: settings.capture_max_body,
            response_cap: settings.response_cap,
            delivery_max_age_ms: settings.delivery_max_age_ms,
            log_max_bytes: settings.log_max_bytes,
            proxy: settings.proxy.shown(),
            egress: settings.egress.into(),
            reach: settings.reach.into(),
            metrics: settings.metrics,
        }
    }
}

impl From<Settings> for model::Settings {
    /// All but the proxy, which may stand for one that is there: whoever changes the settings reads it.
    fn from(settings: Settings) -> Self {
        Self {
            theme: settings.theme.into(),
            notify_on: chosen(
                &Self::default().notify_on,
                settings.notify_on.as_deref(),
                Some(settings.notify_on_failure),
            ),
            close_to_tray: settings.close_to_tray,
            max_in_flight: settings.max_in_flight,
            capture_max_body: settings.capture_max_body,
            response_cap: settings.response_cap,
            delivery_max_age_ms: settings.delivery_max_age_ms,
            log_max_bytes: settings.log_max_bytes,
            proxy: model::Proxy::None,
            egress: settings.egress.into(),
            reach: settings.reach.into(),
            metrics: settings.metrics,
        }
    }
}

fn straight() -> String {
    model::Proxy::None.shown()
}

impl From<model::Egress> for Egress {
    fn from(model::Egress { deny_private, allow, deny }: model::Egress) -> Self {
        Self { deny_private, allow, deny }
    }
}

impl From<Egress> for model::Egress {
    fn from(Egress { deny_private, allow, deny }: Egress) -> Self {
        Self { deny_private, allow, deny }
    }
}

/// Changes to the settings: what is left out stays, and only what may be null is null.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsEdit {
    /// How the interface is drawn.
    #[serde(default, deserialize_with = "stated")]
    #[schema(nullable = false)]
    theme: Option<Theme>,
    /// Whether `delivery.exhausted` is among `notify_on`: the older name of that choice.
    #[serde(default, deserialize_with = "stated")]
    #[schema(nullable = false)]
    notify_on_failure: Option<bool>,
    /// What a person is told of: Hookbench's window by a notification of the desktop, a page in a browser by a
    /// message of its own.
    #[serde(default, deserialize_with = "stated")]
    #[schema(max_items = 4, nullable = false)]
    notify_on: Option<Vec<Alert>>,
    /// Whether closing the window keeps Hookbench in the tray.
    #[serde(default, deserialize_with = "stated")]
    #[schema(nullable = false)]
    close_to_tray: Option<bool>,
    /// How many attempts may be under way at once, over all endpoints.
    #[serde(default, deserialize_with = "stated")]
    #[schema(minimum = 1, maximum = 1024, nullable = false)]
    max_in_flight: Option<u32>,
    /// The largest body an inbox takes, in bytes.
    #[serde(default, deserialize_with = "stated")]
    #[schema(nullable = false)]
    capture_max_body: Option<u64>,
    /// The most of a response's body that an attempt keeps, in bytes.
    #[serde(default, deserialize_with = "stated")]
    #[schema(nullable = false)]
    response_cap: Option<u64>,
    /// After how long ended deliveries and their events are removed; null for never.
    #[serde(default, deserialize_with = "given")]
    delivery_max_age_ms: Option<Option<u64>>,
    /// How large the log may grow in the file, in bytes, before the oldest ended deliveries are removed with
    /// their events; captured requests do not count. At least 1 MiB; null for no such bound.
    #[serde(default, deserialize_with = "given")]
    log_max_bytes: Option<Option<u64>>,
    /// The proxy that endpoints without a choice of their own are reached through: `none`, `system` or a URL
    /// (http, https, socks5, socks5h), in which a user and password may stand, or `***` for those that it has.
    /// Targets on this machine are reached straight.
    #[serde(default, deserialize_with = "stated")]
    #[schema(nullable = false)]
    pub(crate) proxy: Option<String>,
    /// Where deliveries may go.
    #[serde(default, deserialize_with = "stated")]
    #[schema(nullable = false)]
    egress: Option<Egress>,
    /// From where inboxes are reached, and how; what is left out of it stays.
    #[serde(default, deserialize_with = "stated")]
    #[schema(nullable = false)]
    reach: Option<ReachEdit>,
    /// Whether `/metrics` is answered, for monitoring.
    #[serde(default, deserialize_with = "stated")]
    #[schema(nullable = false)]
    metrics: Option<bool>,
}

impl SettingsEdit {
    /// The settings with these changes, but for the proxy.
    pub(crate) fn apply(self, settings: &mut model::Settings) {
        set(&mut settings.theme, self.theme.map(Into::into));
        settings.notify_on = chosen(&settings.notify_on, self.notify_on.as_deref(), self.notify_on_failure);
        set(&mut settings.close_to_tray, self.close_to_tray);
        set(&mut settings.max_in_flight, self.max_in_flight);
        set(&mut settings.capture_max_body, self.capture_max_body);
        set(&mut settings.response_cap, self.response_cap);
        set(&mut settings.delivery_max_age_ms, self.delivery_max_age_ms);
        set(&mut settings.log_max_bytes, self.log_max_bytes);
        set(&mut settings.egress, self.egress.map(Into::into));
        self.reach.unwrap_or_default().apply(&mut settings.reach);
        set(&mut settings.metrics, self.metrics);
    }
}

/// What is told of: what is given, in one order and each once; else what is there, but for `exhausted`.
fn chosen(there: &[model::Alert], given: Option<&[Alert]>, exhausted: Option<bool>) -> Vec<model::Alert> {
    let wanted = |alert: &model::Alert| match (given, exhausted) {
        (Some(given), _) => given.contains(&(*alert).into()),
        (None, Some(exhausted)) if *alert == model::Alert::DeliveryExhausted => exhausted,
        (None, _) => there.contains(alert),
    };
    model::Alert::ALL.into_iter().filter(wanted).collect()
}

pub(super) fn set<T>(field: &mut T, given: Option<T>) {
    if let Some(value) = given {
        *field = value;
    }
}
