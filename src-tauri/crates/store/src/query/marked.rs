//! Rows that the index of texts gives, newest first.

use std::time::Instant;

use sqlx::{QueryBuilder, Row as _, Sqlite, SqliteConnection};

use super::walk::Bounds;
use super::{Condition, IdRange, Part, Select, push};
use crate::Result;
use crate::columns::id;
use crate::text::{Asked, Blocks, Span};

/// Where more rows than these are not in the index yet, all are looked at one by one.
const MOST_BEHIND: i64 = 100_000;
/// So many of the rows that it gives are looked at together.
const AT_ONCE: usize = 512;

/// The same where nothing of them has to be read.
const MOST_AT_ONCE: usize = 4096;

/// What the index of texts is asked.
#[derive(Clone, Debug)]
pub(crate) struct Marked {
    pub(crate) asked: Asked,
    /// Texts that may stand in a note instead.
    pub(crate) noted: Vec<String>,
}

/// A row that the index gives.
struct Given {
    seq: i64,
    id: [u8; 16],
    size: u64,
}

/// What is still to be looked at, and how much may be.
struct Left {
    range: IdRange,
    rows: u64,
    bytes: u64,
}

impl Select {
    /// The newest rows that match; `None` where the index is too far behind.
    pub(super) async fn page_marked(
        &self,
        connection: &mut SqliteConnection,
        marked: &Marked,
        range: IdRange,
        limit: u32,
        bounds: Bounds,
    ) -> Result<Option<Part>> {
        let Some(reaches) = reaches(connection).await? else { return Ok(None) };
        let (mut part, began) = (Part::default(), Instant::now());
        let newer = IdRange { low: range.low.max(reaches), high: range.high };
        if newer.low < newer.high {
            part = self.unmarked(connection, newer, limit, bounds).await?;
            if part.next.is_some() {
                return Ok(Some(part));
            }
        }
        let mut left = Left {
            range: IdRange { low: range.low, high: range.high.min(reaches) },
            rows: bounds.rows,
            bytes: bounds.bytes,
        };
        let mut blocks = Blocks::within(connection, left.range).await?;
        while let Some(span) = blocks.next(left.range) {
            let (missing, step, width) = (limit as usize - part.seqs.len(), Instant::now(), span.blocks());
            if missing == 0 {
                // What is not in the index filled the page; what is begins the next.
                part.next = Some(left.range.high);
                return Ok(Some(part));
            }
            let found = self.found_marked(connection, marked, span, missing, &mut blocks, &mut left).await?;
            part.seqs.extend(found.seqs);
            if found.next.is_some() {
                part.next = found.next;
                return Ok(Some(part));
            }
            let is_full = part.seqs.len() == limit as usize;
            let fits = bounds.fits(width, step.elapsed(), began.elapsed());
            blocks.at_most(fits);
            if is_full || fits == 0 || left.rows == 0 || left.bytes == 0 {
                part.next = Some(left.range.high).filter(|high| *high > left.range.low);
                return Ok(Some(part));
            }
        }
        Ok(Some(part))
    }

    /// How many rows match; `None` where the index is too far behind.
    pub(super) async fn count_marked(
        &self,
        connection: &mut SqliteConnection,
        marked: &Marked,
    ) -> Result<Option<u64>> {
        let Some(reaches) = reaches(connection).await? else { return Ok(None) };
        let newer = IdRange { low: self.range.low.max(reaches), high: self.range.high };
        let mut count = match self.checks() {
            Some(checks) if newer.low < newer.high => self.count_in_steps(connection, &checks, newer).await?,
            _ if newer.low < newer.high => self.count_within(connection, None, newer).await?,
            _ => 0,
        };
        let range = IdRange { low: self.range.low, high: self.range.high.min(reaches) };
        let mut left = Left { range, rows: u64::MAX, bytes: u64::MAX };
        let mut blocks = Blocks::within(connection, left.range).await?;
        while let Some(span) = blocks.next(left.range) {
            let all = usize::MAX;
            count +=
                self.found_marked(connection, marked, span, all, &mut blocks, &mut left).await?.seqs.len()
                    as u64;
        }
        Ok(Some(count))
    }

    /// A page of what is not in the index.
    async fn unmarked(
        &self,
        connection: &mut SqliteConnection,
        range: IdRange,
        limit: u32,
        bounds: Bounds,
    ) -> Result<Part> {
        match self.checks() {
            Some(checks) => self.walk(connection, &checks, range, limit, bounds).await,
            None => self.newest(connection, None, range, limit).await,
        }
    }

