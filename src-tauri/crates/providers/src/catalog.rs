//! The profiles that Hookbench comes with.

use crate::error::{FieldError, ProfileError};
use crate::kept::embedded;
use crate::load::{Files, load};
use crate::profile::Profile;
use hookbench_model::ProviderId;
use std::sync::{Arc, LazyLock};

static BUILTIN: LazyLock<Catalog> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the embedded files are read by this crate's tests")]
    Catalog::read(&embedded()).expect("the embedded profiles are sound")
});

/// Profiles by id, sorted by it.
#[derive(Clone, Debug)]
pub struct Catalog {
    profiles: Vec<Arc<Profile>>,
}

impl Catalog {
    /// The profiles that Hookbench comes with.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// Reads profiles from files, each with its path below the folder of profiles: every `<id>.toml` is one.
    /// There must be one named `generic`, for senders without a profile of their own.
    pub fn from_files<'a>(files: impl IntoIterator<Item = (String, &'a [u8])>) -> Result<Self, ProfileError> {
        Self::read(&Files { by_path: files.into_iter().collect(), embedded: false })
    }

    fn read(files: &Files<'_>) -> Result<Self, ProfileError> {
        let is_profile = |path: &&String| path.strip_suffix(".toml").is_some_and(|id| !id.contains('/'));
        let profiles = files
            .by_path
            .keys()
            .filter(is_profile)
            .map(|file| load(file, files).map(Arc::new))
            .collect::<Result<Vec<_>, _>>()?;
        let catalog = Self { profiles };
        if catalog.get(&ProviderId::generic()).is_none() {
            return Err(FieldError::new("", "there must be a generic profile").in_file("generic.toml"));
        }
        Ok(catalog)
    }

    /// The profile of that id.
    pub fn get(&self, id: &ProviderId) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.id() == id).map(AsRef::as_ref)
    }

    /// All profiles, sorted by id.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Profile> {
        self.profiles.iter().map(AsRef::as_ref)
    }

    pub(crate) fn shared_generic(&self) -> Arc<Profile> {
        let generic = ProviderId::generic();
        #[expect(clippy::expect_used, reason = "no catalogue is made without it")]
        self.profiles.iter().find(|profile| *profile.id() == generic).map(Arc::clone).expect("it is there")
    }

    pub(crate) fn shared(&self) -> &[Arc<Profile>] {
        &self.profiles
    }

    /// The profile for senders without one of their own.
    pub fn generic(&self) -> &Profile {
        let generic = ProviderId::generic();
        #[expect(clippy::expect_used, reason = "no catalogue is made without it")]
        self.get(&generic).expect("the catalogue has a generic profile")
    }
}
