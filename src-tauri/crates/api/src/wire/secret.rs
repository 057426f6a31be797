use hookbench_model as model;
use hookbench_workbench::{RotatedInbox, SecretDraft, SeenSecret};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Inbox, SecretText, Time, text_of};

/// A secret of an endpoint or an inbox, without the secret itself.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SecretInfo {
    /// Names it among the secrets of its endpoint or inbox.
    id: String,
    /// Its last characters, where it is long enough to show any.
    #[schema(required)]
    hint: Option<String>,
    /// Whether it is the first to sign, and the one that a reveal shows.
    current: bool,
    /// Since when it holds.
    created_at: Time,
    /// When it stops to hold; null for one that holds until it is removed.
    #[schema(required)]
    expires_at: Option<Time>,
    /// What a receiver verifies with, where the scheme has a private and a public half. It is no secret.
    #[schema(required)]
    public_half: Option<String>,
}

impl From<SeenSecret> for SecretInfo {
    fn from(seen: SeenSecret) -> Self {
        Self {
            id: seen.id,
            hint: seen.hint,
            current: seen.current,
            created_at: seen.created_at.into(),
            expires_at: seen.expires_at.map(Into::into),
            public_half: seen.public_half.map(|half| text_of(half.expose())),
        }
    }
}

/// A secret to be added beside those that hold.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecretInput {
    /// The secret as its owner writes it.
    #[schema(value_type = String, format = Password)]
    secret: SecretText,
    /// For how long it holds; until it is removed unless given.
    #[schema(maximum = 2_592_000_000_u64)]
    expires_in_ms: Option<u64>,
}

impl From<SecretInput> for SecretDraft {
    fn from(input: SecretInput) -> Self {
        Self { secret: input.secret.into(), expires_in_ms: input.expires_in_ms }
    }
}

/// How an inbox's secret is to be replaced.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RotateInboxSecret {
    /// For how long the old secret still verifies beside the new one; not at all unless given.
    #[serde(default)]
    #[schema(maximum = 2_592_000_000_u64)]
    pub(crate) overlap_ms: u64,
    /// The new secret; made in the scheme's form unless given.
    #[schema(value_type = Option<String>, format = Password)]
    pub(crate) secret: Option<SecretText>,
}

/// An inbox with the secret that was just made for it.
#[derive(Serialize, ToSchema)]
pub(crate) struct InboxWithSecret {
    /// The inbox.
    #[serde(flatten)]
    inbox: Inbox,
    /// Its new secret: in this answer and nowhere else.
    #[schema(value_type = String, format = Password)]
    secret: SecretText,
}

impl From<RotatedInbox> for InboxWithSecret {
    fn from(rotated: RotatedInbox) -> Self {
        Self { inbox: rotated.inbox.into(), secret: rotated.secret.into() }
    }
}

/// That a secret was shown to somebody.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Reveal {
    /// When.
    at: Time,
    /// What was shown.
    what: RevealedPart,
}

/// What was shown to somebody that is hidden otherwise.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RevealedPart {
    /// An endpoint's signing secret.
    Secret,
    /// The credentials among an endpoint's own headers.
    Headers,
    /// An inbox's token for subscriptions.
    VerifyToken,
    /// What came as a secret with a captured request.
    Request,
}

impl From<model::Reveal> for Reveal {
    fn from(reveal: model::Reveal) -> Self {
        let what = match reveal.what {
            model::RevealedPart::Secret => RevealedPart::Secret,
            model::RevealedPart::Headers => RevealedPart::Headers,
            model::RevealedPart::VerifyToken => RevealedPart::VerifyToken,
            model::RevealedPart::Request => RevealedPart::Request,
        };
        Self { at: reveal.at.into(), what }
    }
}
