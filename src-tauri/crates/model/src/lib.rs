//! Hookbench's words as types, and the rules about them.
//!
//! This crate does no I/O and reads no clock: time comes in as a [`Timestamp`]. It knows nothing of
//! SQL, HTTP status codes of ours or JSON of ours; rows and wire types live in `store` and `api` and
//! are converted there.

mod alert;
mod answer;
mod attempt;
mod change;
mod clock;
mod colour;
mod decimal;
mod delivery;
mod endpoint;
mod error_code;
mod event;
mod filter;
mod headers;
mod id;
mod imported;
mod inbox;
mod ledger;
mod metrics;
mod policy;
mod provider;
pub mod query;
mod reach;
mod relay;
mod replay;
mod request;
mod saved_filter;
mod secret;
mod settings;
mod shape;
mod stats;
mod subscription;
mod time;
mod veil;
mod wire;

pub use alert::Alert;
pub use answer::{
    AnswerFault, AnswerFaultKind, AnswerRule, AnsweredBy, Asked, JsonPath, JsonPathError, JsonTest,
    NamedTest, Nth, PathPattern, PathPatternError, RetryAfterForm, RetryAfterSent, RuleAnswer, RuleWhen,
    Share, StatusSequence, Unmet, ValueTest,
};
pub use attempt::{
    Attempt, AttemptTiming, Connection, Outcome, PeerCertificate, SentRequest, SentResponse, TlsConnection,
    Trigger,
};
pub use change::{Action, Change, Noun};
pub use clock::{Clock, ManualClock, Sleep};
pub use colour::Colour;
pub use decimal::Decimal;
pub use delivery::{Delivery, DeliveryStatus, DeliveryTarget, EndedBecause, LastAttempt, NewDelivery};
pub use endpoint::{ClientCertificate, Endpoint, EndpointStatus, TlsPolicy};
pub use error_code::{ErrorCode, UnknownErrorCode};
pub use event::{Event, EventRequest, SignMode};
pub use filter::{DeliveryFilter, EventFilter, FoundIn, Page, PageRequest, RequestFilter};
pub use headers::{HeaderPairs, HeaderValue, is_pseudo};
pub use hookbench_signing::VerificationStatus;
pub use id::{
    DeliveryId, DriftId, EndpointId, EventId, FaultReceiverId, IdParseError, InboxId, RelayTargetId,
    ReplayId, RequestId, RuleId, SavedFilterId, ShapeId,
};
pub use imported::Imported;
pub use inbox::{Inbox, InboxResponse, InboxRetention, Slug, SlugError};
pub use ledger::{InFlightEntry, InFlightLedger};
pub use metrics::{DurationCounts, Standing, Tallied};
pub use policy::{
    Breaker, BreakerError, BreakerPhase, BreakerState, DisableRule, DisableRuleError, Egress, EgressDenied,
    EgressRule, EgressRuleError, Exponential, FailureCount, HttpVersion, OrderOnFailure, Proxy,
    ProxyCredentials, ProxyError, ProxyServer, RateLimit, RateLimitError, RetryAfter, RetryPolicy,
    RetryPolicyError, StatusRange, StatusRangeError, SuccessRule, SuccessRuleError, is_private,
};
pub use provider::{ProviderId, ProviderIdError};
pub use reach::{
    AddressRule, AddressRuleError, AllowList, CertificateRole, InboxAccess, KeptCertificate, Reach,
    ReceiverTls, TlsFacts, TokenPlace,
};
pub use relay::{
    InboxRelay, NewRelay, RelayHost, RelayState, RelayTarget, RelayTo, RelayWay, RelayedResponse,
    RequestRelay, came_by_relay, climbs, named_by_connection, relayed_headers,
};
pub use replay::{Replay, ReplayItem, ReplayItemState, ReplayProgress, ReplaySource, ReplayStatus, Resign};
pub use request::{CapturedRequest, RequestEdit, Verification};
pub use saved_filter::{SavedFilter, SavedFilterEdit};
pub use secret::{Reveal, RevealedPart, StoredSecret};
pub use settings::{Settings, SettingsError, Theme};
pub use shape::{
    Drift, DriftKind, DriftKinds, FoundDrift, JsonType, KeptDrift, KnownShape, LARGEST_LEARNT, Shape,
    ShapeField, ShapeSource, TextFormat,
};
pub use stats::{DueNow, EndpointStats, KeptBack, LatencyPercentiles, OutcomeBucket, Stats};
pub use subscription::{EventPattern, EventPatternError, Subscriptions};
pub use time::Timestamp;
pub use veil::{
    Hidden, Shown, VEIL, Within, is_credential_name, is_veiled, unveiled_headers, unveiled_query, veiled,
};
pub use wire::{
    ArrivalFacts, BrokenHead, ChunkRecord, ChunkRun, RequestFault, ShownWire, WireRecord, shown_head,
    trailer_pairs,
};
