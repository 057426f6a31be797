//! Looks at the rows of which SQL could not say whether the filter holds.

use futures::TryStreamExt as _;
use hookbench_model::query::{Node, Searched, Term};
use hookbench_model::{DeliveryId, HeaderPairs, RequestId};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::Result;
use crate::bodies::{self, Unpacker};
use crate::columns::{Columns, to_json};

/// So many rows are asked for at once; they are read one by one.
const AT_ONCE: usize = 512;

macro_rules! candidates {
    ($body:expr, $joined:expr) => {
        concat!(
            "SELECT t.seq, t.id, i.slug, t.method, t.path, t.query, t.http_version, t.headers, t.content_type, ",
            "t.body_size, t.remote_addr, t.event_type, t.provider_event_id, t.verification, t.response_status, ",
            "t.delivery_id, t.note, t.tags, t.pinned, t.handshake IS NOT NULL, t.colour, ",
            "EXISTS (SELECT 1 FROM request_wire w WHERE w.seq = t.seq AND w.fault_code IS NOT NULL), ",
            "EXISTS (SELECT 1 FROM drifts d WHERE d.request_seq = t.seq), ",
            $body,
            " FROM json_each(?) j CROSS JOIN requests t ON t.seq = j.value ",
            "JOIN inboxes i ON i.seq = t.inbox_seq ",
            $joined,
            "ORDER BY j.key"
        )
    };
}

/// Rows with their bodies, in the order asked for.
const WITH_BODIES: &str = candidates!(bodies::columns!(), bodies::joined!());
/// The same without.
const WITHOUT_BODIES: &str = candidates!("x'', 0, NULL", "");

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

impl Confirm {
    /// The first of these rows for which the filter holds, so many at most, in their order.
    pub(crate) async fn first(
        &self,
        connection: &mut SqliteConnection,
        seqs: &[i64],
        most: usize,
    ) -> Result<Vec<Confirmed>> {
        let sql = if self.node.has(Term::reads_body) { WITH_BODIES } else { WITHOUT_BODIES };
        let (mut found, mut unpacker) = (Vec::new(), Unpacker::new());
        for seqs in seqs.chunks(AT_ONCE) {
            let mut rows = sqlx::query(sql).bind(to_json(&seqs)?).fetch(&mut *connection);
            while let Some(row) = rows.try_next().await? {
                if found.len() == most {
                    return Ok(found);
                }
                found.extend(self.confirmed(&row, &mut unpacker)?);
            }
        }
        Ok(found)
    }

    /// Whether the headers have to be cut apart to know.
    fn reads_headers(&self) -> bool {
        self.node.has(|term| matches!(term, Term::Header(..) | Term::Anywhere(_)))
    }

    fn confirmed(&self, row: &SqliteRow, unpacker: &mut Unpacker) -> Result<Option<Confirmed>> {
        let mut columns = Columns::new(row);
        let seq = columns.get()?;
        let id = columns.id()?;
        let inbox = columns.get()?;
        let (method, path, query, http_version) =
            (columns.get()?, columns.get()?, columns.get()?, columns.get()?);
        let headers = if self.reads_headers() {
            columns.headers()?
        } else {
            {
                columns.skip(1);
                HeaderPairs::new()
            }
        };
        let (content_type, body_size, remote_addr) = (columns.get()?, columns.count()?, columns.get()?);
        let (event_type, provider_event_id) = (columns.get()?, columns.get()?);
        let (verification, response_status) = (columns.coded()?, columns.number()?);
        let delivery_id = columns.id_or_none()?.map(|id| DeliveryId::from_bytes(id).to_string());
        let note = columns.get()?;
        let tags: Vec<String> = columns.json()?;
        let (is_pinned, is_handshake) = (columns.get()?, columns.get()?);
        let colour = columns.coded_or_none()?;
        let (is_fault, is_drifted) = (columns.get()?, columns.get()?);
        let body = unpacker.read(&mut columns)?;
        let searched = Searched {
            id: RequestId::from_bytes(id),
            delivery_id: delivery_id.as_deref(),
            inbox,
            method,
            path,
            query,
            http_version,
            headers: &headers,
            content_type,
            body_size,
            remote_addr,
            event_type,
            provider_event_id,
            verification,
            response_status,
            is_handshake,
            is_fault,
            is_drifted,
            is_pinned,
            note,
            tags: &tags,
            colour,
            body: &body,
        };
        Ok(self.node.holds(&searched).then_some(Confirmed { seq, id }))
    }
}
