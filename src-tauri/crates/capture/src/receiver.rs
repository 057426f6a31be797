use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use hookbench_model::{Clock, InFlightLedger, RuleId, Settings};
use hookbench_providers::Library;
use hookbench_store::{Store, StoreError};
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Limits;
use crate::answers::Counted;
use crate::error::CaptureError;
use crate::inboxes::InboxBook;
use crate::judge::Judge;
use crate::lan::{everywhere, listen_beside};
use crate::receive::Reception;
use crate::relay::{AskTarget, Relay};
use crate::room::Room;
use crate::serve::Server;
use crate::strays::{Stray, Strays};
use crate::tls::Identity;

/// What a receiver is made of.
#[derive(Debug)]
pub struct ReceiverParts {
    /// Where it listens; see [`bind`].
    pub listener: TcpListener,
    /// Where what arrives is kept, and where the inboxes are read from.
    pub store: Store,
    /// The profiles by which arrivals are verified and named.
    pub library: Library,
    /// The time of arrivals, and of the delays before answers.
    pub clock: Arc<dyn Clock>,
    /// What the delivery engine is sending, to join it with what arrives.
    pub ledger: Arc<InFlightLedger>,
    /// The workspace's settings; the largest body is one of them.
    pub settings: watch::Receiver<Settings>,
    /// What is borne from a sender.
    pub limits: Limits,
    /// Asks targets for their answers while senders wait.
    pub targets: Arc<dyn AskTarget>,
}

/// Listens at an address; port 0 picks a free one.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, CaptureError> {
    TcpListener::bind(address).await.map_err(|source| CaptureError::listening(address, source))
}

/// The capture receiver at work: whatever is sent to an inbox is stored, and then answered.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    reception: Arc<Reception>,
    server: Server,
    /// What listens since the start, as long as it does.
    first: Weak<TcpListener>,
    /// Ends the listening for the network; `None` where there is none.
    lan: Mutex<Option<CancellationToken>>,
}

/// The port, taken for other machines too: whoever connects waits, and is turned away if this is dropped.
#[derive(Debug)]
pub struct LanListener {
    listener: TcpListener,
    address: SocketAddr,
}

