use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use super::Context;
use crate::client::Query;
use crate::error::CliError;
use crate::file_body::FileBody;
use crate::output;

#[derive(Args)]
pub(crate) struct ImportArgs {
    /// The file: HAR, cURL commands, raw HTTP, a Postman collection or JSON Lines; `-` reads standard input
    file: PathBuf,
    /// What it is; told by its content where not given
    #[arg(long, value_parser = ["auto", "har", "curl", "raw", "postman", "jsonl"])]
    format: Option<String>,
    /// Into this inbox; into a new one where not given
    #[arg(long, value_name = "ID", conflicts_with = "inbox_name")]
    inbox: Option<String>,
    /// What the new inbox is called
    #[arg(long, value_name = "NAME")]
    inbox_name: Option<String>,
    /// Say what the file holds, and import nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) async fn run(context: &Context, args: ImportArgs) -> Result<(), CliError> {
    let content = FileBody::open(&args.file).await?;
    let name =
        args.file.file_name().filter(|name| *name != "-").map(|name| name.to_string_lossy().into_owned());
    let mut query = Query::default();
    query.push("format", args.format);
    query.push("inbox_id", args.inbox);
    query.push("inbox_name", args.inbox_name);
    query.push("name", name.map(|name| name.chars().take(200).collect::<String>()));
    query.push("dry_run", args.dry_run.then_some("true"));
    let seen = context.client.post_file(&query.on("/v1/imports"), content).await?;
    output::value(context.form, &seen)?;
    if seen.get("broken").and_then(Value::as_bool) == Some(true) {
        let said = seen.get("notes").and_then(|notes| notes.get(0)).and_then(Value::as_str);
        let said = said.unwrap_or("The file could not be read to its end.");
        return Err(CliError::Unsuccessful(said.to_owned()));
    }
    let left_out = seen.get("left_out_count").and_then(Value::as_u64).unwrap_or(0);
    if left_out == 0 {
        return Ok(());
    }
    output::note(context.form, &format!("{left_out} left out: see `left_out`"))
}
