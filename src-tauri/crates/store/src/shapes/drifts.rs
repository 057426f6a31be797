use std::collections::HashMap;

use hookbench_model::{
    Drift, DriftId, DriftKind, DriftKinds, JsonType, KeptDrift, Page, PageRequest, RequestId, ShapeId,
    Timestamp,
};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite};

use super::Shapes;
use super::row::read_source;
use crate::codes::Coded as _;
use crate::columns::{Columns, hex_ids};
use crate::query::limit;
use crate::{Result, StoreError};

/// Which drifts; all conditions hold together.
#[derive(Clone, Copy, Debug, Default)]
pub struct DriftFilter {
    /// From that shape.
    pub shape_id: Option<ShapeId>,
    /// Of that captured request.
    pub request_id: Option<RequestId>,
    /// Found at or after.
    pub since: Option<Timestamp>,
}

const SELECT: &str = "SELECT d.id, r.id, r.received_at, s.id, s.provider, s.inbox, s.event_type, d.kind, d.path, d.was, \
                      d.type_now FROM drifts d JOIN requests r ON r.seq = d.request_seq \
                      JOIN shapes s ON s.seq = d.shape_seq WHERE 1";

impl Shapes {
    /// A page of the drifts, newest first.
    pub async fn drifts(
        &self,
        filter: &DriftFilter,
        page: PageRequest<DriftId>,
    ) -> Result<Page<KeptDrift, DriftId>> {
        let limit = limit(&page);
        let mut query: QueryBuilder<Sqlite> = QueryBuilder::new(SELECT);
        if let Some(shape) = filter.shape_id {
            query.push(" AND d.shape_seq = (SELECT seq FROM shapes WHERE id = ");
            query.push_bind(shape.as_bytes().to_vec()).push(")");
        }
        if let Some(request) = filter.request_id {
            query.push(" AND d.request_seq = (SELECT seq FROM requests WHERE id = ");
            query.push_bind(request.as_bytes().to_vec()).push(")");
        }
        if let Some(since) = filter.since {
            query.push(" AND d.id >= ").push_bind(DriftId::lowest_at(since).as_bytes().to_vec());
        }
        if let Some(before) = page.before {
            query.push(" AND d.id < ").push_bind(before.as_bytes().to_vec());
        }
        query.push(" ORDER BY d.id DESC LIMIT ").push_bind(i64::from(limit) + 1);
        let found = query.build().fetch_all(self.store.readers()).await?;
        let mut rows: Vec<KeptDrift> = found.iter().map(read).collect::<Result<_>>()?;
        let has_more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = rows.last().map(|last| last.id).filter(|_| has_more);
        Ok(Page { rows, next })
    }

    /// The kinds of drift that these captured requests have; those that have none are left out.
    pub async fn kinds_of(&self, requests: &[RequestId]) -> Result<HashMap<RequestId, DriftKinds>> {
        const KINDS: &str = "SELECT DISTINCT r.id, d.kind FROM requests r JOIN drifts d ON d.request_seq = r.seq \
                             WHERE r.id IN (SELECT unhex(value) FROM json_each(?))";
        let ids = hex_ids(requests.iter().map(RequestId::as_bytes))?;
        let rows = sqlx::query(KINDS).bind(ids).fetch_all(self.store.readers()).await?;
        let mut kinds: HashMap<RequestId, DriftKinds> = HashMap::new();
        for row in &rows {
            let mut columns = Columns::new(row);
            let known = kinds.entry(RequestId::from_bytes(columns.id()?)).or_default();
            *known = known.with(columns.coded()?);
        }
        Ok(kinds)
    }
}

fn read(row: &SqliteRow) -> Result<KeptDrift> {
    let mut columns = Columns::new(row);
    Ok(KeptDrift {
        id: DriftId::from_bytes(columns.id()?),
        request_id: RequestId::from_bytes(columns.id()?),
        received_at: columns.time()?,
        shape_id: ShapeId::from_bytes(columns.id()?),
        source: read_source(&mut columns)?,
        event_type: columns.get()?,
        drift: Drift {
            kind: DriftKind::from_code(columns.get()?)?,
            path: columns.get()?,
            was: columns.json()?,
            is: columns.get::<Option<&str>>()?.map(named).transpose()?,
        },
    })
}

fn named(name: &str) -> Result<JsonType> {
    let found = JsonType::ALL.into_iter().find(|kind| kind.as_str() == name);
    found.ok_or_else(|| StoreError::corrupt("an unknown JsonType"))
}
