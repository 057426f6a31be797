use hookbench_model::{
    DeliveryFilter, DeliveryId, DeliveryStatus, EndpointId, ErrorCode, EventId, Outcome, ReplayId, RequestId,
    StatusRange,
};
use sqlx::SqliteConnection;

use super::kinds::{self, Kinds};
use super::text;
use crate::Result;
use crate::codes::Coded as _;
use crate::query::{Arm, Condition, IdRange, Select, Value, ids_beginning};
use crate::requests::exists;

/// How many bytes of bodies a delivery `t` has: the event's payload, and those of its attempts. The length of a blob is
/// known without reading it.
pub(crate) const BODIES_SIZE: &str = "(SELECT e.payload_size FROM events e WHERE e.seq = t.event_seq) \
    + coalesce((SELECT sum(length(b.body)) FROM attempt_bodies b \
        WHERE b.key BETWEEN t.seq << 16 AND (t.seq << 16) + 65535), 0) \
    + coalesce((SELECT sum(length(b.body)) FROM attempt_request_bodies b \
        WHERE b.key BETWEEN t.seq << 16 AND (t.seq << 16) + 65535), 0)";

/// So many things whose ids begin alike are read side by side; more are sorted out on the way.
const MOST_BEGINNING: i64 = 16;

/// The filter, ready to be asked. The rarest thing that it wants is read along its index, the others are
/// checked on the way.
pub(crate) async fn select(connection: &mut SqliteConnection, filter: &DeliveryFilter) -> Result<Select> {
    let mut select = Select {
        table: "deliveries",
        size: BODIES_SIZE,
        arms: Vec::new(),
        overlaps: false,
        conditions: Vec::new(),
        search: None,
        confirm: None,
        marked: None,
        range: IdRange::of_times(filter.since, filter.until),
    };
    // Groups of arms, the rarest first: one group is read, of the others one arm has to hold.
    let mut groups: Vec<Vec<Arm>> = Vec::new();
    if let Some(q) = filter.q.as_deref().filter(|q| !q.is_empty()) {
        groups.extend(add_text(connection, &mut select, q).await?);
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
    select.conditions.extend(unindexed(filter));
    Ok(select)
}

/// The statuses that are wanted; where none is named, those in which a delivery stands that ended as wanted.
fn statuses(filter: &DeliveryFilter) -> &[DeliveryStatus] {
    match filter.ended_because {
        Some(because) if filter.statuses.is_empty() => because.statuses(),
        _ => &filter.statuses,
    }
}

/// What the filter wants that has an index.
fn indexed(filter: &DeliveryFilter) -> Vec<Vec<Arm>> {
    let arm = |index, sql, value| Arm { index, condition: Some(Condition::new(sql, vec![value])) };
    let mut groups = Vec::new();
    if let Some(event) = filter.event_id {
        let sql = "t.event_seq = (SELECT seq FROM events WHERE id = ?)";
        groups.push(vec![arm("deliveries_by_event", sql, Value::Bytes(event.as_bytes().to_vec()))]);
    }
    if let Some(replay) = filter.replay_id {
        groups.push(of_replay(replay, statuses(filter)));
    }
    if filter.replay_id.is_none() && statuses_have_an_index(filter) {
        let sql = "t.status <> 3 AND t.status = ?";
        let of_status = |status| arm("deliveries_by_status", sql, Value::Int(status));
        groups.push(codes(statuses(filter)).map(of_status).collect());
    }
    let newest = filter.outcome.filter(|_| !filter.any_attempt);
    if let Some(outcome) = newest.filter(|outcome| *outcome != Outcome::Delivered) {
        let sql = "t.last_outcome <> 0 AND t.last_outcome = ?";
        groups.push(vec![arm("deliveries_by_outcome", sql, Value::Int(outcome.code()))]);
    }
    if let Some(endpoint) = filter.endpoint_id {
        let sql = "t.endpoint_seq = (SELECT seq FROM endpoints WHERE id = ?)";
        groups.push(vec![arm("deliveries_by_endpoint", sql, Value::Bytes(endpoint.as_bytes().to_vec()))]);
    }
    groups
}

/// All but the delivered ones, the most by far, have one.
fn statuses_have_an_index(filter: &DeliveryFilter) -> bool {
    let statuses = statuses(filter);
    !statuses.is_empty() && !statuses.contains(&DeliveryStatus::Delivered)
}

/// What the filter wants that has to be asked of each row.
fn unindexed(filter: &DeliveryFilter) -> Vec<Condition> {
    let mut conditions = Vec::new();
    let all = statuses(filter);
    if !all.is_empty() && filter.replay_id.is_none() && !statuses_have_an_index(filter) {
        let status = |code| Condition::new("t.status = ?", vec![Value::Int(code)]);
        conditions.push(Condition::any(codes(all).map(status)));
    }
    if let Some(because) = filter.ended_because {
        conditions.push(Condition::new("t.ended_because = ?", vec![Value::Int(because.code())]));
    }
    if filter.any_attempt {
        conditions.extend(of_any_attempt(filter));
    } else {
        conditions.extend(of_newest_attempt(filter));
    }
    conditions
}

/// What the newest attempt has to be, as far as no index tells.
fn of_newest_attempt(filter: &DeliveryFilter) -> Vec<Condition> {
    let mut conditions = Vec::new();
    if filter.outcome == Some(Outcome::Delivered) {
        conditions.push(Condition::new("t.last_outcome = 0", Vec::new()));
    }
    conditions.extend(answered("t.last_status BETWEEN ? AND ?", &filter.response_statuses));
    if let Some(code) = filter.error_code {
        let sql = "t.last_outcome <> 0 AND EXISTS (SELECT 1 FROM attempts a \
                   WHERE a.key = (t.seq << 16) + t.attempt_count AND a.error_code = ?)";
        conditions.push(Condition::new(sql, vec![Value::Text(code.as_str().to_owned())]));
    }
    conditions
}

/// What one attempt has to be, whichever; `None` where nothing is wanted of it.
fn of_any_attempt(filter: &DeliveryFilter) -> Option<Condition> {
    let one = Condition::new("a.key BETWEEN t.seq << 16 AND (t.seq << 16) + 65535", Vec::new());
    let outcome = |outcome: Outcome| Condition::new("a.outcome = ?", vec![Value::Int(outcome.code())]);
    let code =
        |code: ErrorCode| Condition::new("a.error_code = ?", vec![Value::Text(code.as_str().to_owned())]);
    let wanted = filter.outcome.map(outcome).into_iter();
    let wanted = wanted.chain(filter.error_code.map(code));
    let wanted = wanted.chain(answered("a.response_status BETWEEN ? AND ?", &filter.response_statuses));
    let wanted: Vec<_> = wanted.collect();
    if wanted.is_empty() {
        return None;
    }
    let attempt = Condition::all(std::iter::once(one).chain(wanted).collect())?;
    Some(attempt.within("EXISTS (SELECT 1 FROM attempts a WHERE ", ")"))
}

/// Where a status lies in one of the ranges; `None` where none is given.
fn answered(sql: &'static str, ranges: &[StatusRange]) -> Option<Condition> {
    let within = |range: &StatusRange| {
        let (first, last) = range.bounds();
        Condition::new(sql, vec![Value::Int(first.into()), Value::Int(last.into())])
    };
    (!ranges.is_empty()).then(|| Condition::any(ranges.iter().map(within)))
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
async fn add_text(
    connection: &mut SqliteConnection,
    select: &mut Select,
    q: &str,
) -> Result<Option<Vec<Arm>>> {
    const ANY: &str = "SELECT EXISTS (SELECT 1 FROM deliveries WHERE id >= ? AND id < ?)";
    const ANY_REQUEST: &str = "SELECT EXISTS (SELECT 1 FROM requests WHERE id >= ? AND id < ?)";
    if let Some(range) = ids_beginning::<DeliveryId>(of_attempt(q), DeliveryId::PREFIX, |id| *id.as_bytes())
        && exists(connection, ANY, range).await?
    {
        select.range = select.range.and(range);
        return Ok(None);
    }
    for (range, thing) in things(q) {
        if let Some(range) = range
            && let Some(arms) = beginning(connection, select, &thing, range).await?
        {
            return Ok(arms);
        }
    }
    if let Some(range) = ids_beginning::<RequestId>(q, RequestId::PREFIX, |id| *id.as_bytes())
        && exists(connection, ANY_REQUEST, range).await?
    {
        select.conditions.push(range.condition("t.repeats_request >= ? AND t.repeats_request < ?"));
        return Ok(None);
    }
    select.search = Some(text::condition(q));
    Ok(None)
}

/// The delivery in the name of an attempt: `dlv_…/2`, or as in its address, `dlv_…/attempts/2`.
pub(super) fn of_attempt(q: &str) -> &str {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match q.split_once('/') {
        Some((delivery, rest)) if number(rest.strip_prefix("attempts/").unwrap_or(rest)) => delivery,
        _ => q,
    }
}

/// Things that deliveries belong to.
struct Thing {
    /// Their keys, of those with ids in a range.
    keys: &'static str,
    /// Where one of the keys is that of the delivery.
    one: &'static str,
    /// The index for that.
    index: &'static str,
    /// Whether the status stands before the id in it; each is an arm of its own then.
    by_status: bool,
    /// Where the thing has an id in a range.
    any: &'static str,
}

const EVENTS: Thing = Thing {
    keys: "SELECT seq FROM events WHERE id >= ? AND id < ? LIMIT ?",
    one: "t.event_seq = ?",
    index: "deliveries_by_event",
    by_status: false,
    any: "EXISTS (SELECT 1 FROM events e WHERE e.seq = t.event_seq AND e.id >= ? AND e.id < ?)",
};

const ENDPOINTS: Thing = Thing {
    keys: "SELECT seq FROM endpoints WHERE id >= ? AND id < ? LIMIT ?",
    one: "t.endpoint_seq = ?",
    index: "deliveries_by_endpoint",
    by_status: false,
    any: "t.endpoint_seq IN (SELECT seq FROM endpoints WHERE id >= ? AND id < ?)",
};

const REPLAYS: Thing = Thing {
    keys: "SELECT seq FROM replays WHERE id >= ? AND id < ? LIMIT ?",
    one: "t.replay_seq = ? AND t.status = ?",
    index: "deliveries_by_replay",
    by_status: true,
    any: "t.replay_seq IN (SELECT seq FROM replays WHERE id >= ? AND id < ?)",
};

fn things(q: &str) -> [(Option<IdRange>, Thing); 3] {
    [
        (ids_beginning::<EventId>(q, EventId::PREFIX, |id| *id.as_bytes()), EVENTS),
        (ids_beginning::<EndpointId>(q, EndpointId::PREFIX, |id| *id.as_bytes()), ENDPOINTS),
        (ids_beginning::<ReplayId>(q, ReplayId::PREFIX, |id| *id.as_bytes()), REPLAYS),
    ]
}

/// The deliveries of things whose ids begin so: along an index where they are few. `None` where there is no such
/// thing.
async fn beginning(
    connection: &mut SqliteConnection,
    select: &mut Select,
    thing: &Thing,
    range: IdRange,
) -> Result<Option<Option<Vec<Arm>>>> {
    let query = sqlx::query_scalar(thing.keys).bind(range.low.to_vec()).bind(range.high.to_vec());
    let keys: Vec<i64> = query.bind(MOST_BEGINNING + 1).fetch_all(&mut *connection).await?;
    if keys.is_empty() {
        return Ok(None);
    }
    if keys.len() > usize::try_from(MOST_BEGINNING).unwrap_or(usize::MAX) {
        select.conditions.push(range.condition(thing.any));
        return Ok(Some(None));
    }
    let arm = |values| Arm { index: thing.index, condition: Some(Condition::new(thing.one, values)) };
    let arms_of = |key| {
        let of_status = |status: &DeliveryStatus| arm(vec![Value::Int(key), Value::Int(status.code())]);
        if thing.by_status {
            DeliveryStatus::ALL.iter().map(of_status).collect()
        } else {
            vec![arm(vec![Value::Int(key)])]
        }
    };
    Ok(Some(Some(keys.into_iter().flat_map(arms_of).collect())))
}
