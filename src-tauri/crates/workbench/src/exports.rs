//! Captured requests, handed on as a file.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use futures::{Stream, stream};
use hookbench_interchange::{Facts, Message, Outgoing, Redaction, WriteFormat, Writer};
use hookbench_model::{
    CapturedRequest, Imported, InboxId, PageRequest, RequestFilter, RequestId, WireRecord,
};

use crate::error::{Faults, Result, WorkbenchError};
use crate::{Workbench, aside};

/// How many requests of a filter are read at once: what a slow reader keeps in memory is these without their bodies, and
/// one body.
const AT_ONCE: u32 = 50;
/// From this size on a body is read and written away from the threads that answer calls, in bytes.
const LARGE: usize = 1 << 20;
/// The most JSON paths of a redaction.
const MOST_PATHS: usize = 100;
/// The most requests that an export names one by one.
const MOST_NAMED: usize = 500;

/// How captured requests are written.
#[derive(Clone, Debug, Default)]
pub struct ExportDraft {
    /// `har`, `jsonl`, `csv`, `raw`; JSON Lines unless given.
    pub format: Option<String>,
    /// Takes out what looks like a secret: `secrets`.
    pub redact: Option<String>,
    /// Takes these out of JSON bodies: `data.to`, several between commas.
    pub redact_path: Option<String>,
    /// Only these, in this order: `req_…`, several between commas; not together with a filter.
    pub ids: Option<String>,
    /// Writes the secrets too that are hidden otherwise; that is logged for each.
    pub revealing: bool,
}

/// An export that is ready to be read.
pub struct Export<S> {
    /// In what it is written.
    pub format: WriteFormat,
    /// The file, piece by piece.
    pub pieces: S,
}

struct Exporter {
    workbench: Workbench,
    filter: RequestFilter,
    redaction: Redaction,
    revealing: bool,
    writer: Writer,
    slugs: HashMap<InboxId, String>,
    waiting: VecDeque<CapturedRequest>,
    /// Those that are still to be read where they were named one by one.
    named: Option<VecDeque<RequestId>>,
    stage: Stage,
}

/// What comes next.
enum Stage {
    Begin,
    /// The page before this request; the first page where there is none.
    Page(Option<RequestId>),
    /// No other page.
    Last,
    Ended,
}

impl Workbench {
    /// The captured requests that a filter matches, as a file, newest first.
    pub fn export_requests(
        &self,
        filter: RequestFilter,
        draft: &ExportDraft,
    ) -> Result<Export<impl Stream<Item = Result<Bytes>> + Send + use<>>> {
        let mut faults = Faults::default();
        crate::checks::searched(&mut faults, "q", filter.q.as_deref());
        let format = match draft.format.as_deref() {
            None => Some(WriteFormat::JsonLines),
            Some(word) => {
                let known = WriteFormat::from_name(word);
                faults.unless(known.is_some(), "format", || {
                    let names: Vec<&str> = WriteFormat::ALL.into_iter().map(WriteFormat::as_str).collect();
                    format!("is none of {}", names.join(", "))
                });
                known
            }
        };
        let redaction = redaction(&mut faults, draft);
        let named = draft.ids.as_deref().and_then(|text| named(&mut faults, text, &filter));
        faults.finish()?;
        let (Some(format), Some(redaction)) = (format, redaction) else {
            return Err(WorkbenchError::field("format", "could not be read"));
        };
        let exporter = Exporter {
            workbench: self.clone(),
            filter,
            redaction,
            revealing: draft.revealing,
            writer: Writer::new(format),
            slugs: HashMap::new(),
            waiting: VecDeque::new(),
            named: named.map(VecDeque::from),
            stage: Stage::Begin,
        };
        let pieces = stream::try_unfold(exporter, |mut exporter| async move {
            Ok(exporter.next().await?.map(|piece| (piece, exporter)))
        });
        Ok(Export { format, pieces })
    }

    /// Where those of these captured requests come from that were read from a file.
    pub async fn imported(&self, ids: &[RequestId]) -> Result<HashMap<RequestId, Imported>> {
        Ok(self.store().requests().imported(ids).await?)
    }
}

fn redaction(faults: &mut Faults, draft: &ExportDraft) -> Option<Redaction> {
    let secrets = match draft.redact.as_deref() {
        None | Some("none") => false,
        Some("secrets") => true,
        Some(_) => {
            faults.add("redact", "is none of secrets, none");
            return None;
        }
    };
    let paths = draft.redact_path.as_deref().unwrap_or_default().split(',').map(str::trim);
    let paths: Vec<&str> = paths.filter(|path| !path.is_empty()).collect();
    faults
        .unless(paths.len() <= MOST_PATHS, "redact_path", || format!("may name at most {MOST_PATHS} paths"));
    faults.take("redact_path", Redaction::new(secrets, paths))
}

