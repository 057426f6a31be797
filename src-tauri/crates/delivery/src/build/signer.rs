use std::sync::Arc;

use hookbench_model::{Inbox, Timestamp};
use hookbench_providers::Library;
use hookbench_signing::{Scheme, Secret, SecretUse};

/// What signs a captured request anew that goes to a plain URL, which has no secret of its own: the scheme and the
/// secrets of the inbox that captured it.
#[derive(Clone, Debug)]
pub struct Signer {
    scheme: Arc<Scheme>,
    secrets: Vec<Secret>,
}

/// Why what an inbox captured cannot be signed anew, to be read after what is asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSigner {
    /// It verifies by nothing.
    #[error("the inbox {inbox} has neither a scheme nor a provider to sign by")]
    NoScheme {
        /// What it is called.
        inbox: String,
    },
    /// Its own scheme is not there any more.
    #[error("the scheme {scheme} of the inbox {inbox} is gone")]
    SchemeGone {
        /// What it is called.
        inbox: String,
        /// The scheme's id.
        scheme: String,
    },
    /// It has no secret that holds.
    #[error("the inbox {inbox} has no secret to sign with: give it the sender's")]
    NoSecret {
        /// What it is called.
        inbox: String,
    },
    /// It has the half of a key that the sender's other half is checked with.
    #[error("the inbox {inbox} has the public key alone, which verifies and cannot sign")]
    OnlyVerifies {
        /// What it is called.
        inbox: String,
    },
}

impl Signer {
    /// The signer of what an inbox captured, by the scheme that it verifies by and the secrets that hold `now`.
    pub fn of(inbox: &Inbox, library: &Library, now: Timestamp) -> Result<Self, NoSigner> {
        let name = || inbox.name.clone();
        let scheme = scheme_of_inbox(inbox, library)?;
        let held = inbox.secrets.iter().filter(|kept| kept.holds_at(now)).map(|kept| &kept.secret);
        let held: Vec<&Secret> = held.collect();
        if held.is_empty() {
            return Err(NoSigner::NoSecret { inbox: name() });
        }
        // One that does not fit the scheme is told of when it signs.
        let signs = |secret: &&Secret| scheme.check_secret(secret) != Ok(SecretUse::OnlyVerifies);
        let secrets: Vec<Secret> = held.into_iter().filter(signs).cloned().collect();
        if secrets.is_empty() {
            return Err(NoSigner::OnlyVerifies { inbox: name() });
        }
        Ok(Self { scheme, secrets })
    }

    pub(super) fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    pub(super) fn secrets(&self) -> Vec<&Secret> {
        self.secrets.iter().collect()
    }
}

/// The scheme that an inbox verifies by: its own, or its provider's.
pub fn scheme_of_inbox(inbox: &Inbox, library: &Library) -> Result<Arc<Scheme>, NoSigner> {
    if let Some(id) = &inbox.scheme {
        let gone = || NoSigner::SchemeGone { inbox: inbox.name.clone(), scheme: id.clone() };
        return library.scheme(id).ok_or_else(gone);
    }
    let profile = inbox.provider.as_ref().and_then(|id| library.profile(id));
    let none = || NoSigner::NoScheme { inbox: inbox.name.clone() };
    profile.map(|profile| Arc::new(profile.scheme().clone())).ok_or_else(none)
}
