//! Bodies of captured requests as they are kept: packed where that makes them smaller, and once where they are equal.
//!
//! They are captured as they came, which is quickest, and kept so behind that, in the transaction that writes the index of
//! texts. Two are equal where what is kept of them is: nothing relies on a hash alone. A body is counted by the requests
//! that have it and goes with the last of them, in the same transaction.

mod content;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use sqlx::SqliteConnection;
use xxhash_rust::xxh3::xxh3_64;
use zstd::bulk::{Compressor, Decompressor};

use crate::columns::{Columns, to_json};
use crate::rows::{ROWS, RowTexts, insert};
use crate::writer::Write;
use crate::{Result, StoreError};
pub use content::LARGEST_UNPACKED;
pub(crate) use content::{Said, beginning, coded, content};

/// A shorter one stays where it is: a row of its own takes as much.
const SHORTEST: usize = 64;
/// How hard it is tried: the library's own choice.
const LEVEL: i32 = 3;
/// The largest that is unpacked, in bytes: more than any inbox takes.
const LARGEST: usize = 1 << 30;

/// Joins what [`COLUMNS`] reads to a row `t` of `requests`.
macro_rules! joined {
    () => {
        " LEFT JOIN request_bodies b ON b.seq = t.seq LEFT JOIN bodies k ON k.no = b.kept "
    };
}
/// The columns that [`Unpacker::read`] reads.
macro_rules! columns {
    () => {
        " coalesce(k.bytes, b.body), ifnull(k.packed, 0), k.size "
    };
}
pub(crate) use {columns, joined};

/// Makes bodies small.
pub(crate) struct Packer(Compressor<'static>);

impl Packer {
    pub(crate) fn new() -> Result<Self> {
        let packer = Compressor::new(LEVEL);
        packer.map(Self).map_err(|error| StoreError::undecodable("a body that cannot be packed", error))
    }

    /// How it is kept; `None` where it stays as it is.
    pub(crate) fn pack(&mut self, body: &[u8]) -> Result<Option<Packed>> {
        if body.len() < SHORTEST {
            return Ok(None);
        }
        let packed = self.0.compress(body);
        let packed =
            packed.map_err(|error| StoreError::undecodable("a body that cannot be packed", error))?;
        let is_smaller = packed.len() < body.len() - body.len() / 16;
        Ok(Some(Packed {
            hash: xxh3_64(body).cast_signed(),
            size: i64::try_from(body.len()).unwrap_or(i64::MAX),
            is_smaller,
            bytes: if is_smaller { packed } else { body.to_vec() },
        }))
    }
}

/// A body as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Packed {
    hash: i64,
    size: i64,
    is_smaller: bool,
    bytes: Vec<u8>,
}

/// Reads bodies, however they are kept.
pub(crate) struct Unpacker(Option<Decompressor<'static>>);

impl Unpacker {
    /// Makes nothing before it is needed.
    pub(crate) const fn new() -> Self {
        Self(None)
    }

    /// The next three columns: a body, as it came; empty where there is none.
    pub(crate) fn read<'r>(&mut self, columns: &mut Columns<'r>) -> Result<Cow<'r, [u8]>> {
        let (bytes, is_packed): (Option<&[u8]>, bool) = (columns.get()?, columns.get()?);
        let size: Option<i64> = columns.get()?;
        let bytes = bytes.unwrap_or_default();
        if !is_packed {
            return Ok(Cow::Borrowed(bytes));
        }
        let wrong = |error| StoreError::undecodable("a body that cannot be unpacked", error);
        let size = size.and_then(|size| usize::try_from(size).ok()).filter(|size| *size <= LARGEST);
        let size = size.ok_or_else(|| StoreError::corrupt("a body of an impossible size"))?;
        let unpacker = match &mut self.0 {
            Some(unpacker) => unpacker,
            none => none.insert(Decompressor::new().map_err(wrong)?),
        };
        let body = unpacker.decompress(bytes, size).map_err(wrong)?;
        if body.len() != size {
            return Err(StoreError::corrupt("a body of another size than it had"));
        }
        Ok(Cow::Owned(body))
    }
}

