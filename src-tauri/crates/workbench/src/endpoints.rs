use hookbench_delivery::{Policy, policy_of};
use hookbench_model::{
    Endpoint, EndpointId, EndpointStatus, Page, PageRequest, RevealedPart, Timestamp, is_credential_name,
};
use hookbench_signing::Secret;
use hookbench_store::{Resumed, Spread, StoreError};

use crate::compose::{Accepted, EventDraft};
use crate::endpoint_draft::{EndpointDraft, EndpointEdit, new_secret};
use crate::error::{Faults, Result, WorkbenchError};
use crate::{Workbench, checks, secrets};

/// An endpoint, with what its provider asks of it.
#[derive(Clone, Debug)]
pub struct SeenEndpoint {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// Whether its provider lets no endpoint go live that has not passed a test.
    pub requires_test: bool,
    /// The rules in force, the profile's where it has none of its own; the proxy is the one that is used.
    pub policy: Policy,
}

/// An endpoint after an edit.
#[derive(Clone, Debug)]
pub struct EditedEndpoint {
    /// As it is now.
    pub endpoint: Endpoint,
    /// What goes on by it; `None` where it was not enabled by this edit.
    pub resumed: Option<Resumed>,
}

impl From<Endpoint> for EditedEndpoint {
    fn from(endpoint: Endpoint) -> Self {
        Self { endpoint, resumed: None }
    }
}

impl Workbench {
    /// An endpoint with what its provider asks of it.
    pub fn seen(&self, mut endpoint: Endpoint) -> SeenEndpoint {
        // Those that hold no more are kept for explanations alone.
        let now = self.now();
        endpoint.secrets.retain(|kept| kept.holds_at(now));
        let profile = self.profile_or_generic(&endpoint.provider);
        let mut policy = policy_of(Some(&endpoint), &profile);
        let workspaces = || self.settings().proxy;
        policy.proxy = Some(policy.proxy.take().unwrap_or_else(workspaces));
        SeenEndpoint { endpoint, requires_test: profile.requires_test(), policy }
    }

    /// Makes an endpoint, with a secret in its profile's form unless one is given.
    pub async fn create_endpoint(&self, draft: EndpointDraft) -> Result<Endpoint> {
        let _library = self.changing_library().read().await;
        let endpoint = draft.check(self.library(), self.now())?;
        Ok(self.store().endpoints().create(endpoint).await?)
    }

    /// A page of endpoints, newest first.
    pub async fn endpoints(&self, page: PageRequest<EndpointId>) -> Result<Page<Endpoint, EndpointId>> {
        Ok(self.store().endpoints().list(page).await?)
    }

    /// One endpoint.
    pub async fn endpoint(&self, id: EndpointId) -> Result<Endpoint> {
        let found = self.store().endpoints().get(id).await?;
        found.ok_or_else(|| WorkbenchError::not_found("endpoint", id))
    }

    /// Changes an endpoint; disabling pauses its waiting deliveries, enabling lets them go on.
    pub async fn edit_endpoint(&self, id: EndpointId, edit: EndpointEdit) -> Result<EditedEndpoint> {
        let workbench = self.clone();
        self.to_the_end(async move { workbench.put_endpoint(id, edit).await }).await
    }

    async fn put_endpoint(&self, id: EndpointId, edit: EndpointEdit) -> Result<EditedEndpoint> {
        let now = self.now();
        let status = edit.status;
        let spread = spread_of(edit.resume_over_ms)?;
        let library = self.library().clone();
        let _library = self.changing_library().read().await;
        // Checked where it is written: what another edit changed meanwhile stays, and what does not fit it is refused.
        let judged = move |endpoint: &mut Endpoint| {
            let before = endpoint.clone();
            edit.apply(endpoint, &library, now)?;
            leads_no_trial_elsewhere(&before, endpoint)?;
            let was_disabled = before.status == EndpointStatus::Disabled;
            if status == Some(EndpointStatus::Enabled) && endpoint.draft && was_disabled {
                return Err(still_a_draft(endpoint));
            }
            Ok(())
        };
        let endpoint = self.store().endpoints().try_update(id, now, judged).await??;
        self.trial_follows(id).await?;
        match status {
            // One that lived until this edit is a draft by it; nobody asked to make a draft live.
            Some(EndpointStatus::Enabled) if endpoint.draft => Ok(endpoint.into()),
            Some(wanted) if wanted != endpoint.status => self.switch_endpoint(id, wanted, spread).await,
            _ => Ok(endpoint.into()),
        }
    }

