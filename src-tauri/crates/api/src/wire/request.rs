use hookbench_model::{self as model, EventPattern, InboxId};
use hookbench_workbench::{DriftSeen, SchemeChoice, Secret, SendOnDraft, ShownRequest, WireSeen, Workbench};
use http::Method;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::filter_text::read_asked;
use super::signature::{SchemeInput, shown, size_of};
use super::{
    Drift, DriftKind, GivenAnswer, Headers, Imported, RequestFault, Resign, SecretText, Time, Wire, given,
    wire_enum,
};
use crate::problem::{FieldError, Problem};

wire_enum! {
    /// What checking a signature gave.
    VerificationStatus {
        /// It matches, and its time is right.
        Valid,
        /// It does not match, or its time is wrong.
        Invalid,
        /// There is none.
        Unsigned,
        /// There is one, and no secret to check it with.
        NoSecret,
        /// Nobody asked for a check, or it was not possible.
        NotChecked,
    }
}

wire_enum! {
    /// A colour that a person marks a captured request with. It means what they want it to.
    Colour {
        /// Red.
        Red,
        /// Orange.
        Orange,
        /// Yellow.
        Yellow,
        /// Green.
        Green,
        /// Blue.
        Blue,
        /// Purple.
        Purple,
    }
}

/// What checking a captured request's signature gave.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Verification {
    /// The verdict.
    status: VerificationStatus,
    /// The scheme it was checked by.
    #[schema(required)]
    scheme: Option<String>,
    /// Why it is not valid, as a stable code.
    #[schema(required)]
    reason: Option<String>,
    /// The verdict as a sentence.
    message: String,
    /// The bytes that the signature covers; not in lists, and not where they are more than 4 MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_content_base64: Option<String>,
    /// How many bytes the signature covers; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_content_size: Option<u64>,
}

impl From<model::Verification> for Verification {
    fn from(verification: model::Verification) -> Self {
        Self {
            status: verification.status.into(),
            scheme: verification.scheme,
            reason: verification.reason,
            message: verification.message,
            signed_content_size: verification.signed_content.as_deref().map(size_of),
            signed_content_base64: verification.signed_content.as_deref().and_then(shown),
        }
    }
}

/// One HTTP request that an inbox received. Its body is a raw resource of its own.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CapturedRequest {
    /// `req_…`.
    id: String,
    /// The inbox that received it.
    inbox_id: String,
    /// When its last byte was in.
    received_at: Time,
    /// The method, as it stood on the wire.
    method: String,
    /// The path below the slug, as it stood on the wire.
    path: String,
    /// The query, as it stood on the wire and without the question mark.
    #[schema(required)]
    query: Option<String>,
    /// `HTTP/1.0`, `HTTP/1.1`, `HTTP/2.0`; of a malformed head what stood in its place.
    http_version: String,
    /// In their order, with case and duplicates.
    headers: Headers,
    /// The `Content-Type`, where it has one that is text.
    #[schema(required)]
    content_type: Option<String>,
    /// In bytes.
    body_size: u64,
    /// Who sent it: address and port.
    remote_addr: String,
    /// The event's type, where the inbox's profile says where to find it.
    #[schema(required)]
    event_type: Option<String>,
    /// The provider's id of the event, likewise.
    #[schema(required)]
    provider_event_id: Option<String>,
    /// What checking its signature gave.
    verification: Verification,
    /// What was answered.
    response: GivenAnswer,
    /// The handshake of its provider that it was, and that was answered as such; null for none.
    #[schema(required)]
    handshake: Option<String>,
    /// The delivery that sent it, where Hookbench did.
    #[schema(required)]
    delivery_id: Option<String>,
    /// Which attempt of that delivery.
    #[schema(required)]
    attempt_number: Option<u32>,
    /// What went wrong with it, where it did not come whole and well formed; null where it did.
    #[schema(required)]
    fault: Option<RequestFault>,
    /// How it stood on the wire; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    wire: Option<Wire>,
    /// Which file it was read from, where it did not arrive here.
    #[serde(skip_serializing_if = "Option::is_none")]
    imported: Option<Imported>,
    /// What a person wrote about it.
    note: String,
    /// What a person marked it with.
    tags: Vec<String>,
    /// Whether it stays whatever the retention says.
    pinned: bool,
    /// The colour that a person marked it with.
    #[schema(required)]
    colour: Option<Colour>,
    /// Whether its body differed from what was known before it. That is found out soon after it arrived.
    drifted: bool,
    /// In which ways it differed.
    drift_kinds: Vec<DriftKind>,
    /// How it differed, 50 differences at most; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    drift: Option<Vec<Drift>>,
    /// Whether a secret that stands in its headers or its query is left out: `(the secret)` is in its place.
    veiled: bool,
}

