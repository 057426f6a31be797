use hookbench_model::{DeliveryId, EventPattern, RequestFilter, RequestId, VerificationStatus};
use sqlx::SqliteConnection;

use crate::Result;
use crate::codes::Coded as _;
use crate::query::{Arm, Condition, IdRange, Select, Value, ids_beginning};

/// So many event types are read side by side; more of a prefix are sorted out on the way.
const MOST_TYPES: usize = 32;

/// The filter, ready to be asked.
pub(crate) async fn select(connection: &mut SqliteConnection, filter: &RequestFilter) -> Result<Select> {
    let mut select = Select {
        table: "requests",
        size: "t.body_size",
        arms: Vec::new(),
        conditions: Vec::new(),
        search: None,
        range: IdRange::of_times(filter.since, filter.until),
    };
    let mut by_index = indexed(filter);
    if let Some(q) = filter.q.as_deref().filter(|q| !q.is_empty())
        && let Some(arm) = add_text(connection, &mut select, q).await?
    {
        by_index.insert(0, arm);
    }
    let types = filter.event_type.as_ref().filter(|pattern| pattern.as_str() != "*");
    let types = match types {
        Some(pattern) => Some(arms_of_types(connection, pattern).await?),
        None => None,
    };
    // The first is read along, the others are checked on the way.
    select.arms = match types {
        Some(Types::Few(arms)) => arms,
        Some(Types::Many(condition)) => {
            select.conditions.push(condition);
            first_arm(&mut by_index)
        }
        None => first_arm(&mut by_index),
    };
    select.conditions.extend(by_index.into_iter().filter_map(|arm| arm.condition));
    select.conditions.extend(unindexed(filter));
    Ok(select)
}

fn first_arm(by_index: &mut Vec<Arm>) -> Vec<Arm> {
    if by_index.is_empty() {
        return vec![Arm { index: "requests_by_id", condition: None }];
    }
    vec![by_index.remove(0)]
}

/// What the filter wants that has an index, the rarest first.
fn indexed(filter: &RequestFilter) -> Vec<Arm> {
    let arm = |index, sql, value: Option<Value>| Arm {
        index,
        condition: Some(Condition::new(sql, value.into_iter().collect())),
    };
    let mut arms = Vec::new();
    if filter.pinned == Some(true) {
        arms.push(arm("requests_pinned", "t.pinned = 1", None));
    }
    if let Some(method) = &filter.method
        && method != "POST"
    {
        let method = Value::Text(method.clone());
        arms.push(arm("requests_by_method", "t.method <> 'POST' AND t.method = ?", Some(method)));
    }
    if let Some(status) = filter.verification
        && status != VerificationStatus::NotChecked
    {
        let status = Value::Int(status.code());
        let sql = "t.verification <> 4 AND t.verification = ?";
        arms.push(arm("requests_by_verification", sql, Some(status)));
    }
    if let Some(inbox) = filter.inbox_id {
        let inbox = Value::Bytes(inbox.as_bytes().to_vec());
        let sql = "t.inbox_seq = (SELECT seq FROM inboxes WHERE id = ?)";
        arms.push(arm("requests_by_inbox", sql, Some(inbox)));
    }
    arms
}

/// What the filter wants that has to be asked of each row.
fn unindexed(filter: &RequestFilter) -> Vec<Condition> {
    let mut conditions = Vec::new();
    if filter.pinned == Some(false) {
        conditions.push(Condition::new("t.pinned = 0", Vec::new()));
    }
    if filter.method.as_deref() == Some("POST") {
        conditions.push(Condition::new("t.method = 'POST'", Vec::new()));
    }
    if filter.verification == Some(VerificationStatus::NotChecked) {
        conditions.push(Condition::new("t.verification = 4", Vec::new()));
    }
    conditions
}

enum Types {
    Few(Vec<Arm>),
    Many(Condition),
}

