use hookbench_model as model;
use hookbench_workbench::{EventType, Profile, Provenance};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::RetryPolicy;

/// How one webhook sender behaves.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Provider {
    /// Its id.
    pub(crate) id: String,
    /// Its name for people.
    name: String,
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
    /// When it stops sending to an endpoint, in words; null for never.
    #[schema(required)]
    disable: Option<String>,
    /// Whether an endpoint may go live only after a successful test.
    requires_test: bool,
    /// How its secrets are made; null where they are made as the scheme has them.
    #[schema(required)]
    secret: Option<ProviderSecret>,
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
    /// What it looks like.
    samples: Vec<ProviderSample>,
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
    /// The whole payload; null where the data travels in the query.
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

impl From<&Profile> for Provider {
    fn from(profile: &Profile) -> Self {
        let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self {
            id: profile.id().to_string(),
            name: profile.name().to_owned(),
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
            success: success(profile.success()),
            disable: disable(profile.disable()),
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
        payload: serde_json::from_slice(&example.payload).unwrap_or_default(),
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
        samples: sample.into_iter().collect(),
    }
}

fn success(rule: &model::SuccessRule) -> String {
    match rule {
        model::SuccessRule::Any2xx => "Any status from 200 to 299.".to_owned(),
        model::SuccessRule::Statuses { statuses } => {
            let listed: Vec<_> = statuses.iter().map(ToString::to_string).collect();
            format!("One of these statuses: {}.", listed.join(", "))
        }
    }
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
    }
}
