use clap::Subcommand;
use serde_json::Value;

use super::Context;
use crate::client::segment;
use crate::error::CliError;
use crate::output;

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// List the profiles
    List,
    /// Show one with its events
    Show { id: String },
}

/// Without a verb they are listed.
pub(crate) async fn run(context: &Context, verb: Option<Verb>) -> Result<(), CliError> {
    match verb {
        None | Some(Verb::List) => {
            let list = context.client.get("/v1/providers").await?;
            let rows = list.get("data").and_then(Value::as_array).cloned().unwrap_or_default();
            let columns =
                [("ID", "id"), ("NAME", "name"), ("SCHEME", "scheme"), ("TIMEOUT MS", "timeout_ms")];
            output::rows(context.form, &rows, &columns, "No providers.")
        }
        Some(Verb::Show { id }) => {
            let provider = context.client.get(&format!("/v1/providers/{}", segment(&id))).await?;
            output::value(context.form, &provider)
        }
    }
}
