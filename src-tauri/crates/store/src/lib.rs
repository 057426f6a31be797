//! Hookbench's log and configuration: one data folder, one `SQLite` database in it.
//!
//! The surface is methods on nouns ([`Store::events`], [`Store::requests`], …) in the words of `model`;
//! nobody outside writes SQL. One writer, on a thread of its own, gathers waiting writes into one transaction; whoever
//! waits for a write is answered once it is on disk, and the change is told ([`ChangeFeed`]) after that. Claims alone are
//! answered as soon as they are committed.
//! Readers have connections of their own.

mod alerts;
mod attempts;
mod births;
mod bodies;
mod certificates;
mod changes;
mod codes;
mod columns;
mod database;
mod deliveries;
mod demo_time;
mod edits;
mod endpoints;
mod error;
mod events;
mod folder;
mod gate;
mod header_bytes;
mod idempotency;
mod inboxes;
mod key;
mod keychain;
mod maintenance;
mod own_forms;
mod pace;
mod place;
mod query;
mod relays;
mod replays;
mod requests;
mod reveals;
mod rows;
mod saved_filters;
mod schema;
mod sealed;
mod settings;
mod shapes;
mod stats;
mod store;
mod tally;
mod text;
mod trouble;
mod vault;
mod writer;

pub use alerts::{AlertWriter, AlertedEndpoint, RaisedAlert};
pub use attempts::Attempts;
pub use births::{Address, Cradle, KeptPlace, Newborn};
pub use bodies::LARGEST_UNPACKED;
pub use certificates::Certificates;
pub use changes::{ChangeFeed, ChangeStream, Feed};
pub use deliveries::{
    BreakerChange, Claimed, Claims, Deliveries, Doors, EndpointEffect, EndpointWork, Finish, Forecast,
    ForecastBucket, Full, LastFailure, Next, Overdue, OverdueTaken, Repeat, Room, TestResult,
};
pub use demo_time::{DemoTimeStore, KeptTime};
pub use edits::EndpointEdits;
pub use endpoints::{Endpoints, Resumed, Spread};
pub use error::{KeyProblem, StoreError};
pub use events::{EventRow, Events};
pub use folder::{Folder, is_open, remove_abandoned};
pub use gate::WriteGate;
pub use idempotency::{Idempotency, IdempotencyRecord};
pub use inboxes::Inboxes;
pub use key::{KeySource, KeySourceError};
pub use maintenance::{Maintenance, Purged};
pub use own_forms::{Choice, OwnForm, OwnForms};
pub use pace::Pace;
pub use relays::{EndedRelay, MadeRelay, Relays, WaitingRelay};
pub use replays::{ReplayPreview, ReplayTarget, ReplayWork, Replays, WaitingItem};
pub use requests::{Alike, AlikeBy, ImportedRequest, ImportedRows, Requests};
pub use saved_filters::SavedFilters;
pub use settings::SettingsStore;
pub use shapes::{Arrived, ArrivedRequest, DriftFilter, Drifted, Learnt, LearntShape, Shapes, StoredShape};
pub use stats::{MinuteCount, StatsStore};
pub use store::{OpenOptions, Store, Synchronous};
pub use text::TextFilled;
pub use trouble::Trouble;

/// What the methods of this crate give.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
