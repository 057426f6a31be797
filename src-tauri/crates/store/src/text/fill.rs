//! Writes the index behind the capturing, by a mark on disk that moves in the transaction that writes.

use std::collections::HashMap;

use futures::{FutureExt as _, TryStreamExt as _};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use super::marks::Marks;
use crate::bodies::{self, Packed, Packer, Said, Unpacker};
use crate::columns::{Columns, to_json};
use crate::header_bytes;
use crate::rows::{ROWS, RowTexts, insert};
use crate::writer::Write;
use crate::{Requests, Result, StoreError};

/// A block has so many keys: two to that power.
pub(super) const BLOCK_BITS: i64 = 10;
/// So many requests are written in one transaction, …
const A_STEP: i64 = 96;
/// … or so many bytes of bodies, and one body more.
const A_STEP_BYTES: i64 = 1 << 20;
/// What takes longer than that is made elsewhere.
const LITTLE: i64 = 256 << 10;
/// Of a body that its sender packed, or wrote in UTF-16, so many bytes are undone: a small one may stand for very much.
const MOST_UNDONE: usize = 256 << 10;
/// The columns of the headers, of the body's size and of the body as it is kept.
const HEADERS: usize = 7;
const SIZE: usize = 9;
const BODY: usize = 10;
/// So many pages of the index are put together in one transaction: a few milliseconds.
const MERGED_AT_ONCE: u32 = 24;
/// Each word that is written is moved about so often until it lies among many.
const MOVES: usize = 6;
/// The words of a page of the index, roughly.
const WORDS_OF_A_PAGE: usize = 2000;

/// What a step has written of the index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextFilled {
    /// So many captured requests.
    pub requests: usize,
    /// So many are not in it yet, some of which may have been deleted.
    pub behind: u64,
    /// So many transactions that took.
    pub transactions: u64,
}

/// A request that is to be written.
struct New {
    seq: i64,
    id: [u8; 16],
    words: String,
    /// `None` where the body stays as it is.
    packed: Option<Packed>,
}

impl Requests {
    /// Writes the next captured requests into the index of texts, some hundred at most, in several short transactions.
    pub async fn fill_text(&self) -> Result<TextFilled> {
        let before = self.text_mark().await?;
        let rows = self.unwritten(before).await?;
        let (requests, mut transactions) = (rows.len(), 0);
        if requests > 0 {
            let words = rows.iter().map(|row| row.words.len() / 5).sum::<usize>();
            self.store.writer().run(move |write| fill(write, before, rows).boxed()).await?;
            transactions = 1 + self.put_together(words * MOVES / WORDS_OF_A_PAGE).await?;
        }
        let behind = self.text_behind().await?;
        Ok(TextFilled { requests, behind, transactions })
    }

    /// How many captured requests are not in the index of texts yet, some of which may have been deleted.
    pub async fn text_behind(&self) -> Result<u64> {
        const BEHIND: &str = "SELECT (SELECT coalesce(max(seq), 0) FROM requests) - seq FROM text_mark";
        let behind: i64 = sqlx::query_scalar(BEHIND).fetch_one(self.store.readers()).await?;
        Ok(u64::try_from(behind).unwrap_or(0))
    }

    async fn text_mark(&self) -> Result<i64> {
        Ok(sqlx::query_scalar("SELECT seq FROM text_mark").fetch_one(self.store.readers()).await?)
    }

