use std::sync::Arc;

use hookbench_model::query::{Node, Query, Term};
use hookbench_model::{DeliveryId, EventPattern, RequestFilter, RequestId, VerificationStatus};
use sqlx::SqliteConnection;

use super::confirm::Confirm;
use super::language::{Side, condition, in_body, is_exact};
use super::lead::{COUNTED, Lead, lead, rarest};
use super::marked;
use crate::Result;
use crate::codes::Coded as _;
use crate::query::{Arm, Condition, IdRange, Marked, Select, Value, ids_beginning};
use crate::text::Asked;

/// So many event types are read side by side; more of a prefix are sorted out on the way.
pub(super) const MOST_TYPES: usize = 32;

/// Two bytes are asked for by many marks: so many times at most in one filter.
const MOST_TWOS: usize = 3;

/// The filter, ready to be asked.
pub(crate) async fn select(connection: &mut SqliteConnection, filter: &RequestFilter) -> Result<Select> {
    let mut select = Select {
        table: "requests",
        size: "t.body_size",
        arms: Vec::new(),
        overlaps: false,
        conditions: Vec::new(),
        search: None,
        confirm: None,
        marked: None,
        range: IdRange::of_times(filter.since, filter.until),
    };
    let mut wanted =
        Wanted { leads: indexed(filter).into_iter().map(Lead::of).collect(), ..Wanted::default() };
    if let Some(q) = filter.q.as_deref().filter(|q| !q.is_empty()) {
        wanted.text(connection, &mut select, q).await?;
        // Of a text, not of an id.
        wanted.confirmed.extend(wanted.nodes.iter().cloned());
    }
    if let Some(pattern) = filter.event_type.as_ref().filter(|pattern| pattern.as_str() != "*") {
        wanted.types(connection, &mut select, pattern).await?;
    }
    select.conditions.extend(unindexed(filter));
    if let Some(query) = &filter.query {
        wanted.query(connection, &mut select, query).await?;
    }
    // The rarest is read along, the others are checked on the way.
    let asked = Asked::all(wanted.nodes.iter().filter_map(marked::of_node).collect());
    let asked = asked.filter(|asked| asked.twos() <= MOST_TWOS);
    let mut is_rare = false;
    match rarest(connection, &select, &mut wanted.leads, asked.is_some()).await? {
        Some((lead, count)) => {
            is_rare = count < COUNTED;
            (select.arms, select.overlaps) = (lead.arms, lead.overlaps);
            select.conditions.extend(lead.rest);
        }
        None => select.arms = vec![Arm { index: "requests_by_id", condition: None }],
    }
    let noted = || wanted.nodes.iter().flat_map(marked::anywhere).collect();
    select.marked = asked.filter(|_| !is_rare).map(|asked| Marked { asked, noted: noted() });
    select.conditions.extend(wanted.leads.into_iter().map(|lead| lead.instead));
    select.search = Condition::all(wanted.searches);
    if !wanted.confirmed.is_empty() {
        let node = Node::All(wanted.confirmed);
        select.confirm = Some(Confirm { closely: !is_exact(&node), node: Arc::new(node) });
    }
    Ok(select)
}

/// What a filter wants, gathered.
#[derive(Default)]
struct Wanted {
    /// What indexes find.
    leads: Vec<Lead>,
    /// What bodies have to be read for.
    searches: Vec<Condition>,
    /// What no other index finds, and that of texts may.
    nodes: Vec<Node>,
    /// What rows have to be held against.
    confirmed: Vec<Node>,
}

impl Wanted {
    /// An id or the beginning of one where there is such a thing, else text to be searched for.
    async fn text(
        &mut self,
        connection: &mut SqliteConnection,
        select: &mut Select,
        text: &str,
    ) -> Result<()> {
        match what_is(connection, text).await? {
            Named::Requests(range) => select.range = select.range.and(range),
            Named::Deliveries(arm) => self.leads.push(Lead::of(arm)),
            Named::Nothing => {
                self.searches.push(self::text(text, Side::Above));
                self.nodes.push(Node::Term(Term::Anywhere(text.to_owned())));
            }
        }
        Ok(())
    }

    async fn types(
        &mut self,
        connection: &mut SqliteConnection,
        select: &mut Select,
        pattern: &EventPattern,
    ) -> Result<()> {
        let Some(prefix) = pattern.as_str().strip_suffix('*') else {
            self.leads.push(Lead::of(arm_of_type(pattern.as_str().to_owned())));
            return Ok(());
        };
        let values = vec![Value::Text(prefix.to_owned()), Value::Text(end_of_prefix(prefix))];
        let instead = Condition::new("t.event_type > ? AND t.event_type < ?", values);
        match types_of(connection, prefix).await? {
            Types::Few(types) => {
                let arms = types.into_iter().map(arm_of_type).collect();
                self.leads.push(Lead { arms, overlaps: false, rest: None, instead });
            }
            Types::Many => select.conditions.push(instead),
        }
        Ok(())
    }

