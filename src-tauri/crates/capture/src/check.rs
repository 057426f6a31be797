use bytes::Bytes;
use hookbench_model::{DeliveryId, InFlightLedger, RelayWay, Shown, Timestamp, Verification, came_by_relay};
use hookbench_providers::{Profile, Seen, SeenEvent};
use hookbench_signing::{Received, verify};

use crate::inboxes::{Known, Verifier};
use crate::wire::Head;

/// What can be said of a request on its arrival. Whatever is wrong with it is found here and written down;
/// it is never a reason to lose the request.
#[derive(Clone, Debug)]
pub(crate) struct Findings {
    pub(crate) verification: Verification,
    pub(crate) event_type: Option<String>,
    pub(crate) provider_event_id: Option<String>,
    pub(crate) delivery: Option<(DeliveryId, u32)>,
    /// Whether it came by a relay of ours: it goes no further.
    pub(crate) relayed: bool,
    /// How it is shown, where it brings a secret.
    pub(crate) shown: Option<Shown>,
}

impl Findings {
    pub(crate) fn of(
        known: &Known,
        head: &Head,
        body: &Bytes,
        ledger: &InFlightLedger,
        now: Timestamp,
    ) -> Self {
        let SeenEvent { event_type, provider_event_id } =
            known.profile.as_deref().map(|profile| event_of(profile, head, body)).unwrap_or_default();
        let sent = ledger.arrived(&head.method, head.target.path_and_query(), body, &head.headers);
        Self {
            verification: verification(known, head, body, now),
            event_type,
            provider_event_id,
            shown: known.shown(head, sent.as_ref()),
            relayed: sent.as_ref().is_some_and(|entry| entry.relay.is_some())
                || (known.inbox.relay.is_some() && came_by_relay(&head.headers, known.inbox.id)),
            delivery: sent
                .filter(|entry| entry.relay != Some(RelayWay::Inline))
                .map(|entry| (entry.delivery, entry.attempt)),
        }
    }
}

fn event_of(profile: &Profile, head: &Head, body: &[u8]) -> SeenEvent {
    profile.event_of(&Seen { method: &head.method, query: head.target.query(), headers: &head.headers, body })
}

fn verification(known: &Known, head: &Head, body: &[u8], now: Timestamp) -> Verification {
    let scheme = match (known.scheme.scheme(), &known.scheme) {
        (Some(scheme), _) => scheme,
        (None, Verifier::Gone(id)) => return Verification::scheme_gone(id),
        (None, _) => return Verification::not_checked(),
    };
    let headers: Vec<(&str, &[u8])> =
        head.headers.iter().map(|(name, value)| (name, value.as_bytes())).collect();
    let url = if scheme.signs_url() { head.url() } else { String::new() };
    let received = Received { method: &head.method, url: &url, headers: &headers, body };
    verify(scheme, &known.secrets_at(now), &received, now.unix_ms()).into()
}
