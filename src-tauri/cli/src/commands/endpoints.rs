use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::policy::PolicyArgs;
use super::requests::shown;
use super::{Context, secrets};
use crate::args::Limit;
use crate::client::{Query, segment};
use crate::error::CliError;
use crate::output::{self, Column};
use crate::secret::SecretArg;

const COLUMNS: [Column; 6] = [
    ("ID", "id"),
    ("NAME", "name"),
    ("STATUS", "status"),
    ("PROVIDER", "provider"),
    ("EVENTS", "enabled_events"),
    ("URL", "url"),
];

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List endpoints
    List(Limit),
    /// Show one
    Show {
        id: String,
        /// Show the credentials among its headers too; that is logged
        #[arg(long)]
        reveal: bool,
    },
    /// Make one; its secret is printed this once
    Create(Box<CreateArgs>),
    /// Change one
    Edit(Box<EditArgs>),
    /// Show how one does: its failures, its breaker, what waits for it
    Health { id: String },
    /// Send to it again; what was paused goes on
    Enable {
        id: String,
        /// Over how long what is overdue goes out, in milliseconds; some ten a second where not given
        #[arg(long)]
        spread_ms: Option<u64>,
    },
    /// Send it nothing; what waits is kept, paused
    Disable { id: String },
    /// Make a new secret; the old one holds for the overlap
    RotateSecret {
        id: String,
        /// How long the old secret still signs, in milliseconds
        #[arg(long, default_value_t = 0)]
        overlap_ms: u64,
    },
    /// Print its secret; that is logged
    Secret { id: String },
    /// Its secrets: several hold at once while they are rotated
    Secrets {
        #[command(subcommand)]
        verb: secrets::Verb,
    },
    /// When its secret, or the credentials among its headers, were revealed
    Reveals { id: String },
    /// Send it a test event
    Test {
        id: String,
        /// The event type; the profile's first where not given
        #[arg(long = "type", value_name = "TYPE")]
        event_type: Option<String>,
    },
    /// Delete it; what waits for it is cancelled
    Delete { id: String },
}

#[derive(Args)]
pub(crate) struct CreateArgs {
    /// Where events are delivered to
    url: String,
    #[arg(long)]
    name: Option<String>,
    /// The provider profile; the one that has the event types where not given
    #[arg(long)]
    provider: Option<String>,
    /// The scheme that signs, in place of the profile's
    #[arg(long)]
    scheme: Option<String>,
    /// The envelope that its events have, by id; the profile's own choice where not given
    #[arg(long)]
    envelope: Option<String>,
    /// An event type or prefix (`message.*`); may be given again; all where not given
    #[arg(long = "event", value_name = "TYPE")]
    events: Vec<String>,
    /// Its secret; one is made where not given
    #[arg(long)]
    secret: Option<SecretArg>,
    #[command(flatten)]
    policy: PolicyArgs,
}

#[derive(Args)]
pub(crate) struct EditArgs {
    id: String,
    #[arg(long)]
    url: Option<String>,
    #[arg(long)]
    name: Option<String>,
    /// An event type or prefix; those given replace the old ones
    #[arg(long = "event", value_name = "TYPE")]
    events: Vec<String>,
    /// How long an attempt may take, in milliseconds
    #[arg(long, conflicts_with = "timeout")]
    timeout_ms: Option<u64>,
    /// The scheme that signs, in place of the profile's
    #[arg(long)]
    scheme: Option<String>,
    /// Sign by the profile's scheme again
    #[arg(long, conflicts_with = "scheme")]
    no_scheme: bool,
    /// The envelope that its events have, by id
    #[arg(long)]
    envelope: Option<String>,
    /// Leave the envelope to the profile again
    #[arg(long, conflicts_with = "envelope")]
    no_envelope: bool,
    /// Give these rules back to the profile, or to what goes without saying
    #[arg(long, value_name = "RULES", value_delimiter = ',', value_parser = RESETTABLE)]
    reset: Vec<String>,
    #[command(flatten)]
    policy: PolicyArgs,
}

/// The rules that an endpoint may leave to its profile, or to what goes without saying.
const RESETTABLE: [&str; 12] = [
    "timeout_ms",
    "retry",
    "success",
    "disable",
    "disable_counts",
    "gone_disables",
    "ttl_ms",
    "breaker",
    "rate_limit",
    "max_in_flight",
    "method",
    "proxy",
];

