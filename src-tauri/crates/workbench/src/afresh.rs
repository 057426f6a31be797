//! What was captured, signed afresh: a new time, a new signature and a new id.

use hookbench_delivery::build::{NoSigner, Signer, scheme_of_inbox};
use hookbench_model::{
    DeliveryTarget, Endpoint, EndpointId, Event, EventId, EventRequest, HeaderPairs, HeaderValue, Inbox,
    InboxId, PageRequest, RequestFilter, RequestId, Shown, SignMode, Timestamp, is_veiled,
};
use hookbench_providers::{AttemptContext, Library, Profile, Renewed, Seen};
use hookbench_signing::Scheme;
use std::sync::Arc;

use crate::error::{Result, WorkbenchError};
use crate::send_on::travels_on;
use crate::{Workbench, random};

/// How something goes out that is signed afresh.
pub(crate) struct Afresh {
    /// The profile that it goes out by.
    pub(crate) profile: Arc<Profile>,
    /// The scheme that signs it, where one does.
    scheme: Option<Arc<Scheme>>,
    /// The endpoint that it goes to.
    endpoint: Option<EndpointId>,
    /// The profile that it came by, and the scheme of what it came to.
    came_by: (Arc<Profile>, Option<Arc<Scheme>>),
}

impl Afresh {
    /// What came to an inbox goes to an endpoint, by its profile and scheme, or to a URL, by the inbox's.
    pub(crate) fn to(endpoint: Option<&Endpoint>, inbox: Option<&Inbox>, library: &Library) -> Self {
        let provider = inbox.and_then(|inbox| inbox.provider.as_ref());
        let came_by = provider.map_or_else(|| library.generic(), |id| library.profile_or_generic(id));
        let inboxes = inbox.and_then(|inbox| scheme_of_inbox(inbox, library).ok());
        let (profile, scheme) = match endpoint {
            Some(endpoint) => {
                let profile = library.profile_or_generic(&endpoint.provider);
                let own = endpoint.scheme.as_deref().and_then(|id| library.scheme(id));
                let scheme = own.unwrap_or_else(|| Arc::new(profile.scheme().clone()));
                (profile, Some(scheme))
            }
            None => (Arc::clone(&came_by), inboxes.clone()),
        };
        let endpoint = endpoint.map(|endpoint| endpoint.id);
        Self { profile, scheme, endpoint, came_by: (came_by, inboxes) }
    }

    /// An event that holds all that arrived, line by line, as it is signed afresh: under a new id, with an empty place for
    /// each header that the signature is, unless somebody edited that (then it is not among those that `arrived`). Where
    /// somebody wrote the body, the id in it is as they wrote it.
    pub(crate) fn of(
        &self,
        event: Event,
        arrived: &HeaderPairs,
        body_is_edited: bool,
        now: Timestamp,
    ) -> Event {
        let request = event.request;
        let body: &[u8] = if body_is_edited { &[] } else { &event.payload };
        let seen = |headers| Seen { method: &request.method, query: request.query.as_deref(), headers, body };
        let (id, renewed) = self.renewed(&seen(&request.headers), &seen(arrived), &event.event_type, now);
        let payload = renewed.body.map_or_else(|| event.payload.clone(), Into::into);
        let there = Seen {
            method: &request.method,
            query: request.query.as_deref(),
            headers: &renewed.headers,
            body: &payload,
        };
        // What is known by nothing but its content stays known by that.
        let provider_event_id = id
            .or_else(|| self.profile.event_of(&there).provider_event_id)
            .unwrap_or_else(|| self.profile.fresh_event_id(&event.event_type, now, &mut random::generator()));
        let id = EventId::new(now);
        let context = AttemptContext {
            event_type: &event.event_type,
            provider_event_id: &provider_event_id,
            endpoint: self.endpoint.unwrap_or_else(|| EndpointId::from_bytes(*id.as_bytes())),
            at: now,
            attempt: 1,
        };
        let headers = self.lines(&request.headers, &renewed.headers, arrived, &context);
        let shown = request.shown.as_ref().map(|shown| shown_of(&headers, &request.headers, shown));
        Event {
            id,
            provider: self.profile.id().clone(),
            request: EventRequest { headers, shown, sign: SignMode::Renewed, keeps_host: false, ..request },
            payload,
            created_at: now,
            provider_event_id: provider_event_id.clone(),
            ..event
        }
    }

    /// The lines that go out, of those that there are and the same under the new id. What came with the signature of
    /// another scheme stays behind, and to an endpoint of another provider goes what that one adds.
    fn lines(
        &self,
        were: &HeaderPairs,
        renewed: &HeaderPairs,
        arrived: &HeaderPairs,
        context: &AttemptContext<'_>,
    ) -> HeaderPairs {
        let signs = made_by(self.scheme.as_ref());
        let signed = made_by(self.came_by.1.as_ref());
        let changing = self.profile.changing_headers(context);
        let came = |name: &str, value: &HeaderValue| {
            arrived.iter().any(|(known, was)| known.eq_ignore_ascii_case(name) && was == value)
        };
        let is_among = |names: &[&str], name: &str| names.iter().any(|one| one.eq_ignore_ascii_case(name));
        let mut lines = HeaderPairs::new();
        for ((name, was), (_, value)) in were.iter().zip(renewed.iter()) {
            // A veil stands for what goes out with each attempt anew.
            let is_of_then = is_veiled(was) || came(name, was);
            if !travels_on(name) {
            } else if was != value {
                lines.push(name, value.clone());
            } else if is_among(&signs, name) && is_of_then {
                lines.push(name, "");
            } else if is_veiled(was) || is_among(&signed, name) && is_of_then {
            } else if let Some((_, new)) = changing.iter().find(|(made, _)| made.eq_ignore_ascii_case(name))
                && is_of_then
            {
                lines.push(name, new.as_str());
            } else {
                lines.push(name, value.clone());
            }
        }
        if self.profile.id() != self.came_by.0.id() {
            let added = self.profile.attempt_headers(context);
            let missing: Vec<_> = added.into_iter().filter(|(name, _)| lines.get(name).is_none()).collect();
            lines.extend(missing);
        }
        lines
    }

