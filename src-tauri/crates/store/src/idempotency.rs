use hookbench_model::Timestamp;

use crate::{Result, Store};

/// Answers kept for calls that are repeated with the same key.
#[derive(Clone, Debug)]
pub struct Idempotency {
    pub(crate) store: Store,
}

/// The answer kept for a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// The key that the caller gave.
    pub key: String,
    /// Which call it was for: method and path.
    pub scope: String,
    /// A digest of the body that the call had: the same key with another body is a mistake.
    pub fingerprint: Vec<u8>,
    /// The status that was answered.
    pub status: u16,
    /// The body that was answered.
    pub response: Vec<u8>,
    /// When.
    pub created_at: Timestamp,
}

impl IdempotencyRecord {
    /// How long a record is kept, in milliseconds: 24 hours.
    pub const KEPT_MS: i64 = 24 * 3600 * 1000;
}

impl Idempotency {
    /// The answer that is kept for a key, unless it has expired by `now`.
    pub async fn find(&self, key: &str, scope: &str, now: Timestamp) -> Result<Option<IdempotencyRecord>> {
        let _ = (key, scope, now);
        unimplemented!()
    }

    /// Keeps an answer; `Conflict` on `idempotency_key` where one is kept already.
    pub async fn put(&self, record: IdempotencyRecord) -> Result<()> {
        let _ = record;
        unimplemented!()
    }
}
