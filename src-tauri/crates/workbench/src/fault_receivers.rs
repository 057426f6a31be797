//! Fault receivers, and trials: another one's policy tried out at one of them.
//!
//! They live in memory. A trial's endpoint is on disk, since it is sent to like any other; it goes with its receiver,
//! and what a crash left of one is deleted at the next start.

use std::net::SocketAddr;
use std::sync::Arc;

use hookbench_capture::faults::{
    Certificates, Dial, FaultKind, FaultReceiver, FaultReceiverParts, Received, Turn,
};
use hookbench_model::{
    Action, Clock, Endpoint, EndpointId, EndpointStatus, FaultReceiverId, HttpVersion, InFlightLedger,
    Subscriptions, Timestamp, TlsPolicy,
};
use hookbench_store::{Store, StoreError};
use tokio::sync::{Mutex, OnceCell};
use url::Url;

use crate::error::{Faults, Result, WorkbenchError};
use crate::fault_dial::DialDraft;
use crate::{Workbench, checks};

/// The most there may be at once.
const MOST: usize = 16;

/// What somebody says of a fault receiver to be made.
#[derive(Clone, Debug, Default)]
pub struct FaultReceiverDraft {
    /// What people call it.
    pub name: Option<String>,
    /// How it begins.
    pub dial: DialDraft,
    /// The endpoint whose policy is to be tried out at it.
    pub trial_of: Option<EndpointId>,
}

/// What somebody changes of a fault receiver: `None` leaves it.
#[derive(Clone, Debug, Default)]
pub struct FaultReceiverEdit {
    /// What people call it.
    pub name: Option<String>,
    /// Its dial, from the next request on.
    pub dial: Option<DialDraft>,
}

/// Which endpoint's policy is tried out, and by which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trial {
    /// The endpoint whose policy it is.
    pub of: EndpointId,
    /// The endpoint that has the same policy and points at the receiver.
    pub endpoint: EndpointId,
}

/// A fault receiver as it stands.
#[derive(Clone, Debug)]
pub struct FaultReceiverSeen {
    /// Its id.
    pub id: FaultReceiverId,
    /// What people call it.
    pub name: String,
    /// Where it receives in clear.
    pub url: Url,
    /// Where it receives over TLS.
    pub tls_url: Url,
    /// The authority whose certificates it shows, PEM.
    pub ca_pem: String,
    /// How it treats what it is sent.
    pub dial: Arc<Dial>,
    /// How many requests have had their turn since the dial was set.
    pub turns: u64,
    /// What the next one is in for.
    pub next: Turn,
    /// The newest requests, newest first.
    pub received: Vec<Received>,
    /// How many there were in all.
    pub received_count: u64,
    /// The trial that it serves.
    pub trial: Option<Trial>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// All there are, oldest first.
#[derive(Debug)]
pub(crate) struct FaultReceivers {
    /// The workspace's time; what waits by it waits in real time.
    clock: Arc<dyn Clock>,
    ledger: Arc<InFlightLedger>,
    certificates: OnceCell<Arc<Certificates>>,
    known: Mutex<Vec<Known>>,
}

#[derive(Debug)]
struct Known {
    id: FaultReceiverId,
    name: String,
    certificates: Arc<Certificates>,
    receiver: FaultReceiver,
    trial: Option<Trial>,
}

impl FaultReceivers {
    pub(crate) fn new(clock: Arc<dyn Clock>, ledger: Arc<InFlightLedger>) -> Self {
        Self { clock, ledger, certificates: OnceCell::new(), known: Mutex::default() }
    }

    /// Stops them all, and deletes what their trials sent to.
    pub(crate) async fn stop(&self, store: &Store, now: Timestamp) {
        let all = std::mem::take(&mut *self.known.lock().await);
        for known in all {
            let id = known.id;
            if let Err(error) = known.end(store, now).await {
                // The next start does it.
                tracing::warn!(receiver = %id, error = &error as &dyn std::error::Error, "a trial was not ended");
            }
        }
    }

