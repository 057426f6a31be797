use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::endpoints::insert;
use super::inbox_access::Access;
use super::inbox_edit::{EditArgs, Keep};
use super::relay_args::RelayArgs;
use super::requests::shown;
use super::{Context, inbox_rules, secrets};
use crate::args::Limit;
use crate::client::{Query, segment};
use crate::error::CliError;
use crate::output::{self, Column};
use crate::secret::SecretArg;

const COLUMNS: [Column; 4] = [("ID", "id"), ("NAME", "name"), ("PROVIDER", "provider"), ("URL", "url")];

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List inboxes
    List(Limit),
    /// Show one
    Show {
        id: String,
        /// Show its token for subscriptions too; that is logged
        #[arg(long)]
        reveal: bool,
    },
    /// When its token for subscriptions was revealed
    Reveals { id: String },
    /// Make one
    Create(Box<CreateArgs>),
    /// Change one; what is not given stays
    Edit(Box<EditArgs>),
    /// Set what it answers
    Answer {
        id: String,
        /// The status
        #[arg(long, default_value_t = 200)]
        status: u16,
        /// How long the answer waits, in milliseconds
        #[arg(long, default_value_t = 0)]
        delay_ms: u64,
        /// The body, as text
        #[arg(long, default_value = "")]
        body: String,
    },
    /// Replace its secret; the new one is printed, and the old one holds for the overlap
    RotateSecret {
        id: String,
        /// The new secret; one is made where not given
        #[arg(long)]
        secret: Option<SecretArg>,
        /// How long the old secret still verifies, in milliseconds
        #[arg(long, default_value_t = 0)]
        overlap_ms: u64,
    },
    /// Its secrets: arrivals are verified by each
    Secrets {
        #[command(subcommand)]
        verb: secrets::Verb,
    },
    /// Its rules: what it answers to which requests, faults included
    Rules {
        #[command(subcommand)]
        verb: inbox_rules::Verb,
    },
    /// Delete it and all it captured
    Delete { id: String },
}

#[derive(Args)]
pub(crate) struct CreateArgs {
    /// What people call it
    name: String,
    /// The first segment of its path; made from the name where not given
    #[arg(long)]
    slug: Option<String>,
    /// The profile by which arrivals are verified
    #[arg(long)]
    provider: Option<String>,
    /// The scheme by which arrivals are verified, in place of the profile's
    #[arg(long)]
    scheme: Option<String>,
    /// The secret by which arrivals are verified
    #[arg(long)]
    secret: Option<SecretArg>,
    /// The token that a subscription has to name in a handshake; any will do where not given
    #[arg(long, value_name = "TOKEN")]
    verify_token: Option<SecretArg>,
    /// Capture handshakes like anything else, in place of answering them as the profile asks
    #[arg(long)]
    no_handshakes: bool,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    relay: RelayArgs,
    #[command(flatten)]
    keep: Keep,
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result<(), CliError> {
    let client = &context.client;
    let done = match verb {
        Verb::List(limit) => {
            let rows = client.rows("/v1/inboxes", &Query::default(), limit.rows()).await?;
            let empty = "No inboxes yet. Make one with `hookbench inboxes create NAME`.";
            return output::rows(context.form, &rows, &COLUMNS, empty);
        }
        Verb::Show { id, reveal } => client.get(&shown(&path(&id), reveal)).await?,
        Verb::Reveals { id } => {
            let rows = client.whole(&format!("{}/reveals", path(&id))).await?;
            return output::rows(
                context.form,
                &rows,
                &[("AT", "at"), ("WHAT", "what")],
                "Nobody has looked at it.",
            );
        }
        Verb::Create(args) => client.post("/v1/inboxes", &creation(*args)?).await?,
        Verb::Edit(args) => {
            let path = path(&args.id);
            client.patch(&path, &args.body()?).await?
        }
        Verb::Answer { id, status, delay_ms, body } => {
            let response = json!({"status": status, "headers": [], "body": body, "delay_ms": delay_ms});
            client.patch(&path(&id), &json!({"response": response})).await?
        }
        Verb::RotateSecret { id, secret, overlap_ms } => {
            let mut body = Map::from_iter([("overlap_ms".to_owned(), overlap_ms.into())]);
            insert(&mut body, "secret", secret);
            client.post(&format!("{}/rotate-secret", path(&id)), &body.into()).await?
        }
        Verb::Secrets { verb } => return secrets::run(context, "/v1/inboxes", verb).await,
        Verb::Rules { verb } => return inbox_rules::run(context, verb).await,
        Verb::Delete { id } => {
            client.delete(&path(&id)).await?;
            json!({"id": id, "deleted": true})
        }
    };
    output::value(context.form, &done)
}

pub(super) fn path(id: &str) -> String {
    format!("/v1/inboxes/{}", segment(id))
}

fn creation(args: CreateArgs) -> Result<Value, CliError> {
    let mut body = Map::new();
    body.insert("name".to_owned(), args.name.into());
    insert(&mut body, "slug", args.slug);
    insert(&mut body, "provider", args.provider);
    insert(&mut body, "scheme", args.scheme);
    insert(&mut body, "secret", args.secret);
    insert(&mut body, "verify_token", args.verify_token);
    insert(&mut body, "handshakes", args.no_handshakes.then_some(false));
    args.access.put(&mut body)?;
    args.relay.put(&mut body)?;
    let keep = args.keep.body();
    if !keep.is_empty() {
        body.insert("retention".to_owned(), keep.into());
    }
    Ok(Value::Object(body))
}
