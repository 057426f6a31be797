use std::fmt;

use hookbench_model::Timestamp;

use crate::columns::Columns;
use crate::vault::Vault;
use crate::writer::Write;
use crate::{Result, Store, StoreError};

/// Answers kept for calls that are repeated with the same key.
#[derive(Clone, Debug)]
pub struct Idempotency {
    pub(crate) store: Store,
}

/// The answer kept for a call.
#[derive(Clone, PartialEq, Eq)]
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
    /// Whether a secret is in it: it is kept encrypted then.
    pub holds_secret: bool,
    /// When.
    pub created_at: Timestamp,
}

/// Without the answer: that to the making of an endpoint holds its secret.
impl fmt::Debug for IdempotencyRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdempotencyRecord")
            .field("key", &self.key)
            .field("scope", &self.scope)
            .field("status", &self.status)
            .field("created_at", &self.created_at)
            .finish_non_exhaustive()
    }
}

impl IdempotencyRecord {
    /// How long a record is kept, in milliseconds: 24 hours.
    pub const KEPT_MS: i64 = 24 * 3600 * 1000;

    /// What the answer is sealed for.
    fn place(&self) -> Vec<u8> {
        [&b"idempotency"[..], b"\0", self.key.as_bytes(), b"\0", self.scope.as_bytes()].concat()
    }

    /// The answer as it is kept.
    fn kept(&self, vault: &Vault) -> Result<Vec<u8>> {
        if !self.holds_secret {
            return Ok(self.response.clone());
        }
        let sealed = vault.seal(&self.place(), &self.response)?;
        Ok([&[SEALED][..], &sealed].concat())
    }
}

/// Begins an answer that is encrypted: none of JSON begins so.
const SEALED: u8 = 0xff;

impl Idempotency {
    /// The answer that is kept for a key, unless it has expired by `now`.
    pub async fn find(&self, key: &str, scope: &str, now: Timestamp) -> Result<Option<IdempotencyRecord>> {
        const FIND: &str = "SELECT key, scope, fingerprint, status, response, created_at FROM idempotency \
                            WHERE key = ? AND scope = ? AND created_at > ?";
        let query = sqlx::query(FIND).bind(key).bind(scope).bind(expired_by(now));
        let found = query.fetch_optional(self.store.readers()).await?;
        let read = |row| {
            let mut columns = Columns::new(&row);
            let mut record = IdempotencyRecord {
                key: columns.get()?,
                scope: columns.get()?,
                fingerprint: columns.get()?,
                status: columns.number()?,
                response: columns.get()?,
                holds_secret: false,
                created_at: columns.time()?,
            };
            if let Some((&SEALED, sealed)) = record.response.split_first() {
                let opened = self.store.vault().open(&record.place(), sealed)?;
                (record.response, record.holds_secret) = (opened.to_vec(), true);
            }
            Ok(record)
        };
        found.map(read).transpose()
    }

    /// Keeps an answer; `Conflict` on `idempotency_key` where one is kept already.
    pub async fn put(&self, record: IdempotencyRecord) -> Result<()> {
        use futures::FutureExt as _;
        self.store.writer().run(move |write| async move { put(write, &record).await }.boxed()).await
    }
}

/// What was made up to then has expired.
pub(crate) fn expired_by(now: Timestamp) -> i64 {
    now.plus_ms(-IdempotencyRecord::KEPT_MS).unix_ms()
}

/// Keeps an answer in the place of one that has expired; `Conflict` where one holds.
pub(crate) async fn put(write: &mut Write, record: &IdempotencyRecord) -> Result<()> {
    const PUT: &str = "INSERT INTO idempotency (key, scope, fingerprint, status, response, created_at) \
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET \
                       fingerprint = ?3, status = ?4, response = ?5, created_at = ?6 WHERE created_at <= ?7";
    let put = sqlx::query(PUT)
        .bind(record.key.clone())
        .bind(record.scope.clone())
        .bind(record.fingerprint.clone())
        .bind(i64::from(record.status))
        .bind(record.kept(&write.vault)?)
        .bind(record.created_at.unix_ms())
        .bind(expired_by(record.created_at));
    if put.execute(write.connection().await?).await?.rows_affected() == 0 {
        let message = "this idempotency key has been used already".to_owned();
        return Err(StoreError::Conflict { field: "idempotency_key", message });
    }
    Ok(())
}
