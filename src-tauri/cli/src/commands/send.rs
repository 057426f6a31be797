use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value};

use super::Context;
use super::deliveries::path;
use super::endpoints::insert;
use crate::client::read_input;
use crate::error::CliError;
use crate::feed::Feed;
use crate::output;

#[derive(Args)]
pub(crate) struct SendArgs {
    /// The event type: `message.delivered`
    event_type: String,
    /// The provider profile; the one that has the type where not given
    #[arg(long)]
    provider: Option<String>,
    /// The event's data as JSON; the profile's envelope is built around it
    #[arg(long, value_name = "JSON", conflicts_with_all = ["payload", "payload_bytes"])]
    event_data: Option<String>,
    /// A file with the whole body as JSON; `-` for standard input
    #[arg(long, value_name = "FILE", conflicts_with = "payload_bytes")]
    payload: Option<PathBuf>,
    /// A file with the exact bytes of the body; `-` for standard input
    #[arg(long, value_name = "FILE")]
    payload_bytes: Option<PathBuf>,
    /// The `Content-Type` of those bytes
    #[arg(long, requires = "payload_bytes")]
    content_type: Option<String>,
    /// Send to this endpoint; may be given again; all that subscribe where not given
    #[arg(long = "endpoint", value_name = "ID")]
    endpoints: Vec<String>,
    /// What the sample's ids, names and amounts are drawn from: the same seed draws the same
    #[arg(long)]
    seed: Option<u64>,
    /// Wait until every delivery has ended, retries and all
    #[arg(long)]
    wait: bool,
}

pub(crate) async fn run(context: &Context, args: SendArgs) -> Result<(), CliError> {
    let wait = args.wait;
    let sent = context.client.post("/v1/events", &body(args)?).await?;
    report(context, &sent, wait).await
}

fn body(args: SendArgs) -> Result<Value, CliError> {
    let json = |text: &[u8], what: &str| {
        serde_json::from_slice::<Value>(text)
            .map_err(|error| CliError::Usage(format!("{what} is not JSON: {error}")))
    };
    let mut body = Map::new();
    body.insert("type".to_owned(), args.event_type.into());
    insert(&mut body, "provider", args.provider);
    insert(&mut body, "content_type", args.content_type);
    insert(&mut body, "seed", args.seed);
    if let Some(data) = args.event_data {
        body.insert("data".to_owned(), json(data.as_bytes(), "--event-data")?);
    }
    if let Some(file) = args.payload {
        body.insert("payload".to_owned(), json(&read_input(&file)?, &file.display().to_string())?);
    }
    if let Some(file) = args.payload_bytes {
        body.insert("payload_base64".to_owned(), data_encoding::BASE64.encode(&read_input(&file)?).into());
    }
    if !args.endpoints.is_empty() {
        body.insert("endpoint_ids".to_owned(), args.endpoints.into());
    }
    Ok(Value::Object(body))
}

/// Prints what an accepted event became. In a workspace of our own the first attempts are waited for,
/// since nobody else would make them; with `wait`, every delivery is waited for to its end.
pub(crate) async fn report(context: &Context, sent: &Value, wait: bool) -> Result<(), CliError> {
    let listed = sent.get("deliveries").and_then(Value::as_array).cloned().unwrap_or_default();
    let ids: Vec<String> =
        listed.iter().filter_map(|row| row.get("id")).filter_map(Value::as_str).map(str::to_owned).collect();
    let until = match (wait, context.client.own().is_some()) {
        (true, _) => Until::Ended,
        (false, true) => Until::Tried,
        (false, false) => {
            output::note(context.form, &format!("Accepted as {}.", text(sent, "id")))?;
            return print(context, sent, &listed);
        }
    };
    let deliveries = watch(context, &ids, until).await?;
    print(context, sent, &deliveries)?;
    if wait && deliveries.is_empty() {
        return Err(CliError::Unsuccessful("it was delivered to nobody".to_owned()));
    }
    verdict(&deliveries)
}

/// Waits for the first attempt of a delivery that was just made due, where this command must, and
/// prints the delivery.
pub(crate) async fn settle(context: &Context, delivery: Value) -> Result<(), CliError> {
    if context.client.own().is_none() {
        return output::value(context.form, &delivery);
    }
    let deliveries = watch(context, &[text(&delivery, "id").to_owned()], Until::Tried).await?;
    deliveries.iter().try_for_each(|delivery| output::value(context.form, delivery))?;
    verdict(&deliveries)
}

fn print(context: &Context, sent: &Value, deliveries: &[Value]) -> Result<(), CliError> {
    if context.form == output::Form::Json {
        let mut sent = sent.clone();
        if let Some(fields) = sent.as_object_mut() {
            fields.insert("deliveries".to_owned(), deliveries.into());
        }
        return output::value(context.form, &sent);
    }
    let columns = [
        ("DELIVERY", "id"),
        ("STATUS", "status"),
        ("ATTEMPTS", "attempt_count"),
        ("URL", "url"),
        ("ERROR", "last_attempt.error"),
    ];
    let empty = "No enabled endpoint subscribes to this type: nothing is delivered.";
    output::rows(context.form, deliveries, &columns, empty)
}

fn verdict(deliveries: &[Value]) -> Result<(), CliError> {
    let undelivered = deliveries.iter().filter(|delivery| text(delivery, "status") != "delivered").count();
    if undelivered == 0 {
        return Ok(());
    }
    Err(CliError::Unsuccessful(format!("{undelivered} of {} not delivered", deliveries.len())))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    Tried,
    Ended,
}

/// Follows the change feed until each delivery is where it should be.
async fn watch(context: &Context, ids: &[String], until: Until) -> Result<Vec<Value>, CliError> {
    let mut feed = Feed::open(&context.client).await?;
    let mut done = Vec::new();
    for id in ids {
        loop {
            let delivery = context.client.get(&path(id)).await?;
            let status = text(&delivery, "status");
            let ended = matches!(status, "delivered" | "failed" | "cancelled" | "paused");
            let tried = ended || status == "retrying";
            if ended || (until == Until::Tried && tried) {
                done.push(delivery);
                break;
            }
            if feed.next().await?.is_none() {
                return Err(CliError::Unexpected(
                    "the change feed ended before the deliveries did".to_owned(),
                ));
            }
        }
    }
    Ok(done)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}
