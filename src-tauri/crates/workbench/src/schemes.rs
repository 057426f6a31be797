//! The schemes: those that Hookbench comes with, and those that people add.

use std::sync::Arc;

use hookbench_model::ProviderId;
use hookbench_signing::{Scheme, SchemeError};
use hookbench_store::{Choice, OwnForm, StoreError};
use serde_json::Value;

use crate::Workbench;
use crate::error::{Result, WorkbenchError};
use crate::own::{MOST, Own};

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
        let id = scheme.id().to_owned();
        if self.library().scheme(&id).is_some() {
            let message = format!("there is a scheme `{id}` already");
            return Err(StoreError::Conflict { field: "id", message }.into());
        }
        let schemes = self.store().own_schemes();
        if schemes.all().await?.len() >= MOST {
            return Err(WorkbenchError::wrong_state(format!(
                "There are {MOST} schemes of your own, the most there can be."
            )));
        }
        schemes.create(id.clone(), scheme.to_value().to_string(), self.now()).await?;
        self.refresh_library().await?;
        self.scheme(&id).await
    }

    /// Puts another form in the place of a scheme of one's own; whatever uses it goes by the new one at once.
    pub async fn replace_scheme(&self, id: &str, form: Value) -> Result<SeenScheme> {
        self.own_scheme(id)?;
        let scheme = read(form)?;
        if scheme.id() != id {
            return Err(WorkbenchError::field("id", format!("must be `{id}`: a scheme keeps its id")));
        }
        self.fits_own_profiles(&scheme).await?;
        self.store().own_schemes().update(id.to_owned(), scheme.to_value().to_string(), self.now()).await?;
        self.refresh_library().await?;
        self.scheme(id).await
    }

    /// Removes a scheme of one's own that nothing uses.
    pub async fn remove_scheme(&self, id: &str) -> Result<()> {
        self.own_scheme(id)?;
        self.store().own_schemes().delete(id.to_owned()).await?;
        self.refresh_library().await
    }

    fn own_scheme(&self, id: &str) -> Result<()> {
        match self.library().scheme(id) {
            None => Err(WorkbenchError::not_found("scheme", id)),
            Some(_) if self.library().is_own_scheme(id) => Ok(()),
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

fn read(form: Value) -> Result<Scheme> {
    Scheme::from_value(form).map_err(|SchemeError { field, problem }| WorkbenchError::field(field, problem))
}