    async fn certificates(&self) -> Result<Arc<Certificates>> {
        let make = async || Certificates::make().map(Arc::new);
        Ok(Arc::clone(self.certificates.get_or_try_init(make).await?))
    }
}

impl Known {
    fn seen(&self) -> FaultReceiverSeen {
        let (dial, turns) = self.receiver.dial();
        let (received, received_count) = self.receiver.received();
        FaultReceiverSeen {
            id: self.id,
            name: self.name.clone(),
            url: address("http", self.receiver.local_addr()),
            tls_url: address("https", self.receiver.local_addr()),
            ca_pem: self.certificates.authority_pem().to_owned(),
            next: dial.turn(turns),
            dial,
            turns,
            received,
            received_count,
            trial: self.trial,
            created_at: self.id.created_at(),
        }
    }

    /// Stops it; what its trial sent to is deleted.
    async fn end(self, store: &Store, now: Timestamp) -> Result<()> {
        self.receiver.stop().await;
        let Some(trial) = self.trial else { return Ok(()) };
        match store.endpoints().delete(trial.endpoint, now).await {
            Err(StoreError::NotFound { .. }) => Ok(()),
            ended => Ok(ended?),
        }
    }
}

impl Workbench {
    /// Makes a fault receiver, which receives from then on; with an endpoint named, one like it that points there.
    pub async fn create_fault_receiver(&self, draft: FaultReceiverDraft) -> Result<FaultReceiverSeen> {
        let workbench = self.clone();
        self.to_the_end(async move { workbench.make_fault_receiver(draft).await }).await
    }

    async fn make_fault_receiver(&self, draft: FaultReceiverDraft) -> Result<FaultReceiverSeen> {
        let mut faults = Faults::default();
        let name = draft.name.map(|name| checks::name(&mut faults, "name", &name));
        let dial = draft.dial.check(&mut faults);
        let tried = match draft.trial_of {
            Some(id) => Some(self.tried(&mut faults, id).await?),
            None => None,
        };
        faults.finish()?;
        let all = self.fault_receivers_kept();
        let mut known = all.known.lock().await;
        if known.len() >= MOST {
            return Err(WorkbenchError::wrong_state(format!(
                "There are {MOST} fault receivers, and there may be no more: delete one first."
            )));
        }
        let of = tried.flatten();
        let again =
            |known: &&Known| known.trial.is_some_and(|trial| of.as_ref().is_some_and(|of| of.id == trial.of));
        if let Some(there) = known.iter().find(again) {
            return Err(WorkbenchError::wrong_state(format!(
                "The fault receiver {} tries that endpoint's policy out already.",
                there.id
            )));
        }
        let certificates = all.certificates().await?;
        let receiver = FaultReceiver::start(FaultReceiverParts {
            clock: Arc::clone(&all.clock),
            ledger: Arc::clone(&all.ledger),
            certificates: Arc::clone(&certificates),
            dial: dial.clone(),
        })
        .await?;
        let id = FaultReceiverId::new(self.now());
        let trial = match &of {
            Some(of) => {
                let url = at(&of.url, scheme_for(&dial), receiver.local_addr());
                let twin = twin(of, url, certificates.authority_pem(), self.now());
                Some(Trial { of: of.id, endpoint: self.store().endpoints().create(twin).await?.id })
            }
            None => None,
        };
        let name = name.unwrap_or_else(|| match &of {
            Some(of) => trial_name(&of.name),
            None => format!("Port {}", receiver.local_addr().port()),
        });
        self.tell_of(id, receiver.watch());
        let made = Known { id, name, certificates, receiver, trial };
        let seen = made.seen();
        known.push(made);
        drop(known);
        self.changes().tell_fault_receiver(Action::Created, id);
        Ok(seen)
    }

