use hookbench_store::{IdempotencyRecord, StoreError};

use crate::Workbench;
use crate::error::Result;

impl Workbench {
    /// The answer that is kept for a call with this key, if one is.
    pub async fn kept_answer(&self, key: &str, scope: &str) -> Result<Option<IdempotencyRecord>> {
        Ok(self.store().idempotency().find(key, scope, self.now()).await?)
    }

    /// Keeps an answer for calls that repeat its key. One that is kept already stays.
    pub async fn keep_answer(&self, record: IdempotencyRecord) -> Result<()> {
        match self.store().idempotency().put(record).await {
            Ok(()) | Err(StoreError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