    async fn switch_endpoint(
        &self,
        id: EndpointId,
        wanted: EndpointStatus,
        spread: Spread,
    ) -> Result<EditedEndpoint> {
        let endpoints = self.store().endpoints();
        Ok(match wanted {
            EndpointStatus::Enabled => match endpoints.enable(id, self.now(), spread).await {
                Err(StoreError::WrongState { status: "draft", .. }) => {
                    return Err(still_a_draft(&self.endpoint(id).await?));
                }
                enabled => {
                    let (endpoint, resumed) = enabled?;
                    EditedEndpoint { endpoint, resumed: Some(resumed) }
                }
            },
            EndpointStatus::Disabled => {
                endpoints.disable(id, self.now(), "Somebody disabled it.".to_owned()).await?.into()
            }
        })
    }

    /// Deletes an endpoint: its waiting deliveries are cancelled, its history stays.
    pub async fn delete_endpoint(&self, id: EndpointId) -> Result<()> {
        let workbench = self.clone();
        let delete = async move {
            workbench.store().endpoints().delete(id, workbench.now()).await?;
            workbench.end_trials_of(id).await
        };
        self.to_the_end(delete).await
    }

    /// Replaces an endpoint's secret; the one before signs beside it for `overlap_ms`, unless another
    /// `scheme` signs from now on (`Some(None)` for the profile's).
    pub async fn rotate_secret(
        &self,
        id: EndpointId,
        overlap_ms: u64,
        secret: Option<Secret>,
        scheme: Option<Option<String>>,
    ) -> Result<Endpoint> {
        let _library = self.changing_library().read().await;
        let endpoint = self.endpoint(id).await?;
        let profile = self.profile_or_generic(&endpoint.provider);
        let mut faults = Faults::default();
        secrets::check_overlap(&mut faults, "overlap_ms", overlap_ms);
        let wanted = scheme.clone().unwrap_or_else(|| endpoint.scheme.clone());
        let own_scheme =
            wanted.as_deref().and_then(|id| checks::scheme(&mut faults, "scheme", id, self.library()));
        let other_scheme = scheme.filter(|scheme| *scheme != endpoint.scheme);
        let secret = match secret {
            Some(given) => checks::signing_secret(
                &mut faults,
                "secret",
                &given,
                own_scheme.as_deref().unwrap_or_else(|| profile.scheme()),
            ),
            None => new_secret(&profile, own_scheme.as_deref()),
        };
        faults.finish()?;
        let now = self.now();
        self.change_secrets(id, now, move |endpoint| {
            if let Some(scheme) = other_scheme {
                // What signed by another scheme has not the form of this one.
                endpoint.scheme = scheme;
                endpoint.secrets.clear();
            }
            secrets::rotate(&mut endpoint.secrets, secret, now, overlap_ms);
        })
        .await
    }

    /// Changes what an endpoint signs with; a trial of it signs alike.
    pub(crate) async fn change_secrets(
        &self,
        id: EndpointId,
        now: Timestamp,
        change: impl FnOnce(&mut Endpoint) + Send + 'static,
    ) -> Result<Endpoint> {
        let workbench = self.clone();
        let change = async move {
            let endpoint = workbench.store().endpoints().update(id, now, change).await?;
            workbench.trial_follows(id).await?;
            Ok(endpoint)
        };
        self.to_the_end(change).await
    }