    /// All fault receivers, newest first.
    pub async fn fault_receivers(&self) -> Vec<FaultReceiverSeen> {
        let known = self.fault_receivers_kept().known.lock().await;
        known.iter().rev().map(Known::seen).collect()
    }

    /// One fault receiver.
    pub async fn fault_receiver(&self, id: FaultReceiverId) -> Result<FaultReceiverSeen> {
        let known = self.fault_receivers_kept().known.lock().await;
        known.iter().find(|known| known.id == id).map(Known::seen).ok_or_else(|| unknown(id))
    }

    /// Changes a fault receiver. A dial holds from the next request on, which has the first turn.
    pub async fn edit_fault_receiver(
        &self,
        id: FaultReceiverId,
        edit: FaultReceiverEdit,
    ) -> Result<FaultReceiverSeen> {
        let mut faults = Faults::default();
        let name = edit.name.map(|name| checks::name(&mut faults, "name", &name));
        let dial = edit.dial.map(|dial| dial.check(&mut faults));
        let mut all = self.fault_receivers_kept().known.lock().await;
        let known = all.iter_mut().find(|known| known.id == id).ok_or_else(|| unknown(id))?;
        faults.finish()?;
        if let Some(dial) = dial {
            if let Some(trial) = known.trial {
                self.lead(trial.endpoint, known.receiver.local_addr(), &dial).await?;
            }
            known.receiver.set_dial(dial);
        }
        known.name = name.unwrap_or_else(|| known.name.clone());
        let seen = known.seen();
        drop(all);
        self.changes().tell_fault_receiver(Action::Updated, id);
        Ok(seen)
    }

    /// Deletes a fault receiver, and the endpoint of its trial.
    pub async fn delete_fault_receiver(&self, id: FaultReceiverId) -> Result<()> {
        let workbench = self.clone();
        self.to_the_end(async move { workbench.end_fault_receiver(id).await }).await
    }

    async fn end_fault_receiver(&self, id: FaultReceiverId) -> Result<()> {
        let mut all = self.fault_receivers_kept().known.lock().await;
        let at = all.iter().position(|known| known.id == id).ok_or_else(|| unknown(id))?;
        let known = all.remove(at);
        drop(all);
        known.end(self.store(), self.now()).await?;
        self.changes().tell_fault_receiver(Action::Deleted, id);
        Ok(())
    }

    /// Has the trial of an endpoint follow what became of that one's policy and secrets. Where it points, and how it
    /// stands, is its own.
    pub(crate) async fn trial_follows(&self, of: EndpointId) -> Result<()> {
        let all = self.fault_receivers_kept().known.lock().await;
        let Some((known, trial)) = all
            .iter()
            .find_map(|known| known.trial.filter(|trial| trial.of == of).map(|trial| (known, trial)))
        else {
            return Ok(());
        };
        // Read in here: of two edits the newer one is what it goes by in the end.
        let Some(of) = self.store().endpoints().get(of).await? else { return Ok(()) };
        let now = self.now();
        let ca_pem = known.certificates.authority_pem().to_owned();
        let follow = move |trial: &mut Endpoint| *trial = twin(&of, trial.url.clone(), &ca_pem, now);
        match self.store().endpoints().update(trial.endpoint, now, follow).await {
            Err(StoreError::NotFound { .. }) => Ok(()),
            followed => Ok(followed.map(drop)?),
        }
    }

    /// Ends the trials of an endpoint that is gone, whichever of their two it was.
    pub(crate) async fn end_trials_of(&self, endpoint: EndpointId) -> Result<()> {
        let about = |known: &Known| {
            known.trial.is_some_and(|trial| trial.of == endpoint || trial.endpoint == endpoint)
        };
        let all = self.fault_receivers_kept().known.lock().await;
        let ids: Vec<_> = all.iter().filter(|known| about(known)).map(|known| known.id).collect();
        drop(all);
        for id in ids {
            match self.end_fault_receiver(id).await {
                // Somebody else has ended it meanwhile.
                Err(WorkbenchError::NotFound { .. }) => {}
                ended => ended?,
            }
        }
        Ok(())
    }

