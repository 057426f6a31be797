//! Requests that are read from files, as captured requests of an inbox.
//!
//! JSON Lines and HAR are read as they come and written in batches, so that neither the file nor the writer's time is
//! taken whole. What has been written stays, whatever becomes of the rest: the answer says how many requests that are.

mod reading;

use hookbench_interchange::{Message, ReadFormat};
use hookbench_model::{InboxId, Timestamp};

use crate::error::{Faults, Result};
use crate::inboxes::LocatedInbox;
use crate::{Workbench, checks};

pub use reading::whole;

/// The largest file that is read whole, in bytes: 128 MiB. cURL commands, raw HTTP and Postman collections are.
pub const MAX_IMPORT: usize = 128 << 20;
/// The largest file that is read as it comes, in bytes: 8 GiB. JSON Lines and HAR are.
pub const MAX_STREAMED_IMPORT: u64 = 8 << 30;
/// The longest name of a file that is kept, in characters.
const LONGEST_NAME: usize = 200;
/// How many requests are shown of a file.
const SHOWN: usize = 20;

/// How a file with requests is read, and where they are to go.
#[derive(Clone, Debug, Default)]
pub struct RequestImportDraft {
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
    /// Whether the file could not be read to its end. The first of the notes says where and why.
    pub broken: bool,
    /// What somebody should know, in sentences.
    pub notes: Vec<String>,
}

/// A draft that has been checked.
struct Wanted {
    format: Option<ReadFormat>,
    name: String,
    inbox: Option<LocatedInbox>,
    /// What the inbox is called, or a new one will be.
    inbox_name: String,
}

impl Workbench {
    async fn wanted_import(&self, draft: RequestImportDraft) -> Result<Wanted> {
        let RequestImportDraft { format, name, inbox_id, inbox_name } = draft;
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
        let inbox_name = inbox.as_ref().map_or(inbox_name, |inbox| inbox.inbox.name.clone());
        Ok(Wanted { format, name, inbox, inbox_name })
    }

    async fn inbox_of(&self, faults: &mut Faults, text: &str) -> Result<Option<LocatedInbox>> {
        let Some(id) = faults.take("inbox_id", text.parse::<InboxId>()) else { return Ok(None) };
        let found = self.store().inboxes().get(id).await?;
        faults.unless(found.is_some(), "inbox_id", || format!("there is no inbox {id}"));
        Ok(found.map(|inbox| self.located(inbox)))
    }
}

impl From<&Message> for ImportedLine {
    fn from(message: &Message) -> Self {
        Self {
            method: message.method.clone(),
            url: message.url(),
            at: message.at,
            body_size: message.body.len() as u64,
        }
    }
}

/// What an inbox for a file of this name is called.
fn new_name(file: &str) -> String {
    let plain: String = file.chars().filter(|character| !character.is_control()).take(60).collect();
    format!("Imported {}", plain.trim()).trim_end().to_owned()
}
