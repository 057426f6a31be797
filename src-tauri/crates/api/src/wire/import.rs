use hookbench_workbench::{ImportedLine, RequestImportDraft, RequestImportSeen};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Time;

/// How a file with requests is read, and where they go.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportQuery {
    /// `har`, `curl`, `raw`, `postman`, `jsonl`; `auto` unless given, which tells it by the content.
    format: Option<String>,
    /// Into this inbox; into a new one unless given.
    inbox_id: Option<String>,
    /// What the new inbox is called; `Imported` and the file's name unless given.
    inbox_name: Option<String>,
    /// What the file is called.
    #[param(max_length = 200)]
    name: Option<String>,
    /// Only say what the file holds.
    #[serde(default)]
    pub(crate) dry_run: bool,
}

impl ImportQuery {
    pub(crate) fn draft(self) -> RequestImportDraft {
        let Self { format, inbox_id, inbox_name, name, dry_run: _ } = self;
        RequestImportDraft { format, name, inbox_id, inbox_name }
    }
}

/// What a file with requests holds, and where they are or would be.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RequestImport {
    /// Whether this only says what would be.
    dry_run: bool,
    /// What the file was read as.
    format: String,
    /// The inbox; null in a dry run where a new one would be made.
    #[schema(required)]
    inbox_id: Option<String>,
    /// What that inbox is called.
    inbox_name: String,
    /// How many requests.
    count: u64,
    /// The sizes of their bodies together.
    bytes: u64,
    /// The first few.
    first: Vec<ImportLine>,
    /// What is left out and why, the first hundred.
    left_out: Vec<ImportLeftOut>,
    /// How many are left out.
    left_out_count: u64,
    /// Whether the file could not be read to its end. What stood before that is imported, and the first of the notes
    /// says where it broke.
    broken: bool,
    /// What somebody should know, in sentences.
    notes: Vec<String>,
}

/// A request of a file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportLine {
    /// Its method.
    method: String,
    /// Its URL.
    url: String,
    /// When it arrived; null where the file does not say, which makes it the time of the import.
    #[schema(required)]
    received_at: Option<Time>,
    /// The size of its body.
    body_size: u64,
}

/// A request of a file that is left out.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportLeftOut {
    /// Which one: `entry 3`, `line 12`.
    place: String,
    /// Why.
    reason: String,
}

impl RequestImport {
    pub(crate) fn of(seen: RequestImportSeen, dry_run: bool) -> Self {
        let line = |line: ImportedLine| ImportLine {
            method: line.method,
            url: line.url,
            received_at: line.at.map(Into::into),
            body_size: line.body_size,
        };
        Self {
            dry_run,
            format: seen.format.as_str().to_owned(),
            inbox_id: seen.inbox.map(|located| located.inbox.id.to_string()),
            inbox_name: seen.inbox_name,
            count: seen.count,
            bytes: seen.bytes,
            first: seen.first.into_iter().map(line).collect(),
            left_out: seen
                .left_out
                .into_iter()
                .map(|(place, reason)| ImportLeftOut { place, reason })
                .collect(),
            left_out_count: seen.left_out_count,
            broken: seen.broken,
            notes: seen.notes,
        }
    }
}

/// Where a captured request comes from that was read from a file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Imported {
    /// What the file was: `har`, `curl`, `raw`, `postman`, `jsonl`.
    format: String,
    /// What the file was called; empty where it had no name.
    name: String,
}

impl From<hookbench_model::Imported> for Imported {
    fn from(imported: hookbench_model::Imported) -> Self {
        Self { format: imported.format, name: imported.name }
    }
}
