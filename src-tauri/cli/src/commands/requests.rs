use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::Context;
use super::endpoints::insert;
use crate::args::{Limit, Span};
use crate::client::{Query, segment};
use crate::error::CliError;
use crate::output::{self, Column};
use crate::secret::SecretArg;

/// What a list of captured requests shows.
pub(crate) const COLUMNS: [Column; 6] = [
    ("ID", "id"),
    ("RECEIVED", "received_at"),
    ("METHOD", "method"),
    ("PATH", "path"),
    ("TYPE", "event_type"),
    ("SIGNATURE", "verification.status"),
];

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List captured requests
    List(ListArgs),
    /// Show one
    Show {
        id: String,
        /// Show the secrets that arrived in its headers too; that is logged
        #[arg(long)]
        reveal: bool,
    },
    /// When the secrets in it were revealed
    Reveals { id: String },
    /// Print its body, byte for byte
    Body { id: String },
    /// Send it on, to a URL or an endpoint
    Send(SendArgs),
    /// Verify it again, with another scheme or secret
    Verify {
        id: String,
        #[arg(long)]
        scheme: Option<String>,
        /// The secret; the inbox's own where not given
        #[arg(long)]
        secret: Option<SecretArg>,
    },
    /// Delete it
    Delete { id: String },
}

#[derive(Args)]
pub(crate) struct ListArgs {
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
    #[command(flatten)]
    span: Span,
    #[command(flatten)]
    limit: Limit,
}

#[derive(Args)]
pub(crate) struct SendArgs {
    id: String,
    #[command(flatten)]
    target: Target,
    /// Sign it afresh, or send it exactly as it came
    #[arg(long, value_parser = ["fresh", "exact"], default_value = "exact")]
    resign: String,
}

/// Where a captured request is sent on to: one of these.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Target {
    /// Send it to this URL
    #[arg(long)]
    url: Option<String>,
    /// Send it to this endpoint
    #[arg(long, value_name = "ID")]
    endpoint: Option<String>,
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result<(), CliError> {
    let client = &context.client;
    match verb {
        Verb::List(args) => {
            let rows = client.rows("/v1/requests", &query(context, &args), args.limit.rows()).await?;
            output::rows(context.form, &rows, &COLUMNS, "No captured requests match.")
        }
        Verb::Show { id, reveal } => {
            output::value(context.form, &client.get(&shown(&path(&id), reveal)).await?)
        }
        Verb::Reveals { id } => {
            let rows = client.whole(&format!("{}/reveals", path(&id))).await?;
            output::rows(context.form, &rows, &[("AT", "at"), ("WHAT", "what")], "Nobody has looked at them.")
        }
        Verb::Body { id } => output::bytes(&client.raw(&format!("{}/body", path(&id))).await?),
        Verb::Send(args) => {
            let mut body = Map::new();
            insert(&mut body, "url", args.target.url);
            insert(&mut body, "endpoint_id", args.target.endpoint);
            body.insert("resign".to_owned(), args.resign.into());
            let sent = client.post(&format!("{}/send", path(&args.id)), &Value::Object(body)).await?;
            super::send::report(context, &sent, false).await
        }
        Verb::Verify { id, scheme, secret } => {
            let mut body = Map::new();
            insert(&mut body, "scheme", scheme);
            insert(&mut body, "secret", secret);
            let verdict = client.post(&format!("{}/verify", path(&id)), &Value::Object(body)).await?;
            super::signatures::judged(context, &verdict)
        }
        Verb::Delete { id } => {
            client.delete(&path(&id)).await?;
            output::value(context.form, &json!({"id": id, "deleted": true}))
        }
    }
}

/// Asks for a captured request with the secrets in it.
const REVEALING: &str = "?reveal=secrets";

/// Where something is shown from: with its secrets where those are to be revealed.
pub(crate) fn shown(path: &str, reveal: bool) -> String {
    format!("{path}{}", if reveal { REVEALING } else { "" })
}

pub(crate) fn path(id: &str) -> String {
    format!("/v1/requests/{}", segment(id))
}

fn query(context: &Context, args: &ListArgs) -> Query {
    let mut query = Query::default();
    query.push("inbox_id", args.inbox.clone());
    query.push("method", args.method.clone());
    query.push("verification", args.verification.clone());
    query.push("event_type", args.event_type.clone());
    query.push("q", args.q.clone());
    query.push("since", args.span.since.map(|when| when.to_rfc3339(context.now)));
    query.push("until", args.span.until.map(|when| when.to_rfc3339(context.now)));
    query
}
