//! Lists: pages along an index that ends in `id`, newest first, by the id where the last page ended.
//!
//! A filter becomes one or more arms. Each arm reads one index in order of id, and gives at most a page, so their newest
//! together are the page. What else the filter wants is checked row by row, in bounded steps (`walk`).

mod marked;
mod walk;

use std::borrow::Cow;

use hookbench_model::{PageRequest, Timestamp};
use sqlx::{QueryBuilder, Row as _, Sqlite, SqliteConnection};

use crate::Result;
use crate::columns::id;
use crate::requests::Confirm;
pub(crate) use marked::Marked;
use walk::Bounds;

/// A value in a condition.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// A condition: SQL with a `?` for each of its values.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    sql: Cow<'static, str>,
    values: Vec<Value>,
}

impl Condition {
    pub(crate) fn new(sql: &'static str, values: Vec<Value>) -> Self {
        debug_assert_eq!(sql.matches('?').count(), values.len());
        Self { sql: Cow::Borrowed(sql), values }
    }

    /// The same of SQL that is put together.
    pub(crate) fn written(sql: String, values: Vec<Value>) -> Self {
        debug_assert_eq!(sql.matches('?').count(), values.len());
        Self { sql: Cow::Owned(sql), values }
    }

    /// Where one of these holds; where there are none, nothing does.
    pub(crate) fn any(conditions: impl Iterator<Item = Self>) -> Self {
        Self::joined(conditions, " OR ").unwrap_or(Self::new("0", Vec::new()))
    }

    /// Where all of these hold; `None` where there are none.
    pub(crate) fn all(conditions: Vec<Self>) -> Option<Self> {
        Self::joined(conditions.into_iter(), " AND ")
    }

    /// Where this does not hold: what is absent holds nothing.
    pub(crate) fn not(self) -> Self {
        Self { sql: Cow::Owned(format!("NOT ifnull(({}), 0)", self.sql)), values: self.values }
    }

    /// The same between other SQL, which has no `?`.
    pub(crate) fn within(self, before: &str, after: &str) -> Self {
        Self { sql: Cow::Owned([before, &self.sql, after].concat()), values: self.values }
    }

    fn joined(conditions: impl Iterator<Item = Self>, word: &str) -> Option<Self> {
        let (mut sql, mut values) = (String::from("("), Vec::new());
        for condition in conditions {
            if sql.len() > 1 {
                sql.push_str(word);
            }
            // In brackets of its own: it may hold an AND or an OR.
            sql.extend(["(", &condition.sql, ")"]);
            values.extend(condition.values);
        }
        (sql.len() > 1).then(|| Self { sql: Cow::Owned(sql + ")"), values })
    }
}

/// One index to read along, and what holds there: a condition that the index finds, so that every row it gives
/// is one to be looked at.
#[derive(Clone, Debug)]
pub(crate) struct Arm {
    pub(crate) index: &'static str,
    pub(crate) condition: Option<Condition>,
}

/// A filter, ready to be asked. In its SQL the table is `t`.
#[derive(Clone, Debug)]
pub(crate) struct Select {
    pub(crate) table: &'static str,
    /// SQL for how many bytes a text search of a row reads.
    pub(crate) size: &'static str,
    /// None at all: nothing can match.
    pub(crate) arms: Vec<Arm>,
    /// Whether a row may be in two arms.
    pub(crate) overlaps: bool,
    /// What is checked row by row.
    pub(crate) conditions: Vec<Condition>,
    /// What is checked last, since it has to read bodies.
    pub(crate) search: Option<Condition>,
    /// What looks at each row for which all of that holds, where SQL cannot say it all.
    pub(crate) confirm: Option<Confirm>,
    /// What the index of texts is asked, where it leads nearer than the arms.
    pub(crate) marked: Option<Marked>,
    pub(crate) range: IdRange,
}

/// Ids from `low` to before `high`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IdRange {
    pub(crate) low: [u8; 16],
    pub(crate) high: [u8; 16],
}

impl IdRange {
    pub(crate) const ALL: Self = Self { low: [0; 16], high: [0xff; 16] };

    /// What was made from `since` to before `until`.
    pub(crate) fn of_times(since: Option<Timestamp>, until: Option<Timestamp>) -> Self {
        let lowest = |at| *hookbench_model::EventId::lowest_at(at).as_bytes();
        Self { low: since.map_or(Self::ALL.low, lowest), high: until.map_or(Self::ALL.high, lowest) }
    }