    /// The endpoint whose policy is to be tried out; a trial has none of its own.
    async fn tried(&self, faults: &mut Faults, id: EndpointId) -> Result<Option<Endpoint>> {
        let found = self.store().endpoints().get(id).await?;
        match &found {
            None => faults.add("trial_of", format!("there is no endpoint {id}")),
            Some(endpoint) if endpoint.trial_of.is_some() => {
                faults.add("trial_of", "is a trial itself: name the endpoint that it is of");
            }
            Some(_) => {}
        }
        Ok(found)
    }

    /// Has a trial's endpoint point at where its receiver does what the dial says: a bad certificate is shown over
    /// TLS alone.
    async fn lead(&self, endpoint: EndpointId, address: SocketAddr, dial: &Dial) -> Result<()> {
        let scheme = scheme_for(dial);
        let lead = move |endpoint: &mut Endpoint| endpoint.url = at(&endpoint.url, scheme, address);
        match self.store().endpoints().update(endpoint, self.now(), lead).await {
            Err(StoreError::NotFound { .. }) => Ok(()),
            led => Ok(led.map(drop)?),
        }
    }

    /// Tells of what a receiver receives, for as long as it does.
    fn tell_of(&self, id: FaultReceiverId, mut noted: tokio::sync::watch::Receiver<u64>) {
        let changes = self.changes();
        self.run_until_stopped(async move {
            while noted.changed().await.is_ok() {
                changes.tell_fault_receiver(Action::Updated, id);
            }
        });
    }
}

/// Deletes what a crash left of trials: the receivers that they were sent to are gone.
pub(crate) async fn sweep(store: &Store, now: Timestamp) -> Result<()> {
    for endpoint in store.endpoints().all().await?.into_iter().filter(|endpoint| endpoint.trial_of.is_some())
    {
        store.endpoints().delete(endpoint.id, now).await?;
    }
    Ok(())
}

fn unknown(id: FaultReceiverId) -> WorkbenchError {
    WorkbenchError::not_found("fault receiver", id)
}

fn scheme_for(dial: &Dial) -> &'static str {
    if dial.fault == Some(FaultKind::BadTls) { "https" } else { "http" }
}

#[expect(clippy::expect_used, reason = "a scheme of ours and a socket's address make a URL")]
fn address(scheme: &str, address: SocketAddr) -> Url {
    Url::parse(&format!("{scheme}://{address}/")).expect("a scheme and an address are a URL")
}

/// A URL's path and query at a receiver.
fn at(url: &Url, scheme: &str, receiver: SocketAddr) -> Url {
    let mut there = address(scheme, receiver);
    there.set_path(url.path());
    there.set_query(url.query());
    there
}

fn trial_name(name: &str) -> String {
    format!("Trial of {name}").chars().take(200).collect()
}

/// An endpoint with another one's policy that points at a receiver, and that no event goes to by itself.
fn twin(of: &Endpoint, url: Url, ca_pem: &str, now: Timestamp) -> Endpoint {
    Endpoint {
        id: EndpointId::new(now),
        name: trial_name(&of.name),
        url,
        enabled_events: Subscriptions::new(Vec::new()),
        status: EndpointStatus::Enabled,
        disabled_reason: None,
        disabled_at: None,
        draft: false,
        tested_at: None,
        consecutive_failures: 0,
        failing_since: None,
        // The receiver speaks HTTP/1.1 alone.
        http_version: HttpVersion::Auto,
        proxy: None,
        tls: TlsPolicy { verify: of.tls.verify, ca_pem: Some(ca_pem.to_owned()), client_cert: None },
        secrets: of.secrets.iter().filter(|kept| kept.holds_at(now)).cloned().collect(),
        trial_of: Some(of.id),
        created_at: now,
        updated_at: now,
        ..of.clone()
    }
}
