//! Rows that have to be looked at one by one: in steps, so that none of them reads for long, and so many for a page.
//!
//! Whoever no longer waits is noticed between two steps; the database's log can start anew there too.

use std::time::{Duration, Instant};

use sqlx::{QueryBuilder, Row as _, Sqlite, SqliteConnection};

use super::{Condition, IdRange, Part, Select, push};
use crate::Result;
use crate::columns::id;

/// How much is looked at for one page, and in one step of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// So many rows for a page.
    pub(super) rows: u64,
    /// So many bytes of bodies for a page.
    pub(super) bytes: u64,
    /// A page begins with a few rows, so that the newest come at once, and takes more each time, …
    pub(super) first_step: u32,
    /// … up to so many.
    pub(super) last_step: u32,
    /// A step ends with the row by which it has so many bytes.
    pub(super) step_bytes: u64,
    /// After so long a page ends with what it has, if it is any further than the one before it.
    pub(super) patience: Duration,
}

/// Who waits for a page sees the newest first; …
const FIRST_OF_ROWS: Duration = Duration::from_millis(12);
const FIRST_OF_TEXT: Duration = Duration::from_millis(40);
/// … and of those that go on, each begins anew, so they may take longer.
const LATER: Duration = Duration::from_millis(80);

impl Bounds {
    /// Where bodies are read.
    pub(super) const TEXT: Self = Self {
        rows: 31 * 1024,
        bytes: 256 << 20,
        first_step: 1024,
        last_step: 16_384,
        step_bytes: 16 << 20,
        patience: FIRST_OF_TEXT,
    };

    /// Where rows and bodies have to be looked at more closely than SQL can.
    pub(super) const CLOSELY: Self = Self { rows: 7 * 1024, first_step: 256, last_step: 4096, ..Self::TEXT };

    /// Where only rows are.
    pub(super) const ROWS: Self =
        Self { rows: 250_000, last_step: 32_768, patience: FIRST_OF_ROWS, ..Self::TEXT };

    /// Of a page that goes on where another ended.
    pub(super) fn later(self) -> Self {
        Self { patience: LATER, ..self }
    }

    /// How many of something the next step may have, where that many took so long of all that has passed.
    pub(super) fn fits(&self, done: usize, took: Duration, passed: Duration) -> usize {
        let left = self.patience.saturating_sub(passed);
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an estimate"
        )]
        let fits = (done as f64 * left.as_secs_f64() / took.as_secs_f64().max(1e-9)) as usize;
        fits
    }

    /// How many rows the next step has, after one of so many; `None` where there is hardly time for one. So many rows
    /// took so long.
    fn next_step(&self, length: u32, rows: u64, took: Duration) -> Option<u32> {
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        let fits = u32::try_from(self.fits(rows, took, took)).unwrap_or(u32::MAX);
        (fits > self.first_step / 8).then(|| (length * 2).min(self.last_step).min(fits))
    }
}

/// The rows of a step.
struct Step {
    lowest: [u8; 16],
    rows: u64,
    bytes: u64,
}

impl Select {
    /// Looks at rows, newest first, until the page is full or enough has been read.
    pub(super) async fn walk(
        &self,
        connection: &mut SqliteConnection,
        checks: &Condition,
        mut range: IdRange,
        limit: u32,
        bounds: Bounds,
    ) -> Result<Part> {
        let (mut part, began) = (Part::default(), Instant::now());
        let (mut rows, mut bytes, mut length) = (0, 0, bounds.first_step);
        while rows < bounds.rows && bytes < bounds.bytes {
            let Some(step) = self.step(connection, range, length, bounds.step_bytes).await? else {
                part.next = None;
                return Ok(part);
            };
            let missing = limit - u32::try_from(part.seqs.len()).unwrap_or(limit);
            let within = IdRange { low: step.lowest, high: range.high };
            let found = self.found(connection, checks, within, &step, missing, bounds.step_bytes).await?;
            part.seqs.extend(found.seqs);
            if found.next.is_some() {
                part.next = found.next;
                return Ok(part);
            }
            range.high = step.lowest;
            part.next = Some(step.lowest);
            rows += step.rows;
            bytes += step.bytes;
            match bounds.next_step(length, rows, began.elapsed()) {
                Some(next) if part.seqs.len() < limit as usize => length = next,
                _ => break,
            }
        }
        Ok(part)
    }