    /// The newest rows of a span that match, so many at most; what is left begins below what was looked at.
    async fn found_marked(
        &self,
        connection: &mut SqliteConnection,
        marked: &Marked,
        span: Span,
        most: usize,
        blocks: &mut Blocks,
        left: &mut Left,
    ) -> Result<Part> {
        // One more tells whether there are more.
        let at_once = if self.confirm.is_some() { AT_ONCE } else { most.saturating_add(1).min(MOST_AT_ONCE) };
        let mut given = Vec::new();
        for keys in &span.keys {
            given.extend(self.given(connection, &marked.asked, *keys, span.range, at_once).await?);
        }
        given.extend(self.noted(connection, &marked.noted, span.range, at_once).await?);
        given.sort_by_key(|row| std::cmp::Reverse(row.id));
        given.dedup_by_key(|row| row.seq);
        left.range.high = span.range.low;
        if let Some(end) = end_of(&given, at_once) {
            given.truncate(end);
            left.range.high = given[end - 1].id;
            blocks.narrow();
        }
        left.rows = left.rows.saturating_sub(given.len() as u64);
        let mut rows: Vec<(i64, [u8; 16])> = match &self.confirm {
            Some(confirm) => {
                let seqs: Vec<i64> = given.iter().map(|row| row.seq).collect();
                let bytes = left.bytes.min(Bounds::TEXT.step_bytes);
                let looked = confirm.first(connection, &seqs, most.saturating_add(1), bytes).await?;
                left.bytes = left.bytes.saturating_sub(looked.bytes);
                if let Some(ended_at) = looked.ended_at {
                    left.range.high = ended_at;
                    blocks.narrow();
                }
                looked.found.iter().map(|row| (row.seq, row.id)).collect()
            }
            None => given.iter().map(|row| (row.seq, row.id)).collect(),
        };
        let is_full = rows.len() > most;
        rows.truncate(most);
        let next = rows.last().filter(|_| is_full).map(|(_, id)| *id);
        Ok(Part { seqs: rows.into_iter().map(|(seq, _)| seq).collect(), next })
    }

    /// What the index gives of some keys, newest first.
    async fn given(
        &self,
        connection: &mut SqliteConnection,
        asked: &Asked,
        (first, last): (i64, i64),
        range: IdRange,
        most: usize,
    ) -> Result<Vec<Given>> {
        let mut query = QueryBuilder::new("SELECT t.seq, t.id, ");
        query.push(if self.search.is_some() { self.size } else { "0" });
        query.push(
            " FROM request_text x CROSS JOIN requests t ON t.seq = x.rowid WHERE x.request_text MATCH ",
        );
        query.push_bind(asked.expression()).push(" AND x.rowid BETWEEN ").push_bind(first).push(" AND ");
        query.push_bind(last).push(" AND ");
        self.push_rest(&mut query, range, most);
        read(query, connection).await
    }

    /// What has one of the texts in its note.
    async fn noted(
        &self,
        connection: &mut SqliteConnection,
        texts: &[String],
        range: IdRange,
        most: usize,
    ) -> Result<Vec<Given>> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = QueryBuilder::new("SELECT t.seq, t.id, ");
        query.push(if self.search.is_some() { self.size } else { "0" });
        query.push(" FROM requests t INDEXED BY requests_noted WHERE t.note <> '' AND (");
        for (at, text) in texts.iter().enumerate() {
            query.push(if at == 0 { "instr(t.note, " } else { " OR instr(t.note, " });
            query.push_bind(text.clone()).push(") > 0");
        }
        query.push(") AND ");
        self.push_rest(&mut query, range, most);
        read(query, connection).await
    }

    /// What else the filter wants, as far as no body has to be read for it.
    fn push_rest(&self, query: &mut QueryBuilder<Sqlite>, range: IdRange, most: usize) {
        query
            .push("t.id >= ")
            .push_bind(range.low.to_vec())
            .push(" AND t.id < ")
            .push_bind(range.high.to_vec());
        let arms: Option<Vec<Condition>> = self.arms.iter().map(|arm| arm.condition.clone()).collect();
        let arms = arms.map(|arms| Condition::any(arms.into_iter()));
        for condition in arms.iter().chain(&self.conditions) {
            query.push(" AND ");
            push(query, condition);
        }
        query.push(" ORDER BY t.id DESC LIMIT ").push_bind(i64::try_from(most).unwrap_or(i64::MAX));
    }
}

/// Where the rows end that are looked at together, if they do before their last.
fn end_of(given: &[Given], at_once: usize) -> Option<usize> {
    let mut bytes = 0;
    let enough = given.iter().position(|row| {
        bytes += row.size;
        bytes > Bounds::TEXT.step_bytes
    });
    let end = enough.map_or(given.len(), |last| last + 1);
    // Where as many came as were asked for there may be more, and a later one may come before the next.
    (end < given.len() || given.len() >= at_once).then(|| end.min(at_once))
}

async fn read(mut query: QueryBuilder<Sqlite>, connection: &mut SqliteConnection) -> Result<Vec<Given>> {
    let rows = query.build().fetch_all(connection).await?;
    let read = |row: &sqlx::sqlite::SqliteRow| {
        let size: i64 = row.try_get(2)?;
        Ok(Given { seq: row.try_get(0)?, id: id(row, 1)?, size: u64::try_from(size).unwrap_or(0) })
    };
    rows.iter().map(read).collect()
}

/// Below which id all rows are in the index; `None` where too many are not.
async fn reaches(connection: &mut SqliteConnection) -> Result<Option<[u8; 16]>> {
    const BEHIND: &str = "SELECT seq, (SELECT coalesce(max(seq), 0) FROM requests) - seq FROM text_mark";
    const LOWEST: &str = "SELECT min(id) FROM requests WHERE seq > ?";
    let (mark, behind): (i64, i64) = sqlx::query_as(BEHIND).fetch_one(&mut *connection).await?;
    if behind > MOST_BEHIND {
        return Ok(None);
    }
    let lowest = sqlx::query(LOWEST).bind(mark).fetch_one(connection).await?;
    match lowest.try_get::<Option<&[u8]>, _>(0)? {
        Some(_) => id(&lowest, 0).map(Some),
        None => Ok(Some(IdRange::ALL.high)),
    }
}
