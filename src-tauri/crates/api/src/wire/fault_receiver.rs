use hookbench_model::EndpointId;
use hookbench_workbench as workbench;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::inbox::BodyText;
use super::{Headers, Time};
use crate::problem::{FieldError, Problem};

/// An enumeration of the workbench in the contract's words, with the way there and back.
macro_rules! dial_enum {
    ($(#[$doc:meta])* $name:ident = $other:ident { $($(#[$variant_doc:meta])* $variant:ident),+ $(,)? }) => {
        #[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        $(#[$doc])*
        pub(crate) enum $name { $($(#[$variant_doc])* $variant),+ }

        impl From<workbench::$other> for $name {
            fn from(value: workbench::$other) -> Self {
                match value { $(workbench::$other::$variant => Self::$variant),+ }
            }
        }

        impl From<$name> for workbench::$other {
            fn from(value: $name) -> Self {
                match value { $($name::$variant => Self::$variant),+ }
            }
        }
    };
}

dial_enum! {
    /// What a fault receiver does in place of answering as it should.
    Fault = FaultKind {
        /// It reads the request and resets the connection.
        Reset,
        /// It reads the request and closes the connection without a word.
        Close,
        /// It reads the request and never answers.
        NoAnswer,
        /// It answers, a few bytes a second.
        Drip,
        /// It closes the connection in the middle of the answer's head.
        HalfHeaders,
        /// It announces a longer body than it sends, and closes the connection.
        WrongLength,
        /// It shows a bad certificate over TLS; in clear it answers.
        BadTls,
    }
}

dial_enum! {
    /// What is wrong with a certificate.
    BadCertificate = BadCertificate {
        /// It was valid once.
        Expired,
        /// It is for another name.
        WrongName,
        /// Nobody signed it but its own key.
        SelfSigned,
    }
}

dial_enum! {
    /// How a `Retry-After` is written.
    RetryAfterForm = RetryAfterForm {
        /// As seconds.
        Seconds,
        /// As an HTTP date.
        Date,
    }
}

/// When an answer says to try again.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetryAfterSent {
    /// How many seconds after the answer.
    #[schema(maximum = 604_800)]
    seconds: u64,
    /// How that is written; as seconds unless said otherwise.
    #[serde(default = "in_seconds")]
    #[schema(required = false)]
    form: RetryAfterForm,
}

impl From<RetryAfterSent> for workbench::RetryAfterSent {
    fn from(after: RetryAfterSent) -> Self {
        Self { seconds: after.seconds, form: after.form.into() }
    }
}

impl From<workbench::RetryAfterSent> for RetryAfterSent {
    fn from(after: workbench::RetryAfterSent) -> Self {
        Self { seconds: after.seconds, form: after.form.into() }
    }
}

const fn in_seconds() -> RetryAfterForm {
    RetryAfterForm::Seconds
}

/// How a fault receiver treats what it is sent. The first request after it was set has the first turn.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FaultDial {
    /// The statuses of its answers, one a request.
    statuses: Vec<u16>,
    /// Whether they begin anew after the last one; else the last one stays.
    repeat: bool,
    /// How long each answer waits, in real time.
    delay_ms: u64,
    /// Headers of its answers.
    headers: Headers,
    /// What its answers other than 2xx say of when to try again; null for nothing.
    #[schema(required)]
    retry_after: Option<RetryAfterSent>,
    /// The body of its answers.
    body: BodyText,
    /// What it does in place of answering as it should; null where it answers.
    #[schema(required)]
    fault: Option<Fault>,
    /// How many requests meet the fault before the statuses begin; null for all of them.
    #[schema(required)]
    fail_first: Option<u32>,
    /// What is wrong with its certificate, where the fault is `bad_tls`.
    certificate: BadCertificate,
    /// How fast an answer comes, where the fault is `drip`.
    drip_bytes_per_s: u32,
}

/// How a fault receiver is to treat what it is sent. It is set as a whole: what is left out is as usual.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultDialInput {
    /// The statuses of its answers, one a request, 200 to 599; 200 unless given.
    #[schema(min_items = 1, max_items = 100)]
    statuses: Option<Vec<u16>>,
    /// Whether they begin anew after the last one; else the last one stays.
    #[serde(default)]
    #[schema(required = false)]
    repeat: bool,
    /// How long each answer waits, in real time.
    #[serde(default)]
    #[schema(required = false, maximum = 120_000)]
    delay_ms: u64,
    /// Headers of its answers.
    #[serde(default)]
    #[schema(required = false)]
    headers: Headers,
    /// What its answers other than 2xx say of when to try again; nothing unless given.
    retry_after: Option<RetryAfterSent>,
    /// The body of its answers, at most 64 KiB.
    body: Option<BodyText>,
    /// What it does in place of answering; it answers unless given.
    fault: Option<Fault>,
    /// How many requests meet the fault before the statuses begin; all of them unless given.
    fail_first: Option<u32>,
    /// What is wrong with its certificate, where the fault is `bad_tls`; it has expired unless given.
    certificate: Option<BadCertificate>,
    /// How fast an answer comes, where the fault is `drip`; a byte a second unless given.
    #[schema(minimum = 1, maximum = 1000)]
    drip_bytes_per_s: Option<u32>,
}

impl TryFrom<FaultDialInput> for workbench::DialDraft {
    type Error = Problem;

    fn try_from(input: FaultDialInput) -> Result<Self, Problem> {
        Ok(Self {
            statuses: input.statuses,
            repeat: input.repeat,
            delay_ms: input.delay_ms,
            headers: input.headers.0,
            retry_after: input.retry_after.map(Into::into),
            body: input.body.map(|body| body.bytes("dial.body.base64")).transpose()?.unwrap_or_default(),
            fault: input.fault.map(Into::into),
            fail_first: input.fail_first,
            certificate: input.certificate.map(Into::into),
            drip_bytes_per_s: input.drip_bytes_per_s,
        })
    }
}

impl From<&workbench::Dial> for FaultDial {
    fn from(dial: &workbench::Dial) -> Self {
        Self {
            statuses: dial.statuses.clone(),
            repeat: dial.repeat,
            delay_ms: dial.delay_ms,
            headers: dial.headers.clone().into(),
            retry_after: dial.retry_after.map(Into::into),
            body: dial.body.as_ref().into(),
            fault: dial.fault.map(Into::into),
            fail_first: dial.fail_first,
            certificate: dial.certificate.into(),
            drip_bytes_per_s: dial.drip_bytes_per_s,
        }
    }
}

/// What a request is in for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FaultTurn {
    /// The status of its answer; null where the fault comes before it.
    #[schema(required)]
    status: Option<u16>,
    /// The fault that it meets; null for none.
    #[schema(required)]
    fault: Option<Fault>,
}

