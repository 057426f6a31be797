//! What bodies look like, and where captured requests differ from that.

mod arrived;
mod drifts;
mod learnt;
mod row;

use futures::FutureExt as _;
use hookbench_model::{
    Action, InboxId, KnownShape, Noun, RequestId, Shape, ShapeId, ShapeSource, Timestamp, VerificationStatus,
};

pub use arrived::{Arrived, ArrivedRequest};
pub use drifts::DriftFilter;
pub use learnt::{Learnt, LearntShape};

use crate::columns::{from_json, hex_ids};
use crate::writer::Write;
use crate::{Result, Store, StoreError};

/// Shapes, and the drifts from them.
#[derive(Clone, Debug)]
pub struct Shapes {
    pub(crate) store: Store,
}

/// A shape with what was learnt.
#[derive(Clone, Debug)]
pub struct StoredShape {
    /// What is known of it.
    pub known: KnownShape,
    /// What was learnt.
    pub shape: Shape,
    /// The newest captured request that it was learnt from, which may be gone.
    pub last_request: RequestId,
}

/// A captured request that differs, as it is told.
#[derive(Clone, Copy, Debug)]
pub struct Drifted {
    /// Its key.
    pub seq: i64,
    /// Its id.
    pub id: RequestId,
    /// The inbox that received it.
    pub inbox_id: InboxId,
    /// What checking its signature gave.
    pub verification: VerificationStatus,
    /// When it was received.
    pub received_at: Timestamp,
}

impl Shapes {
    /// All of them, those that were seen last first.
    pub async fn list(&self) -> Result<Vec<KnownShape>> {
        let rows = sqlx::query(row::ALL).fetch_all(self.store.readers()).await?;
        rows.iter().map(row::read).collect()
    }

    /// One of them.
    pub async fn get(&self, id: ShapeId) -> Result<Option<StoredShape>> {
        let found = sqlx::query(row::BY_ID).bind(id.as_bytes().to_vec());
        let row = found.fetch_optional(self.store.readers()).await?;
        row.as_ref().map(row::read_whole).transpose()
    }

    /// The one of that event type.
    pub async fn find(&self, source: &ShapeSource, event_type: Option<&str>) -> Result<Option<StoredShape>> {
        let (provider, inbox) = row::source_columns(source);
        let found = sqlx::query(row::BY_KEY).bind(provider).bind(inbox).bind(event_type);
        let row = found.fetch_optional(self.store.readers()).await?;
        row.as_ref().map(row::read_whole).transpose()
    }

    /// Whether there is one of any event type.
    pub async fn has_any(&self, source: &ShapeSource) -> Result<bool> {
        const ANY: &str = "SELECT EXISTS (SELECT 1 FROM shapes WHERE provider IS ? AND inbox IS ?)";
        let (provider, inbox) = row::source_columns(source);
        let found = sqlx::query_scalar(ANY).bind(provider).bind(inbox);
        Ok(found.fetch_one(self.store.readers()).await?)
    }

    /// What was learnt of these, as far as they are there.
    pub async fn trees(&self, ids: &[ShapeId]) -> Result<Vec<(ShapeId, Shape)>> {
        const TREES: &str = "SELECT id, tree FROM shapes WHERE id IN (SELECT unhex(value) FROM json_each(?))";
        let ids = hex_ids(ids.iter().map(ShapeId::as_bytes))?;
        let rows: Vec<(Vec<u8>, String)> =
            sqlx::query_as(TREES).bind(ids).fetch_all(self.store.readers()).await?;
        let read = |(id, tree): (Vec<u8>, String)| {
            let id = id.try_into().map_err(|_| StoreError::corrupt("an id that has not 16 bytes"))?;
            Ok((ShapeId::from_bytes(id), from_json(&tree)?))
        };
        rows.into_iter().map(read).collect()
    }

    /// Forgets one, and the drifts from it. What comes from now on is learnt anew.
    pub async fn forget(&self, id: ShapeId) -> Result<()> {
        self.store.writer().run(move |write| forget(write, id).boxed()).await
    }
}

async fn forget(write: &mut Write, id: ShapeId) -> Result<()> {
    const SEQ: &str = "SELECT seq FROM shapes WHERE id = ?";
    let found = sqlx::query_scalar(SEQ).bind(id.as_bytes().to_vec());
    let seq: Option<i64> = found.fetch_optional(write.connection().await?).await?;
    let seq = seq.ok_or_else(|| StoreError::not_found(Noun::Shape, id))?;
    remove(write, seq, id).await
}

/// Removes a shape and the drifts from it.
async fn remove(write: &mut Write, seq: i64, id: ShapeId) -> Result<()> {
    const DELETE: &str = "DELETE FROM shapes WHERE seq = ?1; DELETE FROM drifts WHERE shape_seq = ?1";
    sqlx::query(DELETE).bind(seq).execute(write.connection().await?).await?;
    write.changed(Noun::Shape, Action::Deleted, id, None, None);
    Ok(())
}

/// Removes the shapes of an inbox that is deleted.
pub(crate) async fn remove_of_inbox(write: &mut Write, inbox: InboxId) -> Result<()> {
    const OF: &str = "SELECT seq, id FROM shapes WHERE provider IS NULL AND inbox = ?";
    let found = sqlx::query_as(OF).bind(inbox.as_bytes().to_vec());
    let rows: Vec<(i64, Vec<u8>)> = found.fetch_all(write.connection().await?).await?;
    for (seq, id) in rows {
        let id = id.try_into().map_err(|_| StoreError::corrupt("an id that has not 16 bytes"))?;
        remove(write, seq, ShapeId::from_bytes(id)).await?;
    }
    Ok(())
}
