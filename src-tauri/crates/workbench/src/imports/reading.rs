//! A file on its way in: read, made captured requests of, and written, a batch at a time.

use std::pin::pin;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt as _, stream};
use hookbench_capture::{Arrived, Judge};
use hookbench_interchange::{
    Bounds, Import, LatePages, Message, Pieces, ReadError, ReadFormat, START, format_of, read,
};
use hookbench_model::{Imported, Timestamp};
use hookbench_store::{ImportedRequest, ImportedRows};

use super::{
    ImportedLine, MAX_IMPORT, MAX_STREAMED_IMPORT, RequestImportDraft, RequestImportSeen, SHOWN, Wanted,
};
use crate::error::{Result, WorkbenchError};
use crate::inboxes::InboxDraft;
use crate::{Workbench, aside};

/// So many requests are written in one transaction, and so many bytes of bodies and of what is kept beside them: between
/// two of them the writer has time for others.
const BATCH: usize = 256;
const BATCH_BYTES: usize = 8 << 20;
/// So much of a file is gathered before it is read on, in bytes.
const PIECE: usize = 256 << 10;
/// The most requests of a file that is read as it comes.
const MOST_REQUESTS: usize = 5_000_000;

/// A file that is at hand.
pub fn whole(
    content: impl Into<Bytes>,
) -> impl Stream<Item = Result<Bytes, std::convert::Infallible>> + Send {
    let content = content.into();
    stream::once(async move { Ok(content) })
}

impl Workbench {
    /// What an import would bring; writes nothing.
    pub async fn preview_requests<E>(
        &self,
        draft: RequestImportDraft,
        content: impl Stream<Item = Result<Bytes, E>> + Send,
    ) -> Result<RequestImportSeen> {
        self.read_in(draft, content, true).await
    }

    /// Reads a file into an inbox. Each batch of requests is written whole; where the file breaks off, or the disk is
    /// full, those that were written stay. The first is told by `broken` and a note, the second by
    /// [`WorkbenchError::Partly`]. Where nothing could be read nothing is written, and no inbox is made.
    pub async fn import_requests<E>(
        &self,
        draft: RequestImportDraft,
        content: impl Stream<Item = Result<Bytes, E>> + Send,
    ) -> Result<RequestImportSeen> {
        self.read_in(draft, content, false).await
    }

    async fn read_in<E>(
        &self,
        draft: RequestImportDraft,
        content: impl Stream<Item = Result<Bytes, E>> + Send,
        is_dry: bool,
    ) -> Result<RequestImportSeen> {
        let wanted = self.wanted_import(draft).await?;
        let mut content = File { content: pin!(content), read: 0 };
        let (start, ended) = content.up_to(START).await?;
        let format = wanted.format.or_else(|| format_of(&start));
        let format = format.ok_or_else(|| unreadable(&ReadError::UnknownFormat))?;
        let bounds = Bounds { body: self.settings().capture_max_body, ..Bounds::default() };
        let mut importing = Importing::new(self.clone(), wanted, format, bounds, is_dry);
        let done = match Pieces::new(format, bounds, MOST_REQUESTS) {
            Some(pieces) => importing.as_it_comes(pieces, start, ended, &mut content).await,
            None => importing.at_once(start, ended, &mut content).await,
        };
        let broken = match done {
            Ok(broken) => broken,
            Err(error) => return Err(importing.partly(error)),
        };
        importing.finish(broken).await
    }
}

/// The file as it comes.
struct File<S> {
    content: S,
    read: u64,
}

impl<S, E> File<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    /// At least so much of it, and whether that was the end.
    async fn up_to(&mut self, least: usize) -> Result<(BytesMut, bool)> {
        let mut gathered = BytesMut::new();
        while gathered.len() < least {
            match self.content.next().await {
                None => return Ok((gathered, true)),
                Some(Ok(piece)) => gathered.extend_from_slice(&piece),
                Some(Err(_)) => {
                    return Err(WorkbenchError::field("file", "broke off before it was whole"));
                }
            }
        }
        self.read += gathered.len() as u64;
        if self.read > MAX_STREAMED_IMPORT {
            let limit = usize::try_from(MAX_STREAMED_IMPORT).unwrap_or(usize::MAX);
            return Err(WorkbenchError::TooLarge { what: "The file", limit });
        }
        Ok((gathered, false))
    }
}

struct Importing {
    workbench: Workbench,
    wanted: Wanted,
    bounds: Bounds,
    is_dry: bool,
    now: Timestamp,
    judge: Option<Judge>,
    /// What is told of the whole; its requests have gone.
    told: Import,
    batch: Vec<Message>,
    batch_bytes: usize,
    written: u64,
    /// Where those are that are written.
    rows: Vec<ImportedRows>,
    count: u64,
    bytes: u64,
    first: Vec<ImportedLine>,
    /// How many are older than the inbox keeps requests.
    old: u64,
}

