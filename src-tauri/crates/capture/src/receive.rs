use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use hookbench_model::{
    ArrivalFacts, Asked, CapturedRequest, Clock, InFlightLedger, Inbox, NewRelay, RelayWay, RequestId,
    Settings, StoredSecret, Timestamp,
};
use hookbench_signing::Secret;
use hookbench_store::Store;
use http::Method;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use crate::answers::{Facts, Given, Way};
use crate::body::Read;
use crate::broken::Broken;
use crate::check::Findings;
use crate::fault::Fault;
use crate::handshake::Answer;
use crate::inboxes::{InboxBook, Known};
use crate::passing::{Note, answer_of, passed_on};
use crate::record::{Bared, Who};
use crate::relay::{Relay, RelayedRequest};
use crate::reply::{Refusal, welcome};
use crate::room::{Room, Taken};
use crate::strays::Strays;
use crate::waiting::Waiting;
use crate::wire::{Arrival, Arrivals, Head, Refused, Version};
use crate::{Limits, body};

/// From this size on a body is hashed off the threads that serve connections, in bytes.
const LARGE: usize = 1 << 20;

/// What every request needs.
#[derive(Debug)]
pub(crate) struct Reception {
    pub(crate) store: Store,
    pub(crate) inboxes: InboxBook,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ledger: Arc<InFlightLedger>,
    pub(crate) settings: watch::Receiver<Settings>,
    pub(crate) limits: Arc<Limits>,
    /// The memory for large bodies.
    pub(crate) room: Arc<Room>,
    /// Places for connections that rules hold open.
    pub(crate) held: Arc<Semaphore>,
    /// What reached no inbox.
    pub(crate) strays: Arc<Strays>,
    /// Asks targets for their answers.
    pub(crate) relay: Relay,
    /// Notes of what became of that, being written.
    pub(crate) notes: TaskTracker,
    /// Told when a captured request is to be passed on.
    pub(crate) passing: Arc<Notify>,
}

/// Who sends a request, and the request as it stood on the wire; `None` of what the gate has not seen.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) who: Who,
    pub(crate) arrival: Option<Result<Arrival, Refused>>,
    pub(crate) arrivals: Arrivals,
}

/// A request, read to its end.
#[derive(Debug)]
struct Whole {
    head: Head,
    body: Bytes,
    bared: Bared,
    came: ArrivalFacts,
    /// When the last byte of it was there.
    came_at: Instant,
    /// What its body takes of the room, until it is answered.
    room: Option<Taken>,
}

/// What is answered in the place of an inbox's usual answer.
enum Instead {
    /// A handshake's answer.
    Handshake(Answer),
    /// What a rule gives.
    Rule(Given),
    /// What a target answers.
    Target(Box<RelayedRequest>, Note),
}

/// Answers one request: stored first, if it is for an inbox.
pub(crate) async fn receive(State(reception): State<Arc<Reception>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let two = parts.version == http::Version::HTTP_2;
    let Some(caller) = parts.extensions.remove::<Caller>() else {
        return Refusal::Fault(Fault::RequestLine).to_response();
    };
    let remote = Arc::clone(&caller.who.remote);
    reception.answer(caller, two, body).await.unwrap_or_else(|refusal| {
        match &refusal {
            Refusal::Store(error) => {
                tracing::error!(error = %crate::error::chain(error), "a request could not be stored");
            }
            other => tracing::info!(refusal = other.kind(), remote = &*remote, "a request was refused"),
        }
        refusal.to_response()
    })
}

impl Reception {
    async fn answer(
        self: &Arc<Self>,
        caller: Caller,
        two: bool,
        body: axum::body::Body,
    ) -> Result<Response, Refusal> {
        let Caller { who, arrival, arrivals } = caller;
        let arrival = match arrival {
            Some(Ok(arrival)) => arrival,
            Some(Err(refused)) => return Err(self.keep_refused(refused, who, &arrivals).await),
            None => return Err(Refusal::Fault(Fault::RequestLine)),
        };
        let (most, lets_in) = {
            let settings = self.settings.borrow();
            (settings.capture_max_body, settings.reach.lets_in(who.ip))
        };
        let known = match self.admit(lets_in, &arrival.head, &who) {
            Ok(Some(known)) => known,
            Ok(None) => return Ok(welcome()),
            Err(refusal) => return Err(self.keep_astray(refusal, &arrival, &who)),
        };
        let to_head = arrival.head.method == Method::HEAD.as_str();
        let mut whole = self.whole(&known, arrival, (body, most), &arrivals, &who).await?;
        let _room = whole.room.take();
        let (id, instead) = if two {
            // Whoever resets the stream ends this; what came whole is stored all the same.
            let (reception, known, who) = (Arc::clone(self), Arc::clone(&known), who.clone());
            let stored = tokio::spawn(async move { reception.store(&known, whole, &who).await });
            stored.await.map_err(|_| Refusal::Store(hookbench_store::StoreError::Panicked))??
        } else {
            self.store(&known, whole, &who).await?
        };
        // Over HTTP/1 the gate tells whether a sender that had to wait is there to hear its answer.
        let gate = (!two).then_some(&arrivals);
        match instead {
            Some(Instead::Handshake(handshake)) => {
                self.keep_secret(&known, handshake.secret.clone()).await?;
                Ok(handshake.into_response())
            }
            Some(Instead::Rule(given)) => {
                self.wait(given.delay_ms, given.by.shows_status.then_some(id), gate).await;
                let (now, clock) = (self.clock.now(), Arc::clone(&self.clock));
                Ok(given.into_response(&Way { two, to_head, now, clock }))
            }
            Some(Instead::Target(request, note)) => {
                Ok(answer_of(&self.relay, *request, Arc::clone(&known), note, gate).await)
            }
            None => {
                self.wait(known.reply.delay_ms, Some(id), gate).await;
                Ok(known.reply.to_response())
            }
        }
    }

