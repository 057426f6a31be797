//! Provider profiles: how known webhook senders behave, as data, and the one loader that reads them.
//!
//! A profile is `profiles/<id>.toml` with its sample payloads in `profiles/<id>/*.json`. It says which events
//! a sender has, how it wraps and signs them, which headers it adds, when it tries again and when it gives
//! up. Adding a provider adds files and no code: no list in the code names a profile, and nothing here knows
//! any provider.
//!
//! Deterministic: time and randomness are arguments, the data is embedded, nothing is read or sent.

mod catalog;
mod compose;
mod error;
mod filler;
mod handshake;
mod import;
mod kept;
mod library;
mod load;
mod made_up;
mod own;
mod profile;
mod recognise;
mod renew;
mod slot;
mod spec;
mod template;

pub use catalog::Catalog;
pub use compose::{ComposeError, ComposeInput, Composed};
pub use error::ProfileError;
pub use handshake::Handshake;
pub use import::{Catalogue, ImportError, ImportErrors, ImportInput, import, read_catalogue};
pub use library::Library;
pub use own::{OwnEvent, OwnProfile};
pub use profile::{AttemptContext, Envelope, EventType, Profile};
pub use recognise::{Seen, SeenEvent};
pub use renew::Renewed;
pub use spec::{Limits, Provenance, SecretRecipe, Throttle};
