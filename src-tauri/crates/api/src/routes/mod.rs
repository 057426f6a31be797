//! The calls of `/v1`: one noun, one file. A handler reads what came, asks the workbench, and writes the
//! answer; it decides nothing.

mod attempts;
mod certificate;
mod changes;
mod clock;
mod deliveries;
mod endpoints;
mod events;
mod fault_receivers;
mod forecast;
mod health;
mod inboxes;
mod interchange;
mod metrics;
mod providers;
mod relays;
mod replays;
mod requests;
mod saved_filters;
mod schedules;
mod schemes;
mod secrets;
mod settings;
mod shapes;
mod signatures;
mod snippets;
mod stats;
mod strays;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;

use crate::Api;

/// The most of a body that an ordinary call takes, in bytes: 2 MiB.
const BODY_LIMIT: usize = 2 << 20;
/// The most that a call takes which carries a payload: 32 MiB of it as base64, and its surroundings.
pub(crate) const PAYLOAD_BODY_LIMIT: usize = 48 << 20;

/// Every call there is; the OpenAPI document lists what is registered here.
pub(crate) fn all() -> OpenApiRouter<Api> {
    let ordinary = OpenApiRouter::new()
        .merge(schemes::routes())
        .merge(saved_filters::routes())
        .merge(schedules::routes())
        .merge(snippets::routes())
        .merge(endpoints::routes())
        .merge(secrets::routes())
        .merge(deliveries::routes())
        .merge(attempts::routes())
        .merge(replays::routes())
        .merge(inboxes::routes())
        .merge(relays::routes())
        .merge(shapes::routes())
        .merge(settings::routes())
        .merge(certificate::routes())
        .merge(stats::routes())
        .merge(strays::routes())
        .merge(forecast::routes())
        .merge(fault_receivers::routes())
        .merge(changes::routes())
        .merge(clock::routes())
        .merge(health::routes())
        .merge(metrics::routes())
        .layer(DefaultBodyLimit::max(BODY_LIMIT));
    let payloads = OpenApiRouter::new()
        .merge(events::routes())
        .merge(requests::routes())
        .merge(interchange::routes())
        .merge(signatures::routes())
        .merge(providers::routes())
        .layer(DefaultBodyLimit::max(PAYLOAD_BODY_LIMIT));
    ordinary.merge(payloads)
}

/// A list without filters.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct NoFilter {}
