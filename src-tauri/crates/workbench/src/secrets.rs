//! The secrets of endpoints and inboxes: several at a time, rotated with an overlap, shown by their hints.

use std::sync::Arc;

use hookbench_model::{Endpoint, EndpointId, Inbox, InboxId, Reveal, StoredSecret, Timestamp};
use hookbench_providers::Profile;
use hookbench_signing::{Scheme, Secret};

use crate::endpoint_draft::new_secret;
use crate::error::{Faults, Result, WorkbenchError};
use crate::{LocatedInbox, Workbench, checks};

/// The most secrets that hold at once.
const MOST: usize = 10;
/// The longest overlap of an old and a new secret: 30 days, in milliseconds.
const LONGEST_OVERLAP_MS: u64 = 30 * 24 * 3600 * 1000;

/// A secret as it is shown: everything but itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenSecret {
    /// Names it among the secrets of its endpoint or inbox.
    pub id: String,
    /// Its last characters, where it is long enough to show any.
    pub hint: Option<String>,
    /// Whether it is the first to sign, and the one that a reveal shows.
    pub current: bool,
    /// Since when it holds.
    pub created_at: Timestamp,
    /// When it stops to hold; `None` for one that holds until it is removed.
    pub expires_at: Option<Timestamp>,
    /// What a receiver verifies with, where the scheme has two halves. It is no secret.
    pub public_half: Option<Secret>,
}

/// A secret to be added beside those that hold.
#[derive(Clone)]
pub struct SecretDraft {
    /// The secret as its owner writes it.
    pub secret: Secret,
    /// For how long it holds, in milliseconds; until it is removed unless given.
    pub expires_in_ms: Option<u64>,
}

/// An inbox and the secret that was just made for it.
#[derive(Debug)]
pub struct RotatedInbox {
    /// The inbox.
    pub inbox: LocatedInbox,
    /// Its new secret: shown now and never again.
    pub secret: Secret,
}

/// What decides the form of secrets: a profile, and the scheme chosen instead of its own.
struct Form {
    profile: Arc<Profile>,
    scheme: Option<Arc<Scheme>>,
    /// Whether it has to sign, and not only to verify.
    signs: bool,
}

impl Form {
    fn scheme(&self) -> &Scheme {
        self.scheme.as_deref().unwrap_or_else(|| self.profile.scheme())
    }
}

impl Workbench {
    /// The secrets of an endpoint that hold, the one that signs first first.
    pub async fn endpoint_secrets(&self, id: EndpointId) -> Result<Vec<SeenSecret>> {
        let endpoint = self.endpoint(id).await?;
        Ok(seen(&endpoint.secrets, Some(self.form_of_endpoint(&endpoint).scheme()), self.now()))
    }

    /// Adds a secret to an endpoint, which signs beside the others where the scheme has a form for several.
    pub async fn add_endpoint_secret(&self, id: EndpointId, draft: SecretDraft) -> Result<Vec<SeenSecret>> {
        let _library = self.changing_library().read().await;
        let endpoint = self.endpoint(id).await?;
        let form = self.form_of_endpoint(&endpoint);
        let added = self.checked(&draft, &form, &endpoint.secrets)?;
        let (now, secret) = (self.now(), added.secret.clone());
        let push = move |endpoint: &mut Endpoint| push(&mut endpoint.secrets, added, now);
        let endpoint = self.change_secrets(id, now, push).await?;
        is_among(&endpoint.secrets, &secret)?;
        Ok(seen(&endpoint.secrets, Some(form.scheme()), now))
    }

    /// Ends one of an endpoint's secrets at once. The only one stays: without any, nothing would be signed.
    pub async fn remove_endpoint_secret(&self, id: EndpointId, secret: &str) -> Result<()> {
        let endpoint = self.endpoint(id).await?;
        let now = self.now();
        let known = seen(&endpoint.secrets, None, now);
        if !known.iter().any(|one| one.id == secret) {
            return Err(WorkbenchError::not_found("secret", secret));
        }
        if known.len() == 1 {
            return Err(only_secret());
        }
        let secret = secret.to_owned();
        let gone = secret.clone();
        let remove = move |endpoint: &mut Endpoint| remove(&mut endpoint.secrets, &secret, now, 1);
        let endpoint = self.change_secrets(id, now, remove).await?;
        // Where the others were removed meanwhile it is the only one by now.
        let stays = endpoint.secrets.iter().any(|kept| id_of(kept) == gone);
        if stays { Err(only_secret()) } else { Ok(()) }
    }

