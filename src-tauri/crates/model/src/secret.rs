use hookbench_signing::Secret;

use crate::Timestamp;

/// A signing secret of an endpoint or an inbox, with the time over which it holds.
#[derive(Clone, Debug)]
pub struct StoredSecret {
    /// The secret itself; its `Debug` form shows nothing of it.
    pub secret: Secret,
    /// Since when it holds.
    pub created_at: Timestamp,
    /// When it stops to sign and to verify; `None` for the current one.
    pub expires_at: Option<Timestamp>,
}

impl StoredSecret {
    /// Whether it still signs and verifies.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}
