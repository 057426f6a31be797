use data_encoding::BASE64;
use hookbench_workbench::{SchemeChoice, SignDraft, SignedMessage, Verdict, VerifyDraft};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{Headers, SchemeForm, SecretText, Time, VerificationStatus};

/// The longest signed content that a verdict shows, in bytes. Nearly all of a longer one is the body, which is to
/// be had by itself.
const LONGEST_SHOWN: usize = 4 << 20;

/// Signed content as a verdict shows it.
pub(super) fn shown(content: &[u8]) -> Option<String> {
    (content.len() <= LONGEST_SHOWN).then(|| BASE64.encode(content))
}

pub(super) fn size_of(content: &[u8]) -> u64 {
    content.len() as u64
}

/// A scheme: an id from the catalogue, or an object in the catalogue's own form.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged, expecting = "give a scheme's id, or an object in the catalogue's own form")]
pub(crate) enum SchemeInput {
    /// An id from the catalogue.
    Id(String),
    /// A scheme of one's own.
    #[schema(value_type = SchemeForm)]
    Own(serde_json::Map<String, Value>),
}

impl From<SchemeInput> for SchemeChoice {
    fn from(input: SchemeInput) -> Self {
        match input {
            SchemeInput::Id(id) => Self::Known(id),
            SchemeInput::Own(form) => Self::Own(Value::Object(form)),
        }
    }
}

/// A message to be signed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInput {
    /// The scheme.
    scheme: SchemeInput,
    /// The secret, as its owner writes it.
    #[schema(value_type = String, format = Password)]
    secret: SecretText,
    /// The HTTP method.
    method: String,
    /// The whole URL as the receiver sees it.
    url: String,
    /// Headers beside which the signature's will stand.
    headers: Option<Headers>,
    /// The exact body.
    body_base64: String,
    /// The time of signing in Unix seconds; now unless given.
    timestamp: Option<i64>,
    /// The id, for schemes that sign one; made up unless given.
    id: Option<String>,
}

impl From<SignInput> for SignDraft {
    fn from(input: SignInput) -> Self {
        Self {
            scheme: input.scheme.into(),
            secret: input.secret.into(),
            method: input.method,
            url: input.url,
            headers: input.headers.unwrap_or_default().0,
            body_base64: input.body_base64,
            timestamp: input.timestamp,
            id: input.id,
        }
    }
}

/// What signing gave.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the contract's names")]
pub(crate) struct Signed {
    /// The headers given, then the signature's, as they are to be sent.
    headers: Headers,
    /// The bytes that were signed.
    signed_content_base64: String,
    /// The URL to send to instead, where the scheme writes into it.
    #[schema(required)]
    url: Option<String>,
    /// The body to send instead, where the scheme writes into it.
    #[schema(required)]
    body_base64: Option<String>,
}

impl From<SignedMessage> for Signed {
    fn from(signed: SignedMessage) -> Self {
        Self {
            headers: signed.headers.into(),
            signed_content_base64: BASE64.encode(&signed.signed_content),
            url: signed.url,
            body_base64: signed.body.map(|body| BASE64.encode(&body)),
        }
    }
}

/// A message to be checked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerifyInput {
    /// The scheme.
    scheme: SchemeInput,
    /// The secret, as its owner writes it.
    #[schema(value_type = String, format = Password)]
    secret: SecretText,
    /// The HTTP method.
    method: String,
    /// The whole URL as the sender wrote it.
    url: String,
    /// The headers as received.
    headers: Headers,
    /// The exact body.
    body_base64: String,
    /// As of this time in Unix seconds; now unless given.
    at: Option<i64>,
}

impl From<VerifyInput> for VerifyDraft {
    fn from(input: VerifyInput) -> Self {
        Self {
            scheme: input.scheme.into(),
            secret: input.secret.into(),
            method: input.method,
            url: input.url,
            headers: input.headers.0,
            body_base64: input.body_base64,
            at: input.at,
        }
    }
}