pub(crate) async fn run(context: &Context, verb: Verb) -> Result<(), CliError> {
    let client = &context.client;
    let done = match verb {
        Verb::List(limit) => {
            let rows = client.rows("/v1/webhook-endpoints", &Query::default(), limit.rows()).await?;
            let empty = "No endpoints yet. Make one with `hookbench endpoints create URL`.";
            return output::rows(context.form, &rows, &COLUMNS, empty);
        }
        Verb::Show { id, reveal } => client.get(&shown(&path(&id), reveal)).await?,
        Verb::Create(args) => client.post("/v1/webhook-endpoints", &creation(*args)?).await?,
        Verb::Edit(args) => {
            let id = args.id.clone();
            let now = if args.policy.needs_waits() { Some(client.get(&path(&id)).await?) } else { None };
            let plan = now.as_ref().map(|endpoint| &endpoint["policy"]["retry"]);
            client.patch(&path(&id), &edits(*args, plan)?).await?
        }
        Verb::Health { id } => client.get(&format!("{}/health", path(&id))).await?,
        Verb::Enable { id, spread_ms } => {
            let resume = spread_ms.map(|spread_ms| json!({"spread_ms": spread_ms}));
            let mut edit = json!({"status": "enabled"});
            if let (Some(resume), Some(edit)) = (resume, edit.as_object_mut()) {
                edit.insert("resume".to_owned(), resume);
            }
            client.patch(&path(&id), &edit).await?
        }
        Verb::Disable { id } => client.patch(&path(&id), &json!({"status": "disabled"})).await?,
        Verb::RotateSecret { id, overlap_ms } => {
            client.post(&format!("{}/rotate-secret", path(&id)), &json!({"overlap_ms": overlap_ms})).await?
        }
        Verb::Secret { id } => client.get(&format!("{}/secret", path(&id))).await?,
        Verb::Secrets { verb } => return secrets::run(context, "/v1/webhook-endpoints", verb).await,
        Verb::Reveals { id } => {
            let rows = client.whole(&format!("{}/reveals", path(&id))).await?;
            return output::rows(
                context.form,
                &rows,
                &[("AT", "at"), ("WHAT", "what")],
                "Nobody has looked at it.",
            );
        }
        Verb::Test { id, event_type } => {
            let body = event_type.map_or_else(|| json!({}), |name| json!({"type": name}));
            let sent = client.post(&format!("{}/test", path(&id)), &body).await?;
            return super::send::report(context, &sent, true).await;
        }
        Verb::Delete { id } => {
            client.delete(&path(&id)).await?;
            json!({"id": id, "deleted": true})
        }
    };
    output::value(context.form, &done)
}

pub(super) fn path(id: &str) -> String {
    format!("/v1/webhook-endpoints/{}", segment(id))
}

fn creation(args: CreateArgs) -> Result<Value, CliError> {
    let mut body = Map::new();
    body.insert("url".to_owned(), args.url.into());
    let events = if args.events.is_empty() { vec!["*".to_owned()] } else { args.events };
    body.insert("enabled_events".to_owned(), events.into());
    insert(&mut body, "name", args.name);
    insert(&mut body, "provider", args.provider);
    insert(&mut body, "scheme", args.scheme);
    insert(&mut body, "envelope", args.envelope);
    insert(&mut body, "secret", args.secret);
    args.policy.put(&mut body, None)?;
    Ok(Value::Object(body))
}

fn edits(args: EditArgs, plan: Option<&Value>) -> Result<Value, CliError> {
    let mut body = Map::new();
    insert(&mut body, "url", args.url);
    insert(&mut body, "name", args.name);
    insert(&mut body, "timeout_ms", args.timeout_ms);
    insert_or_null(&mut body, "scheme", args.scheme, args.no_scheme);
    insert_or_null(&mut body, "envelope", args.envelope, args.no_envelope);
    if !args.events.is_empty() {
        body.insert("enabled_events".to_owned(), args.events.into());
    }
    body.extend(args.reset.into_iter().map(|name| (name, Value::Null)));
    args.policy.put(&mut body, plan)?;
    Ok(Value::Object(body))
}

/// Puts a field in where it was given.
pub(crate) fn insert(body: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        body.insert(name.to_owned(), value.into());
    }
}

/// Puts a field in where it was given, or null where it is to be taken away.
pub(crate) fn insert_or_null(
    body: &mut Map<String, Value>,
    name: &str,
    value: Option<impl Into<Value>>,
    taken_away: bool,
) {
    if taken_away {
        body.insert(name.to_owned(), Value::Null);
    }
    insert(body, name, value);
}
