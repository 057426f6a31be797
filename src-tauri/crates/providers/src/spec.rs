//! The written form of a profile: `profiles/<id>.toml`, unchecked.

use crate::handshake::Handshake;
use hookbench_model::{DisableRule, ProviderId, RetryPolicy, SuccessRule};
use hookbench_signing::Encoding;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A whole profile as written. `load` checks it and reads its templates.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfileSpec {
    pub(crate) id: ProviderId,
    pub(crate) name: String,
    pub(crate) description: String,
    /// What a reader should know, and what of it is documented.
    pub(crate) notes: String,
    #[serde(default)]
    pub(crate) sources: Vec<String>,
    #[serde(default = "json")]
    pub(crate) content_type: String,
    /// What follows the JSON text of every body: some senders end it with a line break, and sign that too.
    #[serde(default)]
    pub(crate) body_suffix: String,
    /// Header templates, in order, rendered for each attempt.
    #[serde(default)]
    pub(crate) headers: Vec<(String, String)>,
    /// Further header templates, for every attempt but the first.
    #[serde(default)]
    pub(crate) retry_headers: Vec<(String, String)>,
    /// Template of the ids this provider gives its events.
    pub(crate) event_id: String,
    /// How receivers tell a repeat.
    pub(crate) dedupe: String,
    pub(crate) timeout_ms: u64,
    pub(crate) retry: RetryPolicy,
    #[serde(default)]
    pub(crate) success: SuccessRule,
    #[serde(default)]
    pub(crate) disable: DisableRule,
    /// Whether an answer of 410 disables an endpoint.
    #[serde(default = "yes")]
    pub(crate) gone_disables: bool,
    /// True where an endpoint starts as a draft and goes live after a successful test.
    #[serde(default)]
    pub(crate) requires_test: bool,
    #[serde(default)]
    pub(crate) throttle: Option<Throttle>,
    /// The questions it asks a receiver before it sends events.
    #[serde(default)]
    pub(crate) handshakes: Vec<Handshake>,
    #[serde(default)]
    pub(crate) limits: Limits,
    pub(crate) signature: SignatureSpec,
    /// How secrets are made where the scheme's own way is not the provider's.
    #[serde(default)]
    pub(crate) secret: Option<SecretRecipe>,
    #[serde(default)]
    pub(crate) read: ReadSpec,
    /// The generation of envelope used unless another is asked for; may be left out where there is one.
    pub(crate) envelope: Option<String>,
    pub(crate) envelopes: Vec<EnvelopeSpec>,
    pub(crate) events: Vec<EventSpec>,
}

/// The scheme, and the id it signs where it signs one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignatureSpec {
    pub(crate) scheme: String,
    /// Template of the id in the scheme's id header.
    #[serde(default)]
    pub(crate) id: Option<String>,
}

/// How this provider's secrets are made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretRecipe {
    /// What every secret starts with.
    #[serde(default)]
    pub prefix: String,
    /// Spelling of the random bytes.
    pub encoding: Encoding,
    /// How many random bytes.
    pub bytes: usize,
}

impl SecretRecipe {
    /// How the random bytes are spelt, as profiles write it.
    pub fn encoding_name(&self) -> &'static str {
        match self.encoding {
            Encoding::Hex => "hex",
            Encoding::Base64 => "base64",
            Encoding::Base64Url => "base64url",
        }
    }
}

/// How a provider slows down for an endpoint that keeps failing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Throttle {
    /// After so many failed attempts in a row.
    pub after: u32,
    /// Then so many milliseconds at least lie between two attempts.
    pub delay_ms: u64,
}

/// What the provider lets its customers set, where it says so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Shortest and longest timeout, in milliseconds.
    #[serde(default)]
    pub timeout_ms: Option<(u64, u64)>,
    /// Fewest and most retries after the first attempt.
    #[serde(default)]
    pub retries: Option<(u32, u32)>,
}

/// Where a request of this provider says which event it is. Each is tried in order.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadSpec {
    #[serde(default)]
    pub(crate) event_type: Vec<String>,
    #[serde(default)]
    pub(crate) event_id: Vec<String>,
}

/// One generation of envelope: a JSON text with placeholders.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnvelopeSpec {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) template: String,
    /// Templates for events that this generation wraps otherwise, by the event's `shape`.
    #[serde(default)]
    pub(crate) shapes: BTreeMap<String, String>,
}

/// One event type.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventSpec {
    /// Its type; `*` stands for every type that is not listed.
    #[serde(rename = "type")]
    pub(crate) event_type: String,
    /// The type as the provider writes it, where several of ours share one: what `{wire_type}` stands for.
    #[serde(default)]
    pub(crate) wire: Option<String>,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) provenance: Provenance,
    /// The file with its data, below the profile's folder; `<type>.json` unless said otherwise.
    #[serde(default)]
    pub(crate) sample: Option<String>,
    /// The file with the JSON Schema of its data; `<type>.schema.json` unless said otherwise.
    #[serde(default)]
    pub(crate) schema: Option<String>,
    /// HTTP method; with GET the data travels in the query.
    #[serde(default = "post")]
    pub(crate) method: String,
    /// `Content-Type` of its bodies where it differs from the profile's.
    #[serde(default)]
    pub(crate) content_type: Option<String>,
    /// Header templates beside the profile's, or instead of those of the same name.
    #[serde(default)]
    pub(crate) headers: Vec<(String, String)>,
    #[serde(default)]
    pub(crate) shape: Option<String>,
    /// Template of this event's ids where they differ from the profile's.
    #[serde(default)]
    pub(crate) event_id: Option<String>,
    /// Signs by which a received request is known as this event where it does not name its type: any list
    /// whose conditions all hold.
    #[serde(default)]
    pub(crate) recognise: Vec<Vec<String>>,
}

/// Where a sample comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provenance {
    /// Printed in the provider's public documents.
    Found,
    /// Put together from what the documents say, without a printed sample.
    Derived,
    /// Made up by Hookbench.
    Own,
}

fn json() -> String {
    "application/json".to_owned()
}

fn yes() -> bool {
    true
}

fn post() -> String {
    "POST".to_owned()
}
