//! Captured requests, handed on: many as a file, one as the code that sends it again.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use futures::{Stream, stream};
use hookbench_interchange::{
    Checks, Facts, Message, Outgoing, Redaction, Tool, WriteFormat, Writer, copy_as, save_as_test,
};
use hookbench_model::{CapturedRequest, Imported, InboxId, PageRequest, RequestFilter, RequestId};

use crate::Workbench;
use crate::error::{Faults, Result, WorkbenchError};

/// How many requests are read at once: what a slow reader keeps in memory is these and one body.
const AT_ONCE: u32 = 50;
/// The most JSON paths of a redaction.
const MOST_PATHS: usize = 100;
/// The largest body that stands in code to be copied, in bytes: 1 MiB.
pub const MAX_COPIED: u64 = 1 << 20;

/// How captured requests are written.
#[derive(Clone, Debug, Default)]
pub struct ExportDraft {
    /// `har`, `jsonl`, `csv`, `raw`; JSON Lines unless given.
    pub format: Option<String>,
    /// Takes out what looks like a secret: `secrets`.
    pub redact: Option<String>,
    /// Takes these out of JSON bodies: `data.to`, several between commas.
    pub redact_path: Option<String>,
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

/// How one captured request is copied.
#[derive(Clone, Debug, Default)]
pub struct CopyDraft {
    /// Sent to this URL, with the path and the query after it; to the inbox unless given, what was imported to where it
    /// went.
    pub url: Option<String>,
    /// With the secrets that are hidden otherwise; that is logged.
    pub revealing: bool,
}

struct Exporter {
    workbench: Workbench,
    filter: RequestFilter,
    redaction: Redaction,
    revealing: bool,
    writer: Writer,
    slugs: HashMap<InboxId, String>,
    waiting: VecDeque<(CapturedRequest, Option<Imported>)>,
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
            stage: Stage::Begin,
        };
        let pieces = stream::try_unfold(exporter, |mut exporter| async move {
            Ok(exporter.next().await?.map(|piece| (piece, exporter)))
        });
        Ok(Export { format, pieces })
    }

    /// The code that sends a captured request again, in the words of a tool.
    pub async fn copy_request(&self, id: RequestId, tool: &str, draft: CopyDraft) -> Result<String> {
        let is_test = tool == "test";
        let tool = Tool::from_name(tool);
        if tool.is_none() && !is_test {
            return Err(WorkbenchError::not_found("tool", "of this name to copy a request for"));
        }
        let request = self.request(id).await?;
        if request.body_size > MAX_COPIED {
            let limit = usize::try_from(MAX_COPIED).unwrap_or(usize::MAX);
            return Err(WorkbenchError::TooLarge { what: "A body that is to stand in code", limit });
        }
        let url = match &draft.url {
            Some(text) => {
                let mut faults = Faults::default();
                let url = crate::checks::url(&mut faults, "url", text);
                faults.finish()?;
                url.map(|url| url.as_str().trim_end_matches('/').to_owned())
            }
            None => None,
        };
        let imported = self.store().requests().imported(&[id]).await?.remove(&id);
        let inbox = self.inbox(request.inbox_id).await?;
        let shown = self.request_with_wire(id, draft.revealing).await?.0;
        let (body, _) = self.request_body(id).await?;
        let status = request.status_seen();
        let mut message = message(shown.request, body, None);
        let elsewhere =
            message.addressed.take().filter(|addressed| imported.is_some() && !addressed.is_empty());
        message.addressed = Some(url.or(elsewhere).unwrap_or(inbox.url));
        Ok(match tool {
            Some(tool) => copy_as(tool, &message),
            None => save_as_test(&message, &Checks { status, body_holds: None }),
        })
    }

    /// Where a captured request comes from that was read from a file.
    pub async fn imported(&self, id: RequestId) -> Result<Option<Imported>> {
        Ok(self.store().requests().imported(&[id]).await?.remove(&id))
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

impl Exporter {
    /// The next piece of the file; `None` at its end.
    async fn next(&mut self) -> Result<Option<Bytes>> {
        loop {
            if let Some((request, imported)) = self.waiting.pop_front() {
                if let Some(piece) = self.one(request, imported).await? {
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
        let page = requests.list(&self.filter, PageRequest { before, limit: AT_ONCE }).await?;
        let ids: Vec<RequestId> = page.rows.iter().map(|request| request.id).collect();
        let mut imported = if ids.is_empty() { HashMap::new() } else { requests.imported(&ids).await? };
        self.waiting.extend(page.rows.into_iter().map(|request| {
            let imported = imported.remove(&request.id);
            (request, imported)
        }));
        self.stage = page.next.map_or(Stage::Last, |next| Stage::Page(Some(next)));
        Ok(())
    }

    /// One request as it is written; `None` where it has been deleted meanwhile.
    async fn one(&mut self, row: CapturedRequest, imported: Option<Imported>) -> Result<Option<Bytes>> {
        let id = row.id;
        let Some(body) = self.workbench.store().requests().body(id).await? else { return Ok(None) };
        let hides = row.shown.is_some();
        let request = if hides && self.revealing {
            self.workbench.request_with_wire(id, true).await?.0.request
        } else {
            row
        };
        let facts = Facts {
            id: id.to_string(),
            inbox: self.slug(request.inbox_id).await?,
            event_type: request.event_type.clone(),
            provider_event_id: request.provider_event_id.clone(),
            verification: request.verification.status.as_str().to_owned(),
            scheme: request.verification.scheme.clone(),
            message: request.verification.message.clone(),
            veiled: hides && !self.revealing,
            redacted: false,
        };
        let mut outgoing = Outgoing { message: message(request, body, imported), facts };
        self.redaction.apply(&mut outgoing);
        Ok(Some(self.writer.one(&outgoing).into()))
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

fn message(request: CapturedRequest, body: Bytes, imported: Option<Imported>) -> Message {
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
        kept: imported.and_then(|imported| imported.entry),
    }
}