/// A proven cause of a signature that does not match.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Cause {
    /// A stable code: `body_newline_added`, `secret_prefix`, …; `unexplained` where nothing is proven.
    code: String,
    /// What happened, as a sentence.
    explanation: String,
    /// What mends it, as a sentence.
    fix: String,
    /// What it is about, and so the part of a handler that mends it: `body`, `secret`, `digest`, `content`,
    /// `time`, `url`, `header` or `scheme`.
    topic: String,
    /// The id of the scheme that it is signed by, where that is another one: receivers are to be had for it.
    #[schema(required)]
    scheme: Option<String>,
}

impl From<hookbench_workbench::Cause> for Cause {
    fn from(cause: hookbench_workbench::Cause) -> Self {
        Self {
            code: cause.code.as_str().to_owned(),
            explanation: cause.explanation,
            fix: cause.fix,
            topic: cause.topic.as_str().to_owned(),
            scheme: cause.scheme,
        }
    }
}

/// A verdict in short.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Statement {
    /// The verdict.
    status: VerificationStatus,
    /// Why it is not valid, as a stable code.
    #[schema(required)]
    reason: Option<String>,
    /// The verdict as a sentence.
    message: String,
}

impl From<hookbench_workbench::Statement> for Statement {
    fn from(statement: hookbench_workbench::Statement) -> Self {
        Self { status: statement.status.into(), reason: statement.reason, message: statement.message }
    }
}

/// Which of several secrets it was.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MatchedSecret {
    /// Counted from 0, the newest first.
    position: usize,
}

/// What checking gave.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Verified {
    /// The verdict.
    status: VerificationStatus,
    /// The scheme that was applied.
    scheme: String,
    /// Why it is not valid, as a stable code.
    #[schema(required)]
    reason: Option<String>,
    /// The verdict as a sentence.
    message: String,
    /// What is proven to have caused it, together; empty where it is valid.
    causes: Vec<Cause>,
    /// The time of checking.
    as_of: Time,
    /// The verdict as of the request's arrival, where that is another time than `as_of`.
    #[schema(required)]
    at_receipt: Option<Statement>,
    /// How many signatures were computed to find the causes.
    tried: u32,
    /// Whether the bounds of a diagnosis left something untried.
    exhausted: bool,
    /// Which of the secrets made the signature, where one did.
    #[schema(required)]
    matched_secret: Option<MatchedSecret>,
    /// The bytes that the signature should be over; left out where they are more than 4 MiB.
    #[schema(required)]
    signed_content_base64: Option<String>,
    /// How many bytes the signature should be over.
    #[schema(required)]
    signed_content_size: Option<u64>,
    /// The signature that would have been right.
    #[schema(required)]
    expected_signature: Option<String>,
    /// The signatures that the request carried.
    received_signatures: Vec<String>,
}

impl From<Verdict> for Verified {
    fn from(verdict: Verdict) -> Self {
        let Statement { status, reason, message } = verdict.statement.into();
        Self {
            status,
            scheme: verdict.scheme,
            reason,
            message,
            causes: verdict.causes.into_iter().map(Into::into).collect(),
            as_of: verdict.as_of.into(),
            at_receipt: verdict.at_receipt.map(Into::into),
            tried: verdict.tried,
            exhausted: verdict.exhausted,
            matched_secret: verdict.matched_secret.map(|position| MatchedSecret { position }),
            signed_content_size: verdict.signed_content.as_deref().map(size_of),
            signed_content_base64: verdict.signed_content.as_deref().and_then(shown),
            expected_signature: verdict.expected,
            received_signatures: verdict.received,
        }
    }
}

/// A scheme by which a request may have been signed, and what says so.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Recognition {
    /// The scheme's id.
    scheme: String,
    /// The scheme's name for people.
    scheme_name: String,
    /// The providers that sign by it, those whose own headers are there first.
    providers: Vec<String>,
    /// What speaks for it, each a sentence.
    evidence: Vec<String>,
}

impl From<hookbench_workbench::Recognition> for Recognition {
    fn from(found: hookbench_workbench::Recognition) -> Self {
        Self {
            scheme: found.scheme,
            scheme_name: found.scheme_name,
            providers: found.providers,
            evidence: found.evidence,
        }
    }
}
