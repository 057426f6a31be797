//! The relay of an inbox, as somebody asks for it and the checks that make it one; and what was passed on.

use bytes::Bytes;
use hookbench_model::{
    Delivery, DeliveryId, DeliveryStatus, EndpointId, EventPattern, HeaderPairs, Inbox, InboxRelay,
    RelayHost, RelayState, RelayTarget, RelayTargetId, RelayTo, RelayedResponse, RequestId, RequestRelay,
    Subscriptions, Timestamp,
};
use hookbench_signing::Unpacked;
use url::Url;

use crate::attempts::content_type;
use crate::error::{Faults, Result, WorkbenchError};
use crate::requests::unpack;
use crate::{Workbench, checks};

/// The most event types that a target may name.
const MOST_TYPES: usize = 100;

/// What somebody says of an inbox's relay.
#[derive(Clone, Debug)]
pub struct RelayDraft {
    /// Whose answer the sender gets: the id or the name of a target, or `inbox`; the inbox's unless given.
    pub reply: Option<String>,
    /// Who gets what it captures.
    pub targets: Vec<RelayTargetDraft>,
}

/// What somebody says of a target.
#[derive(Clone, Debug)]
pub struct RelayTargetDraft {
    /// Its id; made unless given.
    pub id: Option<String>,
    /// What people call it; named by where it is unless given.
    pub name: Option<String>,
    /// A URL, or …
    pub url: Option<String>,
    /// … an endpoint.
    pub endpoint_id: Option<String>,
    /// Which events it gets; all unless given.
    pub event_types: Option<Vec<String>>,
    /// Which `Host` it is sent.
    pub host: RelayHost,
    /// Whether it gets anything.
    pub enabled: bool,
}

/// A captured request on its way to a target, with what its delivery tells where it has become one.
#[derive(Clone, Debug)]
pub struct RelaySeen {
    /// As it is kept.
    pub relay: RequestRelay,
    /// Where it goes: the target's own URL, or the endpoint's as it is now; empty of an endpoint that is gone.
    pub url: String,
    /// Where it stands, in the words of deliveries.
    pub status: DeliveryStatus,
    /// When the target began to be asked, for the last time so far.
    pub started_at: Option<Timestamp>,
    /// How long that took, in milliseconds.
    pub duration_ms: Option<u64>,
    /// What it answered.
    pub response: Option<RelayedResponse>,
    /// What went wrong, as a sentence.
    pub error: Option<String>,
}

impl Workbench {
    /// A relay that may be set for an inbox: `None` where it has no target.
    pub(crate) async fn checked_relay(
        &self,
        faults: &mut Faults,
        draft: RelayDraft,
        inbox: &Inbox,
    ) -> Result<Option<InboxRelay>> {
        let most = InboxRelay::MOST_TARGETS;
        faults.unless(draft.targets.len() <= most, "relay.targets", || {
            format!("may hold at most {most} targets")
        });
        let mut targets: Vec<RelayTarget> = Vec::new();
        for (at, draft) in draft.targets.into_iter().take(most).enumerate() {
            let field = format!("relay.targets[{at}]");
            let taken = |id: RelayTargetId| targets.iter().any(|target| target.id == id);
            let id = match draft.id.as_deref() {
                Some(text) => faults.take(&format!("{field}.id"), text.parse::<RelayTargetId>()),
                None => None,
            };
            faults.unless(!id.is_some_and(taken), &format!("{field}.id"), || {
                "is another target's already".to_owned()
            });
            let id = id.unwrap_or_else(|| RelayTargetId::new(self.now()));
            targets.extend(self.checked_target(faults, &field, draft, id).await?);
        }
        let reply_from = match draft.reply.as_deref() {
            None | Some("inbox") => None,
            Some(text) => answering(faults, text, &targets),
        };
        let relay = InboxRelay { reply_from, targets };
        self.refuse_circles(faults, &relay, inbox).await?;
        Ok((!relay.targets.is_empty()).then_some(relay))
    }

    async fn checked_target(
        &self,
        faults: &mut Faults,
        field: &str,
        draft: RelayTargetDraft,
        id: RelayTargetId,
    ) -> Result<Option<RelayTarget>> {
        let (to, usual_name) = match (draft.url.as_deref(), draft.endpoint_id.as_deref()) {
            (Some(text), None) => {
                let url = checks::url(faults, &format!("{field}.url"), text);
                let name = url.as_ref().map(authority_of);
                (url.map(RelayTo::Url), name)
            }
            (None, Some(text)) => {
                self.checked_endpoint(faults, &format!("{field}.endpoint_id"), text).await?
            }
            (Some(_), Some(_)) => {
                faults.add(format!("{field}.url"), "goes without `endpoint_id`: name one place");
                (None, None)
            }
            (None, None) => {
                faults.add(format!("{field}.url"), "is missing: name a `url` or an `endpoint_id`");
                (None, None)
            }
        };
        let name = match draft.name {
            Some(name) => checks::name(faults, &format!("{field}.name"), &name),
            None => usual_name.unwrap_or_default(),
        };
        let event_types = subscriptions(faults, &format!("{field}.event_types"), draft.event_types);
        let (host, enabled) = (draft.host, draft.enabled);
        Ok(to.map(|to| RelayTarget { id, name, to, event_types, host, enabled }))
    }