    /// When an endpoint's secret, or the credentials among its headers, were shown to somebody: newest first, the
    /// newest 100 of each.
    pub async fn reveals(&self, id: EndpointId) -> Result<Vec<Reveal>> {
        self.endpoint(id).await?;
        Ok(self.store().endpoints().reveals(id).await?)
    }

    /// The secrets of an inbox that hold, newest first.
    pub async fn inbox_secrets(&self, id: InboxId) -> Result<Vec<SeenSecret>> {
        let inbox = self.inbox(id).await?.inbox;
        let form = self.form_of_inbox(&inbox).ok();
        Ok(seen(&inbox.secrets, form.as_ref().map(Form::scheme), self.now()))
    }

    /// Adds a secret by which an inbox verifies beside the others.
    pub async fn add_inbox_secret(&self, id: InboxId, draft: SecretDraft) -> Result<Vec<SeenSecret>> {
        let _library = self.changing_library().read().await;
        let inbox = self.inbox(id).await?.inbox;
        let form = self.form_of_inbox(&inbox)?;
        let added = self.checked(&draft, &form, &inbox.secrets)?;
        let (now, secret) = (self.now(), added.secret.clone());
        let inbox =
            self.store().inboxes().update(id, move |inbox| push(&mut inbox.secrets, added, now)).await?;
        is_among(&inbox.secrets, &secret)?;
        self.refresh_receiver().await?;
        Ok(seen(&inbox.secrets, Some(form.scheme()), now))
    }

    /// Ends one of an inbox's secrets at once.
    pub async fn remove_inbox_secret(&self, id: InboxId, secret: &str) -> Result<()> {
        let now = self.now();
        if !self.inbox_secrets(id).await?.iter().any(|one| one.id == secret) {
            return Err(WorkbenchError::not_found("secret", secret));
        }
        let secret = secret.to_owned();
        let update = move |inbox: &mut Inbox| remove(&mut inbox.secrets, &secret, now, 0);
        self.store().inboxes().update(id, update).await?;
        self.refresh_receiver().await
    }

    /// Replaces an inbox's secret; those before verify beside it for `overlap_ms`.
    pub async fn rotate_inbox_secret(
        &self,
        id: InboxId,
        overlap_ms: u64,
        secret: Option<Secret>,
    ) -> Result<RotatedInbox> {
        let _library = self.changing_library().read().await;
        let inbox = self.inbox(id).await?.inbox;
        let form = self.form_of_inbox(&inbox)?;
        let mut faults = Faults::default();
        check_overlap(&mut faults, "overlap_ms", overlap_ms);
        let secret = match secret {
            Some(given) => checks::secret(&mut faults, "secret", &given, form.scheme()),
            None => new_secret(&form.profile, form.scheme.as_deref()),
        };
        faults.finish()?;
        let now = self.now();
        let newest = secret.clone();
        self.store()
            .inboxes()
            .update(id, move |inbox| rotate(&mut inbox.secrets, newest, now, overlap_ms))
            .await?;
        self.refresh_receiver().await?;
        Ok(RotatedInbox { inbox: self.inbox(id).await?, secret })
    }

    fn form_of_endpoint(&self, endpoint: &Endpoint) -> Form {
        Form {
            profile: self.profile_or_generic(&endpoint.provider),
            scheme: endpoint.scheme.as_deref().and_then(|id| self.library().scheme(id)),
            signs: true,
        }
    }

    /// Fails where nothing is verified, whatever the secret.
    fn form_of_inbox(&self, inbox: &Inbox) -> Result<Form> {
        let scheme = inbox.scheme.as_deref().and_then(|id| self.library().scheme(id));
        let profile = inbox.provider.as_ref().map(|id| self.profile_or_generic(id));
        match (profile, scheme) {
            (None, None) => Err(WorkbenchError::wrong_state(
                "The inbox has neither provider nor scheme, so a secret would verify nothing: choose one first.",
            )),
            (profile, scheme) => Ok(Form {
                profile: profile.unwrap_or_else(|| self.library().generic()),
                scheme,
                signs: false,
            }),
        }
    }

