use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::Context;
use super::endpoints::{insert, insert_or_null};
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
    /// Print the code that sends it again, or a test of a handler
    As {
        id: String,
        #[arg(value_parser = ["curl", "httpie", "fetch", "python", "go", "rust", "php",
            "test", "test-node", "test-sh"])]
        tool: String,
        /// Sent to this URL instead of its inbox; of a test: to this one where it is given no other
        #[arg(long)]
        url: Option<String>,
        /// Of a test: sign it when it runs, or send the signature that came; afresh where it can be, if not given
        #[arg(long, value_parser = ["fresh", "exact"])]
        resign: Option<String>,
        /// Of a test: the status that is expected; what was answered when it came, if not given
        #[arg(long, value_name = "STATUS")]
        expect_status: Option<u16>,
        /// Of a test: text that the answer has to hold
        #[arg(long, value_name = "TEXT")]
        expect_body: Option<String>,
        /// With the secrets in it that are hidden otherwise; that is logged. A test takes them from the environment
        #[arg(long)]
        reveal: bool,
    },
    /// Print its body, byte for byte
    Body {
        id: String,
        /// With its content codings undone: gzip, deflate, br, zstd
        #[arg(long)]
        decoded: bool,
    },
    /// Print all of it as it stood on the wire, byte for byte
    Wire {
        id: String,
        /// Print its head alone
        #[arg(long)]
        head: bool,
        /// Print the secrets in it too; that is logged
        #[arg(long)]
        reveal: bool,
    },
    /// List the newest requests that reached no inbox
    Strays,
    /// Say something about it: a note, tags, a pin, a colour
    Mark(MarkArgs),
    /// Send it on, to a URL or an endpoint
    Send(SendArgs),
    /// How its sender tried again, beside what its inbox's provider says
    Retries { id: String },
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
    /// What else has to hold: 'status:5xx header:x-id=42 json:data.to=ada -valid'
    #[arg(long, value_name = "FILTER")]
    filter: Option<String>,
    /// That the filter of this name matches: `hookbench filters` lists them
    #[arg(long, value_name = "NAME", conflicts_with = "filter")]
    saved: Option<String>,
    #[command(flatten)]
    span: Span,
    #[command(flatten)]
    limit: Limit,
}

#[derive(Args)]
#[command(group = clap::ArgGroup::new("marks").required(true).multiple(true))]
pub(crate) struct MarkArgs {
    id: String,
    /// What there is to say about it; empty for nothing
    #[arg(long, group = "marks")]
    note: Option<String>,
    /// A tag in place of those it has; may be given again
    #[arg(long = "tag", value_name = "TAG", group = "marks")]
    tags: Option<Vec<String>>,
    /// Keep it whatever the retention says, or not
    #[arg(long, value_name = "BOOL", group = "marks")]
    pinned: Option<bool>,
    #[arg(long, group = "marks",
        value_parser = ["red", "orange", "yellow", "green", "blue", "purple"])]
    colour: Option<String>,
    /// Take its colour away
    #[arg(long, group = "marks", conflicts_with = "colour")]
    no_colour: bool,
}

#[derive(Args)]
pub(crate) struct SendArgs {
    id: String,
    #[command(flatten)]
    target: Target,
    /// Sign it afresh, with a new time and id, or send it exactly as it came
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
        Verb::List(mut args) => {
            take_saved(context, args.saved.take(), &mut args.filter, &mut args.inbox).await?;
            let rows = client.rows("/v1/requests", &query(context, &args), args.limit.rows()).await;
            let rows =
                rows.map_err(|error| error.pointing("filter", args.filter.as_deref().unwrap_or_default()))?;
            output::rows(context.form, &rows, &COLUMNS, "No captured requests match.")
        }
        Verb::Show { id, reveal } => {
            output::value(context.form, &client.get(&shown(&path(&id), reveal)).await?)
        }
        Verb::Reveals { id } => {
            let rows = client.whole(&format!("{}/reveals", path(&id))).await?;
            output::rows(context.form, &rows, &[("AT", "at"), ("WHAT", "what")], "Nobody has looked at them.")
        }
        Verb::Retries { id } => {
            let seen = client.get(&format!("{}/retries", path(&id))).await?;
            super::retries::print(context, &seen)
        }
        Verb::Body { id, decoded } => {
            let query = if decoded { "?decoded=true" } else { "" };
            output::bytes(&client.raw(&format!("{}/body{query}", path(&id))).await?)
        }
        Verb::Wire { id, head, reveal } => {
            let part = if head { "head" } else { "wire" };
            output::bytes(&client.raw(&shown(&format!("{}/{part}", path(&id)), reveal)).await?)
        }
        Verb::Strays => {
            let columns = [("AT", "last_at"), ("COUNT", "count"), ("LINE", "first_line"), ("WHY", "message")];
            let rows = client.whole("/v1/strays").await?;
            output::rows(context.form, &rows, &columns, "Every request reached an inbox.")
        }
        Verb::Mark(args) => {
            let mut body = Map::new();
            insert(&mut body, "note", args.note);
            insert(&mut body, "tags", args.tags);
            insert(&mut body, "pinned", args.pinned);
            insert_or_null(&mut body, "colour", args.colour, args.no_colour);
            output::value(context.form, &client.patch(&path(&args.id), &Value::Object(body)).await?)
        }
        Verb::As { id, tool, url, resign, expect_status, expect_body, reveal } => {
            let mut query = Query::default();
            query.push("url", url);
            query.push("resign", resign);
            query.push("expect_status", expect_status.map(|status| status.to_string()));
            query.push("expect_body", expect_body);
            query.push("reveal", reveal.then_some("secrets"));
            output::bytes(&client.raw(&query.on(&format!("{}/as/{}", path(&id), segment(&tool)))).await?)
        }
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

/// Takes the filter of this name, and its inbox where no other is named.
pub(crate) async fn take_saved(
    context: &Context,
    saved: Option<String>,
    filter: &mut Option<String>,
    inbox: &mut Option<String>,
) -> Result<(), CliError> {
    let Some(name) = saved else { return Ok(()) };
    let known = super::filters::find(&context.client, &name).await?;
    *filter = known["filter"].as_str().map(str::to_owned);
    if inbox.is_none() {
        *inbox = known["inbox_id"].as_str().map(str::to_owned);
    }
    Ok(())
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
    query.push("filter", args.filter.clone());
    query.push("since", args.span.since.map(|when| when.to_rfc3339(context.now)));
    query.push("until", args.span.until.map(|when| when.to_rfc3339(context.now)));
    query
}
