use bytes::Bytes;
use data_encoding::BASE64;
use hookbench_model as model;
use hookbench_workbench::{
    InboxDraft, InboxEdit as Edit, InboxResponseEdit, InboxRetentionEdit, LocatedInbox,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::access::{Access, AccessInput};
use super::answer_rule::AnswerRule;
use super::{Headers, Relay, SecretText, Time, given};
use crate::problem::{FieldError, Problem};

/// A body: text, or base64 where it is not UTF-8.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum BodyText {
    /// The body as text.
    Text(String),
    /// The body's bytes.
    Bytes {
        /// In standard base64.
        base64: String,
    },
}

impl From<&[u8]> for BodyText {
    fn from(body: &[u8]) -> Self {
        match std::str::from_utf8(body) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Bytes { base64: BASE64.encode(body) },
        }
    }
}

impl BodyText {
    /// The bytes; `field` is named where they cannot be read.
    pub(super) fn bytes(self, field: &str) -> Result<Bytes, Problem> {
        match self {
            Self::Text(text) => Ok(text.into()),
            Self::Bytes { base64 } => BASE64
                .decode(base64.as_bytes())
                .map(Into::into)
                .map_err(|_| Problem::invalid(vec![FieldError::new(field, "is not padded standard base64")])),
        }
    }
}

/// What an inbox answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InboxResponse {
    /// The HTTP status.
    status: u16,
    /// The headers.
    headers: Headers,
    /// The body.
    body: BodyText,
    /// How long the answer waits after the request is stored.
    delay_ms: u64,
}

/// What an inbox is to answer; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InboxResponseInput {
    /// The HTTP status.
    #[schema(minimum = 200, maximum = 599)]
    status: Option<u16>,
    /// The headers.
    headers: Option<Headers>,
    /// The body, at most 1 MiB.
    body: Option<BodyText>,
    /// How long the answer waits after the request is stored.
    #[schema(maximum = 120_000)]
    delay_ms: Option<u64>,
}

impl InboxResponseInput {
    fn edit(self) -> Result<InboxResponseEdit, Problem> {
        Ok(InboxResponseEdit {
            status: self.status,
            headers: self.headers.map(|headers| headers.0),
            body: self.body.map(|body| body.bytes("response.body.base64")).transpose()?,
            delay_ms: self.delay_ms,
        })
    }
}

/// How long an inbox keeps what it captured; pinned requests stay.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Retention {
    /// The most requests that are kept; null for all.
    #[schema(required)]
    max_requests: Option<u64>,
    /// How old a request may get; null for any age.
    #[schema(required)]
    max_age_ms: Option<u64>,
}

/// How long an inbox is to keep what it captured; what is left out stays, null takes the limit away.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetentionInput {
    /// The most requests that are kept; null for all.
    #[serde(default, deserialize_with = "given")]
    #[schema(minimum = 1)]
    max_requests: Option<Option<u64>>,
    /// How old a request may get; null for any age.
    #[serde(default, deserialize_with = "given")]
    #[schema(minimum = 60_000)]
    max_age_ms: Option<Option<u64>>,
}

impl From<RetentionInput> for InboxRetentionEdit {
    fn from(input: RetentionInput) -> Self {
        Self { max_requests: input.max_requests, max_age_ms: input.max_age_ms }
    }
}

