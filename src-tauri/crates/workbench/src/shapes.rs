//! What bodies look like, and how captured requests differ from that.

use std::collections::HashMap;

use bytes::Bytes;
use hookbench_model::{
    DriftId, DriftKinds, HeaderPairs, HeaderValue, KeptDrift, KnownShape, LARGEST_LEARNT, Page, PageRequest,
    RequestId, Shape, ShapeField, ShapeId,
};
use hookbench_signing::unpacked;
use hookbench_store::{DriftFilter, StoredShape};
use serde_json::Value;

use crate::Workbench;
use crate::aside::aside;
use crate::error::{Result, WorkbenchError};

/// A shape as it is shown.
#[derive(Clone, Debug)]
pub struct ShapeSeen {
    /// What is known of it.
    pub known: KnownShape,
    /// Its places, each before what is below it, with examples from the newest request where that is still there.
    pub fields: Vec<ShapeField>,
}

/// A drift as it is shown.
#[derive(Clone, Debug)]
pub struct DriftSeen {
    /// The drift.
    pub kept: KeptDrift,
    /// How many bodies have differed so since, the first one among them; `None` where that is not counted.
    pub times: Option<u64>,
}

impl Workbench {
    /// All shapes, those that were seen last first.
    pub async fn shapes(&self) -> Result<Vec<KnownShape>> {
        Ok(self.store().shapes().list().await?)
    }

    /// One shape.
    pub async fn shape(&self, id: ShapeId) -> Result<ShapeSeen> {
        let StoredShape { known, shape, last_request } = self.stored_shape(id).await?;
        let request = self.store().requests().get(last_request).await?;
        let body = self.store().requests().body(last_request).await?;
        let example = request.map(|request| request.headers).zip(body);
        let bytes = example.as_ref().map_or(0, |(_, body)| body.len());
        let fields = aside(bytes, move || {
            let example = example.and_then(|(headers, body)| json_of(&headers, &body));
            shape.outline(example.as_ref())
        });
        Ok(ShapeSeen { known, fields: fields.await? })
    }

    /// One shape as JSON Schema, draft 2020-12, called as its event type is.
    pub async fn shape_schema(&self, id: ShapeId) -> Result<Value> {
        let StoredShape { known, shape, .. } = self.stored_shape(id).await?;
        Ok(shape.schema(known.event_type.as_deref()))
    }

    /// Forgets a shape and the drifts from it. What comes from now on is learnt anew.
    pub async fn forget_shape(&self, id: ShapeId) -> Result<()> {
        Ok(self.store().shapes().forget(id).await?)
    }

    /// A page of the drifts, newest first.
    pub async fn drifts(
        &self,
        filter: DriftFilter,
        page: PageRequest<DriftId>,
    ) -> Result<Page<DriftSeen, DriftId>> {
        let page = self.store().shapes().drifts(&filter, page).await?;
        let mut ids: Vec<ShapeId> = page.rows.iter().map(|kept| kept.shape_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let trees = self.store().shapes().trees(&ids).await?;
        let outlines: HashMap<ShapeId, HashMap<String, ShapeField>> =
            trees.iter().map(|(id, shape)| (*id, by_path(shape))).collect();
        let times =
            |kept: &KeptDrift| outlines.get(&kept.shape_id)?.get(&kept.drift.path)?.times(&kept.drift);
        Ok(page.map(|kept| DriftSeen { times: times(&kept), kept }))
    }

    /// How a captured request differed from what was known before it.
    pub async fn drift_of_request(&self, id: RequestId) -> Result<Vec<DriftSeen>> {
        let filter = DriftFilter { request_id: Some(id), ..DriftFilter::default() };
        // The ids of one request's drifts are in the order in which they were found.
        let mut rows = self.drifts(filter, PageRequest::first(PageRequest::<DriftId>::MAX_LIMIT)).await?.rows;
        rows.reverse();
        Ok(rows)
    }

    /// The kinds of drift that these captured requests have; those that have none are left out.
    pub async fn drift_kinds(&self, ids: &[RequestId]) -> Result<HashMap<RequestId, DriftKinds>> {
        Ok(self.store().shapes().kinds_of(ids).await?)
    }

    async fn stored_shape(&self, id: ShapeId) -> Result<StoredShape> {
        let found = self.store().shapes().get(id).await?;
        found.ok_or_else(|| WorkbenchError::not_found("shape", id))
    }
}

fn by_path(shape: &Shape) -> HashMap<String, ShapeField> {
    shape.outline(None).into_iter().map(|field| (field.path.clone(), field)).collect()
}

/// The object or the array that a body is, once it is unpacked; `None` where it is neither, or too large.
pub(crate) fn json_of(headers: &HeaderPairs, body: &Bytes) -> Option<Value> {
    let said: Vec<_> = headers.get_all("content-encoding").filter_map(HeaderValue::as_str).collect();
    let found = unpacked(body, &said.join(","), LARGEST_LEARNT);
    let is_whole = found.ending == hookbench_signing::Ending::Whole;
    let first = found.bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    let is_composed = matches!(first, Some(b'{' | b'['));
    if is_whole && is_composed { serde_json::from_slice(&found.bytes).ok() } else { None }
}