    async fn query(
        &mut self,
        connection: &mut SqliteConnection,
        select: &mut Select,
        query: &Query,
    ) -> Result<()> {
        let mut nodes = vec![query.root()];
        while let Some(node) = nodes.pop() {
            match node {
                Node::All(parts) => nodes.extend(parts.iter().rev()),
                Node::Term(Term::Since(at)) => {
                    select.range = select.range.and(IdRange::of_times(Some(*at), None));
                }
                Node::Term(Term::Until(at)) => {
                    select.range = select.range.and(IdRange::of_times(None, Some(*at)));
                }
                Node::Term(Term::Anywhere(text)) => self.text(connection, select, text).await?,
                node => {
                    let reads_body = node.has(Term::reads_body);
                    match lead(connection, node).await? {
                        // The rest of it is asked of what any index gives.
                        Some(lead) if reads_body => {
                            self.nodes.push(node.clone());
                            self.searches.push(lead.instead);
                            let instead = Condition::new("1", Vec::new());
                            self.leads.push(Lead { rest: None, instead, ..lead });
                        }
                        Some(lead) => self.leads.push(lead),
                        None => {
                            self.nodes.push(node.clone());
                            let wanted = if reads_body { &mut self.searches } else { &mut select.conditions };
                            wanted.push(condition(node, Side::Above));
                        }
                    }
                }
            }
        }
        if !is_exact(query.root()) || query.root().has(Term::reads_body) {
            self.confirmed.push(query.root().clone());
        }
        Ok(())
    }
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

/// The event types that begin alike.
pub(super) enum Types {
    Few(Vec<String>),
    /// More than [`MOST_TYPES`].
    Many,
}

/// The types that begin so, and are longer than that.
pub(super) async fn types_of(connection: &mut SqliteConnection, prefix: &str) -> Result<Types> {
    let known = known_types(connection, prefix, MOST_TYPES + 1).await?;
    Ok(if known.len() <= MOST_TYPES { Types::Few(known) } else { Types::Many })
}

/// The first so many of them, in their order.
pub(super) async fn known_types(
    connection: &mut SqliteConnection,
    prefix: &str,
    most: usize,
) -> Result<Vec<String>> {
    // Walks from one type to the next along the index, without reading what lies between.
    const KNOWN: &str = "WITH RECURSIVE known(type) AS ( \
         SELECT min(event_type) FROM requests WHERE event_type > ?1 AND event_type < ?2 \
         UNION ALL \
         SELECT (SELECT min(event_type) FROM requests WHERE event_type > known.type AND event_type < ?2) \
         FROM known WHERE known.type IS NOT NULL) \
         SELECT type FROM known WHERE type IS NOT NULL LIMIT ?3";
    let query = sqlx::query_scalar(KNOWN).bind(prefix).bind(end_of_prefix(prefix));
    Ok(query.bind(i64::try_from(most).unwrap_or(i64::MAX)).fetch_all(connection).await?)
}

pub(super) fn arm_of_type(event_type: String) -> Arm {
    let condition = Condition::new("t.event_type = ?", vec![Value::Text(event_type)]);
    Arm { index: "requests_by_type", condition: Some(condition) }
}

/// The first text that comes after all that begin with this prefix. Where it ends in a dot, the slash is next to that.
pub(crate) fn end_of_prefix(prefix: &str) -> String {
    match prefix.strip_suffix('.') {
        Some(name) => format!("{name}/"),
        None => format!("{prefix}{}", char::MAX),
    }
}

/// What a text names.
enum Named {
    /// Captured requests, by the beginning of their ids.
    Requests(IdRange),
    /// What deliveries sent, by the beginning of theirs.
    Deliveries(Arm),
    /// Nothing: it is text.
    Nothing,
}

async fn what_is(connection: &mut SqliteConnection, q: &str) -> Result<Named> {
    const ANY: &str = "SELECT EXISTS (SELECT 1 FROM requests WHERE id >= ? AND id < ?)";
    const ANY_OF_DELIVERY: &str =
        "SELECT EXISTS (SELECT 1 FROM requests WHERE delivery_id >= ? AND delivery_id < ?)";
    if let Some(range) = ids_beginning::<RequestId>(q, RequestId::PREFIX, |id| *id.as_bytes())
        && exists(connection, ANY, range).await?
    {
        return Ok(Named::Requests(range));
    }
    if let Some(range) = ids_beginning::<DeliveryId>(q, DeliveryId::PREFIX, |id| *id.as_bytes())
        && exists(connection, ANY_OF_DELIVERY, range).await?
    {
        let condition = range.condition("t.delivery_id >= ? AND t.delivery_id < ?");
        return Ok(Named::Deliveries(Arm { index: "requests_by_delivery", condition: Some(condition) }));
    }
    Ok(Named::Nothing)
}

pub(crate) async fn exists(
    connection: &mut SqliteConnection,
    sql: &'static str,
    range: IdRange,
) -> Result<bool> {
    let query = sqlx::query_scalar(sql).bind(range.low.to_vec()).bind(range.high.to_vec());
    Ok(query.fetch_one(&mut *connection).await?)
}

pub(super) fn text(q: &str, side: Side) -> Condition {
    let text = Value::Text(q.to_owned());
    // `instr` takes the text as it is: no character of it has a meaning. On blobs it compares bytes.
    let shown = Condition::new(
        "instr(t.path, ?) > 0 OR instr(t.query, ?) > 0 OR instr(t.event_type, ?) > 0 \
         OR instr(t.provider_event_id, ?) > 0 OR instr(t.note, ?) > 0",
        vec![text; 5],
    );
    let headers = match side {
        // Names are the same in whatever case.
        Side::Above => Condition::new(
            "instr(lower(CAST(t.headers AS TEXT)), ?) > 0",
            vec![Value::Text(q.to_ascii_lowercase())],
        ),
        Side::Below => Condition::new("instr(t.headers, ?) > 0", vec![Value::Bytes(q.as_bytes().to_vec())]),
    };
    Condition::any([shown, headers, in_body(q, side)].into_iter())
}
