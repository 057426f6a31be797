use bytes::Bytes;
use hookbench_model::{
    AllowList, HeaderPairs, Inbox, InboxId, InboxResponse, InboxRetention, Page, PageRequest, ProviderId,
    Reveal, Slug, Timestamp, VEIL,
};
use hookbench_providers::Profile;
use hookbench_signing::{Scheme, Secret};
use hookbench_store::StoreError;

use crate::access::{self, AccessDraft};
use crate::answer_rules::RuleDraft;
use crate::error::{Faults, Result, WorkbenchError};
use crate::relays::RelayDraft;
use crate::secrets::rotate;
use crate::{Workbench, checks, random};

/// The shortest age limit, in milliseconds: a minute.
const SHORTEST_AGE_MS: u64 = 60_000;

/// What somebody says of an inbox to be made.
#[derive(Clone, Default)]
pub struct InboxDraft {
    /// The first segment of its path; made from the name unless given.
    pub slug: Option<String>,
    /// What people call it.
    pub name: Option<String>,
    /// The profile by which arrivals are verified.
    pub provider: Option<String>,
    /// The scheme by which arrivals are verified; the profile's unless given.
    pub scheme: Option<String>,
    /// Whether it answers its profile's handshakes; it does unless said otherwise.
    pub handshakes: Option<bool>,
    /// The token that a subscription has to name in a handshake.
    pub verify_token: Option<Secret>,
    /// The secret by which arrivals are verified.
    pub secret: Option<Secret>,
    /// What it answers.
    pub response: InboxResponseEdit,
    /// What it answers before that, by rules.
    pub rules: Option<Vec<RuleDraft>>,
    /// Who else gets what it captures.
    pub relay: Option<RelayDraft>,
    /// What a sender has to show to it.
    pub access: Option<AccessDraft>,
    /// Which addresses may send to it.
    pub allow: Option<AllowList>,
    /// How long it keeps things.
    pub retention: InboxRetentionEdit,
}

/// What somebody changes of an inbox: `None` leaves it, `Some(None)` takes it away.
#[derive(Clone, Default)]
pub struct InboxEdit {
    /// The first segment of its path.
    pub slug: Option<String>,
    /// What people call it.
    pub name: Option<String>,
    /// The profile by which arrivals are verified.
    pub provider: Option<Option<String>>,
    /// The scheme by which arrivals are verified.
    pub scheme: Option<Option<String>>,
    /// Whether it answers its profile's handshakes.
    pub handshakes: Option<bool>,
    /// The token that a subscription has to name in a handshake.
    pub verify_token: Option<Option<Secret>>,
    /// The secret by which arrivals are verified.
    pub secret: Option<Option<Secret>>,
    /// What it answers.
    pub response: InboxResponseEdit,
    /// Its rules, all of them.
    pub rules: Option<Vec<RuleDraft>>,
    /// Who else gets what it captures.
    pub relay: Option<Option<RelayDraft>>,
    /// What a sender has to show to it.
    pub access: Option<Option<AccessDraft>>,
    /// Which addresses may send to it, all of them.
    pub allow: Option<AllowList>,
    /// How long it keeps things.
    pub retention: InboxRetentionEdit,
}

/// What somebody changes of what an inbox answers.
#[derive(Clone, Debug, Default)]
pub struct InboxResponseEdit {
    /// The HTTP status; for a new inbox one that its provider takes as delivered, unless given.
    pub status: Option<u16>,
    /// The headers.
    pub headers: Option<HeaderPairs>,
    /// The body.
    pub body: Option<Bytes>,
    /// How long the answer waits, in milliseconds.
    pub delay_ms: Option<u64>,
}

/// What somebody changes of how long an inbox keeps things.
#[derive(Clone, Copy, Debug, Default)]
pub struct InboxRetentionEdit {
    /// The most requests that are kept.
    pub max_requests: Option<Option<u64>>,
    /// How old a request may get, in milliseconds.
    pub max_age_ms: Option<Option<u64>>,
}

/// An inbox, and where it captures.
#[derive(Clone, Debug)]
pub struct LocatedInbox {
    /// The inbox.
    pub inbox: Inbox,
    /// Its URL.
    pub url: String,
    /// Every URL by which it is reached now, that one first.
    pub urls: Vec<String>,
}

