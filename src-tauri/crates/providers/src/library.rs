//! All profiles and schemes there are: those that Hookbench comes with, and a workspace's own.

use crate::catalog::Catalog;
use crate::profile::Profile;
use arc_swap::ArcSwap;
use hookbench_model::{EventPattern, ProviderId};
use hookbench_signing::{Scheme, SchemeCatalog};
use std::sync::{Arc, LazyLock};

static BUILTIN_SCHEMES: LazyLock<Vec<Arc<Scheme>>> =
    LazyLock::new(|| SchemeCatalog::builtin().iter().cloned().map(Arc::new).collect());

/// What a workspace knows of providers and schemes. A cheap handle: clones see the same, and what is its own
/// can be replaced at any time. What was handed out before stays as it was.
#[derive(Clone, Debug)]
pub struct Library(Arc<ArcSwap<Shelves>>);

/// Everything as of one moment.
#[derive(Debug)]
struct Shelves {
    /// Sorted by id.
    profiles: Vec<Arc<Profile>>,
    /// The built-in ones in their written order, then the own ones.
    schemes: Vec<Arc<Scheme>>,
    generic: Arc<Profile>,
}

impl Library {
    /// What Hookbench comes with, and nothing of one's own.
    pub fn builtin() -> Self {
        Self(Arc::new(ArcSwap::from_pointee(Shelves::with(Vec::new(), Vec::new()))))
    }

    /// Puts these in the place of everything of one's own. Those that have the id of a built-in one are left
    /// out: a built-in one is never replaced.
    pub fn set_own(&self, schemes: Vec<Scheme>, profiles: Vec<Profile>) {
        self.0.store(Arc::new(Shelves::with(schemes, profiles)));
    }

    /// The profile of that id.
    pub fn profile(&self, id: &ProviderId) -> Option<Arc<Profile>> {
        self.0.load().profiles.iter().find(|profile| profile.id() == id).map(Arc::clone)
    }

    /// All profiles, sorted by id.
    pub fn profiles(&self) -> Vec<Arc<Profile>> {
        self.0.load().profiles.clone()
    }

    /// The profile for senders without one of their own.
    pub fn generic(&self) -> Arc<Profile> {
        Arc::clone(&self.0.load().generic)
    }

    /// The profile of that id, or the generic one where it is not known, or no longer.
    pub fn profile_or_generic(&self, id: &ProviderId) -> Arc<Profile> {
        self.profile(id).unwrap_or_else(|| self.generic())
    }

    /// The profile meant by a subscription that names none: the one whose events include every subscribed
    /// type, or the generic one where there is none or several. Names that the generic one lists itself are
    /// its own, whoever else has them.
    pub fn provider_for_events(&self, patterns: &[EventPattern]) -> Arc<Profile> {
        let has = |profile: &Profile, pattern: &EventPattern| {
            profile.events().any(|event| pattern.matches(event.event_type()))
        };
        let shelves = self.0.load();
        let generic = &shelves.generic;
        if patterns.iter().all(|pattern| generic.event(pattern.as_str()).is_some()) {
            return Arc::clone(generic);
        }
        let mut fitting = shelves.profiles.iter().filter(|profile| {
            !profile.accepts_any_type() && patterns.iter().all(|pattern| has(profile, pattern))
        });
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Arc::clone(only),
            _ => Arc::clone(generic),
        }
    }

    /// The scheme of that id.
    pub fn scheme(&self, id: &str) -> Option<Arc<Scheme>> {
        self.0.load().schemes.iter().find(|scheme| scheme.id() == id).map(Arc::clone)
    }

    /// All schemes: those that Hookbench comes with in their order, then the own ones.
    pub fn schemes(&self) -> Vec<Arc<Scheme>> {
        self.0.load().schemes.clone()
    }

    /// Whether a scheme of that id is there and of one's own.
    pub fn is_own_scheme(&self, id: &str) -> bool {
        !is_builtin_scheme(id) && self.scheme(id).is_some()
    }

    /// Whether a profile of that id is there and of one's own.
    pub fn is_own_profile(&self, id: &ProviderId) -> bool {
        Catalog::builtin().get(id).is_none() && self.profile(id).is_some()
    }
}

impl Default for Library {
    fn default() -> Self {
        Self::builtin()
    }
}

impl Shelves {
    fn with(own_schemes: Vec<Scheme>, own_profiles: Vec<Profile>) -> Self {
        let catalog = Catalog::builtin();
        let mut schemes = BUILTIN_SCHEMES.clone();
        schemes
            .extend(own_schemes.into_iter().filter(|scheme| !is_builtin_scheme(scheme.id())).map(Arc::new));
        let mut profiles = catalog.shared().to_vec();
        let own = own_profiles.into_iter().filter(|profile| catalog.get(profile.id()).is_none());
        profiles.extend(own.map(Arc::new));
        profiles.sort_by(|one, other| one.id().cmp(other.id()));
        Self { profiles, schemes, generic: catalog.shared_generic() }
    }
}

fn is_builtin_scheme(id: &str) -> bool {
    SchemeCatalog::builtin().get(id).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own_scheme(id: &str) -> Scheme {
        Scheme::from_value(serde_json::json!({
            "id": id, "name": "Own", "signature_header": "X-Own", "signature_format": "{sig}", "content": "{body}",
            "algorithm": "hmac-sha256", "encoding": "hex", "secret": "raw",
        }))
        .unwrap()
    }

    #[test]
    fn what_is_ones_own_comes_and_goes_for_every_handle() {
        let library = Library::builtin();
        let other = library.clone();
        let before = library.schemes().len();
        library.set_own(vec![own_scheme("ours")], Vec::new());
        assert!(other.is_own_scheme("ours"));
        assert_eq!(other.scheme("ours").unwrap().name(), "Own");
        assert_eq!(other.schemes().len(), before + 1);
        library.set_own(Vec::new(), Vec::new());
        assert!(other.scheme("ours").is_none() && !other.is_own_scheme("ours"));
    }

    #[test]
    fn a_built_in_one_is_never_replaced() {
        let library = Library::builtin();
        let mut twin = Profile::clone(&library.generic());
        "Twin".clone_into(&mut twin.name);
        library.set_own(vec![own_scheme("github")], vec![twin]);
        assert!(!library.is_own_scheme("github"));
        assert_ne!(library.scheme("github").unwrap().name(), "Own");
        assert_ne!(library.generic().name(), "Twin");
        assert!(!library.is_own_profile(&ProviderId::generic()));
        assert_eq!(library.profiles().len(), Catalog::builtin().iter().len());
    }
}
