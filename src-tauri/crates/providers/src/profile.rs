//! A profile that has been checked and can be used.

use crate::filler::Filler;
use crate::handshake::Handshake;
use crate::kept::Kept;
use crate::recognise::{Condition, Readers};
use crate::spec::{Limits, Provenance, SecretRecipe, Throttle};
use crate::template::{JsonTemplate, TextTemplate};
use hookbench_model::{DisableRule, EndpointId, ProviderId, RetryPolicy, SuccessRule, Timestamp};
use hookbench_signing::{Scheme, Secret};
use rand::RngCore;
use rand::rngs::StdRng;
use serde_json::Value;
use std::collections::BTreeMap;

/// Names of headers and the templates of their values.
pub(crate) type Headers = Vec<(String, TextTemplate)>;

/// How one webhook sender behaves.
#[derive(Clone, Debug)]
pub struct Profile {
    pub(crate) id: ProviderId,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) notes: String,
    pub(crate) sources: Vec<String>,
    pub(crate) content_type: String,
    pub(crate) body_suffix: String,
    pub(crate) headers: Headers,
    pub(crate) retry_headers: Headers,
    pub(crate) event_id: TextTemplate,
    pub(crate) dedupe: String,
    pub(crate) timeout_ms: u64,
    pub(crate) retry: RetryPolicy,
    pub(crate) success: SuccessRule,
    pub(crate) disable: DisableRule,
    pub(crate) gone_disables: bool,
    pub(crate) requires_test: bool,
    pub(crate) throttle: Option<Throttle>,
    pub(crate) handshakes: Vec<Handshake>,
    pub(crate) limits: Limits,
    pub(crate) scheme: Scheme,
    pub(crate) signature_id: Option<TextTemplate>,
    pub(crate) secret: Option<SecretRecipe>,
    pub(crate) readers: Readers,
    pub(crate) envelopes: Vec<Envelope>,
    pub(crate) events: Vec<EventType>,
    pub(crate) any_event: Option<EventType>,
}

/// One generation of envelope.
#[derive(Clone, Debug)]
pub struct Envelope {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) template: JsonTemplate,
    pub(crate) shapes: BTreeMap<String, JsonTemplate>,
}

/// One type of event.
#[derive(Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "`event_type` is the contract's word")]
pub struct EventType {
    pub(crate) event_type: String,
    pub(crate) wire_type: Option<String>,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) provenance: Provenance,
    pub(crate) method: String,
    pub(crate) content_type: Option<String>,
    pub(crate) headers: Headers,
    pub(crate) schema: Option<Kept<Value>>,
    pub(crate) shape: Option<String>,
    pub(crate) event_id: Option<TextTemplate>,
    pub(crate) sample: Kept<JsonTemplate>,
    pub(crate) signs: Vec<Vec<Condition>>,
}

/// What the headers of one attempt are made of.
#[derive(Clone, Copy, Debug)]
pub struct AttemptContext<'a> {
    /// Type of the event.
    pub event_type: &'a str,
    /// The event's id in the provider's form.
    pub provider_event_id: &'a str,
    /// The endpoint that is delivered to.
    pub endpoint: EndpointId,
    /// When the attempt is made.
    pub at: Timestamp,
    /// The attempt's number, from 1.
    pub attempt: u32,
}

impl Profile {
    /// Its id.
    pub fn id(&self) -> &ProviderId {
        &self.id
    }

    /// Its name for people.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the provider does, in a sentence.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// What a reader should know: what is documented, what is derived, what Hookbench does not imitate.
    pub fn notes(&self) -> &str {
        &self.notes
    }

    /// The documents it was read from.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// `Content-Type` of its bodies.
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// `Content-Type` of the bodies of one type of event.
    pub fn content_type_of(&self, event_type: &str) -> &str {
        let own = self.listed_or_any(event_type).and_then(|event| event.content_type.as_deref());
        own.unwrap_or(&self.content_type)
    }

    /// What follows the JSON text of every body, usually nothing.
    pub fn body_suffix(&self) -> &str {
        &self.body_suffix
    }