impl Workbench {
    /// Makes an inbox, which captures from then on.
    pub async fn create_inbox(&self, draft: InboxDraft) -> Result<LocatedInbox> {
        let now = self.now();
        let _library = self.changing_library().read().await;
        let mut faults = Faults::default();
        let name = draft.name.map(|name| checks::name(&mut faults, "name", &name));
        let chosen = draft.slug.as_deref().and_then(|text| slug(&mut faults, text));
        let mut inbox = Inbox {
            id: InboxId::new(now),
            slug: match chosen {
                Some(slug) => slug,
                None => self.free_slug(name.as_deref()).await?,
            },
            name: String::new(),
            provider: None,
            scheme: None,
            handshakes: true,
            verify_token: None,
            response: InboxResponse::default(),
            rules: Vec::new(),
            relay: None,
            access: None,
            allow: AllowList::default(),
            retention: InboxRetention::default(),
            secrets: Vec::new(),
            created_at: now,
        };
        let ours = draft.slug.is_none();
        let status_chosen = draft.response.status.is_some();
        inbox.name = name.clone().unwrap_or_else(|| inbox.slug.to_string());
        let edit = InboxEdit {
            provider: draft.provider.map(Some),
            scheme: draft.scheme.map(Some),
            handshakes: draft.handshakes,
            verify_token: draft.verify_token.map(Some),
            secret: draft.secret.map(Some),
            response: draft.response,
            rules: draft.rules,
            access: draft.access.map(Some),
            allow: draft.allow,
            retention: draft.retention,
            ..InboxEdit::default()
        };
        self.apply(edit, &mut inbox, &mut faults);
        if let Some(relay) = draft.relay {
            inbox.relay = self.checked_relay(&mut faults, relay, &inbox).await?;
        }
        faults.finish()?;
        if let (false, Some(provider)) = (status_chosen, &inbox.provider) {
            // Some providers call no other answer delivered.
            inbox.response.status = self.profile_or_generic(provider).success().usual_status();
        }
        let kept = loop {
            match self.store().inboxes().create(inbox.clone()).await {
                // Somebody took it since it was seen to be free, and nobody asked for this very one.
                Err(StoreError::Conflict { field: "slug", .. }) if ours => {
                    inbox.slug = self.free_slug(name.as_deref()).await?;
                }
                kept => break kept?,
            }
        };
        self.located_now(kept).await
    }

    /// A page of inboxes, newest first.
    pub async fn inboxes(&self, page: PageRequest<InboxId>) -> Result<Page<LocatedInbox, InboxId>> {
        Ok(self.store().inboxes().list(page).await?.map(|inbox| self.located(inbox)))
    }

    /// One inbox.
    pub async fn inbox(&self, id: InboxId) -> Result<LocatedInbox> {
        let found = self.store().inboxes().get(id).await?;
        found.map(|inbox| self.located(inbox)).ok_or_else(|| WorkbenchError::not_found("inbox", id))
    }

    /// One inbox, to be shown with its token for subscriptions: where it has one that is logged.
    pub async fn revealed_inbox(&self, id: InboxId) -> Result<LocatedInbox> {
        let located = self.inbox(id).await?;
        if located.inbox.verify_token.is_some() {
            self.store().inboxes().log_reveal(id, self.now()).await?;
            tracing::info!(inbox = %id, "an inbox's token for subscriptions was revealed");
        }
        Ok(located)
    }

    /// When somebody looked at an inbox's token for subscriptions, newest first, the newest 100.
    pub async fn inbox_reveals(&self, id: InboxId) -> Result<Vec<Reveal>> {
        self.inbox(id).await?;
        Ok(self.store().inboxes().reveals(id).await?)
    }

    /// Changes an inbox; what arrives from then on is treated by the change.
    pub async fn edit_inbox(&self, id: InboxId, mut edit: InboxEdit) -> Result<LocatedInbox> {
        let _library = self.changing_library().read().await;
        let mut found = Faults::default();
        let relay = match edit.relay.take() {
            Some(Some(relay)) => {
                let inbox = self.inbox(id).await?.inbox;
                Some(self.checked_relay(&mut found, relay, &inbox).await?)
            }
            Some(None) => Some(None),
            None => None,
        };
        let workbench = self.clone();
        // Checked where it is written: what another edit changed meanwhile stays, and what does not fit it is refused.
        let judged = move |inbox: &mut Inbox| {
            let mut faults = Faults::default();
            workbench.apply(edit, inbox, &mut faults);
            faults.join(found);
            if let Some(relay) = relay {
                inbox.relay = relay;
            }
            faults.finish()
        };
        let edited = self.store().inboxes().try_update(id, judged).await??;
        self.located_now(edited).await
    }