    async fn checked_endpoint(
        &self,
        faults: &mut Faults,
        field: &str,
        text: &str,
    ) -> Result<(Option<RelayTo>, Option<String>)> {
        let Some(id) = faults.take(field, text.parse::<EndpointId>()) else { return Ok((None, None)) };
        let found = self.store().endpoints().get(id).await?;
        faults.unless(found.is_some(), field, || format!("there is no endpoint {id}"));
        Ok((found.as_ref().map(|_| RelayTo::Endpoint(id)), found.map(|endpoint| endpoint.name)))
    }

    /// Refuses targets by which a request would come back to the inbox, itself or by way of others. What cannot be seen
    /// here, as a tunnel, is stopped by the receiver: what came by a relay is not passed on again.
    async fn refuse_circles(&self, faults: &mut Faults, relay: &InboxRelay, inbox: &Inbox) -> Result<()> {
        let mut others = self.store().inboxes().all().await?;
        others.retain(|other| other.id != inbox.id);
        for (at, target) in relay.targets.iter().enumerate() {
            let mut seen = Vec::new();
            let mut next = vec![self.url_of(&target.to).await?];
            while let Some(url) = next.pop() {
                let Some(slug) = url.as_ref().and_then(|url| self.slug_at(url)) else { continue };
                if slug == inbox.slug.as_str() {
                    let message = if seen.is_empty() {
                        "is this inbox itself: what it captures would come back for ever"
                    } else {
                        "leads back to this inbox by the relays of others"
                    };
                    let part = if target.to.url().is_some() { "url" } else { "endpoint_id" };
                    faults.add(format!("relay.targets[{at}].{part}"), message);
                    break;
                }
                let Some(other) = others.iter().find(|other| other.slug.as_str() == slug) else { continue };
                if seen.contains(&other.id) {
                    continue;
                }
                seen.push(other.id);
                for target in other.relay.iter().flat_map(|relay| &relay.targets) {
                    next.push(self.url_of(&target.to).await?);
                }
            }
        }
        Ok(())
    }

    async fn url_of(&self, to: &RelayTo) -> Result<Option<Url>> {
        match to {
            RelayTo::Url(url) => Ok(Some(url.clone())),
            RelayTo::Endpoint(id) => Ok(self.store().endpoints().get(*id).await?.map(|found| found.url)),
        }
    }

    /// The inbox that a URL of ours is of.
    fn slug_at(&self, url: &Url) -> Option<String> {
        let (host, port) = (url.host_str()?, url.port_or_known_default()?);
        if !self.ledger().is_ours(host, port) {
            return None;
        }
        url.path_segments()?.next().map(ToOwned::to_owned)
    }

    /// Where a captured request was passed on to, and what came of it, in the order of the targets.
    pub async fn request_relays(&self, id: RequestId) -> Result<Vec<RelaySeen>> {
        self.request(id).await?;
        let mut seen = Vec::new();
        for relay in self.store().relays().of(id).await? {
            seen.push(self.relay_seen(relay).await?);
        }
        Ok(seen)
    }

    /// The body that a target answered, as much of it as is kept, and its content type. Of one that is queued it is what
    /// the newest attempt got.
    pub async fn relay_response_body(&self, id: RequestId, number: u32) -> Result<(Bytes, Option<String>)> {
        let (body, headers) = self.relay_answer(id, number).await?;
        Ok((body, content_type(&headers)))
    }

    /// What that body says once what it was packed in is undone: at most `limit` bytes of it, and never more than
    /// 64 MiB.
    pub async fn unpacked_relay_response(
        &self,
        id: RequestId,
        number: u32,
        limit: usize,
    ) -> Result<(Unpacked, Option<String>)> {
        let (body, headers) = self.relay_answer(id, number).await?;
        Ok((unpack(body, &headers, limit).await?, content_type(&headers)))
    }

    async fn relay_answer(&self, id: RequestId, number: u32) -> Result<(Bytes, HeaderPairs)> {
        self.request(id).await?;
        let missing = || WorkbenchError::not_found("answer to relay", format!("{number} of {id}"));
        let relays = self.store().relays().of(id).await?;
        let relay = relays.into_iter().find(|relay| relay.number == number).ok_or_else(missing)?;
        if let Some(delivery) = relay.delivery_id {
            let last = self.last_attempt_of(delivery).await?.ok_or_else(missing)?;
            return self.received(delivery, last).await;
        }
        let response = relay.response.ok_or_else(missing)?;
        let body = self.store().relays().response_body(id, number).await?.unwrap_or_default();
        Ok((body, response.headers))
    }

