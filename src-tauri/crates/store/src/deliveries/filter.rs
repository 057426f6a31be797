use hookbench_model::RequestId;
use hookbench_model::{DeliveryFilter, DeliveryId, DeliveryStatus, EndpointId, EventId, Outcome, ReplayId};
use sqlx::SqliteConnection;

use super::kinds::{self, Kinds};
use crate::Result;
use crate::codes::Coded as _;
use crate::query::{Arm, Condition, IdRange, Select, Value, ids_beginning};
use crate::requests::exists;

/// The filter, ready to be asked. The rarest thing that it wants is read along its index, the others are
/// checked on the way.
pub(crate) async fn select(connection: &mut SqliteConnection, filter: &DeliveryFilter) -> Result<Select> {
    let mut select = Select {
        table: "deliveries",
        size: "(SELECT e.payload_size FROM events e WHERE e.seq = t.event_seq)",
        arms: Vec::new(),
        conditions: Vec::new(),
        search: None,
        range: IdRange::of_times(filter.since, filter.until),
    };
    // Groups of arms, the rarest first: one group is read, of the others one arm has to hold.
    let mut groups: Vec<Vec<Arm>> = Vec::new();
    if let Some(q) = filter.q.as_deref().filter(|q| !q.is_empty()) {
        groups.extend(add_text(connection, &mut select, q).await?.map(|arm| vec![arm]));
    }
    groups.extend(indexed(filter));
    match kinds::wanted(connection, filter.provider.as_ref(), filter.event_type.as_ref()).await? {
        Kinds::All => {}
        Kinds::Few(kinds) => groups.push(kinds::arms("deliveries_by_kind", &kinds)),
        Kinds::Many(condition) => select.conditions.push(condition),
    }
    let mut groups = groups.into_iter();
    select.arms = groups.next().unwrap_or_else(|| vec![Arm { index: "deliveries_by_id", condition: None }]);
    for group in groups {
        select.conditions.push(Condition::any(group.into_iter().filter_map(|arm| arm.condition)));
    }
    Ok(select)
}

fn indexed(filter: &DeliveryFilter) -> Vec<Vec<Arm>> {
    let arm = |index, sql, value| Arm { index, condition: Some(Condition::new(sql, vec![value])) };
    let mut groups = Vec::new();
    if let Some(event) = filter.event_id {
        let sql = "t.event_seq = (SELECT seq FROM events WHERE id = ?)";
        groups.push(vec![arm("deliveries_by_event", sql, Value::Bytes(event.as_bytes().to_vec()))]);
    }
    if let Some(replay) = filter.replay_id {
        groups.push(of_replay(replay, &filter.statuses));
    }
    let has_index = !filter.statuses.contains(&DeliveryStatus::Delivered);
    if has_index && filter.replay_id.is_none() && !filter.statuses.is_empty() {
        let sql = "t.status <> 3 AND t.status = ?";
        let of_status = |status| arm("deliveries_by_status", sql, Value::Int(status));
        groups.push(codes(&filter.statuses).map(of_status).collect());
    }
    if let Some(outcome) = filter.outcome.filter(|outcome| *outcome != Outcome::Delivered) {
        let sql = "t.last_outcome <> 0 AND t.last_outcome = ?";
        groups.push(vec![arm("deliveries_by_outcome", sql, Value::Int(outcome.code()))]);
    }
    if let Some(endpoint) = filter.endpoint_id {
        let sql = "t.endpoint_seq = (SELECT seq FROM endpoints WHERE id = ?)";
        groups.push(vec![arm("deliveries_by_endpoint", sql, Value::Bytes(endpoint.as_bytes().to_vec()))]);
    }
    // From here on without an index of their own: along the ids where they stand alone, and last.
    groups.extend(unindexed(filter, has_index));
    groups
}

fn unindexed(filter: &DeliveryFilter, statuses_done: bool) -> Option<Vec<Arm>> {
    let mut conditions = Vec::new();
    if !statuses_done && filter.replay_id.is_none() {
        let status = |code| Condition::new("t.status = ?", vec![Value::Int(code)]);
        conditions.push(Condition::any(codes(&filter.statuses).map(status)));
    }
    if filter.outcome == Some(Outcome::Delivered) {
        conditions.push(Condition::new("t.last_outcome = 0", Vec::new()));
    }
    let condition = Condition::all(conditions)?;
    Some(vec![Arm { index: "deliveries_by_id", condition: Some(condition) }])
}