async fn arms_of_types(connection: &mut SqliteConnection, pattern: &EventPattern) -> Result<Types> {
    // Walks from one type to the next along the index, without reading what lies between.
    const KNOWN: &str = "WITH RECURSIVE known(type) AS ( \
         SELECT min(event_type) FROM requests WHERE event_type > ?1 AND event_type < ?2 \
         UNION ALL \
         SELECT (SELECT min(event_type) FROM requests WHERE event_type > known.type AND event_type < ?2) \
         FROM known WHERE known.type IS NOT NULL) \
         SELECT type FROM known WHERE type IS NOT NULL LIMIT ?3";
    let Some(prefix) = pattern.as_str().strip_suffix('*') else {
        return Ok(Types::Few(vec![arm_of_type(pattern.as_str().to_owned())]));
    };
    let end = end_of_prefix(prefix);
    let known: Vec<String> = sqlx::query_scalar(KNOWN)
        .bind(prefix)
        .bind(&end)
        .bind(i64::try_from(MOST_TYPES).unwrap_or(i64::MAX) + 1)
        .fetch_all(&mut *connection)
        .await?;
    if known.len() <= MOST_TYPES {
        return Ok(Types::Few(known.into_iter().map(arm_of_type).collect()));
    }
    let values = vec![Value::Text(prefix.to_owned()), Value::Text(end)];
    Ok(Types::Many(Condition::new("t.event_type > ? AND t.event_type < ?", values)))
}

fn arm_of_type(event_type: String) -> Arm {
    let condition = Condition::new("t.event_type = ?", vec![Value::Text(event_type)]);
    Arm { index: "requests_by_type", condition: Some(condition) }
}

/// The first text that comes after all that begin with this prefix: it ends in a dot, and the slash is
/// next to that.
pub(crate) fn end_of_prefix(prefix: &str) -> String {
    format!("{}/", prefix.strip_suffix('.').unwrap_or(prefix))
}

/// An id or the beginning of one where there is such a thing, else text to be searched for.
async fn add_text(connection: &mut SqliteConnection, select: &mut Select, q: &str) -> Result<Option<Arm>> {
    const ANY: &str = "SELECT EXISTS (SELECT 1 FROM requests WHERE id >= ? AND id < ?)";
    const ANY_OF_DELIVERY: &str =
        "SELECT EXISTS (SELECT 1 FROM requests WHERE delivery_id >= ? AND delivery_id < ?)";
    if let Some(range) = ids_beginning::<RequestId>(q, RequestId::PREFIX, |id| *id.as_bytes())
        && exists(connection, ANY, range).await?
    {
        select.range = select.range.and(range);
    } else if let Some(range) = ids_beginning::<DeliveryId>(q, DeliveryId::PREFIX, |id| *id.as_bytes())
        && exists(connection, ANY_OF_DELIVERY, range).await?
    {
        let condition = range.condition("t.delivery_id >= ? AND t.delivery_id < ?");
        return Ok(Some(Arm { index: "requests_by_delivery", condition: Some(condition) }));
    } else {
        select.search = Some(text(q));
    }
    Ok(None)
}

pub(crate) async fn exists(
    connection: &mut SqliteConnection,
    sql: &'static str,
    range: IdRange,
) -> Result<bool> {
    let query = sqlx::query_scalar(sql).bind(range.low.to_vec()).bind(range.high.to_vec());
    Ok(query.fetch_one(&mut *connection).await?)
}

fn text(q: &str) -> Condition {
    let text = || Value::Text(q.to_owned());
    let bytes = || Value::Bytes(q.as_bytes().to_vec());
    // `instr` takes the text as it is: no character of it has a meaning. On blobs it compares bytes.
    Condition::new(
        "(instr(t.path, ?) > 0 OR instr(t.query, ?) > 0 OR instr(t.event_type, ?) > 0 \
         OR instr(t.provider_event_id, ?) > 0 OR instr(t.note, ?) > 0 OR instr(t.headers, ?) > 0 \
         OR instr((SELECT b.body FROM request_bodies b WHERE b.seq = t.seq), ?) > 0)",
        vec![text(), text(), text(), text(), text(), bytes(), bytes()],
    )
}
