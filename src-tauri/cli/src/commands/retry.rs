use clap::Args;
use serde_json::{Map, Value, json};

use super::Context;
use super::deliveries::{Filter, path};
use super::endpoints::insert;
use crate::error::CliError;
use crate::output;

#[derive(Args)]
pub(crate) struct RetryArgs {
    /// Deliveries to retry; one is retried at once, several are replayed
    ids: Vec<String>,
    #[command(flatten)]
    filter: Filter,
    /// Say what would be resent, and resend nothing
    #[arg(long)]
    dry_run: bool,
    /// How many a second at most
    #[arg(long, value_name = "N")]
    per_second: Option<f64>,
    /// As far apart as the originals were made
    #[arg(long, conflicts_with = "per_second")]
    original_gaps: bool,
    /// Those gaps times this
    #[arg(long, value_name = "N", requires = "original_gaps")]
    gap_factor: Option<f64>,
    /// Where to send instead of each delivery's own URL
    #[arg(long, value_name = "URL")]
    target_url: Option<String>,
    /// Why; kept with the replay
    #[arg(long)]
    reason: Option<String>,
}

pub(crate) async fn run(context: &Context, args: RetryArgs) -> Result<(), CliError> {
    let by_filter = args.filter.is_given();
    if args.ids.is_empty() != by_filter {
        let words = "give either the ids of deliveries or a filter such as `--status failed`";
        return Err(CliError::Usage(words.to_owned()));
    }
    let plain = !args.dry_run
        && args.target_url.is_none()
        && args.per_second.is_none()
        && !args.original_gaps
        && args.reason.is_none();
    if let ([id], true) = (args.ids.as_slice(), plain) {
        let delivery = context.client.post(&format!("{}/retry", path(id)), &json!({})).await?;
        return super::send::settle(context, delivery).await;
    }
    let mut body = Map::new();
    if by_filter {
        body.insert("filter".to_owned(), args.filter.body(context));
    } else {
        body.insert("ids".to_owned(), args.ids.into());
    }
    insert(&mut body, "per_second", args.per_second);
    insert(&mut body, "gaps", args.original_gaps.then_some("original"));
    insert(&mut body, "gap_factor", args.gap_factor);
    insert(&mut body, "target_url", args.target_url);
    insert(&mut body, "reason", args.reason);
    body.insert("dry_run".to_owned(), args.dry_run.into());
    let replay = context.client.post("/v1/replays", &Value::Object(body)).await?;
    if args.dry_run || context.client.own().is_none() {
        return output::value(context.form, &replay);
    }
    let replay = finish(context, replay).await?;
    output::value(context.form, &replay)?;
    verdict(&replay)
}

/// An error where not everything that was to be sent again was delivered.
fn verdict(replay: &Value) -> Result<(), CliError> {
    let count = |key: &str| replay.pointer(&format!("/progress/{key}")).and_then(Value::as_u64).unwrap_or(0);
    let (total, delivered) = (count("total"), count("delivered"));
    if delivered == total {
        return Ok(());
    }
    Err(CliError::Unsuccessful(format!("{} of {total} not delivered", total.saturating_sub(delivered))))
}

/// A replay in a workspace of our own goes on only as long as this command: it waits for the end.
async fn finish(context: &Context, mut replay: Value) -> Result<Value, CliError> {
    let Some(id) = replay.get("id").and_then(Value::as_str).map(str::to_owned) else { return Ok(replay) };
    let mut feed = crate::feed::Feed::open(&context.client).await?;
    loop {
        replay = context.client.get(&format!("/v1/replays/{id}")).await?;
        let over = replay.get("status").and_then(Value::as_str).is_some_and(|status| status != "running");
        if over {
            return Ok(replay);
        }
        if feed.next().await?.is_none() {
            return Err(CliError::Unexpected("the change feed ended before the replay did".to_owned()));
        }
    }
}