/// Keeps the bodies of these requests, whose rows are there, so from now on.
pub(crate) async fn keep(write: &mut Write, rows: Vec<(i64, Packed)>) -> Result<()> {
    const NEWEST: &str = "SELECT coalesce(max(no), 0) FROM bodies";
    const USE: &str = "UPDATE bodies SET uses = uses + ? WHERE no = ?";
    static NEW: LazyLock<RowTexts> =
        LazyLock::new(|| RowTexts::new(|rows| insert("bodies", "no, hash, size, packed, bytes, uses", rows)));
    static MOVE: LazyLock<RowTexts> = LazyLock::new(|| {
        RowTexts::new(|rows| {
            insert("request_bodies", "seq, body, kept", rows).replacen("INSERT", "INSERT OR REPLACE", 1)
        })
    });
    if rows.is_empty() {
        return Ok(());
    }
    let known = known(write.connection().await?, &rows).await?;
    let newest: i64 = sqlx::query_scalar(NEWEST).fetch_one(write.connection().await?).await?;
    // What each is kept as, and how many of these requests have it.
    let mut by_hash: HashMap<i64, Vec<usize>> = HashMap::new();
    let mut kept: Vec<(i64, &Packed, i64)> = Vec::new();
    for (no, packed) in &known {
        by_hash.entry(packed.hash).or_default().push(kept.len());
        kept.push((*no, packed, 0));
    }
    let (old, mut moved) = (kept.len(), Vec::with_capacity(rows.len()));
    for (seq, packed) in &rows {
        let same = by_hash.entry(packed.hash).or_default();
        let at = same.iter().copied().find(|at| kept[*at].1 == packed).unwrap_or_else(|| {
            same.push(kept.len());
            let no = newest + 1 + i64::try_from(kept.len() - old).unwrap_or(i64::MAX);
            kept.push((no, packed, 0));
            kept.len() - 1
        });
        kept[at].2 += 1;
        moved.push((*seq, kept[at].0));
    }
    for rows in kept[old..].chunks(ROWS) {
        let script = write.rows(NEW.of(rows.len()), rows.len()).await?;
        for (no, Packed { hash, size, is_smaller, bytes }, uses) in rows {
            script.bind(*no).bind(*hash).bind(*size).bind(*is_smaller).bind(&bytes[..]).bind(*uses);
        }
    }
    for (no, _, uses) in kept[..old].iter().filter(|(_, _, uses)| *uses > 0) {
        write.rows(USE, 1).await?.bind(*uses).bind(*no);
    }
    for rows in moved.chunks(ROWS) {
        let script = write.rows(MOVE.of(rows.len()), rows.len()).await?;
        for (seq, no) in rows {
            script.bind(*seq).bind(&[][..] as &[u8]).bind(*no);
        }
    }
    write.rows_end().await
}

/// What is kept already of which the hash is that of one of these.
async fn known(connection: &mut SqliteConnection, rows: &[(i64, Packed)]) -> Result<Vec<(i64, Packed)>> {
    const KNOWN: &str = "SELECT no, hash, size, packed, bytes FROM bodies \
                         WHERE hash IN (SELECT value FROM json_each(?)) LIMIT 512";
    let hashes: Vec<i64> = rows.iter().map(|(_, packed)| packed.hash).collect();
    let known = sqlx::query_as(KNOWN).bind(to_json(&hashes)?).fetch_all(connection).await?;
    let read = |(no, hash, size, is_smaller, bytes)| (no, Packed { hash, size, is_smaller, bytes });
    Ok(known.into_iter().map(read).collect())
}

/// Before the rows of `request_bodies` with these keys (a JSON array) go: what nobody has then goes too.
pub(crate) async fn release(write: &mut Write, seqs: &str) -> Result<()> {
    const RELEASE: &str = "WITH gone AS (SELECT kept, count(*) AS uses FROM request_bodies \
                           WHERE seq IN (SELECT value FROM json_each(?)) AND kept IS NOT NULL GROUP BY kept) \
                           UPDATE bodies SET uses = bodies.uses - gone.uses FROM gone WHERE bodies.no = gone.kept";
    const GONE: &str = "DELETE FROM bodies WHERE uses < 1 AND no IN (SELECT kept FROM request_bodies \
                        WHERE seq IN (SELECT value FROM json_each(?)))";
    for sql in [RELEASE, GONE] {
        sqlx::query(sql).bind(seqs).execute(write.connection().await?).await?;
    }
    Ok(())
}