impl CapturedRequest {
    /// As a list shows it: without its secrets, and without the signed content, which is as large as the body.
    pub(crate) fn row(mut request: model::CapturedRequest) -> Self {
        request.verification.signed_content = None;
        ShownRequest::from(request).into()
    }

    /// With the ways in which it differed.
    pub(crate) fn with_drift_kinds(self, kinds: model::DriftKinds) -> Self {
        let drift_kinds: Vec<DriftKind> = kinds.iter().map(Into::into).collect();
        Self { drifted: !drift_kinds.is_empty(), drift_kinds, ..self }
    }

    /// With how it differed.
    pub(crate) fn with_drift(self, found: Vec<DriftSeen>) -> Self {
        let kinds =
            found.iter().fold(model::DriftKinds::default(), |all, seen| all.with(seen.kept.drift.kind));
        let drift = found.into_iter().map(Into::into).collect();
        Self { drift: Some(drift), ..self.with_drift_kinds(kinds) }
    }

    /// With where it was imported from.
    pub(crate) fn with_imported(self, imported: Option<model::Imported>) -> Self {
        Self { imported: imported.map(Into::into), ..self }
    }

    /// With how it stood on the wire.
    pub(crate) fn with_wire(self, wire: WireSeen) -> Self {
        Self { wire: Some(wire.into()), ..self }
    }
}

impl From<ShownRequest> for CapturedRequest {
    fn from(ShownRequest { request, veiled }: ShownRequest) -> Self {
        let response = GivenAnswer::to(&request);
        Self {
            id: request.id.to_string(),
            inbox_id: request.inbox_id.to_string(),
            received_at: request.received_at.into(),
            method: request.method,
            path: request.path,
            query: request.query,
            http_version: request.http_version,
            headers: request.headers.into(),
            content_type: request.content_type,
            body_size: request.body_size,
            remote_addr: request.remote_addr,
            event_type: request.event_type,
            provider_event_id: request.provider_event_id,
            verification: request.verification.into(),
            response,
            handshake: request.handshake,
            delivery_id: request.delivery.map(|(id, _)| id.to_string()),
            attempt_number: request.delivery.map(|(_, number)| number),
            fault: request.fault.map(Into::into),
            wire: None,
            imported: None,
            note: request.note,
            tags: request.tags,
            pinned: request.pinned,
            colour: request.colour.map(Into::into),
            drifted: false,
            drift_kinds: Vec::new(),
            drift: None,
            veiled,
        }
    }
}

/// What is shown that otherwise is not.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Revealed {
    /// The secrets that stand in its headers, its query or its token.
    Secrets,
}

/// How one thing is shown.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RevealQuery {
    /// Shows the secrets in it too. Where it holds any, that is logged.
    #[param(inline)]
    pub(crate) reveal: Option<Revealed>,
}

impl RevealQuery {
    /// What is asked for, by a method whose answer shows it: that of HEAD has no body, and nothing is revealed.
    pub(crate) fn reveal_to(&self, method: &Method) -> Option<Revealed> {
        self.reveal.filter(|_| method != Method::HEAD)
    }
}

/// Which bytes of a body.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct BodyQuery {
    /// With its content codings undone, those that it says and gzip and zstd that it does not, up to 64 MiB.
    pub(crate) decoded: Option<bool>,
    /// At most so many bytes of what is decoded; 64 MiB unless it is less.
    pub(crate) limit: Option<usize>,
}

/// Which captured requests; all conditions hold together.
#[derive(Debug, Default, Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RequestFilter {
    /// Received by this inbox.
    #[schema(value_type = Option<String>)]
    #[param(value_type = Option<String>)]
    inbox_id: Option<InboxId>,
    /// With this method.
    method: Option<String>,
    /// With this verdict.
    verification: Option<VerificationStatus>,
    /// Of this event type, or prefix (`message.*`).
    #[schema(value_type = Option<String>)]
    #[param(value_type = Option<String>)]
    event_type: Option<EventPattern>,
    /// Received at or after this time.
    #[param(inline)]
    since: Option<Time>,
    /// Received before this time.
    #[param(inline)]
    until: Option<Time>,
    /// With this text in an id, the path, the query, a header or the body, letter case included; 512 characters at most.
    #[param(max_length = 512)]
    #[schema(max_length = 512)]
    q: Option<String>,
    /// Pinned or not.
    pinned: Option<bool>,
    /// What else has to hold, in the filter's language: `method:POST status:5xx type:message.* header:x-id=42
    /// json:data.to=ada since:1h -valid`. A word that is wrong is refused with its place, `errors[].at`.
    #[param(max_length = 2000)]
    #[schema(max_length = 2000)]
    filter: Option<String>,
}

