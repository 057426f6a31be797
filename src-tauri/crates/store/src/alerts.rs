//! Alerts: what goes wrong at endpoints, or right again, told to the endpoints that ask for it.
//!
//! What happened is known where the outcome is written, and the event that tells of it is written in the same
//! transaction: a crash loses neither the one nor the other, and tells nothing twice. What the event says is none of
//! the store's business: an [`AlertWriter`] composes it. Without an endpoint that takes alerts nothing is kept and
//! nothing read; the change feed is told either way.

mod happened;
mod raise;
mod watch;
mod watches;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use hookbench_model::{
    Alert, Delivery, Endpoint, EndpointId, ErrorCode, Event, NewDelivery, ProviderId, Timestamp,
};
use url::Url;

pub(crate) use happened::{By, Happening, of_attempt, of_end};
pub(crate) use raise::{next_told, set_back, stops, sweep, tell};
pub(crate) use watch::Wanted;
pub(crate) use watches::Watches;

use crate::Store;

/// An alert that is to be told.
#[derive(Clone, Debug)]
pub struct RaisedAlert {
    /// What happened.
    pub alert: Alert,
    /// When it is told: with what happened, or once the quiet after the alert before is over.
    pub at: Timestamp,
    /// The endpoint it happened to; `None` for plain URLs.
    pub endpoint: Option<AlertedEndpoint>,
    /// The delivery by which it happened, the newest of several; `None` where the log no longer has it.
    pub delivery: Option<Delivery>,
    /// What exactly its newest attempt failed by, where no whole answer came.
    pub error_code: Option<ErrorCode>,
    /// When the endpoint's run of failures began, or the run that is over now.
    pub failing_since: Option<Timestamp>,
    /// How many failures in a row the endpoint has.
    pub consecutive_failures: u32,
    /// How often it happened: deliveries that failed for good are counted.
    pub count: u64,
    /// When the first of what is counted happened.
    pub counted_since: Timestamp,
}

/// The endpoint that an alert is about.
#[derive(Clone, Debug)]
pub struct AlertedEndpoint {
    /// Its id.
    pub id: EndpointId,
    /// Its name.
    pub name: String,
    /// Its URL.
    pub url: Url,
    /// Its provider.
    pub provider: ProviderId,
    /// Why it is disabled, where it is.
    pub disabled_reason: Option<String>,
}

/// Composes the events of alerts.
pub trait AlertWriter: fmt::Debug + Send + Sync + 'static {
    /// The event by which an alert is told, with its deliveries to those of the enabled endpoints of the alerts'
    /// provider that want it; `None` where none does.
    fn write(&self, alert: &RaisedAlert, takers: &[Endpoint]) -> Option<(Event, Vec<NewDelivery>)>;
}

/// Who composes the events of alerts, where anybody does.
#[derive(Clone, Debug, Default)]
pub(crate) struct AlertPen(Arc<RwLock<Option<Arc<dyn AlertWriter>>>>);

impl AlertPen {
    fn get(&self) -> Option<Arc<dyn AlertWriter>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Store {
    /// Has alerts told, from now on, by events that `writer` composes. Until then, none is.
    pub fn tell_alerts_by(&self, writer: Arc<dyn AlertWriter>) {
        *self.writer().alerts().0.write().unwrap_or_else(PoisonError::into_inner) = Some(writer);
    }
}
