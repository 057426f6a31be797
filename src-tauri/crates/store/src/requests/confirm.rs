//! Looks at the rows of which SQL could not say whether the filter holds.

use std::borrow::Cow;

use futures::TryStreamExt as _;
use hookbench_model::query::{Mark, Node, Searched, Term, TextField};
use hookbench_model::{Colour, DeliveryId, HeaderPairs, RequestId, VerificationStatus};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::bodies::{self, Unpacker};
use crate::columns::{Columns, to_json};
use crate::{Result, header_bytes};

/// So many rows are asked for at once; they are read one by one.
const AT_ONCE: usize = 512;

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
    pub(super) node: Node,
    /// Whether it asks for more than SQL can say, besides that it cannot read what is packed.
    pub(crate) closely: bool,
}

/// A row for which it holds.
pub(crate) struct Confirmed {
    pub(crate) seq: i64,
    pub(crate) id: [u8; 16],
}

/// What was found of some rows.
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
        let reads = Reads::of(&self.node);
        let mut looked = Looked { found: Vec::new(), bytes: 0, ended_at: None };
        let (mut unpacker, mut left) = (Unpacker::new(), seqs.len());
        for seqs in seqs.chunks(AT_ONCE) {
            let sql = sqlx::AssertSqlSafe(reads.sql());
            let mut rows = sqlx::query(sql).bind(to_json(&seqs)?).fetch(&mut *connection);
            while let Some(row) = rows.try_next().await? {
                if looked.found.len() == most {
                    return Ok(looked);
                }
                left = left.saturating_sub(1);
                let row = Candidate::read(&row, reads, &mut unpacker).await?;
                looked.bytes += row.body.len() as u64;
                if self.node.holds(&row.searched()) {
                    looked.found.push(Confirmed { seq: row.seq, id: *row.id.as_bytes() });
                }
                if looked.bytes >= bytes && left > 0 {
                    looked.ended_at = Some(*row.id.as_bytes());
                    return Ok(looked);
                }
            }
        }
        Ok(looked)
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
    async fn read(row: &'r SqliteRow, reads: Reads, unpacker: &mut Unpacker) -> Result<Self> {
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
            candidate.body = bodies::content(body, &bodies::codings(headers)?).await?;
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
