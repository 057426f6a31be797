use futures::FutureExt as _;
use hookbench_model::{
    Action, FoundDrift, JsonType, Noun, RequestId, Shape, ShapeId, ShapeSource, Timestamp,
};

use super::row::source_columns;
use super::{Drifted, Shapes, remove};
use crate::codes::Coded as _;
use crate::columns::{signed, to_json};
use crate::writer::Write;
use crate::{Result, StoreError};

/// The most shapes: the one that was seen longest ago gives way.
const MOST_SHAPES: i64 = 1000;
/// The most drifts: the oldest give way.
const MOST_DRIFTS: i64 = 20_000;

/// What was learnt from [arrived](super::Arrived) requests.
#[derive(Clone, Debug)]
pub struct Learnt {
    /// The key of the last that was looked at.
    pub last: i64,
    /// The shapes as they are now.
    pub shapes: Vec<LearntShape>,
}

/// A shape that has learnt.
#[derive(Clone, Debug)]
pub struct LearntShape {
    /// Its id.
    pub id: ShapeId,
    /// Whether it is new.
    pub is_new: bool,
    /// Whose bodies it describes.
    pub source: ShapeSource,
    /// The event type.
    pub event_type: Option<String>,
    /// What was learnt.
    pub shape: Shape,
    /// When the first of its bodies was received.
    pub first_seen_at: Timestamp,
    /// When the newest was.
    pub last_seen_at: Timestamp,
    /// The captured request that this was.
    pub last_request: RequestId,
    /// How requests differed from what was known before them.
    pub drifts: Vec<(Drifted, Vec<FoundDrift>)>,
}

impl Shapes {
    /// Writes what was learnt, and that it was: nothing is learnt from twice. A shape that was forgotten meanwhile stays
    /// so.
    pub async fn learnt(&self, learnt: Learnt) -> Result<()> {
        self.store.writer().run(move |write| put_all(write, learnt).boxed()).await
    }
}

async fn put_all(write: &mut Write, learnt: Learnt) -> Result<()> {
    // Of requests that were deleted meanwhile the keys may be given again.
    const MARK: &str = "UPDATE shape_mark SET seq = min(?, (SELECT coalesce(max(seq), 0) FROM requests))";
    const OLD: &str = "DELETE FROM drifts WHERE seq <= (SELECT max(seq) FROM drifts) - ?";
    sqlx::query(MARK).bind(learnt.last).execute(write.connection().await?).await?;
    let mut drifted = false;
    for shape in learnt.shapes {
        let Some(seq) = put(write, &shape).await? else { continue };
        for (request, drifts) in &shape.drifts {
            drifted |= !drifts.is_empty();
            put_drifts(write, seq, request, drifts).await?;
        }
        let action = if shape.is_new { Action::Created } else { Action::Updated };
        write.changed(Noun::Shape, action, shape.id, None, None);
    }
    if drifted {
        sqlx::query(OLD).bind(MOST_DRIFTS).execute(write.connection().await?).await?;
    }
    Ok(())
}

/// Writes a shape; gives its key, or `None` where it was forgotten meanwhile, or its inbox was deleted.
async fn put(write: &mut Write, learnt: &LearntShape) -> Result<Option<i64>> {
    const UPDATE: &str = "UPDATE shapes SET tree = ?2, bodies = ?3, places = ?4, last_seen_at = ?5, last_request = ?6 \
                          WHERE id = ?1 RETURNING seq";
    const INSERT: &str = "INSERT INTO shapes (id, tree, bodies, places, last_seen_at, last_request, provider, inbox, \
                          event_type, first_seen_at) SELECT ?1,?2,?3,?4,?5,?6,?7,?8,?9,?10 \
                          WHERE ?8 IS NULL OR EXISTS (SELECT 1 FROM inboxes WHERE id = ?8) RETURNING seq";
    if learnt.is_new {
        make_room(write).await?;
    }
    let places = i64::try_from(learnt.shape.places()).unwrap_or(i64::MAX);
    let put = sqlx::query_scalar(if learnt.is_new { INSERT } else { UPDATE })
        .bind(learnt.id.as_bytes().to_vec())
        .bind(to_json(&learnt.shape)?)
        .bind(signed(learnt.shape.bodies()))
        .bind(places)
        .bind(learnt.last_seen_at.unix_ms())
        .bind(learnt.last_request.as_bytes().to_vec());
    let put = if learnt.is_new {
        let (provider, inbox) = source_columns(&learnt.source);
        let first = learnt.first_seen_at.unix_ms();
        put.bind(provider).bind(inbox).bind(learnt.event_type.clone()).bind(first)
    } else {
        put
    };
    Ok(put.fetch_optional(write.connection().await?).await?)
}

async fn make_room(write: &mut Write) -> Result<()> {
    const TOO_MANY: &str = "SELECT seq, id FROM shapes WHERE (SELECT count(*) FROM shapes) >= ? \
                            ORDER BY last_seen_at LIMIT 1";
    let found = sqlx::query_as(TOO_MANY).bind(MOST_SHAPES);
    let oldest: Option<(i64, Vec<u8>)> = found.fetch_optional(write.connection().await?).await?;
    let Some((seq, id)) = oldest else { return Ok(()) };
    let id = id.try_into().map_err(|_| StoreError::corrupt("an id that has not 16 bytes"))?;
    remove(write, seq, ShapeId::from_bytes(id)).await
}

/// Writes the drifts of a request, unless that is gone.
async fn put_drifts(write: &mut Write, shape: i64, request: &Drifted, drifts: &[FoundDrift]) -> Result<()> {
    const INSERT: &str = "INSERT INTO drifts (id, request_seq, shape_seq, kind, path, was, type_now) \
                          SELECT ?1, seq, ?3, ?4, ?5, ?6, ?7 FROM requests WHERE seq = ?2 AND id = ?8";
    let mut written = 0;
    for FoundDrift { id, drift } in drifts {
        let insert = sqlx::query(INSERT)
            .bind(id.as_bytes().to_vec())
            .bind(request.seq)
            .bind(shape)
            .bind(drift.kind.code())
            .bind(drift.path.clone())
            .bind(to_json(&drift.was)?)
            .bind(drift.is.map(JsonType::as_str))
            .bind(request.id.as_bytes().to_vec());
        written += insert.execute(write.connection().await?).await?.rows_affected();
    }
    if written > 0 {
        let (inbox, status) = (request.inbox_id.to_string(), request.verification.as_str());
        write.changed(Noun::Request, Action::Updated, request.id, Some(inbox), Some(status));
    }
    Ok(())
}
