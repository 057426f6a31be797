use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::{Result, StoreError};

/// How many turns others have before the last transaction that goes through is committed.
const TURNS: usize = 32;

/// How many rows a step of what takes several transactions has behind a gate: so few that a simulation's few deliveries
/// take some.
pub(crate) const STEP: usize = 2;

/// Lets so many more transactions through and refuses every later one, as if the process had ended between two: for
/// tests that crash on purpose. Or refuses them for a while, as a full disk does. It is open until it is told otherwise.
/// What counts are transactions that change something that is told: how often the engine looks in vain hangs on how
/// threads take turns. A cheap clone.
#[derive(Clone, Debug, Default)]
pub struct WriteGate(Arc<Gate>);

#[derive(Debug, Default)]
struct Gate {
    /// How many transactions have been begun.
    begun: AtomicU64,
    /// How many that change something have gone through.
    passed: AtomicU64,
    /// How many of those go through before it shuts.
    most: AtomicU64,
    limited: AtomicBool,
    full: AtomicBool,
    /// How many have been refused.
    refused: AtomicU64,
}

impl WriteGate {
    /// Lets so many more transactions through, and no other.
    pub fn shut_after(&self, more: u64) {
        self.0.most.store(self.passed() + more, Ordering::SeqCst);
        self.0.limited.store(true, Ordering::SeqCst);
    }

    /// Lets no transaction through until it is told that there is room again, as on a full disk.
    pub fn fill(&self) {
        self.0.full.store(true, Ordering::SeqCst);
    }

    /// There is room again.
    pub fn make_room(&self) {
        self.0.full.store(false, Ordering::SeqCst);
    }

    /// How many transactions have been begun, whatever they change.
    pub fn begun(&self) -> u64 {
        self.0.begun.load(Ordering::SeqCst)
    }

    /// How many transactions have gone through.
    pub fn passed(&self) -> u64 {
        self.0.passed.load(Ordering::SeqCst)
    }

    /// Whether the last transaction that goes through is being committed, or is.
    pub fn is_shut(&self) -> bool {
        self.0.limited.load(Ordering::SeqCst) && self.passed() >= self.0.most.load(Ordering::SeqCst)
    }

    /// Whether a transaction has been refused.
    pub fn has_refused(&self) -> bool {
        self.refused() > 0
    }

    /// How many transactions have been refused.
    pub fn refused(&self) -> u64 {
        self.0.refused.load(Ordering::SeqCst)
    }

    /// A transaction begins.
    pub(crate) fn begins(&self) {
        self.0.begun.fetch_add(1, Ordering::SeqCst);
    }

    /// A transaction that changes something is to be committed.
    pub(crate) async fn pass(&self) -> Result<()> {
        if self.is_shut() {
            self.0.refused.fetch_add(1, Ordering::SeqCst);
            return Err(StoreError::Closed);
        }
        if self.0.full.load(Ordering::SeqCst) {
            self.0.refused.fetch_add(1, Ordering::SeqCst);
            return Err(StoreError::Full);
        }
        self.0.passed.fetch_add(1, Ordering::SeqCst);
        if self.is_shut() {
            // Whoever waits for this to crash has a turn before anybody is answered.
            for _ in 0..TURNS {
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }
}