/// A local URL that captures whatever arrives.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Inbox {
    /// `inb_…`.
    pub(crate) id: String,
    /// The first segment of its path.
    slug: String,
    /// What people call it.
    name: String,
    /// Where it captures: this URL and everything below it, any method.
    url: String,
    /// Every URL by which it is reached now, that one first: of this machine and of the network, in clear and over TLS.
    urls: Vec<String>,
    /// The profile by which arrivals are verified; null for none.
    #[schema(required)]
    provider: Option<String>,
    /// The scheme by which arrivals are verified, a built-in one or one's own; null for the profile's.
    #[schema(required)]
    scheme: Option<String>,
    /// Whether it answers its profile's handshakes; they then come before `response`.
    handshakes: bool,
    /// The token that a subscription has to name in a handshake; null where any will do. `(the secret)` stands in its
    /// place unless it is revealed, and keeps it in an edit.
    #[schema(required, value_type = Option<String>, format = Password)]
    verify_token: Option<SecretText>,
    /// What it answers where no rule takes the request.
    response: InboxResponse,
    /// What it answers before that, by rules, the first that takes a request.
    rules: Vec<AnswerRule>,
    /// Who else gets what it captures; null for nobody.
    #[schema(required)]
    relay: Option<Relay>,
    /// What a sender has to show to it; null for nothing. Its password or token is never shown.
    #[schema(required)]
    access: Option<Access>,
    /// The addresses and networks that may send to it, this machine's own no less than others; empty for all.
    #[schema(value_type = Vec<String>)]
    allow: Vec<model::AddressRule>,
    /// How long it keeps things.
    retention: Retention,
    /// The end of its secret, to tell secrets apart.
    #[schema(required)]
    secret_hint: Option<String>,
    /// Whether it has a secret to verify arrivals with.
    has_secret: bool,
    /// When it was made.
    created_at: Time,
}

impl From<LocatedInbox> for Inbox {
    fn from(located: LocatedInbox) -> Self {
        let verify_token = located.inbox.verify_token.as_ref().map(|_| SecretText::veiled());
        Self { verify_token, ..Self::revealed(located) }
    }
}

impl Inbox {
    /// With its token.
    pub(crate) fn revealed(located: LocatedInbox) -> Self {
        let LocatedInbox { inbox, url, urls } = located;
        let current = inbox.secrets.iter().find(|kept| kept.expires_at.is_none());
        Self {
            id: inbox.id.to_string(),
            slug: inbox.slug.to_string(),
            url,
            urls,
            provider: inbox.provider.map(Into::into),
            scheme: inbox.scheme,
            handshakes: inbox.handshakes,
            verify_token: inbox.verify_token.map(Into::into),
            secret_hint: current.and_then(|kept| kept.secret.hint()),
            has_secret: current.is_some(),
            name: inbox.name,
            response: inbox.response.into(),
            rules: inbox.rules.into_iter().map(Into::into).collect(),
            relay: inbox.relay.map(Into::into),
            access: inbox.access.map(Into::into),
            allow: inbox.allow.0,
            retention: Retention {
                max_requests: inbox.retention.max_requests,
                max_age_ms: inbox.retention.max_age_ms,
            },
            created_at: inbox.created_at.into(),
        }
    }
}

impl From<model::InboxResponse> for InboxResponse {
    fn from(response: model::InboxResponse) -> Self {
        Self {
            status: response.status,
            headers: response.headers.into(),
            body: response.body.as_ref().into(),
            delay_ms: response.delay_ms,
        }
    }
}

/// An inbox to be made. Nothing is needed.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InboxInput {
    /// The first segment of its path; made from the name unless given.
    #[schema(max_length = 64)]
    slug: Option<String>,
    /// What people call it.
    #[schema(max_length = 200)]
    name: Option<String>,
    /// The profile by which arrivals are verified.
    provider: Option<String>,
    /// The scheme by which arrivals are verified, a built-in one or one's own; the profile's unless given.
    scheme: Option<String>,
    /// Whether it answers its profile's handshakes; it does unless said otherwise.
    handshakes: Option<bool>,
    /// The token that a subscription has to name in a handshake; any will do unless given.
    #[schema(max_length = 200, value_type = Option<String>, format = Password)]
    verify_token: Option<SecretText>,
    /// The secret by which arrivals are verified; it can be written and never read.
    #[schema(value_type = Option<String>, format = Password)]
    secret: Option<SecretText>,
    /// What it answers; 200 without a body unless given.
    response: Option<InboxResponseInput>,
    /// What it answers before that, by rules; none unless given.
    #[schema(max_items = 64)]
    rules: Option<Vec<AnswerRule>>,
    /// Who else gets what it captures; nobody unless given.
    relay: Option<Relay>,
    /// What a sender has to show to it; nothing unless given. What does not is answered 401 and not captured.
    access: Option<AccessInput>,
    /// The addresses and networks that may send to it, all unless given; what comes from others is answered 403 and not
    /// captured. This machine is no exception: deliveries from here come from its own addresses.
    #[schema(value_type = Option<Vec<String>>, max_items = 1000)]
    allow: Option<Vec<model::AddressRule>>,
    /// How long it keeps things; for ever unless given.
    retention: Option<RetentionInput>,
}