impl Importing {
    fn new(workbench: Workbench, wanted: Wanted, format: ReadFormat, bounds: Bounds, is_dry: bool) -> Self {
        Self {
            now: workbench.now(),
            workbench,
            wanted,
            bounds,
            is_dry,
            judge: None,
            told: Import::nothing(format),
            batch: Vec::new(),
            batch_bytes: 0,
            written: 0,
            rows: Vec::new(),
            count: 0,
            bytes: 0,
            first: Vec::new(),
            old: 0,
        }
    }

    /// Reads the file to its end, or to where it breaks, which is the answer.
    async fn as_it_comes<S, E>(
        &mut self,
        mut pieces: Pieces,
        start: BytesMut,
        mut ended: bool,
        file: &mut File<S>,
    ) -> Result<Option<ReadError>>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
    {
        let mut piece = start;
        loop {
            let at_end = ended;
            let work = move || {
                let pushed = pieces.push(&piece);
                let finished = (at_end && pushed.1.is_ok()).then(|| pieces.finish());
                (pieces, pushed, finished)
            };
            let (back, pushed, finished) = aside(PIECE, work).await?;
            pieces = back;
            for (import, done) in std::iter::once(pushed).chain(finished) {
                self.add(import).await?;
                if let Err(error) = done {
                    return Ok(Some(error));
                }
            }
            if at_end {
                self.name_pages(pieces.late_pages()).await?;
                return Ok(None);
            }
            (piece, ended) = file.up_to(PIECE).await?;
        }
    }

    /// Puts the pages that stand behind the entries of a HAR beside those, which have been written meanwhile.
    async fn name_pages(&mut self, pages: Option<LatePages>) -> Result<()> {
        let Some(pages) = pages.filter(|_| !self.is_dry).map(Arc::new) else { return Ok(()) };
        self.write().await?;
        let requests = self.workbench.store().requests();
        for rows in std::mem::take(&mut self.rows) {
            let entries = requests.entries(rows).await?;
            let size = entries.iter().map(|(_, entry)| entry.len()).sum();
            let pages = Arc::clone(&pages);
            let named = aside(size, move || {
                let entries = entries.into_iter();
                entries.filter_map(|(row, entry)| Some((row, pages.put_beside(&entry)?))).collect()
            });
            requests.change_entries(named.await?).await?;
        }
        Ok(())
    }

    /// Reads a file whose format is only read whole.
    async fn at_once<S, E>(
        &mut self,
        start: BytesMut,
        ended: bool,
        file: &mut File<S>,
    ) -> Result<Option<ReadError>>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
    {
        let mut content = start;
        let mut ended = ended;
        while !ended {
            let (more, is_end) = file.up_to(PIECE).await?;
            content.extend_from_slice(&more);
            ended = is_end;
            if content.len() > MAX_IMPORT {
                return Err(WorkbenchError::TooLarge { what: "The file", limit: MAX_IMPORT });
            }
        }
        let (format, bounds) = (self.told.format, self.bounds);
        let import = aside(content.len(), move || read(&content, Some(format), &bounds)).await?;
        self.add(import.map_err(|error| unreadable(&error))?).await?;
        Ok(None)
    }

    async fn add(&mut self, import: Import) -> Result<()> {
        let oldest = self.wanted.inbox.as_ref().and_then(|inbox| inbox.inbox.retention.max_age_ms);
        let before = oldest.map(|age| self.now.plus_ms(-i64::try_from(age).unwrap_or(i64::MAX)));
        for message in self.told.merge(import, &self.bounds) {
            self.count += 1;
            self.bytes += message.body.len() as u64;
            if self.first.len() < SHOWN {
                self.first.push(ImportedLine::from(&message));
            }
            let is_old = before.zip(message.at).is_some_and(|(before, at)| at < before);
            self.old += u64::from(is_old);
            if self.is_dry {
                continue;
            }
            self.batch_bytes += message.body.len() + message.kept.as_ref().map_or(0, String::len);
            self.batch.push(message);
            if self.batch.len() >= BATCH || self.batch_bytes >= BATCH_BYTES {
                self.write().await?;
            }
        }
        Ok(())
    }

    /// Writes what has been gathered, in one transaction.
    async fn write(&mut self) -> Result<()> {
        let batch = std::mem::take(&mut self.batch);
        let size = std::mem::take(&mut self.batch_bytes);
        if batch.is_empty() {
            return Ok(());
        }
        let judge = self.judge().await?;
        let (format, name, now) = (self.told.format, self.wanted.name.clone(), self.now);
        let count = batch.len() as u64;
        let requests = aside(size, move || {
            batch.into_iter().map(|message| captured(&judge, message, format, &name, now)).collect()
        });
        self.rows.extend(self.workbench.store().requests().import(requests.await?).await?);
        self.written += count;
        Ok(())
    }

