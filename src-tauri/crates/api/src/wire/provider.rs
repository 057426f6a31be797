use hookbench_model as model;
use hookbench_workbench::{Catalogue, EventType, ImportDraft, Profile, Provenance};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::policy::{DisableRule, FailureCount, RetryPolicy, SuccessRule};

/// How one webhook sender behaves.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Provider {
    /// Its id.
    pub(crate) id: String,
    /// Its name for people.
    name: String,
    /// Whether somebody added it; those that Hookbench comes with stay.
    own: bool,
    /// What it does, in a sentence.
    description: String,
    /// What a reader should know: what is documented, what is derived.
    notes: String,
    /// The documents it was read from.
    sources: Vec<String>,
    /// Whether event types that are not listed are composed too.
    accepts_any_type: bool,
    /// Its event types.
    events: Vec<ProviderEvent>,
    /// Its generations of envelope, the usual one first.
    envelopes: Vec<ProviderEnvelope>,
    /// Its own headers beside the signature's, as templates: name and, say, `{event_type}`.
    headers: Vec<(String, String)>,
    /// `Content-Type` of its bodies.
    content_type: String,
    /// The id of the scheme it signs with.
    scheme: String,
    /// How receivers tell a repeat, in a sentence.
    dedupe: String,
    /// When it tries again.
    retry: RetryPolicy,
    /// How long it waits for an answer.
    timeout_ms: u64,
    /// Which answers count as delivered, in words.
    success: String,
    /// The statuses that count as delivered; null for any from 200 to 299.
    #[schema(required)]
    success_statuses: Option<Vec<u16>>,
    /// What answer counts as delivered, as an endpoint's `success` has it.
    success_rule: SuccessRule,
    /// When it stops sending to an endpoint, in words; null for never.
    #[schema(required)]
    disable: Option<String>,
    /// The same as an endpoint's `disable` has it.
    disable_rule: DisableRule,
    /// Whether an answer of 410 disables an endpoint.
    gone_disables: bool,
    /// What it counts for that, where an endpoint may say otherwise; null where nothing is counted.
    #[schema(required)]
    disable_counts: Option<FailureCount>,
    /// How it slows down for an endpoint that keeps failing; null where it does not.
    #[schema(required)]
    throttle: Option<ProviderThrottle>,
    /// What it lets its customers set.
    limits: ProviderLimits,
    /// The handshakes by which it makes sure of a URL, which an inbox of it answers.
    handshakes: Vec<&'static str>,
    /// Whether an endpoint may go live only after a successful test.
    requires_test: bool,
    /// How its secrets are made; null where they are made as the scheme has them.
    #[schema(required)]
    secret: Option<ProviderSecret>,
}

/// An event catalogue to import.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderImport {
    /// The id of the provider to be; made of the name unless given.
    id: Option<String>,
    /// Its name for people.
    name: String,
    /// The provider that comes with Hookbench whose delays, timeout and rules it has; `generic` unless given.
    base: Option<String>,
    /// The scheme that signs; the base's unless given.
    scheme: Option<String>,
    /// One OpenAPI document or more, as JSON or YAML, or JSON Schema files, each named after its event.
    documents: Vec<ImportedDocument>,
}

/// A document to import.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportedDocument {
    /// The name of its file.
    name: String,
    /// Its text.
    text: String,
}

/// Documents that may be imported.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportPreviewInput {
    /// As in an import.
    documents: Vec<ImportedDocument>,
}

/// What documents would bring.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportPreview {
    /// What the first OpenAPI document among them calls itself; null where none says.
    #[schema(required)]
    title: Option<String>,
    /// Their events; at least one.
    events: Vec<PreviewedEvent>,
}

/// An event that would be imported.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewedEvent {
    /// Its name in subscriptions.
    #[serde(rename = "type")]
    event_type: String,
    /// Its name for people.
    name: String,
}

impl ImportPreviewInput {
    /// Name and text of each document.
    pub(crate) fn documents(self) -> Vec<(String, String)> {
        self.documents.into_iter().map(|ImportedDocument { name, text }| (name, text)).collect()
    }
}

impl From<Catalogue> for ImportPreview {
    fn from(found: Catalogue) -> Self {
        let events = found.events.into_iter();
        Self {
            title: found.title,
            events: events
                .map(|event| PreviewedEvent { event_type: event.event_type, name: event.name })
                .collect(),
        }
    }
}

impl From<ProviderImport> for ImportDraft {
    fn from(input: ProviderImport) -> Self {
        let document = |ImportedDocument { name, text }| (name, text);
        Self {
            id: input.id,
            name: input.name,
            base: input.base,
            scheme: input.scheme,
            documents: input.documents.into_iter().map(document).collect(),
        }
    }
}

/// How a provider's secrets are made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProviderSecret {
    /// What every secret starts with; may be empty.
    prefix: String,
    /// How the random bytes are spelt: `hex` or `base64`.
    encoding: &'static str,
    /// How many random bytes.
    bytes: usize,
}

/// How a provider slows down for an endpoint that keeps failing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProviderThrottle {
    /// After so many failed attempts in a row.
    after: u32,
    /// Then so much time at least lies between two attempts.
    delay_ms: u64,
}

/// What a provider lets its customers set; null where it names no bounds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProviderLimits {
    /// Shortest and longest timeout in milliseconds.
    #[schema(required)]
    timeout_ms: Option<(u64, u64)>,
    /// Fewest and most retries after the first attempt.
    #[schema(required)]
    retries: Option<(u32, u32)>,
}

