//! The schemes: those that Hookbench comes with, and those that people add.

use std::sync::Arc;

use hookbench_model::{ProviderId, StoredSecret};
use hookbench_signing::{Scheme, SchemeError, SecretUse};
use hookbench_store::{Choice, OwnForm, StoreError};
use serde_json::Value;

use crate::Workbench;
use crate::checks::word_of_a_path;
use crate::error::{Result, WorkbenchError};
use crate::own::{MOST, Own};

/// How many users of a scheme a refusal names.
const MOST_NAMED: usize = 5;

/// A scheme, and what the workspace has to say of it.
#[derive(Clone, Debug)]
pub struct SeenScheme {
    /// The scheme.
    pub scheme: Arc<Scheme>,
    /// Whether somebody added it.
    pub own: bool,
    /// How many endpoints and inboxes sign or verify by it.
    pub used_by: u64,
}

impl Workbench {
    /// All schemes: those that Hookbench comes with, then the own ones.
    pub async fn schemes(&self) -> Result<Vec<SeenScheme>> {
        let choices = self.store().own_schemes().choices().await?;
        Ok(self.library().schemes().into_iter().map(|scheme| self.seen_scheme(scheme, &choices)).collect())
    }

    /// One scheme.
    pub async fn scheme(&self, id: &str) -> Result<SeenScheme> {
        let scheme = self.library().scheme(id).ok_or_else(|| WorkbenchError::not_found("scheme", id))?;
        let choices = self.store().own_schemes().choices().await?;
        Ok(self.seen_scheme(scheme, &choices))
    }

    /// Adds a scheme; it can be used at once.
    pub async fn add_scheme(&self, form: Value) -> Result<SeenScheme> {
        let scheme = read(form)?;
        if let Some(problem) = word_of_a_path(scheme.id()) {
            return Err(WorkbenchError::field("id", problem));
        }
        let workbench = self.clone();
        self.to_the_end(async move { workbench.keep_scheme(scheme).await }).await
    }

    async fn keep_scheme(&self, scheme: Scheme) -> Result<SeenScheme> {
        let id = scheme.id().to_owned();
        if self.library().scheme(&id).is_some() {
            let message = format!("there is a scheme `{id}` already");
            return Err(StoreError::Conflict { field: "id", message }.into());
        }
        let changing = self.changing_library().write().await;
        let schemes = self.store().own_schemes();
        if schemes.all().await?.len() >= MOST {
            return Err(WorkbenchError::wrong_state(format!(
                "There are {MOST} schemes of your own, the most there can be."
            )));
        }
        schemes.create(id.clone(), scheme.to_value().to_string(), self.now()).await?;
        self.refresh_library(&changing).await?;
        self.scheme(&id).await
    }

    /// Puts another form in the place of a scheme of one's own; whatever uses it goes by the new one at once. Refused
    /// where the secret of an endpoint or an inbox that goes by it would not fit any more.
    pub async fn replace_scheme(&self, id: &str, form: Value) -> Result<SeenScheme> {
        let known = self.own_scheme(id)?;
        let scheme = read(form)?;
        if scheme.id() != id {
            return Err(WorkbenchError::field("id", format!("must be `{id}`: a scheme keeps its id")));
        }
        let workbench = self.clone();
        self.to_the_end(async move { workbench.put_scheme(&known, &scheme).await }).await
    }

    async fn put_scheme(&self, known: &Scheme, scheme: &Scheme) -> Result<SeenScheme> {
        let id = scheme.id();
        // Nobody chooses it, nor gives a secret for it, between the checks and the change.
        let changing = self.changing_library().write().await;
        self.fits_own_profiles(scheme).await?;
        self.fits_secrets(known, scheme).await?;
        self.store().own_schemes().update(id.to_owned(), scheme.to_value().to_string(), self.now()).await?;
        self.refresh_library(&changing).await?;
        self.scheme(id).await
    }

    /// Removes a scheme of one's own that nothing uses.
    pub async fn remove_scheme(&self, id: &str) -> Result<()> {
        self.own_scheme(id)?;
        let (workbench, id) = (self.clone(), id.to_owned());
        self.to_the_end(async move { workbench.delete_scheme(id).await }).await
    }

