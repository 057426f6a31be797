//! Looks at the rows of which SQL could not say whether the filter holds.

use std::borrow::Cow;
use std::sync::Arc;

use futures::TryStreamExt as _;
use futures::stream::BoxStream;
use hookbench_model::query::{Mark, Node, Searched, Term, TextField};
use hookbench_model::{Colour, DeliveryId, HeaderPairs, RequestId, VerificationStatus};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use crate::bodies::{self, Said, Unpacker};
use crate::columns::{Columns, to_json};
use crate::{Result, StoreError, header_bytes};

/// So many rows are asked for at once; …
const AT_ONCE: usize = 512;
/// … so many of them are looked at together, …
const TOGETHER: usize = 64;
/// … or so many bytes of bodies, and one body more.
const TOGETHER_BYTES: i64 = 1 << 20;
/// The column of the body's size.
const SIZE: usize = 8;

/// What a condition reads of a row besides its short columns.
#[derive(Clone, Copy, Debug)]
struct Reads {
    headers: bool,
    body: bool,
    tags: bool,
    /// Whether it is faulty or drifted, which other tables say.
    marks: bool,
}

impl Reads {
    fn of(node: &Node) -> Self {
        Self {
            headers: node.has(|term| matches!(term, Term::Header(..) | Term::Anywhere(_))),
            body: node.has(Term::reads_body),
            tags: node.has(|term| matches!(term, Term::Text(TextField::Tag, _) | Term::Mark(Mark::Tagged))),
            marks: node.has(|term| matches!(term, Term::Mark(Mark::Fault | Mark::Drifted))),
        }
    }

    /// The rows of these keys (a JSON array), in their order; what is not read is empty.
    fn sql(self) -> String {
        let when = |is_read: bool, column, otherwise| if is_read { column } else { otherwise };
        [
            "SELECT t.seq, t.id, i.slug, t.method, t.path, t.query, t.http_version, t.content_type, t.body_size, \
             t.remote_addr, t.event_type, t.provider_event_id, t.verification, t.response_status, \
             t.delivery_id, t.note, t.pinned, t.handshake IS NOT NULL, t.colour, ",
            when(self.tags, "t.tags", "'[]'"),
            when(
                self.marks,
                ", EXISTS (SELECT 1 FROM request_wire w WHERE w.seq = t.seq AND w.fault_code IS NOT NULL), \
                 EXISTS (SELECT 1 FROM drifts d WHERE d.request_seq = t.seq)",
                ", 0, 0",
            ),
            when(self.headers || self.body, ", t.headers", ", x''"),
            when(self.body, concat!(",", bodies::columns!()), ", x'', 0, NULL"),
            " FROM json_each(?) j CROSS JOIN requests t ON t.seq = j.value JOIN inboxes i ON i.seq = t.inbox_seq",
            when(self.body, bodies::joined!(), ""),
            " ORDER BY j.key",
        ]
        .concat()
    }
}

/// A filter that rows are held against.
#[derive(Clone, Debug)]
pub(crate) struct Confirm {
    pub(super) node: Arc<Node>,
    /// Whether it asks for more than SQL can say, besides that it cannot read what is packed.
    pub(crate) closely: bool,
}

/// A row for which it holds.
pub(crate) struct Confirmed {
    pub(crate) seq: i64,
    pub(crate) id: [u8; 16],
}

/// What was found of some rows.
#[derive(Default)]
pub(crate) struct Looked {
    pub(crate) found: Vec<Confirmed>,
    /// So many bytes were read of what their bodies say.
    pub(crate) bytes: u64,
    /// The row with which it ended before the last because of that.
    pub(crate) ended_at: Option<[u8; 16]>,
}

impl Confirm {
    /// The first of these rows for which the filter holds, in their order: so many at most, and up to the row by which
    /// so many bytes of bodies were read.
    pub(crate) async fn first(
        &self,
        connection: &mut SqliteConnection,
        seqs: &[i64],
        most: usize,
        bytes: u64,
    ) -> Result<Looked> {
        let (node, reads) = (Arc::clone(&self.node), Reads::of(&self.node));
        let (looked, unpacker) = (Looked::default(), Unpacker::new());
        let mut look = Look { node, reads, most, bytes, left: seqs.len(), unpacker, looked };
        for seqs in seqs.chunks(AT_ONCE) {
            let sql = sqlx::AssertSqlSafe(reads.sql());
            let mut rows = sqlx::query(sql).bind(to_json(&seqs)?).fetch(&mut *connection);
            while !look.has_ended() {
                let some = together(&mut rows, reads).await?;
                if some.is_empty() {
                    break;
                }
                look = look.at(some).await?;
            }
        }
        Ok(look.looked)
    }
}

