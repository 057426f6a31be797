//! Requests that are read from files, as captured requests of an inbox.

use bytes::Bytes;
use hookbench_capture::{Arrived, Judge};
use hookbench_interchange::{Bounds, Import, Message, ReadFormat, read};
use hookbench_model::{Imported, InboxId, Timestamp};
use hookbench_store::ImportedRequest;

use crate::error::{Faults, Result, WorkbenchError};
use crate::inboxes::{InboxDraft, LocatedInbox};
use crate::{Workbench, aside, checks};

/// The largest file that is read, in bytes: 128 MiB.
pub const MAX_IMPORT: usize = 128 << 20;
/// The longest name of a file that is kept, in characters.
const LONGEST_NAME: usize = 200;
/// How many requests a dry run shows.
const SHOWN: usize = 20;

/// A file with requests, and where they are to go.
#[derive(Clone, Debug, Default)]
pub struct RequestImportDraft {
    /// The file.
    pub content: Bytes,
    /// `har`, `curl`, `raw`, `postman`, `jsonl`; `auto` or nothing tells it by the content.
    pub format: Option<String>,
    /// What the file is called.
    pub name: Option<String>,
    /// Into this inbox; into a new one unless given.
    pub inbox_id: Option<String>,
    /// What a new inbox is called.
    pub inbox_name: Option<String>,
}

/// A request of a file, in a line.
#[derive(Clone, Debug)]
pub struct ImportedLine {
    /// The method.
    pub method: String,
    /// The URL.
    pub url: String,
    /// When it arrived, where the file says it.
    pub at: Option<Timestamp>,
    /// The size of its body, in bytes.
    pub body_size: u64,
}

/// What a file holds, and what becomes of it.
#[derive(Clone, Debug)]
pub struct RequestImportSeen {
    /// What it was read as.
    pub format: ReadFormat,
    /// The inbox that has them; `None` where a new one would be made.
    pub inbox: Option<LocatedInbox>,
    /// What that inbox is called, or would be.
    pub inbox_name: String,
    /// How many requests there are.
    pub count: u64,
    /// The sizes of their bodies together, in bytes.
    pub bytes: u64,
    /// The first of them.
    pub first: Vec<ImportedLine>,
    /// What is left out, the first few: where, and why.
    pub left_out: Vec<(String, String)>,
    /// How many are left out.
    pub left_out_count: u64,
    /// What somebody should know, in sentences.
    pub notes: Vec<String>,
}

impl Workbench {
    /// What an import would bring; writes nothing.
    pub async fn preview_requests(&self, draft: RequestImportDraft) -> Result<RequestImportSeen> {
        let (_, seen) = self.read_import(draft).await?;
        Ok(seen)
    }

    /// Reads a file into an inbox: all of what can be read, or nothing.
    pub async fn import_requests(&self, draft: RequestImportDraft) -> Result<RequestImportSeen> {
        let name = draft.name.clone().unwrap_or_default();
        let (import, mut seen) = self.read_import(draft).await?;
        if import.messages.is_empty() {
            let why =
                seen.left_out.first().map(|(place, why)| format!("holds nothing to import: {place}: {why}"));
            return Err(WorkbenchError::field("file", why.unwrap_or_else(|| "holds no request".to_owned())));
        }
        let (inbox, is_new) = if let Some(inbox) = seen.inbox.take() {
            (inbox, false)
        } else {
            let draft = InboxDraft { name: Some(seen.inbox_name.clone()), ..InboxDraft::default() };
            (self.create_inbox(draft).await?, true)
        };
        if let Err(error) = self.write_import(&inbox, name, import).await {
            if is_new && let Err(left) = self.delete_inbox(inbox.inbox.id).await {
                tracing::warn!(
                    error = &left as &dyn std::error::Error,
                    "an inbox made for an import stays, empty"
                );
            }
            return Err(error);
        }
        tracing::info!(inbox = %inbox.inbox.id, requests = seen.count, format = seen.format.as_str(), "requests were imported");
        seen.inbox = Some(inbox);
        Ok(seen)
    }

    async fn write_import(&self, inbox: &LocatedInbox, name: String, import: Import) -> Result<()> {
        let judge = self.judge_of(&inbox.inbox.slug).await.ok_or(WorkbenchError::Stopping)?;
        let now = self.now();
        let size = import.messages.iter().map(|message| message.body.len()).sum();
        let format = import.format;
        let requests = aside(size, move || {
            let mut requests = Vec::with_capacity(import.messages.len());
            for message in import.messages {
                requests.push(captured(&judge, message, format, &name, now));
            }
            requests
        });
        Ok(self.store().requests().import(requests.await?).await?)
    }

