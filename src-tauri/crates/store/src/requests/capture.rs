use std::sync::LazyLock;

use bytes::Bytes;
use hookbench_model::{Action, CapturedRequest, NewRelay, Noun, WireRecord, Within};

use super::row::{seal, seal_signed};
use super::{answered, wire};
use crate::codes::Coded as _;
use crate::columns::{signed, to_json};
use crate::rows::{ROWS, RowTexts, insert};
use crate::writer::{Hot, Script, Write};
use crate::{Result, header_bytes, relays};

/// A request to be written.
#[derive(Debug)]
pub(crate) struct NewRequest {
    pub(crate) request: CapturedRequest,
    pub(crate) body: Bytes,
    /// How it stood on the wire, where its fields do not say it.
    pub(crate) wire: Option<Box<WireRecord>>,
    /// Where it goes from here.
    pub(crate) relays: Vec<NewRelay>,
}

const COLUMNS: &str = "seq, id, inbox_seq, received_at, method, path, query, http_version, headers, \
                       content_type, body_size, remote_addr, event_type, provider_event_id, verification, \
                       scheme, reason, message, signed_content, signed_ends_in_body, response_status, \
                       delivery_id, attempt, note, tags, pinned, handshake, addressed, connection, turn, \
                       head_us, body_us";

/// Requests and their bodies go to the database in one call.
static INSERT: LazyLock<RowTexts> = LazyLock::new(|| {
    RowTexts::new(|rows| {
        format!("{}; {}", insert("requests", COLUMNS, rows), insert("request_bodies", "seq, body", rows))
    })
});

/// What few requests have besides: see [`seal`].
const SECRETS: &str = "INSERT INTO request_secrets (seq, sealed, signed_content) VALUES (?, ?, ?)";

/// What hardly any request has when it is written: only one that was marked elsewhere.
const COLOUR: &str = "UPDATE requests SET colour = ? WHERE seq = ?";

/// A request that may be written, with its key and the key of its inbox.
struct Placed<'j> {
    seq: i64,
    inbox_seq: i64,
    new: &'j NewRequest,
}

/// Writes requests, many rows a statement.
pub(crate) async fn capture_all(write: &mut Write, jobs: &mut [Hot<NewRequest, ()>]) -> Result<()> {
    let mut placed = Vec::with_capacity(jobs.len());
    for Hot { input, outcome, .. } in jobs {
        *outcome = Some(write.state.inbox(input.request.inbox_id).map(|inbox_seq| {
            placed.push(Placed { seq: write.state.take_request_seq(), inbox_seq, new: input });
        }));
    }
    for rows in placed.chunks(ROWS) {
        let script = write.rows(INSERT.of(rows.len()), rows.len()).await?;
        for row in rows {
            bind(script, row)?;
        }
        for row in rows {
            script.bind(row.seq).bind(&row.new.body[..]);
        }
    }
    for Placed { seq, new, .. } in placed.iter().filter(|row| row.new.request.shown.is_some()) {
        let sealed = seal(&write.vault, &new.request)?;
        let content = Signed::of(new).hidden.map(|before| seal_signed(&write.vault, &new.request, before));
        write.rows(SECRETS, 1).await?.bind(*seq).bind(sealed).bind(content.transpose()?);
    }
    for Placed { seq, new, .. } in &placed {
        if let Some(colour) = new.request.colour {
            write.rows(COLOUR, 1).await?.bind(colour.code()).bind(*seq);
        }
    }
    for Placed { seq, new, .. } in
        placed.iter().filter(|row| row.new.wire.is_some() || row.new.request.fault.is_some())
    {
        wire::insert(write, *seq, new).await?;
    }
    for Placed { seq, new, .. } in &placed {
        if let Some(by) = &new.request.answered_by {
            answered::insert(write, *seq, by).await?;
        }
    }
    for Placed { seq, new, .. } in &placed {
        relays::insert(write, *seq, &new.relays, new.request.received_at).await?;
    }
    write.rows_end().await?;
    for CapturedRequest { id, inbox_id, verification, body_size, .. } in
        placed.iter().map(|row| &row.new.request)
    {
        write.counted.captured(verification.status, *body_size);
        let status = verification.status.as_str();
        write.changed(Noun::Request, Action::Created, id, Some(inbox_id.to_string()), Some(status));
    }
    Ok(())
}

fn bind(insert: &mut Script, row: &Placed<'_>) -> Result<()> {
    let Placed { seq, inbox_seq, new } = row;
    let request = &new.request;
    let verification = &request.verification;
    // What is secret of them is encrypted elsewhere.
    let shown = request.shown.as_ref();
    let (headers, query) =
        shown.map_or((&request.headers, &request.query), |shown| (&shown.headers, &shown.query));
    let content = Signed::of(new);
    let came = request.came;
    insert
        .bind(*seq)
        .bind(request.id.as_bytes().to_vec())
        .bind(*inbox_seq)
        .bind(request.received_at.unix_ms())
        .bind(request.method.clone())
        .bind(request.path.clone())
        .bind(query.clone())
        .bind(request.http_version.clone())
        .bind(header_bytes::encode(headers))
        .bind(request.content_type.clone())
        .bind(signed(request.body_size))
        .bind(request.remote_addr.clone())
        .bind(request.event_type.clone())
        .bind(request.provider_event_id.clone())
        .bind(verification.status.code())
        .bind(verification.scheme.clone())
        .bind(verification.reason.clone())
        .bind(verification.message.clone())
        .bind(content.plain.map(<[u8]>::to_vec))
        .bind(content.ends_in_body)
        .bind(i64::from(request.response_status))
        .bind(request.delivery.map(|(id, _)| id.as_bytes().to_vec()))
        .bind(request.delivery.map(|(_, attempt)| i64::from(attempt)))
        .bind(request.note.clone())
        .bind(to_json(&request.tags)?)
        .bind(request.pinned)
        .bind(request.handshake.clone())
        .bind(request.addressed.clone())
        .bind(came.map(|came| signed(came.connection)))
        .bind(came.map(|came| i64::from(came.turn)))
        .bind(came.and_then(|came| came.head_us).map(i64::from))
        .bind(came.map(|came| i64::from(came.body_us)));
    Ok(())
}

/// The content that a signature covers, as it is kept.
struct Signed<'c> {
    /// What stands in clear; empty where it is hidden.
    plain: Option<&'c [u8]>,
    /// What is to be encrypted, since what is hidden of the request is in it.
    hidden: Option<&'c [u8]>,
    /// Whether the body follows: most schemes sign something short and then that, which is kept already.
    ends_in_body: bool,
}

impl<'c> Signed<'c> {
    fn of(NewRequest { request, body, .. }: &'c NewRequest) -> Self {
        let content = request.verification.signed_content.as_deref();
        let (before, ends_in_body) = match content.and_then(|content| content.strip_suffix(&body[..])) {
            Some(before) if !body.is_empty() => (Some(before), true),
            _ => (content, false),
        };
        let hides = |within: Within| before.filter(|before| within.is_in(before));
        let hidden = request.within().and_then(hides);
        Self { plain: if hidden.is_some() { Some(&[]) } else { before }, hidden, ends_in_body }
    }
}