/// One type of event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProviderEvent {
    /// Its name on the wire and in subscriptions.
    r#type: String,
    /// Its name for people.
    name: String,
    /// When it happens, in a sentence.
    description: String,
    /// The HTTP method; with GET the data travels in the query.
    method: String,
    /// Where its sample comes from.
    provenance: SampleProvenance,
    /// `Content-Type` of its body.
    content_type: String,
    /// What it looks like.
    samples: Vec<ProviderSample>,
    /// The JSON Schema of its data, where there is one. Left out of the list of providers, which would be
    /// large with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<Value>,
}

/// One generation of envelope.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProviderEnvelope {
    /// Name by which it is asked for.
    pub(crate) id: String,
    /// Name for people.
    name: String,
}

/// A payload as it looks on the wire.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProviderSample {
    /// Its name: that of the envelope.
    name: String,
    /// The whole payload: a text where it is not JSON, null where the data travels in the query.
    payload: Value,
    /// The inner part, which the envelope is built around: what `data` of an event replaces.
    data: Value,
    /// The query, where the data travels in it.
    #[schema(required)]
    query: Option<String>,
}

/// Where a sample comes from.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SampleProvenance {
    /// Printed in the provider's public documents.
    Found,
    /// Put together from what the documents say.
    Derived,
    /// Made up by Hookbench.
    Own,
}

impl Provider {
    /// All that is known of it.
    pub(crate) fn whole(profile: &Profile, own: bool) -> Self {
        let mut provider = Self::listed(profile, own);
        for (shown, event) in provider.events.iter_mut().zip(profile.events()) {
            shown.schema = event.schema().cloned();
        }
        provider
    }

    /// As it stands in the list: without the schemas of its events.
    pub(crate) fn listed(profile: &Profile, own: bool) -> Self {
        let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self {
            id: profile.id().to_string(),
            name: profile.name().to_owned(),
            own,
            description: profile.description().to_owned(),
            notes: profile.notes().to_owned(),
            sources: profile.sources().to_vec(),
            accepts_any_type: profile.accepts_any_type(),
            events: profile.events().map(|event| event_of(profile, event)).collect(),
            envelopes: profile
                .envelopes()
                .iter()
                .map(|envelope| ProviderEnvelope {
                    id: envelope.id().to_owned(),
                    name: envelope.name().to_owned(),
                })
                .collect(),
            headers: profile.header_templates().map(pair).collect(),
            content_type: profile.content_type().to_owned(),
            scheme: profile.scheme().id().to_owned(),
            dedupe: profile.dedupe().to_owned(),
            retry: profile.retry().clone().into(),
            timeout_ms: profile.timeout_ms(),
            success: profile.success().sentence(),
            success_rule: profile.success().clone().into(),
            disable_rule: profile.disable().clone().into(),
            gone_disables: profile.gone_disables(),
            success_statuses: profile.success().statuses().map(<[u16]>::to_vec),
            disable: disable(profile.disable()),
            disable_counts: match profile.disable() {
                model::DisableRule::ConsecutiveFailures { counting, .. } => Some((*counting).into()),
                _ => None,
            },
            throttle: profile
                .throttle()
                .map(|throttle| ProviderThrottle { after: throttle.after, delay_ms: throttle.delay_ms }),
            limits: ProviderLimits {
                timeout_ms: profile.limits().timeout_ms,
                retries: profile.limits().retries,
            },
            handshakes: profile.handshakes().iter().map(|handshake| handshake.as_str()).collect(),
            requires_test: profile.requires_test(),
            secret: profile.secret_recipe().map(|recipe| ProviderSecret {
                prefix: recipe.prefix.clone(),
                encoding: recipe.encoding_name(),
                bytes: recipe.bytes,
            }),
        }
    }
}

fn event_of(profile: &Profile, event: &EventType) -> ProviderEvent {
    let sample = profile.example(event.event_type()).ok().map(|example| ProviderSample {
        name: profile.envelopes().first().map_or("sample", |envelope| envelope.name()).to_owned(),
        payload: payload_of(&example.payload),
        data: profile.example_data(event.event_type()).unwrap_or_default(),
        query: example.query,
    });
    ProviderEvent {
        r#type: event.event_type().to_owned(),
        name: event.name().to_owned(),
        description: event.description().to_owned(),
        method: event.method().to_owned(),
        provenance: match event.provenance() {
            Provenance::Found => SampleProvenance::Found,
            Provenance::Derived => SampleProvenance::Derived,
            Provenance::Own => SampleProvenance::Own,
        },
        content_type: profile.content_type_of(event.event_type()).to_owned(),
        samples: sample.into_iter().collect(),
        schema: None,
    }
}

/// The payload as JSON where it is that, else as text: a form, say.
fn payload_of(payload: &[u8]) -> Value {
    if payload.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(payload).unwrap_or_else(|_| String::from_utf8_lossy(payload).into())
}

fn disable(rule: &model::DisableRule) -> Option<String> {
    match rule {
        model::DisableRule::Never => None,
        model::DisableRule::ConsecutiveFailures { count, counting } => {
            let counted = match counting {
                model::FailureCount::Attempts => "attempts",
                model::FailureCount::Deliveries => "deliveries",
            };
            Some(format!("After {count} failed {counted} in a row."))
        }
        model::DisableRule::FailingFor { duration_ms } => {
            Some(format!("After failing without a success between for {} hours.", duration_ms / 3_600_000))
        }
        model::DisableRule::FailureShare { share, window_ms, min_attempts } => Some(format!(
            "When {} % of the attempts of the last {} minutes have failed, and there were {min_attempts} or more.",
            (share * 100.0).round(),
            window_ms / 60_000,
        )),
    }
}