impl TryFrom<InboxInput> for InboxDraft {
    type Error = Problem;

    fn try_from(input: InboxInput) -> Result<Self, Problem> {
        Ok(Self {
            slug: input.slug,
            name: input.name,
            provider: input.provider,
            scheme: input.scheme,
            handshakes: input.handshakes,
            verify_token: input.verify_token.map(Into::into),
            secret: input.secret.map(Into::into),
            response: input.response.unwrap_or_default().edit()?,
            rules: input.rules.map(|rules| AnswerRule::drafts("rules", rules)).transpose()?,
            relay: input.relay.map(Into::into),
            access: input.access.map(Into::into),
            allow: input.allow.map(model::AllowList),
            retention: input.retention.unwrap_or_default().into(),
        })
    }
}

/// Changes to an inbox: what is left out stays, null takes away.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InboxEdit {
    /// The first segment of its path.
    #[schema(max_length = 64)]
    slug: Option<String>,
    /// What people call it.
    #[schema(max_length = 200)]
    name: Option<String>,
    /// The profile by which arrivals are verified; null for none.
    #[serde(default, deserialize_with = "given")]
    provider: Option<Option<String>>,
    /// The scheme by which arrivals are verified; null for the profile's.
    #[serde(default, deserialize_with = "given")]
    scheme: Option<Option<String>>,
    /// Whether it answers its profile's handshakes.
    handshakes: Option<bool>,
    /// The token that a subscription has to name in a handshake; null where any will do.
    #[serde(default, deserialize_with = "given")]
    #[schema(max_length = 200, value_type = Option<String>, format = Password)]
    verify_token: Option<Option<SecretText>>,
    /// The secret by which arrivals are verified; null for none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Password)]
    secret: Option<Option<SecretText>>,
    /// What it answers.
    response: Option<InboxResponseInput>,
    /// Its rules, all of them in their order.
    #[schema(max_items = 64)]
    rules: Option<Vec<AnswerRule>>,
    /// Who else gets what it captures, all of them; null for nobody.
    #[serde(default, deserialize_with = "given")]
    relay: Option<Option<Relay>>,
    /// What a sender has to show to it; null for nothing.
    #[serde(default, deserialize_with = "given")]
    access: Option<Option<AccessInput>>,
    /// The addresses and networks that may send to it, all of them; empty for everybody.
    #[schema(value_type = Option<Vec<String>>, max_items = 1000)]
    allow: Option<Vec<model::AddressRule>>,
    /// How long it keeps things.
    retention: Option<RetentionInput>,
}

impl TryFrom<InboxEdit> for Edit {
    type Error = Problem;

    fn try_from(edit: InboxEdit) -> Result<Self, Problem> {
        Ok(Self {
            slug: edit.slug,
            name: edit.name,
            provider: edit.provider,
            scheme: edit.scheme,
            handshakes: edit.handshakes,
            verify_token: edit.verify_token.map(|token| token.map(Into::into)),
            secret: edit.secret.map(|secret| secret.map(Into::into)),
            response: edit.response.unwrap_or_default().edit()?,
            rules: edit.rules.map(|rules| AnswerRule::drafts("rules", rules)).transpose()?,
            relay: edit.relay.map(|relay| relay.map(Into::into)),
            access: edit.access.map(|access| access.map(Into::into)),
            allow: edit.allow.map(model::AllowList),
            retention: edit.retention.unwrap_or_default().into(),
        })
    }
}

/// What went with an inbox.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeletedInbox {
    /// How many captured requests went with it.
    pub(crate) deleted_requests: u64,
}
