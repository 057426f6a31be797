use clap::Args;
use serde_json::{Map, Value};

use super::Context;
use super::endpoints::insert;
use super::inbox_access::addresses;
use crate::error::CliError;
use crate::output;

/// What `settings` changes; without any of it, it shows them.
#[derive(Args)]
pub(crate) struct SettingsArgs {
    /// Whether `/metrics` is answered, for monitoring
    #[arg(long, value_name = "WHETHER", value_parser = clap::builder::BoolishValueParser::new())]
    metrics: Option<bool>,
    /// What a person is told of, with commas between: endpoint.failing, delivery.exhausted, endpoint.disabled,
    /// endpoint.recovered; or `none`
    #[arg(long, value_name = "ALERTS")]
    notify_on: Option<String>,
    /// How many attempts may be under way at once, over all endpoints
    #[arg(long, value_name = "N")]
    max_in_flight: Option<u32>,
    /// The largest body that an inbox takes, in bytes
    #[arg(long, value_name = "BYTES")]
    capture_max_body: Option<u64>,
    /// The most of a response's body that an attempt keeps, in bytes
    #[arg(long, value_name = "BYTES")]
    response_cap: Option<u64>,
    /// Whether other machines of the network reach inboxes
    #[arg(long, value_name = "WHETHER", value_parser = clap::builder::BoolishValueParser::new())]
    lan: Option<bool>,
    /// Whether inboxes speak TLS too, at the same port: with a certificate that Hookbench makes, or with one's own
    #[arg(long, value_name = "WHOSE", value_parser = ["off", "made", "own"])]
    tls: Option<String>,
    /// The addresses and networks that may send to any inbox, with commas between; `all` for everybody
    #[arg(long, value_name = "LIST")]
    allow: Option<String>,
}

pub(crate) async fn run(context: &Context, args: SettingsArgs) -> Result<(), CliError> {
    let mut edit = Map::new();
    insert(&mut edit, "metrics", args.metrics);
    insert(&mut edit, "notify_on", args.notify_on.as_deref().map(listed));
    insert(&mut edit, "max_in_flight", args.max_in_flight);
    insert(&mut edit, "capture_max_body", args.capture_max_body);
    insert(&mut edit, "response_cap", args.response_cap);
    let mut reach = Map::new();
    insert(&mut reach, "lan", args.lan);
    insert(&mut reach, "tls", args.tls);
    insert(&mut reach, "allow", args.allow.as_deref().map(addresses).transpose()?);
    if !reach.is_empty() {
        edit.insert("reach".to_owned(), reach.into());
    }
    let client = &context.client;
    let settings = if edit.is_empty() {
        client.get("/v1/settings").await?
    } else {
        client.patch("/v1/settings", &Value::Object(edit)).await?
    };
    output::value(context.form, &settings)
}

/// What stands between commas; nothing for `none`.
fn listed(text: &str) -> Vec<String> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty() && *item != "none");
    items.map(str::to_owned).collect()
}
