use data_encoding::BASE64;
use hookbench_workbench::{SchemeChoice, SignDraft, SignedMessage, Verdict, VerifyDraft};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{Headers, SchemeForm, VerificationStatus};

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
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInput {
    /// The scheme.
    scheme: SchemeInput,
    /// The secret, as its owner writes it.
    secret: String,
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
            secret: input.secret,
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
pub(crate) struct Signed {
    /// The headers given, then the signature's, as they are to be sent.
    headers: Headers,
    /// The bytes that were signed.
    signed_content_base64: String,
}

impl From<SignedMessage> for Signed {
    fn from(signed: SignedMessage) -> Self {
        Self { headers: signed.headers.into(), signed_content_base64: BASE64.encode(&signed.signed_content) }
    }
}

/// A message to be checked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerifyInput {
    /// The scheme.
    scheme: SchemeInput,
    /// The secret, as its owner writes it.
    secret: String,
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
            secret: input.secret,
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
    /// A stable code.
    code: String,
    /// What happened.
    explanation: String,
    /// What mends it.
    fix: String,
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
    /// What is proven to have caused it.
    causes: Vec<Cause>,
    /// The bytes that the signature should be over.
    #[schema(required)]
    signed_content_base64: Option<String>,
    /// The signature that would have been right.
    #[schema(required)]
    expected_signature: Option<String>,
    /// The signatures that the request carried.
    received_signatures: Vec<String>,
}

impl From<Verdict> for Verified {
    fn from(verdict: Verdict) -> Self {
        Self {
            status: verdict.status.into(),
            scheme: verdict.scheme,
            reason: verdict.reason,
            message: verdict.message,
            causes: Vec::new(),
            signed_content_base64: verdict.signed_content.map(|content| BASE64.encode(&content)),
            expected_signature: verdict.expected,
            received_signatures: verdict.received,
        }
    }
}
