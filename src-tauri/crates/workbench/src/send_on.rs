//! Captured requests sent on: as they came, or edited and signed anew.

use bytes::Bytes;
use hookbench_delivery::build::{BuildError, BuildInput, build, is_of_the_connection};
use hookbench_delivery::policy_of;
use hookbench_model::{
    CapturedRequest, DeliveryId, DeliveryStatus, DeliveryTarget, Endpoint, EndpointId, EndpointStatus, Event,
    EventId, EventRequest, HeaderPairs, HeaderValue, Inbox, NewDelivery, ReplayId, RequestId, SignMode,
    Timestamp, Trigger, VEIL, is_veiled, named_by_connection, unveiled_headers, unveiled_query,
};
use hookbench_providers::{Library, Profile};
use std::sync::Arc;
use url::Url;

use crate::afresh::{Afresh, not_fresh};
use crate::compose::{Accepted, MAX_PAYLOAD};
use crate::error::{Faults, Result, WorkbenchError};
use crate::signatures::check_method;
use crate::{Workbench, checks, random};

/// Where a captured request is sent on to, and what is changed about it.
#[derive(Clone, Debug, Default)]
pub struct SendOnDraft {
    /// To this URL, or …
    pub url: Option<String>,
    /// … to this endpoint.
    pub endpoint_id: Option<String>,
    /// As captured, or signed anew.
    pub resign: Option<SignMode>,
    /// Another method.
    pub method: Option<String>,
    /// What is added to the target's path.
    pub path: Option<String>,
    /// What is added to the target's query: the captured one unless given.
    pub query: Option<Option<String>>,
    /// Other headers, all of them.
    pub headers: Option<HeaderPairs>,
    /// Another body, in base64.
    pub body_base64: Option<String>,
}

/// Where something that was captured goes.
#[derive(Debug)]
pub(crate) enum Destination {
    Endpoint(Box<Endpoint>),
    Url(Url),
}

/// A captured request with what a repetition of it is made of.
pub(crate) struct Repeatable {
    pub(crate) request: CapturedRequest,
    pub(crate) body: Bytes,
    /// The profile that it is taken to be of.
    pub(crate) profile: Arc<Profile>,
    /// The inbox that captured it.
    inbox: Option<Inbox>,
    /// Other headers, as somebody wrote them.
    headers: Option<HeaderPairs>,
    /// Whether somebody wrote the body.
    body_is_edited: bool,
}

impl Workbench {
    /// Sends a captured request on, edited or not.
    pub async fn send_on(&self, id: RequestId, draft: SendOnDraft) -> Result<Accepted> {
        let request = self.request(id).await?;
        let mut draft = unveil(draft, &request);
        let mut faults = Faults::default();
        let destination =
            self.destination(&mut faults, draft.url.as_deref(), draft.endpoint_id.as_deref()).await?;
        check_edits(&mut faults, &draft, &request);
        let body =
            draft.body_base64.as_deref().and_then(|text| checks::base64(&mut faults, "body_base64", text));
        faults.finish()?;
        let Some(destination) = destination else {
            return Err(WorkbenchError::field("url", "could not be read"));
        };
        if body.as_ref().is_some_and(|body| body.len() > MAX_PAYLOAD) {
            return Err(WorkbenchError::TooLarge { what: "The body", limit: MAX_PAYLOAD });
        }
        let mut repeatable = self.repeatable(request).await?;
        if let Some(body) = body {
            (repeatable.body, repeatable.body_is_edited) = (body, true);
        }
        // What nobody changed goes as it came, its host and length in their places.
        let arrived = &repeatable.request.headers;
        repeatable.headers = draft.headers.take().filter(|edited| !is_unchanged(edited, arrived));
        let sign = draft.resign.unwrap_or(match destination {
            Destination::Endpoint(_) => SignMode::Fresh,
            Destination::Url(_) => SignMode::Exact,
        });
        let now = self.now();
        let mut event = repeatable.event(&destination, sign, self.library(), now);
        edit(&mut event, draft, &repeatable.request);
        if let (SignMode::Fresh, Destination::Url(url)) = (sign, &destination) {
            self.check_signs(&event, url, repeatable.inbox.as_ref())?;
        }
        let delivery = destination.delivery(&repeatable, self, now, None);
        self.write(vec![(event, vec![delivery])], |_| None).await
    }

