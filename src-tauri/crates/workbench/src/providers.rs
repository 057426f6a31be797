//! Provider profiles that people import.

use hookbench_model::ProviderId;
use hookbench_providers::{
    Catalogue, ImportErrors, ImportInput, OwnProfile, Profile, import, read_catalogue,
};
use hookbench_signing::Scheme;
use hookbench_store::StoreError;
use std::sync::Arc;

use crate::Workbench;
use crate::checks;
use crate::error::{Faults, FieldError, Result, WorkbenchError};
use crate::own::{MOST, Own};

/// The most documents of one import.
const MOST_DOCUMENTS: usize = 500;
/// The longest name of a document.
const LONGEST_NAME: usize = 200;

/// An event catalogue to be imported.
#[derive(Clone, Debug, Default)]
pub struct ImportDraft {
    /// The id of the provider to be; made of the name unless given.
    pub id: Option<String>,
    /// Its name for people.
    pub name: String,
    /// The provider that comes with Hookbench whose delays, timeout and rules it has; the generic one unless given.
    pub base: Option<String>,
    /// The scheme that signs; the base's unless given.
    pub scheme: Option<String>,
    /// The documents: name and text of each.
    pub documents: Vec<(String, String)>,
}

impl Workbench {
    /// Imports an event catalogue as a provider of one's own; it can be used at once.
    pub async fn import_provider(&self, draft: ImportDraft) -> Result<Arc<Profile>> {
        let mut faults = Faults::default();
        let name = checks::name(&mut faults, "name", &draft.name);
        let id = self.fresh_id(&mut faults, draft.id.as_deref(), &name);
        let base = draft.base.as_deref().unwrap_or("generic");
        let base = checks::profile(&mut faults, "base", base, self.library());
        if let Some(base) = &base {
            let own = self.library().is_own_profile(base.id());
            faults.unless(!own, "base", || "must be a provider that Hookbench comes with".to_owned());
        }
        if let Some(scheme) = &draft.scheme {
            checks::scheme(&mut faults, "scheme", scheme, self.library());
        }
        check_documents(&mut faults, &draft.documents);
        faults.finish()?;
        let (Some(id), Some(base)) = (id, base) else {
            return Err(WorkbenchError::field("id", "could not be read"));
        };
        let kept = self.store().own_profiles();
        if kept.all().await?.len() >= MOST {
            let message = format!("There are {MOST} providers of your own, the most there can be.");
            return Err(WorkbenchError::wrong_state(message));
        }
        let schemes = Own::read(self.store()).await?.schemes;
        let form = read(id.clone(), base.id().clone(), name, draft, schemes).await?;
        let workbench = self.clone();
        self.to_the_end(async move { workbench.keep_provider(id, form).await }).await
    }

    async fn keep_provider(&self, id: ProviderId, form: String) -> Result<Arc<Profile>> {
        let changing = self.changing_library().write().await;
        self.store().own_profiles().create(id.to_string(), form, self.now()).await?;
        self.refresh_library(&changing).await?;
        self.library().profile(&id).ok_or_else(|| WorkbenchError::not_found("provider", id))
    }

    /// What documents, name and text of each, would bring. Nothing is kept.
    pub async fn preview_import(&self, documents: Vec<(String, String)>) -> Result<Catalogue> {
        let mut faults = Faults::default();
        check_documents(&mut faults, &documents);
        faults.finish()?;
        on_a_thread(move || read_catalogue(&borrowed(&documents)).map_err(misplaced)).await
    }

    /// Removes a provider of one's own that nothing uses.
    pub async fn remove_provider(&self, id: &ProviderId) -> Result<()> {
        if self.library().profile(id).is_none() {
            return Err(WorkbenchError::not_found("provider", id));
        }
        if !self.library().is_own_profile(id) {
            return Err(WorkbenchError::wrong_state(format!(
                "The provider {id} comes with Hookbench and stays."
            )));
        }
        let (workbench, id) = (self.clone(), id.to_string());
        let remove = async move {
            let changing = workbench.changing_library().write().await;
            workbench.store().own_profiles().delete(id).await?;
            workbench.refresh_library(&changing).await
        };
        self.to_the_end(remove).await
    }

    /// The id that is given, or one made of the name.
    fn fresh_id(&self, faults: &mut Faults, given: Option<&str>, name: &str) -> Option<ProviderId> {
        let taken = |id: &ProviderId| self.library().profile(id).is_some();
        if let Some(given) = given {
            let id = faults.take("id", given.parse::<ProviderId>())?;
            if let Some(problem) = checks::word_of_a_path(id.as_str()) {
                faults.add("id", problem);
            }
            faults.unless(!taken(&id), "id", || format!("there is a provider `{id}` already"));
            return Some(id);
        }
        let id: Option<ProviderId> = slug(name).parse().ok();
        let Some(id) = id.filter(|id| checks::word_of_a_path(id.as_str()).is_none()) else {
            faults.add("id", "cannot be made of this name: give one");
            return None;
        };
        if let Some(known) = self.library().profile(&id) {
            let advice = if self.library().is_own_profile(&id) {
                ", which was imported before: remove that one first, or give another id"
            } else {
                ": give another"
            };
            let known = known.name();
            faults.add("id", format!("`{id}`, made of the name, is that of {known} already{advice}"));
            return None;
        }
        Some(id)
    }
}

/// The name's letters and digits, in lower case.
fn slug(name: &str) -> String {
    name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).take(40).collect()
}

fn check_documents(faults: &mut Faults, documents: &[(String, String)]) {
    faults.unless((1..=MOST_DOCUMENTS).contains(&documents.len()), "documents", || {
        format!("must be 1 to {MOST_DOCUMENTS}")
    });
    for (at, (name, _)) in documents.iter().enumerate() {
        let fits = !name.is_empty() && name.len() <= LONGEST_NAME && !name.chars().any(char::is_control);
        let words = || format!("must be 1 to {LONGEST_NAME} characters long, as a file's name is");
        faults.unless(fits, &format!("documents[{at}].name"), words);
    }
}

/// Reads the documents and shows that a working profile comes of them; gives its form.
async fn read(
    id: ProviderId,
    base: ProviderId,
    name: String,
    draft: ImportDraft,
    schemes: Vec<Scheme>,
) -> Result<String> {
    on_a_thread(move || {
        let documents = borrowed(&draft.documents);
        let input = ImportInput { id, name: &name, base, scheme: draft.scheme.as_deref(), documents };
        let own: OwnProfile = import(&input).map_err(misplaced)?;
        let fault = own.assemble(&schemes).err();
        match fault {
            Some(error) => Err(WorkbenchError::field(error.field, error.problem)),
            None => Ok(own.to_form()),
        }
    })
    .await
}

fn borrowed(documents: &[(String, String)]) -> Vec<(&str, &str)> {
    documents.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()
}

/// The faults of documents, each at its field.
fn misplaced(errors: ImportErrors) -> WorkbenchError {
    let placed = errors.faults.into_iter().map(|fault| FieldError {
        field: format!("documents[{}]", fault.index),
        message: format!("{}: {}", fault.place, fault.problem),
    });
    let more = errors.more.then(|| FieldError {
        field: "documents".to_owned(),
        message: "may have more faults than these, which are told first".to_owned(),
    });
    WorkbenchError::Invalid { errors: placed.chain(more).collect() }
}

/// On a thread of its own: documents may be large.
async fn on_a_thread<T: Send + 'static>(read: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let failed = |_| WorkbenchError::from(StoreError::Panicked);
    tokio::task::spawn_blocking(read).await.map_err(failed)?
}