    /// How many rows there are for which the checks hold.
    pub(super) async fn count_in_steps(
        &self,
        connection: &mut SqliteConnection,
        checks: &Condition,
        mut range: IdRange,
    ) -> Result<u64> {
        let Bounds { last_step, step_bytes, .. } = Bounds::TEXT;
        let mut count = 0;
        while let Some(step) = self.step(connection, range, last_step, step_bytes).await? {
            let within = IdRange { low: step.lowest, high: range.high };
            count += match self.confirm {
                Some(_) => {
                    let all = self.found(connection, checks, within, &step, u32::MAX, u64::MAX);
                    all.await?.seqs.len() as u64
                }
                None => self.count_within(connection, Some(checks), within).await?,
            };
            range.high = step.lowest;
        }
        Ok(count)
    }

    /// The newest rows of a step that match, so many at most, or those of which the bodies say so many bytes.
    async fn found(
        &self,
        connection: &mut SqliteConnection,
        checks: &Condition,
        within: IdRange,
        step: &Step,
        limit: u32,
        bytes: u64,
    ) -> Result<Part> {
        let Some(confirm) = &self.confirm else {
            return self.newest(connection, Some(checks), within, limit).await;
        };
        let rows = u32::try_from(step.rows).unwrap_or(u32::MAX);
        let candidates = self.newest(connection, Some(checks), within, rows).await?.seqs;
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let looked = confirm.first(connection, &candidates, most.saturating_add(1), bytes).await?;
        let mut rows = looked.found;
        let next = if rows.len() > most {
            rows.truncate(most);
            rows.last().map(|row| row.id)
        } else {
            looked.ended_at
        };
        Ok(Part { seqs: rows.iter().map(|row| row.seq).collect(), next })
    }

    /// The next rows to be looked at; `None` where there are none.
    async fn step(
        &self,
        connection: &mut SqliteConnection,
        range: IdRange,
        rows: u32,
        bytes: u64,
    ) -> Result<Option<Step>> {
        if self.arms.is_empty() {
            return Ok(None);
        }
        let mut query = QueryBuilder::new("SELECT min(id), count(*), ");
        if self.search.is_some() {
            query.push("sum(size) FROM (");
            self.push_sizes(&mut query, range, i64::from(rows));
            query.push(") WHERE before < ").push_bind(i64::try_from(bytes).unwrap_or(i64::MAX));
        } else {
            query.push("0 FROM (");
            self.push_newest(&mut query, None, range, i64::from(rows));
            query.push(")");
        }
        let row = query.build().fetch_one(&mut *connection).await?;
        if row.try_get::<Option<&[u8]>, _>(0)?.is_none() {
            return Ok(None);
        }
        let count = |column| row.try_get(column).map(|count: i64| u64::try_from(count).unwrap_or(0));
        Ok(Some(Step { lowest: id(&row, 0)?, rows: count(1)?, bytes: count(2)? }))
    }

