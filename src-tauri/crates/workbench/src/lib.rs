//! The workbench: it starts and stops Hookbench's parts and has the verbs a person uses.
//!
//! One [`Workbench`] is one open workspace. What comes from outside has types of its own (drafts and edits);
//! only a check turns it into the model's, and a check that fails names every field at fault.
//!
//! This crate knows nothing of HTTP status codes or JSON of ours: the API, the window and the command line
//! call the same verbs.

mod aside;
mod checks;
mod clock;
mod compose;
mod deliveries;
pub mod demo;
mod diagnosis;
mod discovery;
mod endpoint_draft;
mod endpoint_health;
mod endpoint_policy;
mod endpoint_rules;
mod endpoint_tls;
mod endpoints;
mod error;
mod fault_dial;
mod fault_receivers;
mod files;
mod forecast;
mod idempotency;
mod inboxes;
mod left_out;
mod maintenance;
mod metrics;
mod own;
mod preview;
mod providers;
mod random;
mod recognition;
mod replay_worker;
mod replays;
mod requests;
mod schedules;
mod schemes;
mod secrets;
mod send_on;
mod settings;
mod signatures;
mod snippets;
mod stats;
mod thrown_away;
mod time;
mod workbench;

pub use aside::aside;
pub use clock::SystemClock;
pub use compose::{Accepted, AcceptedDelivery, EventDraft, EventSummary, MAX_PAYLOAD};
pub use deliveries::DeliverySeen;
pub use diagnosis::{Statement, Verdict};
pub use discovery::Running;
pub use endpoint_draft::{EndpointDraft, EndpointEdit};
pub use endpoint_health::EndpointHealthSeen;
pub use endpoint_policy::PolicyEdit;
pub use endpoint_tls::TlsDraft;
pub use endpoints::{EditedEndpoint, SeenEndpoint};
pub use error::{FieldError, Result, WorkbenchError};
pub use fault_dial::DialDraft;
pub use fault_receivers::{FaultReceiverDraft, FaultReceiverEdit, FaultReceiverSeen, Trial};
pub use forecast::ForecastSeen;
pub use hookbench_capture::faults::{
    BadCertificate, Dial, FaultKind, Received, RetryAfterForm, RetryAfterSent, Turn,
};
pub use hookbench_capture::{CaptureError, Relay, RelayError, RelayOptions, Relayed, RelayedRequest};
pub use hookbench_delivery::plan::Schedule;
pub use hookbench_delivery::{Nearing, Policy};
pub use hookbench_model::{Clock, HeaderPairs, Settings, Theme};
pub use hookbench_providers::{Catalogue, Envelope, EventType, Handshake, Library, Profile, Provenance};
pub use hookbench_signing::{Cause, Coding, Ending, Secret, Unpacked};
pub use hookbench_snippets::{Language, Section, Snippet};
pub use hookbench_store::{
    ChangeFeed, ChangeStream, Feed, IdempotencyRecord, KeySource, OpenOptions, Resumed, StoreError,
    Synchronous, Trouble,
};
pub use inboxes::{InboxDraft, InboxEdit, InboxResponseEdit, InboxRetentionEdit, LocatedInbox};
pub use metrics::Metrics;
pub use preview::PreviewedRequest;
pub use providers::ImportDraft;
pub use random::token;
pub use recognition::Recognition;
pub use replays::{ReplayDraft, ReplayPlan};
pub use requests::{LARGEST_UNPACKED, ShownRequest};
pub use schedules::ScheduleDraft;
pub use schemes::SeenScheme;
pub use secrets::{RotatedInbox, SecretDraft, SeenSecret};
pub use send_on::SendOnDraft;
pub use signatures::{SchemeChoice, SignDraft, SignedMessage, VerifyDraft};
pub use stats::StatsSeen;
pub use time::{MachineEvent, MachineNotice, TimeEdit, TimeMode, TimeSeen};
pub use workbench::{Options, Workbench, default_data_dir};
