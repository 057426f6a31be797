//! Deliveries as a claim reads them: all of them in one row.
//!
//! Every row comes from the connection's thread by itself, and whoever waits for it is woken for it. Where a claim is a
//! row for each of its deliveries, that is most of its cost; so the database makes one text of them.

use hookbench_model::{Delivery, DeliveryId, EventId, LastAttempt, ReplayId, RequestId, Timestamp};
use serde::Deserialize;
use sqlx::{Row as _, SqliteConnection};

use super::finish::Current;
use super::row::target;
use crate::codes::Coded;
use crate::columns::from_json;
use crate::writer::Write;
use crate::{Result, StoreError};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT json_group_array(json_array(hex(t.id), hex(e.id), k.event_type, k.provider, ",
            "nullif(hex(p.id), ''), t.target_url, coalesce(p.name, ''), coalesce(t.target_url, p.url, ''), ",
            "t.status, t.attempt_count, t.automatic_attempts, t.max_attempts, t.next_attempt_at, t.trigger, ",
            "t.completed_at, t.last_outcome, t.last_status, t.last_duration_ms, t.last_error, ",
            "nullif(hex(r.id), ''), nullif(hex(t.repeats_delivery), ''), nullif(hex(t.repeats_request), ''), ",
            "t.is_test, t.ended_because, t.first_attempt_at, t.expires_at, t.plan_over, t.event_seq, ",
            "t.seq, t.endpoint_seq, t.in_order, t.kind)) ",
            "FROM deliveries t JOIN events e ON e.seq = t.event_seq JOIN kinds k ON k.no = t.kind ",
            "LEFT JOIN endpoints p ON p.seq = t.endpoint_seq LEFT JOIN replays r ON r.seq = t.replay_seq ",
            $rest
        )
    };
}

/// A delivery with the key of its event, and as the writer knows it while it is in flight.
pub(super) struct ClaimedRow {
    pub(super) delivery: Delivery,
    pub(super) event_seq: i64,
    pub(super) current: Current,
}

/// The deliveries with these keys (a JSON array), oldest first.
pub(super) async fn by_seqs(write: &mut Write, seqs: String) -> Result<Vec<ClaimedRow>> {
    const BY_SEQS: &str = select!("WHERE t.seq IN (SELECT value FROM json_each(?))");
    write.ask(BY_SEQS).bind(seqs);
    let text: String = write.row().await?.try_get(0)?;
    read(&text)
}

/// Those that stand as in flight (1), in the same way; `status <> 3` names the index.
pub(super) async fn in_flight(connection: &mut SqliteConnection) -> Result<Vec<ClaimedRow>> {
    const IN_FLIGHT: &str = select!("WHERE t.status <> 3 AND t.status = 1");
    let text: String = sqlx::query_scalar(IN_FLIGHT).fetch_one(connection).await?;
    read(&text)
}

fn read(text: &str) -> Result<Vec<ClaimedRow>> {
    let rows: Vec<Row> = from_json(text)?;
    let mut read = rows.into_iter().map(Row::read).collect::<Result<Vec<_>>>()?;
    read.sort_unstable_by_key(|row| row.delivery.id);
    Ok(read)
}

/// A row, its columns in the order in which the statement names them.
#[derive(Deserialize)]
struct Row {
    id: Id,
    event: Id,
    event_type: String,
    provider: String,
    endpoint: Option<Id>,
    target_url: Option<String>,
    endpoint_name: String,
    url: String,
    status: i64,
    attempt_count: u32,
    automatic_attempts: u32,
    max_attempts: u32,
    next_attempt_at: Option<i64>,
    trigger: i64,
    completed_at: Option<i64>,
    last_outcome: Option<i64>,
    last_status: Option<u16>,
    last_duration_ms: Option<u64>,
    last_error: Option<String>,
    replay: Option<Id>,
    repeats_delivery: Option<Id>,
    repeats_request: Option<Id>,
    is_test: u8,
    ended_because: Option<i64>,
    first_attempt_at: Option<i64>,
    expires_at: Option<i64>,
    plan_over: u8,
    event_seq: i64,
    seq: i64,
    endpoint_seq: i64,
    in_order: u8,
    kind: i64,
}

impl Row {
    fn read(self) -> Result<ClaimedRow> {
        let id = DeliveryId::from_bytes(self.id.0);
        let parsed = |error| StoreError::undecodable("a text that cannot be read", error);
        let target_url = self.target_url.map(|url| url.parse()).transpose();
        let target_url = target_url.map_err(|error| StoreError::undecodable("a URL that is none", error))?;
        let status = Coded::from_code(self.status)?;
        let current = Current {
            seq: self.seq,
            status,
            attempt_count: self.attempt_count,
            automatic_attempts: self.automatic_attempts,
            endpoint_seq: self.endpoint_seq,
            is_replay: self.replay.is_some(),
            is_test: self.is_test != 0,
            in_order: self.in_order != 0,
            kind: self.kind,
            elsewhere: target_url.is_some(),
        };
        let last = self.last_outcome.map(Coded::from_code).transpose()?.map(|outcome| LastAttempt {
            number: self.attempt_count,
            outcome,
            response_status: self.last_status,
            duration_ms: self.last_duration_ms.unwrap_or(0),
            error: self.last_error,
        });
        let delivery = Delivery {
            id,
            event_id: EventId::from_bytes(self.event.0),
            event_type: self.event_type,
            provider: self.provider.parse().map_err(parsed)?,
            target: target(self.endpoint.map(|id| id.0), target_url)?,
            endpoint_name: self.endpoint_name,
            url: self.url,
            status,
            is_test: self.is_test != 0,
            attempt_count: self.attempt_count,
            automatic_attempts: self.automatic_attempts,
            max_attempts: self.max_attempts,
            next_attempt_at: self.next_attempt_at.map(Timestamp::from_unix_ms),
            trigger: Coded::from_code(self.trigger)?,
            created_at: id.created_at(),
            completed_at: self.completed_at.map(Timestamp::from_unix_ms),
            ended_because: self.ended_because.map(Coded::from_code).transpose()?,
            plan_over: self.plan_over != 0,
            first_attempt_at: self.first_attempt_at.map(Timestamp::from_unix_ms),
            expires_at: self.expires_at.map(Timestamp::from_unix_ms),
            last_attempt: last,
            replay_id: self.replay.map(|id| ReplayId::from_bytes(id.0)),
            repeats_delivery: self.repeats_delivery.map(|id| DeliveryId::from_bytes(id.0)),
            repeats_request: self.repeats_request.map(|id| RequestId::from_bytes(id.0)),
        };
        Ok(ClaimedRow { delivery, event_seq: self.event_seq, current })
    }
}

/// An id as `hex` writes it.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "&str")]
pub(super) struct Id(pub(super) [u8; 16]);

impl TryFrom<&str> for Id {
    type Error = std::num::ParseIntError;

    fn try_from(hex: &str) -> Result<Self, Self::Error> {
        u128::from_str_radix(hex, 16).map(|id| Self(id.to_be_bytes()))
    }
}