    /// Who judges the requests: that of the inbox, which is made where there is none yet.
    async fn judge(&mut self) -> Result<Judge> {
        if let Some(judge) = &self.judge {
            return Ok(judge.clone());
        }
        let inbox = if let Some(inbox) = &self.wanted.inbox {
            inbox
        } else {
            let draft = InboxDraft { name: Some(self.wanted.inbox_name.clone()), ..InboxDraft::default() };
            let made = self.workbench.create_inbox(draft).await?;
            self.wanted.inbox.insert(made)
        };
        let judge = self.workbench.judge_of(&inbox.inbox.slug).await.ok_or(WorkbenchError::Stopping)?;
        Ok(self.judge.insert(judge).clone())
    }

    /// What could not be finished, with what was.
    fn partly(&self, error: WorkbenchError) -> WorkbenchError {
        if self.written == 0 {
            return error;
        }
        let inbox = self.wanted.inbox_name.clone();
        tracing::warn!(
            requests = self.written,
            error = &error as &dyn std::error::Error,
            "an import was not finished; what was written stays"
        );
        WorkbenchError::Partly { imported: self.written, inbox, source: Box::new(error) }
    }

    async fn finish(mut self, broken: Option<ReadError>) -> Result<RequestImportSeen> {
        if self.count == 0 {
            if let Some(error) = &broken {
                return Err(unreadable(error));
            }
            let Some(left) = self.told.left_out.first() else { return Err(unreadable(&ReadError::Nothing)) };
            if !self.is_dry {
                let why = format!("holds nothing to import: {}: {}", left.place, left.fault);
                return Err(WorkbenchError::field("file", why));
            }
        }
        if let Err(error) = self.write().await {
            return Err(self.partly(error));
        }
        let inbox = self.wanted.inbox.take();
        if !self.is_dry {
            let id = inbox.as_ref().map(|inbox| inbox.inbox.id.to_string()).unwrap_or_default();
            let format = self.told.format.as_str();
            tracing::info!(inbox = %id, requests = self.count, format, "requests were imported");
        }
        let mut notes = Vec::new();
        if let Some(error) = &broken {
            let what = if self.is_dry { "can be imported" } else { "are imported" };
            notes.push(format!(
                "The file could not be read to its end: it {error}. The {} requests before that {what}.",
                self.count
            ));
        }
        notes.append(&mut self.told.notes);
        if let Some(inbox) = &inbox {
            let (name, retention) = (&inbox.inbox.name, &inbox.inbox.retention);
            if self.old > 0 {
                notes.push(format!(
                    "{} of them are older than “{name}” keeps requests: they are removed soon after.",
                    self.old
                ));
            }
            if retention.max_requests.is_some_and(|most| self.count > most) {
                notes.push(format!("“{name}” keeps fewer requests than these: the oldest are removed."));
            }
        }
        let left_out = self.told.left_out.iter().map(|left| (left.place.to_string(), left.fault.to_string()));
        Ok(RequestImportSeen {
            format: self.told.format,
            inbox,
            inbox_name: self.wanted.inbox_name,
            count: self.count,
            bytes: self.bytes,
            first: self.first,
            left_out: left_out.collect(),
            left_out_count: self.told.left_out_count as u64,
            broken: broken.is_some(),
            notes,
        })
    }
}

fn unreadable(error: &ReadError) -> WorkbenchError {
    WorkbenchError::field("file", error.to_string())
}

fn captured(
    judge: &Judge,
    message: Message,
    format: ReadFormat,
    name: &str,
    now: Timestamp,
) -> ImportedRequest {
    let body = message.body.clone();
    let kept = message.kept;
    let (request, wire) = judge.captured(Arrived {
        at: message.at.unwrap_or(now),
        at_is_told: message.at.is_some(),
        method: message.method,
        addressed: message.addressed,
        path: message.path,
        query: message.query,
        http_version: message.http_version,
        headers: message.headers,
        body: message.body,
        status: message.status,
        remote_addr: message.remote_addr,
        note: message.note,
        tags: message.tags,
        pinned: message.pinned,
        colour: message.colour,
        event_type: message.event_type,
        provider_event_id: message.provider_event_id,
        handshake: message.handshake,
        answered_by: message.answered_by,
        came: message.came,
        fault: message.fault,
        wire: message.wire,
    });
    // The entry has its headers in clear: where one of them is a secret it is not kept beside.
    let entry = kept.filter(|_| request.shown.is_none());
    ImportedRequest {
        body,
        wire,
        imported: Imported { format: format.as_str().to_owned(), name: name.to_owned(), entry },
        request,
    }
}