    /// The next requests, with their marks.
    async fn unwritten(&self, after: i64) -> Result<Vec<New>> {
        const NEXT: &str = concat!(
            "SELECT t.seq, t.id, t.path, t.query, t.event_type, t.provider_event_id, \
             t.content_type, t.headers, b.kept IS NULL, t.body_size, ",
            bodies::columns!(),
            "FROM requests t",
            bodies::joined!(),
            "WHERE t.seq > ? ORDER BY t.seq LIMIT ?"
        );
        let connection = &mut *self.store.readers().acquire().await?;
        let mut rows = sqlx::query(NEXT).bind(after).bind(A_STEP).fetch(connection);
        let (mut read, mut bytes, mut takes_long) = (Vec::new(), 0, false);
        while let Some(row) = rows.try_next().await? {
            bytes += row.try_get::<i64, _>(SIZE)?;
            let body = row.try_get::<Option<&[u8]>, _>(BODY)?.unwrap_or_default();
            takes_long |= Said::of(row.try_get(HEADERS)?, None)?.is_coded(body);
            read.push(row);
            if bytes > A_STEP_BYTES {
                break;
            }
        }
        drop(rows);
        let made = move || {
            let (mut marks, mut packer, mut unpacker) = (Marks::default(), Packer::new()?, Unpacker::new());
            read.iter().map(|row| make(row, &mut marks, &mut packer, &mut unpacker)).collect()
        };
        if bytes < LITTLE && !takes_long {
            return made();
        }
        tokio::task::spawn_blocking(made).await.map_err(|_| StoreError::Panicked)?
    }

    /// Puts parts of the index together, so many pages of it, as long as there is anything to gain; gives how many
    /// transactions that took.
    async fn put_together(&self, pages: usize) -> Result<u64> {
        let mut transactions = 0;
        for _ in 0..pages.div_ceil(MERGED_AT_ONCE as usize).max(1) {
            transactions += 1;
            if !self.store.writer().run(|write| put_some_together(write).boxed()).await? {
                break;
            }
        }
        Ok(transactions)
    }
}

/// A request's marks, and how its body is kept.
fn make(row: &SqliteRow, marks: &mut Marks, packer: &mut Packer, unpacker: &mut Unpacker) -> Result<New> {
    let mut columns = Columns::new(row);
    let (seq, id) = (columns.get()?, columns.id()?);
    let (path, query): (&str, Option<&str>) = (columns.get()?, columns.get()?);
    match query {
        Some(query) => marks.text(format!("{path}?{query}").as_bytes()),
        None => marks.text(path.as_bytes()),
    }
    let [event_type, event_id, content_type]: [Option<&str>; 3] =
        [columns.get()?, columns.get()?, columns.get()?];
    for text in [event_type, event_id, content_type].into_iter().flatten() {
        marks.text(text.as_bytes());
    }
    let headers: &[u8] = columns.get()?;
    marks.text(&[b"\n", header_bytes::text(headers)?].concat());
    let is_raw: bool = columns.get()?;
    columns.skip(1);
    let body = unpacker.read(&mut columns)?;
    let packed = if is_raw { packer.pack(&body)? } else { None };
    let content = bodies::beginning(body, &Said::of(headers, content_type)?, MOST_UNDONE);
    marks.body(&content.bytes, content.is_cut);
    Ok(New { seq, id, words: marks.take(), packed })
}

