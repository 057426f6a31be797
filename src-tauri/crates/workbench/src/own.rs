//! What a workspace has of its own in the library: schemes and provider profiles.

use hookbench_providers::{OwnProfile, Profile};
use hookbench_signing::Scheme;
use hookbench_store::{OwnForm, Store};
use tokio::sync::RwLockWriteGuard;

use crate::Workbench;
use crate::error::Result;

/// The most schemes, and the most profiles, of one's own.
pub(crate) const MOST: usize = 500;

/// Everything of one's own as it is kept, read as far as it can be.
#[derive(Debug, Default)]
pub(crate) struct Own {
    pub(crate) schemes: Vec<Scheme>,
    pub(crate) profiles: Vec<Profile>,
    pub(crate) broken: Vec<Broken>,
}

/// A form that cannot be used: written by hand, or by a version that knew more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) noun: &'static str,
    pub(crate) id: String,
    pub(crate) problem: String,
}

impl Own {
    /// Reads all of it. What is broken is left out and noted.
    pub(crate) async fn read(store: &Store) -> Result<Self> {
        let (schemes, profiles) = (store.own_schemes().all().await?, store.own_profiles().all().await?);
        Ok(Self::of(&schemes, &profiles))
    }

    pub(crate) fn of(schemes: &[OwnForm], profiles: &[OwnForm]) -> Self {
        let mut own = Self::default();
        for kept in schemes {
            match Scheme::from_json(&kept.form) {
                Ok(scheme) if scheme.id() == kept.id => own.schemes.push(scheme),
                Ok(scheme) => own.note("scheme", &kept.id, format!("id: says `{}`", scheme.id())),
                Err(error) => own.note("scheme", &kept.id, error.to_string()),
            }
        }
        for kept in profiles {
            let read = OwnProfile::read(&kept.form).and_then(|form| form.assemble(&own.schemes));
            match read {
                Ok(profile) if profile.id().as_str() == kept.id => own.profiles.push(profile),
                Ok(profile) => own.note("provider", &kept.id, format!("id: says `{}`", profile.id())),
                Err(error) => own.note("provider", &kept.id, error.to_string()),
            }
        }
        own
    }

    fn note(&mut self, noun: &'static str, id: &str, problem: String) {
        self.broken.push(Broken { noun, id: id.to_owned(), problem });
    }

    pub(crate) fn report(&self) {
        for Broken { noun, id, problem } in &self.broken {
            tracing::warn!(noun, id, problem, "left out: it cannot be read");
        }
    }
}

impl Workbench {
    /// Makes the library, and everything that lives by it, know what is kept now. Whoever changed that holds the
    /// library for it, so that an older reading never replaces a newer one.
    pub(crate) async fn refresh_library(&self, _changing: &RwLockWriteGuard<'_, ()>) -> Result<()> {
        let own = Own::read(self.store()).await?;
        own.report();
        self.library().set_own(own.schemes, own.profiles);
        self.refresh_receiver().await?;
        self.refresh_engine().await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hookbench_model::Timestamp;

    fn kept(id: &str, form: &str) -> OwnForm {
        let at = Timestamp::EPOCH;
        OwnForm { id: id.to_owned(), form: form.to_owned(), created_at: at, updated_at: at }
    }

    #[test]
    fn what_is_broken_is_left_out_and_named() {
        let sound = r#"{"id":"ours","name":"O","signature_header":"X","signature_format":"{sig}","content":"{body}",
            "algorithm":"hmac-sha256","encoding":"hex","secret":"raw"}"#;
        let schemes = [
            kept("ours", sound),
            kept("theirs", sound),
            kept("torn", "{"),
            kept("wrong", &sound.replace("hex", "octal")),
        ];
        let own = Own::of(&schemes, &[kept("torn", "{}")]);
        assert_eq!(own.schemes.iter().map(Scheme::id).collect::<Vec<_>>(), ["ours"]);
        let named: Vec<_> = own.broken.iter().map(|broken| (broken.noun, broken.id.as_str())).collect();
        assert_eq!(
            named,
            [("scheme", "theirs"), ("scheme", "torn"), ("scheme", "wrong"), ("provider", "torn")]
        );
        assert!(own.broken[2].problem.contains("encoding"), "{:?}", own.broken[2]);
    }
}