impl From<workbench::Turn> for FaultTurn {
    fn from(turn: workbench::Turn) -> Self {
        Self { status: turn.answered(), fault: turn.fault.map(Into::into) }
    }
}

/// A request that came to a fault receiver.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FaultReceived {
    /// Which one it was, from 1.
    number: u64,
    /// When it was read, or found not to be readable.
    at: Time,
    /// Whether it came over TLS.
    tls: bool,
    /// Its method; null where it never came to that.
    #[schema(required)]
    method: Option<String>,
    /// Its path and query, cut where it is long; null where it never came to that.
    #[schema(required)]
    path: Option<String>,
    /// The size of its body.
    body_size: u64,
    /// The delivery that it is an attempt of, where Hookbench itself sent it.
    #[schema(required)]
    delivery_id: Option<String>,
    /// Which attempt of it.
    #[schema(required)]
    attempt: Option<u32>,
    /// The status that it was answered; null where a fault came before that, or where it was refused.
    #[schema(required)]
    status: Option<u16>,
    /// The fault that it met; null for none.
    #[schema(required)]
    fault: Option<Fault>,
    /// What was wrong with it, or with the connection; null where nothing was.
    #[schema(required)]
    problem: Option<String>,
}

impl From<workbench::Received> for FaultReceived {
    fn from(received: workbench::Received) -> Self {
        Self {
            status: received.turn.filter(|_| received.method.is_some()).and_then(workbench::Turn::answered),
            fault: received.turn.and_then(|turn| turn.fault).map(Into::into),
            number: received.number,
            at: received.at.into(),
            tls: received.over_tls,
            method: received.method,
            path: received.target,
            body_size: received.body_size,
            delivery_id: received.delivery.map(|(id, _)| id.to_string()),
            attempt: received.delivery.map(|(_, attempt)| attempt),
            problem: received.problem,
        }
    }
}