    /// Deletes an inbox and all that it captured; gives how many requests that were.
    pub async fn delete_inbox(&self, id: InboxId) -> Result<u64> {
        let deleted = self.store().inboxes().delete(id).await?;
        self.refresh_receiver().await?;
        Ok(deleted)
    }

    /// The id of the scheme that its arrivals are verified by.
    fn verified_by(&self, inbox: &Inbox) -> Option<String> {
        let of_profile = || Some(self.profile_or_generic(inbox.provider.as_ref()?).scheme().id().to_owned());
        inbox.scheme.clone().or_else(of_profile)
    }

    pub(crate) fn located(&self, inbox: Inbox) -> LocatedInbox {
        let url = format!("{}/{}", self.capture_origin(), inbox.slug);
        let urls =
            self.capture_origins().into_iter().map(|origin| format!("{origin}/{}", inbox.slug)).collect();
        LocatedInbox { inbox, url, urls }
    }

    /// Located once the receiver knows it: whoever is answered may send at once.
    async fn located_now(&self, inbox: Inbox) -> Result<LocatedInbox> {
        self.refresh_receiver().await?;
        Ok(self.located(inbox))
    }

    /// A slug that nobody has: the name's, the name's with a number, or a random one.
    async fn free_slug(&self, name: Option<&str>) -> Result<Slug> {
        let Some(wanted) = name.and_then(Slug::from_name).filter(|slug| !is_reserved(slug)) else {
            return Ok(random_slug());
        };
        let numbered = (2..=20).filter_map(|number| format!("{wanted}-{number}").parse().ok());
        for slug in std::iter::once(wanted.clone()).chain(numbered) {
            if self.store().inboxes().by_slug(&slug).await?.is_none() {
                return Ok(slug);
            }
        }
        Ok(random_slug())
    }

    fn apply(&self, edit: InboxEdit, inbox: &mut Inbox, faults: &mut Faults) {
        let verified_before = self.verified_by(inbox);
        let by_provider = edit.provider.is_some() && !matches!(edit.scheme, Some(Some(_)));
        let chosen = if by_provider { "provider" } else { "scheme" };
        if let Some(slug) = edit.slug.as_deref().and_then(|text| slug(faults, text)) {
            inbox.slug = slug;
        }
        if let Some(name) = edit.name {
            inbox.name = checks::name(faults, "name", &name);
        }
        match edit.provider {
            Some(Some(text)) => {
                let found = checks::profile(faults, "provider", &text, self.library());
                inbox.provider = found.map(|profile| profile.id().clone());
            }
            Some(None) => inbox.provider = None,
            None => {}
        }
        let profile = inbox.provider.as_ref().map(|id: &ProviderId| self.profile_or_generic(id));
        if let Some(scheme) = edit.scheme {
            inbox.scheme = scheme;
        }
        inbox.handshakes = edit.handshakes.unwrap_or(inbox.handshakes);
        // What stands for the token where it is shown stands for it where it comes back, too.
        let shown = |token: &Option<Secret>| token.as_ref().is_some_and(|token| *token == Secret::from(VEIL));
        if let Some(token) = edit.verify_token.filter(|token| !(shown(token) && inbox.verify_token.is_some()))
        {
            faults.unless(!shown(&token), "verify_token", || {
                format!("has no value here that `{VEIL}` could stand for: give it")
            });
            inbox.verify_token = token.map(|token| checks::token(faults, "verify_token", &token));
        }
        let own_scheme =
            inbox.scheme.as_deref().and_then(|id| checks::scheme(faults, "scheme", id, self.library()));
        match edit.secret {
            Some(Some(given)) => {
                let secret = inbox_secret(
                    faults,
                    &given,
                    own_scheme.as_deref().or(profile.as_deref().map(Profile::scheme)),
                );
                // The replaced one does not hold any more, and is remembered as one that was rotated away is.
                inbox.secrets.retain(|kept| kept.secret != secret);
                rotate(&mut inbox.secrets, secret, self.now(), 0);
            }
            Some(None) => inbox.secrets.clear(),
            None => match own_scheme.as_deref().or(profile.as_deref().map(Profile::scheme)) {
                Some(scheme) if verified_before.as_deref() != Some(scheme.id()) => {
                    secrets_fit(faults, chosen, inbox, scheme, self.now());
                }
                _ => {}
            },
        }
        apply_response(edit.response, &mut inbox.response, faults);
        if let Some(drafts) = edit.rules {
            inbox.rules = self.checked_rules(faults, drafts, &inbox.rules);
        }
        access::apply(edit.access, &mut inbox.access, faults);
        if let Some(allow) = edit.allow {
            access::check_list(&allow, faults);
            inbox.allow = allow;
        }
        apply_retention(edit.retention, &mut inbox.retention, faults);
    }
}