impl Receiver {
    /// Reads the inboxes and begins to accept.
    pub async fn start(parts: ReceiverParts) -> Result<Self, CaptureError> {
        let ReceiverParts { listener, store, library, clock, ledger, settings, limits, targets } = parts;
        let address = listener.local_addr().map_err(|source| CaptureError::Listener { source })?;
        // Subscribed before the first reading, so that no change falls between the two.
        let changes = store.changes().subscribe();
        let inboxes = InboxBook::open(store.clone(), library)
            .await
            .map_err(|source| CaptureError::Inboxes { source })?;
        ledger.listen_at(vec![address]);
        let limits = Arc::new(limits);
        let room = Arc::new(Room::new(limits.bodies, settings.clone()));
        let held = Arc::new(Semaphore::new(limits.held));
        let strays = Arc::new(Strays::default());
        let (teller, feed) = (Arc::clone(&strays), store.changes());
        let relay = Relay { targets, options: limits.relay };
        let (notes, passing) = (TaskTracker::new(), Arc::default());
        let reception = Arc::new(Reception {
            store,
            inboxes,
            clock,
            ledger,
            settings,
            limits,
            room,
            held,
            strays,
            relay,
            notes,
            passing,
        });
        let server = Server::new(Arc::clone(&reception));
        let listener = Arc::new(listener);
        let first = Arc::downgrade(&listener);
        server.tasks.spawn(server.clone().accept(listener));
        let (follower, stopping) = (Arc::clone(&reception), server.stopping.clone());
        server.tasks.spawn(async move {
            stopping.run_until_cancelled(follower.inboxes.follow(changes)).await;
        });
        let stopping = server.stopping.clone();
        server.tasks.spawn(async move {
            stopping.run_until_cancelled(teller.tell(feed)).await;
        });
        Ok(Self { address, reception, server, first, lan: Mutex::default() })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Shows this over TLS from the next connection on, at the same port; `None` to speak no TLS. Connections that are
    /// open stay as they are.
    pub fn show(&self, identity: Option<Arc<Identity>>) {
        self.server.identity.store(identity);
    }

    /// Whether other machines reach it: since it was asked for, or by the address that it was given.
    pub fn is_exposed(&self) -> bool {
        self.is_everywhere() || !self.address.ip().is_loopback()
    }

    /// Whether it listens at every address of the machine: since it was asked for, or by the one that it was given.
    pub fn is_everywhere(&self) -> bool {
        self.lan().is_some() || self.address.ip().is_unspecified()
    }

    /// Takes the same port for other machines too, and accepts nobody there yet; see [`Receiver::open_to_lan`]. What
    /// listens for this machine goes on meanwhile, so nothing is lost; where it cannot be done everything stays as it
    /// was. `None` where it is open already, and where the receiver was given an address other than loopback.
    pub fn take_lan(&self) -> Result<Option<LanListener>, CaptureError> {
        let (Some(everywhere), Some(first), None) =
            (everywhere(self.address), self.first.upgrade(), self.lan().as_ref())
        else {
            return Ok(None);
        };
        Ok(Some(LanListener { listener: listen_beside(&first, everywhere)?, address: everywhere }))
    }

    /// Accepts what comes from other machines from now on. Nothing happens where that is so already.
    pub fn open_to_lan(&self, taken: LanListener) {
        let LanListener { listener, address } = taken;
        let mut lan = self.lan();
        if lan.is_some() {
            return;
        }
        let stopping = self.server.stopping.child_token();
        let server = self.server.for_others(stopping.clone());
        self.server.tasks.spawn(server.accept(Arc::new(listener)));
        self.reception.ledger.also_at(address);
        *lan = Some(stopping);
        tracing::info!(%address, "inboxes are reached from other machines");
    }

    /// Listens for this machine alone again. What is under way from others is answered, and then their connections
    /// are closed.
    pub fn close_to_lan(&self) {
        if let Some(stopping) = self.lan().take() {
            stopping.cancel();
            if let Some(everywhere) = everywhere(self.address) {
                self.reception.ledger.no_longer_at(everywhere);
            }
            tracing::info!("inboxes are no longer reached from other machines");
        }
    }

    fn lan(&self) -> MutexGuard<'_, Option<CancellationToken>> {
        self.lan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the inboxes again. Changes are followed anyway; what was made before this call is served at
    /// once after it.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        self.reception.inboxes.refresh().await
    }

    /// The newest requests that reached no inbox, newest first; what in them is a secret of an inbox, or is named like
    /// a credential, is left out. They are in memory alone.
    pub fn strays(&self) -> Vec<Stray> {
        self.reception.inboxes.hiding(|hidden| self.reception.strays.shown(hidden))
    }

    /// Forgets the requests that reached no inbox.
    pub fn clear_strays(&self) {
        self.reception.strays.clear();
    }

    /// Told when a captured request waits to be passed on, once for any number of them.
    pub fn passing(&self) -> Arc<Notify> {
        Arc::clone(&self.reception.passing)
    }

    /// What a rule of an inbox has counted.
    pub fn rule_counted(&self, rule: RuleId) -> Counted {
        self.reception.inboxes.counted(rule)
    }

    /// Has a rule of an inbox begin to count anew: the next request that it takes is the first.
    pub fn start_rule_again(&self, rule: RuleId) {
        self.reception.inboxes.start_again(rule);
    }

    /// What judges requests that were read from a file as the inbox of that slug does; `None` where there is none.
    pub fn judge(&self, slug: &str) -> Option<Judge> {
        self.reception.inboxes.find(slug).map(Judge::new)
    }

    /// Stops accepting, lets the requests under way be answered for at most `grace`, and drops the rest.
    pub async fn stop(self, grace: Duration) {
        self.reception.ledger.listen_at(Vec::new());
        self.server.stopping.cancel();
        self.server.tasks.close();
        if tokio::time::timeout(grace, self.server.tasks.wait()).await.is_err() {
            tracing::info!(tasks = self.server.tasks.len(), "connections are dropped after the grace");
            self.server.killed.cancel();
            self.server.tasks.wait().await;
        }
        // What was passed back is noted before the store is closed.
        self.reception.notes.close();
        if tokio::time::timeout(grace, self.reception.notes.wait()).await.is_err() {
            tracing::warn!("what became of some relays was not noted in time");
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.stopping.cancel();
        self.server.killed.cancel();
    }
}