    async fn last_attempt_of(&self, delivery: DeliveryId) -> Result<Option<u32>> {
        let found = self.store().deliveries().get(delivery).await?;
        Ok(found.and_then(|found| found.last_attempt).map(|last| last.number))
    }

    async fn relay_seen(&self, relay: RequestRelay) -> Result<RelaySeen> {
        let url = self.url_of(&relay.to).await?.map(|url| url.to_string()).unwrap_or_default();
        let delivery = match relay.delivery_id {
            Some(id) => self.store().deliveries().get(id).await?,
            None => None,
        };
        match delivery {
            Some(delivery) => self.delivery_seen(relay, url, delivery).await,
            None => Ok(RelaySeen {
                status: status_of(&relay),
                started_at: relay.started_at,
                duration_ms: relay.duration_ms,
                response: relay.response.clone(),
                error: relay.error.clone().or_else(|| removed(&relay)),
                url,
                relay,
            }),
        }
    }

    async fn delivery_seen(&self, relay: RequestRelay, url: String, delivery: Delivery) -> Result<RelaySeen> {
        let attempt = match &delivery.last_attempt {
            Some(last) => self.store().attempts().get(delivery.id, last.number).await?,
            None => None,
        };
        let started_at = attempt.as_ref().map(|attempt| attempt.started_at);
        let (duration_ms, error) = (attempt.as_ref().map(|attempt| attempt.duration_ms), attempt.as_ref());
        let error = error.and_then(|attempt| attempt.error.clone());
        let response = attempt.and_then(|attempt| attempt.response).map(|answer| RelayedResponse {
            status: answer.status,
            headers: answer.headers,
            body_size: answer.body_size,
            body_truncated: answer.body_truncated,
        });
        Ok(RelaySeen { status: delivery.status, started_at, duration_ms, response, error, url, relay })
    }
}

/// Where it stands, of one that is no delivery, or whose delivery has been removed.
const fn status_of(relay: &RequestRelay) -> DeliveryStatus {
    match relay.state {
        RelayState::Waiting => DeliveryStatus::Pending,
        RelayState::UnderWay => DeliveryStatus::InFlight,
        RelayState::Answered => DeliveryStatus::Delivered,
        RelayState::Failed => DeliveryStatus::Failed,
        // How a delivery ended is written here as it is removed; of one that is gone without that nobody may say that it
        // arrived.
        RelayState::HungUp | RelayState::Made => DeliveryStatus::Cancelled,
    }
}

/// What is said of one whose delivery has been removed: only what has ended is.
fn removed(relay: &RequestRelay) -> Option<String> {
    relay.delivery_id?;
    let words = match relay.state {
        RelayState::Made => ", and how it ended was not kept",
        _ => ", with its attempts",
    };
    Some(format!("Its delivery had ended, and has been removed from the log since{words}"))
}

/// The target that `reply` names.
fn answering(faults: &mut Faults, text: &str, targets: &[RelayTarget]) -> Option<RelayTargetId> {
    const FIELD: &str = "relay.reply";
    let by_id = targets.iter().find(|target| target.id.to_string() == text);
    let mut by_name = targets.iter().filter(|target| target.name == text);
    let found = by_id.or_else(|| by_name.next());
    let Some(target) = found else {
        faults.add(FIELD, "names no target: it must be `inbox`, or the id or the name of a target");
        return None;
    };
    faults.unless(by_name.next().is_none() || by_id.is_some(), FIELD, || {
        "is the name of two targets: give the id".to_owned()
    });
    faults.unless(target.to.url().is_some(), FIELD, || {
        "must name a target with a `url`: to an endpoint requests go as deliveries, behind the answer"
            .to_owned()
    });
    Some(target.id)
}

fn subscriptions(faults: &mut Faults, field: &str, given: Option<Vec<String>>) -> Subscriptions {
    let Some(given) = given else { return Subscriptions::all() };
    faults.unless(!given.is_empty(), field, || "must name a type; `*` is every one".to_owned());
    faults.unless(given.len() <= MOST_TYPES, field, || format!("may hold at most {MOST_TYPES} types"));
    let read =
        |(at, text): (usize, &String)| faults.take(&format!("{field}[{at}]"), text.parse::<EventPattern>());
    Subscriptions::new(given.iter().take(MOST_TYPES).enumerate().filter_map(read).collect())
}

/// Host and port, as people name a target.
fn authority_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