    /// Waits before an answer; `request` is the one whose status hangs on whether its sender waits too.
    async fn wait(&self, delay_ms: u64, request: Option<RequestId>, gate: Option<&Arrivals>) {
        if delay_ms == 0 {
            return;
        }
        let waiting = request.map(|request| Waiting::new(&self.store, &self.notes, request));
        self.clock.sleep_until(self.clock.now().plus(Duration::from_millis(delay_ms))).await;
        if let Some(waiting) = waiting {
            waiting.answered(gate);
        }
    }

    /// The inbox that is addressed, if its sender may; `None` for the page at the root.
    fn admit(&self, lets_in: bool, head: &Head, who: &Who) -> Result<Option<Arc<Known>>, Refusal> {
        if !lets_in {
            return Err(Refusal::NotAllowed(None));
        }
        let known = self.address(head)?;
        known.map_or(Ok(None), |known| known.admit(head, who).map(|()| Some(known)))
    }

    /// The inbox that is addressed; `None` for the page at the root.
    fn address(&self, head: &Head) -> Result<Option<Arc<Known>>, Refusal> {
        let slug = head.target.slug();
        if let Some(known) = self.inboxes.find(slug) {
            return Ok(Some(known));
        }
        let is_read = head.method == Method::GET.as_str() || head.method == Method::HEAD.as_str();
        match (slug, head.target.path_below_slug()) {
            ("", "") if is_read => Ok(None),
            ("", _) => Err(Refusal::Nobody),
            _ => Err(Refusal::NoInbox(slug.to_owned())),
        }
    }

    /// Reads a request to its end. One that has another end than its own is kept as far as it came.
    async fn whole(
        &self,
        known: &Arc<Known>,
        arrival: Arrival,
        (body, most): (axum::body::Body, u64),
        arrivals: &Arrivals,
        who: &Who,
    ) -> Result<Whole, Refusal> {
        let Arrival { mut head, since, head_end, chunks, body: along, stream, fault } = arrival;
        let (read, mut came_at) = if let Some(along) = along {
            (Read::along(&along, most), head_end)
        } else {
            let waits = head.lists("expect", "100-continue");
            let says = body::Announced { size: head.announced, waits };
            (body::read(body, says, most, &self.limits, &self.room).await, Instant::now())
        };
        let read = match stream.as_deref() {
            Some(stream) => read.judged(stream, head.announced),
            None => read,
        };
        if let Some(ended_at) = stream.as_deref().and_then(|stream| stream.seen().ended_at) {
            came_at = ended_at;
        }
        let came = who.came(Some(head_end - since), came_at.saturating_duration_since(head_end));
        let bared = Bared::of(head.raw.take(), chunks.as_deref(), stream.as_deref());
        let Some(fault) = fault.or(read.fault) else {
            return Ok(Whole { head, body: read.bytes, bared, came, came_at, room: read.room });
        };
        let fault = arrivals.broken().unwrap_or(fault);
        // A stream that was reset, or whose connection has ended, takes no answer.
        let told = stream.is_none_or(|stream| fault != Fault::BodyBrokenOff && !stream.seen().is_reset);
        let (message, at) = bared.what_came_of(&fault, &head, &read.bytes);
        let (version, body) = (head.version.as_str().to_owned(), read.bytes);
        let broken = Broken { head, version, body, bared, came, fault, message, at, told };
        Err(self.keep_broken(known, broken, who, arrivals).await)
    }