    async fn delete_scheme(&self, id: String) -> Result<()> {
        let changing = self.changing_library().write().await;
        self.store().own_schemes().delete(id).await.map_err(|error| match error {
            StoreError::Conflict { message, .. } => WorkbenchError::wrong_state(sentence(&message)),
            error => error.into(),
        })?;
        self.refresh_library(&changing).await
    }

    fn own_scheme(&self, id: &str) -> Result<Arc<Scheme>> {
        match self.library().scheme(id) {
            None => Err(WorkbenchError::not_found("scheme", id)),
            Some(scheme) if self.library().is_own_scheme(id) => Ok(scheme),
            Some(_) => Err(WorkbenchError::wrong_state(format!(
                "The scheme {id} comes with Hookbench and stays as it is: add one with an id of its own."
            ))),
        }
    }

    /// The own profiles that sign by a scheme must do with what it is to become.
    async fn fits_own_profiles(&self, scheme: &Scheme) -> Result<()> {
        let profiles = self.store().own_profiles().all().await?;
        let mut schemes = self.store().own_schemes().all().await?;
        let before = Own::of(&schemes, &profiles).broken;
        for kept in schemes.iter_mut().filter(|kept: &&mut OwnForm| kept.id == scheme.id()) {
            kept.form = scheme.to_value().to_string();
        }
        let after = Own::of(&schemes, &profiles).broken;
        match after.into_iter().find(|broken| !before.contains(broken)) {
            Some(broken) => Err(WorkbenchError::field(
                "id",
                format!("the {} `{}` could not sign by it: {}", broken.noun, broken.id, broken.problem),
            )),
            None => Ok(()),
        }
    }

    /// The secrets that go by a scheme must do with what it is to become, as far as they did before.
    async fn fits_secrets(&self, known: &Scheme, scheme: &Scheme) -> Result<()> {
        let now = self.now();
        let goes_by = |chosen: Option<&str>, provider: Option<&ProviderId>| match (chosen, provider) {
            (Some(chosen), _) => chosen == known.id(),
            (None, Some(provider)) => self.library().profile_or_generic(provider).scheme().id() == known.id(),
            (None, None) => false,
        };
        let unfit = |secrets: &[StoredSecret], signs: bool| {
            let fits = |scheme: &Scheme, secret| match scheme.check_secret(secret) {
                Ok(SecretUse::OnlyVerifies) => !signs,
                Ok(_) => true,
                Err(_) => false,
            };
            let mut holding = secrets.iter().filter(|kept| kept.holds_at(now)).map(|kept| &kept.secret);
            holding.any(|secret| fits(known, secret) && !fits(scheme, secret))
        };
        let mut named = Vec::new();
        for one in self.store().endpoints().all().await? {
            if goes_by(one.scheme.as_deref(), Some(&one.provider)) && unfit(&one.secrets, true) {
                named.push(format!("the endpoint {}", one.name));
            }
        }
        for one in self.store().inboxes().all().await? {
            if goes_by(one.scheme.as_deref(), one.provider.as_ref()) && unfit(&one.secrets, false) {
                named.push(format!("the inbox {}", one.name));
            }
        }
        if named.is_empty() {
            return Ok(());
        }
        let more = named.len().saturating_sub(MOST_NAMED);
        let also = if more > 0 { format!(" and {more} more") } else { String::new() };
        named.truncate(MOST_NAMED);
        Err(WorkbenchError::wrong_state(format!(
            "The secrets of {}{also} would not fit the scheme any more: give them others or another scheme first.",
            named.join(", ")
        )))
    }

    fn seen_scheme(&self, scheme: Arc<Scheme>, choices: &[Choice]) -> SeenScheme {
        let by_provider = |choice: &Choice| {
            let id = choice.provider.as_deref()?.parse::<ProviderId>().ok()?;
            Some(self.library().profile_or_generic(&id).scheme().id().to_owned())
        };
        let goes_by = |choice: &&Choice| {
            let id = choice.scheme.clone().or_else(|| by_provider(choice));
            id.is_some_and(|id| id == scheme.id())
        };
        let used_by = choices.iter().filter(goes_by).map(|choice| choice.count).sum();
        SeenScheme { own: self.library().is_own_scheme(scheme.id()), used_by, scheme }
    }
}

fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}

fn read(form: Value) -> Result<Scheme> {
    Scheme::from_value(form).map_err(|SchemeError { field, problem }| WorkbenchError::field(field, problem))
}
