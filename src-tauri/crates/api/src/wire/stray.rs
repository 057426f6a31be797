use hookbench_workbench as workbench;
use serde::Serialize;
use utoipa::ToSchema;

use super::Time;

/// Requests that reached no inbox, or that one refused, one or more that began with the same line. They are in memory, the newest 200.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Stray {
    /// Its number, from 1 since the receiver began to listen.
    number: u64,
    /// Why it reached none, as a stable code: `no_inbox`, `nobody`, `not_http`, `unauthorized`, `not_allowed`,
    /// `tls_failed`.
    code: String,
    /// The same as a sentence.
    message: String,
    /// The status that was answered; null where there was no request to answer, as after a TLS handshake that failed.
    #[schema(required)]
    status: Option<u16>,
    /// The inbox that refused it: what it wants shown was not, or its list has not the address. Null where none did.
    #[schema(required)]
    inbox_id: Option<String>,
    /// How many came.
    count: u64,
    /// When the first of them came.
    first_at: Time,
    /// When the last of them came.
    last_at: Time,
    /// Who sent the last of them: address and port.
    remote_addr: String,
    /// The first line of the last of them, as text; 200 characters at most.
    first_line: String,
    /// How much of the last of them is kept, in bytes: 4 KiB at most. `GET /v1/strays/{number}/raw` gives it.
    raw_size: u64,
    /// How much of it came before it was refused.
    size: u64,
}

/// How much of a first line is shown, in characters.
const LONGEST_LINE: usize = 200;

impl From<workbench::Stray> for Stray {
    fn from(stray: workbench::Stray) -> Self {
        let mut lines = stray.raw.split(|byte| *byte == b'\n');
        let line = lines.find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
        let first_line = String::from_utf8_lossy(line.trim_ascii_end()).chars().take(LONGEST_LINE).collect();
        Self {
            number: stray.number,
            code: stray.code.to_owned(),
            message: stray.message,
            status: stray.status,
            inbox_id: stray.inbox.map(|id| id.to_string()),
            count: stray.count,
            first_at: stray.first_at.into(),
            last_at: stray.last_at.into(),
            remote_addr: stray.remote_addr,
            first_line,
            raw_size: stray.raw.len() as u64,
            size: stray.size,
        }
    }
}
