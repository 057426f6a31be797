use hookbench_model::{InboxId, KnownShape, ProviderId, RequestId, ShapeId, ShapeSource};
use sqlx::sqlite::SqliteRow;

use super::StoredShape;
use crate::columns::Columns;
use crate::{Result, StoreError};

macro_rules! select {
    ($more:literal, $rest:literal) => {
        concat!(
            "SELECT id, provider, inbox, event_type, bodies, places, first_seen_at, last_seen_at, ",
            "(SELECT count(*) FROM drifts d WHERE d.shape_seq = shapes.seq), ",
            "(SELECT r.received_at FROM drifts d JOIN requests r ON r.seq = d.request_seq ",
            "WHERE d.shape_seq = shapes.seq ORDER BY d.id DESC LIMIT 1)",
            $more,
            " FROM shapes ",
            $rest
        )
    };
}

pub(super) const ALL: &str = select!("", "ORDER BY last_seen_at DESC, seq DESC");
pub(super) const BY_ID: &str = select!(", tree, last_request", "WHERE id = ?");
pub(super) const BY_KEY: &str =
    select!(", tree, last_request", "WHERE provider IS ? AND inbox IS ? AND event_type IS ?");

/// The two columns that say whose bodies a shape describes.
pub(super) fn source_columns(source: &ShapeSource) -> (Option<String>, Option<Vec<u8>>) {
    match source {
        ShapeSource::Provider(provider) => (Some(provider.as_str().to_owned()), None),
        ShapeSource::Inbox(inbox) => (None, Some(inbox.as_bytes().to_vec())),
    }
}

pub(super) fn read_source(columns: &mut Columns<'_>) -> Result<ShapeSource> {
    let provider: Option<ProviderId> = columns.parsed_or_none()?;
    let inbox = columns.id_or_none()?.map(InboxId::from_bytes);
    match (provider, inbox) {
        (Some(provider), _) => Ok(ShapeSource::Provider(provider)),
        (None, Some(inbox)) => Ok(ShapeSource::Inbox(inbox)),
        (None, None) => Err(StoreError::corrupt("a shape of nobody's bodies")),
    }
}

pub(super) fn read(row: &SqliteRow) -> Result<KnownShape> {
    read_known(&mut Columns::new(row))
}

fn read_known(columns: &mut Columns<'_>) -> Result<KnownShape> {
    Ok(KnownShape {
        id: ShapeId::from_bytes(columns.id()?),
        source: read_source(columns)?,
        event_type: columns.get()?,
        bodies: columns.count()?,
        places: columns.count()?,
        first_seen_at: columns.time()?,
        last_seen_at: columns.time()?,
        drifts: columns.count()?,
        last_drift_at: columns.time_or_none()?,
    })
}

pub(super) fn read_whole(row: &SqliteRow) -> Result<StoredShape> {
    let mut columns = Columns::new(row);
    Ok(StoredShape {
        known: read_known(&mut columns)?,
        shape: columns.json()?,
        last_request: RequestId::from_bytes(columns.id()?),
    })
}
