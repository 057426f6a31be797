use hookbench_workbench::{CopyDraft, ExportDraft};
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
    /// Writes the secrets too that are hidden otherwise. That is logged for each request that holds any.
    #[param(inline)]
    reveal: Option<Revealed>,
}

impl Options for ExportQuery {
    const NAMES: &[&str] = &["format", "redact", "redact_path", "reveal"];
}

impl ExportQuery {
    pub(crate) fn draft(self) -> ExportDraft {
        let Self { format, redact, redact_path, reveal } = self;
        ExportDraft { format, redact, redact_path, revealing: reveal.is_some() }
    }
}

/// How one captured request is copied.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CopyQuery {
    /// Sent to this URL, with the request's path and query after it; to its inbox unless given, or where it went if it
    /// was imported.
    url: Option<String>,
    /// With the secrets in it that are hidden otherwise. Where it holds any, that is logged.
    #[param(inline)]
    reveal: Option<Revealed>,
}

impl CopyQuery {
    pub(crate) fn draft(self, method: &http::Method) -> CopyDraft {
        CopyDraft { url: self.url, revealing: self.reveal.is_some() && method != http::Method::HEAD }
    }
}
