//! What came again: the retries of a request's sender.

use hookbench_model::{CapturedRequest, RequestId};
use sqlx::Row as _;

use super::{Requests, row};
use crate::Result;
use crate::columns::to_json;

/// The most requests that are told of.
const MOST: u32 = 200;
/// How many requests of the inbox are looked at on either side, where nothing but the body tells that it is the same.
const LOOKED_AT: u32 = 2000;
/// The largest body that is compared, in bytes.
const LARGEST: u64 = 1 << 20;

/// By what requests are told to be the same one again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlikeBy {
    /// They are attempts of one delivery of ours.
    Delivery,
    /// They are about the same event of the inbox's provider.
    Event,
    /// They have the same method, path, query and body, and come from the same address.
    Body,
}

impl Requests {
    /// The request and those that are the same one again, oldest first, 200 at most; veiled as lists are.
    pub async fn alike(&self, request: &CapturedRequest) -> Result<(AlikeBy, Vec<CapturedRequest>)> {
        const OF_DELIVERY: &str = "SELECT t.seq FROM requests t JOIN inboxes i ON i.seq = t.inbox_seq \
                                   WHERE t.delivery_id = ?1 AND i.id = ?2 ORDER BY t.id LIMIT ?3";
        const OF_EVENT: &str = "SELECT seq FROM requests WHERE inbox_seq = (SELECT seq FROM inboxes WHERE id = ?2) \
                                AND provider_event_id = ?1 ORDER BY id LIMIT ?3";
        let inbox = request.inbox_id.as_bytes().to_vec();
        let found = match (&request.delivery, &request.provider_event_id) {
            (Some((delivery, _)), _) => {
                let found = sqlx::query(OF_DELIVERY).bind(delivery.as_bytes().to_vec()).bind(inbox);
                (AlikeBy::Delivery, found.bind(MOST).fetch_all(self.store.readers()).await?)
            }
            (None, Some(event)) => {
                let found = sqlx::query(OF_EVENT).bind(event.clone()).bind(inbox);
                (AlikeBy::Event, found.bind(MOST).fetch_all(self.store.readers()).await?)
            }
            (None, None) => return Ok((AlikeBy::Body, self.with_same_body(request).await?)),
        };
        let (by, rows) = found;
        let seqs: Vec<i64> = rows.iter().map(|row| row.try_get(0)).collect::<sqlx::Result<_>>()?;
        Ok((by, self.rows_of(&seqs).await?))
    }

    /// Those near it that differ in nothing but time and port.
    async fn with_same_body(&self, request: &CapturedRequest) -> Result<Vec<CapturedRequest>> {
        const NEAR: &str = "SELECT t.seq FROM requests t WHERE t.seq IN (\
             SELECT seq FROM (SELECT seq FROM requests WHERE inbox_seq = ?1 AND id <= ?2 ORDER BY id DESC LIMIT ?3) \
             UNION ALL \
             SELECT seq FROM (SELECT seq FROM requests WHERE inbox_seq = ?1 AND id > ?2 ORDER BY id LIMIT ?3)) \
             AND t.method = ?4 AND t.path = ?5 AND t.query IS ?6 AND t.body_size = ?7 ORDER BY t.id LIMIT ?8";
        const INBOX: &str = "SELECT seq FROM inboxes WHERE id = ?";
        let inbox: Option<i64> = sqlx::query_scalar(INBOX)
            .bind(request.inbox_id.as_bytes().to_vec())
            .fetch_optional(self.store.readers())
            .await?;
        // The query as it is written, which is as it is shown.
        let query = request.shown.as_ref().map_or(&request.query, |shown| &shown.query);
        let rows = sqlx::query(NEAR)
            .bind(inbox)
            .bind(request.id.as_bytes().to_vec())
            .bind(LOOKED_AT)
            .bind(request.method.clone())
            .bind(request.path.clone())
            .bind(query.clone())
            .bind(crate::columns::signed(request.body_size))
            .bind(MOST)
            .fetch_all(self.store.readers())
            .await?;
        let seqs: Vec<i64> = rows.iter().map(|row| row.try_get(0)).collect::<sqlx::Result<_>>()?;
        let near = self.rows_of(&seqs).await?;
        if request.body_size > LARGEST {
            return Ok(near.into_iter().filter(|other| other.id == request.id).collect());
        }
        let body = self.body(request.id).await?;
        let mut same = Vec::new();
        for other in near.into_iter().filter(|other| address(other) == address(request)) {
            if other.id == request.id || self.body(other.id).await? == body {
                same.push(other);
            }
        }
        Ok(same)
    }

    async fn rows_of(&self, seqs: &[i64]) -> Result<Vec<CapturedRequest>> {
        let rows = sqlx::query(row::BY_SEQS).bind(to_json(&seqs)?).fetch_all(self.store.readers()).await?;
        let read = rows.iter().map(|row| row::read(self.store.vault(), row));
        let mut requests: Vec<CapturedRequest> = read.collect::<Result<_>>()?;
        requests.sort_by_key(|request: &CapturedRequest| -> RequestId { request.id });
        Ok(requests)
    }
}

/// Where it came from, without the port, which is another each time.
fn address(request: &CapturedRequest) -> &str {
    request.remote_addr.rsplit_once(':').map_or(request.remote_addr.as_str(), |(address, _)| address)
}