    /// Whether an event can be signed for a URL by the inbox that captured it; refused in a sentence where it cannot.
    fn check_signs(&self, event: &Event, url: &Url, inbox: Option<&Inbox>) -> Result<()> {
        let inbox = inbox.ok_or_else(|| not_fresh(&"its inbox has been deleted, and with it the secret"))?;
        let (signer, target) = (self.check_signer(inbox)?, DeliveryTarget::Url(url.clone()));
        let profile = self.profile_or_generic(&event.provider);
        let built = build(&BuildInput {
            event,
            target: &target,
            endpoint: None,
            profile: &profile,
            scheme: None,
            signer: Some(&signer),
            attempt: 1,
            now: event.created_at,
        });
        match built {
            Err(BuildError::Sign { source }) => Err(not_fresh(&source)),
            // What else cannot be built is told by the attempt.
            _ => Ok(()),
        }
    }

    /// A captured request and what its repetition needs.
    pub(crate) async fn repeatable(&self, request: CapturedRequest) -> Result<Repeatable> {
        let inbox = self.store().inboxes().get(request.inbox_id).await?;
        let provider = inbox.as_ref().and_then(|inbox| inbox.provider.as_ref());
        let profile =
            provider.map_or_else(|| self.library().generic(), |provider| self.profile_or_generic(provider));
        let body = self.store().requests().body(request.id).await?.unwrap_or_default();
        Ok(Repeatable { request, body, profile, inbox, headers: None, body_is_edited: false })
    }

    /// The URL or the endpoint that is named; just one of them must be.
    pub(crate) async fn destination(
        &self,
        faults: &mut Faults,
        url: Option<&str>,
        endpoint_id: Option<&str>,
    ) -> Result<Option<Destination>> {
        match (url, endpoint_id) {
            (Some(url), None) => Ok(checks::url(faults, "url", url).map(Destination::Url)),
            (None, Some(text)) => {
                let Some(id) = faults.take("endpoint_id", text.parse::<EndpointId>()) else {
                    return Ok(None);
                };
                let found = self.store().endpoints().get(id).await?;
                faults.unless(found.is_some(), "endpoint_id", || format!("there is no endpoint {id}"));
                Ok(found.map(|endpoint| Destination::Endpoint(Box::new(endpoint))))
            }
            (Some(_), Some(_)) => {
                faults.add("url", "goes without `endpoint_id`: name one place");
                Ok(None)
            }
            (None, None) => {
                faults.add("url", "is missing: name a `url` or an `endpoint_id` to send to");
                Ok(None)
            }
        }
    }
}

/// What was edited of a request that was shown without its secrets: what is still veiled stands for what arrived.
fn unveil(mut draft: SendOnDraft, request: &CapturedRequest) -> SendOnDraft {
    let Some(shown) = &request.shown else { return draft };
    if let (Some(Some(edited)), Some(seen), Some(arrived)) = (&mut draft.query, &shown.query, &request.query)
    {
        *edited = unveiled_query(edited, seen, arrived);
    }
    // Both stand in the same order; what is shown as it arrived stands for nothing else.
    let both = request.headers.iter().zip(shown.headers.iter());
    let hidden = both.filter(|((_, arrived), (_, seen))| arrived != seen).map(|(arrived, _)| arrived);
    draft.headers = draft.headers.map(|headers| unveiled_headers(&headers, hidden));
    draft
}

fn check_edits(faults: &mut Faults, draft: &SendOnDraft, request: &CapturedRequest) {
    if let Some(method) = &draft.method {
        check_method(faults, method);
    }
    let plain = |text: &str, also: &str| {
        text.len() <= 8192
            && text.bytes().all(|byte| byte.is_ascii_graphic() && !also.as_bytes().contains(&byte))
    };
    if let Some(path) = &draft.path {
        let fits = path.is_empty() || (path.starts_with('/') && plain(path, "?#"));
        faults.unless(fits, "path", || "must begin with a slash and hold no spaces, `?` or `#`".to_owned());
    }
    if let Some(Some(query)) = &draft.query {
        faults.unless(plain(query, "#"), "query", || "must hold no spaces and no `#`".to_owned());
    }
    if let Some(headers) = &draft.headers {
        checks::headers(faults, "headers", headers);
        // What arrived reading like that is no veil.
        let arrived = |value: &HeaderValue| request.headers.iter().any(|(_, known)| known == value);
        let unknown = headers.iter().enumerate().find(|(_, (_, value))| is_veiled(value) && !arrived(value));
        if let Some((at, (name, _))) = unknown {
            let message = format!("`{VEIL}` stands for nothing that arrived in {name}: write its value");
            faults.add(format!("headers[{at}]"), message);
        }
    }
}

fn edit(event: &mut Event, draft: SendOnDraft, captured: &CapturedRequest) {
    if let Some(method) = draft.method {
        event.request.method = method;
    }
    if let Some(path) = draft.path {
        event.request.path = Some(path).filter(|path| !path.is_empty());
    }
    if let Some(query) = draft.query {
        event.request.query = query.filter(|query| !query.is_empty());
    }
    event.request.shown = captured.carried(&event.request.headers, event.request.query.as_deref());
}