/// A receiver of our own that fails as its dial says. It speaks HTTP/1.1, in clear and over TLS at the same port, and
/// closes each connection after one request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FaultReceiver {
    /// `flt_…`.
    id: String,
    /// What people call it.
    name: String,
    /// Where it receives in clear: this URL and everything below it, any method.
    url: String,
    /// Where it receives over TLS.
    tls_url: String,
    /// The authority that signed its good certificate, PEM: whoever does not trust it finds every one bad.
    ca_pem: String,
    /// How it treats what it is sent.
    dial: FaultDial,
    /// How many requests have had their turn since the dial was set.
    turns: u64,
    /// What the next one is in for.
    next: FaultTurn,
    /// The newest requests, newest first, at most 100.
    received: Vec<FaultReceived>,
    /// How many there were in all.
    received_count: u64,
    /// The endpoint whose policy is tried out here; null for none.
    #[schema(required)]
    trial_of: Option<String>,
    /// The endpoint that has the same policy and points here; null for none.
    #[schema(required)]
    endpoint_id: Option<String>,
    /// When it was made.
    created_at: Time,
}

impl From<workbench::FaultReceiverSeen> for FaultReceiver {
    fn from(seen: workbench::FaultReceiverSeen) -> Self {
        Self {
            id: seen.id.to_string(),
            name: seen.name,
            url: seen.url.into(),
            tls_url: seen.tls_url.into(),
            ca_pem: seen.ca_pem,
            dial: seen.dial.as_ref().into(),
            turns: seen.turns,
            next: seen.next.into(),
            received: seen.received.into_iter().map(Into::into).collect(),
            received_count: seen.received_count,
            trial_of: seen.trial.map(|trial| trial.of.to_string()),
            endpoint_id: seen.trial.map(|trial| trial.endpoint.to_string()),
            created_at: seen.created_at.into(),
        }
    }
}

/// A fault receiver to be made. Nothing is needed.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultReceiverInput {
    /// What people call it.
    #[schema(max_length = 200)]
    name: Option<String>,
    /// How it begins; it answers 200 unless given.
    #[serde(default)]
    #[schema(required = false)]
    dial: FaultDialInput,
    /// The endpoint whose policy is to be tried out at it.
    trial_of: Option<String>,
}

impl TryFrom<FaultReceiverInput> for workbench::FaultReceiverDraft {
    type Error = Problem;

    fn try_from(input: FaultReceiverInput) -> Result<Self, Problem> {
        let endpoint = |text: String| {
            text.parse::<EndpointId>()
                .map_err(|error| Problem::invalid(vec![FieldError::new("trial_of", error.to_string())]))
        };
        Ok(Self {
            name: input.name,
            dial: input.dial.try_into()?,
            trial_of: input.trial_of.map(endpoint).transpose()?,
        })
    }
}

/// Changes to a fault receiver: what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultReceiverEdit {
    /// What people call it.
    #[schema(max_length = 200)]
    name: Option<String>,
    /// Its dial, set as a whole.
    dial: Option<FaultDialInput>,
}

impl TryFrom<FaultReceiverEdit> for workbench::FaultReceiverEdit {
    type Error = Problem;

    fn try_from(edit: FaultReceiverEdit) -> Result<Self, Problem> {
        Ok(Self { name: edit.name, dial: edit.dial.map(TryInto::try_into).transpose()? })
    }
}