    fn checked(&self, draft: &SecretDraft, form: &Form, known: &[StoredSecret]) -> Result<StoredSecret> {
        let now = self.now();
        let mut faults = Faults::default();
        let check = if form.signs { checks::signing_secret } else { checks::secret };
        let secret = check(&mut faults, "secret", &draft.secret, form.scheme());
        let holding: Vec<_> = known.iter().filter(|kept| kept.holds_at(now)).collect();
        faults.unless(holding.len() < MOST, "secret", one_too_many);
        faults.unless(holding.iter().all(|kept| kept.secret != secret), "secret", || {
            "is one of those that hold already".to_owned()
        });
        if let Some(span_ms) = draft.expires_in_ms {
            check_overlap(&mut faults, "expires_in_ms", span_ms);
        }
        faults.finish()?;
        Ok(StoredSecret { secret, created_at: now, expires_at: draft.expires_in_ms.map(|ms| later(now, ms)) })
    }
}

pub(crate) fn check_overlap(faults: &mut Faults, field: &str, overlap_ms: u64) {
    faults.unless(overlap_ms <= LONGEST_OVERLAP_MS, field, || {
        format!("may be at most {LONGEST_OVERLAP_MS} (30 days)")
    });
}

/// Puts a new secret first; those before hold for the overlap, and one that was to end sooner ends then.
pub(crate) fn rotate(secrets: &mut Vec<StoredSecret>, secret: Secret, now: Timestamp, overlap_ms: u64) {
    let end = later(now, overlap_ms);
    for kept in secrets.iter_mut() {
        kept.expires_at = Some(kept.expires_at.map_or(end, |known| known.min(end)));
    }
    secrets.retain(|kept| kept.is_remembered_at(now));
    let created_at = unused(secrets, now);
    secrets.insert(0, StoredSecret { secret, created_at, expires_at: None });
}

/// Adds one, unless others were added meanwhile and as many hold as may.
fn push(secrets: &mut Vec<StoredSecret>, added: StoredSecret, now: Timestamp) {
    secrets.retain(|kept| kept.is_remembered_at(now));
    if secrets.iter().filter(|kept| kept.holds_at(now)).count() >= MOST {
        return;
    }
    let created_at = unused(secrets, now);
    secrets.push(StoredSecret { created_at, ..added });
}

/// Fails where others that were added at the same time left no room for it.
fn is_among(secrets: &[StoredSecret], added: &Secret) -> Result<()> {
    let there = secrets.iter().any(|kept| kept.secret == *added);
    if there { Ok(()) } else { Err(WorkbenchError::field("secret", one_too_many())) }
}

fn only_secret() -> WorkbenchError {
    WorkbenchError::wrong_state(
        "It is the endpoint's only secret: rotate it instead, or add another one before.",
    )
}

fn one_too_many() -> String {
    format!("is one too many: at most {MOST} hold at once")
}

/// Removes the one of that id, unless fewer than `least` would be left.
fn remove(secrets: &mut Vec<StoredSecret>, id: &str, now: Timestamp, least: usize) {
    if secrets.iter().filter(|kept| kept.holds_at(now)).count() > least {
        secrets.retain(|kept| id_of(kept) != id);
    }
}

fn seen(secrets: &[StoredSecret], scheme: Option<&Scheme>, now: Timestamp) -> Vec<SeenSecret> {
    let holding = secrets.iter().filter(|kept| kept.holds_at(now));
    holding
        .enumerate()
        .map(|(position, kept)| SeenSecret {
            id: id_of(kept),
            hint: kept.secret.hint(),
            current: position == 0,
            created_at: kept.created_at,
            expires_at: kept.expires_at,
            public_half: scheme.and_then(|scheme| scheme.public_half(&kept.secret)),
        })
        .collect()
}

/// The time of its making names a secret: nothing of the secret itself does.
fn id_of(kept: &StoredSecret) -> String {
    kept.created_at.unix_ms().to_string()
}

/// A time of making that none of them has.
fn unused(secrets: &[StoredSecret], now: Timestamp) -> Timestamp {
    let mut time = now;
    while secrets.iter().any(|kept| kept.created_at == time) {
        time = time.plus_ms(1);
    }
    time
}

fn later(now: Timestamp, span_ms: u64) -> Timestamp {
    now.plus_ms(i64::try_from(span_ms).unwrap_or(i64::MAX))
}