/// Writes what is still there of it, and moves the mark.
async fn fill(write: &mut Write, before: i64, rows: Vec<New>) -> Result<()> {
    const MARK: &str = "SELECT seq, (SELECT coalesce(max(seq), 0) FROM requests) FROM text_mark";
    const THERE: &str = "SELECT seq, id FROM requests WHERE seq > ? AND seq <= ?";
    const MOVE: &str = "UPDATE text_mark SET seq = ?";
    static INSERT: std::sync::LazyLock<RowTexts> =
        std::sync::LazyLock::new(|| RowTexts::new(|rows| insert("request_text", "rowid, marks", rows)));
    let Some(last) = rows.last().map(|row| row.seq) else { return Ok(()) };
    let (mark, newest): (i64, i64) = sqlx::query_as(MARK).fetch_one(write.connection().await?).await?;
    if mark != before {
        // The newest were deleted meanwhile.
        return Ok(());
    }
    let there: Vec<(i64, Vec<u8>)> =
        sqlx::query_as(THERE).bind(before).bind(last).fetch_all(write.connection().await?).await?;
    let there: HashMap<i64, Vec<u8>> = there.into_iter().collect();
    // A key of one that was deleted may have been given again: what has it now comes next.
    let other = rows.iter().find(|row| there.get(&row.seq).is_some_and(|id| *id != row.id));
    let end = other.map_or(last, |row| row.seq - 1).min(newest);
    let rows: Vec<New> =
        rows.into_iter().filter(|row| row.seq <= end && there.contains_key(&row.seq)).collect();
    for rows in rows.chunks(ROWS) {
        let script = write.rows(INSERT.of(rows.len()), rows.len()).await?;
        for row in rows {
            script.bind(row.seq).bind(row.words.clone());
        }
    }
    for rows in rows.chunk_by(|one, next| one.seq >> BLOCK_BITS == next.seq >> BLOCK_BITS) {
        widen(write, rows).await?;
    }
    let packed = rows.into_iter().filter_map(|row| Some((row.seq, row.packed?))).collect();
    bodies::keep(write, packed).await?;
    sqlx::query(MOVE).bind(end).execute(write.connection().await?).await?;
    Ok(())
}

/// Rows of one block: its bounds hold them.
async fn widen(write: &mut Write, rows: &[New]) -> Result<()> {
    const WIDEN: &str = "INSERT INTO text_blocks (block, lowest, highest) VALUES (?, ?, ?) \
                         ON CONFLICT (block) DO UPDATE SET lowest = min(lowest, excluded.lowest), \
                         highest = max(highest, excluded.highest)";
    let ids = || rows.iter().map(|row| row.id);
    let bounds = rows.first().map(|row| row.seq >> BLOCK_BITS).zip(ids().min()).zip(ids().max());
    let ((block, lowest), highest) =
        bounds.ok_or_else(|| StoreError::corrupt("a block of the index without any request"))?;
    let widen = sqlx::query(WIDEN).bind(block).bind(lowest.to_vec()).bind(highest.to_vec());
    widen.execute(write.connection().await?).await?;
    Ok(())
}

/// Whether that did anything.
async fn put_some_together(write: &mut Write) -> Result<bool> {
    const MERGE: &str = "INSERT INTO request_text (request_text, rank) VALUES ('merge', ?)";
    let connection = write.connection().await?;
    let before = changes(connection).await?;
    sqlx::query(MERGE).bind(MERGED_AT_ONCE).execute(&mut *connection).await?;
    // It counts as one change where nothing was done.
    Ok(changes(connection).await? > before + 1)
}

async fn changes(connection: &mut SqliteConnection) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT total_changes()").fetch_one(connection).await?)
}

/// Deleted requests leave the index.
pub(crate) async fn forget(write: &mut Write, seqs: &[i64]) -> Result<()> {
    const FORGET: &str = "DELETE FROM request_text WHERE rowid IN \
                          (SELECT value FROM json_each(?) WHERE value <= (SELECT seq FROM text_mark))";
    sqlx::query(FORGET).bind(to_json(&seqs)?).execute(write.connection().await?).await?;
    Ok(())
}

/// The key of the newest may be given again, and what gets it is not in the index. Blocks of which all are gone go too.
pub(crate) async fn lower(write: &mut Write) -> Result<()> {
    const LOWER: &str = "UPDATE text_mark SET seq = (SELECT coalesce(max(seq), 0) FROM requests) \
                         WHERE seq > (SELECT coalesce(max(seq), 0) FROM requests)";
    const BLOCKS: &str = "DELETE FROM text_blocks \
                          WHERE block < coalesce((SELECT min(seq) FROM requests) >> ?, 9223372036854775807)";
    sqlx::query(LOWER).execute(write.connection().await?).await?;
    sqlx::query(BLOCKS).bind(BLOCK_BITS).execute(write.connection().await?).await?;
    Ok(())
}
