use hookbench_model::Timestamp;

use crate::{Result, Store};

/// Retention and housekeeping. Works a part at a time, so that other writes get their turn.
#[derive(Clone, Debug)]
pub struct Maintenance {
    pub(crate) store: Store,
}

/// What retention removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Captured requests.
    pub requests: u64,
    /// Deliveries, with their attempts.
    pub deliveries: u64,
    /// Events without any delivery left.
    pub events: u64,
    /// Kept answers that had expired.
    pub idempotency: u64,
}

impl Maintenance {
    /// Removes what the inboxes' retention, the settings and the 24 hours of kept answers no longer hold.
    pub async fn purge(&self, now: Timestamp) -> Result<Purged> {
        let _ = now;
        unimplemented!()
    }

    /// Refreshes what the query planner knows and gives free space back to the file system.
    pub async fn optimize(&self) -> Result<()> {
        unimplemented!()
    }
}
