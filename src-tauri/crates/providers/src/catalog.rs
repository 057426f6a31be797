//! All profiles there are.

use crate::error::{FieldError, ProfileError};
use crate::load::{Files, load};
use crate::profile::Profile;
use hookbench_model::{EventPattern, ProviderId};
use include_dir::{Dir, include_dir};
use std::sync::LazyLock;

static PROFILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/profiles");

static BUILTIN: LazyLock<Catalog> = LazyLock::new(|| {
    let mut files = Vec::new();
    collect(&PROFILES, &mut files);
    #[expect(clippy::expect_used, reason = "the embedded files are read by this crate's tests")]
    Catalog::from_files(files).expect("the embedded profiles are sound")
});

/// Profiles by id, sorted by it.
#[derive(Clone, Debug)]
pub struct Catalog {
    profiles: Vec<Profile>,
}

impl Catalog {
    /// The profiles that Hookbench comes with.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// Reads profiles from files, each with its path below the folder of profiles: every `<id>.toml` is one.
    /// There must be one named `generic`, for senders without a profile of their own.
    pub fn from_files<'a>(files: impl IntoIterator<Item = (String, &'a [u8])>) -> Result<Self, ProfileError> {
        let files: Files<'a> = files.into_iter().collect();
        let is_profile = |path: &&String| path.strip_suffix(".toml").is_some_and(|id| !id.contains('/'));
        let profiles =
            files.keys().filter(is_profile).map(|file| load(file, &files)).collect::<Result<Vec<_>, _>>()?;
        let catalog = Self { profiles };
        if catalog.get(&ProviderId::generic()).is_none() {
            return Err(FieldError::new("", "there must be a generic profile").in_file("generic.toml"));
        }
        Ok(catalog)
    }

    /// The profile of that id.
    pub fn get(&self, id: &ProviderId) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.id() == id)
    }

    /// All profiles, sorted by id.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Profile> {
        self.profiles.iter()
    }

    /// The profile for senders without one of their own.
    pub fn generic(&self) -> &Profile {
        let generic = ProviderId::generic();
        #[expect(clippy::expect_used, reason = "no catalogue is made without it")]
        self.get(&generic).expect("the catalogue has a generic profile")
    }

    /// The profile meant by a subscription that names none: the one whose events include every subscribed
    /// type, or the generic one where there is none or several.
    pub fn provider_for_events(&self, patterns: &[EventPattern]) -> &Profile {
        let has = |profile: &Profile, pattern: &EventPattern| {
            profile.events().any(|event| pattern.matches(event.event_type()))
        };
        let mut fitting =
            self.profiles.iter().filter(|profile| !profile.accepts_any_type()).filter(|profile| {
                !patterns.is_empty() && patterns.iter().all(|pattern| has(profile, pattern))
            });
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => only,
            _ => self.generic(),
        }
    }
}

fn collect<'a>(folder: &'a Dir<'a>, files: &mut Vec<(String, &'a [u8])>) {
    for file in folder.files() {
        // Paths are written with slashes wherever this is built.
        let parts: Vec<_> = file.path().iter().map(|part| part.to_string_lossy()).collect();
        files.push((parts.join("/"), file.contents()));
    }
    folder.dirs().for_each(|inner| collect(inner, files));
}