/// The statuses' numbers, each once: arms must not overlap.
fn codes(statuses: &[DeliveryStatus]) -> impl Iterator<Item = i64> {
    let mut codes: Vec<i64> = statuses.iter().map(|status| status.code()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.into_iter()
}

fn of_replay(replay: ReplayId, statuses: &[DeliveryStatus]) -> Vec<Arm> {
    let statuses = if statuses.is_empty() { &DeliveryStatus::ALL } else { statuses };
    let sql = "t.replay_seq = (SELECT seq FROM replays WHERE id = ?) AND t.status = ?";
    let arm = |code| {
        let values = vec![Value::Bytes(replay.as_bytes().to_vec()), Value::Int(code)];
        Arm { index: "deliveries_by_replay", condition: Some(Condition::new(sql, values)) }
    };
    codes(statuses).map(arm).collect()
}

/// An id or the beginning of one where there is such a thing, else text to be searched for.
async fn add_text(connection: &mut SqliteConnection, select: &mut Select, q: &str) -> Result<Option<Arm>> {
    const ANY: &str = "SELECT EXISTS (SELECT 1 FROM deliveries WHERE id >= ? AND id < ?)";
    const ANY_EVENT: &str = "SELECT EXISTS (SELECT 1 FROM events WHERE id >= ? AND id < ?)";
    const ANY_ENDPOINT: &str = "SELECT EXISTS (SELECT 1 FROM endpoints WHERE id >= ? AND id < ?)";
    const ANY_REPLAY: &str = "SELECT EXISTS (SELECT 1 FROM replays WHERE id >= ? AND id < ?)";
    const ANY_REQUEST: &str = "SELECT EXISTS (SELECT 1 FROM requests WHERE id >= ? AND id < ?)";
    let along = |index, condition| Ok(Some(Arm { index, condition: Some(condition) }));
    if let Some(range) = ids_beginning::<DeliveryId>(q, DeliveryId::PREFIX, |id| *id.as_bytes())
        && exists(connection, ANY, range).await?
    {
        select.range = select.range.and(range);
        return Ok(None);
    }
    if let Some(range) = ids_beginning::<EventId>(q, EventId::PREFIX, |id| *id.as_bytes())
        && exists(connection, ANY_EVENT, range).await?
    {
        let sql = "t.event_seq IN (SELECT seq FROM events WHERE id >= ? AND id < ?)";
        return along("deliveries_by_event", range.condition(sql));
    }
    if let Some(range) = ids_beginning::<EndpointId>(q, EndpointId::PREFIX, |id| *id.as_bytes())
        && exists(connection, ANY_ENDPOINT, range).await?
    {
        let sql = "t.endpoint_seq IN (SELECT seq FROM endpoints WHERE id >= ? AND id < ?)";
        return along("deliveries_by_endpoint", range.condition(sql));
    }
    if let Some(range) = ids_beginning::<ReplayId>(q, ReplayId::PREFIX, |id| *id.as_bytes())
        && exists(connection, ANY_REPLAY, range).await?
    {
        let sql = "t.replay_seq IN (SELECT seq FROM replays WHERE id >= ? AND id < ?)";
        return along("deliveries_by_replay", range.condition(sql));
    }
    if let Some(range) = ids_beginning::<RequestId>(q, RequestId::PREFIX, |id| *id.as_bytes())
        && exists(connection, ANY_REQUEST, range).await?
    {
        select.conditions.push(range.condition("t.repeats_request >= ? AND t.repeats_request < ?"));
        return Ok(None);
    }
    select.search = Some(text(q));
    Ok(None)
}

fn text(q: &str) -> Condition {
    let text = || Value::Text(q.to_owned());
    // `instr` takes the text as it is: no character of it has a meaning. On blobs it compares bytes.
    Condition::new(
        "(t.kind IN (SELECT no FROM kinds WHERE instr(event_type, ?) > 0) \
         OR (t.target_url IS NULL AND t.endpoint_seq IN (SELECT seq FROM endpoints WHERE instr(url, ?) > 0)) \
         OR t.endpoint_seq IN (SELECT seq FROM endpoints WHERE instr(name, ?) > 0) \
         OR instr(t.target_url, ?) > 0 \
         OR EXISTS (SELECT 1 FROM events e WHERE e.seq = t.event_seq AND instr(e.provider_event_id, ?) > 0) \
         OR instr((SELECT p.payload FROM event_payloads p WHERE p.seq = t.event_seq), ?) > 0)",
        vec![text(), text(), text(), text(), text(), Value::Bytes(q.as_bytes().to_vec())],
    )
}
