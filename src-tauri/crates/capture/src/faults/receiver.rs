use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hookbench_model::{Clock, InFlightLedger};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::certificates::Certificates;
use super::connection;
use super::dial::{Dial, Turn};
use super::received::{Log, Received};
use crate::error::CaptureError;
use crate::{Limits, bind};

/// How many connections one has at once; further ones wait at the door.
const CONNECTIONS: usize = 64;
/// How long accepting rests after the system refused a connection, as it does when it is out of files.
const REST: Duration = Duration::from_millis(50);

/// What a fault receiver is made of.
#[derive(Debug)]
pub struct FaultReceiverParts {
    /// The time of what it receives and of what it answers. Its waits are by it as well.
    pub clock: Arc<dyn Clock>,
    /// What the delivery engine is sending, to join it with what arrives.
    pub ledger: Arc<InFlightLedger>,
    /// What it shows over TLS.
    pub certificates: Arc<Certificates>,
    /// How it begins.
    pub dial: Dial,
}

/// A server on loopback that fails as its dial says. It ends when it is dropped.
#[derive(Debug)]
pub struct FaultReceiver {
    address: SocketAddr,
    shared: Arc<Shared>,
    changed: watch::Receiver<u64>,
    stopping: CancellationToken,
    tasks: TaskTracker,
}

/// What its connections share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ledger: Arc<InFlightLedger>,
    pub(super) certificates: Arc<Certificates>,
    pub(super) limits: Limits,
    set: Mutex<Set>,
    log: Mutex<Log>,
    /// How many requests it has noted.
    noted: watch::Sender<u64>,
}

/// A dial, and how many have had their turn since it was set.
#[derive(Debug)]
struct Set {
    dial: Arc<Dial>,
    turns: u64,
}

impl FaultReceiver {
    /// Listens on loopback, at a port of its own, and begins to fail.
    pub async fn start(parts: FaultReceiverParts) -> Result<Self, CaptureError> {
        let FaultReceiverParts { clock, ledger, certificates, dial } = parts;
        let listener = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        let address = listener.local_addr().map_err(|source| CaptureError::Listener { source })?;
        ledger.also_at(address);
        let (noted, changed) = watch::channel(0);
        let shared = Arc::new(Shared {
            clock,
            ledger,
            certificates,
            limits: Limits { connections: CONNECTIONS, ..Limits::default() },
            set: Mutex::new(Set { dial: Arc::new(dial), turns: 0 }),
            log: Mutex::new(Log::default()),
            noted,
        });
        let (stopping, tasks) = (CancellationToken::new(), TaskTracker::new());
        tasks.spawn(accept(Arc::clone(&shared), listener, stopping.clone(), tasks.clone()));
        Ok(Self { address, shared, changed, stopping, tasks })
    }

    /// Where it listens, in clear and over TLS.
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Its dial, and how many requests have had their turn since it was set.
    pub fn dial(&self) -> (Arc<Dial>, u64) {
        let set = self.shared.set();
        (Arc::clone(&set.dial), set.turns)
    }

    /// Sets the dial anew: the next request has the first turn. What is being answered goes on as it began.
    pub fn set_dial(&self, dial: Dial) {
        *self.shared.set() = Set { dial: Arc::new(dial), turns: 0 };
    }

    /// The newest requests, newest first, and how many there were in all.
    pub fn received(&self) -> (Vec<Received>, u64) {
        let log = self.shared.log();
        (log.newest_first(), log.count())
    }

    /// Changes with each request that it notes.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.changed.clone()
    }

    /// Stops at once; connections under way are dropped.
    pub async fn stop(self) {
        self.stopping.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for FaultReceiver {
    fn drop(&mut self) {
        self.stopping.cancel();
        self.shared.ledger.no_longer_at(self.address);
    }
}

impl Shared {
    /// The dial, and what the next request is in for by it.
    pub(super) fn take_turn(&self) -> (Arc<Dial>, Turn) {
        let mut set = self.set();
        let turn = set.dial.turn(set.turns);
        set.turns += 1;
        (Arc::clone(&set.dial), turn)
    }

    /// Notes a request.
    pub(super) fn note(&self, row: Received) {
        self.log().push(row);
        self.noted.send_modify(|noted| *noted += 1);
    }

    /// Waits by the clock.
    pub(super) async fn wait(&self, time: Duration) {
        self.clock.sleep_until(self.clock.now().plus(time)).await;
    }

    fn set(&self) -> MutexGuard<'_, Set> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn accept(shared: Arc<Shared>, listener: TcpListener, stopping: CancellationToken, tasks: TaskTracker) {
    let room = Arc::new(Semaphore::new(shared.limits.connections));
    loop {
        let accept = async {
            // The semaphore is never closed.
            let place = Arc::clone(&room).acquire_owned().await.ok();
            (place, listener.accept().await)
        };
        let Some((place, accepted)) = stopping.run_until_cancelled(accept).await else { return };
        match accepted {
            Ok((stream, _)) => {
                let (shared, stopping) = (Arc::clone(&shared), stopping.clone());
                tasks.spawn(async move {
                    stopping.run_until_cancelled(connection::serve(shared, stream)).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(REST).await;
            }
        }
    }
}