    /// The `id` of the newest rows, the `size` of what is read of each, and that of those `before` it. Nothing is
    /// read of a row that the conditions leave out.
    fn push_sizes(&self, query: &mut QueryBuilder<Sqlite>, range: IdRange, rows: i64) {
        query.push(
            "SELECT id, size, sum(size) OVER (ORDER BY id DESC ROWS UNBOUNDED PRECEDING) - size AS before ",
        );
        query.push("FROM (SELECT t.id AS id, ");
        match Condition::all(self.conditions.clone()) {
            Some(conditions) => {
                query.push("iif(");
                push(query, &conditions);
                query.push(", ").push(self.size).push(", 0)");
            }
            None => {
                query.push(self.size);
            }
        }
        query.push(" AS size FROM (");
        self.push_newest(query, None, range, rows);
        query.push(") k CROSS JOIN ").push(self.table).push(" t ON t.seq = k.seq)");
    }
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection as _, SqliteConnection};

    use super::*;
    use crate::query::{Arm, Value};

    /// Rows 1 to `count`, each with a body of so many bytes.
    async fn table(count: u8, bytes: u32) -> SqliteConnection {
        const TABLE: &str = "CREATE TABLE things (seq INTEGER PRIMARY KEY, id BLOB, body BLOB); \
                             CREATE INDEX things_by_id ON things (id)";
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        sqlx::query(TABLE).execute(&mut connection).await.unwrap();
        for seq in 1..=count {
            let insert = sqlx::query("INSERT INTO things VALUES (?, ?, zeroblob(?))");
            let insert = insert.bind(i64::from(seq)).bind(id_of(seq).to_vec()).bind(bytes);
            insert.execute(&mut connection).await.unwrap();
        }
        connection
    }

    fn id_of(seq: u8) -> [u8; 16] {
        [seq; 16]
    }

    fn select(search: &'static str, conditions: Vec<Condition>) -> Select {
        Select {
            table: "things",
            size: "length(t.body)",
            arms: vec![Arm { index: "things_by_id", condition: None }],
            overlaps: false,
            conditions,
            search: Some(Condition::new(search, Vec::new())),
            confirm: None,
            marked: None,
            range: IdRange::ALL,
        }
    }

    fn bounds() -> Bounds {
        let (bytes, patience) = (1 << 30, Duration::MAX);
        Bounds { rows: 1000, bytes, first_step: 8, last_step: 8, step_bytes: 1 << 30, patience }
    }

    async fn steps(select: &Select, connection: &mut SqliteConnection, bytes: u64) -> Vec<(u64, u64)> {
        let (mut steps, mut range) = (Vec::new(), IdRange::ALL);
        while let Some(step) = select.step(connection, range, 8, bytes).await.unwrap() {
            steps.push((step.rows, step.bytes));
            range.high = step.lowest;
        }
        steps
    }

    #[tokio::test]
    async fn a_step_ends_by_its_rows_or_by_its_bytes_and_has_one_row_at_least() {
        let connection = &mut table(20, 10).await;
        let select = select("0", Vec::new());
        assert_eq!(steps(&select, connection, 1000).await, [(8, 80), (8, 80), (4, 40)]);
        assert_eq!(steps(&select, connection, 30).await, [[(3, 30)].repeat(6), vec![(2, 20)]].concat());
        assert_eq!(steps(&select, connection, 1).await, [(1, 10)].repeat(20));
    }

    #[tokio::test]
    async fn of_what_the_conditions_leave_out_no_byte_is_counted() {
        let connection = &mut table(16, 10).await;
        let even = Condition::new("t.seq % ? = 0", vec![Value::Int(2)]);
        assert_eq!(steps(&select("0", vec![even]), connection, 41).await, [(8, 40), (8, 40)]);
    }

    #[tokio::test]
    async fn a_page_reads_no_more_than_its_bounds_and_goes_on_where_it_ended() {
        let connection = &mut table(100, 10).await;
        let select = select("t.seq IN (3, 90)", Vec::new());
        let checks = select.checks().unwrap();
        for (bounds, most) in [
            (Bounds { rows: 24, ..bounds() }, 24),
            (Bounds { bytes: 200, ..bounds() }, 24),
            (Bounds { step_bytes: 40, bytes: 100, ..bounds() }, 12),
        ] {
            let (mut found, mut range, mut pages) = (Vec::new(), IdRange::ALL, 0);
            loop {
                let part = select.walk(connection, &checks, range, 5, bounds).await.unwrap();
                found.extend(part.seqs);
                pages += 1;
                let Some(next) = part.next else { break };
                assert!(u128::from(range.high[0].min(101)) - u128::from(next[0]) <= most, "{bounds:?}");
                range.high = next;
            }
            assert_eq!(found, [90, 3], "{bounds:?}");
            assert!(pages >= 5, "{bounds:?}: {pages}");
        }
        assert_eq!(select.count(connection).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_page_that_takes_too_long_ends_with_its_step_and_is_further_each_time() {
        let connection = &mut table(100, 10).await;
        let select = select("t.seq = 3", Vec::new());
        let bounds = Bounds { patience: Duration::ZERO, ..bounds() };
        let part = select.walk(connection, &select.checks().unwrap(), IdRange::ALL, 5, bounds).await.unwrap();
        assert_eq!((part.seqs.len(), part.next), (0, Some(id_of(93))));
    }

    #[test]
    fn a_step_is_as_long_as_there_is_time_for() {
        let bounds =
            Bounds { first_step: 1024, last_step: 16_384, patience: Duration::from_millis(12), ..bounds() };
        let took = Duration::from_millis;
        assert_eq!(bounds.next_step(1024, 1024, took(1)), Some(2048));
        assert_eq!(bounds.next_step(16_384, 32_000, took(2)), Some(16_384));
        assert_eq!(bounds.next_step(2048, 3072, took(9)), Some(1024));
        assert_eq!(bounds.next_step(2048, 3072, took(12)), None);
        assert_eq!(bounds.next_step(1024, 100, took(11)), None);
        assert_eq!(bounds.next_step(1024, 100, took(30)), None);
    }
}