impl RequestFilter {
    /// The filter as it stands now. What is wrong with its words is told of `field`, where they stand.
    pub(crate) async fn read(
        self,
        field: &str,
        workbench: &Workbench,
    ) -> Result<model::RequestFilter, Problem> {
        let filter = self;
        // Not even in a malformed request does it stand in the place of one.
        if filter.method.as_deref().is_some_and(|method| method.contains([' ', '\r', '\n'])) {
            let beside = format!("{}method", field.strip_suffix("filter").unwrap_or_default());
            let error = FieldError::new(beside, "is no HTTP method: no space stands in one");
            return Err(Problem::invalid(vec![error]));
        }
        let query = match filter.filter.filter(|text| !text.trim().is_empty()) {
            Some(text) => Some(read_asked(field, &text, workbench).await?),
            None => None,
        };
        Ok(model::RequestFilter {
            inbox_id: filter.inbox_id,
            method: filter.method,
            verification: filter.verification.map(Into::into),
            event_type: filter.event_type,
            since: filter.since.map(|time| time.0),
            until: filter.until.map(|time| time.0),
            q: filter.q.filter(|text| !text.is_empty()),
            pinned: filter.pinned,
            query,
        })
    }
}

/// Changes to a captured request: what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequestEdit {
    /// What a person writes about it; null clears it.
    #[serde(default, deserialize_with = "given")]
    note: Option<Option<String>>,
    /// What a person marks it with.
    tags: Option<Vec<String>>,
    /// Whether it stays whatever the retention says.
    pinned: Option<bool>,
    /// Its colour; null for none.
    #[serde(default, deserialize_with = "given")]
    colour: Option<Option<Colour>>,
}

impl From<RequestEdit> for model::RequestEdit {
    fn from(edit: RequestEdit) -> Self {
        Self {
            note: edit.note.map(Option::unwrap_or_default),
            tags: edit.tags,
            pinned: edit.pinned,
            colour: edit.colour.map(|colour| colour.map(Into::into)),
        }
    }
}

/// Where a captured request is sent on to, and what is changed about it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendOn {
    /// To this URL, by the profile's policy; signed afresh it is by the inbox's secret. Either this or `endpoint_id`.
    url: Option<String>,
    /// To this endpoint, by its policy and secrets. Either this or `url`.
    endpoint_id: Option<String>,
    /// `exact` sends the headers as captured, the old signature among them; `fresh` signs anew, with a new time and a
    /// new event id. Exact unless given where it goes to a URL, fresh where it goes to an endpoint.
    resign: Option<Resign>,
    /// Another method.
    method: Option<String>,
    /// What is added to the target's path, with its leading slash; nothing unless given.
    path: Option<String>,
    /// What is added to the target's query; the captured query unless given, null for none.
    #[serde(default, deserialize_with = "given")]
    query: Option<Option<String>>,
    /// Other headers, all of them.
    headers: Option<Headers>,
    /// Another body.
    body_base64: Option<String>,
}

impl From<SendOn> for SendOnDraft {
    fn from(input: SendOn) -> Self {
        Self {
            url: input.url,
            endpoint_id: input.endpoint_id,
            resign: input.resign.map(Into::into),
            method: input.method,
            path: input.path,
            query: input.query,
            headers: input.headers.map(|headers| headers.0),
            body_base64: input.body_base64,
        }
    }
}

/// How a captured request is checked again; what is left out is the inbox's.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerifyAgain {
    /// Another scheme: an id from the catalogue, or an object in the catalogue's own form.
    scheme: Option<SchemeInput>,
    /// Another secret.
    #[schema(value_type = Option<String>, format = Password)]
    secret: Option<SecretText>,
    /// As of this time in Unix seconds; as of its arrival unless given.
    at: Option<i64>,
}

impl VerifyAgain {
    pub(crate) fn parts(self) -> (Option<SchemeChoice>, Option<Secret>, Option<i64>) {
        (self.scheme.map(Into::into), self.secret.map(Into::into), self.at)
    }
}
