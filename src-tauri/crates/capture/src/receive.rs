use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use hookbench_model::{CapturedRequest, Clock, InFlightLedger, Inbox, RequestId, Settings, StoredSecret};
use hookbench_signing::Secret;
use hookbench_store::Store;
use http::Method;
use http::request::Parts;
use tokio::sync::watch;

use crate::check::Findings;
use crate::fault::Fault;
use crate::handshake::Answer;
use crate::inboxes::{InboxBook, Known};
use crate::reply::{Refusal, welcome};
use crate::wire::{Arrival, Arrivals, Head, Target, Version};
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
}

/// Who sends a request, and the request as it stood on the wire; `None` in HTTP/2.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) remote: Arc<str>,
    pub(crate) arrival: Option<Result<Arrival, Fault>>,
    pub(crate) arrivals: Arrivals,
}

/// Answers one request: stored first, if it is for an inbox.
pub(crate) async fn receive(State(reception): State<Arc<Reception>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let Some(caller) = parts.extensions.remove::<Caller>() else {
        return Refusal::Fault(Fault::RequestLine).to_response();
    };
    let remote = Arc::clone(&caller.remote);
    reception.answer(caller, &parts, body).await.unwrap_or_else(|refusal| {
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
        &self,
        caller: Caller,
        parts: &Parts,
        body: axum::body::Body,
    ) -> Result<Response, Refusal> {
        let Caller { remote, arrival, arrivals } = caller;
        let Arrival { head, body: whole } = match arrival {
            Some(arrival) => arrival?,
            None => Arrival { head: head_of_http2(parts)?, body: None },
        };
        let Some(known) = self.address(&head)? else { return Ok(welcome()) };
        let most = self.settings.borrow().capture_max_body;
        let body = match whole {
            Some(whole) if whole.len() as u64 > most => return Err(Fault::BodyTooLarge(most).into()),
            Some(whole) => whole,
            None => body::read(body, head.announced, most, &self.limits)
                .await
                .map_err(|fault| arrivals.broken().unwrap_or(fault))?,
        };
        if let Some(handshake) = self.store(&known, head, body, &remote).await? {
            self.keep_secret(&known, handshake.secret.clone()).await?;
            return Ok(handshake.into_response());
        }
        if known.reply.delay_ms > 0 {
            let delay = std::time::Duration::from_millis(known.reply.delay_ms);
            self.clock.sleep_until(self.clock.now().plus(delay)).await;
        }
        Ok(known.reply.to_response())
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

    /// Stores a request; gives its answer where it is a handshake.
    async fn store(
        &self,
        known: &Arc<Known>,
        head: Head,
        body: Bytes,
        remote: &str,
    ) -> Result<Option<Answer>, Refusal> {
        let now = self.clock.now();
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
        let request = CapturedRequest {
            id: RequestId::new(now),
            inbox_id: known.inbox.id,
            received_at: now,
            addressed: Some(head.addressed()),
            path: head.target.path_below_slug().to_owned(),
            query: head.target.query().map(ToOwned::to_owned),
            http_version: head.version.as_str().to_owned(),
            content_type: head.headers.get_str("content-type").map(ToOwned::to_owned),
            body_size: body.len() as u64,
            remote_addr: remote.to_owned(),
            event_type: findings.event_type,
            provider_event_id: findings.provider_event_id,
            verification: findings.verification,
            handshake: handshake.as_ref().map(|(kind, _)| kind.as_str().to_owned()),
            response_status: status.as_u16(),
            delivery: findings.delivery,
            note: String::new(),
            tags: Vec::new(),
            pinned: false,
            colour: None,
            shown: findings.shown,
            method: head.method,
            headers: head.headers,
        };
        let (id, inbox) = (request.id, request.inbox_id);
        let verification = request.verification.status.as_str();
        let body_bytes = request.body_size;
        self.store.requests().capture(request, body).await.map_err(Refusal::Store)?;
        tracing::debug!(request = %id, %inbox, body_bytes, verification, "a request was captured");
        Ok(handshake.map(|(_, answer)| answer))
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

/// HTTP/2 has no text on the wire: names are lower-case there, and the target is a URL in parts.
fn head_of_http2(parts: &Parts) -> Result<Head, Fault> {
    let target = Target::read(&parts.uri.to_string())?;
    let length = parts.headers.get(http::header::CONTENT_LENGTH);
    let announced = length.and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), Bytes::copy_from_slice(value.as_bytes())))
        .collect();
    Ok(Head { method: parts.method.as_str().to_owned(), target, version: Version::Http2, headers, announced })
}
