use hookbench_model as model;
use hookbench_workbench::{RelayDraft, RelaySeen, RelayTargetDraft};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{DeliveryStatus, Headers, Time, wire_enum};

wire_enum! {
    /// Which `Host` a target of a relay is sent.
    RelayHost {
        /// The target's own.
        Target,
        /// The one that the sender used.
        Sender,
    }
}

wire_enum! {
    /// How a captured request goes to a target.
    RelayWay {
        /// While its sender waits for the target's answer.
        Inline,
        /// Behind the answer, as a delivery.
        Queued,
    }
}

/// Who else gets what an inbox captures.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Relay {
    /// Whose answer the sender gets. `inbox`: the inbox's as ever, at once, and all targets get the request behind
    /// that. The id of a target (or its name, when it is set): that target's, passed back whole while the sender waits;
    /// the others get the request behind it. A handshake, and a rule of the inbox that takes the request, answer
    /// before that target, which is then not asked.
    #[serde(default = "by_inbox")]
    #[schema(required = false)]
    reply: String,
    /// Who gets it, each for itself.
    #[schema(max_items = 16)]
    targets: Vec<RelayTarget>,
}

fn by_inbox() -> String {
    "inbox".to_owned()
}

/// Somebody who gets what an inbox captures: just one of `url` and `endpoint_id`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RelayTarget {
    /// `tgt_…`. Made where it is left out, and the same through edits that name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// What people call it; host and port, or the endpoint's name, unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    name: Option<String>,
    /// A URL; path and query below the inbox are added to its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// `ep_…`: the request goes there as it came, by that endpoint's retries, limits and order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    endpoint_id: Option<String>,
    /// Which events it gets: `*`, names, or prefixes such as `message.*`. A request whose type is not known goes to those
    /// with `*`.
    #[serde(default = "every")]
    #[schema(required = false, max_items = 100)]
    event_types: Vec<String>,
    /// Which `Host` it is sent; its own unless said otherwise.
    #[serde(default = "its_own")]
    #[schema(required = false)]
    host: RelayHost,
    /// Whether it gets anything; it does unless said otherwise.
    #[serde(default = "yes")]
    #[schema(required = false)]
    enabled: bool,
}

fn every() -> Vec<String> {
    vec!["*".to_owned()]
}

const fn its_own() -> RelayHost {
    RelayHost::Target
}

const fn yes() -> bool {
    true
}

impl From<model::InboxRelay> for Relay {
    fn from(relay: model::InboxRelay) -> Self {
        Self {
            reply: relay.reply_from.map_or_else(by_inbox, |id| id.to_string()),
            targets: relay.targets.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<model::RelayTarget> for RelayTarget {
    fn from(target: model::RelayTarget) -> Self {
        Self {
            id: Some(target.id.to_string()),
            name: Some(target.name),
            url: target.to.url().map(ToString::to_string),
            endpoint_id: target.to.endpoint_id().map(|id| id.to_string()),
            event_types: target.event_types.patterns().iter().map(ToString::to_string).collect(),
            host: target.host.into(),
            enabled: target.enabled,
        }
    }
}

impl From<Relay> for RelayDraft {
    fn from(relay: Relay) -> Self {
        Self { reply: Some(relay.reply), targets: relay.targets.into_iter().map(Into::into).collect() }
    }
}

impl From<RelayTarget> for RelayTargetDraft {
    fn from(target: RelayTarget) -> Self {
        let RelayTarget { id, name, url, endpoint_id, event_types, host, enabled } = target;
        Self { id, name, url, endpoint_id, event_types: Some(event_types), host: host.into(), enabled }
    }
}

/// A captured request on its way to a target of its inbox.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RequestRelay {
    /// Among those of the request, from 1.
    number: u32,
    /// `tgt_…`
    target_id: String,
    /// What the target was called then.
    name: String,
    /// The target's URL without what the request adds; of an endpoint as it is now, empty where that is gone.
    url: String,
    /// `ep_…`, where the target is an endpoint.
    #[schema(required)]
    endpoint_id: Option<String>,
    /// Which `Host` it is sent.
    host: RelayHost,
    /// How it goes there.
    way: RelayWay,
    /// Where it stands, in the words of deliveries. Of one that is inline: `in_flight`; `delivered` once the target's
    /// answer, whatever its status, has been passed back whole; `failed` where there was none; `cancelled` where the
    /// sender hung up before it had all of it.
    status: DeliveryStatus,
    /// `dlv_…`: the delivery that it became, with its attempts and retries; null of one that is inline, and until it has
    /// become one.
    #[schema(required)]
    delivery_id: Option<String>,
    /// When the target was asked, the last time so far; null while it has not been.
    #[schema(required)]
    started_at: Option<Time>,
    /// How long that took; null while it is under way.
    #[schema(required)]
    duration_ms: Option<u64>,
    /// What the target answered, the last time so far; its body is a raw resource of its own.
    #[schema(required)]
    response: Option<RelayResponse>,
    /// What went wrong, as a sentence; null where nothing did.
    #[schema(required)]
    error: Option<String>,
}

/// What a target answered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RelayResponse {
    /// The HTTP status.
    status: u16,
    /// In the order in which they came in.
    headers: Headers,
    /// How many bytes of body came in.
    body_size: u64,
    /// Whether more came than is kept.
    body_truncated: bool,
}

impl From<RelaySeen> for RequestRelay {
    fn from(seen: RelaySeen) -> Self {
        let RelaySeen { relay, url, status, started_at, duration_ms, response, error } = seen;
        Self {
            number: relay.number,
            target_id: relay.target_id.to_string(),
            name: relay.name,
            url,
            endpoint_id: relay.to.endpoint_id().map(|id| id.to_string()),
            host: relay.host.into(),
            way: relay.way.into(),
            status: status.into(),
            delivery_id: relay.delivery_id.map(|id| id.to_string()),
            started_at: started_at.map(Into::into),
            duration_ms,
            response: response.map(|response| RelayResponse {
                status: response.status,
                headers: response.headers.into(),
                body_size: response.body_size,
                body_truncated: response.body_truncated,
            }),
            error,
        }
    }
}
