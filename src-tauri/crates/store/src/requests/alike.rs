//! What came again: the retries of a request's sender.

use hookbench_model::{CapturedRequest, RequestId, Timestamp};
use sqlx::{QueryBuilder, SqliteConnection};

use super::{Requests, row};
use crate::Result;
use crate::columns::to_json;
use crate::query::{Condition, Value, push};

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

/// The times that a request came.
#[derive(Clone, Debug)]
pub struct Alike {
    /// By what they are told to be the same one.
    pub by: AlikeBy,
    /// How many there are, as far as was looked.
    pub total: u64,
    /// How many came before the first of `requests`.
    pub before: u64,
    /// When the first of all came; `None` where none is there any more.
    pub first_at: Option<Timestamp>,
    /// Those nearest to the one that was asked for, itself among them, oldest first and veiled as lists are:
    /// [`Self::MOST`], and where others came before those the last of them too.
    pub requests: Vec<CapturedRequest>,
}

impl Alike {
    /// The most requests that are told of.
    pub const MOST: usize = 200;
}

/// A request by its key and its id.
type Place = (i64, Vec<u8>);

impl Requests {
    /// The request and those that are the same one again.
    pub async fn alike(&self, request: &CapturedRequest) -> Result<Alike> {
        match (&request.delivery, &request.provider_event_id) {
            (Some((delivery, _)), _) => {
                let delivery = Value::Bytes(delivery.as_bytes().to_vec());
                self.with(request, AlikeBy::Delivery, "t.delivery_id", delivery).await
            }
            (None, Some(event)) => {
                self.with(request, AlikeBy::Event, "t.provider_event_id", Value::Text(event.clone())).await
            }
            (None, None) => self.with_same_body(request).await,
        }
    }

    /// Those of its inbox that have the same in that column.
    async fn with(
        &self,
        request: &CapturedRequest,
        by: AlikeBy,
        column: &'static str,
        value: Value,
    ) -> Result<Alike> {
        const OF_INBOX: &str = " = ? AND t.inbox_seq = (SELECT seq FROM inboxes WHERE id = ?) AND t.id ";
        let inbox = Value::Bytes(request.inbox_id.as_bytes().to_vec());
        let wanted = |compares: &str, id: &[u8]| {
            let values = vec![value.clone(), inbox.clone(), Value::Bytes(id.to_vec())];
            Condition::written([column, OF_INBOX, compares].concat(), values)
        };
        let connection = &mut *self.store.readers().acquire().await?;
        let mut places: Vec<Place> = Vec::new();
        for (compares, order) in [("<= ?", " ORDER BY t.id DESC LIMIT "), ("> ?", " ORDER BY t.id LIMIT ")] {
            let mut query = QueryBuilder::new("SELECT t.seq, t.id FROM requests t WHERE ");
            push(&mut query, &wanted(compares, request.id.as_bytes()));
            query.push(order).push_bind(i64::try_from(Alike::MOST).unwrap_or(i64::MAX) + 1);
            places.extend(query.build_query_as::<Place>().fetch_all(&mut *connection).await?);
        }
        let near = nearest(places, request.id);
        let first = near.first().map_or_else(|| request.id.as_bytes().to_vec(), |(_, id)| id.clone());
        let mut query = QueryBuilder::new("SELECT (SELECT count(*) FROM requests t WHERE ");
        push(&mut query, &wanted(">= ?", &first));
        query.push("), (SELECT count(*) FROM requests t WHERE ");
        push(&mut query, &wanted("< ?", &first));
        query.push("), (SELECT t.received_at FROM requests t WHERE ");
        push(&mut query, &wanted("< ?", &first));
        query.push(" ORDER BY t.id LIMIT 1)");
        let (from, before, first_at): (i64, i64, Option<i64>) =
            query.build_query_as().fetch_one(&mut *connection).await?;
        let seqs: Vec<i64> = near.into_iter().map(|(seq, _)| seq).collect();
        let requests = self.rows_of(connection, &seqs).await?;
        let first_at = first_at.map(Timestamp::from_unix_ms);
        Ok(Alike {
            by,
            total: u64::try_from(from + before).unwrap_or(0),
            before: u64::try_from(before).unwrap_or(0),
            first_at: first_at.or_else(|| requests.first().map(|request| request.received_at)),
            requests,
        })
    }