/// The next rows that are looked at together.
async fn together(rows: &mut BoxStream<'_, sqlx::Result<SqliteRow>>, reads: Reads) -> Result<Vec<SqliteRow>> {
    let (mut some, mut bytes) = (Vec::new(), 0);
    while some.len() < TOGETHER && bytes < TOGETHER_BYTES {
        let Some(row) = rows.try_next().await? else { break };
        if reads.body {
            bytes += row.try_get::<i64, _>(SIZE)?;
        }
        some.push(row);
    }
    Ok(some)
}

/// A look at row after row.
struct Look {
    node: Arc<Node>,
    reads: Reads,
    most: usize,
    bytes: u64,
    /// So many rows are still to come.
    left: usize,
    unpacker: Unpacker,
    looked: Looked,
}

impl Look {
    fn has_ended(&self) -> bool {
        self.looked.found.len() == self.most || self.looked.ended_at.is_some()
    }

    /// Looks at these: on a thread for such work where their bodies are unpacked and read.
    async fn at(mut self, rows: Vec<SqliteRow>) -> Result<Self> {
        let reads_bodies = self.reads.body;
        let work = move || self.rows(&rows).map(|()| self);
        if !reads_bodies {
            return work();
        }
        tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Panicked)?
    }

    fn rows(&mut self, rows: &[SqliteRow]) -> Result<()> {
        for row in rows {
            if self.has_ended() {
                break;
            }
            self.left = self.left.saturating_sub(1);
            let row = Candidate::read(row, self.reads, &mut self.unpacker)?;
            self.looked.bytes += row.body.len() as u64;
            if self.node.holds(&row.searched()) {
                self.looked.found.push(Confirmed { seq: row.seq, id: *row.id.as_bytes() });
            }
            if self.looked.bytes >= self.bytes && self.left > 0 {
                self.looked.ended_at = Some(*row.id.as_bytes());
            }
        }
        Ok(())
    }
}

/// A row that is held against a filter.
struct Candidate<'r> {
    seq: i64,
    id: RequestId,
    inbox: &'r str,
    method: &'r str,
    path: &'r str,
    query: Option<&'r str>,
    http_version: &'r str,
    content_type: Option<&'r str>,
    body_size: u64,
    remote_addr: &'r str,
    event_type: Option<&'r str>,
    provider_event_id: Option<&'r str>,
    verification: VerificationStatus,
    response_status: u16,
    delivery_id: Option<String>,
    note: &'r str,
    is_pinned: bool,
    is_handshake: bool,
    colour: Option<Colour>,
    tags: Vec<String>,
    is_fault: bool,
    is_drifted: bool,
    headers: HeaderPairs,
    /// What it says.
    body: Cow<'r, [u8]>,
}

impl<'r> Candidate<'r> {
    fn read(row: &'r SqliteRow, reads: Reads, unpacker: &mut Unpacker) -> Result<Self> {
        let mut columns = Columns::new(row);
        let mut candidate = Self {
            seq: columns.get()?,
            id: RequestId::from_bytes(columns.id()?),
            inbox: columns.get()?,
            method: columns.get()?,
            path: columns.get()?,
            query: columns.get()?,
            http_version: columns.get()?,
            content_type: columns.get()?,
            body_size: columns.count()?,
            remote_addr: columns.get()?,
            event_type: columns.get()?,
            provider_event_id: columns.get()?,
            verification: columns.coded()?,
            response_status: columns.number()?,
            delivery_id: columns.id_or_none()?.map(|id| DeliveryId::from_bytes(id).to_string()),
            note: columns.get()?,
            is_pinned: columns.get()?,
            is_handshake: columns.get()?,
            colour: columns.coded_or_none()?,
            tags: columns.json()?,
            is_fault: columns.get()?,
            is_drifted: columns.get()?,
            headers: HeaderPairs::new(),
            body: Cow::Borrowed(&[]),
        };
        let headers: &[u8] = columns.get()?;
        if reads.headers {
            candidate.headers = header_bytes::decode(headers)?;
        }
        if reads.body {
            let body = unpacker.read(&mut columns)?;
            candidate.body = bodies::content(body, &Said::of(headers, candidate.content_type)?);
        }
        Ok(candidate)
    }

    fn searched(&self) -> Searched<'_> {
        Searched {
            id: self.id,
            delivery_id: self.delivery_id.as_deref(),
            inbox: self.inbox,
            method: self.method,
            path: self.path,
            query: self.query,
            http_version: self.http_version,
            headers: &self.headers,
            content_type: self.content_type,
            body_size: self.body_size,
            remote_addr: self.remote_addr,
            event_type: self.event_type,
            provider_event_id: self.provider_event_id,
            verification: self.verification,
            response_status: self.response_status,
            is_handshake: self.is_handshake,
            is_fault: self.is_fault,
            is_drifted: self.is_drifted,
            is_pinned: self.is_pinned,
            note: self.note,
            tags: &self.tags,
            colour: self.colour,
            body: &self.body,
        }
    }
}