    /// A condition on two `?`: from the first to before the second.
    pub(crate) fn condition(self, sql: &'static str) -> Condition {
        Condition::new(sql, vec![Value::Bytes(self.low.to_vec()), Value::Bytes(self.high.to_vec())])
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self { low: self.low.max(other.low), high: self.high.min(other.high) }
    }
}

/// A part of a list: keys of rows, newest first, and the id where the next part starts.
#[derive(Debug, Default)]
pub(crate) struct Part {
    pub(crate) seqs: Vec<i64>,
    pub(crate) next: Option<[u8; 16]>,
}

/// The page's limit, within its bounds.
pub(crate) fn limit<Id>(page: &PageRequest<Id>) -> u32 {
    page.limit.clamp(1, PageRequest::<Id>::MAX_LIMIT)
}

impl Select {
    /// The keys of a page.
    pub(crate) async fn page(
        &self,
        connection: &mut SqliteConnection,
        before: Option<[u8; 16]>,
        limit: u32,
    ) -> Result<Part> {
        let high = before.map_or(self.range.high, |before| before.min(self.range.high));
        let range = IdRange { low: self.range.low, high };
        let bounds = match (&self.confirm, &self.search) {
            // What the index is not asked for may have to be unpacked, every row of it.
            (Some(confirm), Some(_)) if confirm.closely || self.marked.is_none() => Bounds::CLOSELY,
            (_, Some(_)) => Bounds::TEXT,
            (_, None) => Bounds::ROWS,
        };
        let bounds = if before.is_some() { bounds.later() } else { bounds };
        if let Some(marked) = &self.marked
            && let Some(part) = self.page_marked(connection, marked, range, limit, bounds).await?
        {
            return Ok(part);
        }
        match self.checks() {
            Some(checks) => self.walk(connection, &checks, range, limit, bounds).await,
            None => self.newest(connection, None, range, limit).await,
        }
    }

    /// How many rows match.
    pub(crate) async fn count(&self, connection: &mut SqliteConnection) -> Result<u64> {
        if let Some(marked) = &self.marked
            && let Some(count) = self.count_marked(connection, marked).await?
        {
            return Ok(count);
        }
        match self.checks() {
            Some(checks) => self.count_in_steps(connection, &checks, self.range).await,
            // Rows that are in two arms are known by their ids, and these are kept as long as it counts.
            None if self.overlaps => {
                let all = Condition::new("1", Vec::new());
                self.count_in_steps(connection, &all, self.range).await
            }
            None => self.count_within(connection, None, self.range).await,
        }
    }

    /// What has to be asked of each row that the arms give.
    fn checks(&self) -> Option<Condition> {
        let checks = Condition::all(self.conditions.iter().chain(&self.search).cloned().collect());
        // Rows that are to be confirmed are walked too.
        checks.or_else(|| self.confirm.as_ref().map(|_| Condition::new("1", Vec::new())))
    }

    async fn count_within(
        &self,
        connection: &mut SqliteConnection,
        checks: Option<&Condition>,
        range: IdRange,
    ) -> Result<u64> {
        let mut count = 0;
        if self.arms.is_empty() {
            return Ok(0);
        }
        for arms in self.arms.chunks(if self.overlaps { self.arms.len() } else { 1 }) {
            let mut query = QueryBuilder::new("SELECT count(*)");
            match arms {
                [arm] => self.push_from(&mut query, arm, checks, range),
                arms => {
                    for (index, arm) in arms.iter().enumerate() {
                        query.push(if index == 0 { " FROM (SELECT t.id" } else { " UNION SELECT t.id" });
                        self.push_from(&mut query, arm, checks, range);
                    }
                    query.push(")");
                }
            }
            let counted: i64 = query.build_query_scalar().fetch_one(&mut *connection).await?;
            count += u64::try_from(counted).unwrap_or(0);
        }
        Ok(count)
    }

    /// The newest rows in a range of ids.
    async fn newest(
        &self,
        connection: &mut SqliteConnection,
        checks: Option<&Condition>,
        range: IdRange,
        limit: u32,
    ) -> Result<Part> {
        if self.arms.is_empty() {
            return Ok(Part::default());
        }
        let mut query = QueryBuilder::new("");
        self.push_newest(&mut query, checks, range, i64::from(limit) + 1);
        let rows = query.build().fetch_all(&mut *connection).await?;
        let wanted = rows.len().min(limit as usize);
        let next = if rows.len() > wanted { Some(id(&rows[wanted - 1], 1)?) } else { None };
        let seqs = rows[..wanted].iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        Ok(Part { seqs, next })
    }