    /// Those near it that differ in nothing but time and port.
    async fn with_same_body(&self, request: &CapturedRequest) -> Result<Alike> {
        const NEAR: &str = "SELECT t.seq, t.id FROM requests t WHERE t.seq IN (\
             SELECT seq FROM (SELECT seq FROM requests WHERE inbox_seq = ?1 AND id <= ?2 ORDER BY id DESC LIMIT ?3) \
             UNION ALL \
             SELECT seq FROM (SELECT seq FROM requests WHERE inbox_seq = ?1 AND id > ?2 ORDER BY id LIMIT ?3)) \
             AND t.method = ?4 AND t.path = ?5 AND t.query IS ?6 AND t.body_size = ?7";
        const INBOX: &str = "SELECT seq FROM inboxes WHERE id = ?";
        let inbox: Option<i64> = sqlx::query_scalar(INBOX)
            .bind(request.inbox_id.as_bytes().to_vec())
            .fetch_optional(self.store.readers())
            .await?;
        // The query as it is written, which is as it is shown.
        let query = request.shown.as_ref().map_or(&request.query, |shown| &shown.query);
        let places = sqlx::query_as::<_, Place>(NEAR)
            .bind(inbox)
            .bind(request.id.as_bytes().to_vec())
            .bind(LOOKED_AT)
            .bind(request.method.clone())
            .bind(request.path.clone())
            .bind(query.clone())
            .bind(crate::columns::signed(request.body_size))
            .fetch_all(self.store.readers())
            .await?;
        let mut near = nearest(places, request.id);
        near.drain(..near.len().saturating_sub(Alike::MOST));
        let seqs: Vec<i64> = near.into_iter().map(|(seq, _)| seq).collect();
        let mut requests = self.rows_of(&mut *self.store.readers().acquire().await?, &seqs).await?;
        if request.body_size > LARGEST {
            requests.retain(|other| other.id == request.id);
        } else {
            let (body, mut same) = (self.body(request.id).await?, Vec::new());
            for other in requests.into_iter().filter(|other| address(other) == address(request)) {
                if other.id == request.id || self.body(other.id).await? == body {
                    same.push(other);
                }
            }
            requests = same;
        }
        Ok(Alike {
            by: AlikeBy::Body,
            total: requests.len() as u64,
            before: 0,
            first_at: requests.first().map(|request| request.received_at),
            requests,
        })
    }

    async fn rows_of(&self, connection: &mut SqliteConnection, seqs: &[i64]) -> Result<Vec<CapturedRequest>> {
        let rows = sqlx::query(row::BY_SEQS).bind(to_json(&seqs)?).fetch_all(connection).await?;
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

/// Of these the ones about the middle of which that one is, oldest first: as many as are told of, and the one before them.
fn nearest(mut places: Vec<Place>, of: RequestId) -> Vec<Place> {
    const MOST: usize = Alike::MOST;
    places.sort_unstable_by(|(_, one), (_, other)| one.cmp(other));
    let at = places.partition_point(|(_, id)| id.as_slice() < of.as_bytes().as_slice());
    let start = at.saturating_sub(MOST / 2).min(places.len().saturating_sub(MOST));
    places.truncate(start + MOST);
    places.drain(..start.saturating_sub(1));
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_the_nearest_on_either_side_are_told_and_the_one_before_them() {
        let id = |number: i64| RequestId::from_bytes(u128::try_from(number).unwrap().to_be_bytes());
        let told = |count: i64, of: i64| {
            let places = (0..count).rev().map(|seq| (seq, id(seq).as_bytes().to_vec())).collect();
            let near = nearest(places, id(of));
            assert!(near.windows(2).all(|two| two[0].0 + 1 == two[1].0));
            near.first().unwrap().0..=near.last().unwrap().0
        };
        assert_eq!(told(5, 3), 0..=4);
        assert_eq!(told(200, 199), 0..=199);
        assert_eq!(told(1000, 0), 0..=199);
        assert_eq!(told(1000, 500), 399..=599);
        assert_eq!(told(1000, 999), 799..=999);
    }
}