    /// The new id, and the request under it; the one that somebody wrote, where they did.
    fn renewed(
        &self,
        seen: &Seen<'_>,
        arrived: &Seen<'_>,
        event_type: &str,
        now: Timestamp,
    ) -> (Option<String>, Renewed) {
        let as_it_is = || Renewed { headers: seen.headers.clone(), body: None };
        for profile in [&self.came_by.0, &self.profile] {
            let stands = profile.event_of(seen).provider_event_id;
            if stands.is_some() && stands != profile.event_of(arrived).provider_event_id {
                return (stands, as_it_is());
            }
            let id = profile.fresh_event_id(event_type, now, &mut random::generator());
            if let Some(renewed) = profile.renewed(seen, &id) {
                return (Some(id), renewed);
            }
        }
        (None, as_it_is())
    }
}

impl Workbench {
    /// Whether what an inbox captured can be signed afresh on its way to a URL; refused in a sentence where it cannot.
    pub(crate) fn check_signer(&self, inbox: &Inbox) -> Result<Signer> {
        Signer::of(inbox, self.library(), self.now()).map_err(|error| not_fresh(&error))
    }

    /// The same of all that a filter matches, or that is named.
    pub(crate) async fn check_signers(&self, of: SignersOf<'_>) -> Result<()> {
        let (now, mut lacking) = (self.now(), Vec::new());
        for inbox in self.store().inboxes().all().await? {
            if let Err(error) = Signer::of(&inbox, self.library(), now) {
                lacking.push((inbox.id, error));
            }
        }
        let why = match of {
            SignersOf::Matching(filter) => self.first_matching(filter, lacking).await?,
            SignersOf::Named(ids) => self.first_named(ids, &lacking).await?,
        };
        why.map_or(Ok(()), |error| Err(not_fresh(&error)))
    }

    async fn first_matching(
        &self,
        filter: &RequestFilter,
        lacking: Vec<(InboxId, NoSigner)>,
    ) -> Result<Option<NoSigner>> {
        for (inbox, error) in lacking {
            if filter.inbox_id.is_some_and(|wanted| wanted != inbox) {
                continue;
            }
            let of_it = RequestFilter { inbox_id: Some(inbox), ..filter.clone() };
            if !self.store().requests().list(&of_it, PageRequest::first(1)).await?.rows.is_empty() {
                return Ok(Some(error));
            }
        }
        Ok(None)
    }

    async fn first_named(
        &self,
        ids: &[RequestId],
        lacking: &[(InboxId, NoSigner)],
    ) -> Result<Option<NoSigner>> {
        if lacking.is_empty() {
            return Ok(None);
        }
        for id in ids {
            let Some(request) = self.store().requests().get(*id).await? else { continue };
            if let Some((_, error)) = lacking.iter().find(|(inbox, _)| *inbox == request.inbox_id) {
                return Ok(Some(error.clone()));
            }
        }
        Ok(None)
    }

    /// An event that went exactly as something was captured or sent before, signed afresh.
    pub(crate) async fn afresh(
        &self,
        event: Event,
        target: &DeliveryTarget,
        captured: Option<RequestId>,
    ) -> Result<Event> {
        let request = match captured {
            Some(id) => self.store().requests().get(id).await?,
            None => None,
        };
        let inbox = match &request {
            Some(request) => self.store().inboxes().get(request.inbox_id).await?,
            None => None,
        };
        let endpoint = match target.endpoint_id() {
            Some(id) => self.store().endpoints().get(id).await?,
            None => None,
        };
        let arrived = event.request.headers.clone();
        let how = Afresh::to(endpoint.as_ref(), inbox.as_ref(), self.library());
        Ok(how.of(event, &arrived, false, self.now()))
    }
}

/// The headers that a scheme makes when it signs.
fn made_by(scheme: Option<&Arc<Scheme>>) -> Vec<&str> {
    scheme.map(|scheme| scheme.made_headers()).unwrap_or_default()
}

/// How headers are shown that were made of others: what is hidden of these is hidden of them too.
fn shown_of(headers: &HeaderPairs, of: &HeaderPairs, shown: &Shown) -> Shown {
    let as_shown = |(name, value): (&str, &HeaderValue)| {
        let mut both = of.iter().zip(shown.headers.iter());
        let found = both.find(|((known, was), _)| *known == name && *was == value);
        (name.to_owned(), found.map_or(value, |(_, (_, shown))| shown).clone())
    };
    Shown { headers: headers.iter().map(as_shown).collect(), query: shown.query.clone() }
}

/// Which captured requests are to be signed afresh.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SignersOf<'a> {
    /// Those that a filter matches.
    Matching(&'a RequestFilter),
    /// These.
    Named(&'a [RequestId]),
}

/// Why `fresh` is refused.
pub(crate) fn not_fresh(why: &dyn std::fmt::Display) -> WorkbenchError {
    WorkbenchError::field("resign", format!("cannot be fresh: {why}"))
}