    /// Its own headers beside the scheme's, as templates: name and, say, `{event_type}`.
    pub fn header_templates(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, template)| (name.as_str(), template.written()))
    }

    /// How receivers tell a repeat, in a sentence.
    pub fn dedupe(&self) -> &str {
        &self.dedupe
    }

    /// How long it waits for an answer, in milliseconds.
    pub fn timeout_ms(&self) -> u64 {
        self.timeout_ms
    }

    /// When it tries again: each delay counts from the failure before it.
    pub fn retry(&self) -> &RetryPolicy {
        &self.retry
    }

    /// Which answers count as delivered.
    pub fn success(&self) -> &SuccessRule {
        &self.success
    }

    /// When it stops sending to an endpoint.
    pub fn disable(&self) -> &DisableRule {
        &self.disable
    }

    /// Whether an answer of 410 (gone) disables an endpoint.
    pub fn gone_disables(&self) -> bool {
        self.gone_disables
    }

    /// True where an endpoint starts as a draft and goes live only after a successful test.
    pub fn requires_test(&self) -> bool {
        self.requires_test
    }

    /// How it slows down for an endpoint that keeps failing.
    pub fn throttle(&self) -> Option<Throttle> {
        self.throttle
    }

    /// The questions it asks a receiver before it sends events.
    pub fn handshakes(&self) -> &[Handshake] {
        &self.handshakes
    }

    /// What the provider lets its customers set, where it says so.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The scheme it signs with.
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// How its secrets are made, where the scheme's own way is not the provider's.
    pub fn secret_recipe(&self) -> Option<&SecretRecipe> {
        self.secret.as_ref()
    }

    /// A new secret in the provider's form; a private key where the scheme is asymmetric.
    pub fn generate_secret(&self, rng: &mut dyn RngCore) -> Secret {
        let Some(recipe) = &self.secret else {
            return self.scheme.generate_secret(&mut |bytes| rng.fill_bytes(bytes));
        };
        let mut random = vec![0; recipe.bytes];
        rng.fill_bytes(&mut random);
        Secret::spell(&recipe.prefix, recipe.encoding, &random)
    }

    /// Its event types, in their written order.
    pub fn events(&self) -> impl ExactSizeIterator<Item = &EventType> {
        self.events.iter()
    }

    /// The event type of that name.
    pub fn event(&self, event_type: &str) -> Option<&EventType> {
        self.events.iter().find(|event| event.event_type == event_type)
    }

    /// True where types that are not listed are composed too.
    pub fn accepts_any_type(&self) -> bool {
        self.any_event.is_some()
    }

    /// Its generations of envelope, the usual one first.
    pub fn envelopes(&self) -> &[Envelope] {
        &self.envelopes
    }

    /// Its own headers for one attempt, without the scheme's: the profile's, those of the event beside or
    /// instead of them, and those of a retry.
    pub fn attempt_headers(&self, context: &AttemptContext<'_>) -> Vec<(String, String)> {
        let headers = self.templates_of(context);
        headers.map(|(name, template, _)| self.filled(name, template, context)).collect()
    }

    /// Those of its headers for one attempt that are others with each event or attempt: they hold the event's id, the
    /// time or the attempt's number, or are of a retry.
    pub fn changing_headers(&self, context: &AttemptContext<'_>) -> Vec<(String, String)> {
        let headers = self.templates_of(context);
        let changing = headers.filter(|(_, template, of_retry)| *of_retry || template.changes());
        changing.map(|(name, template, _)| self.filled(name, template, context)).collect()
    }

    /// The names of all headers that it makes for some attempt of some event, without the scheme's.
    pub fn header_names(&self) -> impl Iterator<Item = &str> {
        let of_events = self.events.iter().chain(&self.any_event).flat_map(|event| &event.headers);
        let all = self.headers.iter().chain(&self.retry_headers).chain(of_events);
        all.map(|(name, _)| name.as_str())
    }

    /// The templates of its headers for one attempt, and whether a retry alone has them.
    fn templates_of<'a>(
        &'a self,
        context: &AttemptContext<'_>,
    ) -> impl Iterator<Item = (&'a str, &'a TextTemplate, bool)> {
        let event = self.listed_or_any(context.event_type);
        let own = event.map_or(&[][..], |event| &event.headers);
        let replaced = |name: &str| own.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        let retry = if context.attempt > 1 { self.retry_headers.as_slice() } else { &[] };
        let always = self.headers.iter().filter(move |(name, _)| !replaced(name)).chain(own);
        let always = always.map(|(name, template)| (name.as_str(), template, false));
        always.chain(retry.iter().map(|(name, template)| (name.as_str(), template, true)))
    }

    fn filled(&self, name: &str, template: &TextTemplate, context: &AttemptContext<'_>) -> (String, String) {
        (name.to_owned(), self.fill_for_attempt(template, context))
    }

    /// The id that the scheme signs and sends, for schemes that have one.
    pub fn signature_id(&self, context: &AttemptContext<'_>) -> Option<String> {
        self.signature_id.as_ref().map(|template| self.fill_for_attempt(template, context))
    }

    /// Templates of attempts hold nothing random: what stands in them is decided when the profile is loaded.
    fn fill_for_attempt(&self, template: &TextTemplate, context: &AttemptContext<'_>) -> String {
        let mut unused = <StdRng as rand::SeedableRng>::seed_from_u64(0);
        let wire_type = self.wire_type(context.event_type);
        let mut filler =
            Filler::new(&mut unused, context.at, context.event_type, wire_type, context.provider_event_id);
        filler.endpoint = Some(context.endpoint);
        filler.attempt = context.attempt;
        template.fill(&mut filler)
    }

    /// The type as the provider writes it.
    pub(crate) fn wire_type<'a>(&'a self, event_type: &'a str) -> &'a str {
        self.event(event_type).map_or(event_type, EventType::wire_type)
    }

    pub(crate) fn listed_or_any(&self, event_type: &str) -> Option<&EventType> {
        self.event(event_type).or(self.any_event.as_ref())
    }

    pub(crate) fn readers(&self) -> &Readers {
        &self.readers
    }
}

impl EventType {
    /// Its name in subscriptions.
    pub fn event_type(&self) -> &str {
        &self.event_type
    }

    /// Its name as the provider writes it, which several types may share.
    pub fn wire_type(&self) -> &str {
        self.wire_type.as_deref().unwrap_or(&self.event_type)
    }

    /// Its name for people.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When it happens, in a sentence.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Where its sample comes from.
    pub fn provenance(&self) -> Provenance {
        self.provenance
    }

    /// HTTP method; with GET the data travels in the query.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The JSON Schema (2020-12) of its data: of what stands in the envelope, or of the whole body where there
    /// is none.
    pub fn schema(&self) -> Option<&Value> {
        self.schema.as_ref().map(Kept::get)
    }

    pub(crate) fn signs(&self) -> &[Vec<Condition>] {
        &self.signs
    }
}

impl Envelope {
    /// None at all: the data is the whole body.
    pub(crate) fn none() -> Self {
        Self {
            id: "plain".to_owned(),
            name: "No envelope".to_owned(),
            template: JsonTemplate::data(),
            shapes: BTreeMap::new(),
        }
    }

    /// Name by which it is asked for.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Name for people.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn template_for(&self, shape: Option<&str>) -> &JsonTemplate {
        shape.and_then(|shape| self.shapes.get(shape)).unwrap_or(&self.template)
    }
}