    /// An endpoint's current secret. That somebody looked is logged first.
    pub async fn reveal_secret(&self, id: EndpointId) -> Result<Option<Secret>> {
        let endpoint = self.endpoint(id).await?;
        self.store().endpoints().log_reveal(id, RevealedPart::Secret, self.now()).await?;
        tracing::info!(endpoint = %id, "an endpoint's secret was revealed");
        Ok(endpoint.secrets.into_iter().find(|kept| kept.expires_at.is_none()).map(|kept| kept.secret))
    }

    /// One endpoint, to be shown with the credentials among its own headers: where it has any that is logged.
    pub async fn revealed_endpoint(&self, id: EndpointId) -> Result<Endpoint> {
        let endpoint = self.endpoint(id).await?;
        if endpoint.headers.iter().any(|(name, _)| is_credential_name(name)) {
            self.store().endpoints().log_reveal(id, RevealedPart::Headers, self.now()).await?;
            tracing::info!(endpoint = %id, "the credentials among an endpoint's headers were revealed");
        }
        Ok(endpoint)
    }

    /// Sends an endpoint one sample of its profile, once: of the type given, or of the first that it
    /// subscribes to.
    pub async fn test_endpoint(&self, id: EndpointId, event_type: Option<String>) -> Result<Accepted> {
        let endpoint = self.endpoint(id).await?;
        if endpoint.status == EndpointStatus::Disabled && !endpoint.draft {
            return Err(WorkbenchError::wrong_state(format!(
                "The endpoint {id} is disabled, so nothing is sent to it: enable it first."
            )));
        }
        let event_type = match event_type {
            Some(given) => given,
            None => self.first_type(&endpoint),
        };
        let draft = EventDraft {
            event_type: Some(event_type),
            provider: Some(endpoint.provider.to_string()),
            endpoint_ids: Some(vec![id.to_string()]),
            ..EventDraft::default()
        };
        self.send(draft, true, |_| None).await
    }

    fn first_type(&self, endpoint: &Endpoint) -> String {
        let profile = self.profile_or_generic(&endpoint.provider);
        let mut types = profile.events().map(hookbench_providers::EventType::event_type);
        let own = endpoint.enabled_events.patterns().iter().find(|pattern| pattern.is_name());
        // A trial subscribes to nothing, and takes whatever names it.
        let any = endpoint.trial_of.is_some();
        types
            .find(|event_type| any || endpoint.enabled_events.matches(event_type))
            .or(own.map(hookbench_model::EventPattern::as_str))
            .unwrap_or("test.event")
            .to_owned()
    }
}

/// The longest time that paused deliveries may be spread over, in milliseconds: 7 days.
const LONGEST_SPREAD_MS: u64 = 7 * 24 * 3_600_000;

fn spread_of(over_ms: Option<u64>) -> Result<Spread> {
    match over_ms {
        None => Ok(Spread::Usual),
        Some(ms) if ms <= LONGEST_SPREAD_MS => Ok(Spread::Over(ms)),
        Some(ms) => Err(WorkbenchError::field(
            "resume.spread_ms",
            format!("must be at most {LONGEST_SPREAD_MS} (7 days), not {ms}"),
        )),
    }
}

/// A trial gets what its receiver is to get, and nothing else; by the rest it goes as the endpoint that it is of.
fn leads_no_trial_elsewhere(before: &Endpoint, edited: &Endpoint) -> Result<()> {
    match before.trial_of {
        Some(of) if edited.url != before.url || edited.enabled_events != before.enabled_events => {
            let id = before.id;
            Err(WorkbenchError::wrong_state(format!(
                "The endpoint {id} is a trial, which keeps its `url` and its `enabled_events`: edit the endpoint that \
                 it is a trial of, {of}."
            )))
        }
        _ => Ok(()),
    }
}

fn still_a_draft(endpoint: &Endpoint) -> WorkbenchError {
    WorkbenchError::wrong_state(format!(
        "The endpoint {} is a draft: its provider lets it go live only once a test has been delivered to {}. \
         Send it a test.",
        endpoint.id, endpoint.url
    ))
}