    /// Stores a request; gives its id, and its answer where that is not the usual one.
    async fn store(
        &self,
        known: &Arc<Known>,
        whole: Whole,
        who: &Who,
    ) -> Result<(RequestId, Option<Instead>), Refusal> {
        let Whole { head, body, bared, came, came_at, room: _ } = whole;
        let now = self.clock.now();
        // What was sent ahead may have waited for the answers to what came before it.
        let waited_ms = i64::try_from(came_at.elapsed().as_millis()).unwrap_or(0);
        let handshake = known.handshake(&head, &body, now);
        let status = handshake.as_ref().map_or(known.reply.status, |(_, answer)| answer.status);
        let (head, findings) = if body.len() < LARGE {
            let findings = Findings::of(known, &head, &body, &self.ledger, now);
            (head, findings)
        } else {
            let (known, body, ledger) = (Arc::clone(known), body.clone(), Arc::clone(&self.ledger));
            let find = move || {
                let findings = Findings::of(&known, &head, &body, &ledger, now);
                (head, findings)
            };
            tokio::task::spawn_blocking(find)
                .await
                .map_err(|_| Refusal::Store(hookbench_store::StoreError::Panicked))?
        };
        let id = RequestId::new(now);
        let given = if handshake.is_none() && !known.rules.is_empty() {
            let mut given = given(known, id, now, &head, &body, &findings, who);
            if let Some(given) = &mut given {
                given.settle(head.version == Version::Http2, &self.held);
            }
            given
        } else {
            None
        };
        let request = CapturedRequest {
            id,
            inbox_id: known.inbox.id,
            received_at: now.plus_ms(-waited_ms),
            addressed: Some(head.addressed()),
            path: head.target.path_below_slug().to_owned(),
            query: head.target.query().map(ToOwned::to_owned),
            http_version: head.version.as_str().to_owned(),
            content_type: head.headers.get_str("content-type").map(ToOwned::to_owned),
            body_size: body.len() as u64,
            remote_addr: who.remote.to_string(),
            event_type: findings.event_type,
            provider_event_id: findings.provider_event_id,
            verification: findings.verification,
            handshake: handshake.as_ref().map(|(kind, _)| kind.as_str().to_owned()),
            response_status: given.as_ref().map_or(status, |given| given.status).as_u16(),
            answered_by: given.as_ref().map(|given| given.by.clone()),
            delivery: findings.delivery,
            came: Some(came),
            fault: None,
            note: String::new(),
            tags: Vec::new(),
            pinned: false,
            colour: None,
            shown: findings.shown,
            method: head.method,
            headers: head.headers,
        };
        let relays = passed_on(
            known,
            request.event_type.as_deref(),
            findings.relayed,
            (handshake.is_some(), given.is_some()),
        );
        let (asked, queued) = asked(&relays, &request, &body);
        let (id, inbox) = (request.id, request.inbox_id);
        let verification = request.verification.status.as_str();
        let body_bytes = request.body_size;
        let record = bared.record(known, &request, who);
        self.store.requests().capture_exactly(request, body, record, relays).await.map_err(Refusal::Store)?;
        tracing::debug!(request = %id, %inbox, body_bytes, verification, "a request was captured");
        if queued {
            self.passing.notify_one();
        }
        let instead = match (handshake, given) {
            (Some((_, answer)), _) => Some(Instead::Handshake(answer)),
            (None, Some(given)) => Some(Instead::Rule(given)),
            (None, None) => asked.map(|(number, asked)| {
                let cap = usize::try_from(self.settings.borrow().response_cap).unwrap_or(usize::MAX);
                let note = Note::new(self.store.clone(), self.notes.clone(), (id, number), cap);
                Instead::Target(Box::new(asked), note)
            }),
        };
        Ok((id, instead))
    }

    /// Keeps a secret that came with a handshake, if the inbox still has none. It verifies what comes next,
    /// so it is known here before the answer goes out.
    async fn keep_secret(&self, known: &Known, secret: Option<Secret>) -> Result<(), Refusal> {
        let Some(secret) = secret else { return Ok(()) };
        let created_at = self.clock.now();
        let keep = move |inbox: &mut Inbox| {
            if inbox.secrets.is_empty() {
                inbox.secrets.push(StoredSecret { secret, created_at, expires_at: None });
            }
        };
        self.store.inboxes().update(known.inbox.id, keep).await.map_err(Refusal::Store)?;
        self.inboxes.refresh().await.map_err(Refusal::Store)
    }
}

/// What the inbox's rules give a request; the one that takes it counts.
fn given(
    known: &Known,
    id: RequestId,
    at: Timestamp,
    head: &Head,
    body: &Bytes,
    findings: &Findings,
    who: &Who,
) -> Option<Given> {
    let query = head.target.query();
    let asked = Asked::new(&head.method, head.target.path_below_slug(), query, &head.headers, body);
    let (event_type, provider_event_id) =
        (findings.event_type.as_deref(), findings.provider_event_id.as_deref());
    let facts = Facts { asked: &asked, id, at, remote: &who.remote, event_type, provider_event_id };
    let given = known.rules.take(&facts)?;
    if let Some(problem) = &given.problem {
        tracing::warn!(inbox = %known.inbox.id, rule = %given.by.rule, line = problem.line, "a rule's template failed");
    }
    Some(given)
}

/// The target that is to be asked for the answer, with its number; and whether others get the request.
fn asked(
    relays: &[NewRelay],
    request: &CapturedRequest,
    body: &Bytes,
) -> (Option<(u32, RelayedRequest)>, bool) {
    let asked = (1..).zip(relays).find_map(|(number, NewRelay { target, way })| {
        let url = target.to.url().filter(|_| *way == RelayWay::Inline)?;
        let (captured, body) = (request.clone(), body.clone());
        Some((number, RelayedRequest { captured, body, target: url.clone(), host: target.host }))
    });
    (asked, relays.iter().any(|relay| relay.way == RelayWay::Queued))
}