impl Repeatable {
    /// The event that carries it to its destination.
    pub(crate) fn event(
        &self,
        destination: &Destination,
        sign: SignMode,
        library: &Library,
        now: Timestamp,
    ) -> Event {
        let (request, headers) = (&self.request, self.headers.as_ref());
        let endpoint = match destination {
            Destination::Endpoint(endpoint) => Some(&**endpoint),
            Destination::Url(_) => None,
        };
        let afresh = Afresh::to(endpoint, self.inbox.as_ref(), library);
        let profile = &afresh.profile;
        let event_type = request.event_type.clone().unwrap_or_else(|| "captured".to_owned());
        let provider_event_id = request.provider_event_id.clone();
        let content_type = headers.and_then(|headers| headers.get_str("content-type"));
        let content_type = content_type.or(request.content_type.as_deref()).unwrap_or_default().to_owned();
        let query = request.query.clone();
        let headers = headers.cloned().unwrap_or_else(|| plain_headers(&request.headers));
        let shown = request.carried(&headers, query.as_deref());
        let event = Event {
            id: EventId::new(now),
            provider_event_id: provider_event_id
                .unwrap_or_else(|| profile.fresh_event_id(&event_type, now, &mut random::generator())),
            provider: profile.id().clone(),
            event_type,
            content_type,
            request: EventRequest {
                method: request.method.clone(),
                path: None,
                query,
                headers,
                keeps_host: false,
                sign,
                shown,
            },
            payload: self.body.clone(),
            created_at: now,
        };
        match sign {
            SignMode::Exact => event,
            SignMode::Fresh | SignMode::Renewed => {
                afresh.of(event, &request.headers, self.body_is_edited, now)
            }
        }
    }
}

impl Destination {
    /// The delivery that takes a captured request there: by the endpoint's plan, or once to a plain URL.
    pub(crate) fn delivery(
        &self,
        repeatable: &Repeatable,
        workbench: &Workbench,
        now: Timestamp,
        replay: Option<ReplayId>,
    ) -> NewDelivery {
        let (target, status, max_attempts, expires_at) = match self {
            Self::Endpoint(endpoint) => {
                let profile = workbench.profile_or_generic(&endpoint.provider);
                let policy = policy_of(Some(endpoint), &profile);
                (
                    DeliveryTarget::Endpoint(endpoint.id),
                    first_status(endpoint),
                    policy.retry.max_attempts(),
                    policy.expires_at(now),
                )
            }
            Self::Url(url) => (DeliveryTarget::Url(url.clone()), DeliveryStatus::Pending, 1, None),
        };
        NewDelivery {
            id: DeliveryId::new(now),
            target,
            status,
            is_test: false,
            max_attempts,
            due_at: now,
            expires_at,
            trigger: Trigger::Replay,
            replay_id: replay,
            repeats_delivery: None,
            repeats_request: Some(repeatable.request.id),
        }
    }
}

pub(crate) fn first_status(endpoint: &Endpoint) -> DeliveryStatus {
    match endpoint.status {
        EndpointStatus::Enabled => DeliveryStatus::Pending,
        EndpointStatus::Disabled => DeliveryStatus::Paused,
    }
}

/// The captured headers that travel on: none of the connection it came over, and none that its `Connection` names.
fn plain_headers(headers: &HeaderPairs) -> HeaderPairs {
    let named = named_by_connection(headers);
    let is_named = |name: &str| named.iter().any(|one| one.eq_ignore_ascii_case(name));
    let stays = headers.iter().filter(|(name, _)| travels_on(name) && !is_named(name));
    stays.map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

/// Whether a captured header travels on. The host and the length are told anew, where and as they were written.
pub(crate) fn travels_on(name: &str) -> bool {
    let is_told_anew = ["host", "content-length"].iter().any(|told| name.eq_ignore_ascii_case(told));
    is_told_anew || !is_of_the_connection(name)
}

/// Whether these are the captured headers that can be edited, with or without those that stay behind. Whoever edits them
/// asks by name for what is left.
fn is_unchanged(edited: &HeaderPairs, arrived: &HeaderPairs) -> bool {
    *edited == without_what_is_told_anew(arrived)
        || *edited == without_what_is_told_anew(&plain_headers(arrived))
}

/// The captured headers that can be edited.
fn without_what_is_told_anew(headers: &HeaderPairs) -> HeaderPairs {
    let stays = headers.iter().filter(|(name, _)| !is_of_the_connection(name));
    stays.map(|(name, value)| (name.to_owned(), value.clone())).collect()
}
