//! What crosses the wire, and the conversions from and to the model: one noun, one file. Nothing of this
//! is stored and nothing of it decides anything.

#![expect(clippy::option_option, reason = "a field left out and a field given as null are two things")]

mod access;
mod answer_given;
mod answer_rule;
mod attempt;
mod certificate;
mod change;
mod clock;
mod count;
mod delivery;
mod endpoint;
mod endpoint_edit;
mod endpoint_health;
mod endpoint_input;
mod endpoint_tls;
mod event;
mod export;
mod fault_receiver;
mod filter_text;
mod forecast;
mod headers;
mod health;
mod import;
mod inbox;
mod page;
mod policy;
mod provider;
mod reach;
mod relay;
mod replay;
mod request;
mod retries;
mod saved_filter;
mod schedule;
mod scheme;
mod secret;
mod secret_text;
mod settings;
mod shape;
mod signature;
mod snippet;
mod stats;
mod stray;
mod time;
mod wire_record;

pub(crate) use answer_given::{GivenAnswer, RuleCount, RulesPreview, RulesPreviewInput, RulesReset};
pub(crate) use attempt::{Attempt, Outcome, Trigger};
pub(crate) use certificate::{CertificateInput, CertificateRenewal, Certificates};
pub use change::Change;
pub(crate) use clock::{Clock, ClockEdit};
pub(crate) use count::{Count, Nothing};
pub(crate) use delivery::{Delivery, DeliveryDetail, DeliveryFilter, DeliveryStatus};
pub(crate) use endpoint::{EditedEndpoint, Endpoint, EndpointWithSecret, RevealedSecret, text_of};
pub(crate) use endpoint_edit::{EndpointEdit, RotateSecret, SendTest};
pub(crate) use endpoint_health::EndpointHealth;
pub(crate) use endpoint_input::EndpointInput;
pub(crate) use event::{Event, EventAccepted, EventFilter, EventInput, Preview};
pub(crate) use export::{CopyQuery, ExportQuery};
pub(crate) use fault_receiver::{FaultReceiver, FaultReceiverEdit, FaultReceiverInput};
pub(crate) use filter_text::{Completions, CompletionsQuery, TextSpan};
pub(crate) use forecast::{Forecast, ForecastQuery, KeptBack};
pub(crate) use headers::Headers;
pub(crate) use health::{Health, HealthTrouble};
pub(crate) use import::{ImportQuery, Imported, RequestImport};
pub(crate) use inbox::{DeletedInbox, Inbox, InboxEdit, InboxInput};
pub(crate) use page::{Page, PageQuery};
pub(crate) use provider::{ImportPreview, ImportPreviewInput, Provider, ProviderImport};
pub(crate) use reach::{Reach, ReachEdit, ReceiverTls};
pub(crate) use relay::{Relay, RequestRelay};
pub(crate) use replay::{Replay, ReplayInput, ReplayPreview, Resign};
pub(crate) use request::{
    BodyQuery, CapturedRequest, RequestEdit, RequestFilter, RevealQuery, Revealed, SendOn,
    VerificationStatus, VerifyAgain,
};
pub(crate) use retries::Retries;
pub(crate) use saved_filter::{SavedFilter, SavedFilterEdit, SavedFilterInput};
pub(crate) use schedule::{Schedule, ScheduleInput};
pub(crate) use scheme::{Scheme, SchemeForm, SchemeGiven};
pub(crate) use secret::{InboxWithSecret, Reveal, RotateInboxSecret, SecretInfo, SecretInput};
pub(crate) use secret_text::SecretText;
pub(crate) use settings::{Settings, SettingsEdit};
pub(crate) use shape::{Drift, DriftFilter, DriftKind, Shape};
pub(crate) use signature::{Recognition, SchemeInput, SignInput, Signed, Verified, VerifyInput};
pub(crate) use snippet::{Snippet, SnippetInput, SnippetLanguage};
pub(crate) use stats::{Stats, StatsQuery};
pub(crate) use stray::Stray;
pub(crate) use time::Time;
pub(crate) use wire_record::{RequestFault, Wire};

/// An enumeration of the model in the contract's words, with the way there and back.
macro_rules! wire_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident),+ $(,)? }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        $(#[$doc])*
        pub(crate) enum $name { $($(#[$variant_doc])* $variant),+ }

        impl From<hookbench_model::$name> for $name {
            fn from(value: hookbench_model::$name) -> Self {
                match value { $(hookbench_model::$name::$variant => Self::$variant),+ }
            }
        }

        impl From<$name> for hookbench_model::$name {
            fn from(value: $name) -> Self {
                match value { $($name::$variant => Self::$variant),+ }
            }
        }
    };
}
pub(crate) use wire_enum;

/// Tells a field that was left out (`None`) from one that was given as `null` (`Some(None)`).
pub(crate) fn given<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: serde::Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    serde::Deserialize::deserialize(deserializer).map(Some)
}

/// A field of an edit that is never null: what is left out stays.
pub(crate) fn stated<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: serde::Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}