    async fn read_import(&self, draft: RequestImportDraft) -> Result<(Import, RequestImportSeen)> {
        let RequestImportDraft { content, format, name, inbox_id, inbox_name } = draft;
        if content.len() > MAX_IMPORT {
            return Err(WorkbenchError::TooLarge { what: "The file", limit: MAX_IMPORT });
        }
        let mut faults = Faults::default();
        let format = format.filter(|format| format != "auto").and_then(|word| {
            let known = ReadFormat::from_name(&word);
            faults.unless(known.is_some(), "format", || {
                let names: Vec<&str> = ReadFormat::ALL.into_iter().map(ReadFormat::as_str).collect();
                format!("is none of auto, {}", names.join(", "))
            });
            known
        });
        let name = name.unwrap_or_default();
        faults.unless(name.chars().count() <= LONGEST_NAME, "name", || {
            format!("may be at most {LONGEST_NAME} characters long")
        });
        faults.unless(inbox_id.is_none() || inbox_name.is_none(), "inbox_name", || {
            "goes without `inbox_id`: it names a new inbox".to_owned()
        });
        let inbox_name = match inbox_name {
            Some(given) => checks::name(&mut faults, "inbox_name", &given),
            None => new_name(&name),
        };
        let inbox = match inbox_id {
            Some(text) => self.inbox_of(&mut faults, &text).await?,
            None => None,
        };
        faults.finish()?;
        let bounds = Bounds { body: self.settings().capture_max_body, ..Bounds::default() };
        let import = aside(content.len(), move || read(&content, format, &bounds)).await?;
        let import = import.map_err(|error| WorkbenchError::field("file", error.to_string()))?;
        let seen = seen(&import, inbox, inbox_name, self.now());
        Ok((import, seen))
    }

    async fn inbox_of(&self, faults: &mut Faults, text: &str) -> Result<Option<LocatedInbox>> {
        let Some(id) = faults.take("inbox_id", text.parse::<InboxId>()) else { return Ok(None) };
        let found = self.store().inboxes().get(id).await?;
        faults.unless(found.is_some(), "inbox_id", || format!("there is no inbox {id}"));
        Ok(found.map(|inbox| self.located(inbox)))
    }
}

/// What an inbox for a file of this name is called.
fn new_name(file: &str) -> String {
    let plain: String = file.chars().filter(|character| !character.is_control()).take(60).collect();
    format!("Imported {}", plain.trim()).trim_end().to_owned()
}

fn seen(
    import: &Import,
    inbox: Option<LocatedInbox>,
    inbox_name: String,
    now: Timestamp,
) -> RequestImportSeen {
    let messages = &import.messages;
    let line = |message: &Message| ImportedLine {
        method: message.method.clone(),
        url: message.url(),
        at: message.at,
        body_size: message.body.len() as u64,
    };
    let mut notes = import.notes.clone();
    if let Some(inbox) = &inbox {
        let retention = &inbox.inbox.retention;
        let is_old = |age: u64| {
            let before = now.plus_ms(-i64::try_from(age).unwrap_or(i64::MAX));
            messages.iter().filter(|message| message.at.is_some_and(|at| at < before)).count()
        };
        match retention.max_age_ms.map(is_old) {
            Some(old) if old > 0 => notes.push(format!(
                "{old} of them are older than “{}” keeps requests: they are removed soon after.",
                inbox.inbox.name
            )),
            _ => {}
        }
        if retention.max_requests.is_some_and(|most| messages.len() as u64 > most) {
            notes.push(format!(
                "“{}” keeps fewer requests than these: the oldest are removed.",
                inbox.inbox.name
            ));
        }
    }
    RequestImportSeen {
        format: import.format,
        inbox_name: inbox.as_ref().map_or(inbox_name, |inbox| inbox.inbox.name.clone()),
        inbox,
        count: messages.len() as u64,
        bytes: messages.iter().map(|message| message.body.len() as u64).sum(),
        first: messages.iter().take(SHOWN).map(line).collect(),
        left_out: import
            .left_out
            .iter()
            .map(|left| (left.place.to_string(), left.fault.to_string()))
            .collect(),
        left_out_count: import.left_out_count as u64,
        notes,
    }
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
    let request = judge.captured(Arrived {
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
    });
    // The entry has its headers in clear: where one of them is a secret it is not kept beside.
    let entry = kept.filter(|_| request.shown.is_none());
    ImportedRequest {
        body,
        imported: Imported { format: format.as_str().to_owned(), name: name.to_owned(), entry },
        request,
    }
}
