//! Asks a target for its answer while a sender waits: the same head, to the byte, and the same way as a delivery of the
//! queued relay, but without a delivery.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hookbench_capture::{AskTarget, Asked, NotAnswered, RelayedRequest, TargetAnswer};
use hookbench_delivery::build::{BuildInput, BuiltRequest, build};
use hookbench_delivery::send::{Failure, Sender, Way};
use hookbench_model::{
    CapturedRequest, DeliveryId, DeliveryTarget, Event, EventId, EventRequest, HeaderPairs, InFlightEntry,
    InFlightLedger, Outcome, RelayHost, RelayWay, Settings, Shown, SignMode, Timestamp, climbs,
    relayed_headers,
};
use hookbench_providers::Library;
use tokio::sync::watch;
use url::Url;

/// Asks targets, over connections of its own: none is kept, so each is judged by the rules that hold when it is opened.
#[derive(Debug)]
pub struct Asker {
    sender: Sender,
    library: Library,
    settings: watch::Receiver<Settings>,
    ledger: Arc<InFlightLedger>,
}

impl Asker {
    /// One that goes by these settings; what it sends to a receiver of ours is told to the ledger.
    pub fn new(library: Library, settings: watch::Receiver<Settings>, ledger: Arc<InFlightLedger>) -> Self {
        Self { sender: Sender::new(), library, settings, ledger }
    }

    async fn answer(&self, relayed: RelayedRequest, within: Duration) -> Result<TargetAnswer, NotAnswered> {
        let request = self.built(relayed)?;
        let entry = Entry::enter(&self.ledger, &request);
        let (proxy, egress) = {
            let settings = self.settings.borrow();
            (settings.proxy.clone(), settings.egress.clone())
        };
        let usual = Way::default();
        // Our own receiver may always be reached, and straight.
        let way = if entry.is_some() { usual } else { Way { proxy: &proxy, egress: &egress, ..usual } };
        let answer = self.sender.ask(&request, way, within).await.map_err(not_answered)?;
        let made = TargetAnswer::new(answer.status, answer.reason, answer.headers, answer.body);
        made.ok_or_else(|| NotAnswered::Failed(format!("the status {} is none", answer.status)))
    }

    /// The request as the queued relay would send it.
    fn built(&self, relayed: RelayedRequest) -> Result<BuiltRequest, NotAnswered> {
        let RelayedRequest { captured, body, target, host } = relayed;
        let failed = |why: &dyn std::fmt::Display| NotAnswered::Failed(format!("Nothing was sent: {why}"));
        let profile = self.library.generic();
        let event =
            event_of(&captured, body, &target, host, profile.id().clone()).map_err(|why| failed(&why))?;
        let input = BuildInput {
            event: &event,
            target: &DeliveryTarget::Url(target),
            endpoint: None,
            profile: &profile,
            scheme: None,
            signer: None,
            attempt: 1,
            now: event.created_at,
        };
        build(&input).map_err(|error| failed(&error))
    }
}

impl AskTarget for Asker {
    fn ask(&self, request: RelayedRequest, within: Duration) -> Asked<'_> {
        Box::pin(self.answer(request, within))
    }
}

fn not_answered(failure: Failure) -> NotAnswered {
    match failure.outcome {
        Outcome::Timeout => NotAnswered::TooLate(failure.error),
        _ => NotAnswered::Failed(failure.error),
    }
}

/// How a captured request goes to a target: path and query below the slug, and its headers as they came.
pub(crate) fn as_it_came(
    captured: &CapturedRequest,
    target: &Url,
    host: RelayHost,
    query: Option<String>,
) -> Result<EventRequest, String> {
    // A target's own path is not left by what a sender writes; below the root there is nothing to leave.
    if target.path() != "/" && climbs(&captured.path) {
        return Err(format!(
            "the path {} climbs with `.` or `..`, and would lead out of the target's {}",
            captured.path,
            target.path()
        ));
    }
    let headers = relayed_headers(captured, target);
    Ok(EventRequest {
        method: captured.method.clone(),
        path: Some(captured.path.clone()).filter(|path| !path.is_empty()),
        shown: captured.carried(&headers, query.as_deref()),
        query,
        keeps_host: host == RelayHost::Sender,
        headers,
        sign: SignMode::Exact,
    })
}

fn event_of(
    captured: &CapturedRequest,
    body: Bytes,
    target: &Url,
    host: RelayHost,
    provider: hookbench_model::ProviderId,
) -> Result<Event, String> {
    let query = captured.query.clone();
    Ok(Event {
        id: EventId::new(captured.received_at),
        provider_event_id: captured.provider_event_id.clone().unwrap_or_default(),
        provider,
        event_type: captured.event_type.clone().unwrap_or_default(),
        content_type: captured.content_type.clone().unwrap_or_default(),
        request: as_it_came(captured, target, host, query)?,
        payload: body,
        created_at: captured.received_at,
    })
}

/// What is under way to a receiver of our own, so that it is not passed on from there again.
struct Entry<'a> {
    ledger: &'a InFlightLedger,
    request: &'a BuiltRequest,
    target: String,
    id: DeliveryId,
}

impl<'a> Entry<'a> {
    fn enter(ledger: &'a InFlightLedger, request: &'a BuiltRequest) -> Option<Self> {
        let url = request.url();
        if !ledger.is_ours(url.host_str()?, url.port_or_known_default()?) {
            return None;
        }
        let without_host = |headers: HeaderPairs| -> HeaderPairs {
            let others = headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("host"));
            others.map(|(name, value)| (name.to_owned(), value.clone())).collect()
        };
        let shown = Shown {
            headers: without_host(request.shown_headers()),
            query: request.shown_url().split_once('?').map(|(_, query)| query.to_owned()),
        };
        // No delivery has this id: nothing else is told by it than that it is this one.
        let id = DeliveryId::new(Timestamp::EPOCH);
        let headers = without_host(request.headers());
        let entry = InFlightEntry { delivery: id, attempt: 0, headers, shown, relay: Some(RelayWay::Inline) };
        let target = request.path_and_query().to_owned();
        ledger.sent(request.method(), &target, request.body(), entry);
        Some(Self { ledger, request, target, id })
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.ledger.ended(self.request.method(), &self.target, self.request.body(), self.id, 0);
    }
}
