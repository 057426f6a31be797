//! The workbench: it starts and stops Hookbench's parts and has the verbs a person uses.
//!
//! One [`Workbench`] is one open workspace. What comes from outside has types of its own (drafts and edits);
//! only a check turns it into the model's, and a check that fails names every field at fault.
//!
//! This crate knows nothing of HTTP status codes or JSON of ours: the API, the window and the command line
//! call the same verbs.

mod access;
mod afresh;
mod answer_rules;
mod aside;
mod attempts;
mod certificates;
mod checks;
mod clock;
mod completions;
mod compose;
mod copies;
mod deliveries;
pub mod demo;
mod demo_folder;
mod diagnosis;
mod discovery;
mod endpoint_draft;
mod endpoint_health;
mod endpoint_policy;
mod endpoint_rules;
mod endpoint_tls;
mod endpoints;
mod error;
mod exports;
mod fault_dial;
mod fault_receivers;
mod files;
mod forecast;
mod idempotency;
mod imports;
mod inboxes;
mod left_out;
mod maintenance;
mod metrics;
mod oddities;
mod own;
mod preview;
mod providers;
mod random;
mod reach;
mod recognition;
mod relay_inline;
mod relay_worker;
mod relays;
mod replay_worker;
mod replays;
mod requests;
mod retries;
mod saved_filters;
mod saved_tests;
mod schedules;
mod schemes;
mod secrets;
mod send_on;
mod settings;
mod shape_worker;
mod shapes;
mod signatures;
mod snippets;
mod stats;
mod text_worker;
mod thrown_away;
mod time;
mod wire;
mod workbench;

pub use access::AccessDraft;
pub use answer_rules::{RuleCount, RuleDraft, RulesPreview, RulesPreviewDraft, SampleDraft, WhenDraft};
pub use aside::aside;
pub use certificates::{
    CertificateStanding, SeenCertificate, SeenCertificates, SeenMadeCertificate, TrustStep, TrustSteps,
};
pub use clock::SystemClock;
pub use completions::{Completions, Offer};
pub use compose::{Accepted, AcceptedDelivery, EventDraft, EventSummary, MAX_PAYLOAD};
pub use copies::{CopyDraft, MAX_COPIED};
pub use deliveries::DeliverySeen;
pub use diagnosis::{Statement, Verdict};
pub use discovery::Running;
pub use endpoint_draft::{EndpointDraft, EndpointEdit};
pub use endpoint_health::EndpointHealthSeen;
pub use endpoint_policy::PolicyEdit;
pub use endpoint_tls::TlsDraft;
pub use endpoints::{EditedEndpoint, SeenEndpoint};
pub use error::{FieldError, Result, WorkbenchError};
pub use exports::{Export, ExportDraft};
pub use fault_dial::DialDraft;
pub use fault_receivers::{FaultReceiverDraft, FaultReceiverEdit, FaultReceiverSeen, Trial};
pub use forecast::ForecastSeen;
pub use hookbench_capture::answers::{Counted, PreviewedAnswer, Step, TemplateError};
pub use hookbench_capture::faults::{
    BadCertificate, Dial, FaultKind, Received, RetryAfterForm, RetryAfterSent, Turn,
};
pub use hookbench_capture::{CaptureError, Stray};
pub use hookbench_delivery::plan::Schedule;
pub use hookbench_delivery::{Nearing, Policy};
pub use hookbench_model::{Clock, HeaderPairs, Settings, Theme};
pub use hookbench_providers::{Catalogue, Envelope, EventType, Handshake, Library, Profile, Provenance};
pub use hookbench_signing::{Cause, Coding, Ending, Secret, Unpacked};
pub use hookbench_snippets::{Language, Section, Snippet};
pub use hookbench_store::AlikeBy;
pub use hookbench_store::{
    ChangeFeed, ChangeStream, DriftFilter, Feed, IdempotencyRecord, KeySource, OpenOptions, Resumed,
    StoreError, Synchronous, Trouble,
};
pub use imports::{
    ImportedLine, MAX_IMPORT, MAX_STREAMED_IMPORT, RequestImportDraft, RequestImportSeen, whole,
};
pub use inboxes::{InboxDraft, InboxEdit, InboxResponseEdit, InboxRetentionEdit, LocatedInbox};
pub use metrics::Metrics;
pub use preview::PreviewedRequest;
pub use providers::ImportDraft;
pub use random::token;
pub use reach::Reached;
pub use recognition::Recognition;
pub use relay_inline::Asker;
pub use relays::{RelayDraft, RelaySeen, RelayTargetDraft};
pub use replays::{ReplayDraft, ReplayPlan};
pub use requests::{LARGEST_UNPACKED, ShownRequest};
pub use retries::{Arrived, Pace, Retries};
pub use saved_filters::SavedFilterDraft;
pub use saved_tests::TestDraft;
pub use schedules::ScheduleDraft;
pub use schemes::SeenScheme;
pub use secrets::{RotatedInbox, SecretDraft, SeenSecret};
pub use send_on::SendOnDraft;
pub use shapes::{DriftSeen, ShapeSeen};
pub use signatures::{SchemeChoice, SignDraft, SignedMessage, VerifyDraft};
pub use stats::StatsSeen;
pub use time::{MachineEvent, MachineNotice, TimeEdit, TimeMode, TimeSeen};
pub use wire::{WireFraming, WireSeen};
pub use workbench::{Options, Workbench, default_data_dir};