    /// `seq` and `id` of the newest rows of all arms together.
    fn push_newest(
        &self,
        query: &mut QueryBuilder<Sqlite>,
        checks: Option<&Condition>,
        range: IdRange,
        limit: i64,
    ) {
        query.push("SELECT seq, id FROM (");
        let union = if self.overlaps { " UNION SELECT * FROM (" } else { " UNION ALL SELECT * FROM (" };
        for (index, arm) in self.arms.iter().enumerate() {
            query.push(if index == 0 { "SELECT * FROM (" } else { union });
            query.push("SELECT t.seq AS seq, t.id AS id");
            self.push_from(query, arm, checks, range);
            query.push(" ORDER BY t.id DESC LIMIT ").push_bind(limit).push(")");
        }
        query.push(") ORDER BY id DESC LIMIT ").push_bind(limit);
    }

    pub(crate) fn push_from(
        &self,
        query: &mut QueryBuilder<Sqlite>,
        arm: &Arm,
        checks: Option<&Condition>,
        range: IdRange,
    ) {
        query.push(" FROM ").push(self.table).push(" t INDEXED BY ").push(arm.index).push(" WHERE t.id >= ");
        query.push_bind(range.low.to_vec()).push(" AND t.id < ").push_bind(range.high.to_vec());
        for condition in arm.condition.iter().chain(checks) {
            query.push(" AND ");
            push(query, condition);
        }
    }
}

pub(crate) fn push(query: &mut QueryBuilder<Sqlite>, condition: &Condition) {
    let mut pieces = condition.sql.split('?');
    query.push(pieces.next().unwrap_or_default());
    for (piece, value) in pieces.zip(&condition.values) {
        match value {
            Value::Null => query.push_bind(None::<String>),
            Value::Int(number) => query.push_bind(*number),
            Value::Text(text) => query.push_bind(text.clone()),
            Value::Bytes(bytes) => query.push_bind(bytes.clone()),
        };
        query.push(piece);
    }
}

/// The ids whose text form begins so; `None` where the text does not begin an id of that kind.
pub(crate) fn ids_beginning<Id: std::str::FromStr>(
    text: &str,
    prefix: &str,
    bytes: impl Fn(&Id) -> [u8; 16],
) -> Option<IdRange> {
    /// How many digits the 16 bytes have.
    const DIGITS: usize = 26;
    let digits = text.strip_prefix(prefix)?;
    if digits.is_empty() || digits.len() > DIGITS || !digits.is_ascii() {
        return None;
    }
    // The last digit stands for three bits only: `w` is the highest there, `z` elsewhere.
    let mut high = format!("{text:z<width$}", width = prefix.len() + DIGITS);
    if digits.len() < DIGITS {
        high.replace_range(high.len() - 1.., "w");
    }
    let low: Id = format!("{text:0<width$}", width = prefix.len() + DIGITS).parse().ok()?;
    let high: Id = high.parse().ok()?;
    // The range ends before `high`, so one more; the highest of all ids has none above it.
    let above = u128::from_be_bytes(bytes(&high)).saturating_add(1);
    Some(IdRange { low: bytes(&low), high: above.to_be_bytes() })
}

#[cfg(test)]
mod tests {
    use hookbench_model::EventId;

    use super::*;

    fn beginning(text: &str) -> Option<IdRange> {
        ids_beginning::<EventId>(text, "evt_", |id| *id.as_bytes())
    }

    #[test]
    fn the_beginning_of_an_id_is_a_range_that_holds_it() {
        let id = EventId::new(Timestamp::from_unix_ms(1_763_699_700_123));
        let text = id.to_string();
        for length in 5..=text.len() {
            let range = beginning(&text[..length]).unwrap();
            assert!(range.low <= *id.as_bytes() && *id.as_bytes() < range.high, "{length}");
        }
        let whole = beginning(&text).unwrap();
        assert_eq!(u128::from_be_bytes(whole.high) - u128::from_be_bytes(whole.low), 1);
        let other = EventId::new(Timestamp::from_unix_ms(1_000_000_000_000));
        let range = beginning(&text[..10]).unwrap();
        assert!(*other.as_bytes() < range.low);
    }

    #[test]
    fn what_begins_no_id_is_text() {
        for text in ["", "evt_", "evt_u", "dlv_0", "evt_é", "evt_00000000000000000000000000000", "message"] {
            assert!(beginning(text).is_none(), "{text}");
        }
    }
}
