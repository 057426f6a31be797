use std::io::Write as _;
use std::path::PathBuf;

use axum::body::Body;
use bytes::Bytes;
use clap::Args;
use http_body_util::BodyExt as _;

use super::Context;
use super::signals::Signals;
use crate::args::Span;
use crate::client::Query;
use crate::error::CliError;
use crate::whole_file::WholeFile;

#[derive(Args)]
pub(crate) struct ExportArgs {
    /// How it is written: all that is known a line each, HAR, a table, or as on the wire
    #[arg(long, value_parser = ["jsonl", "har", "csv", "raw"], default_value = "jsonl")]
    format: String,
    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Of this inbox
    #[arg(long, value_name = "ID")]
    inbox: Option<String>,
    #[arg(long)]
    method: Option<String>,
    /// What checking the signature gave
    #[arg(long, value_parser = ["valid", "invalid", "unsigned", "no_secret", "not_checked"])]
    verification: Option<String>,
    /// Of this event type, or prefix
    #[arg(long = "type", value_name = "TYPE")]
    event_type: Option<String>,
    /// With this text in an id, the path, a header or the body
    #[arg(long, value_name = "TEXT")]
    q: Option<String>,
    /// That this filter matches, as the interface takes it
    #[arg(long, value_name = "FILTER")]
    filter: Option<String>,
    /// That the filter of this name matches: `hookbench filters` lists them
    #[arg(long, value_name = "NAME", conflicts_with = "filter")]
    saved: Option<String>,
    #[command(flatten)]
    span: Span,
    /// Take out what is named or looks like a credential or a signature
    #[arg(long)]
    redact_secrets: bool,
    /// Take this out of JSON bodies, as `data.to` or `items[*].email`; may be given again
    #[arg(long, value_name = "PATH")]
    redact_path: Vec<String>,
    /// Write the secrets too that are hidden otherwise; that is logged
    #[arg(long)]
    reveal: bool,
}

pub(crate) async fn run(context: &Context, mut args: ExportArgs) -> Result<(), CliError> {
    super::requests::take_saved(context, args.saved.take(), &mut args.filter, &mut args.inbox).await?;
    let path = query(context, &args).on("/v1/requests/export");
    let body = context.client.stream(&path).await;
    let mut body =
        body.map_err(|error| error.pointing("filter", args.filter.as_deref().unwrap_or_default()))?;
    let Some(path) = &args.output else {
        let mut out = std::io::stdout().lock();
        while let Some(data) = next(&mut body).await? {
            out.write_all(&data)?;
        }
        return Ok(out.flush()?);
    };
    let mut signals = Signals::listen()?;
    let mut file = WholeFile::create(path)?;
    loop {
        let data = tokio::select! {
            data = next(&mut body) => data?,
            () = signals.asked() => return Err(CliError::Stopped(path.clone())),
        };
        match data {
            Some(data) => file.write(&data)?,
            None => return file.done(),
        }
    }
}

/// What comes next of the file.
async fn next(body: &mut Body) -> Result<Option<Bytes>, CliError> {
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(CliError::Router)?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

fn query(context: &Context, args: &ExportArgs) -> Query {
    let mut query = Query::default();
    query.push("format", Some(args.format.clone()));
    query.push("inbox_id", args.inbox.clone());
    query.push("method", args.method.clone());
    query.push("verification", args.verification.clone());
    query.push("event_type", args.event_type.clone());
    query.push("q", args.q.clone());
    query.push("filter", args.filter.clone());
    query.push("since", args.span.since.map(|when| when.to_rfc3339(context.now)));
    query.push("until", args.span.until.map(|when| when.to_rfc3339(context.now)));
    query.push("redact", args.redact_secrets.then_some("secrets"));
    query.push("redact_path", (!args.redact_path.is_empty()).then(|| args.redact_path.join(",")));
    query.push("reveal", args.reveal.then_some("secrets"));
    query
}
