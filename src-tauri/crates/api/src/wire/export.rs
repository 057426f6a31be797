use hookbench_workbench::{CopyDraft, ExportDraft, TestDraft};
use serde::Deserialize;
use utoipa::IntoParams;

use super::Revealed;
use crate::extract::Options;

/// How captured requests are written to a file.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportQuery {
    /// `jsonl` (unless given), `har`, `csv` or `raw`.
    format: Option<String>,
    /// `secrets` takes out what is named or looks like a credential or a signature, in headers, query and body;
    /// `none` unless given. What is hidden when a request is shown is hidden here in any case.
    redact: Option<String>,
    /// Takes these out of JSON bodies: `data.to`, `items[*].email`; several between commas.
    redact_path: Option<String>,
    /// Only these (`req_…`), 500 at most, with commas between, in this order; goes without a filter.
    ids: Option<String>,
    /// Writes the secrets too that are hidden otherwise. That is logged for each request that holds any.
    #[param(inline)]
    reveal: Option<Revealed>,
}

impl Options for ExportQuery {
    const NAMES: &[&str] = &["format", "redact", "redact_path", "ids", "reveal"];
}

impl ExportQuery {
    pub(crate) fn draft(self) -> ExportDraft {
        let Self { format, redact, redact_path, ids, reveal } = self;
        ExportDraft { format, redact, redact_path, ids, revealing: reveal.is_some() }
    }
}

/// How one captured request is copied.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CopyQuery {
    /// Sent to this URL, with the request's path and query after it; to its inbox unless given, or where it went if it
    /// was imported. Of a test: the handler that it asks, with the request's query, where it is given no other.
    url: Option<String>,
    /// With the secrets in it that are hidden otherwise. Where it holds any, that is logged. A test takes them from the
    /// environment in any case.
    #[param(inline)]
    reveal: Option<Revealed>,
    /// Of a test: `fresh` signs when it runs, with a new time and id and the secret from `WEBHOOK_SECRET`; `exact` sends
    /// the signature that came. Unless given, afresh where the request was signed and the script can.
    resign: Option<String>,
    /// Of a test: the status that is expected; what was answered when the request came, unless given.
    expect_status: Option<u16>,
    /// Of a test: text that the answer has to hold.
    expect_body: Option<String>,
}

impl CopyQuery {
    pub(crate) fn draft(self, method: &http::Method) -> CopyDraft {
        let Self { url, reveal, resign, expect_status, expect_body } = self;
        let revealing = reveal.is_some() && method != http::Method::HEAD;
        CopyDraft { url, revealing, test: TestDraft { resign, expect_status, expect_body } }
    }
}