/// What is there must do with the scheme that is chosen for it.
fn secrets_fit(faults: &mut Faults, field: &str, inbox: &Inbox, scheme: &Scheme, now: Timestamp) {
    let mut holding = inbox.secrets.iter().filter(|kept| kept.holds_at(now));
    let unfit = holding.find_map(|kept| scheme.check_secret(&kept.secret).err());
    if let Some(error) = unfit {
        let message = format!(
            "the inbox's secret does not fit {}: {error}. Give a `secret` that does with it, or null for none",
            scheme.name()
        );
        faults.add(field, message);
    }
}

fn inbox_secret(faults: &mut Faults, given: &Secret, scheme: Option<&Scheme>) -> Secret {
    let Some(scheme) = scheme else {
        faults.add(
            "secret",
            "verifies nothing without a provider or a scheme: give `provider` or `scheme` too",
        );
        return given.clone();
    };
    checks::secret(faults, "secret", given, scheme)
}

fn apply_response(edit: InboxResponseEdit, response: &mut InboxResponse, faults: &mut Faults) {
    if let Some(status) = edit.status {
        faults.unless((200..=599).contains(&status), "response.status", || {
            "must lie between 200 and 599".to_owned()
        });
        response.status = status;
    }
    if let Some(headers) = edit.headers {
        checks::headers(faults, "response.headers", &headers);
        response.headers = headers;
    }
    if let Some(body) = edit.body {
        faults.unless(body.len() <= InboxResponse::MAX_BODY, "response.body", || {
            format!("may be at most {} bytes long", InboxResponse::MAX_BODY)
        });
        response.body = body;
    }
    if let Some(delay_ms) = edit.delay_ms {
        faults.unless(delay_ms <= InboxResponse::MAX_DELAY_MS, "response.delay_ms", || {
            format!("may be at most {}", InboxResponse::MAX_DELAY_MS)
        });
        response.delay_ms = delay_ms;
    }
}

fn apply_retention(edit: InboxRetentionEdit, retention: &mut InboxRetention, faults: &mut Faults) {
    if let Some(most) = edit.max_requests {
        faults.unless(
            most.is_none_or(|most| (1..=1_000_000_000).contains(&most)),
            "retention.max_requests",
            || "must lie between 1 and 1000000000".to_owned(),
        );
        retention.max_requests = most;
    }
    if let Some(age) = edit.max_age_ms {
        let longest = 3650 * 24 * 3600 * 1000;
        faults.unless(
            age.is_none_or(|age| (SHORTEST_AGE_MS..=longest).contains(&age)),
            "retention.max_age_ms",
            || format!("must lie between {SHORTEST_AGE_MS} (a minute) and {longest} (ten years)"),
        );
        retention.max_age_ms = age;
    }
}

fn slug(faults: &mut Faults, text: &str) -> Option<Slug> {
    let slug = faults.take("slug", text.parse::<Slug>())?;
    faults.unless(!is_reserved(&slug), "slug", || format!("`{slug}` is reserved"));
    Some(slug)
}

/// The UI's session cookie travels with every path below `/v1`, on any port of the same host: an inbox there
/// would capture it.
fn is_reserved(slug: &Slug) -> bool {
    slug.as_str() == "v1"
}

fn random_slug() -> Slug {
    let text = format!("inbox-{}", random::short());
    #[expect(clippy::expect_used, reason = "base32 in lower case is what slugs are made of")]
    text.parse().expect("a random slug is a slug")
}