/// Those that are named; each counts once.
fn named(faults: &mut Faults, text: &str, filter: &RequestFilter) -> Option<Vec<RequestId>> {
    faults.unless(*filter == RequestFilter::default(), "ids", || "go without a filter".to_owned());
    let mut ids = Vec::new();
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    for word in words.take(MOST_NAMED + 1) {
        let id = faults.take("ids", word.parse::<RequestId>())?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    faults.unless((1..=MOST_NAMED).contains(&ids.len()), "ids", || {
        format!("must name 1 to {MOST_NAMED} captured requests")
    });
    Some(ids)
}

impl Exporter {
    /// The next piece of the file; `None` at its end.
    async fn next(&mut self) -> Result<Option<Bytes>> {
        loop {
            if let Some(request) = self.waiting.pop_front() {
                if let Some(piece) = self.one(request).await? {
                    return Ok(Some(piece));
                }
                continue;
            }
            match self.stage {
                Stage::Begin => {
                    self.stage = Stage::Page(None);
                    let begin = self.writer.begin();
                    if !begin.is_empty() {
                        return Ok(Some(begin.into()));
                    }
                }
                Stage::Page(before) => self.read_on(before).await?,
                Stage::Last => {
                    self.stage = Stage::Ended;
                    let end = self.writer.end();
                    return Ok((!end.is_empty()).then(|| end.into()));
                }
                Stage::Ended => return Ok(None),
            }
        }
    }

    async fn read_on(&mut self, before: Option<RequestId>) -> Result<()> {
        let requests = self.workbench.store().requests();
        if let Some(named) = &mut self.named {
            match named.pop_front() {
                Some(id) => self.waiting.extend(requests.get(id).await?),
                None => self.stage = Stage::Last,
            }
            return Ok(());
        }
        let page = requests.list(&self.filter, PageRequest { before, limit: AT_ONCE }).await?;
        self.waiting.extend(page.rows);
        self.stage = page.next.map_or(Stage::Last, |next| Stage::Page(Some(next)));
        Ok(())
    }

    /// One request as it is written; `None` where it has been deleted meanwhile.
    async fn one(&mut self, row: CapturedRequest) -> Result<Option<Bytes>> {
        let (id, requests) = (row.id, self.workbench.store().requests());
        let Some(body) = requests.body(id).await? else { return Ok(None) };
        // No other format has a place for it.
        let is_har = self.writer.format() == WriteFormat::Har;
        let kept = if is_har { requests.entry(id).await? } else { None };
        let Some((request, wire, hides)) = self.exact(row).await? else { return Ok(None) };
        let facts = Facts {
            id: id.to_string(),
            inbox: self.slug(request.inbox_id).await?,
            delivery: request.delivery.map(|(id, number)| (id.to_string(), number)),
            verification: request.verification.status.as_str().to_owned(),
            scheme: request.verification.scheme.clone(),
            reason: request.verification.reason.clone(),
            message: request.verification.message.clone(),
            veiled: hides && !self.revealing,
            redacted: false,
        };
        let message = Message { wire, kept, ..message(request, body) };
        let mut outgoing = Outgoing { message, facts };
        let size = outgoing.message.body.len();
        if size < LARGE {
            self.redaction.apply(&mut outgoing);
            return Ok(Some(self.writer.one(&outgoing).into()));
        }
        let (redaction, mut writer) = (self.redaction.clone(), self.writer.clone());
        let written = aside(size, move || {
            redaction.apply(&mut outgoing);
            let piece = writer.one(&outgoing);
            (writer, piece)
        });
        let (writer, piece) = written.await?;
        self.writer = writer;
        Ok(Some(piece.into()))
    }

    /// A request and how it stood on the wire, and whether it holds secrets: as they are shown unless they are to be
    /// revealed. `None` where it has been deleted meanwhile.
    async fn exact(&self, row: CapturedRequest) -> Result<Option<(CapturedRequest, WireRecord, bool)>> {
        // A table has no place for it.
        if self.writer.format() == WriteFormat::Csv && row.shown.is_none() {
            return Ok(Some((row, WireRecord::default(), false)));
        }
        let wire = self.workbench.store().requests().wire(row.id).await?;
        let hides = row.shown.is_some() || wire.shown.is_some();
        if !(hides && self.revealing) {
            // Those that are named one by one were read with their secrets.
            return Ok(Some((row.veiled(), WireRecord { shown: None, ..wire.veiled() }, hides)));
        }
        match self.workbench.request_and_wire(row.id, true).await {
            Ok((request, wire)) => Ok(Some((request, WireRecord { shown: None, ..wire }, hides))),
            Err(WorkbenchError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn slug(&mut self, id: InboxId) -> Result<String> {
        if let Some(known) = self.slugs.get(&id) {
            return Ok(known.clone());
        }
        let slug = self.workbench.store().inboxes().get(id).await?.map(|inbox| inbox.slug.to_string());
        let slug = slug.unwrap_or_default();
        self.slugs.insert(id, slug.clone());
        Ok(slug)
    }
}

/// A captured request as the formats carry it.
pub(crate) fn message(request: CapturedRequest, body: Bytes) -> Message {
    Message {
        at: Some(request.received_at),
        status: request.status_seen(),
        method: request.method,
        addressed: request.addressed,
        path: request.path,
        query: request.query,
        http_version: Some(request.http_version),
        headers: request.headers,
        body,
        remote_addr: Some(request.remote_addr).filter(|address| !address.is_empty()),
        note: request.note,
        tags: request.tags,
        pinned: request.pinned,
        colour: request.colour,
        event_type: request.event_type,
        provider_event_id: request.provider_event_id,
        handshake: request.handshake,
        answered_by: request.answered_by,
        came: request.came,
        fault: request.fault,
        wire: WireRecord::default(),
        kept: None,
    }
}
